/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live table: mounts, connections, stages, and what is open. Rates and percentiles are those of
 * the stream time since the last top_reset(), so that a file shows the same as a terminal.
 */
#ifndef NETFSNOOP_VIEW_TOP_H
#define NETFSNOOP_VIEW_TOP_H

#include "check/check.h"
#include "view/measure/filter.h"

enum top_page {
	TOP_TABLE, /* rates, connections, stages, the oldest open requests */
	TOP_OPEN,  /* open requests, oldest first */
	TOP_PAGES
};

struct top_layout {
	unsigned int width, height; /* columns and lines at most; height 0: as many as there are */
	enum top_page page;
	bool bold; /* ANSI for headings */
};

struct top;

/* All borrowed, and outlive it; e and f may be NULL. -ENOMEM */
int top_new(struct top **ret_t, const struct model *m, const struct engine *e,
	    const struct request_filter *f);
void top_free(struct top *t);
/* For model_listen(); it is the top's. */
const struct model_listener *top_listener(struct top *t);
/* The table as text, a line per row. 0 or -errno. */
int top_print(struct top *t, FILE *out, const struct top_layout *layout);
/* The next interval begins here. */
void top_reset(struct top *t);

static inline void top_freep(struct top **t)
{
	top_free(*t);
}

#endif
