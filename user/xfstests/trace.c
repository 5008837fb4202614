// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "model/test.h"
#include "trace/head.h"
#include "trace/trace.h"
#include "xfstests/trace.h"

#define FLUSH_NS 1000000000ULL

struct part {
	char name[32];
	uint64_t from_ns, to_ns; /* stream time; to_ns 0: still written */
	uint64_t bytes;
	bool interesting, gone;
};

struct xfs_trace {
	struct xfs_trace_options opts;
	bool urgent;
	struct trace_head head;
	struct trace_writer *w;
	struct part *parts;
	size_t nr, room;
	const char **names;
	uint64_t now_ns, flushed_at;
	uint32_t tests; /* of the run, so far */
};

static int part_path(const struct xfs_trace *t, const struct part *p, char **ret_path)
{
	return asprintf(ret_path, "%s/%s", t->opts.dir, p->name) < 0 ? -ENOMEM : 0;
}

static struct part *new_part(struct xfs_trace *t)
{
	struct part *p;

	if (t->nr == t->room) {
		p = realloc(t->parts, (t->room + 16) * sizeof(*p));
		if (!p)
			return NULL;
		t->parts = p;
		t->room += 16;
	}
	p = &t->parts[t->nr];
	memset(p, 0, sizeof(*p));
	if (t->nr)
		snprintf(p->name, sizeof(p->name), "trace.%zu.nsn", t->nr);
	else
		snprintf(p->name, sizeof(p->name), "trace.nsn");
	p->from_ns = t->now_ns;
	t->nr++;
	return p;
}

static int put(void *ctx, const struct ev_hdr *ev)
{
	return trace_writer_add(ctx, ev);
}

static bool begins_test(const struct ev_hdr *ev)
{
	return (ev->kind == EV_TEST || ev->kind == EV_TEST_LINE) &&
	       test_begins(((const struct ev_test *)(const void *)ev)->text);
}

static int count_test(void *ctx, const struct ev_hdr *ev)
{
	*(uint32_t *)ctx += begins_test(ev);
	return 0;
}

/* Results name a test by its number in the run; a reader of this file begins to count anew. */
static int put_before(struct xfs_trace *t)
{
	uint32_t again = 0; /* tests that are on: their marks are in this file's head */
	union {
		struct ev_meta ev;
		char bytes[sizeof(struct ev_meta) + 32];
	} rec = { .ev.hdr = { .size = sizeof(rec), .kind = EV_META, .ts = t->now_ns } };

	trace_head_for_each(&t->head, 0, count_test, &again);
	if (t->tests == again)
		return 0;
	snprintf(rec.ev.text, 32, "tests_before=%u", t->tests - again);
	return trace_writer_add(t->w, &rec.ev.hdr);
}

/* 0600: a trace holds file, share and host names. */
static int open_part(struct xfs_trace *t)
{
	struct part *p = new_part(t);
	__autofree char *path = NULL;
	int fd, rc = p ? part_path(t, p, &path) : -ENOMEM;

	if (rc)
		return rc;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	rc = trace_writer_new(&t->w, fd, t->opts.level);
	if (rc) {
		close(fd);
		return rc;
	}
	rc = trace_head_for_each(&t->head, 0, put, t->w);
	if (rc)
		return rc;
	return put_before(t);
}

static int close_part(struct xfs_trace *t)
{
	struct part *p = t->nr ? &t->parts[t->nr - 1] : NULL;
	uint64_t raw;
	int rc;

	if (!t->w)
		return 0;
	rc = trace_writer_flush(t->w, true);
	trace_writer_sizes(t->w, &raw, &p->bytes);
	p->to_ns = t->now_ns;
	if (trace_writer_close(TAKE(t->w)) && !rc)
		rc = -EIO;
	return rc;
}

int xfs_trace_add(struct xfs_trace *t, const struct ev_hdr *ev)
{
	int rc = t->w ? 0 : open_part(t);

	if (ev->ts > t->now_ns)
		t->now_ns = ev->ts;
	if (!rc)
		rc = trace_writer_add(t->w, ev);
	if (ev->kind == EV_TEST ||
	    (ev->kind == EV_REVERT && ((const struct ev_revert *)(const void *)ev)->past))
		t->urgent = true;
	t->tests += begins_test(ev);
	trace_head_touch(&t->head, ev->tid, ev->ts);
	if (rc)
		return rc;
	return trace_head_note(&t->head, ev);
}

static uint64_t total(const struct xfs_trace *t)
{
	uint64_t raw, sum = 0, bytes = 0;

	for (size_t i = 0; i < t->nr; i++)
		sum += t->parts[i].gone ? 0 : t->parts[i].bytes;
	if (t->w)
		trace_writer_sizes(t->w, &raw, &bytes);
	return sum + bytes;
}

/* The one that is written, and the one before it, stay. */
static struct part *least_worth(struct xfs_trace *t)
{
	struct part *oldest = NULL;

	for (size_t i = 0; i + 2 < t->nr; i++) {
		struct part *p = &t->parts[i];

		if (p->gone)
			continue;
		if (!p->interesting)
			return p;
		if (!oldest)
			oldest = p;
	}
	return oldest;
}

static int make_room(struct xfs_trace *t)
{
	while (total(t) > t->opts.all_bytes) {
		struct part *p = least_worth(t);
		__autofree char *path = NULL;

		if (!p)
			return 0;
		if (part_path(t, p, &path))
			return -ENOMEM;
		unlink(path);
		p->gone = true;
	}
	return 0;
}

int xfs_trace_tick(struct xfs_trace *t, uint64_t elapsed_ns)
{
	bool sync = t->opts.sync && t->urgent;
	uint64_t raw, bytes;
	int rc;

	if (!t->w || (!sync && elapsed_ns - t->flushed_at < FLUSH_NS))
		return 0;
	t->flushed_at = elapsed_ns;
	t->urgent = false;
	rc = trace_writer_flush(t->w, sync);
	trace_writer_sizes(t->w, &raw, &bytes);
	if (!rc && bytes >= t->opts.file_bytes)
		rc = close_part(t); /* the next record opens another */
	if (rc)
		return rc;
	return make_room(t);
}

void xfs_trace_interesting(struct xfs_trace *t, uint64_t ns)
{
	t->urgent = true;
	for (size_t i = 0; i < t->nr; i++) {
		struct part *p = &t->parts[i];

		if (p->from_ns <= ns && (!p->to_ns || p->to_ns >= ns))
			p->interesting = true;
	}
}

const char *xfs_trace_at(const struct xfs_trace *t, uint64_t ns)
{
	const struct part *p = NULL;

	for (size_t i = 0; i < t->nr && (!i || t->parts[i].from_ns <= ns); i++)
		p = &t->parts[i];
	return p && !p->gone ? p->name : NULL;
}

int xfs_trace_close(struct xfs_trace *t)
{
	return close_part(t);
}

const char *const *xfs_trace_names(struct xfs_trace *t)
{
	static const char *const none[] = { NULL };
	size_t n = 0;

	free(t->names);
	t->names = calloc(t->nr + 1, sizeof(*t->names));
	if (!t->names)
		return none;
	for (size_t i = 0; i < t->nr; i++)
		if (!t->parts[i].gone)
			t->names[n++] = t->parts[i].name;
	return t->names;
}

int xfs_trace_new(struct xfs_trace **ret_t, const struct xfs_trace_options *opts)
{
	struct xfs_trace *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->opts = *opts;
	*ret_t = t;
	return 0;
}

void xfs_trace_free(struct xfs_trace *t)
{
	if (!t)
		return;
	trace_writer_close(t->w);
	trace_head_clear(&t->head);
	free(t->parts);
	free(t->names);
	free(t);
}
