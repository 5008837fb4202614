// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writeback that failed for good. netfs ends the writeback of its folios all the same: they are
 * clean, nobody writes them again, and the error goes to the mapping, for whoever calls fsync()
 * next. The request itself ends with error 0 (netfs_collect_write_results(), 6.12 to 7.3).
 */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/fsync.h"
#include "check/inside.h"

#define TELLS "filemap_set_wb_err" /* the probe that says what mappings are told */

/* The last attempt of a subrequest. */
struct fate {
	uint64_t term_ns;
	uint64_t start, len; /* what it left unwritten */
	int32_t error;
	bool refused; /* the server answered with an error */
	bool cut;     /* called back without an answer: a reconnect */
};

/* What a mapping was told, by file system and inode; the last of each. */
struct told {
	struct ev_wb_err set, read;
};

/* of a connection */
struct cut {
	uint64_t ts; /* of its last reconnect */
};

struct lost_state {
	struct table told;
	struct table cuts;
	struct fsyncs fsyncs;
};

/* What of a request is not on the server: of its subrequests of whose time no record is missing. */
struct loss {
	const struct subrequest *first;
	uint32_t nr, nr_all, nr_unsure; /* unsure: of whose time some is */
	int32_t error;
	uint64_t bytes, all_bytes, start, end;
	uint64_t from_ns; /* of the first TERM of all that failed, for sure or not */
	bool local, cut;
};

static void init(struct check *c)
{
	struct lost_state *st = c->state;

	st->told.size = sizeof(struct told);
	st->cuts.size = sizeof(struct cut);
	fsyncs_init(&st->fsyncs);
}

static void free_state(struct check *c)
{
	struct lost_state *st = c->state;

	table_clear(&st->told);
	table_clear(&st->cuts);
	fsyncs_free(&st->fsyncs);
}

static void on_sreq(const struct seen *ce, struct fate *ft)
{
	const struct ev_sreq *ev = (const void *)ce->ev;

	switch (ce->name) {
	case SREQ_TERMINATED:
	case SREQ_WRITE_TERM:
		ft->error = ev->error;
		ft->term_ns = ev->hdr.ts;
		ft->start = ev->start + ev->transferred;
		ft->len = ev->transferred < ev->len ? ev->len - ev->transferred : 0;
		break;
	case SREQ_SUBMIT: /* a new attempt, or another subrequest has its bytes now */
	case SREQ_RETRY:
	case SREQ_DISCARD:
		*ft = (struct fate){ 0 };
		break;
	default:
		break;
	}
}

static int on_subrequest(struct check *c, const struct seen *ce)
{
	const struct ev_callback *cb = (const void *)ce->ev;
	struct fate *ft = state_get(c, ce->r, ce->s);

	if (ce->ev->kind == EV_SREQ)
		on_sreq(ce, ft);
	else if (ce->ev->kind == EV_RSP)
		ft->refused |= is_refusal((const void *)ce->ev);
	else if (!(cb->hdr.flags & EVF_EXIT))
		ft->cut |= cb->mid_state != MID_RECEIVED && cb->mid_state != MID_MALFORMED;
	return 0;
}

static int on_wb_err(struct check *c, const struct ev_wb_err *ev)
{
	struct lost_state *st = c->state;
	struct told *t;

	if (ev->event == EV_WB_ERR_FSYNC || ev->event == EV_WB_ERR_FSYNCED)
		return fsyncs_event(&st->fsyncs, c, ev);
	t = table_get(&st->told, ev->dev, ev->ino);
	if (!t)
		return -ENOMEM;
	*(ev->event == EV_WB_ERR_READ ? &t->read : &t->set) = *ev;
	return fsyncs_event(&st->fsyncs, c, ev);
}

static int on_reconnect(struct lost_state *st, const struct ev_reconnect *ev)
{
	struct cut *cut = table_get(&st->cuts, ev->conn, 0);

	if (!cut)
		return -ENOMEM;
	cut->ts = ev->hdr.ts;
	return 0;
}

static int on_event(struct check *c, const struct seen *ce)
{
	switch (ce->ev->kind) {
	case EV_SREQ:
	case EV_RSP:
	case EV_CALLBACK:
		return ce->s ? on_subrequest(c, ce) : 0;
	case EV_WB_ERR:
		return on_wb_err(c, (const void *)ce->ev);
	case EV_RECONNECT:
		return on_reconnect(c->state, (const void *)ce->ev);
	default:
		return 0;
	}
}

/* Of the subrequest's connection; of any, if it never came to have one. */
static bool was_cut(const struct lost_state *st, const struct request *r,
		    const struct subrequest *s, const struct fate *ft)
{
	struct cell *cell, *next;

	if (ft->cut)
		return true;
	HASH_ITER (hh, st->cuts.cells, cell, next) {
		const struct cut *cut = (void *)cell->data;

		if ((!s->conn || s->conn == cell->key.a) && cut->ts + HAIR_NS >= r->first_ns)
			return true;
	}
	return false;
}

static void add(struct loss *l, const struct lost_state *st, const struct request *r,
		const struct subrequest *s, const struct fate *ft)
{
	if (!l->nr++) {
		l->first = s;
		l->start = ft->start;
		l->local = true;
	}
	l->error = l->error ? l->error : ft->error;
	l->bytes += ft->len;
	l->start = ft->start < l->start ? ft->start : l->start;
	l->end = ft->start + ft->len > l->end ? ft->start + ft->len : l->end;
	l->local &= is_local_error(ft->error) && !ft->refused;
	l->cut |= was_cut(st, r, s, ft);
}

static struct loss loss_of(const struct check *c, const struct request *r, bool sure)
{
	const struct lost_state *st = c->state;
	struct loss l = { 0 };

	for_each_subrequest (r, s) {
		const struct fate *ft = state_find(c, r, s);

		if (s->stream)
			continue;
		l.nr_all++;
		l.all_bytes += s->len;
		if (!ft || !ft->len)
			continue;
		if (!l.from_ns || ft->term_ns < l.from_ns)
			l.from_ns = ft->term_ns;
		if (sure && check_lost(c, s->first_ns, s->last_ns))
			l.nr_unsure++;
		else
			add(&l, st, r, s, ft);
	}
	return l;
}

/* "error -512 was recorded in the mapping and returned to dd-262" */
static void say_told(const struct check *c, const struct told *t, char *buf, size_t room)
{
	const struct task *reader =
		t->read.hdr.ts ? model_task(check_model(c), t->read.hdr.tid) : NULL;
	char error[32] = "an error";

	if (t->set.error)
		snprintf(error, sizeof(error), "error %d", t->set.error);
	if (t->read.hdr.ts > t->set.hdr.ts)
		snprintf(buf, room, "%s was recorded in the mapping and returned to %s-%" PRIu32,
			 error, reader && *reader->comm ? reader->comm : "?", t->read.hdr.tid);
	else
		snprintf(buf, room, "%s was recorded in the mapping and not yet returned to anyone",
			 error);
}

static struct finding *start(struct check *c, const struct request *r, const struct loss *l,
			     const char *kind, const struct told *t)
{
	struct finding *f = finding_new(c, kind, l->first->first_ns, l->first->last_ns);
	char told[96] = "no error was recorded in the mapping";

	if (t)
		say_told(c, t, told, sizeof(told));
	else if (!check_has_probe(c, TELLS))
		snprintf(told, sizeof(told),
			 "whether an error was recorded in the mapping is unknown");
	finding_subrequest(f, c, r, l->first);
	finding_bytes(f, l->bytes);
	finding_observed(
		f,
		"%s%" PRIu64 " of %" PRIu64 " byte%s (%" PRIu32 " of %" PRIu32
		" subrequest%s, within 0x%" PRIx64 "..0x%" PRIx64 ") failed with error %d; %s",
		l->nr_unsure ? "at least " : "", l->bytes, l->all_bytes, plural(l->all_bytes),
		l->nr, l->nr_all, plural(l->nr_all), l->start, l->end, l->error, told);
	if (t)
		finding_event(f, c, &t->set.hdr);
	if (t && t->read.hdr.ts > t->set.hdr.ts)
		finding_event(f, c, &t->read.hdr);
	return f;
}

static int silent_loss(struct check *c, const struct request *r, const struct loss *l)
{
	struct finding *f = start(c, r, l, "not-told", NULL);

	if (r->lost) /* what it was told may be among that */
		finding_doubt(f, "records of this request were lost");
	finding_expected(f, "the error in the mapping, for callers of fsync()");
	finding_explain(
		f, "Data was dropped, its pages are clean, and no fsync() will ever report it.");
	return finding_raise(f, c);
}

static int dropped(struct check *c, const struct request *r, const struct loss *l,
		   const struct told *t)
{
	struct finding *f = start(c, r, l, "dropped", t);

	if (l->cut)
		finding_doubt(f, "the connection was lost meanwhile");
	finding_expected(f, "data that could not be sent stays dirty and is sent again");
	finding_explain(
		f,
		"The client gave up writeback because of %s and dropped the data: the pages are clean, but the server does not have them.",
		l->error == -ENOMEM ? "a lack of memory" : "a signal to the thread that did it");
	return finding_raise(f, c);
}

/* Nothing is wrong with the client, and the user may want to know. */
static int refused(struct check *c, const struct request *r, const struct loss *l,
		   const struct told *t)
{
	struct finding *f = start(c, r, l, l->cut ? "cut-off" : "refused", t);

	finding_note(f);
	finding_expected(f, "the error in the mapping, because data was dropped");
	finding_explain(
		f,
		l->cut ? "The connection was lost, and with it data that was being written back."
		       : "Data could not be written back and was dropped, because the server or the client's state did not allow it.");
	return finding_raise(f, c);
}

static int judge(struct check *c, const struct request *r)
{
	struct lost_state *st = c->state;
	struct loss l = loss_of(c, r, true);
	const struct told *t = table_find(&st->told, r->dev, r->ino);

	if (!l.bytes && l.nr_unsure)
		l = loss_of(c, r, false);
	if (!l.bytes)
		return 0;
	if (t && t->set.hdr.ts + HAIR_NS < l.from_ns)
		t = NULL;
	if (!t && check_has_probe(c, TELLS))
		return silent_loss(c, r, &l);
	return l.local ? dropped(c, r, &l, t) : refused(c, r, &l, t);
}

static int on_request(struct check *c, const struct request *r)
{
	enum request_way way = way_of(c, r);
	int rc = 0;

	if ((way == WAY_WRITEBACK || way == WAY_WRITETHROUGH) && r->done_ns && !r->partial) {
		c->judged++;
		rc = judge(c, r);
	}
	return rc;
}

static const char *const needs[] = { "netfs_sreq", "netfs_rreq", "smb2_is_status_pending_enter",
				     "smb2_writev_callback_enter", NULL };

const struct check_ops check_write_lost = {
	.id = "write-lost",
	.severity = SEVERITY_CRITICAL,
	.title = "data that writeback dropped",
	.rule = "Writeback that fails for good records the error in the mapping; data that only the client failed to send stay dirty and are sent again; fsync() returns 0 only if the file has no error to be told.",
	.why = "Data that a program has written are gone: the pages are clean, the server does not have the data, and fsync() reports one error at best.",
	.next = "Who received the signal? The thread that writes a file back is often in another's fsync(), sync(1) or a task at its memory limit. Then: what did fsync() of the writer return?",
	.limits =
		"Recordings without filemap_set_wb_err, such as those of older versions, do not show whether an error was recorded in the mapping: not-told is not judged there. Data dropped before a subrequest was created (no handle to write with, beyond the end of the file) are not seen. Results of fsync() are known with the probes on cifs_fsync() and cifs_strict_fsync() only; what close() and msync() return is not recorded.",
	.bugs = "none fixed yet: 6.12.95 to 7.3.4 lose data when another process's fsync() is killed",
	.judges = { "writeback or fsync", "writebacks and fsyncs" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_SREQ, EV_RSP, EV_CALLBACK, EV_WB_ERR,
		       EV_RECONNECT | FROM(P_smb3_reconnect)),
	.state_size = sizeof(struct lost_state),
	.subrequest_state = sizeof(struct fate),
	.init = init,
	.event = on_event,
	.request = on_request,
	.free = free_state,
};
