/* SPDX-License-Identifier: GPL-2.0-only */
/* What a trace knows of requests that hang now. */
#ifndef NETFSNOOP_VIEW_HANG_HISTORY_H
#define NETFSNOOP_VIEW_HANG_HISTORY_H

#include "model/model.h"

struct hang_history {
	const struct model *m;
	const struct request *r; /* open */
	uint64_t now_ns;	 /* CLOCK_MONOTONIC of the look; 0: not of this machine */
};

/* 0 or -errno of the stream. */
int hang_history_print(FILE *out, const struct hang_history *h);
int hang_history_print_json(FILE *out, const struct hang_history *h);

#endif
