/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A packed block: struct pack_head; of each shape its first record, with the time 0; a byte for each record, the
 * number of its shape; the records that stand as they are; the times of the others; then of each shape a mask for each
 * 8 bytes of it, and columns. For pack.c and unpack.c alone.
 */
#ifndef NETFSNOOP_TRACE_PACK_LAYOUT_H
#define NETFSNOOP_TRACE_PACK_LAYOUT_H

#include <string.h>

#include "trace/trace.h"

#define MAX_SHAPES 255
#define AS_IS	   255 /* in place of a shape: mostly text, which has no columns */
#define TIME_AT	   offsetof(struct ev_hdr, ts)
#define SHAPE_MASK (~UINT64_C(0) >> 16)

_Static_assert(offsetof(struct ev_hdr, cpu) == 6 && TIME_AT == 8, "what makes a shape");

struct pack_head {
	uint32_t nr; /* of records */
	uint32_t nr_shapes;
	uint32_t as_is; /* bytes of those that stand as they are */
	uint32_t zero;
};

static inline uint64_t load(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static inline void store(uint8_t *p, uint64_t word)
{
	memcpy(p, &word, sizeof(word));
}

static inline size_t size_of(const uint8_t *record)
{
	return ((const struct ev_hdr *)record)->size;
}

/* Small numbers for small differences, whichever of the two is larger. */
static inline uint64_t zigzag(uint64_t difference)
{
	return difference << 1 ^ -(difference >> 63);
}

static inline uint64_t unzigzag(uint64_t n)
{
	return n >> 1 ^ -(n & 1);
}

#endif
