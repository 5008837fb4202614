// SPDX-License-Identifier: GPL-2.0-only
/* Credits that are returned more than once. */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/grants.h"
#include "check/holds.h"

/* of a thread: the response callback it is in */
struct in_callback {
	bool in;
	uint64_t ts;   /* since when */
	bool granted;  /* the header of its response was seen */
	uint32_t adds; /* grants its subrequest said it adds */
	/* An addition of its subrequest that is not what the response granted: if that comes too,
	 * this was the one too many. value 0: none. */
	struct ev_credit_fn_rec odd;
	uint32_t grant; /* what it should have been */
};

struct double_state {
	struct table grants;	/* by receiving thread */
	struct table callbacks; /* by thread */
};

static void init(struct check *c)
{
	struct double_state *st = c->state;

	st->grants.size = sizeof(struct grants);
	st->callbacks.size = sizeof(struct in_callback);
}

static void free_state(struct check *c)
{
	struct double_state *st = c->state;

	table_clear(&st->grants);
	table_clear(&st->callbacks);
}

#define TOO_MANY \
	"The client now has credits that the server has not granted; the server will drop the connection when they are used."

static struct finding *start(struct check *c, const struct seen *ce, const char *kind,
			     uint64_t from, int32_t value, const char *observed)
{
	struct finding *f = finding_new(c, kind, from, ce->ev->ts);

	if (ce->r)
		finding_request(f, c, ce->r, ce->sreq);
	else
		finding_task(f, c, ce->ev->tid);
	if (ce->ev->kind == EV_CREDIT_FN)
		finding_conn(f, ((const struct ev_credit_fn_rec *)ce->ev)->conn);
	finding_event(f, c, ce->ev);
	finding_expected(f, "credits of one response or subrequest are returned once");
	finding_observed(f, "%d more credit%s returned, %s", value, plural(value), observed);
	return f;
}

static int raise_double(struct check *c, const struct seen *ce, const char *kind, uint64_t from,
			int32_t value, const char *observed, const char *explain)
{
	struct finding *f = start(c, ce, kind, from, value, observed);

	finding_explain(f, "%s", explain);
	return finding_raise(f, c);
}

/* By callback, not by attempt: a retry may have begun before the callback of the first is over. */
static int on_rw_credits(struct check *c, const struct seen *ce)
{
	const struct ev_rw_credits *ev = (const void *)ce->ev;
	struct double_state *st = c->state;
	struct in_callback *in = table_find(&st->callbacks, ev->hdr.tid, 0);

	if ((ce->name != RWC_READ_RESPONSE_ADD && ce->name != RWC_WRITE_RESPONSE_ADD) ||
	    ev->change <= 0 || !in || !in->in || in->adds++ == 0)
		return 0;
	return raise_double(c, ce, "response-added-twice", in->ts, ev->change,
			    "for a response that was added before", TOO_MANY);
}

/* The grant comes after something else was added in its place: that is the one too many. */
static int odd_one(struct check *c, const struct seen *ce, struct in_callback *in)
{
	struct finding *f = start(c, ce, "before-the-grant", in->ts, in->odd.value,
				  "before those that the response granted");

	if (f)
		f->time_ns = in->odd.hdr.ts;
	finding_expected(f, "%u credit%s returned, as the response granted", in->grant,
			 plural(in->grant));
	finding_explain(f, TOO_MANY);
	finding_event(f, c, &in->odd.hdr);
	in->odd.value = 0;
	return finding_raise(f, c);
}

/* An addition that no response of its thread granted; or, outside callbacks, that it did not hold.
 */
static int on_add(struct check *c, const struct seen *ce, enum hold_event held)
{
	const struct ev_credit_fn_rec *ev = (const void *)ce->ev;
	struct double_state *st = c->state;
	struct in_callback *in = table_find(&st->callbacks, ev->hdr.tid, 0);
	struct grant g;
	enum grant_result what = grants_event(&st->grants, ce, &g);

	if (ce->ev->kind != EV_CREDIT_FN || ev->fn != EV_CFN_ADD || ev->value <= 0)
		return 0;
	/* gcc 16 puts smb2_is_status_pending() into handle_read_data(): no header of encrypted
	 * reads */
	if (in && in->in && !in->granted)
		return 0;
	c->judged++;
	if (what == GRANT_WRONG && in && in->in) {
		in->odd = *ev;
		in->grant = g.credits;
	}
	if (what == GRANT_EXTRA && in && in->in && in->odd.value &&
	    in->grant == (uint32_t)ev->value && in->odd.rreq == ev->rreq &&
	    in->odd.sreq == ev->sreq)
		return odd_one(c, ce, in);
	if (what == GRANT_EXTRA && (!ce->s || held == HOLD_NOT_ITS))
		return raise_double(c, ce, "no-response", g.since, ev->value,
				    "and no response granted them", TOO_MANY);
	if (what == GRANT_NONE && ce->s && !(in && in->in) && held == HOLD_NOT_ITS)
		return raise_double(c, ce, "not-held", ev->hdr.ts, ev->value,
				    "which the subrequest did not hold", TOO_MANY);
	return 0;
}

/*
 * Who has to wait takes credits that are there: wait_for_free_credits() and smb2_wait_mtu_credits() compare
 * first, under the lock that the number in their tracepoints is read under (6.1 to 7.3). Only an oplock
 * break takes without asking, and has a tracepoint of its own (smb3_nblk_credits).
 */
static int on_take(struct check *c, const struct seen *ce)
{
	const struct ev_credit *ev = (const void *)ce->ev;
	struct finding *f;

	c->judged++;
	if (ev->credits >= 0)
		return 0;
	f = finding_new(c, "overdrawn", ev->hdr.ts, ev->hdr.ts);
	if (ce->r)
		finding_request(f, c, ce->r, ce->sreq);
	else
		finding_task(f, c, ev->hdr.tid);
	finding_conn(f, ev->conn);
	finding_event(f, c, ce->ev);
	finding_expected(f, "a wait until the pool has what is taken");
	finding_observed(f, "%d taken, a pool of %d afterwards", -ev->change, ev->credits);
	finding_explain(
		f,
		"Credits were taken from a pool that did not have them; the server will drop the connection when they are used.");
	return finding_raise(f, c);
}

static int on_event(struct check *c, const struct seen *ce)
{
	const struct ev_callback *cb = (const void *)ce->ev;
	struct double_state *st = c->state;
	struct hold *h = NULL;
	enum hold_event held = ce->s ? hold_note(c, ce, &h) : HOLD_NOTHING;
	struct in_callback *in;

	switch (ce->ev->kind) {
	case EV_RSP:
		return grants_response(&st->grants, ce);
	case EV_CALLBACK:
		in = table_get(&st->callbacks, cb->hdr.tid, 0);
		if (!in)
			return -ENOMEM;
		*in = (struct in_callback){
			.in = !(cb->hdr.flags & EVF_EXIT),
			.ts = cb->hdr.ts,
			.granted = grants_has(&st->grants, cb->hdr.tid, cb->conn, cb->mid),
		};
		return 0;
	case EV_RECONNECT:
		grants_forget_conn(&st->grants, ((const struct ev_reconnect *)ce->ev)->conn);
		return 0;
	case EV_RW_CREDITS:
		return on_rw_credits(c, ce);
	case EV_CREDIT:
		if (ce->probe != P_smb3_pend_credits)
			return on_take(c, ce);
		return on_add(c, ce, held);
	case EV_CREDIT_FN:
		return on_add(c, ce, held);
	default:
		return 0;
	}
}

static const char *const needs[] = { "smb3_rw_credits",
				     "netfs_sreq",
				     "smb2_is_status_pending_enter",
				     "smb2_add_credits_exit",
				     "smb2_readv_callback_enter",
				     "smb2_writev_callback_enter",
				     NULL };

const struct check_ops check_credit_double = {
	.id = "credit-double",
	.severity = SEVERITY_ERROR,
	.title = "credits returned twice",
	.rule = "The credits of one subrequest or of one response are returned once, and only credits that are there are taken.",
	.why = "The client then sends more than the server allows, which drops the connection; and "
	       "in_flight falls below what is really in flight.",
	.next = "Who called smb2_add_credits() before for the same mid or subrequest: the clean-up "
		"after "
		"the response, or the free of the subrequest?",
	.limits =
		"The callback of a response whose header was not seen (encrypted reads on kernels built with gcc 16) is not judged. If the thread that sent a command returns its credits twice, this looks like returning unused ones; inflight finds it.",
	.bugs = "\"Fix credit handling in cifs_io_subrequest cleanup\"; \"cifs: Fix server "
		"re-repick on "
		"subrequest retry\"; \"cifs: Fix TCP_Server_Info::credits to be signed\"",
	.example =
		"credit-double: R=0000000a[1]: The client now has credits that the server has not granted; the server will drop the connection when they are used.\n"
		"  verdict   violation, error\n"
		"  expected  credits of one response or subrequest are returned once\n"
		"  observed  9 more credits returned, and no response granted them\n"
		"  when      [   53.505796], 2026-11-28 03:52:09.342 UTC\n"
		"  task      dd (tid 336, pid 336)\n"
		"  file      inode 2 on /mnt/smb (cifs)\n"
		"  command   conn 0x1, mid 70; wireshark: smb2.msg_id == 70\n"
		"    [   53.505306] cifsd-253: READ done 65536 rc=0\n"
		"    [   53.505323] cifsd-253: rd-resp-clr +0 held=1\n"
		"    [   53.505336] cifsd-253: I-OK 65536/65536\n"
		"    [   53.505398] cifsd-253: rd-resp-add +9 held=0\n"
		"    [   53.505428] cifsd-253: add_credits +9\n"
		"    [   53.505447] cifsd-253: add_credits() 9 ifl=3\n"
		"    [   53.505794] cifsd-253: add_credits +9\n"
		"    [   53.505796] cifsd-253: add_credits() 9 ifl=2\n",
	.judges = { "return or take of credits", "returns and takes of credits" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_RW_CREDITS, EV_CREDIT_FN, EV_CREDIT | FROM(P_smb3_pend_credits),
		       EV_CREDIT | FROM(P_smb3_wait_credits),
		       EV_CREDIT | FROM(P_smb3_waitff_credits), EV_RECONNECT, EV_RSP, EV_CALLBACK),
	.state_size = sizeof(struct double_state),
	.subrequest_state = sizeof(struct hold),
	.init = init,
	.event = on_event,
	.free = free_state,
};
