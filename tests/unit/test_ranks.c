// SPDX-License-Identifier: GPL-2.0-only
/* Samples and the Mann-Whitney test. Expected numbers are counted pair by pair, not by ranks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/ranks.h"

static struct samples of(uint64_t first, uint64_t step, unsigned int n)
{
	struct samples s = {};

	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(samples_add(&s, first + step * i), 0);
	return s;
}

/* The same, but neighbours have nothing in common: steps of the golden ratio. */
static struct samples mixed(uint64_t first, uint64_t step, unsigned int n)
{
	struct samples s = {};

	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(samples_add(&s, first + step * (i * (n * 618 / 1000 | 1) % n)), 0);
	return s;
}

static void near(double a, double b, double by)
{
	if (fabs(a - b) > by)
		fail_msg("%g is not %g", a, b);
}

static void test_shifted(void **state)
{
	struct samples a = mixed(10, 10, 20), b = mixed(110, 10, 20);
	struct ranks r;

	(void)state;
	assert_int_equal(ranks_compare(&a, &b, &r), 0);
	assert_true(r.tested);
	near(r.effect, 0.75, 1e-12);
	near(r.p, 5.2125496206037495e-05, 1e-12);
	assert_int_equal(ranks_compare(&b, &a, &r), 0);
	near(r.effect, -0.75, 1e-12);
	samples_release(&a);
	samples_release(&b);
}

/* ties share their rank; without any other value there is nothing to tell apart */
static void test_ties(void **state)
{
	struct samples a = of(7, 0, 30), b = of(7, 0, 40), c = of(7, 0, 40);
	struct ranks r;

	(void)state;
	assert_int_equal(ranks_compare(&a, &b, &r), 0);
	near(r.effect, 0, 1e-12);
	near(r.p, 1, 1e-12);
	for (int i = 0; i < 40; i++)
		c.v[i] = 7 + i % 2;
	/* half of c is above all of a, half is equal */
	assert_int_equal(ranks_compare(&a, &c, &r), 0);
	near(r.effect, 0.5, 1e-12);
	assert_true(r.p < 1e-4 && r.p > 1e-8);
	samples_release(&a);
	samples_release(&b);
	samples_release(&c);
}

static void test_too_few(void **state)
{
	struct samples a = of(1, 1, RANKS_MIN - 1), b = mixed(1000, 1, 500), none = {};
	struct ranks r;

	(void)state;
	assert_int_equal(ranks_compare(&a, &b, &r), 0);
	assert_false(r.tested);
	assert_int_equal(ranks_compare(&none, &b, &r), 0);
	assert_false(r.tested);
	assert_int_equal(samples_median(&none), 0);
	samples_release(&a);
	samples_release(&b);
}

/* A slow drift: each sample says little that the one before it did not. */
static void test_dependent(void **state)
{
	struct samples a = of(0, 1, 200), b = of(100, 1, 200), c = mixed(0, 1, 200),
		       d = mixed(100, 1, 200);
	struct ranks r;

	(void)state;
	assert_int_equal(ranks_compare(&a, &b, &r), 0);
	assert_false(r.tested);
	assert_true(r.worth[0] < 5 && r.worth[1] < 5);
	/* in pairs: worth half */
	for (int i = 0; i < 200; i++) {
		c.v[i] = i / 2 * 37 % 100;
		d.v[i] = 50 + i / 2 * 37 % 100;
	}
	assert_int_equal(ranks_compare(&c, &d, &r), 0);
	assert_true(r.tested);
	assert_true(r.worth[0] > 40 && r.worth[0] < 110);
	samples_release(&a);
	samples_release(&b);
	samples_release(&c);
	samples_release(&d);
}

/* of a long stream evenly spaced ones stay */
static void test_long_stream(void **state)
{
	struct samples s = of(0, 1, 5 * SAMPLES_MAX + 3);

	(void)state;
	assert_int_equal(s.seen, 5 * SAMPLES_MAX + 3);
	assert_true(s.n >= SAMPLES_MAX / 2 && s.n <= SAMPLES_MAX);
	assert_true(samples_median(&s) >= 2.4 * SAMPLES_MAX);
	assert_true(samples_median(&s) <= 2.6 * SAMPLES_MAX);
	for (size_t i = 1; i < s.n; i++)
		assert_int_equal(s.v[i] - s.v[i - 1], 8);
	samples_release(&s);
}

static void test_holm(void **state)
{
	double p[4] = { 0.01, 0.04, 0.03, 0.005 };
	double *list[4] = { &p[0], &p[1], &p[2], &p[3] };

	(void)state;
	assert_int_equal(ranks_correct(list, 4), 0);
	near(p[3], 0.02, 1e-12);
	near(p[0], 0.03, 1e-12);
	near(p[2], 0.06, 1e-12);
	near(p[1], 0.06, 1e-12); /* never below the one before it */
	assert_int_equal(ranks_correct(list, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shifted), cmocka_unit_test(test_ties),
		cmocka_unit_test(test_too_few), cmocka_unit_test(test_long_stream),
		cmocka_unit_test(test_holm),	cmocka_unit_test(test_dependent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
