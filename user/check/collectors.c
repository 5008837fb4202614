// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "check/collectors.h"

/* Of a thread that was preempted in a tracepoint (7.x) one event may come late, but not two. */
#define LATE 2

static void begins(struct collectors *s, uint32_t tid, uint64_t ts)
{
	if (s->now.tid != tid)
		s->before = s->before.tid == tid ? (struct collector){} : s->now;
	s->now = (struct collector){ .tid = tid, .begin = ts };
	s->late = 0;
}

static int two(struct check *c, const struct seen *ce, const struct collectors *s)
{
	struct finding *f = finding_new(c, "two-collectors", s->before.begin, ce->ev->ts);

	finding_request(f, c, ce->r, 0);
	finding_event(f, c, ce->ev);
	finding_expected(f, "one thread at a time to collect results");
	finding_observed(f,
			 "thread %" PRIu32 " began %" PRIu64 " us ago, and thread %" PRIu32
			 " collects on from before that",
			 s->now.tid, (ce->ev->ts - s->now.begin) / 1000, s->before.tid);
	finding_explain(
		f,
		"Two threads collect the results of one request: both take subrequests off its list, and count them twice or free them under each other.");
	return finding_raise(f, c);
}

int collectors_event(struct collectors *s, struct check *c, const struct seen *ce)
{
	const struct ev_collect *ev = (const void *)ce->ev;

	if (ev->event == EV_COLLECT_REQ)
		begins(s, ev->hdr.tid, ev->hdr.ts);
	if (ev->event != EV_COLLECT_SREQ && ev->event != EV_COLLECT_STATE)
		return 0;
	if (s->before.tid != ev->hdr.tid || ev->hdr.ts <= s->now.begin + HAIR_NS)
		return 0;
	return ++s->late == LATE ? two(c, ce, s) : 0;
}
