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
	size_t i; /* of the sample: a's, then b's */
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->v < y->v ? -1 : x->v > y->v;
}

/* The rank of each sample, equal ones sharing theirs; *ret_ties is the sum of t^3 - t over them. */
static void assign(double *rank, const struct ranked *r, size_t n, double *ret_ties)
{
	size_t to;

	*ret_ties = 0;
	for (size_t from = 0; from < n; from = to) {
		double t;

		for (to = from; to < n && r[to].v == r[from].v; to++)
			;
		t = to - from;
		*ret_ties += t * t * t - t;
		for (size_t i = from; i < to; i++)
			rank[r[i].i] = (from + 1 + to) / 2.0;
	}
}

/* How many independent samples these are worth. */
static double worth(const double *rank, size_t n)
{
	double mean = 0, with_next = 0, with_self = 0, r;

	for (size_t i = 0; i < n; i++)
		mean += rank[i] / n;
	for (size_t i = 0; i < n; i++) {
		with_self += (rank[i] - mean) * (rank[i] - mean);
		if (i + 1 < n)
			with_next += (rank[i] - mean) * (rank[i + 1] - mean);
	}
	r = with_self > 1e-6 ? with_next / with_self : 0; /* all alike: a rounding error */
	return r > 0 ? n * (1 - r) / (1 + r) : n;
}

static double sum(const double *v, size_t n)
{
	double s = 0;

	for (size_t i = 0; i < n; i++)
		s += v[i];
	return s;
}

static void test(struct ranks *ret, const double *rank, double na, double nb, double ties)
{
	double n = na + nb, u = sum(rank + (size_t)na, nb) - nb * (nb + 1) / 2;
	double variance = na * nb / 12 * (n + 1 - ties / (n * (n - 1))), z;

	ret->effect = 2 * u / (na * nb) - 1;
	if (variance <= 0)
		return;
	variance *= (1 / ret->worth[0] + 1 / ret->worth[1]) / (1 / na + 1 / nb);
	z = fabs(u - na * nb / 2) - 0.5; /* continuity */
	ret->p = z > 0 ? erfc(z / sqrt(2 * variance)) : 1;
}

int ranks_compare(const struct samples *a, const struct samples *b, struct ranks *ret)
{
	size_t n = a->n + b->n;
	__autofree struct ranked *r = calloc(n + 1, sizeof(*r));
	__autofree double *rank = calloc(n + 1, sizeof(*rank));
	double ties;

	*ret = (struct ranks){ .p = 1 };
	if (!r || !rank)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		r[i] = (struct ranked){ .v = i < a->n ? a->v[i] : b->v[i - a->n], .i = i };
	qsort(r, n, sizeof(*r), by_rank);
	assign(rank, r, n, &ties);
	ret->worth[0] = worth(rank, a->n);
	ret->worth[1] = worth(rank + a->n, b->n);
	ret->tested = ret->worth[0] >= RANKS_MIN && ret->worth[1] >= RANKS_MIN;
	if (ret->tested)
		test(ret, rank, a->n, b->n, ties);
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
