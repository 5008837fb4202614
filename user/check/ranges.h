/* SPDX-License-Identifier: GPL-2.0-only */
/* A set of bytes of a file, as ranges that neither overlap nor touch, in order. */
#ifndef NETFSNOOP_CHECK_RANGES_H
#define NETFSNOOP_CHECK_RANGES_H

#include "base/base.h"

#define MAX_RANGES 32

struct byte_range {
	uint64_t from, to; /* to is the first byte behind it */
};

/* In the cell of a table: no memory of its own. Zeroed it is empty. */
struct ranges {
	struct byte_range range[MAX_RANGES];
	unsigned int nr;
	bool overflow; /* there was no room: what is in it is not known any more */
};

void ranges_add(struct ranges *r, uint64_t from, uint64_t to);
void ranges_remove(struct ranges *r, uint64_t from, uint64_t to);
/* Is all of from..to in it? Of nothing, and of what is not known, yes. */
bool ranges_have(const struct ranges *r, uint64_t from, uint64_t to);
/* Where the range ends that has this byte; the byte itself if none has. */
uint64_t ranges_end(const struct ranges *r, uint64_t from);

#endif
