/* SPDX-License-Identifier: GPL-2.0-only */
/* For user/xfstests/testrun*.c alone. */
#ifndef NETFSNOOP_XFSTESTS_TESTRUN_INSIDE_H
#define NETFSNOOP_XFSTESTS_TESTRUN_INSIDE_H

#include "base/mem.h"
#include "view/kit/markup.h"
#include "xfstests/testrun.h"

#define MAX_ROWS \
	1000 /* of requests on a test's page, and as many of those with errors or retries */
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
	bool open;  /* it had not ended */
	char *path; /* of the file; NULL: not known */
	char comm[EV_COMM_LEN + 1];
};

#define MAX_STATUSES 32 /* pairs of a command and a status in which it ended */

/* SMB commands that failed alike. */
struct failed_commands {
	uint16_t cmd;
	bool answered;	 /* else it was not sent, or cut off by a reconnect */
	uint32_t status; /* NTSTATUS */
	uint64_t count;
};

/* What is collected of a test. */
struct page {
	uint32_t test;
	struct failed_commands failed[MAX_STATUSES];
	unsigned int nr_failed;
	struct request_line *rows;
	size_t nr_rows, room;
	uint64_t rows_left_out, timelines_left_out;
	FILE *stream; /* into timelines */
	struct mem timelines;
	UT_hash_handle hh;
};

/* What check left of a test, for as long as the run lasts. */
struct left {
	uint32_t test;
	bool out_bad, full, dmesg;
	char *diff, *log;
	UT_hash_handle hh;
};

#define MAX_MOUNTS 64 /* different ones of a run; a hostile one has no end of them */

/* What was mounted in the run. */
struct run_mount {
	char *fstype, *source, *point, *options;
};

struct testrun {
	struct model_listener listener;
	const struct model *m;
	const struct engine *e;
	struct page *pages;
	struct left *left;
	struct run_mount mounts[MAX_MOUNTS]; /* each once, in order of appearance */
	unsigned int nr_mounts;
	char *fstyp, *test_dir, *scratch; /* of the scripts' environment; NULL: not known */
	const char *(*page_at)(void *ctx, uint64_t ns);
	void *page_ctx;
};

/* NULL: nothing of note. */
const struct left *left_of(const struct testrun *r, uint32_t test);
/* NULL: nothing was collected. */
const struct page *page_of(const struct testrun *r, uint32_t test);
/* The finding's next of the same test, from f on; NULL: no more. */
const struct finding *finding_of_test(const struct finding *f, uint32_t test);

#define for_each_finding_of(r, f, test_)                                                     \
	for (const struct finding *f = finding_of_test(engine_findings((r)->e), (test_)); f; \
	     f = finding_of_test(f->next, (test_)))

/* For tables: "pass", or "-" where check has not said anything. */
const char *test_result_text(const struct test *t);

#endif
