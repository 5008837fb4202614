// SPDX-License-Identifier: GPL-2.0-only
/* Our own lines in a kernel log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oops/said.h"

#define LINE(task, text) "[   28.1] " task " 0d.h1. 27966114us : bpf_trace_printk: " text "\n"

static struct oops_said_list *fed(const char *log, size_t piece)
{
	struct oops_said_list *l = calloc(1, sizeof(*l));
	size_t len = strlen(log);

	assert_non_null(l);
	for (size_t at = 0; at < len; at += piece)
		oops_said_feed(l, log + at, len - at < piece ? len - at : piece);
	return l;
}

static void test_lines(void **state)
{
	static const char log[] = "[   28.0] Dumping ftrace buffer:\r\n" LINE(
		"   cifsd-251    ", "netfsnoop: iter-revert R=0000002a[1f] f+0x1/0x2 [cifs] past=1")
		LINE("   my task-1-2-77", "netfsnoop: iter-revert R=00000001[2] f+0x1/0x2 [cifs]")
			LINE("   cifsd-251    ",
			     "netfsnoop: iter-revert R=0000002b[3] f+0x1/0x2 [cifs]")
				LINE("   cifsd-252    ", "somebody else: R=00000001[2]")
					LINE("   cifsd-253    ", "netfsnoop: iter-revert R=zz");

	(void)state;
	for (size_t piece = 1; piece < sizeof(log); piece += 7) {
		__autofree struct oops_said_list *l = fed(log, piece);

		assert_int_equal(l->nr, 3);
		assert_int_equal(oops_said_by(l, 251)->rreq, 0x2b); /* the latest */
		assert_int_equal(oops_said_by(l, 251)->sreq, 3);
		assert_int_equal(oops_said_by(l, 77)->rreq, 1);
		assert_string_equal(oops_said_by(l, 77)->text,
				    "netfsnoop: iter-revert R=00000001[2] f+0x1/0x2 [cifs]");
		assert_null(oops_said_by(l, 252));
		assert_null(oops_said_by(l, 253));
		assert_null(oops_said_by(l, 0));
	}
}

static void test_many_and_strange(void **state)
{
	struct oops_said_list *l = calloc(1, sizeof(*l));
	char line[3000];

	(void)state;
	for (unsigned int i = 1; i <= 200; i++) {
		snprintf(line, sizeof(line), LINE("x-%u ", "netfsnoop: iter-revert R=%08x[1] f"), i,
			 i);
		oops_said_feed(l, line, strlen(line));
	}
	assert_null(oops_said_by(l, 200 - OOPS_SAID_MAX));
	assert_int_equal(oops_said_by(l, 200)->rreq, 200);
	memset(line, 'x', sizeof(line)); /* longer than any line is kept */
	oops_said_feed(l, line, sizeof(line));
	oops_said_feed(l, "\n\n", 2);
	oops_said_feed(l, "netfsnoop: iter-revert R=00000009[1]\n", 37);
	assert_int_equal(l->nr, 201);
	assert_int_equal(l->said[200 % OOPS_SAID_MAX].pid, 0); /* a line that tells no thread */
	free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_many_and_strange),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
