/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a reader has to have been told before a stream that is read from the middle: the latest
 * record of each thing that others refer to. Memory is bounded by what is kept of each kind.
 */
#ifndef NETFSNOOP_FLIGHT_HEAD_H
#define NETFSNOOP_FLIGHT_HEAD_H

#include <uthash.h>

#include "base/base.h"
#include "bpf/event.h"

struct flight_entry;

struct flight_head {
	struct flight_entry *entries; /* by kind and identity, in order of first appearance */
	size_t nr[256];		      /* by kind */
};

/* Is this a record that others refer to? */
bool flight_head_wants(const struct ev_hdr *ev);
/* Copies it in the place of an older one of the same thing. 0 or -ENOMEM. */
int flight_head_note(struct flight_head *h, const struct ev_hdr *ev);
/* A thread is active: of too many, those go that were not for longest. */
void flight_head_touch(struct flight_head *h, uint32_t tid, uint64_t ts);
/* Each record, stamped ts. 0, or fn's first other value. */
int flight_head_for_each(const struct flight_head *h, uint64_t ts,
			 int (*fn)(void *ctx, const struct ev_hdr *ev), void *ctx);
void flight_head_clear(struct flight_head *h);

#endif
