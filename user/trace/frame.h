/* SPDX-License-Identifier: GPL-2.0-only */
/* One zstd frame from a source, whole and verified or not at all. */
#ifndef NETFSNOOP_TRACE_FRAME_H
#define NETFSNOOP_TRACE_FRAME_H

#include <zstd.h>

#include "trace/expand.h"
#include "trace/source.h"

/* The writer ends a frame at 256 KiB. The limits leave room for traces compressed anew. */
#define FRAME_WINDOW_LOG  24
#define FRAME_MAX_CONTENT (16u << 20)
#define FRAME_MAX_SIZE	  (FRAME_MAX_CONTENT + (1u << 20))

extern const uint8_t frame_magic[4];

struct frame {
	ZSTD_DCtx *zstd;
	uint8_t *data; /* content; aligned as malloc() does */
	size_t len;
	size_t cap;
	struct expander expander;
	size_t size;   /* compressed */
	uint64_t hash; /* of the compressed bytes */
};

enum frame_status {
	FRAME_OK = 0,	/* data[0..len) is verified; the frame is consumed */
	FRAME_SKIP = 1, /* a skippable frame is consumed */
	FRAME_END = 2,	/* the input ended before the first byte */
	FRAME_TORN = 3, /* the input ends within it, or it does not start like a frame */
	FRAME_BAD = 4,	/* wrong, too large, or without a checksum */
};

/* Never 0. Tells bytes that were changed and still decode to the same. */
uint64_t frame_hash(const uint8_t *data, size_t len);
int frame_init(struct frame *f);
void frame_release(struct frame *f);
/*
 * enum frame_status or -errno. After TORN and BAD nothing is consumed, and data[0..len) is what
 * came out before: good for telling the user what it looks like, and for nothing else.
 */
int frame_read(struct frame *f, struct source *s);

#endif
