/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frames of a file, one after the other, decompressed a few ahead by a thread of their own; for
 * user/trace/ alone. What is in place of a frame comes in its place: it is the same with and without
 * the thread.
 */
#ifndef NETFSNOOP_TRACE_AHEAD_H
#define NETFSNOOP_TRACE_AHEAD_H

#include <pthread.h>

#include "trace/frame.h"

#define AHEAD 4 /* pieces there is room for: the one in hand, and those read ahead */

/* A frame, or what stands where one should. */
struct piece {
	int status;   /* enum frame_status or -errno */
	int next;     /* after TORN and BAD: FRAME_SKIP, or FRAME_END or -errno: the last piece */
	bool gave_up; /* and nothing was tried behind it: it was too much that led nowhere */
	uint64_t offset; /* in the file: of its begin */
	uint64_t end;	 /* and of what stands behind it, and behind what led nowhere */
	uint64_t hash;
	uint8_t *data; /* of FRAME_OK; aligned as malloc() does */
	size_t len;
	size_t cap;
};

struct ahead {
	struct source src;
	struct frame frame;
	uint64_t waste; /* bytes handled in vain */
	struct piece piece[AHEAD];
	pthread_t thread;
	bool threaded;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t more, room;
	uint64_t made, taken; /* pieces; the last that was taken is in hand */
	bool over;	      /* the last piece was made */
	bool drain;	      /* the rest is not wanted, but is to be read */
	bool stop;
};

/* Takes ownership of src, also on failure. -ENOMEM, -EINVAL. */
int ahead_init(struct ahead *a, struct source *src);
/* Stops the thread, whatever it waits for. A zeroed one is fine. */
void ahead_release(struct ahead *a);
/* What a->frame has, read by frame_read(), is the first piece; from here on frame and src are not
 * the caller's. */
const struct piece *ahead_first(struct ahead *a);
/* Valid until the next call. After the last one that one again. */
const struct piece *ahead_next(struct ahead *a);
/* Reads the input to its end. -errno */
int ahead_drain(struct ahead *a);

#endif
