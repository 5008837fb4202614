/* SPDX-License-Identifier: GPL-2.0-only */
/* The credits of a connection: what its pools hold against what was seen to go in and out. */
#ifndef NETFSNOOP_CHECK_LEDGER_H
#define NETFSNOOP_CHECK_LEDGER_H

#include "check/inside.h"

struct ledger {
	bool based;
	int32_t max_credits;	    /* pools are cut to it; 0: not known */
	int64_t balance;	    /* of all changes seen */
	int64_t base;		    /* pools less balance, when they agreed first */
	int64_t drift;		    /* pools less balance less base; has to stay 0 */
	uint64_t drift_ns, good_ns; /* since when, and when it was last 0 */
	unsigned int drifts;	    /* times in a row it was the same */
};

/* true: the pools have moved away from the balance and stayed there; *ret_pool is their sum. The
 * ledger then starts anew. */
bool ledger_event(struct ledger *l, const struct seen *ce, int64_t *ret_pool, int64_t *ret_drift,
		  uint64_t *ret_since);

#endif
