// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a client makes of the faults that a proxy showed it (`record --faults`). Other checks judge by what the
 * client says of itself; here the proxy says how many bytes there were, which is independent of it.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"
#include "check/ranges.h"

/* Of the attempt that a subrequest is at. */
struct attempt_range {
	uint64_t offset, len; /* that its command asks for */
	bool faulted;	      /* a fault has left all of it undone */
};

struct outcome {
	struct ranges undone; /* that faults have left, and no attempt has made good */
	uint64_t fault_ns;    /* the first fault */
	uint32_t kinds;	      /* a bit for each enum ev_fault_kind that it met */
	bool harder; /* the server or the network refused something: an error may be of that */
	uint32_t short_reads, short_writes;
};

struct outcome_state {
	uint64_t whole, told, undecided;
	bool hard; /* something was refused or cut off at all: what it did to others is not known */
};

/*
 * Faults after which nothing is refused: the request can and has to be finished. A stall or a delay may
 * end in a reconnect, which is noticed as such.
 */
#define MILD                                                                                \
	(1u << EV_FAULT_SHORT_READ | 1u << EV_FAULT_SHORT_WRITE | 1u << EV_FAULT_MAX_READ | \
	 1u << EV_FAULT_MAX_WRITE | 1u << EV_FAULT_MAX_TRANSACT | 1u << EV_FAULT_GRANT |    \
	 1u << EV_FAULT_CEILING | 1u << EV_FAULT_PENDING | 1u << EV_FAULT_DELAY |           \
	 1u << EV_FAULT_REORDER)

/*
 * Errors that a kernel has for a mild fault all the same, by its source. smb2_writev_callback()
 * (fs/smb/client/smb2pdu.c) calls a WRITE that wrote less than it was given -ENOSPC; 6.12.118 sends the rest of some,
 * as it hands on the count instead, later ones do not.
 */
static const struct {
	unsigned int families;
	enum ev_fault_kind fault;
	int32_t error;
} lawful[] = {
	{ FAMILY_NETFS, EV_FAULT_SHORT_WRITE, -ENOSPC },
};

static bool is_lawful(const struct check *c, const struct outcome *o, int32_t error)
{
	for (size_t i = 0; i < ARRAY_SIZE(lawful); i++)
		if (lawful[i].families & check_family(c) && lawful[i].error == error &&
		    o->kinds & 1u << lawful[i].fault)
			return true;
	return false;
}

/* ---- events ---- */

static bool is_short(const struct ev_fault *ev)
{
	return ev->fault == EV_FAULT_SHORT_READ || ev->fault == EV_FAULT_SHORT_WRITE;
}

/* What the fault leaves undone of the READ or WRITE that met it. */
static void note_undone(struct outcome *o, const struct ev_fault *ev)
{
	bool is_status = ev->fault == EV_FAULT_STATUS && ev->status != STATUS_END_OF_FILE;

	if (is_status)
		ranges_add(&o->undone, ev->offset, ev->offset + ev->len);
	else if (is_short(ev) && ev->became < ev->was)
		ranges_add(&o->undone, ev->offset + ev->became, ev->offset + ev->was);
}

static void on_fault(struct check *c, const struct seen *ce)
{
	const struct ev_fault *ev = (const void *)ce->ev;
	struct attempt_range *a = state_get(c, ce->r, ce->s);
	struct outcome *o = state_get(c, ce->r, NULL);

	if (!o->fault_ns)
		o->fault_ns = ev->hdr.ts;
	o->kinds |= 1u << (ev->fault < 32 ? ev->fault : EV_FAULT_OTHER);
	o->short_reads += ev->fault == EV_FAULT_SHORT_READ;
	o->short_writes += ev->fault == EV_FAULT_SHORT_WRITE;
	note_undone(o, ev);
	if (is_short(ev))
		a->len = ev->became; /* so much of it is done, all the same */
	a->faulted |= ev->fault == EV_FAULT_STATUS || ev->fault == EV_FAULT_OTHER;
}

static void on_issue(struct check *c, const struct seen *ce)
{
	const struct ev_smb_rw *ev = (const void *)ce->ev;

	if (ev->event != EV_RW_ENTER)
		return;
	*(struct attempt_range *)state_get(c, ce->r, ce->s) =
		(struct attempt_range){ .offset = ev->offset, .len = ev->len };
}

/* What a fault lets an attempt do is done, and all that it asks for without one: the server is taken to be healthy. */
static void on_response(struct check *c, const struct seen *ce, const struct ev_rsp *ev)
{
	const struct attempt_range *a = state_find(c, ce->r, ce->s);
	struct outcome *o = state_find(c, ce->r, NULL);

	if (is_refusal(ev)) {
		o = state_get(c, ce->r, NULL);
		o->harder = true;
	} else if (o && a && is_final(ev) && !ev->status && !a->faulted) {
		ranges_remove(&o->undone, a->offset, a->offset + a->len);
	}
}

static void on_callback(struct check *c, const struct seen *ce, const struct ev_callback *ev)
{
	struct outcome *o;

	if (ev->hdr.flags & EVF_EXIT || ev->mid_state == MID_RECEIVED)
		return;
	o = state_get(c, ce->r, NULL);
	o->harder = true;
}

static bool is_hard(const struct ev_hdr *ev)
{
	const struct ev_fault *fault = (const void *)ev;

	return ev->kind == EV_RECONNECT ||
	       (ev->kind == EV_FAULT && (fault->fault >= 32 || !(MILD & 1u << fault->fault)));
}

static int on_event(struct check *c, const struct seen *ce)
{
	struct outcome_state *st = c->state;

	st->hard |= is_hard(ce->ev);
	if (!ce->r || !ce->s || ce->s->stream)
		return 0;
	switch (ce->ev->kind) {
	case EV_FAULT:
		on_fault(c, ce);
		break;
	case EV_SMB_RW:
		on_issue(c, ce);
		break;
	case EV_RSP:
		on_response(c, ce, (const void *)ce->ev);
		break;
	case EV_CALLBACK:
		on_callback(c, ce, (const void *)ce->ev);
		break;
	default: /* it could not even be sent */
		((struct outcome *)state_get(c, ce->r, NULL))->harder = true;
		break;
	}
	return 0;
}

/* ---- the end of a request ---- */

/* The first error that the request or one of its subrequests ended with. */
static int32_t error_of(const struct request *r)
{
	if (r->error)
		return r->error;
	for_each_subrequest (r, s)
		if (s->error && !s->stream)
			return s->error;
	return 0;
}

/* Does the request say that the byte at `at` was read or written? */
static bool claims(const struct check *c, const struct request *r, uint64_t at)
{
	switch (way_of(c, r)) {
	case WAY_READ_DIRECT:
	case WAY_WRITE_DIRECT:
		return r->start + r->transferred > at;
	case WAY_READ_BUFFERED:
		return r->transferred >= r->len;
	case WAY_WRITEBACK:
	case WAY_WRITETHROUGH:
		return true;
	default:
		return false;
	}
}

static bool is_tried_once(const struct request *r)
{
	for_each_subrequest (r, s)
		if (s->attempts > 1)
			return false;
	return true;
}

static int missing(struct check *c, const struct request *r, const struct outcome *o)
{
	const struct byte_range *b = &o->undone.range[0];
	struct finding *f =
		finding_new(c, r->write ? "not-written" : "not-read", r->first_ns, r->last_ns);

	finding_request(f, c, r, 0);
	finding_bytes(f, b->to - b->from);
	finding_expected(f, "0x%" PRIx64 "..0x%" PRIx64 " %s again, or an error", b->from, b->to,
			 r->write ? "written" : "read");
	finding_observed(f, "no later attempt for it, error 0, %" PRIu64 " of %" PRIu64 " byte%s",
			 r->transferred, r->len, plural(r->len));
	finding_explain(
		f,
		r->write
			? "The server did not take these bytes, and nobody was told."
			: "The server did not send these bytes: what the reader got in their place is something else.");
	if (o->kinds == 1u << EV_FAULT_SHORT_READ && way_of(c, r) == WAY_READ_BUFFERED &&
	    is_tried_once(r))
		finding_known(f, c, KNOWN_SHORT_ZEROED_FAULT);
	return finding_raise(f, c);
}

static const char *mild_text(const struct outcome *o)
{
	if (o->short_reads)
		return "READs that returned less";
	return o->short_writes ? "WRITEs that wrote less" : "credits or time";
}

static int unasked(struct check *c, const struct request *r, const struct outcome *o, int32_t error)
{
	struct finding *f = finding_new(c, "error-unasked", r->first_ns, r->last_ns);

	finding_request(f, c, r, 0);
	if (error == -ENOMEM)
		finding_doubt(f, "a lack of memory would look the same");
	finding_expected(f, "the rest asked for again: the server has refused nothing");
	finding_observed(f, "error %d, after faults of %s alone", error, mild_text(o));
	finding_explain(
		f,
		"A lawful answer with which the client could have gone on became an error for the caller.");
	return finding_raise(f, c);
}

static int judge(struct check *c, const struct request *r, const struct outcome *o)
{
	struct outcome_state *st = c->state;
	int32_t error = error_of(r);
	bool undone = o->undone.nr && !o->undone.overflow;

	c->judged++;
	if (!error && undone && claims(c, r, o->undone.range[0].from))
		return missing(c, r, o);
	if (error && !o->harder && !st->hard && !is_lawful(c, o, error) &&
	    (error == -ENOMEM || !is_local_error(error)))
		return unasked(c, r, o, error);
	if (error)
		st->told++;
	else if (o->undone.nr || o->undone.overflow)
		st->undecided++;
	else
		st->whole++;
	return 0;
}

static int on_request(struct check *c, const struct request *r)
{
	const struct outcome *o = r->faults ? state_find(c, r, NULL) : NULL;

	if (!o || !o->fault_ns || r->partial || !r->done_ns)
		return 0;
	return judge(c, r, o);
}

static int finish(struct check *c)
{
	const struct outcome_state *st = c->state;

	if (c->judged)
		snprintf(c->note, sizeof(c->note),
			 "%" PRIu64 " whole, %" PRIu64 " failed, %" PRIu64 " short", st->whole,
			 st->told, st->undecided);
	return 0;
}

static const char *const needs[] = { "netfs_rreq", "netfs_sreq", "smb3_cmd_enter",
				     "smb2_is_status_pending_enter", NULL };

const struct check_ops check_fault_outcome = {
	.id = "fault-outcome",
	.severity = SEVERITY_CRITICAL,
	.title = "what became of requests to which provoke showed faults",
	.rule = "What a fault left undone is read or written by a later attempt, or the caller is told an error or a smaller count; after faults with which the server refuses nothing, there is no error.",
	.why = "Paths that only a difficult server reaches are hardly ever tested: data may be missing without an error there.",
	.next = "The timeline of the request (`report --R`): the attempt that met the fault (`!`), and what was sent after it.",
	.limits =
		"Only recordings with --faults. The server behind the proxy is taken to do all that is asked of it where no fault is shown. Buffered reads that do not end whole are not judged: their pages are read again. Where one of the faults was a refusal, a cut or a stall, or the client reconnected, requests are judged by the data alone; hangs and credits by stuck and credit-leak.",
	.bugs = "none known yet that it alone finds",
	.judges = { "request that met a fault", "requests that met faults" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_FAULT, EV_SMB_RW, EV_RSP, EV_CALLBACK,
		       EV_RECONNECT | FROM(P_smb3_reconnect), EV_SREQ | SAYS(SREQ_PREP_FAILED),
		       EV_SREQ | SAYS(SREQ_REPREP_FAILED)),
	.state_size = sizeof(struct outcome_state),
	.request_state = sizeof(struct outcome),
	.subrequest_state = sizeof(struct attempt_range),
	.event = on_event,
	.request = on_request,
	.finish = finish,
};
