// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "check/pace.h"

/* The recorder ticks once a second: what is beyond, it did not run. */
#define TICK_NS (2 * NS_PER_SEC)

static void forget_oldest(struct pace *p)
{
	p->nr--;
	memmove(&p->stall[0], &p->stall[1], p->nr * sizeof(p->stall[0]));
}

/* They end about now, so those that it overlaps are the last ones. */
static void note(struct pace *p, uint64_t from, uint64_t to)
{
	while (p->nr && p->stall[p->nr - 1].to >= from) {
		const struct stall *last = &p->stall[--p->nr];

		from = last->from < from ? last->from : from;
		to = last->to > to ? last->to : to;
	}
	if (p->nr == MAX_STALLS)
		forget_oldest(p);
	p->stall[p->nr++] = (struct stall){ from, to };
}

/*
 * Steps of a request that come when a thread or a work item gets its turn: the end of a subrequest
 * whose callback is over, and whatever follows when none is out. Seen on 7.3: a request is freed by
 * a work item 134 s after the last put (netfs_put_request(), system_dfl_wq), as the direct writes
 * of an AIO program are before it in that queue.
 */
static bool waited_for_its_turn(const struct ev_hdr *ev, const struct request *r)
{
	if (ev->kind != EV_RREQ && ev->kind != EV_REF && ev->kind != EV_COLLECT &&
	    ev->kind != EV_SREQ)
		return false;
	for_each_subrequest (r, s) {
		const struct attempt *a = &s->now;

		if (!s->freed && !a->term && !a->callback_end)
			return false;
	}
	return true;
}

void pace_event(struct pace *p, const struct ev_hdr *ev, const struct request *r)
{
	if (ev->kind == EV_TICK) {
		if (p->tick_ns && ev->ts > p->tick_ns + TICK_NS)
			note(p, p->tick_ns + TICK_NS, ev->ts);
		p->tick_ns = ev->ts;
	}
	if (r && r->prev_ns && ev->ts > r->prev_ns + SLOW_NS && waited_for_its_turn(ev, r))
		note(p, r->prev_ns, ev->ts);
}

uint64_t pace_since(const struct pace *p, uint64_t since, uint64_t now)
{
	uint64_t lost = 0;

	for (unsigned int i = 0; i < p->nr; i++) {
		uint64_t from = p->stall[i].from > since ? p->stall[i].from : since;
		uint64_t to = p->stall[i].to < now ? p->stall[i].to : now;

		if (to > from)
			lost += to - from;
	}
	return now > since ? now - since - lost : 0;
}
