// SPDX-License-Identifier: GPL-2.0-only
/*
 * One JUnit file of both verdicts: a failure of check is a failure, and so is a broken rule in a
 * test that passed; what cannot be told is no failure, but said in the output.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "xfstests/testrun_inside.h"

struct sums {
	unsigned int failures, errors, skipped;
};

static bool check_failed(const struct test *t)
{
	return t->judged && (t->outcome == EV_TEST_FAIL || t->outcome == EV_TEST_DMESG ||
			     t->outcome == EV_TEST_KILLED);
}

static bool is_unfinished(const struct test *t)
{
	return t->judged && t->outcome == EV_TEST_UNFINISHED;
}

static struct sums sum_up(const struct testrun *r)
{
	struct sums s = {};

	for (uint32_t i = 1; i <= model_nr_tests(r->m); i++) {
		const struct test *t = model_test(r->m, i);
		bool violated = test_verdict(r->m, r->e, t).io == IO_FINDINGS;

		s.skipped += t->judged && t->outcome == EV_TEST_NOTRUN && !violated;
		s.errors += is_unfinished(t);
		s.failures += !is_unfinished(t) && (check_failed(t) || violated);
	}
	return s;
}

static void put_failure(FILE *out, const char *type, const char *what, const char *more)
{
	fprintf(out, "<failure type=\"%s\" message=\"", type);
	put_html(out, what);
	fputs(more && *more ? ": " : "", out);
	put_html(out, more);
	fputs("\"/>", out);
}

static void put_findings(FILE *out, const struct testrun *r, const struct test *t)
{
	for_each_finding_of(r, f, t->ordinal)
	{
		fprintf(out, "%s %s (%" PRIu64 " time%s): ", f->check->id, verdict_name(f->verdict),
			f->count, plural(f->count));
		put_html(out, f->observed);
		putc('\n', out);
	}
}

static void put_case(FILE *out, const struct testrun *r, const struct test *t)
{
	struct test_verdict v = test_verdict(r->m, r->e, t);
	uint64_t took = t->end_ns ? t->end_ns - t->mark_ns : 0;

	fputs("<testcase classname=\"xfstests.", out);
	put_html(out, t->section && *t->section ? t->section : "global");
	fputs("\" name=\"", out);
	put_html(out, t->name);
	if (t->repeat > 1)
		fprintf(out, "#%" PRIu32, t->repeat);
	fprintf(out, "\" time=\"%.3f\">", took / 1e9);
	if (is_unfinished(t)) {
		fputs("<error type=\"unfinished\" message=\"", out);
		put_html(out, t->reason);
		fputs("\"/>", out);
	} else if (check_failed(t)) {
		put_failure(out, "TestFail", outcome_name(t->outcome), t->reason);
	} else if (v.io == IO_FINDINGS) {
		put_failure(out, "netfsnoop", "passed, but broke rules of netfs or cifs", "");
	} else if (t->judged && t->outcome == EV_TEST_NOTRUN) {
		fputs("<skipped message=\"", out);
		put_html(out, t->reason);
		fputs("\"/>", out);
	}
	fprintf(out, "<system-out>netfsnoop: %s ", io_verdict_name(v.io));
	put_html(out, v.why);
	putc('\n', out);
	put_findings(out, r, t);
	fputs("</system-out></testcase>\n", out);
}

int testrun_junit(FILE *out, const struct testrun *r, const struct testrun_info *info)
{
	struct sums s = sum_up(r);

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"netfsnoop.xfstests\"",
	      out);
	fprintf(out, " tests=\"%" PRIu32 "\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"",
		model_nr_tests(r->m), s.failures, s.errors, s.skipped);
	fputs(" hostname=\"", out);
	put_html(out, info->host);
	fputs("\">\n<properties><property name=\"command\" value=\"", out);
	put_html(out, info->command);
	fprintf(out, "\"/><property name=\"interrupted\" value=\"%s\"/></properties>\n",
		info->interrupted ? "yes" : "no");
	for (uint32_t i = 1; i <= model_nr_tests(r->m); i++)
		put_case(out, r, model_test(r->m, i));
	fputs("</testsuite>\n", out);
	return ferror(out) ? -EIO : 0;
}
