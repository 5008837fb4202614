// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "check/ranges.h"

#define BYTES 64

/* Against the plain way: an array of flags. */
static void test_random(void **state)
{
	struct ranges r = { 0 };
	bool in[BYTES] = { false };

	(void)state;
	srand(1);
	for (int turn = 0; turn < 20000; turn++) {
		unsigned int from = rand() % BYTES, to = from + rand() % (BYTES - from + 1);
		bool add = rand() % 2;
		unsigned int end;

		for (unsigned int i = from; i < to; i++)
			in[i] = add;
		if (add)
			ranges_add(&r, from, to);
		else
			ranges_remove(&r, from, to);
		from = rand() % BYTES;
		for (end = from; end < BYTES && in[end];)
			end++;
		assert_false(r.overflow);
		assert_int_equal(ranges_end(&r, from), end);
		assert_true(ranges_have(&r, from, end));
		assert_false(ranges_have(&r, from, end + 1));
		for (unsigned int i = 0; i + 1 < r.nr; i++)
			assert_true(r.range[i].to < r.range[i + 1].from);
	}
}

static void test_overflow(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	for (unsigned int i = 0; i < MAX_RANGES; i++)
		ranges_add(&r, 10 * i, 10 * i + 5);
	assert_false(r.overflow);
	assert_false(ranges_have(&r, 0, 6));
	ranges_add(&r, 5000, 5001);
	assert_true(r.overflow);
	assert_true(ranges_have(&r, 0, 6));
	r = (struct ranges){ 0 };
	for (unsigned int i = 0; i < MAX_RANGES; i++)
		ranges_add(&r, 10 * i, 10 * i + 5);
	ranges_remove(&r, 2, 3); /* makes two of one */
	assert_true(r.overflow);
	ranges_add(&r, 7, 7);
	ranges_remove(&r, 9, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
