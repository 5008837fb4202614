// SPDX-License-Identifier: GPL-2.0-only
/* A test as text: the live line, and the page beside check's own files. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "view/text/findings.h"
#include "xfstests/testrun_inside.h"

#define ESCAPED 600

static void put_verdict(FILE *out, const struct test_verdict *v)
{
	fprintf(out, "%s", io_verdict_name(v->io));
	if (v->violations)
		fprintf(out, " (%" PRIu64 ")", v->violations);
	if (*v->why)
		fprintf(out, " (%s)", v->why);
}

static void put_numbers(FILE *out, const struct test *t)
{
	fprintf(out, "%" PRIu64 " request%s, %s read, %s written", t->requests, plural(t->requests),
		fmt_bytes(t->read_bytes).s, fmt_bytes(t->written_bytes).s);
	if (t->errors)
		fprintf(out, ", %" PRIu64 " error%s", t->errors, plural(t->errors));
	if (t->retries)
		fprintf(out, ", %" PRIu64 " retr%s", t->retries, plural_y(t->retries));
	if (t->credit_waits)
		fprintf(out, ", %" PRIu64 " credit wait%s", t->credit_waits,
			plural(t->credit_waits));
	if (t->lost || t->lost_at_least)
		fprintf(out, ", %s lost", fmt_lost(t->lost, t->lost_at_least).s);
}

int testrun_line(FILE *out, const struct testrun *r, const struct test *t)
{
	struct test_verdict v = test_verdict(r->m, r->e, t);
	char name[ESCAPED];

	fprintf(out, "netfsnoop: %s", fmt_escape(name, sizeof(name), t->name));
	if (t->repeat > 1)
		fprintf(out, "#%" PRIu32, t->repeat);
	fprintf(out, ": %s, ", test_result_text(t));
	put_verdict(out, &v);
	fprintf(out, "; ");
	put_numbers(out, t);
	fprintf(out, "\n");
	return ferror(out) ? -EIO : 0;
}

static void put_phase(FILE *out, const char *name, uint64_t from, uint64_t to)
{
	if (from && to)
		fprintf(out, "  %s %s", name, fmt_ns(to - from).s);
	else
		fprintf(out, "  %s n/a", name);
}

static void put_head(FILE *out, const struct testrun *r, const struct test *t)
{
	struct test_verdict v = test_verdict(r->m, r->e, t);
	char text[4 * ESCAPED];

	fprintf(out, "Test       %s", fmt_escape(text, sizeof(text), t->name));
	fprintf(out, "  (test %" PRIu32 " of the run, run %" PRIu32 " of this test)\n", t->ordinal,
		t->repeat);
	if (t->section && *t->section)
		fprintf(out, "Section    %s\n", fmt_escape(text, sizeof(text), t->section));
	fprintf(out, "check      %s", test_result_text(t));
	if (t->reason && *t->reason)
		fprintf(out, ": %s", fmt_escape(text, sizeof(text), t->reason));
	fprintf(out, "\nnetfsnoop  ");
	put_verdict(out, &v);
	fprintf(out, "\nPhases   ");
	put_phase(out, "setup", t->mark_ns, t->script_ns);
	put_phase(out, "body", t->script_ns, t->script_end_ns);
	put_phase(out, "post", t->script_end_ns, t->end_ns);
	fprintf(out, "\nRequests   ");
	put_numbers(out, t);
	fprintf(out, "\nCommands   %" PRIu64 ", %" PRIu64 " with an error\n", t->commands,
		t->command_errors);
	fprintf(out,
		"Events     %" PRIu64 " its own (%" PRIu64 " by process, %" PRIu64
		" by time), %" PRIu64 " ambiguous, %" PRIu64 " while it ran\n",
		t->events, t->events - t->by_time, t->by_time, t->ambiguous, t->in_window);
	if (t->slowest.ns)
		fprintf(out, "Slowest    %s, %s\n",
			fmt_request(t->slowest.synth, t->slowest.rreq, 0).s,
			fmt_ns(t->slowest.ns).s);
}

int testrun_text(FILE *out, const struct testrun *r, const struct test *t)
{
	const struct page *p = page_of(r, t->ordinal);
	int rc = 0;

	put_head(out, r, t);
	for_each_finding_of(r, f, t->ordinal)
	{
		if (rc)
			break;
		putc('\n', out);
		rc = finding_print(out, r->m, f, false);
	}
	if (p && p->timelines.text)
		fprintf(out, "\n%s", p->timelines.text);
	if (p && p->timelines_left_out)
		fprintf(out, "%" PRIu64 " more request%s: netfsnoop report -t --test NAME TRACE\n",
			p->timelines_left_out, plural(p->timelines_left_out));
	if (rc)
		return rc;
	return ferror(out) ? -EIO : 0;
}
