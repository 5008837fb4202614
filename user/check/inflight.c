// SPDX-License-Identifier: GPL-2.0-only
/* in_flight: the kernel's count of what waits for an answer. */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"

#define QUIET_NS (5 * NS_PER_SEC)

struct flight {
	uint64_t conn;
	int32_t in_flight; /* as last seen */
	int64_t open;	   /* commands without an answer */
	bool was_idle;	   /* counted from when nothing was in flight */
	bool reported;
	uint64_t last_ns, idle_ns;
	unsigned int callbacks; /* that are running: what they count off is to come */
	int32_t lowest;		/* how far below 0 it has been: each step is a fault of its own */
	/* What counting by tracepoints, whose values are those of the lock's owner, would give. */
	bool based;
	int32_t prev;
	int64_t drift;	       /* of the value against that */
	struct finding *first; /* made when drift rose above 0, and raised if it never comes back */
};

/* The final response that a thread read last. */
struct received {
	uint64_t conn, mid;
	unsigned int n; /* read since the thread last counted one off */
};

struct flight_state {
	struct table conns;    /* by connection */
	struct table commands; /* by connection and mid: those without an answer */
	uint64_t holds;	       /* subrequests that have credits, and no command yet */
	struct table takers;   /* by thread: the same */
	struct table received; /* by thread */
};

static void init(struct check *c)
{
	struct flight_state *st = c->state;

	st->conns.size = sizeof(struct flight);
	st->commands.size = sizeof(bool);
	st->takers.size = sizeof(uint32_t);
	st->received.size = sizeof(struct received);
}

static void free_state(struct check *c)
{
	struct flight_state *st = c->state;
	struct cell *cell, *next;

	HASH_ITER (hh, st->conns.cells, cell, next) {
		struct flight *fl = (void *)cell->data;

		finding_free(fl->first);
	}
	table_clear(&st->conns);
	table_clear(&st->commands);
	table_clear(&st->takers);
	table_clear(&st->received);
}

static struct flight *flight_of(struct check *c, uint64_t conn, uint64_t ts)
{
	struct flight_state *st = c->state;
	struct flight *fl = table_get(&st->conns, conn, 0);

	if (!fl)
		return NULL;
	fl->conn = conn;
	fl->last_ns = ts;
	return fl;
}

/* Once for each step down: what follows sees the same fault again. */
static int below_zero(struct check *c, const struct seen *ce, uint64_t conn, int32_t value)
{
	struct flight *fl = flight_of(c, conn, ce->ev->ts);
	struct finding *f;

	if (!fl)
		return -ENOMEM;
	if (value >= fl->lowest)
		return 0;
	fl->lowest = value;
	f = finding_new(c, "negative", ce->ev->ts, ce->ev->ts);
	/* no request: the one whose turn it is did nothing wrong, another took its place before */
	finding_conn(f, conn);
	finding_event(f, c, ce->ev);
	finding_expected(f, "in_flight of 0 or more");
	finding_observed(f, "%d", value);
	finding_explain(
		f,
		"An answer was counted off twice, or without having been counted: it shows at this event and happened earlier. credit-double may name it.");
	return finding_raise(f, c);
}

static int note_value(struct check *c, const struct seen *ce, uint64_t conn, int32_t value)
{
	struct flight *fl = flight_of(c, conn, ce->ev->ts);

	if (!fl)
		return -ENOMEM;
	c->judged++;
	fl->in_flight = value;
	if (!value) {
		fl->was_idle = true;
		fl->idle_ns = ce->ev->ts;
	}
	return value < 0 ? below_zero(c, ce, conn, value) : 0;
}

/* ---- who was not counted off ---- */

static int on_response(struct flight_state *st, const struct ev_rsp *rsp)
{
	struct received *r = table_get(&st->received, rsp->hdr.tid, 0);

	if (!r)
		return -ENOMEM;
	r->n++;
	r->conn = rsp->conn;
	r->mid = rsp->mid;
	return 0;
}

/* Of several that were read, as in a compound, it is not known which one this counts off: 0. */
static uint64_t counts_off(struct flight_state *st, const struct ev_credit *ev)
{
	struct received *r = table_find(&st->received, ev->hdr.tid, 0);
	uint64_t mid = r && r->n == 1 && r->conn == ev->conn ? r->mid : 0;

	if (r && r->n)
		r->n--;
	return mid;
}

static const char *const left_over_means =
	"code that waits on in_flight believes that an answer is still to come";

/* A finding of what was to be counted off now; it is not raised yet. */
static struct finding *name_first(struct check *c, const struct seen *ce, uint64_t mid)
{
	const struct ev_credit *ev = (const void *)ce->ev;
	struct finding *f = finding_new(c, "left-over", ev->hdr.ts, ev->hdr.ts);

	if (ce->r)
		finding_subrequest(f, c, ce->r, ce->s);
	finding_mid(f, ev->conn, mid);
	finding_event(f, c, ce->ev);
	finding_explain(f,
			"The response to mid %" PRIu64
			", at %s, was the first that did not decrement in_flight: %s.",
			mid, fmt_dmesg(ev->hdr.ts).s, left_over_means);
	return f;
}

/* smb2_wait_mtu_credits() and wait_for_free_credits() count on, smb2_add_credits() counts off. */
static bool counts(const struct seen *ce, int64_t *ret_delta)
{
	switch (ce->probe) {
	case P_smb3_add_credits:
		*ret_delta = -1;
		return true;
	case P_smb3_wait_credits:
	case P_smb3_nblk_credits:
		*ret_delta = 1;
		return true;
	case P_smb3_waitff_credits:
		*ret_delta = -(int64_t)((const struct ev_credit *)ce->ev)->change;
		return true;
	default:
		return false;
	}
}

/* Two CPUs that come swapped differ for one event; what was not counted off, for good. */
static int follow(struct check *c, const struct seen *ce, struct flight *fl)
{
	const struct ev_credit *ev = (const void *)ce->ev;
	int64_t delta, was = fl->drift;
	uint64_t mid;

	if (!counts(ce, &delta))
		return 0;
	mid = delta < 0 ? counts_off(c->state, ev) : 0;
	if (fl->based)
		fl->drift += ev->in_flight - fl->prev - delta;
	fl->based = true;
	fl->prev = ev->in_flight;
	if (!ev->in_flight)
		fl->drift = 0;
	if (fl->drift <= 0)
		finding_free(TAKE(fl->first));
	if (fl->drift <= 0 || was > 0 || !mid)
		return 0;
	finding_free(fl->first);
	fl->first = name_first(c, ce, mid);
	return fl->first ? 0 : -ENOMEM;
}

static void start_anew(struct flight_state *st, uint64_t conn)
{
	struct flight *fl = table_find(&st->conns, conn, 0);

	if (!fl)
		return;
	fl->based = false;
	fl->drift = 0;
	fl->lowest = 0;
	finding_free(TAKE(fl->first));
}

static int on_callback(struct check *c, const struct ev_callback *ev)
{
	struct flight *fl = flight_of(c, ev->conn, ev->hdr.ts);

	if (!fl)
		return -ENOMEM;
	if (!(ev->hdr.flags & EVF_EXIT))
		fl->callbacks++;
	else if (fl->callbacks)
		fl->callbacks--;
	return 0;
}

/* The latest count is the one of the lock's owner; what two CPUs swap, the next event repairs. */
static int on_credit(struct check *c, const struct seen *ce)
{
	const struct ev_credit *ev = (const void *)ce->ev;
	struct flight *fl;
	int rc;

	/* smb2_adjust_credits() prints 0 for a pool it has not looked at */
	if (ce->probe == P_smb3_too_many_credits)
		return 0;
	fl = flight_of(c, ev->conn, ev->hdr.ts);
	if (!fl)
		return -ENOMEM;
	rc = follow(c, ce, fl);
	if (rc)
		return rc;
	return note_value(c, ce, ev->conn, ev->in_flight);
}

/* A thread that took credits and sends nothing yet; how often, as a reconnect sends meanwhile. */
static int took(struct flight_state *st, uint32_t tid)
{
	uint32_t *n = table_get(&st->takers, tid, 0);

	if (!n)
		return -ENOMEM;
	++*n;
	return 0;
}

static void sent_or_gave_back(struct flight_state *st, uint32_t tid)
{
	uint32_t *n = table_find(&st->takers, tid, 0);

	if (n && !--*n)
		table_del(&st->takers, tid, 0);
}

/* Credits of subrequests are followed by the subrequest; a cifs without netfs has none. */
static bool takes(const struct check *c, const struct ev_credit_fn_rec *ev)
{
	if (!(ev->hdr.flags & EVF_EXIT) || ev->rc)
		return false;
	return ev->fn == EV_CFN_WAIT_FREE ||
	       (ev->fn == EV_CFN_WAIT_MTU && ev->value > 0 && check_family(c) == FAMILY_NONE);
}

/* The tracepoint is silent while the connection is being rebuilt; the function still counts. */
static int on_function(struct check *c, const struct ev_credit_fn_rec *ev)
{
	struct flight *fl = flight_of(c, ev->conn, ev->hdr.ts);
	struct flight_state *st = c->state;

	if (!fl)
		return -ENOMEM;
	c->judged++;
	fl->in_flight = ev->in_flight;
	if (ev->fn == EV_CFN_ADD)
		sent_or_gave_back(st, ev->hdr.tid);
	return takes(c, ev) ? took(st, ev->hdr.tid) : 0;
}

static void forget(struct check *c, void *state)
{
	struct flight_state *st = c->state;
	bool *holds = state;

	st->holds -= *holds;
	*holds = false;
}

static void let_go(struct check *c, const struct seen *ce)
{
	bool *holds = state_find(c, ce->r, ce->s);

	if (holds)
		forget(c, holds);
}

static void hold(struct check *c, const struct seen *ce)
{
	struct flight_state *st = c->state;
	bool *holds = state_get(c, ce->r, ce->s);

	st->holds += !*holds;
	*holds = true;
}

static int on_command_sent(struct check *c, const struct seen *ce)
{
	const struct ev_setup *ev = (const void *)ce->ev;
	struct flight_state *st = c->state;
	struct flight *fl = flight_of(c, ev->conn, ev->hdr.ts);

	if (!fl)
		return -ENOMEM;
	sent_or_gave_back(st, ev->hdr.tid);
	if (ce->s && ev->async)
		let_go(c, ce);
	if (ev->rc || table_find(&st->commands, ev->conn, ev->mid))
		return 0;
	fl->open++;
	return table_get(&st->commands, ev->conn, ev->mid) ? 0 : -ENOMEM;
}

static void on_command_over(struct check *c, uint64_t conn, uint64_t mid)
{
	struct flight_state *st = c->state;
	struct flight *fl = table_find(&st->conns, conn, 0);

	if (!fl || !table_find(&st->commands, conn, mid))
		return;
	fl->open--;
	table_del(&st->commands, conn, mid);
}

static int on_rw_credits(struct check *c, const struct seen *ce)
{
	const struct ev_rw_credits *ev = (const void *)ce->ev;

	if (ce->name == RWC_ZERO_IN_FLIGHT)
		return below_zero(c, ce, ce->s ? ce->s->conn : 0, ev->in_flight - 1);
	if (ce->name == RWC_READ_RESPONSE_CLEAR || ce->name == RWC_WRITE_RESPONSE_CLEAR)
		let_go(c, ce);
	if (ev->held && (ce->name == RWC_READ_SUBMIT || ce->name == RWC_WRITE_PREPARE))
		hold(c, ce);
	return 0;
}

static int on_event(struct check *c, const struct seen *ce)
{
	const struct ev_credit_fn_rec *fn = (const void *)ce->ev;
	const struct ev_rsp *rsp = (const void *)ce->ev;
	struct flight_state *st = c->state;

	switch (ce->ev->kind) {
	case EV_CREDIT:
		return on_credit(c, ce);
	case EV_CREDIT_FN:
		return on_function(c, fn);
	case EV_SETUP:
		return on_command_sent(c, ce);
	case EV_RSP:
		if (!flight_of(c, rsp->conn, rsp->hdr.ts))
			return -ENOMEM;
		if (!is_final(rsp))
			return 0;
		on_command_over(c, rsp->conn, rsp->mid);
		return on_response(st, rsp);
	case EV_CALLBACK:
		return on_callback(c, (const void *)ce->ev);
	case EV_RECONNECT:
		start_anew(st, ((const struct ev_reconnect *)ce->ev)->conn);
		return 0;
	case EV_RW_CREDITS:
		return ce->s ? on_rw_credits(c, ce) : 0;
	case EV_SREQ:
		if (ce->s)
			let_go(c, ce);
		return 0;
	default:
		return 0;
	}
}

/* Failed, cut off by a reconnect, or replaced by a newer one of its number. */
static int on_command(struct check *c, const struct command *cmd)
{
	if (cmd->conn && (cmd->answered || cmd->failed))
		on_command_over(c, cmd->conn, cmd->mid);
	return 0;
}

static int left_over(struct check *c, struct flight *fl, uint64_t now)
{
	struct finding *f = TAKE(fl->first);

	if (!f) {
		f = finding_new(c, "left-over", fl->idle_ns, fl->last_ns);
		finding_explain(f, "in_flight was incremented and never decremented: %s.",
				left_over_means);
	}
	if (f) {
		f->from_ns = fl->idle_ns < f->from_ns ? fl->idle_ns : f->from_ns;
		f->until_ns = now;
	}
	fl->reported = true;
	finding_conn(f, fl->conn);
	finding_expected(f, "in_flight 0 when every command has its answer");
	finding_observed(f,
			 "%d, with %" PRId64 " command%s without an answer, %" PRIu64
			 " ms after the last event",
			 fl->in_flight, fl->open, plural(fl->open),
			 (now - fl->last_ns) / NS_PER_MS);
	return finding_raise(f, c);
}

static int look(struct check *c, uint64_t now)
{
	struct flight_state *st = c->state;
	struct cell *cell, *next;
	int rc = 0;

	HASH_ITER (hh, st->conns.cells, cell, next) {
		struct flight *fl = (void *)cell->data;

		if (rc || fl->reported || fl->callbacks || !fl->was_idle || fl->in_flight <= 0 ||
		    fl->open > 0 || st->holds || st->takers.cells ||
		    check_progress(c, fl->last_ns) < QUIET_NS)
			continue;
		rc = left_over(c, fl, now);
	}
	return rc;
}

static const char *const needs[] = { "smb3_add_credits",
				     "smb3_wait_credits",
				     "smb3_waitff_credits",
				     "smb2_add_credits_exit",
				     "smb2_setup_request_exit",
				     "smb2_is_status_pending_enter",
				     NULL };

const struct check_ops check_inflight = {
	.id = "inflight",
	.severity = SEVERITY_ERROR,
	.title = "the count of what is in flight",
	.rule = "in_flight is never negative, and 0 once every command has its answer.",
	.why = "Waits for credits and the choice of a channel depend on this count: if it is too high, threads wait for answers that never come; if it is too low, they give up.",
	.next = "Findings of credit-double and credit-leak on the same connection; with several channels, whether credits were taken and returned on the same one.",
	.limits = "A count that is too high is not found while the connection never goes idle.",
	.bugs = "\"cifs: Fix server re-repick on subrequest retry\"; \"cifs: fix mid leak during "
		"reconnection after timeout threshold\"",
	.example =
		"inflight: R=0000000a[1]: The response to mid 70, at [   29.215905], was the first that did not decrement in_flight: code that waits on in_flight believes that an answer is still to come.\n"
		"  verdict   violation, error\n"
		"  expected  in_flight 0 when every command has its answer\n"
		"  observed  1, with 0 commands without an answer, 6944 ms after the last event\n"
		"  when      [   29.216097], 2026-11-28 03:55:55.563 UTC\n"
		"  command   conn 0x1, mid 70; wireshark: smb2.msg_id == 70\n",
	.judges = { "value of in_flight", "values of in_flight" },
	.needs = needs,
	.families = FAMILY_ANY,
	.wants = WANTS(EV_CREDIT, EV_CREDIT_FN, EV_SETUP, EV_RSP, EV_CALLBACK, EV_RECONNECT,
		       EV_RW_CREDITS, EV_SREQ | SAYS(SREQ_FREE)),
	.state_size = sizeof(struct flight_state),
	.subrequest_state = sizeof(bool),
	.init = init,
	.event = on_event,
	.forget_subrequest = forget,
	.command = on_command,
	.tick = look,
	.free = free_state,
};
