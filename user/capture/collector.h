/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread that does no more than to copy what is in the rings into memory, when the programs wake it
 * or the recorder asks. So the recorder itself may have the CPU only when nobody else wants it
 * (capture/priority.h), and the rings do not overflow meanwhile. What neither of the two has room for
 * the programs count as lost.
 */
#ifndef NETFSNOOP_COLLECTOR_H
#define NETFSNOOP_COLLECTOR_H

#include "capture/priority.h"
#include "capture/ring.h"

#define COLLECTOR_RINGS 4

struct collector_options {
	struct priority
		*priority;   /* of the recorder: raised when it has to hurry. NULL: nothing is */
	uint64_t max_lag_ns; /* how old a record may become before that; 0: as memory allows */
	int urgent_fd;	     /* that is readable (signals): it has to hurry; 0: none */
};

struct collector;

int collector_new(struct collector **ret_c, const struct collector_options *opts);
void collector_free(struct collector *c);
/* Before collector_start(). Records of it are handed on with `ring`, counted from 0. -errno. */
int collector_add_ring(struct collector *c, int fd, uint64_t bytes);
int collector_start(struct collector *c);
/* All that was complete in the rings before is in memory when it returns. */
void collector_collect(struct collector *c);
/* Becomes readable (edge) with each copy that the recorder did not ask for. */
int collector_fd(const struct collector *c);

/* In memory, and not handed on yet. */
uint64_t collector_bytes(const struct collector *c);

/* What is in memory now: to this the calls of collector_hand_on() come. */
void collector_mark(struct collector *c);
/*
 * Hands on some of what was marked, in the order of its arrival. *ret_ns: what comes after was not
 * complete by then. Returns 1 if there may be more, 0 if not, or what fn returned if not 0.
 */
typedef int (*collector_fn)(void *ctx, unsigned int ring, void *data, size_t size);
int collector_hand_on(struct collector *c, collector_fn fn, void *ctx, uint64_t *ret_ns);

#endif
