/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes from a file, a pipe or memory, with as much look-ahead as the caller asks for. */
#ifndef NETFSNOOP_TRACE_SOURCE_H
#define NETFSNOOP_TRACE_SOURCE_H

#include "base/base.h"

/*
 * What is not consumed stays at hand, so a frame that turns out to be damaged can be searched again
 * from its second byte, in a pipe as well as in a file. How much that may be is the caller's limit.
 */
struct source {
	int fd;		     /* owned; -1: memory */
	int stop_fd;	     /* owned; once it can be read, reading ends with -ECANCELED; 0: none */
	const uint8_t *data; /* data[pos..len) is at hand */
	size_t pos;
	size_t len;
	uint64_t base; /* file offset of data[0] */
	uint8_t *own;  /* data, when fd >= 0 */
	size_t cap;
};

void source_init_fd(struct source *s, int fd);
void source_init_mem(struct source *s, const void *data, size_t size);
void source_release(struct source *s);

/* 1: there is more at hand than before; 0: the input has ended. Moves the data. */
int source_fill(struct source *s);
/* 1: n bytes are at hand; 0: the input ends before. */
int source_need(struct source *s, size_t n);
/* Consumes one byte at least and then up to the next pat. 0: there is none, and all is consumed. */
int source_seek(struct source *s, const uint8_t pat[4]);
/* Consumes everything up to the end of the input. */
int source_drain(struct source *s);

static inline const uint8_t *source_data(const struct source *s)
{
	return s->data + s->pos;
}

static inline size_t source_avail(const struct source *s)
{
	return s->len - s->pos;
}

static inline uint64_t source_offset(const struct source *s)
{
	return s->base + s->pos;
}

static inline void source_consume(struct source *s, size_t n)
{
	s->pos += n;
}

#endif
