// SPDX-License-Identifier: GPL-2.0-only
#include "check/ledger.h"

/*
 * Pools are read without their lock, and changes of two CPUs may come swapped: a difference counts
 * once it was the same this often, for this long, each time with nothing in flight.
 */
#define MIN_DRIFTS	    5
#define MIN_DRIFT_NS	    (200 * NS_PER_MS)
#define DEFAULT_MAX_CREDITS 32000 /* SMB2_MAX_CREDITS_AVAILABLE, 6.1 to 7.3 */

static void start_anew(struct ledger *l)
{
	l->based = false;
	l->drifts = 0;
	l->drift = 0;
}

static bool moved(struct ledger *l, const struct ev_credit_fn_rec *ev)
{
	int64_t drift = (int64_t)ev->credits + ev->echo + ev->oplock - l->balance - l->base;

	if (!l->based) {
		l->base += drift;
		l->based = true;
		l->good_ns = ev->hdr.ts;
		return false;
	}
	if (!drift) {
		l->drifts = 0;
		l->good_ns = ev->hdr.ts;
		return false;
	}
	if (drift != l->drift || !l->drifts) {
		l->drift = drift;
		l->drift_ns = ev->hdr.ts;
		l->drifts = 0;
	}
	l->drifts++;
	return l->drifts >= MIN_DRIFTS && ev->hdr.ts - l->drift_ns >= MIN_DRIFT_NS;
}

static bool on_function(struct ledger *l, const struct ev_credit_fn_rec *ev, bool *ret_idle)
{
	int32_t max = l->max_credits > 0 ? l->max_credits : DEFAULT_MAX_CREDITS;

	if (!(ev->hdr.flags & EVF_EXIT) && ev->fn <= EV_CFN_WAIT_FREE)
		return true;
	switch (ev->fn) {
	case EV_CFN_WAIT_MTU:
		l->balance -= ev->rc ? 0 : ev->value;
		break;
	case EV_CFN_WAIT_FREE:
		if (!ev->rc && (ev->optype & CIFS_TIMEOUT_MASK) != CIFS_BLOCKING_OP)
			l->balance -= ev->value;
		break;
	case EV_CFN_ADD:
		if (!ev->value_instance || ev->value_instance == ev->instance)
			l->balance += ev->value;
		*ret_idle = ev->in_flight == 0;
		break;
	case EV_CFN_ADD_FROM_HDR:
		l->balance += ev->value;
		break;
	case EV_CFN_SET:
		return false;
	}
	/* near the limit the kernel cuts the pools, and says nothing */
	return (int64_t)ev->credits + ev->echo + ev->oplock < max - 1;
}

static void on_tracepoint(struct ledger *l, const struct seen *ce)
{
	if (ce->probe == P_smb3_pend_credits || ce->probe == P_smb3_adj_credits)
		l->balance += ((const struct ev_credit *)ce->ev)->change;
}

bool ledger_event(struct ledger *l, const struct seen *ce, int64_t *ret_pool, int64_t *ret_drift,
		  uint64_t *ret_since)
{
	const struct ev_hdr *ev = ce->ev;
	const struct ev_credit_fn_rec *fn = (const void *)ev;
	bool idle = false;

	if (ev->kind ==
	    EV_CONN) { /* a new instance, or after a pause perhaps another of the same id */
		l->max_credits = ((const struct ev_conn *)ev)->max_credits;
		start_anew(l);
	}
	if (ev->kind == EV_CREDIT)
		on_tracepoint(l, ce);
	if (ev->kind != EV_CREDIT_FN)
		return false;
	if (!on_function(l, fn, &idle)) {
		start_anew(l);
		return false;
	}
	if (!idle || !moved(l, fn))
		return false;
	*ret_pool = (int64_t)fn->credits + fn->echo + fn->oplock;
	*ret_drift = l->drift;
	*ret_since = l->good_ns;
	start_anew(l);
	return true;
}
