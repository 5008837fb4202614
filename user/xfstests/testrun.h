/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An xfstests run, test by test: what check said beside what the checks found, as text, JSON, HTML
 * and JUnit XML. A listener collects what a test's page shows; memory is bounded per test that is
 * on.
 */
#ifndef NETFSNOOP_XFSTESTS_TESTRUN_H
#define NETFSNOOP_XFSTESTS_TESTRUN_H

#include "check/check.h"

/* What the checks say of a test. */
enum io_verdict { IO_CLEAN, IO_FINDINGS, IO_INCONCLUSIVE, IO_NOT_EVALUATED, IO_NOTHING };

struct test_verdict {
	enum io_verdict io;
	uint64_t violations, inconclusive; /* findings, repeats included */
	char why[160];			   /* inconclusive or not evaluated: the reason */
};

const char *io_verdict_name(enum io_verdict v);
/* By the findings so far; those of the end of the stream may come later. */
struct test_verdict test_verdict(const struct model *m, const struct engine *e,
				 const struct test *t);

/* Of a trace: the page that its requests are on. */
struct trace_page {
	char name[40]; /* "trace.1.html"; empty: there is none */
	bool part;     /* only tests that did not pass, broke rules, or are unclear are on it */
};

/* About the run as a whole; strings are borrowed. */
struct testrun_info {
	const char *command;
	const char *release, *host;
	bool finished;			/* check has ended */
	int status;			/* its exit status, then */
	bool interrupted;		/* by a signal; check's own exit status is 0 then */
	uint64_t lost;			/* records */
	bool lost_at_least;		/* or more, or an unknown number */
	const char *const *traces;	/* file names beside the index; ends with NULL */
	const struct trace_page *pages; /* of each of them; NULL: not written yet */
};

/* What check left of a test and is kept beside its page, as SLUG.out.bad and so on. */
struct test_files {
	bool out_bad, full, dmesg;
	const char *diff; /* of its output to what was expected; NULL: none */
	const char *log;  /* what the kernel log had; NULL: nothing of note */
};

struct testrun;

int testrun_new(struct testrun **ret_r, const struct model *m, const struct engine *e);
void testrun_free(struct testrun *r);
const struct model_listener *testrun_listener(struct testrun *r);
/* Keeps a request's events where a test's page will show them: for model_options.keep. */
bool testrun_keep(void *ctx, const struct request *r);
/* What was collected of this test is not needed any more. */
void testrun_forget(struct testrun *r, uint32_t ordinal);

/* The texts are copied. -ENOMEM */
int testrun_left(struct testrun *r, uint32_t ordinal, const struct test_files *f);
/*
 * The page, as seen from DIR, that has the requests of a stream time ("trace.1.html"); NULL: none.
 * Asked when a page is written that could link to it.
 */
void testrun_set_pages(struct testrun *r, const char *(*page_at)(void *ctx, uint64_t ns),
		       void *ctx);

/* "generic-306.1": a file name that any name of a test becomes. */
struct test_slug {
	char s[3 * EV_TEST_LEN + 16];
};
struct test_slug test_slug(const struct test *t);

/* All return 0 or -errno of the stream. */
int testrun_line(FILE *out, const struct testrun *r, const struct test *t);
int testrun_text(FILE *out, const struct testrun *r, const struct test *t);
int testrun_json(FILE *out, const struct testrun *r, const struct test *t);
int testrun_html(FILE *out, const struct testrun *r, const struct test *t);
/* Of the whole run. */
int testrun_index(FILE *out, const struct testrun *r, const struct testrun_info *info);
int testrun_run_json(FILE *out, const struct testrun *r, const struct testrun_info *info);
int testrun_junit(FILE *out, const struct testrun *r, const struct testrun_info *info);

static inline void testrun_freep(struct testrun **r)
{
	testrun_free(*r);
}

#endif
