// SPDX-License-Identifier: GPL-2.0-only
/* The table of tests, and a page per test: plain HTML that needs no script and no other file. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "view/findings.h"
#include "view/testrun_inside.h"

static const char style[] =
	"<style>\n"
	"body{font:14px/1.4 system-ui,sans-serif;margin:1.5em;color:#222;background:#fff}\n"
	"table{border-collapse:collapse}td,th{padding:.2em .7em;text-align:right;"
	"border-bottom:1px solid #ddd}\n"
	"th{position:sticky;top:0;background:#f4f4f4}td.l,th.l{text-align:left}\n"
	"pre{font:12px/1.3 ui-monospace,monospace;overflow-x:auto;background:#f8f8f8;"
	"padding:.7em}\n"
	".bad{background:#fdd}.odd{background:#ffe9c0}.good{background:#e2f5e2}"
	".none{color:#777}\n"
	"@media(prefers-color-scheme:dark){body{background:#1b1b1b;color:#ddd}"
	"th,pre{background:#262626}\n"
	"td,th{border-color:#444}a{color:#8cf}.bad{background:#602020}.odd{background:#5a4410}"
	".good{background:#1f4420}}\n"
	"</style>\n";

/* What a terminal could not show is escaped first, so that no control character gets through. */
void put_html(FILE *out, const char *text)
{
	size_t room = text ? 4 * strlen(text) + 8 : 0;
	__autofree char *safe = room ? malloc(room) : NULL;

	if (!safe)
		return;
	for (const char *p = fmt_escape(safe, room, text); *p; p++) {
		const char *entity = *p == '&'	  ? "&amp;"
				     : *p == '<'  ? "&lt;"
				     : *p == '>'  ? "&gt;"
				     : *p == '"'  ? "&quot;"
				     : *p == '\'' ? "&#39;"
						  : NULL;

		if (entity)
			fputs(entity, out);
		else
			putc(*p, out);
	}
}

/* Text of ours with line breaks; names within are escaped already. */
static void put_block(FILE *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char line[512];

		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		put_html(out, line);
		if (len >= sizeof(line))
			fputs("...", out);
		text += len;
		if (*text) {
			putc('\n', out);
			text++;
		}
	}
}

static void put_begin(FILE *out, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<title>", out);
	put_html(out, title);
	fprintf(out, "</title>\n%s</head><body>\n<h1>", style);
	put_html(out, title);
	fputs("</h1>\n", out);
}

static const char *class_of_result(const struct test *t)
{
	if (!t->judged)
		return "none";
	switch (t->outcome) {
	case EV_TEST_PASS:
		return "good";
	case EV_TEST_NOTRUN:
		return "none";
	case EV_TEST_UNFINISHED:
	case EV_TEST_UNKNOWN:
		return "odd";
	default:
		return "bad";
	}
}

static const char *class_of_verdict(enum io_verdict v)
{
	static const char *const names[] = {
		[IO_CLEAN] = "good",	     [IO_FINDINGS] = "bad", [IO_INCONCLUSIVE] = "odd",
		[IO_NOT_EVALUATED] = "none", [IO_NOTHING] = "none",
	};

	return names[v];
}

static void put_results(FILE *out, const struct test *t, const struct test_verdict *v)
{
	fprintf(out, "<td class=\"l %s\" title=\"", class_of_result(t));
	put_html(out, t->reason);
	fprintf(out, "\">%s</td><td class=\"l %s\" title=\"", test_result_text(t),
		class_of_verdict(v->io));
	put_html(out, v->why);
	fprintf(out, "\">%s", io_verdict_name(v->io));
	if (v->violations)
		fprintf(out, " (%" PRIu64 ")", v->violations);
	fputs("</td>", out);
}

static void put_row(FILE *out, const struct testrun *r, const struct test *t)
{
	struct test_verdict v = test_verdict(r->m, r->e, t);
	struct test_slug slug = test_slug(t);
	uint64_t took = t->end_ns ? t->end_ns - t->mark_ns : 0;

	fprintf(out, "<tr><td>%" PRIu32 "</td><td class=\"l\"><a href=\"tests/%s.html\">",
		t->ordinal, slug.s);
	put_html(out, t->name);
	fputs("</a>", out);
	if (t->repeat > 1)
		fprintf(out, " #%" PRIu32, t->repeat);
	fputs("</td><td class=\"l\">", out);
	put_html(out, t->section);
	fputs("</td>", out);
	put_results(out, t, &v);
	fprintf(out,
		"<td>%s</td><td>%" PRIu64 "</td><td>%s</td><td>%s</td><td>%" PRIu64
		"</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%s</td><td>%" PRIu64 "</td>",
		took ? fmt_ns(took).s : "-", t->requests, fmt_bytes(t->read_bytes).s,
		fmt_bytes(t->written_bytes).s, t->errors, t->retries, t->credit_waits,
		t->slowest.ns ? fmt_ns(t->slowest.ns).s : "-", t->lost);
	fprintf(out,
		"<td class=\"l\"><a href=\"tests/%s.txt\">text</a> "
		"<a href=\"tests/%s.json\">JSON</a></td></tr>\n",
		slug.s, slug.s);
}

static void put_run_head(FILE *out, const struct testrun *r, const struct testrun_info *info)
{
	uint32_t violated = 0, n = model_nr_tests(r->m);

	fputs("<p>", out);
	put_html(out, info->command);
	fputs("<br>kernel ", out);
	put_html(out, info->release);
	fputs(" on ", out);
	put_html(out, info->host);
	fprintf(out, "<br>%" PRIu32 " tests; ", n);
	if (info->finished)
		fprintf(out, "check ended with %d", info->status);
	else
		fputs("check had not ended", out);
	if (info->interrupted)
		fputs(", <b class=\"odd\">interrupted</b>", out);
	for (uint32_t i = 1; i <= n; i++) {
		const struct test *t = model_test(r->m, i);

		violated += t->judged && t->outcome == EV_TEST_PASS &&
			    test_verdict(r->m, r->e, t).io == IO_FINDINGS;
	}
	if (violated)
		fprintf(out, "<br><b class=\"bad\">%" PRIu32 " passed, but broke rules</b>",
			violated);
	fputs("</p>\n", out);
}

static int put_findings(FILE *out, const struct testrun *r, uint32_t test)
{
	int rc = 0;

	for_each_finding_of(r, f, test)
	{
		__autofree char *text = NULL;
		size_t size = 0;
		FILE *mem = rc ? NULL : open_memstream(&text, &size);

		if (!mem)
			return rc ? rc : -ENOMEM;
		rc = finding_print(mem, r->m, f, false);
		if (fclose(mem))
			return -ENOMEM;
		fputs("<pre>", out);
		put_block(out, text);
		fputs("</pre>\n", out);
	}
	return rc;
}

int testrun_index(FILE *out, const struct testrun *r, const struct testrun_info *info)
{
	int rc = 0;

	put_begin(out, "xfstests, as netfsnoop saw it");
	put_run_head(out, r, info);
	fputs("<table><tr><th>#</th><th class=\"l\">test</th><th class=\"l\">section</th>"
	      "<th class=\"l\">check</th><th class=\"l\">netfsnoop</th><th>time</th>"
	      "<th>requests</th><th>read</th><th>written</th><th>errors</th><th>retries</th>"
	      "<th>credit waits</th><th>slowest</th><th>lost</th><th class=\"l\"></th></tr>\n",
	      out);
	for (uint32_t i = 1; i <= model_nr_tests(r->m); i++)
		put_row(out, r, model_test(r->m, i));
	fputs("</table>\n<p><a href=\"run.json\">run.json</a> <a href=\"junit.xml\">junit.xml</a>",
	      out);
	for (const char *const *name = info->traces; *name; name++)
		fprintf(out, " <a href=\"%s\">%s</a>", *name, *name);
	fprintf(out, "<br>%" PRIu64 " events could be of several tests and count for none.</p>\n",
		model_events_ambiguous(r->m));
	if (finding_of_test(engine_findings(r->e), 0)) {
		fputs("<h2>Findings of no test</h2>\n", out);
		rc = put_findings(out, r, 0);
	}
	fputs("</body></html>\n", out);
	return rc ? rc : ferror(out) ? -EIO : 0;
}

static void put_request_row(FILE *out, const struct testrun *r, const struct test *t,
			    const struct request_line *row)
{
	const char *phase = t->script_ns && row->first_ns < t->script_ns	    ? "setup"
			    : t->script_end_ns && row->first_ns >= t->script_end_ns ? "post"
			    : t->script_ns					    ? "body"
										    : "";

	fprintf(out,
		"<tr%s><td class=\"l\">%s</td><td>%s</td><td class=\"l\">%s</td>"
		"<td class=\"l\">",
		row->error < 0 ? " class=\"bad\""
		: row->retries ? " class=\"odd\""
			       : "",
		fmt_request(row->synth, row->rreq, 0).s, fmt_ns(row->first_ns - t->mark_ns).s,
		phase);
	put_html(out, row->origin_known ? request_origin(model_names(r->m), row->synth, row->origin)
					: "?");
	fprintf(out,
		"</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
		"</td><td>%" PRId32 "</td><td>%" PRIu32 "</td><td>%" PRIu32
		"</td><td>%s</td><td class=\"l\">",
		row->ino, row->start, row->len, row->transferred, row->error, row->nr_subrequests,
		row->retries, row->latency_ns ? fmt_ns(row->latency_ns).s : "-");
	put_html(out, row->comm);
	fprintf(out, "%s</td></tr>\n", row->claim == CLAIM_TIME ? " (by time)" : "");
}

static void put_requests(FILE *out, const struct testrun *r, const struct test *t,
			 const struct page *p)
{
	fputs("<h2>Requests</h2>\n<table><tr><th class=\"l\">request</th><th>at</th>"
	      "<th class=\"l\">phase</th><th class=\"l\">origin</th><th>inode</th><th>start</th>"
	      "<th>length</th><th>done</th><th>error</th><th>subrequests</th><th>retries</th>"
	      "<th>latency</th><th class=\"l\">task</th></tr>\n",
	      out);
	for (size_t i = 0; i < p->nr_rows; i++)
		put_request_row(out, r, t, &p->rows[i]);
	fputs("</table>\n", out);
	if (p->rows_left_out)
		fprintf(out, "<p>and %" PRIu64 " more</p>\n", p->rows_left_out);
	fputs("<h2>Timelines</h2>\n<pre>", out);
	put_block(out, p->timelines ? p->timelines : "");
	fputs("</pre>\n", out);
	if (p->timelines_left_out)
		fprintf(out,
			"<p>%" PRIu64 " more in the trace: "
			"<code>netfsnoop report -t --test NAME TRACE</code></p>\n",
			p->timelines_left_out);
}

static void put_phases(FILE *out, const struct test *t)
{
	const uint64_t at[] = { t->mark_ns, t->script_ns, t->script_end_ns, t->end_ns };
	static const char *const names[] = { "setup", "body", "post" };

	fputs("<p>", out);
	for (int i = 0; i < 3; i++)
		fprintf(out, "%s %s%s", names[i],
			at[i] && at[i + 1] ? fmt_ns(at[i + 1] - at[i]).s : "n/a",
			i < 2 ? " &middot; " : "");
	fprintf(out,
		"<br>%" PRIu64 " events its own (%" PRIu64 " by process, %" PRIu64
		" by time), %" PRIu64 " ambiguous, %" PRIu64 " in its time; %" PRIu64
		" SMB commands, %" PRIu64 " with an error; %" PRIu64 " credit waits, %s</p>\n",
		t->events, t->events - t->by_time, t->by_time, t->ambiguous, t->in_window,
		t->commands, t->command_errors, t->credit_waits, fmt_ns(t->credit_wait_ns).s);
}

int testrun_html(FILE *out, const struct testrun *r, const struct test *t)
{
	const struct page *p = page_of(r, t->ordinal);
	struct test_verdict v = test_verdict(r->m, r->e, t);
	int rc;

	put_begin(out, t->name);
	fprintf(out, "<p><a href=\"../index.html\">all tests</a></p>\n<table><tr>"
		     "<th class=\"l\">check</th><th class=\"l\">netfsnoop</th></tr><tr>");
	put_results(out, t, &v);
	fputs("</tr></table>\n<p>", out);
	put_html(out, t->reason);
	fputs("<br>", out);
	put_html(out, v.why);
	fputs("</p>\n", out);
	put_phases(out, t);
	if (finding_of_test(engine_findings(r->e), t->ordinal))
		fputs("<h2>Findings</h2>\n", out);
	rc = put_findings(out, r, t->ordinal);
	if (!rc && p)
		put_requests(out, r, t, p);
	fputs("</body></html>\n", out);
	return rc ? rc : ferror(out) ? -EIO : 0;
}
