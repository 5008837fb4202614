// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "trace/head.h"

#define MAX_TASKS 16384 /* twice what the kernel side remembers */

struct kept {
	struct {
		uint64_t what, kind;
	} key;
	UT_hash_handle hh;
	struct ev_hdr ev; /* ev.size bytes in all */
};

struct trace_head {
	struct kept *records; /* in order of first appearance */
	struct kept *tasks;
};

static uint64_t hash_text(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = 0xcbf29ce484222325ULL; /* FNV-1a */

	for (; len; len--)
		h = (h ^ *p++) * 0x100000001b3ULL;
	return h;
}

static uint64_t hash_rest(const struct ev_hdr *ev)
{
	return hash_text(ev + 1, ev->size - sizeof(*ev));
}

/* What makes two records be of the same thing; false: a later file does not need this kind. */
static bool key_of(const struct ev_hdr *ev, uint64_t *ret_what)
{
	switch (ev->kind) {
	case EV_META:
	case EV_KIND:
	case EV_ENUM:
		*ret_what = hash_rest(ev);
		return true;
	case EV_PROBE:
		*ret_what = ((const struct ev_probe_rec *)ev)->id;
		return true;
	case EV_MODULE:
		*ret_what = hash_text(ev_text(ev, 0), strlen(ev_text(ev, 0)));
		return true;
	case EV_MOUNT:
		*ret_what = ((const struct ev_mount *)ev)->dev;
		return true;
	case EV_SYM:
		*ret_what = ((const struct ev_sym *)ev)->addr;
		return true;
	case EV_CONN:
		*ret_what = ((const struct ev_conn *)ev)->conn;
		return true;
	case EV_TEST:
		*ret_what = ((const struct ev_test *)ev)->root;
		return true;
	case EV_TASK:
		*ret_what = ev->tid;
		return true;
	case EV_ANCHOR:
	case EV_TEST_LINE:
		*ret_what = 0;
		return true;
	case EV_MARK:
		*ret_what = 0;
		return ((const struct ev_mark_rec *)ev)->mark == EV_MARK_START;
	default:
		return false;
	}
}

static void drop(struct kept **list, struct kept *k)
{
	HASH_DEL(*list, k);
	free(k);
}

static int keep(struct kept **list, const struct ev_hdr *ev, uint64_t what)
{
	struct kept *k = malloc(sizeof(*k) - sizeof(k->ev) + ev->size), *old;

	if (!k)
		return -ENOMEM;
	memset(k, 0, sizeof(*k));
	k->key.what = what;
	k->key.kind = ev->kind;
	memcpy(&k->ev, ev, ev->size);
	HASH_REPLACE(hh, *list, key, sizeof(k->key), k, old);
	free(old);
	return 0;
}

int trace_head_note(struct trace_head *h, const struct ev_hdr *ev)
{
	uint64_t what;

	if (!key_of(ev, &what))
		return 0;
	if (ev->kind != EV_TASK)
		return keep(&h->records, ev, what);
	if (HASH_COUNT(h->tasks) >= MAX_TASKS)
		drop(&h->tasks, h->tasks);
	return keep(&h->tasks, ev, what);
}

static int write_list(struct kept *list, struct trace_writer *w)
{
	struct kept *k, *next;
	int rc = 0;

	HASH_ITER (hh, list, k, next) {
		if (!rc)
			rc = trace_writer_add(w, &k->ev);
	}
	return rc;
}

int trace_head_write(const struct trace_head *h, struct trace_writer *w)
{
	int rc = write_list(h->records, w);

	return rc ? rc : write_list(h->tasks, w);
}

int trace_head_new(struct trace_head **ret_h)
{
	*ret_h = calloc(1, sizeof(**ret_h));
	return *ret_h ? 0 : -ENOMEM;
}

static void free_list(struct kept *list)
{
	struct kept *k, *next;

	HASH_ITER (hh, list, k, next)
		drop(&list, k);
}

void trace_head_free(struct trace_head *h)
{
	if (!h)
		return;
	free_list(h->records);
	free_list(h->tasks);
	free(h);
}
