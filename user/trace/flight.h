/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flight recorder: the latest part of a stream that has no end, compressed in memory, from which
 * a whole trace can be written at any time.
 */
#ifndef NETFSNOOP_FLIGHT_H
#define NETFSNOOP_FLIGHT_H

#include "trace/trace.h"

struct flight;

struct flight_options {
	uint64_t span_ns; /* of stream time that is kept */
	uint64_t bytes;	  /* of memory for it at most, compressed: then it is less */
	int level;	  /* zstd's */
};

/* -ENOMEM */
int flight_new(struct flight **ret_f, const struct flight_options *o);
void flight_free(struct flight *f);
/*
 * One record, in stream order. What is older than the span goes, unless it is from keep_ns on
 * (stream time, UINT64_MAX: nothing more). 0 or -ENOMEM.
 */
int flight_add(struct flight *f, const struct ev_hdr *ev, uint64_t keep_ns);
/*
 * Writes a trace of all that is kept: what a reader has to know of the time before, a start mark,
 * the records, a stop mark; why (key=value) is in it too. -errno of write(2), fdatasync(2).
 */
int flight_save(struct flight *f, int fd, const char *why);
uint64_t flight_bytes(const struct flight *f); /* of memory, compressed records */
uint64_t flight_from(const struct flight *f);  /* stream time of the first record kept; 0: none */

static inline void flight_freep(struct flight **f)
{
	flight_free(*f);
}

#endif
