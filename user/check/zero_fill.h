/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Part of `transfer`: what netfs fills with zeros without asking the server. It may do so from
 * min(zero_point, i_size) on (netfs_read_to_pagecache(), 6.12 to 7.3): what is below, the server
 * may have.
 */
#ifndef NETFSNOOP_CHECK_ZERO_FILL_H
#define NETFSNOOP_CHECK_ZERO_FILL_H

#include "check/inside.h"

struct zero_fill {
	struct table sizes; /* by request */
};

void zero_fill_init(struct zero_fill *z);
void zero_fill_clear(struct zero_fill *z);
/* 0 or -ENOMEM; so is the next. */
int zero_fill_event(struct zero_fill *z, struct check *c, const struct check_event *ce);
/* The request is over, or the recording is: it is judged, and forgotten. */
int zero_fill_request(struct zero_fill *z, struct check *c, const struct request *r);

#endif
