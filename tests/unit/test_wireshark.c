// SPDX-License-Identifier: GPL-2.0-only
/* view/text/wireshark.c: the filter of a request's messages is one that Wireshark takes, however many. */
#include "check_util.h"
#include "view/text/wireshark.h"

/* What is printed for subrequests of CONN with these mids; the caller's. */
static char *filter_of(const struct model *m, const uint64_t *mid, size_t n, unsigned int width)
{
	struct subrequest *s = calloc(n + 1, sizeof(*s));
	struct request r = { .nr_subrequests = n };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < n; i++) {
		s[i].index = i + 1;
		s[i].mid = mid[i];
		s[i].conn = CONN;
		HASH_ADD(hh, r.subrequests, index, sizeof(s[i].index), &s[i]);
	}
	assert_int_equal(wireshark_print(out, m, &r, width), 0);
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

	struct seq *q = seq_new(K73);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__autofree char *text = filter_of(q->m, cases[i].mid, cases[i].n, 80);

		assert_string_equal(text, cases[i].filter);
	}
	seq_free(q);
}

/* No line is too wide, and nothing but white space is between them. */
static void test_folded(void **state)
{
	uint64_t mid[100];
	unsigned int lines = 0, numbers = 0;
	struct seq *q = seq_new(K73);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mid); i++)
		mid[i] = 100000000 + 2 * i;
	{
		__autofree char *text = filter_of(q->m, mid, ARRAY_SIZE(mid), 80);

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
	seq_free(q);
}

/* What a capture shows of a sealed connection has no message ids. */
static void test_sealed(void **state)
{
	const uint64_t mid = 65;

	(void)state;
	for (int sealed = 0; sealed < 2; sealed++)
		BOTH (q) {
			__autofree char *text = NULL;

			ONE_READ(q, .sealed = sealed);
			assert_int_equal(model_conn(q->m, CONN)->sealed, sealed);
			assert_int_equal(model_conn(q->m, CONN)->plain, !sealed);
			text = filter_of(q->m, &mid, 1, 80);
			assert_string_equal(
				text, sealed ? "  wireshark: no filter: the connection is sealed\n"
					     : "  wireshark: smb2.msg_id == 65\n");
			text[strlen(text) - 1] = '\0';
			assert_string_equal(wireshark_mid(sealed, mid).s, text + 13);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_folded),
		cmocka_unit_test(test_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
