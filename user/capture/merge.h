/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several rings and the recorder's own records become one order, by time. That order is the stream:
 * the model live and every replay see exactly it.
 */
#ifndef NETFSNOOP_MERGE_H
#define NETFSNOOP_MERGE_H

#include "base/base.h"
#include "bpf/event.h"

struct merge;
typedef int (*merge_sink)(void *ctx, const struct ev_hdr *ev);

int merge_new(struct merge **ret_m);
void merge_free(struct merge *m);
/* Copies a record in. -ENOMEM. */
int merge_add(struct merge *m, const struct ev_hdr *ev);
/*
 * Hands on, oldest first, everything up to `until` (ns); equal times keep the order of arrival. A
 * record that comes after its time has been handed on goes out at once, out of order, and is
 * counted.
 */
int merge_flush(struct merge *m, uint64_t until, merge_sink sink, void *ctx);
uint64_t merge_late(const struct merge *m);

#endif
