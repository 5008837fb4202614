// SPDX-License-Identifier: GPL-2.0-only
/* Waiting for credits that do not come. */
#include <errno.h>
#include <inttypes.h>

#include "check/checks.h"
#include "check/inside.h"

#define LONG_NS	   (10 * NS_PER_SEC)
#define REFUSALS   10		     /* compounds refused in a row, with nothing in flight */
#define REBUILD_NS (30 * NS_PER_SEC) /* after a reconnect a connection begins with one credit */

struct waiter {
	uint64_t from;
	int32_t in_flight;
	uint64_t conn;
};

struct starving {
	uint64_t rebuilt_ns;
	uint32_t refusals;
	uint64_t first_ns; /* of them */
};

struct starved_state {
	struct table waiters; /* by thread */
	struct table conns;
};

static void init(struct check *c)
{
	struct starved_state *st = c->state;

	st->waiters.size = sizeof(struct waiter);
	st->conns.size = sizeof(struct starving);
}

static void free_state(struct check *c)
{
	struct starved_state *st = c->state;

	table_clear(&st->waiters);
	table_clear(&st->conns);
}

static struct finding *start(struct check *c, const struct seen *ce, const char *kind,
			     uint64_t from, uint64_t conn)
{
	struct finding *f = finding_new(c, kind, from, ce->ev->ts);

	if (ce->r)
		finding_request(f, c, ce->r, ce->sreq);
	else
		finding_task(f, c, ce->ev->tid);
	finding_conn(f, conn);
	finding_event(f, c, ce->ev);
	return f;
}

/* With something in flight the answer could still bring credits: perhaps the server is what hangs.
 */
static int timed_out(struct check *c, const struct seen *ce)
{
	const struct ev_credit *ev = (const void *)ce->ev;
	struct finding *f = start(c, ce, "timeout", ev->hdr.ts, ev->conn);

	c->judged++;
	if (ev->in_flight > 0)
		finding_doubt(
			f, "outstanding answers could bring credits: the server may be at fault");
	finding_expected(f, "credits within the time limit: %d", ev->change);
	finding_observed(f, "a pool of %d, %d in flight", ev->credits, ev->in_flight);
	finding_explain(f, "The wait for credits ended by timeout; the system call gets EBUSY.");
	return finding_raise(f, c);
}

static int refused(struct check *c, const struct seen *ce)
{
	const struct ev_credit *ev = (const void *)ce->ev;
	struct starved_state *st = c->state;
	struct starving *s = table_get(&st->conns, ev->conn, 0);
	struct finding *f;

	if (!s)
		return -ENOMEM;
	c->judged++;
	if (ev->in_flight > 0 || ev->hdr.ts < s->rebuilt_ns + REBUILD_NS)
		return 0;
	if (!s->refusals++)
		s->first_ns = ev->hdr.ts;
	if (s->refusals < REFUSALS)
		return 0;
	s->refusals = 0;
	f = start(c, ce, "refused", s->first_ns > REBUILD_NS ? s->first_ns - REBUILD_NS : 0,
		  ev->conn);
	finding_expected(f, "credits for a compound, or something in flight to bring them");
	finding_observed(f, "%d times in a row a pool of %d and nothing in flight", REFUSALS,
			 ev->credits);
	finding_explain(
		f,
		"The connection has run dry: no answer is outstanding that could grant credits, so nothing larger can be sent on it any more.");
	return finding_raise(f, c);
}

static int note_rebuilt(struct check *c, uint64_t conn, uint64_t ts)
{
	struct starved_state *st = c->state;
	struct starving *s = table_get(&st->conns, conn, 0);

	if (!s)
		return -ENOMEM;
	*s = (struct starving){ .rebuilt_ns = ts };
	return 0;
}

static int waited(struct check *c, const struct seen *ce, const struct waiter *w)
{
	const struct ev_credit_fn_rec *ev = (const void *)ce->ev;
	struct starved_state *st = c->state;
	const struct starving *s = table_find(&st->conns, ev->conn, 0);
	struct finding *f;

	c->judged++;
	if (check_progress(c, w->from) < LONG_NS || w->in_flight > 0)
		return 0;
	f = start(c, ce, "idle-wait", w->from, ev->conn);
	if (s && s->rebuilt_ns >= w->from)
		finding_doubt(f, "the connection was rebuilt in that time");
	finding_expected(f, "no wait for credits while nothing is in flight");
	finding_observed(f, "waited %" PRIu64 " ms, nothing in flight when it began",
			 (ev->hdr.ts - w->from) / NS_PER_MS);
	finding_explain(
		f,
		"Only an answer brings credits, and none was outstanding: the wait could not end by itself.");
	return finding_raise(f, c);
}

static int on_wait(struct check *c, const struct seen *ce)
{
	const struct ev_credit_fn_rec *ev = (const void *)ce->ev;
	struct starved_state *st = c->state;
	struct waiter *w;
	int rc = 0;

	if (ev->fn != EV_CFN_WAIT_MTU && ev->fn != EV_CFN_WAIT_FREE)
		return 0;
	if (!(ev->hdr.flags & EVF_EXIT)) {
		w = table_get(&st->waiters, ev->hdr.tid, 0);
		if (!w)
			return -ENOMEM;
		*w = (struct waiter){ ev->hdr.ts, ev->in_flight, ev->conn };
		return 0;
	}
	w = table_find(&st->waiters, ev->hdr.tid, 0);
	if (w)
		rc = waited(c, ce, w);
	table_del(&st->waiters, ev->hdr.tid, 0);
	return rc;
}

static int on_event(struct check *c, const struct seen *ce)
{
	const struct ev_credit_fn_rec *fn = (const void *)ce->ev;

	switch (ce->ev->kind) {
	case EV_CREDIT:
		if (ce->probe == P_smb3_credit_timeout)
			return timed_out(c, ce);
		if (ce->probe == P_smb3_insufficient_credits)
			return refused(c, ce);
		return 0;
	case EV_RECONNECT:
		return note_rebuilt(c, ((const struct ev_reconnect *)ce->ev)->conn, ce->ev->ts);
	case EV_CREDIT_FN:
		return fn->fn == EV_CFN_SET ? note_rebuilt(c, fn->conn, fn->hdr.ts)
					    : on_wait(c, ce);
	default:
		return 0;
	}
}

static const char *const needs[] = { "smb3_credit_timeout", "smb3_insufficient_credits",
				     "wait_for_free_credits_enter", "wait_for_free_credits_exit",
				     NULL };

const struct check_ops check_credit_starved = {
	.id = "credit-starved",
	.severity = SEVERITY_ERROR,
	.title = "waits for credits that do not come",
	.rule = "No wait for credits ends by timeout, or lasts while nothing is in flight that could bring them.",
	.why = "The application stalls for 60 s and gets EBUSY, though the network and the server are fine.",
	.next = "credit-leak on the same connection: where did the credits go? Otherwise what the server grants: chg/grt in `netfsnoop report`.",
	.limits =
		"A wait is judged when it ends. If anything is in flight, the server may be at fault: inconclusive.",
	.bugs = "\"cifs: stop waiting for credits if there are no more requests in flight\"; \"cifs: fix credit accounting for extra channel\"",
	.example =
		"credit-starved: R=0000000a[1]: Only an answer brings credits, and none was outstanding: the wait could not end by itself.\n"
		"  verdict   violation, error\n"
		"  expected  no wait for credits while nothing is in flight\n"
		"  observed  waited 12074 ms, nothing in flight when it began\n"
		"  when      [   32.480598], 2026-11-28 04:08:43.956 UTC\n"
		"  task      dd (tid 304, pid 304)\n"
		"  file      inode 2 on /mnt/smb (cifs)\n"
		"  conn      0x1\n"
		"    [   20.406202] dd-304: ADD 0/262144\n"
		"    [   20.406268] dd-304: prepare credits=0 rc=0\n"
		"    [   20.406310] dd-304: wait_mtu 0 ifl=0\n"
		"    [   32.480559] dd-304: wait_credits -1\n"
		"    [   32.480598] dd-304: wait_mtu done 1 ifl=1\n",
	.judges = { "wait for credits", "waits for credits" },
	.needs = needs,
	.families = FAMILY_ANY,
	.wants = WANTS(EV_CREDIT | FROM(P_smb3_credit_timeout),
		       EV_CREDIT | FROM(P_smb3_insufficient_credits), EV_RECONNECT, EV_CREDIT_FN),
	.state_size = sizeof(struct starved_state),
	.init = init,
	.event = on_event,
	.free = free_state,
};
