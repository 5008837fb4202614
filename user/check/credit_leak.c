// SPDX-License-Identifier: GPL-2.0-only
/*
 * Credits that get lost, in three forms: a subrequest that neither spends nor returns what it took;
 * a response whose grant is not added; pools that hold less than what went in and out.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/grants.h"
#include "check/holds.h"
#include "check/ledger.h"

#define OVERDUE_NS (5 * NS_PER_SEC) /* the receiving thread adds a grant within microseconds */

struct leak_state {
	struct table grants;	/* by receiving thread */
	struct table ledgers;	/* by connection */
	struct table callbacks; /* by thread: the mid state of the callback it is in; 0: none */
	struct table waits;	/* by thread: struct wait */
	struct table instances; /* by connection: when its credits last became void */
};

/* The last smb2_wait_mtu_credits() of a thread. */
struct wait {
	uint32_t rreq, sreq;
	int32_t taken;
	uint64_t ts;
};

static void init(struct check *c)
{
	struct leak_state *st = c->state;

	st->grants.size = sizeof(struct grants);
	st->ledgers.size = sizeof(struct ledger);
	st->callbacks.size = sizeof(uint32_t);
	st->waits.size = sizeof(struct wait);
	st->instances.size = sizeof(uint64_t);
}

static void free_state(struct check *c)
{
	struct leak_state *st = c->state;

	table_clear(&st->grants);
	table_clear(&st->ledgers);
	table_clear(&st->callbacks);
	table_clear(&st->waits);
	table_clear(&st->instances);
}

/* ---- (a) what a subrequest holds ---- */

static int taken_twice(struct check *c, const struct seen *ce, const struct hold *h)
{
	struct finding *f = finding_new(c, "taken-twice", ce->ev->ts, ce->ev->ts);

	finding_request(f, c, ce->r, ce->sreq);
	finding_expected(f, "0 credits held before a take of %d", h->held);
	finding_observed(f, "%d credit%s held, take %u of this subrequest", h->before,
			 plural(h->before), h->takes);
	finding_explain(
		f,
		"The second take overwrote the first: %d credit%s neither spent nor returned, and lost to the connection.",
		h->before, h->before == 1 ? " is" : "s are");
	return finding_raise(f, c);
}

static int other_number(struct check *c, const struct seen *ce, const struct wait *w)
{
	const struct ev_rw_credits *ev = (const void *)ce->ev;
	struct finding *f = finding_new(c, "not-what-was-taken", w->ts, ev->hdr.ts);

	finding_request(f, c, ce->r, ce->sreq);
	finding_expected(f, "%d credit%s held, as smb2_wait_mtu_credits() took from the pool",
			 w->taken, plural(w->taken));
	finding_observed(f, "%d credit%s held", ev->held, plural(ev->held));
	finding_explain(
		f,
		ev->held < w->taken
			? "Credits were taken from the pool and nobody holds them: they are lost until the next reconnect."
			: "The subrequest holds credits that were not taken from the pool: the server refuses what is sent with them.");
	return finding_raise(f, c);
}

/* What was taken for it a moment ago is what it has. */
static int on_take(struct check *c, const struct seen *ce)
{
	const struct ev_rw_credits *ev = (const void *)ce->ev;
	struct leak_state *st = c->state;
	const struct wait *w = table_find(&st->waits, ev->hdr.tid, 0);

	if (!w || w->rreq != ev->rreq || w->sreq != ev->sreq || w->taken == ev->held)
		return 0;
	return other_number(c, ce, w);
}

static int on_subrequest(struct check *c, const struct seen *ce)
{
	struct hold *h = NULL;
	enum hold_event what = hold_note(c, ce, &h);
	int rc = 0;

	if (what == HOLD_TAKE && h->takes > 1 && h->before > 0)
		rc = taken_twice(c, ce, h);
	if (!rc && what == HOLD_TAKE)
		rc = on_take(c, ce);
	return rc;
}

static int note_wait(struct leak_state *st, const struct ev_credit_fn_rec *ev)
{
	struct wait *w = table_get(&st->waits, ev->hdr.tid, 0);

	if (!w)
		return -ENOMEM;
	*w = (struct wait){ ev->rreq, ev->sreq, ev->value, ev->hdr.ts };
	if (ev->rc)
		w->rreq = 0;
	return 0;
}

/* ---- credits of another life of the connection ---- */

static int other_instance(struct check *c, const struct seen *ce)
{
	const struct ev_credit_fn_rec *ev = (const void *)ce->ev;
	struct finding *f = finding_new(c, "other-instance", ev->hdr.ts, ev->hdr.ts);

	finding_subrequest(f, c, ce->r, ce->s);
	finding_conn(f, ev->conn);
	finding_event(f, c, ce->ev);
	finding_expected(f,
			 "%d credit%s of instance %u of the connection, as it was not rebuilt "
			 "since the subrequest began",
			 ev->value, plural(ev->value), ev->instance);
	finding_observed(f, "%d credit%s of instance %u, thrown away", ev->value, plural(ev->value),
			 ev->value_instance);
	finding_explain(
		f,
		"smb2_add_credits() takes them for credits from before a reconnect; there was none, and these credits are lost to the connection.");
	return finding_raise(f, c);
}

/* smb2_add_credits() compares the two and says smb3_reconnect_detected. */
static int on_add(struct check *c, const struct seen *ce)
{
	const struct ev_credit_fn_rec *ev = (const void *)ce->ev;
	struct leak_state *st = c->state;
	const uint64_t *rebuilt = table_find(&st->instances, ev->conn, 0);

	if (!ce->s || ce->r->partial || ev->value <= 0 || !ev->value_instance ||
	    ev->value_instance == ev->instance ||
	    (rebuilt && *rebuilt + HAIR_NS >= ce->s->first_ns))
		return 0;
	return other_instance(c, ce);
}

static int note_rebuilt(struct leak_state *st, uint64_t conn, uint64_t ts)
{
	uint64_t *rebuilt = table_get(&st->instances, conn, 0);

	if (!rebuilt)
		return -ENOMEM;
	*rebuilt = ts;
	return 0;
}

static int on_credit_fn(struct check *c, const struct seen *ce)
{
	const struct ev_credit_fn_rec *ev = (const void *)ce->ev;
	struct leak_state *st = c->state;

	switch (ev->fn) {
	case EV_CFN_WAIT_MTU:
		return ev->hdr.flags & EVF_EXIT ? note_wait(st, ev) : 0;
	case EV_CFN_ADD:
		return on_add(c, ce);
	case EV_CFN_SET:
		return note_rebuilt(st, ev->conn, ev->hdr.ts);
	default:
		return 0;
	}
}

static int never_settled(struct check *c, const struct request *r, const struct subrequest *s,
			 const struct hold *h)
{
	struct finding *f =
		finding_new(c, h->due ? "not-returned" : "held-at-free", h->take_ns, s->last_ns);
	int32_t held = h->due ? h->due : h->held;

	finding_request(f, c, r, s->index);
	finding_expected(f, "0 credits held when the subrequest is freed");
	finding_observed(f, "%d credit%s held since %s", held, plural(held),
			 fmt_dmesg(h->take_ns).s);
	finding_explain(f,
			h->due ? "A send failed and its credits were written off, but "
				 "smb2_add_credits() was not called for them."
			       : "The subrequest was freed without having spent or given back its "
				 "credits.");
	return finding_raise(f, c);
}

static int on_request(struct check *c, const struct request *r)
{
	int rc = 0;

	for_each_subrequest (r, s) {
		const struct hold *h = state_find(c, r, s);

		if (rc || !h || !s->freed || !r->freed)
			continue;
		c->judged++;
		if (h->held > 0 || h->due > 0)
			rc = never_settled(c, r, s, h);
	}
	return rc;
}

/* ---- (b) what responses granted ---- */

static int grant_lost(struct check *c, const struct grant *g, uint32_t tid, uint64_t ts,
		      const struct request *r)
{
	struct finding *f =
		finding_new(c, g->interim ? "interim-grant-lost" : "grant-lost", g->since, ts);

	if (r)
		finding_request(f, c, r, g->sreq);
	else
		finding_task(f, c, tid);
	finding_mid(f, g->conn, g->mid);
	finding_expected(f, "%u credit%s added, as the response to mid %" PRIu64 " granted",
			 g->credits, plural(g->credits), g->mid);
	finding_observed(f, "none added by the thread that received it");
	finding_explain(
		f,
		"The server granted %u credit%s%s and the client added none to its pool: lost to the connection.",
		g->credits, plural(g->credits), g->interim ? " with an interim response" : "");
	return finding_raise(f, c);
}

static int grant_misread(struct check *c, const struct seen *ce, const struct grant *g)
{
	const struct ev_credit_fn_rec *fn = (const void *)ce->ev;
	const struct ev_credit *credit = (const void *)ce->ev;
	int32_t value = ce->ev->kind == EV_CREDIT ? credit->change : fn->value;
	struct finding *f = finding_new(c, "grant-misread", g->since, ce->ev->ts);

	if (ce->r)
		finding_request(f, c, ce->r, ce->sreq);
	else
		finding_task(f, c, ce->ev->tid);
	finding_mid(f, g->conn, g->mid);
	finding_event(f, c, ce->ev);
	finding_expected(f, "%u credit%s added, as the response to mid %" PRIu64 " granted",
			 g->credits, plural(g->credits), g->mid);
	finding_observed(f, "%d credit%s added", value, plural(value));
	finding_explain(f, "The client's pool and the server's count of it now differ by %d.",
			value - (int32_t)g->credits);
	return finding_raise(f, c);
}

/* A callback whose mid had no response gives back nothing, whatever header was read before. */
static bool had_response(uint32_t mid_state)
{
	return mid_state == MID_RECEIVED || mid_state == MID_MALFORMED;
}

static int on_callback(struct check *c, const struct seen *ce)
{
	const struct ev_callback *ev = (const void *)ce->ev;
	struct leak_state *st = c->state;
	uint32_t *state = table_get(&st->callbacks, ev->hdr.tid, 0);
	uint32_t mid_state;
	struct grant g;

	if (!state)
		return -ENOMEM;
	if (!(ev->hdr.flags & EVF_EXIT)) {
		*state = ev->mid_state;
		return 0;
	}
	mid_state = *state;
	*state = 0;
	if (!grants_take(&st->grants, ev->hdr.tid, ev->conn, ev->mid, &g))
		return 0;
	if (g.void_ || !g.credits || !had_response(mid_state))
		return 0;
	g.sreq = ce->sreq;
	return grant_lost(c, &g, ev->hdr.tid, ev->hdr.ts, ce->r);
}

static int on_tick(struct check *c, uint64_t now)
{
	struct leak_state *st = c->state;
	struct grant g;
	uint32_t tid;
	int rc = 0;

	while (!rc && grants_overdue(&st->grants, c, OVERDUE_NS, &g, &tid)) {
		const uint32_t *in = table_find(&st->callbacks, tid, 0);

		if (!g.void_ && g.credits && !(in && *in)) /* in a callback it may come yet */
			rc = grant_lost(c, &g, tid, now, NULL);
	}
	return rc;
}

static void forget_conn(struct check *c, const struct seen *ce)
{
	const struct ev_reconnect *re = (const void *)ce->ev;
	const struct ev_credit_fn_rec *fn = (const void *)ce->ev;
	struct leak_state *st = c->state;

	if (ce->ev->kind == EV_RECONNECT)
		grants_forget_conn(&st->grants, re->conn);
	else if (ce->ev->kind == EV_CREDIT_FN && fn->fn == EV_CFN_SET)
		grants_forget_conn(&st->grants, fn->conn);
}

/* ---- (c) the connection's balance ---- */

static uint64_t conn_of(const struct ev_hdr *ev)
{
	switch (ev->kind) {
	case EV_CONN:
		return ((const struct ev_conn *)ev)->conn;
	case EV_CREDIT:
		return ((const struct ev_credit *)ev)->conn;
	case EV_CREDIT_FN:
		return ((const struct ev_credit_fn_rec *)ev)->conn;
	default:
		return 0;
	}
}

static int on_ledger(struct check *c, const struct seen *ce)
{
	struct leak_state *st = c->state;
	uint64_t conn = conn_of(ce->ev), since = 0;
	int64_t pool = 0, drift = 0;
	struct finding *f;
	struct ledger *l;

	if (!conn)
		return 0;
	l = table_get(&st->ledgers, conn, 0);
	if (!l)
		return -ENOMEM;
	if (!ledger_event(l, ce, &pool, &drift, &since))
		return 0;
	f = finding_new(c, drift < 0 ? "ledger-short" : "ledger-over", since, ce->ev->ts);
	finding_conn(f, conn);
	finding_task(f, c, ce->ev->tid);
	finding_event(f, c, ce->ev);
	finding_expected(f, "credits + echo + oplock = %" PRId64 " with nothing in flight",
			 pool - drift);
	finding_observed(f, "%" PRId64, pool);
	finding_explain(
		f, drift < 0 ? "Credits left the pools without being spent or were not put back."
			     : "The pools hold more than responses granted.");
	return finding_raise(f, c);
}

static int on_event(struct check *c, const struct seen *ce)
{
	struct leak_state *st = c->state;
	enum grant_result grant;
	struct grant g;
	int rc = ce->s ? on_subrequest(c, ce) : 0;

	forget_conn(c, ce);
	if (!rc && ce->ev->kind == EV_CREDIT_FN)
		rc = on_credit_fn(c, ce);
	if (!rc && ce->ev->kind == EV_RECONNECT)
		rc = note_rebuilt(st, ((const struct ev_reconnect *)ce->ev)->conn, ce->ev->ts);
	if (!rc && ce->ev->kind == EV_RSP)
		rc = grants_response(&st->grants, ce);
	if (!rc && ce->ev->kind == EV_CALLBACK)
		rc = on_callback(c, ce);
	grant = rc ? GRANT_NONE : grants_event(&st->grants, ce, &g);
	c->judged += grant == GRANT_RIGHT || grant == GRANT_WRONG;
	if (grant == GRANT_WRONG)
		rc = grant_misread(c, ce, &g);
	if (rc)
		return rc;
	return on_ledger(c, ce);
}

static const char *const needs[] = { "smb3_rw_credits",
				     "netfs_sreq",
				     "smb2_is_status_pending_enter",
				     "smb2_add_credits_exit",
				     "smb2_wait_mtu_credits_exit",
				     "wait_for_free_credits_exit",
				     "smb3_pend_credits",
				     "smb3_adj_credits",
				     NULL };

const struct check_ops check_credit_leak = {
	.id = "credit-leak",
	.severity = SEVERITY_ERROR,
	.title = "credits that get lost",
	.rule = "Credits that a subrequest took are spent by a send or returned before it is freed, credits granted by a response are added, and whenever nothing is in flight a connection's pools hold what was added minus what was taken.",
	.why = "A lost credit stays lost until the connection reconnects: throughput drops, and finally everything waits for credits that never come.",
	.next = "The last events of the subrequest: which path left it without *-resp-clr, "
		"free-subreq or smb2_add_credits()? For a grant: the callback of that mid.",
	.limits =
		"The size of the pool is not judged, because a server may grant 0. The balance restarts at every reconnect and near max_credits, where the kernel silently caps the pools.",
	.bugs = "\"cifs: fix credit leaks in async callback\"; \"cifs: fix mid leak during "
		"reconnection "
		"after timeout threshold\"; \"cifs: Fix credit handling\"",
	.example =
		"credit-leak: R=0000000a[1]: The server granted 9 credits and the client added none to its pool: lost to the connection.\n"
		"  verdict   violation, error\n"
		"  expected  9 credits added, as the response to mid 71 granted\n"
		"  observed  none added by the thread that received it\n"
		"  when      [   37.585317], 2026-11-28 03:50:39.476 UTC\n"
		"  found     3 times, the last at [   37.655702]\n"
		"  task      dd (tid 330, pid 330)\n"
		"  file      inode 2 on /mnt/smb (cifs)\n"
		"  command   conn 0x1, mid 71; wireshark: smb2.msg_id == 71\n"
		"    [   37.561964] dd-330: issue done credits=0 rc=0\n"
		"    [   37.578013] cifsd-252: response 00000000 +9\n"
		"    [   37.578045] cifsd-252: cmd done READ mid=71\n"
		"    [   37.578145] cifsd-252: callback 65536 rc=0 st=4\n"
		"    [   37.584801] cifsd-252: READ done 65536 rc=0\n"
		"    [   37.584827] cifsd-252: rd-resp-clr +0 held=1\n"
		"    [   37.584848] cifsd-252: I-OK 65536/65536\n"
		"    [   37.585317] cifsd-252: callback done\n",
	.judges = { "take or grant of credits", "takes or grants of credits" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_RW_CREDITS, EV_CREDIT_FN, EV_CREDIT | FROM(P_smb3_pend_credits),
		       EV_CREDIT | FROM(P_smb3_adj_credits), EV_CONN, EV_RECONNECT, EV_RSP,
		       EV_CALLBACK),
	.state_size = sizeof(struct leak_state),
	.subrequest_state = sizeof(struct hold),
	.init = init,
	.event = on_event,
	.request = on_request,
	.tick = on_tick,
	.free = free_state,
};
