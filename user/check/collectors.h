/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Part of `lifecycle`: one thread at a time collects the results of a request. A run of
 * netfs_collect_read_results() or netfs_collect_write_results() begins with netfs_collect; no event ends it, but what
 * its thread collects before it begins another is of it.
 */
#ifndef NETFSNOOP_CHECK_COLLECTORS_H
#define NETFSNOOP_CHECK_COLLECTORS_H

#include "check/inside.h"

/* Of one request: the thread that began the latest run, and the other one before it. */
struct collectors {
	struct collector {
		uint32_t tid; /* 0: none */
		uint64_t begin;
	} now, before;
	uint32_t late; /* what `before` collected after `now` had begun */
};

/* An EV_COLLECT of this request. 0 or -ENOMEM. */
int collectors_event(struct collectors *s, struct check *c, const struct seen *ce);

#endif
