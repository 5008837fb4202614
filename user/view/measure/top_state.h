/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of struct top, for top.c and top_print.c alone. */
#ifndef NETFSNOOP_VIEW_TOP_STATE_H
#define NETFSNOOP_VIEW_TOP_STATE_H

#include "base/hist.h"
#include "view/measure/top.h"

#define TOP_MAX_ROWS 256 /* a hostile stream has no end of mounts and connections */

/* Requests of one mount that ended in this interval. */
struct top_mount {
	uint32_t dev;
	char fs[EV_FSNAME_LEN + 1];
	uint64_t read, written, requests, errors, retries;
	struct hist latency;
	unsigned int open; /* when it is printed */
	UT_hash_handle hh;
};

struct top_conn {
	uint64_t id;
	uint64_t commands, errors;
	struct hist latency;
	UT_hash_handle hh;
};

struct top {
	struct model_listener listener;
	const struct model *m;
	const struct engine *e;
	const struct request_filter *filter;
	struct top_mount *mounts;
	struct top_conn *conns;
	struct hist stage[STAGE_MAX];
	uint64_t from_ns; /* 0: the beginning */
};

#endif
