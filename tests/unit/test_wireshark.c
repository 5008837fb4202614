// SPDX-License-Identifier: GPL-2.0-only
/* view/text/wireshark.c: the filter of a request's messages is one that Wireshark takes, however many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "view/text/wireshark.h"

/* What is printed for subrequests with these mids; the caller's. */
static char *filter_of(const uint64_t *mid, size_t n, unsigned int width)
{
	struct subrequest *s = calloc(n + 1, sizeof(*s));
	struct request r = { .nr_subrequests = n };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < n; i++) {
		s[i].index = i + 1;
		s[i].mid = mid[i];
		HASH_ADD(hh, r.subrequests, index, sizeof(s[i].index), &s[i]);
	}
	assert_int_equal(wireshark_print(out, &r, width), 0);
	assert_int_equal(fclose(out), 0);
	HASH_CLEAR(hh, r.subrequests);
	free(s);
	return text;
}

static void test_filters(void **state)
{
	static const struct {
		size_t n;
		uint64_t mid[8];
		const char *filter;
	} cases[] = {
		{ 0, { 0 }, "" },
		{ 2, { 0, 0 }, "" },
		{ 1, { 49 }, "  wireshark: smb2.msg_id == 49\n" },
		{ 2, { 23, 21 }, "  wireshark: smb2.msg_id in {21, 23}\n" },
		{ 2, { 7, 7 }, "  wireshark: smb2.msg_id in {7}\n" },
		{ 6, { 9, 5, 1, 6, 0, 7 }, "  wireshark: smb2.msg_id in {1, 5..7, 9}\n" },
		{ 2,
		  { UINT64_MAX, UINT64_MAX - 1 },
		  "  wireshark: smb2.msg_id in {18446744073709551614..18446744073709551615}\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__autofree char *text = filter_of(cases[i].mid, cases[i].n, 80);

		assert_string_equal(text, cases[i].filter);
	}
}

/* No line is too wide, and nothing but white space is between them. */
static void test_folded(void **state)
{
	uint64_t mid[100];
	unsigned int lines = 0, numbers = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mid); i++)
		mid[i] = 100000000 + 2 * i;
	{
		__autofree char *text = filter_of(mid, ARRAY_SIZE(mid), 80);

		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) {
			const char *p = lines ? line : strchr(line, '{') + 1;

			assert_true(strlen(line) <= 80);
			for (; *p; p++) {
				assert_non_null(strchr("0123456789, }", *p));
				numbers += *p == ',' || *p == '}';
			}
		}
	}
	assert_true(lines > 10);
	assert_int_equal(numbers, ARRAY_SIZE(mid));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
