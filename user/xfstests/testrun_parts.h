/* SPDX-License-Identifier: GPL-2.0-only */
/* For user/xfstests/testrun_parts.c, _index.c and _page.c alone: parts of the pages of an xfstests run. */
#ifndef NETFSNOOP_XFSTESTS_TESTRUN_PARTS_H
#define NETFSNOOP_XFSTESTS_TESTRUN_PARTS_H

#include "xfstests/testrun_inside.h"

#define IO_NR (IO_NOTHING + 1)

/* What check counts a test as: its "Failures:" are those of GROUP_FAIL. */
enum test_group { GROUP_PASS, GROUP_FAIL, GROUP_SKIP, GROUP_OTHER, GROUP_NR };
enum test_group group_of(const struct test *t);

void put_begin(FILE *out, const char *title);
/* The scripts too. 0 or -EIO */
int put_end(FILE *out);
/* Lines of ours or of a file, cut where they are long; diff: in its colours. */
void put_block(FILE *out, const char *text, bool diff);
void put_result(FILE *out, const struct test *t);
void put_verdict_badge(FILE *out, const struct test_verdict *v);
/* Cells of a table that sorts by v or n; a zero is dim. */
void put_cell(FILE *out, uint64_t v, const char *text);
void put_number(FILE *out, int64_t n);
/* A line of a <dl> */
void put_mount(FILE *out, const char *source, const char *point, const char *fstype,
	       const char *options);
/* What there is of a test in dir, which is "" or ends with a slash. */
void put_file_links(FILE *out, const struct testrun *r, const struct test *t, const char *dir);
/* "generic/306 #2" */
void put_test_name(FILE *out, const struct test *t);
/*
 * A link into the page of the trace, if there is one; text NULL: the request's name. up: "../" from a
 * test's page.
 */
void put_request_link(FILE *out, const struct testrun *r, const char *up,
		      const struct request_key *key, uint64_t first_ns, const char *text);
/* false: there is no such page. */
bool put_test_link(FILE *out, const struct testrun *r, const char *up, const struct test *t,
		   const char *text);
/* Violations, then what is inconclusive, folded. 0 or -errno */
int put_findings(FILE *out, const struct testrun *r, uint32_t test);

#endif
