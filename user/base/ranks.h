/* SPDX-License-Identifier: GPL-2.0-only */
/* Do two sets of numbers come from the same distribution? */
#ifndef NETFSNOOP_RANKS_H
#define NETFSNOOP_RANKS_H

#include "base/base.h"

#define SAMPLES_MAX 32768
#define RANKS_MIN \
	20 /* independent ones of each set: below, the normal approximation is worth little */

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

/*
 * The Mann-Whitney U test (Mann and Whitney 1947), with the correction for ties. Samples that
 * follow each other are alike when a server has a bad moment, and so are worth fewer: as many as
 * have the variance that a first-order autoregression of their ranks gives, n (1 - r) / (1 + r).
 */
struct ranks {
	bool tested;	 /* both sets are worth RANKS_MIN */
	double worth[2]; /* independent samples */
	double p;	 /* two-sided: how likely such a difference is without a cause */
	double effect;	 /* Cliff's delta: P(b > a) - P(b < a), -1..1; 0.15 small, 0.33 medium, 0.47
			    large */
};

/* Both in order of time, so before samples_median(). */
int ranks_compare(const struct samples *a, const struct samples *b, struct ranks *ret);
/* Holm's correction (1979) for having looked at n things: changes the p values in place. -ENOMEM */
int ranks_correct(double *const *p, size_t n);

#endif
