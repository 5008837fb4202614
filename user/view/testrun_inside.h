/* SPDX-License-Identifier: GPL-2.0-only */
/* For user/view/testrun*.c alone. */
#ifndef NETFSNOOP_VIEW_TESTRUN_INSIDE_H
#define NETFSNOOP_VIEW_TESTRUN_INSIDE_H

#include <jansson.h>

#include "view/testrun.h"

#define MAX_ROWS       1000	 /* of requests on a test's page */
#define TIMELINE_BYTES (1 << 20) /* of healthy requests */
#define TIMELINE_MAX   (4 << 20) /* and of those with errors or retries */

struct request_line {
	uint32_t epoch, rreq, nr_subrequests, retries;
	bool synth, write, lost;
	enum claim claim;
	uint8_t origin;
	bool origin_known;
	uint64_t ino, start, len, transferred, first_ns, latency_ns; /* latency 0: unknown */
	int32_t error;
	char comm[EV_COMM_LEN + 1];
};

/* What is collected of a test. */
struct page {
	uint32_t test;
	struct request_line *rows;
	size_t nr_rows, room;
	uint64_t rows_left_out, timelines_left_out;
	FILE *stream; /* into timelines */
	char *timelines;
	size_t timelines_size;
	UT_hash_handle hh;
};

struct testrun {
	struct model_listener listener;
	const struct model *m;
	const struct engine *e;
	struct page *pages;
};

/* NULL: nothing was collected. */
const struct page *page_of(const struct testrun *r, uint32_t test);
/* The finding's next of the same test, from f on; NULL: no more. */
const struct finding *finding_of_test(const struct finding *f, uint32_t test);
/* Terminal-safe first, then for HTML and XML. -errno */
void put_html(FILE *out, const char *text);

#define for_each_finding_of(r, f, test_)                                                     \
	for (const struct finding *f = finding_of_test(engine_findings((r)->e), (test_)); f; \
	     f = finding_of_test(f->next, (test_)))

/* For tables: "pass", or "-" where check has not said anything. */
const char *test_result_text(const struct test *t);
json_t *testrun_test_json(const struct testrun *r, const struct test *t);

#endif
