/* SPDX-License-Identifier: GPL-2.0-only */
/* Each event on its own line, for grep: dmesg-style time, CPU, task, R=%08x[%x], what. */
#ifndef NETFSNOOP_VIEW_EVENTS_H
#define NETFSNOOP_VIEW_EVENTS_H

#include "model/model.h"
#include "view/measure/filter.h"

struct events_view {
	FILE *out;
	const struct model *m;
	const struct request_filter *f;
	struct model_listener listener;
};

/* Fills in v; out, m and f are borrowed and outlive it. With a filter only events of requests show.
 */
void events_view_init(struct events_view *v, FILE *out, const struct model *m,
		      const struct request_filter *f);

#endif
