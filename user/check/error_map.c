// SPDX-License-Identifier: GPL-2.0-only
/* The way of an error: from the server's answer to the subrequest, from there to the request. */
#include <errno.h>
#include <inttypes.h>

#include "check/checks.h"
#include "check/inside.h"

struct fault {
	uint32_t status; /* an error the server answered this attempt with; 0: none */
	int32_t error;	 /* of the last TERM */
	uint32_t terms;
	uint64_t status_ns, term_ns;
	uint64_t before;      /* transferred when the attempt began */
	bool asked;	      /* for a retry of this attempt */
	bool again;	      /* retried, or given up by a retry, since */
	bool good;	      /* the server answered this attempt without an error */
	bool no_way;	      /* its preparation failed: there is nothing to retry with */
	struct finding *held; /* until it is known whether it is sent again */
};

struct error_state {
	struct table faults; /* by request and subrequest */
};

/*
 * Where a kernel shows, in its request, that a subrequest failed for good. Direct writes do once
 * they are sent one by one, which came with INTR; before, the caller got what was written until
 * then. Writeback tells the mapping, not the request.
 */
static const struct {
	enum name_id with; /* 0: all */
	enum request_way way;
} shown[] = {
	{ NAME_UNKNOWN, WAY_READ_BUFFERED },
	{ NAME_UNKNOWN, WAY_READ_DIRECT },
	{ RREQ_INTR, WAY_WRITE_DIRECT },
};

/*
 * What a kernel tries again instead of handing it on. 6.12 goes by the error, and only for
 * writes. 7.x goes by who said that it is worth another try: the callback of a command that a
 * reconnect cut off always does; a failed send does on hard mounts alone, and then says I-RTR.
 */
static const struct {
	unsigned int families;
	bool reads, asked;
	int32_t error;
} retried[] = {
	{ FAMILY_DONATE, false, false, -EAGAIN },
	{ FAMILY_COLLECT, true, true, -EAGAIN },
	{ FAMILY_COLLECT, true, true, -ECONNABORTED },
};

static void init(struct check *c)
{
	struct error_state *st = c->state;

	st->faults.size = sizeof(struct fault);
}

static void free_state(struct check *c)
{
	struct error_state *st = c->state;
	struct cell *cell, *next;

	HASH_ITER (hh, st->faults.cells, cell, next) {
		struct fault *ft = (void *)cell->data;

		finding_free(ft->held);
	}
	table_clear(&st->faults);
}

static int swallowed(struct check *c, const struct check_event *ce, struct fault *ft)
{
	struct finding *f = finding_new(c, "status-lost", ft->status_ns, ce->ev->ts);

	finding_request(f, c, ce->r, ce->sreq);
	finding_expected(f, "an error, as the server answered with status 0x%08x", ft->status);
	finding_observed(f, "error 0");
	finding_explain(f,
			"The server refused it and the client counts it as done: the caller never "
			"hears of it.");
	if (!ce->s->write && ce->r->sized && ce->s->start + ft->before >= ce->r->i_size)
		finding_known(f, c, KNOWN_READ_ERROR_AT_END);
	finding_free(ft->held);
	ft->held = f;
	return f ? 0 : -ENOMEM;
}

/*
 * What the client may make of a good answer by itself: ENODATA of a read at the end of the file,
 * ENOSPC of a write that was short, EAGAIN of what it means to ask for again, and no memory.
 */
static bool is_made_lawfully(int32_t error)
{
	static const int32_t errors[] = { -ENODATA, -ENOSPC, -EAGAIN, -ENOMEM };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i] == error)
			return true;
	return false;
}

/* Not of a retry: 6.12 keeps the error of the attempt before. */
static int made_up(struct check *c, const struct check_event *ce, const struct fault *ft)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	const struct conn *conn = model_conn(check_model(c), ce->s->conn);
	struct finding *f;

	if (!ft->good || !ev->error || ft->terms > 1 || ce->s->retries || ce->r->partial ||
	    is_made_lawfully(ev->error))
		return 0;
	f = finding_new(c, "error-made", ce->s->first_ns, ev->hdr.ts);
	finding_request(f, c, ce->r, ce->sreq);
	if (!ce->s->write && (!conn || conn->sign)) /* checked in the callback, by nobody else */
		finding_doubt(f, "the signature of the answer may have been wrong");
	finding_expected(f, "error 0, as the server answered with status 0x00000000");
	finding_observed(f, "error %d, %" PRIu64 " of %" PRIu64 " bytes transferred", ev->error,
			 ev->transferred, ev->len);
	finding_explain(f, "The server did it, and the caller gets an error.");
	return finding_raise(f, c);
}

static int not_sent_again(struct check *c, struct fault *ft, uint64_t ts)
{
	if (!ft->held)
		return 0;
	ft->held->until_ns = ts;
	return finding_raise(TAKE(ft->held), c);
}

static int on_term(struct check *c, const struct check_event *ce, struct fault *ft)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	int rc = 0;

	ft->terms++;
	ft->error = ev->error;
	ft->term_ns = ev->hdr.ts;
	ft->again = false;
	c->judged += ft->status != 0;
	if (ft->status && !ev->error)
		rc = swallowed(c, ce, ft);
	else
		rc = made_up(c, ce, ft);
	ft->status = 0;
	ft->good = false;
	return rc;
}

static int on_sreq(struct check *c, const struct check_event *ce, struct fault *ft)
{
	switch (ce->name) {
	case SREQ_TERMINATED:
	case SREQ_WRITE_TERM:
		return on_term(c, ce, ft);
	case SREQ_SUBMIT:
		finding_free(TAKE(ft->held));
		ft->before = ((const struct ev_sreq *)ce->ev)->transferred;
		ft->status = 0;
		ft->good = false;
		ft->again = true;
		ft->asked = false;
		break;
	case SREQ_CONSUMED:
	case SREQ_FREE:
		return not_sent_again(c, ft, ce->ev->ts);
	case SREQ_IO_RETRY_NEEDED:
	case SREQ_IO_REQ_SUBMITTED:
		ft->asked = true;
		break;
	case SREQ_RETRY:
	case SREQ_DISCARD:
	case SREQ_SUPERFLUOUS:
	case SREQ_ABANDONED:
		finding_free(TAKE(ft->held));
		ft->again = true;
		break;
	case SREQ_PREP_FAILED:
	case SREQ_REPREP_FAILED:
		ft->no_way = true;
		break;
	default:
		break;
	}
	return 0;
}

static void on_response(struct fault *ft, const struct ev_rsp *ev)
{
	ft->good = !ev->status;
	if (!is_refusal(ev))
		return;
	ft->status = ev->status;
	ft->status_ns = ev->hdr.ts;
}

static void on_callback(struct fault *ft, const struct ev_callback *ev)
{
	ft->asked |= ev->mid_state == MID_RETRY;
	ft->good &= ev->mid_state == MID_RECEIVED && !ev->result;
}

static int on_event(struct check *c, const struct check_event *ce)
{
	struct error_state *st = c->state;
	struct fault *ft;

	if (!ce->s ||
	    (ce->ev->kind != EV_SREQ && ce->ev->kind != EV_RSP && ce->ev->kind != EV_CALLBACK))
		return 0;
	ft = table_get(&st->faults, request_id(ce->r), ce->sreq);
	if (!ft)
		return -ENOMEM;
	if (ce->ev->kind == EV_SREQ)
		return on_sreq(c, ce, ft);
	if (ce->ev->kind == EV_RSP)
		on_response(ft, (const void *)ce->ev);
	else if (!(ce->ev->flags & EVF_EXIT))
		on_callback(ft, (const void *)ce->ev);
	return 0;
}

static bool is_shown(const struct check *c, const struct request *r)
{
	enum request_way way = way_of(c, r);

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		if (shown[i].way == way &&
		    (!shown[i].with || names_has(check_names(c), shown[i].with)))
			return true;
	return false;
}

static bool is_retried(const struct check *c, const struct subrequest *s, const struct fault *ft)
{
	for (size_t i = 0; i < ARRAY_SIZE(retried); i++)
		if ((retried[i].families & check_family(c)) && retried[i].error == ft->error &&
		    (s->write || retried[i].reads) && (ft->asked || !retried[i].asked))
			return true;
	return false;
}

static int lost(struct check *c, const struct request *r, const struct subrequest *s,
		const struct fault *ft)
{
	struct finding *f = finding_new(c, "error-lost", r->first_ns, r->last_ns);

	finding_request(f, c, r, s->index);
	finding_expected(f, "error %d of the subrequest in its request", ft->error);
	finding_observed(f, "error 0, %" PRIu64 " of %" PRIu64 " bytes transferred", r->transferred,
			 r->len);
	finding_explain(f,
			"The subrequest failed for good, and the request ended as if it had not.");
	return finding_raise(f, c);
}

static int returned(struct check *c, const struct request *r, const struct subrequest *s,
		    const struct fault *ft)
{
	struct finding *f = finding_new(c, "not-retried", r->first_ns, ft->term_ns);

	finding_request(f, c, r, s->index);
	finding_expected(f, "another attempt after error %d", ft->error);
	finding_observed(f, "none, in %u attempts", s->attempts);
	finding_explain(f,
			"This kernel tries again what a reconnect has cut off; here the caller got "
			"the error.");
	return finding_raise(f, c);
}

/* Another that failed for good cancels the rest: those are not retried. */
static bool one_failed(struct check *c, const struct request *r)
{
	struct error_state *st = c->state;

	for_each_subrequest (r, s) {
		const struct fault *ft = table_find(&st->faults, request_id(r), s->index);

		if (ft && (ft->no_way || (ft->error && !is_retried(c, s, ft))))
			return true;
	}
	return false;
}

static int judge(struct check *c, const struct request *r)
{
	struct error_state *st = c->state;
	bool failed = one_failed(c, r);

	for_each_subrequest (r, s) {
		const struct fault *ft = table_find(&st->faults, request_id(r), s->index);

		if (!ft || !ft->error || ft->again || !s->attempts || s->stream)
			continue;
		c->judged++;
		if (is_retried(c, s, ft)) {
			if (!failed)
				return returned(c, r, s, ft);
		} else if (!r->error && is_shown(c, r)) {
			return lost(c, r, s, ft);
		}
	}
	return 0;
}

/* A program that writes until all is written asks again and again, and is told 0 each time. */
static int nothing_written(struct check *c, const struct request *r)
{
	struct error_state *st = c->state;
	const struct subrequest *first = NULL;
	struct finding *f;
	int32_t error = 0;

	if (way_of(c, r) != WAY_WRITE_DIRECT || r->error || r->transferred || !r->done_ns)
		return 0;
	for_each_subrequest (r, s) {
		const struct fault *ft = table_find(&st->faults, request_id(r), s->index);

		if (s->stream)
			continue;
		if (!ft || !ft->error || !ft->terms)
			return 0;
		error = first ? error : ft->error;
		first = first ? first : s;
	}
	if (!first)
		return 0;
	f = finding_new(c, "zero-for-error", r->first_ns, r->last_ns);
	finding_request(f, c, r, first->index);
	finding_expected(f, "error %d of its subrequests, as nothing was written", error);
	finding_observed(f, "error 0, 0 of %" PRIu64 " bytes written", r->len);
	finding_explain(f, "All subrequests of the write failed and the caller is told 0 bytes "
			   "without an error: who writes until all is written never ends.");
	finding_known(f, c, KNOWN_DIRECT_WRITE_ZERO);
	return finding_raise(f, c);
}

static int raise_held(struct check *c, const struct request *r)
{
	struct error_state *st = c->state;
	int rc = 0;

	for_each_subrequest (r, s) {
		struct fault *ft = table_find(&st->faults, request_id(r), s->index);

		if (!ft || !ft->held)
			continue;
		if (!s->freed)
			finding_doubt(ft->held, "the recording ended before it was known whether "
						"it is sent again");
		if (!rc)
			rc = not_sent_again(c, ft, r->last_ns);
		finding_free(TAKE(ft->held));
	}
	return rc;
}

static int on_request(struct check *c, const struct request *r)
{
	struct error_state *st = c->state;
	int rc = raise_held(c, r);

	if (!rc && r->freed && !r->partial)
		rc = judge(c, r);
	if (!rc && r->freed && !r->partial && !names_has(check_names(c), RREQ_INTR))
		rc = nothing_written(c, r); /* of the others, error-lost says so */
	table_drop_request(&st->faults, r);
	return rc;
}

static const char *const needs[] = { "netfs_sreq",
				     "netfs_rreq",
				     "smb2_is_status_pending_enter",
				     "smb2_readv_callback_enter",
				     "smb2_writev_callback_enter",
				     NULL };

const struct check_ops check_error_map = {
	.id = "error-map",
	.severity = SEVERITY_CRITICAL,
	.title = "errors that reach nobody, or the wrong one",
	.rule = "An I/O error reaches the request, and what this kernel retries is retried and not "
		"returned.",
	.why = "The program takes for written what the server has refused, or gets an error for "
	       "what a "
	       "second try would have done.",
	.next = "From the callback on: who set the subrequest's error to 0, or who did not set "
		"NEED_RETRY?",
	.limits = "6.12 hands EAGAIN of a read to the reader, and kernels before 7.x return what a "
		  "direct write had written until then: no finding. Nor are NOWAIT and signals.",
	.bugs = "\"smb: client: set missing retry flag in smb2_writev_callback()\"; \"netfs: when "
		"subreq is "
		"marked for retry, do not check error\"; \"netfs: Fix unbuffered write error "
		"handling\"",
	.example = "error-map: R=0000000a[1]: The subrequest failed for good, and the request "
		   "ended as if it had not.\n"
		   "  verdict   violation, critical\n"
		   "  expected  error -13 of the subrequest in its request\n"
		   "  observed  error 0, 0 of 65536 bytes transferred\n"
		   "  when      [   27.971087], 2026-11-28 03:53:54.989 UTC\n"
		   "  task      dd (tid 337, pid 337)\n"
		   "  file      inode 2 on /mnt/smb (cifs)\n"
		   "  command   conn 0x1, mid 72; wireshark: smb2.msg_id == 72\n"
		   "    [   27.969601] cifsd-237: add_credits() 9 ifl=0\n"
		   "    [   27.969628] cifsd-237: callback done\n"
		   "    [   27.969824] kworker/0:2-66: TERM 0/65536 e=-13\n"
		   "    [   27.970014] kworker/0:2-66: FAILURE read e=-13\n"
		   "    [   27.970568] kworker/0:2-66: PUT CLEAR r=1\n"
		   "    [   27.970577] kworker/0:2-66: PUT TERM r=0\n"
		   "    [   27.970581] kworker/0:2-66: FREE 0/65536\n"
		   "    [   27.970595] kworker/0:2-66: free_subreq credits=0 rc=0\n",
	.judges = { "error", "errors" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.state_size = sizeof(struct error_state),
	.init = init,
	.event = on_event,
	.request = on_request,
	.free = free_state,
};
