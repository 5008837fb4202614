/* SPDX-License-Identifier: GPL-2.0-only */
/* Do two sets of numbers come from the same distribution? */
#ifndef NETFSNOOP_RANKS_H
#define NETFSNOOP_RANKS_H

#include "base/base.h"

#define SAMPLES_MAX 32768
#define RANKS_MIN   20 /* of each set: below, the normal approximation is not worth its name */

/* At most SAMPLES_MAX numbers of a stream: of a longer one every second, fourth, ... */
struct samples {
	uint64_t *v;
	size_t n, room;
	uint64_t seen;
	unsigned int skip; /* all but one of 2^skip */
};

/* 0 or -ENOMEM */
int samples_add(struct samples *s, uint64_t v);
void samples_release(struct samples *s);
/* Sorts them. 0 of none. */
uint64_t samples_median(struct samples *s);

/* The Mann-Whitney U test (Mann and Whitney 1947), with the correction for ties. */
struct ranks {
	bool tested;   /* both sets had RANKS_MIN */
	double p;      /* two-sided: how likely such a difference is without a cause */
	double effect; /* Cliff's delta: P(b > a) - P(b < a), -1..1; 0.15 small, 0.33 medium, 0.47
			  large */
};

int ranks_compare(const struct samples *a, const struct samples *b, struct ranks *ret);
/* Holm's correction (1979) for having looked at n things: changes the p values in place. -ENOMEM */
int ranks_correct(double *const *p, size_t n);

#endif
