/* SPDX-License-Identifier: GPL-2.0-only */
/* What a directory of `netfsnoop xfstests` says of each test. */
#ifndef NETFSNOOP_VIEW_DIFF_TESTS_H
#define NETFSNOOP_VIEW_DIFF_TESTS_H

#include "view/measure/diff.h"

struct diff_test {
	char name[128]; /* "generic/306", "SECTION generic/306", "generic/306 run 2" */
	char result[32], verdict[32];			  /* empty: not said */
	uint64_t findings, requests, retries, slowest_ns; /* UINT64_MAX: not said */
};

struct diff_tests {
	struct diff_test *test; /* by name */
	size_t nr;
};

/*
 * Takes every object of type "test" (docs/json.md) that the JSON files of the directory hold, as
 * lines, in arrays, or as members. -ENOENT: it holds none, with err set, as for what opendir(3) and
 * read(2) refuse.
 */
int diff_tests_read(struct diff_tests *ret_t, const char *path, struct err *err);
void diff_tests_release(struct diff_tests *t);
/* Fills the tests of ret_d; percent: from which on a number of requests is worth a line. */
int diff_tests_compare(struct diff *ret_d, const char *path_a, const struct diff_tests *a,
		       const char *path_b, const struct diff_tests *b, double percent);

#endif
