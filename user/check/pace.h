/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far a machine has come in a span of stream time. Time limits of checks are limits of this:
 * what waits for its turn on a CPU or in a workqueue of a starved machine does not hang.
 */
#ifndef NETFSNOOP_CHECK_PACE_H
#define NETFSNOOP_CHECK_PACE_H

#include "check/inside.h"

#define MAX_STALLS 256
/* A step that needs nobody but a CPU, or its turn in a workqueue, takes microseconds. */
#define SLOW_NS NS_PER_SEC

struct stall {
	uint64_t from, to; /* stream time that brought nothing on */
};

struct pace {
	struct stall stall[MAX_STALLS]; /* in order, apart from each other; the latest */
	unsigned int nr;
	uint64_t tick_ns; /* of the latest tick; 0: there was none */
};

/* Is it worth the call? Most events come soon after the one before. */
static inline bool pace_concerns(const struct seen *ce)
{
	return ce->ev->kind == EV_TICK ||
	       (ce->r && ce->r->prev_ns && ce->ev->ts > ce->r->prev_ns + SLOW_NS);
}

/* An event; r is its request or NULL. */
void pace_event(struct pace *p, const struct ev_hdr *ev, const struct request *r);
/* ns of progress from `since` to `now` */
uint64_t pace_since(const struct pace *p, uint64_t since, uint64_t now);

#endif
