/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a reader has to have been told before a stream that is read from the middle (a window of the
 * flight recorder, a later file of a recording in several): the latest record of each thing that
 * others refer to. Memory is bounded by what is kept of each kind.
 */
#ifndef NETFSNOOP_TRACE_HEAD_H
#define NETFSNOOP_TRACE_HEAD_H

#include "base/base.h"
#include "base/hash.h"
#include "bpf/event.h"

struct head_entry;

struct trace_head {
	struct head_entry *entries; /* by kind and identity, in order of first appearance */
	size_t nr[256];		    /* by kind */
};

/* Is this a record that others refer to? */
bool trace_head_wants(const struct ev_hdr *ev);
/* Copies it in the place of an older one of the same thing. 0 or -ENOMEM. */
int trace_head_note(struct trace_head *h, const struct ev_hdr *ev);
/* A thread is active: of too many, those go that were not for longest. */
void trace_head_touch(struct trace_head *h, uint32_t tid, uint64_t ts);
/* Each record, stamped ts, or as it was if that is 0. 0, or fn's first other value. */
int trace_head_for_each(const struct trace_head *h, uint64_t ts,
			int (*fn)(void *ctx, const struct ev_hdr *ev), void *ctx);
void trace_head_clear(struct trace_head *h);

#endif
