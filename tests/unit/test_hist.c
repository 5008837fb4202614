// SPDX-License-Identifier: GPL-2.0-only
/* latency histograms: bucket limits, precision, quantiles */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hist.h"

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct hist));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

/* The value the histogram gives back for v when something larger keeps max out of the way. */
static uint64_t read_back(uint64_t v)
{
	struct hist h = { 0 };

	hist_add(&h, v);
	hist_add(&h, UINT64_MAX);
	return hist_quantile(&h, 0);
}

static void test_empty(void **state)
{
	struct hist *h = *state;

	assert_int_equal(hist_quantile(h, 0), 0);
	assert_int_equal(hist_quantile(h, 0.5), 0);
	assert_int_equal(hist_quantile(h, 1), 0);
}

static void test_one_value_is_every_quantile(void **state)
{
	struct hist *h = *state;

	hist_add(h, 123456789);
	assert_int_equal(hist_quantile(h, 0), 123456789);
	assert_int_equal(hist_quantile(h, 0.5), 123456789);
	assert_int_equal(hist_quantile(h, 0.99), 123456789);
	assert_int_equal(hist_quantile(h, 1), 123456789);
}

static void test_count_sum_min_max(void **state)
{
	struct hist *h = *state;

	hist_add(h, 30);
	hist_add(h, 10);
	hist_add(h, 20);
	assert_int_equal(h->count, 3);
	assert_int_equal(h->sum, 60);
	assert_int_equal(h->min, 10);
	assert_int_equal(h->max, 30);
}

static void test_zero_counts(void **state)
{
	struct hist *h = *state;

	hist_add(h, 0);
	hist_add(h, 0);
	hist_add(h, 9);
	assert_int_equal(h->count, 3);
	assert_int_equal(h->min, 0);
	assert_int_equal(hist_quantile(h, 0.5), 0);
	assert_int_equal(hist_quantile(h, 1), 9);
}

static void test_small_values_are_exact(void **state)
{
	(void)state;
	for (uint64_t v = 0; v < 2 * HIST_SUB; v++)
		assert_int_equal(read_back(v), v);
}

/* Buckets tile all of uint64_t: what is read back is never less, nor 1/16 more, nor out of order.
 */
static void test_precision_around_powers_of_two(void **state)
{
	uint64_t last = 0;

	(void)state;
	for (int bit = 3; bit < 64; bit++) {
		for (int off = -1; off <= 1; off++) {
			uint64_t v = (1ULL << bit) + off, got = read_back(v);

			assert_true(got >= v);
			assert_true(got - v <= v / HIST_SUB);
			assert_true(got >= last);
			last = got;
		}
	}
	assert_true(read_back(UINT64_MAX - 1) >= UINT64_MAX - 1);
}

static void test_precision_inside_an_octave(void **state)
{
	(void)state;
	for (uint64_t v = 1 << 20; v < 2 << 20; v += 977) {
		uint64_t got = read_back(v);

		assert_true(got >= v);
		assert_true(got - v <= v / HIST_SUB);
	}
}

static void test_every_bucket_is_used(void **state)
{
	struct hist *h = *state;

	hist_add(h, UINT64_MAX);
	assert_int_equal(h->bucket[HIST_BUCKETS - 1], 1);
	hist_add(h, UINT64_MAX / 32 * 31 - 1);
	assert_int_equal(h->bucket[HIST_BUCKETS - 2], 1);
}

static void assert_about(uint64_t got, uint64_t want)
{
	assert_true(got >= want - want / HIST_SUB);
	assert_true(got <= want + want / HIST_SUB);
}

static void test_quantiles_of_a_ramp(void **state)
{
	struct hist *h = *state;

	for (uint64_t v = 1; v <= 100000; v++)
		hist_add(h, v * 1000);
	assert_about(hist_quantile(h, 0.5), 50000000);
	assert_about(hist_quantile(h, 0.95), 95000000);
	assert_about(hist_quantile(h, 0.99), 99000000);
	assert_int_equal(hist_quantile(h, 1), 100000000);
}

static void test_outlier_shows_at_the_top_alone(void **state)
{
	struct hist *h = *state;

	for (int i = 0; i < 1000; i++)
		hist_add(h, 10);
	hist_add(h, 5000000000);
	assert_int_equal(hist_quantile(h, 0.5), 10);
	assert_int_equal(hist_quantile(h, 0.99), 10);
	assert_int_equal(hist_quantile(h, 1), 5000000000);
}

static void test_quantiles_rise_with_q(void **state)
{
	struct hist *h = *state;
	uint64_t v = 1, last = 0;

	for (int i = 0; i < 5000; i++) {
		v = v * 6364136223846793005 + 1442695040888963407;
		hist_add(h, v >> (v % 61));
	}
	for (int i = 0; i <= 1000; i++) {
		uint64_t got = hist_quantile(h, i / 1000.0);

		assert_true(got >= last);
		assert_true(got <= h->max);
		last = got;
	}
	assert_true(hist_quantile(h, 0) >= h->min);
}

static void test_octaves_share_all_values(void **state)
{
	struct hist *h = *state;
	static const uint64_t values[] = { 0,  1,  2,	 3,    4,    15,	16,
					   31, 32, 1000, 1023, 1024, UINT64_MAX };
	uint64_t all = 0;

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		hist_add(h, values[i]);
	for (unsigned int i = 0; i < 64; i++)
		all += hist_octave(h, i);
	assert_int_equal(all, h->count);
	assert_int_equal(hist_octave(h, 0), 2);
	assert_int_equal(hist_octave(h, 1), 2);
	assert_int_equal(hist_octave(h, 4), 2);
	assert_int_equal(hist_octave(h, 9), 2);
	assert_int_equal(hist_octave(h, 10), 1);
	assert_int_equal(hist_octave(h, 63), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_octaves_share_all_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_value_is_every_quantile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_count_sum_min_max, setup, teardown),
		cmocka_unit_test_setup_teardown(test_zero_counts, setup, teardown),
		cmocka_unit_test(test_small_values_are_exact),
		cmocka_unit_test(test_precision_around_powers_of_two),
		cmocka_unit_test(test_precision_inside_an_octave),
		cmocka_unit_test_setup_teardown(test_every_bucket_is_used, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quantiles_of_a_ramp, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outlier_shows_at_the_top_alone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_quantiles_rise_with_q, setup, teardown),
	};

	return cmocka_run_group_tests_name("hist", tests, NULL, NULL);
}
