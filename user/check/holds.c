// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "check/holds.h"

static enum hold_event on_rw_credits(struct hold *h, const struct ev_rw_credits *ev,
				     enum name_id what)
{
	switch (what) {
	case RWC_READ_SUBMIT:
	case RWC_WRITE_PREPARE:
		h->held = ev->held;
		h->due = h->single = 0;
		h->take_ns = ev->hdr.ts;
		h->takes++;
		return HOLD_TAKE;
	case RWC_CALL_READV_ADJUST:
	case RWC_CALL_WRITEV_ADJUST:
	case RWC_ISSUE_READ_ADJUST:
	case RWC_ISSUE_WRITE_ADJUST:
		if (h->held)
			h->held += ev->change;
		return HOLD_CHANGE;
	case RWC_READ_RESPONSE_CLEAR:
	case RWC_WRITE_RESPONSE_CLEAR:
		h->held = 0;
		if (ev->change < 0)
			h->due = -ev->change;
		return HOLD_SPENT;
	case RWC_FREE_SUBREQ: /* smb2_add_credits() follows, which older recordings give to no one */
		h->freed = h->held ? h->held : ev->held;
		h->held = 0;
		return HOLD_RETURNED;
	default:
		return HOLD_NOTHING;
	}
}

static enum hold_event on_add(struct hold *h, int32_t value)
{
	int32_t *const from[] = { &h->due, &h->held, &h->freed, &h->single };

	if (value <= 0)
		return HOLD_NOTHING;
	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		if (*from[i] != value)
			continue;
		*from[i] = 0;
		return HOLD_RETURNED;
	}
	return HOLD_NOT_ITS;
}

enum hold_event hold_note(const struct check *c, const struct seen *ce, struct hold **ret_h)
{
	const struct ev_credit_fn_rec *fn = (const void *)ce->ev;
	struct hold *h;

	if (ce->ev->kind != EV_RW_CREDITS && ce->ev->kind != EV_CREDIT_FN)
		return HOLD_NOTHING;
	h = state_get(c, ce->r, ce->s);
	*ret_h = h;
	h->before = h->held;
	if (ce->ev->kind == EV_RW_CREDITS)
		return on_rw_credits(h, (const void *)ce->ev, ce->name);
	if (fn->fn == EV_CFN_ADD)
		return on_add(h, fn->value);
	if (fn->fn == EV_CFN_WAIT_FREE && (fn->hdr.flags & EVF_EXIT) && !fn->rc)
		h->single = fn->value;
	return HOLD_NOTHING;
}
