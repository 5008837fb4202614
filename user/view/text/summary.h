/* SPDX-License-Identifier: GPL-2.0-only */
/* The summary `netfsnoop report` prints: text for people; and the one of --latency. */
#ifndef NETFSNOOP_VIEW_SUMMARY_H
#define NETFSNOOP_VIEW_SUMMARY_H

#include "view/measure/filter.h"

struct summary_view;
struct trace_damage;

struct summary_options {
	unsigned int width; /* columns, of which the text takes 80 at most and 60 at least */
	bool colour;	    /* ANSI */
	bool verbose;	    /* probes by name, also those that nobody misses */
};

/* out, m and f (may be NULL) are borrowed and must outlive the view. -ENOMEM. */
int summary_view_new(struct summary_view **ret_v, FILE *out, const struct model *m,
		     const struct request_filter *f, const struct summary_options *opts);
/* For model_listen(); it is the view's. */
const struct model_listener *summary_view_listener(struct summary_view *v);
/* After model_finish(): prints and flushes. damage may be NULL. -errno of a write. */
int summary_view_finish(struct summary_view *v, const struct trace_damage *damage);
/* Instead of that: how latencies are distributed, in all of the columns. */
int summary_view_latency(struct summary_view *v);
void summary_view_free(struct summary_view *v);

static inline void summary_view_freep(struct summary_view **v)
{
	summary_view_free(*v);
}

#endif
