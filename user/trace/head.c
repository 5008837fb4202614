// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "event/kinds.h"
#include "trace/head.h"

/* As many as the recorder itself remembers (bpf/common.bpf.h): it tells of others anew. */
#define MAX_TASKS 8192
#define MAX_CONNS 1024
#define MAX_OTHER 16384

struct head_entry {
	UT_hash_handle hh;
	uint64_t used; /* when it was told or active last */
	struct ev_hdr *ev;
	size_t key_len;
	uint8_t key[]; /* kind, then what tells it from others of its kind */
};

struct key {
	const void *data;
	size_t len;
};

/* Two strings, with the NUL between them. */
static struct key two_strings(const struct ev_hdr *ev)
{
	const char *first = ev_text(ev, 0), *second = ev_text(ev, 1);

	return (struct key){ first,
			     *second ? (size_t)(second - first) + strlen(second) : strlen(first) };
}

static struct key text_up_to(const char *text, char end)
{
	return (struct key){ text, strcspn(text, (char[]){ end, '\0' }) };
}

#define FIELD(type, field)                                              \
	((struct key){ &((const struct type *)(const void *)ev)->field, \
		       sizeof(((const struct type *)(const void *)ev)->field) })

static bool identity(const struct ev_hdr *ev, struct key *ret)
{
	*ret = (struct key){ "", 0 };
	switch (ev->kind) {
	case EV_META:
		*ret = text_up_to(ev_text(ev, 0), '=');
		return true;
	case EV_ENUM:
		*ret = two_strings(ev);
		return true;
	case EV_MODULE:
		*ret = text_up_to(ev_text(ev, 0), '\0');
		return true;
	case EV_TASK:
		*ret = FIELD(ev_hdr, tid);
		return true;
	case EV_CONN:
		*ret = FIELD(ev_conn, conn);
		return true;
	case EV_KIND:
		*ret = FIELD(ev_kind_rec, nr);
		return true;
	case EV_PROBE:
		*ret = FIELD(ev_probe_rec, id);
		return true;
	case EV_MOUNT:
		*ret = FIELD(ev_mount, dev);
		return true;
	case EV_PATH: /* inode number and device stand together */
		*ret = (struct key){ &((const struct ev_path *)(const void *)ev)->ino,
				     sizeof(uint64_t) + sizeof(uint32_t) };
		return true;
	case EV_SYM:
		*ret = FIELD(ev_sym, addr);
		return true;
	case EV_TEST:
		*ret = FIELD(ev_test, root);
		return true;
	case EV_ANCHOR:
	case EV_TEST_LINE:
		return true;
	case EV_MARK:
		return ((const struct ev_mark_rec *)(const void *)ev)->mark == EV_MARK_START;
	default:
		return false;
	}
}

bool trace_head_wants(const struct ev_hdr *ev)
{
	struct key key;

	return identity(ev, &key);
}

static void drop(struct trace_head *h, struct head_entry *e)
{
	h->nr[e->ev->kind]--;
	HASH_DEL(h->entries, e);
	free(e->ev);
	free(e);
}

static int by_time(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Makes room: the half of a kind that was not used for longest. */
static int drop_half(struct trace_head *h, uint8_t kind)
{
	__autofree uint64_t *used = calloc(h->nr[kind], sizeof(*used));
	struct head_entry *e, *next;
	size_t n = 0;
	uint64_t median;

	if (!used)
		return -ENOMEM;
	HASH_ITER (hh, h->entries, e, next)
		if (e->ev->kind == kind)
			used[n++] = e->used;
	qsort(used, n, sizeof(*used), by_time);
	median = used[n / 2];
	n /= 2;
	HASH_ITER (hh, h->entries, e, next)
		if (n && e->ev->kind == kind && e->used <= median) {
			drop(h, e);
			n--;
		}
	return 0;
}

static size_t most(uint8_t kind)
{
	return kind == EV_TASK ? MAX_TASKS : kind == EV_CONN ? MAX_CONNS : MAX_OTHER;
}

static struct head_entry *find(const struct trace_head *h, uint8_t kind, const struct key *key)
{
	uint8_t full[512];
	struct head_entry *e;
	size_t len = key->len < sizeof(full) - 1 ? key->len : sizeof(full) - 1;

	full[0] = kind;
	memcpy(full + 1, key->data, len);
	HASH_FIND(hh, h->entries, full, len + 1, e);
	return e;
}

static int add(struct trace_head *h, const struct ev_hdr *ev, const struct key *key)
{
	size_t len = key->len < 511 ? key->len : 511;
	struct head_entry *e;
	int rc = h->nr[ev->kind] >= most(ev->kind) ? drop_half(h, ev->kind) : 0;

	if (rc)
		return rc;
	e = calloc(1, sizeof(*e) + len + 1);
	if (!e)
		return -ENOMEM;
	e->ev = malloc(ev->size);
	if (!e->ev) {
		free(e);
		return -ENOMEM;
	}
	memcpy(e->ev, ev, ev->size);
	e->used = ev->ts;
	e->key_len = len + 1;
	e->key[0] = ev->kind;
	memcpy(e->key + 1, key->data, len);
	if (hash_add(hh, h->entries, key, e->key_len, e)) {
		free(e->ev);
		free(e);
		return -ENOMEM;
	}
	h->nr[ev->kind]++;
	return 0;
}

int trace_head_note(struct trace_head *h, const struct ev_hdr *ev)
{
	struct head_entry *e;
	struct ev_hdr *copy;
	struct key key;

	if (!identity(ev, &key))
		return 0;
	e = find(h, ev->kind, &key);
	if (!e)
		return add(h, ev, &key);
	copy = realloc(e->ev, ev->size);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, ev, ev->size);
	e->ev = copy;
	e->used = ev->ts;
	return 0;
}

void trace_head_touch(struct trace_head *h, uint32_t tid, uint64_t ts)
{
	struct head_entry *e = find(h, EV_TASK, &(struct key){ &tid, sizeof(tid) });

	if (e)
		e->used = ts;
}

/* The clocks went on together since. */
static void stamp(struct ev_hdr *ev, uint64_t ts)
{
	struct ev_anchor *a = (void *)ev;

	if (ev->kind == EV_ANCHOR) {
		a->boottime += ts - ev->ts;
		a->realtime += ts - ev->ts;
	}
	ev->ts = ts;
}

int trace_head_for_each(const struct trace_head *h, uint64_t ts,
			int (*fn)(void *ctx, const struct ev_hdr *ev), void *ctx)
{
	struct head_entry *e, *next;
	int rc = 0;

	HASH_ITER (hh, h->entries, e, next) {
		if (ts)
			stamp(e->ev, ts);
		rc = fn(ctx, e->ev);
		if (rc)
			break;
	}
	return rc;
}

void trace_head_clear(struct trace_head *h)
{
	struct head_entry *e, *next;

	HASH_ITER (hh, h->entries, e, next)
		drop(h, e);
}
