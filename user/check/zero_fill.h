/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Part of `transfer`: what netfs fills with zeros without asking the server. It may do so from
 * min(zero_point, i_size) on (netfs_read_to_pagecache(), 6.12 to 7.3): what is below, the server
 * may have. And zero_point is never below what the client itself has written.
 */
#ifndef NETFSNOOP_CHECK_ZERO_FILL_H
#define NETFSNOOP_CHECK_ZERO_FILL_H

#include "check/inside.h"
#include "check/written.h"

/* Of one request. Sizes change under it: what is not the same at both ends is not judged. */
struct zero_fill {
	uint64_t zero_point, i_size; /* as its first event had them; i_size is the request's own */
	bool begun;		     /* there was one */
	bool known;		     /* from the request's begin on */
	bool changed;
	bool seen_after; /* a later event than that of the zeros had them */
	uint32_t filled; /* the first subrequest of zeros below both; 0: none */
	uint64_t start, len, ts;
	uint32_t over; /* the first of zeros above, in the place of what was written; 0: none */
	struct byte_range part;
	uint64_t written_ns, since_ns; /* the writes: when the last was over, and the first began */
	bool grown; /* a program wrote on since, maybe behind what another client had cut */
};

/* An event of this request. */
void zero_fill_event(struct zero_fill *s, const struct check *c, const struct seen *ce,
		     struct written *w);
/* The request is over, or the recording is: it is judged. 0 or -ENOMEM. */
int zero_fill_request(const struct zero_fill *s, struct check *c, const struct request *r);

#endif
