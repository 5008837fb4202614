// SPDX-License-Identifier: GPL-2.0-only
#include "base/hist.h"

#define SUB_BITS 4

static size_t bucket_of(uint64_t v)
{
	int exp;

	if (v < HIST_SUB)
		return v;
	exp = 63 - __builtin_clzll(v);
	return (size_t)(exp - SUB_BITS + 1) * HIST_SUB + ((v >> (exp - SUB_BITS)) & (HIST_SUB - 1));
}

/* The largest value that falls into bucket i. */
static uint64_t bucket_top(size_t i)
{
	int shift;

	if (i < HIST_SUB)
		return i;
	shift = i / HIST_SUB - 1;
	return ((HIST_SUB + i % HIST_SUB + 1ULL) << shift) - 1;
}

void hist_add(struct hist *h, uint64_t value)
{
	if (!h->count || value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	h->count++;
	h->sum += value;
	h->bucket[bucket_of(value)]++;
}

uint64_t hist_quantile(const struct hist *h, double q)
{
	uint64_t below = 0, want = q * h->count;

	if (!h->count)
		return 0;
	for (size_t i = 0; i < HIST_BUCKETS; i++) {
		below += h->bucket[i];
		if (below > want || below == h->count)
			return bucket_top(i) < h->max ? bucket_top(i) : h->max;
	}
	return h->max;
}

uint64_t hist_octave(const struct hist *h, unsigned int exp)
{
	uint64_t n = exp ? 0 : h->bucket[0], low = 1ULL << exp;
	size_t from = bucket_of(low), to = exp < 63 ? bucket_of(2 * low) : HIST_BUCKETS;

	for (size_t i = from; i < to; i++)
		n += h->bucket[i];
	return n;
}
