/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reader's side of a BPF ring buffer (Documentation/bpf/ringbuf.rst): what is in it as it is, so
 * that it can be taken out in one piece. libbpf calls a function for each record.
 */
#ifndef NETFSNOOP_RING_H
#define NETFSNOOP_RING_H

#include "base/base.h"

#define RING_HEADER_BYTES 8

struct ring {
	uint64_t *consumer;
	const uint64_t *producer; /* the data follow on the next page, twice */
	uint64_t size;		  /* of the data, a power of two */
};

/* Maps the ring of the map fd, of so many bytes. -errno. */
int ring_open(struct ring *r, int fd, uint64_t bytes);
void ring_close(struct ring *r);
/*
 * The records that are complete, from *ret on and at most `room` bytes of them, each behind its
 * header. They stay until ring_take() of as many bytes.
 */
size_t ring_ready(const struct ring *r, size_t room, const uint8_t **ret);
void ring_take(struct ring *r, size_t bytes);

/* Steps through what ring_ready() gave: false at the end; *ret NULL: a record that was discarded. */
bool ring_next(const uint8_t *bytes, size_t len, size_t *at, void **ret, size_t *ret_size);

#endif
