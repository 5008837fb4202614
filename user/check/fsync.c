// SPDX-License-Identifier: GPL-2.0-only
/*
 * fsync() that returns 0 although data were lost. A mapping keeps the last error of its writeback as an
 * errseq_t, each open file what it has seen of that (lib/errseq.c); fsync() compares the two, and owes an
 * error to each file that was open when it happened, once.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/fsync.h"

#define ERRSEQ_SEEN 4096u /* lib/errseq.c: set once a file has been told */
#define MAX_ERRNO   4095u

struct call {
	struct ev_wb_err begin, read; /* read.error is 0: it was given none */
};

void fsyncs_init(struct fsyncs *s)
{
	s->calls.size = sizeof(struct call);
	s->files.size = sizeof(struct ev_wb_err);
}

void fsyncs_free(struct fsyncs *s)
{
	table_clear(&s->calls);
	table_clear(&s->files);
}

static bool same_file(const struct ev_wb_err *a, const struct ev_wb_err *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

static int raise(struct check *c, struct finding *f, const struct ev_wb_err *why,
		 const struct call *call, const struct ev_wb_err *ev)
{
	finding_inode(f, c, ev);
	finding_task(f, c, ev->hdr.tid);
	finding_event(f, c, &why->hdr);
	finding_event(f, c, &call->begin.hdr);
	finding_event(f, c, &ev->hdr);
	return finding_raise(f, c);
}

/* It was told an error, and tells nobody. */
static int zero(struct check *c, const struct call *call, const struct ev_wb_err *ev)
{
	struct finding *f = finding_new(c, "fsync-zero", call->begin.hdr.ts, ev->hdr.ts);

	finding_expected(f, "error %d from fsync(), which file_check_and_advance_wb_err() gave it",
			 call->read.error);
	finding_observed(f, "fsync() returned 0");
	finding_explain(
		f,
		"Data were lost, the error counts as reported, and the program that asked was told that everything is on the server.");
	return raise(c, f, &call->read, call, ev);
}

/* It did not look. */
static int blind(struct check *c, const struct call *call, const struct ev_wb_err *set,
		 const struct ev_wb_err *ev)
{
	struct finding *f = finding_new(c, "fsync-blind", set->hdr.ts, ev->hdr.ts);

	finding_expected(
		f, "error %d from fsync(): the mapping has had it since before the call began",
		set->error);
	finding_observed(f,
			 "fsync() returned 0; errseq 0x%" PRIx32 " of the file, 0x%" PRIx32
			 " of the mapping",
			 ev->old, ev->seq);
	finding_explain(
		f,
		"Data were lost, and fsync() returned without comparing the file's view of writeback errors with the mapping's.");
	return raise(c, f, set, call, ev);
}

/*
 * filemap_fdatawait_range() waits for the folios that this thread has handed to writeback within the call, and those
 * are under writeback until their subrequest has ended.
 */
static int early(struct check *c, const struct call *call, const struct request *r,
		 const struct subrequest *s, const struct ev_wb_err *ev)
{
	struct finding *f = finding_new(c, "fsync-early", call->begin.hdr.ts, ev->hdr.ts);

	finding_request(f, c, r, s->index);
	finding_expected(f, "fsync() to wait for the writeback that it began");
	finding_observed(
		f, "fsync() returned 0 while %" PRIu64 " byte%s at 0x%" PRIx64 " were on their way",
		s->len - s->transferred, plural(s->len - s->transferred),
		s->start + s->transferred);
	finding_explain(
		f,
		"The program was told that everything is on the server, and it was not yet known: if the write fails, nobody tells it.");
	return raise(c, f, &call->begin, call, ev);
}

/* A subrequest that is sent, and has not ended. */
static const struct subrequest *on_its_way(const struct request *r)
{
	for_each_subrequest (r, s)
		if (!s->stream && !s->freed && s->now.submit && !s->now.term)
			return s;
	return NULL;
}

static int waited(struct check *c, const struct call *call, const struct ev_wb_err *ev)
{
	for (const struct request *r = model_requests(check_model(c)); r; r = r->hh.next) {
		const struct subrequest *s;

		if (r->freed || r->partial || r->dev != ev->dev || r->ino != ev->ino ||
		    r->tid != ev->hdr.tid || r->first_ns < call->begin.hdr.ts ||
		    way_of(c, r) != WAY_WRITEBACK)
			continue;
		s = on_its_way(r);
		if (s)
			return early(c, call, r, s, ev);
	}
	return 0;
}

/* Did the mapping have an error, before the call and until its end, that the file has not seen? */
static bool unseen(const struct call *call, const struct ev_wb_err *set, const struct ev_wb_err *ev)
{
	return ev->seq & MAX_ERRNO && (ev->seq | ERRSEQ_SEEN) != (ev->old | ERRSEQ_SEEN) &&
	       (ev->seq | ERRSEQ_SEEN) == (set->seq | ERRSEQ_SEEN) &&
	       (ev->seq | ERRSEQ_SEEN) == (call->begin.seq | ERRSEQ_SEEN) &&
	       set->hdr.ts + HAIR_NS < call->begin.hdr.ts;
}

static int judge(struct fsyncs *s, struct check *c, const struct call *call,
		 const struct ev_wb_err *ev)
{
	const struct ev_wb_err *set = table_find(&s->files, ev->dev, ev->ino);

	c->judged++;
	if (ev->error)
		return 0;
	if (call->read.error && same_file(&call->read, ev))
		return zero(c, call, ev);
	if (set && unseen(call, set, ev))
		return blind(c, call, set, ev);
	return waited(c, call, ev);
}

static int on_set(struct fsyncs *s, const struct ev_wb_err *ev)
{
	struct ev_wb_err *set = table_get(&s->files, ev->dev, ev->ino);

	if (!set)
		return -ENOMEM;
	*set = *ev;
	return 0;
}

static int on_begin(struct fsyncs *s, const struct ev_wb_err *ev)
{
	struct call *call = table_get(&s->calls, ev->hdr.tid, 0);

	if (!call)
		return -ENOMEM;
	*call = (struct call){ .begin = *ev };
	return 0;
}

static void on_read(struct fsyncs *s, const struct ev_wb_err *ev)
{
	struct call *call = table_find(&s->calls, ev->hdr.tid, 0);

	if (call)
		call->read = *ev;
}

static int on_end(struct fsyncs *s, struct check *c, const struct ev_wb_err *ev)
{
	const struct call *call = table_find(&s->calls, ev->hdr.tid, 0);
	int rc = 0;

	if (!call)
		return 0;
	if (same_file(&call->begin, ev))
		rc = judge(s, c, call, ev);
	table_del(&s->calls, ev->hdr.tid, 0);
	return rc;
}

int fsyncs_event(struct fsyncs *s, struct check *c, const struct ev_wb_err *ev)
{
	switch (ev->event) {
	case EV_WB_ERR_SET:
		return on_set(s, ev);
	case EV_WB_ERR_READ:
		on_read(s, ev);
		return 0;
	case EV_WB_ERR_FSYNC:
		return on_begin(s, ev);
	case EV_WB_ERR_FSYNCED:
		return on_end(s, c, ev);
	default:
		return 0;
	}
}
