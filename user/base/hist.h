/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies in fixed memory: log-linear buckets, 1/16 (6 %) wide at most. */
#ifndef NETFSNOOP_HIST_H
#define NETFSNOOP_HIST_H

#include "base/base.h"

#define HIST_SUB     16
#define HIST_BUCKETS (HIST_SUB * 61)

struct hist {
	uint64_t count;
	uint64_t sum;
	uint64_t min, max;
	uint32_t bucket[HIST_BUCKETS];
};

void hist_add(struct hist *h, uint64_t value);
/* The value below which a share q (0..1) of all lies, within a bucket's width, never beyond max; 0
 * if empty. */
uint64_t hist_quantile(const struct hist *h, double q);
/* How many values are from 2^exp to below 2^(exp + 1); 0 counts as 1. */
uint64_t hist_octave(const struct hist *h, unsigned int exp);

#endif
