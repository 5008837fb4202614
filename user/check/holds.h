/* SPDX-License-Identifier: GPL-2.0-only */
/* The credits a subrequest holds: taken before a send, then spent on the wire or given back. */
#ifndef NETFSNOOP_CHECK_HOLDS_H
#define NETFSNOOP_CHECK_HOLDS_H

#include "check/inside.h"

struct hold {
	int32_t held;	/* taken, neither spent nor given back */
	int32_t due;	/* a send failed: about to be given back */
	int32_t freed;	/* given back by its free, which need not be seen */
	int32_t single; /* taken by the send itself, where credits are short */
	uint64_t take_ns;
	uint32_t takes;
	int32_t before; /* what it held when the latest event came */
};

enum hold_event {
	HOLD_NOTHING,
	HOLD_TAKE, /* and ->before says what it held until then */
	HOLD_CHANGE,
	HOLD_SPENT,
	HOLD_RETURNED, /* its own */
	HOLD_NOT_ITS,  /* credits were returned that it did not hold; in a callback, those of a
			  response */
};

/* Takes in an event that is about a subrequest (ce->s). Its state is a struct hold; *ret_h is it,
 * unless nothing came of the event. */
enum hold_event hold_note(const struct check *c, const struct seen *ce, struct hold **ret_h);

#endif
