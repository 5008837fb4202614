// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/ranks.h"

int samples_add(struct samples *s, uint64_t v)
{
	if (s->seen++ & ((1ULL << s->skip) - 1))
		return 0;
	if (s->n == SAMPLES_MAX) {
		for (size_t i = 0; i < s->n / 2; i++)
			s->v[i] = s->v[2 * i];
		s->n /= 2;
		s->skip++;
	}
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 256;
		uint64_t *more = reallocarray(s->v, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		s->v = more;
		s->room = room;
	}
	s->v[s->n++] = v;
	return 0;
}

void samples_release(struct samples *s)
{
	free(s->v);
	*s = (struct samples){};
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

uint64_t samples_median(struct samples *s)
{
	if (!s->n)
		return 0;
	qsort(s->v, s->n, sizeof(*s->v), by_value);
	return s->v[s->n / 2];
}

struct ranked {
	uint64_t v;
	bool b;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->v < y->v ? -1 : x->v > y->v;
}

/* The sum of b's ranks, equal ones sharing theirs; *ret_ties is the sum of t^3 - t over them. */
static double rank_sum(const struct ranked *r, size_t n, double *ret_ties)
{
	double sum = 0, ties = 0;
	size_t to;

	for (size_t from = 0; from < n; from = to) {
		double t, rank;

		for (to = from; to < n && r[to].v == r[from].v; to++)
			;
		t = to - from;
		rank = (from + 1 + to) / 2.0;
		ties += t * t * t - t;
		for (size_t i = from; i < to; i++)
			sum += r[i].b ? rank : 0;
	}
	*ret_ties = ties;
	return sum;
}

int ranks_compare(const struct samples *a, const struct samples *b, struct ranks *ret)
{
	double na = a->n, nb = b->n, n = na + nb, ties, u, variance, z;
	__autofree struct ranked *r = NULL;

	*ret = (struct ranks){ .p = 1 };
	if (a->n < RANKS_MIN || b->n < RANKS_MIN)
		return 0;
	r = calloc(a->n + b->n, sizeof(*r));
	if (!r)
		return -ENOMEM;
	for (size_t i = 0; i < a->n; i++)
		r[i].v = a->v[i];
	for (size_t i = 0; i < b->n; i++)
		r[a->n + i] = (struct ranked){ .v = b->v[i], .b = true };
	qsort(r, a->n + b->n, sizeof(*r), by_rank);
	u = rank_sum(r, a->n + b->n, &ties) - nb * (nb + 1) / 2;
	variance = na * nb / 12 * (n + 1 - ties / (n * (n - 1)));
	ret->tested = true;
	ret->effect = 2 * u / (na * nb) - 1;
	if (variance <= 0)
		return 0;
	z = fabs(u - na * nb / 2) - 0.5; /* continuity */
	ret->p = z > 0 ? erfc(z / sqrt(2 * variance)) : 1;
	return 0;
}

static int by_p(const void *a, const void *b)
{
	double x = **(double *const *)a, y = **(double *const *)b;

	return x < y ? -1 : x > y;
}

int ranks_correct(double *const *p, size_t n)
{
	__autofree double **sorted = n ? calloc(n, sizeof(*sorted)) : NULL;
	double least = 0;

	if (!n)
		return 0;
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, p, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_p);
	for (size_t i = 0; i < n; i++) {
		double corrected = *sorted[i] * (n - i);

		least = corrected > least ? corrected : least;
		*sorted[i] = least < 1 ? least : 1;
	}
	return 0;
}
