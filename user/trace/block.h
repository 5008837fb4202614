/* SPDX-License-Identifier: GPL-2.0-only */
/* Records gathered into one zstd frame; for user/trace/ alone. */
#ifndef NETFSNOOP_BLOCK_H
#define NETFSNOOP_BLOCK_H

#include <zstd.h>

#include "trace/trace.h"

/* What a torn tail costs at most, and enough for zstd to find the repetitions. */
#define BLOCK_SIZE (256 * 1024)

struct packer;

struct block {
	ZSTD_CCtx *zstd;
	uint64_t id;	    /* of the trace */
	uint64_t seq;	    /* the block's number, from 1 */
	uint64_t first, nr; /* records before it, and in it */
	uint64_t prev;	    /* hash of the frame before it */
	size_t mark;	    /* where in data its struct ev_block is; 0 at len 0 */
	size_t len;	    /* of data */
	size_t out_cap;
	uint8_t *out;
	struct packer *packer;
	uint8_t *packed; /* what goes into the frame: data, with its records by columns */
	uint8_t data[BLOCK_SIZE];
};

/* level: zstd's. -ENOMEM, -EINVAL */
int block_init(struct block *b, int level);
void block_release(struct block *b);
/* The first bytes of every trace; the block is empty. */
void block_add_header(struct block *b);
bool block_has_room(const struct block *b, const struct ev_hdr *ev);
/* -EINVAL: not a record, or no room for it. */
int block_add(struct block *b, const struct ev_hdr *ev);
/*
 * *ret is the frame of what was added, until the next call; the block is empty then, and its number
 * is next, which is block_next() but where others go before. 0: none follows.
 */
int block_end(struct block *b, uint64_t next, const uint8_t **ret, size_t *ret_size);

static inline uint64_t block_next(const struct block *b)
{
	return b->seq + 1;
}

#endif
