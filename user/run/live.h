/* SPDX-License-Identifier: GPL-2.0-only */
/* Model and checks beside a running capture: what they find is told as it is found. */
#ifndef NETFSNOOP_RUN_LIVE_H
#define NETFSNOOP_RUN_LIVE_H

#include "capture/records.h"
#include "check/check.h"
#include "view/measure/filter.h"
#include "view/measure/check_results.h"
#include "view/measure/trigger.h"

struct live_options {
	FILE *out;
	bool json;			     /* JSON lines, else text */
	bool findings;			     /* tell them as they are found, not at the end alone */
	bool requests;			     /* a line per request that is over */
	bool triggers;			     /* a line per trigger */
	struct trigger_options trigger;	     /* what is one; findings apart */
	const struct request_filter *filter; /* borrowed; NULL: all */
	/* Each finding when it is found, whatever is told; NULL: nobody asks. */
	void (*found)(void *ctx, const struct finding *f);
	/* Each trigger that the filter lets through, as `found`. */
	void (*fired)(void *ctx, const struct trigger *t);
	void *ctx;
};

struct live;

int live_new(struct live **ret_l, const struct live_options *opts);
void live_free(struct live *l);
/*
 * A record of the stream. Once it has failed it takes no more and returns the error each time; a
 * recording goes on without it.
 */
int live_feed(struct live *l, const struct ev_hdr *ev);
/*
 * The end of the stream: what is left is told, then the table of the checks. As JSON the lines of
 * type "finding" and "check" are those that `check --json` prints of a trace of the same stream.
 * *ret_worst is what `check` would exit with. 0 or -errno.
 */
int live_finish(struct live *l, enum findings_worst *ret_worst);
/* The recorder's tick: stacks of the tasks that what hangs may wait for go into the stream. */
int live_tick(struct live *l, const struct record_sink *to);
struct model *live_model(struct live *l);
const struct engine *live_engine(const struct live *l);

static inline void live_freep(struct live **l)
{
	live_free(*l);
}

#endif
