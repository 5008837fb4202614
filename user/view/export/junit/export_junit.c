// SPDX-License-Identifier: GPL-2.0-only
/* The checks as test cases: one that found a violation has failed, one that could not judge is
 * skipped. */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "view/export/export.h"
#include "view/kit/markup.h"
#include "view/measure/check_results.h"

static const struct model_listener nothing;

static int junit_create(void **ret_x, const struct export_job *job, struct err *err)
{
	(void)err;
	*ret_x = (void *)job; /* all that is written is known at the end */
	return 0;
}

static const struct model_listener *junit_listener(void *x)
{
	(void)x;
	return &nothing;
}

static bool is_of(const struct export_job *job, const struct finding *f, const struct check *c)
{
	return f->check == c->ops && findings_pass(job->filter, job->m, f);
}

static uint64_t count(const struct export_job *job, const struct check *c, enum verdict v)
{
	uint64_t n = 0;

	for (const struct finding *f = engine_findings(job->e); f; f = f->next)
		n += f->verdict == v && is_of(job, f, c);
	return n;
}

static void put_finding(FILE *out, const struct finding *f)
{
	fprintf(out, "%s", verdict_name(f->verdict));
	if (f->rreq)
		fprintf(out, " %s", fmt_request(f->synth, f->rreq, f->sreq).s);
	fprintf(out, " (%" PRIu64 " time%s): ", f->count, plural(f->count));
	put_html(out, f->explanation);
	fputs("; ", out);
	put_html(out, f->observed);
	putc('\n', out);
}

/* Of one without violations: it tells neither good nor bad. */
static bool is_skipped(const struct export_job *job, const struct check *c)
{
	return !c->active || !c->judged || count(job, c, VERDICT_INCONCLUSIVE);
}

static const char *skip_reason(const struct export_job *job, const struct check *c)
{
	if (!c->active)
		return "not evaluated";
	return count(job, c, VERDICT_INCONCLUSIVE) ? "inconclusive" : "nothing to judge";
}

static void put_case(const struct export_job *job, const struct check *c)
{
	uint64_t violations = count(job, c, VERDICT_VIOLATION);
	FILE *out = job->out;

	fprintf(out, "<testcase classname=\"netfsnoop\" name=\"%s\">", c->ops->id);
	if (violations)
		fprintf(out, "<failure type=\"%s\" message=\"%" PRIu64 " finding%s\"/>",
			severity_name(c->ops->severity), violations, plural(violations));
	else if (is_skipped(job, c))
		fprintf(out, "<skipped message=\"%s\"/>", skip_reason(job, c));
	fputs("<system-out>", out);
	put_html(out, check_detail(c).text);
	putc('\n', out);
	for (const struct finding *f = engine_findings(job->e); f; f = f->next)
		if (is_of(job, f, c))
			put_finding(out, f);
	fputs("</system-out></testcase>\n", out);
}

static int junit_finish(void *x, struct err *err)
{
	const struct export_job *job = x;
	unsigned int tests = 0, failures = 0, skipped = 0;
	size_t n;
	const struct check *list = engine_checks(job->e, &n);

	(void)err;
	for (size_t i = 0; i < n; i++) {
		bool failed = count(job, &list[i], VERDICT_VIOLATION);

		tests += list[i].wanted;
		failures += list[i].wanted && failed;
		skipped += list[i].wanted && !failed && is_skipped(job, &list[i]);
	}
	errno = 0;
	fprintf(job->out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"netfsnoop\" tests=\"%u\" failures=\"%u\" skipped=\"%u\" hostname=\"",
		tests, failures, skipped);
	put_html(job->out, model_recording(job->m)->host);
	fputs("\">\n", job->out);
	for (size_t i = 0; i < n; i++)
		if (list[i].wanted)
			put_case(job, &list[i]);
	fputs("</testsuite>\n", job->out);
	return ferror(job->out) ? (errno ? -errno : -EIO) : 0;
}

static void junit_free(void *x)
{
	(void)x;
}

const struct exporter_ops export_junit = {
	.name = "junit",
	.summary = "JUnit's XML: a test case for each check, for continuous integration",
	.endings = "xml",
	.create = junit_create,
	.listener = junit_listener,
	.finish = junit_finish,
	.free = junit_free,
};
