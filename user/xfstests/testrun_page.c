// SPDX-License-Identifier: GPL-2.0-only
/* The page of one test of an xfstests run. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "view/kit/ntstatus.h"
#include "view/measure/totals.h"
#include "xfstests/testrun_parts.h"

#define UP	  "../" /* from DIR/tests to DIR */
#define MOST_ODD  20	/* requests with errors or retries beside a diff */
#define MOST_SLOW 5

static struct request_key key_of(const struct request_line *row)
{
	return (struct request_key){ .epoch = row->epoch, .rreq = row->rreq, .synth = row->synth };
}

static bool is_short(const struct request_line *row)
{
	return !row->open && !row->error && row->transferred < row->len;
}

static bool is_odd(const struct request_line *row)
{
	return row->error < 0 || row->retries || row->open || row->lost;
}

static const char *origin_of(const struct testrun *r, const struct request_line *row)
{
	return row->origin_known ? request_origin(model_names(r->m), row->synth, row->origin) : "?";
}

/* ---- head ---- */

static void put_neighbour(FILE *out, const struct testrun *r, uint32_t ordinal, const char *what)
{
	const struct test *t = model_test(r->m, ordinal);
	struct test_slug slug;

	if (!t)
		return;
	slug = test_slug(t);
	fprintf(out, "<a href=\"%s.html\">%s: ", slug.s, what);
	put_test_name(out, t);
	fputs("</a>", out);
}

static void put_nav(FILE *out, const struct testrun *r, const struct test *t)
{
	fputs("<nav><a href=\"" UP "index.html\">all tests</a>", out);
	put_neighbour(out, r, t->ordinal - 1, "before");
	put_neighbour(out, r, t->ordinal + 1, "next");
	put_test_link(out, r, UP, t, "its timeline");
	fputs("</nav>\n<h1>", out);
	put_test_name(out, t);
	fputs("</h1>\n", out);
}

static void put_verdicts(FILE *out, const struct test *t, const struct test_verdict *v)
{
	fputs("<dl><dt>check</dt><dd>", out);
	put_result(out, t);
	fputs(" ", out);
	put_html(out, t->reason);
	fputs("</dd>\n<dt>netfsnoop</dt><dd>", out);
	put_verdict_badge(out, v);
	fputs(" ", out);
	put_html(out, v->why);
	if (t->section && *t->section) {
		fputs("</dd>\n<dt>section</dt><dd>", out);
		put_html(out, t->section);
	}
	fputs("</dd>\n", out);
}

static void put_phases(FILE *out, const struct test *t)
{
	const uint64_t at[] = { t->mark_ns, t->script_ns, t->script_end_ns, t->end_ns };
	static const char *const names[] = { "setup", "body", "post" };

	fputs("<div class=\"phases\" role=\"img\" aria-label=\"Phases\">", out);
	for (int i = 0; i < 3; i++)
		if (at[i] && at[i + 1])
			fprintf(out,
				"<span class=\"%s\" style=\"flex: %" PRIu64
				"\" title=\"%s %s\">%s %s</span>",
				names[i], (at[i + 1] - at[i]) / 1000000 + 1, names[i],
				fmt_ns(at[i + 1] - at[i]).s, names[i], fmt_ns(at[i + 1] - at[i]).s);
	fputs("</div>\n", out);
}

static void put_counts(FILE *out, const struct test *t)
{
	fprintf(out,
		"<dt>requests</dt><dd>%" PRIu64 ": %s read, %s written, %" PRIu64
		" with an error, %" PRIu64 " retr%s, %" PRIu64 " that did not end</dd>\n"
		"<dt>SMB commands</dt><dd>%" PRIu64 ", %" PRIu64
		" with an error; waited %s for credits</dd>\n"
		"<dt>events</dt><dd>%" PRIu64 " its own (%" PRIu64 " by process, %" PRIu64
		" by time), %" PRIu64 " ambiguous, %" PRIu64 " while it ran; %s"
		" lost</dd>\n",
		t->requests, fmt_bytes(t->read_bytes).s, fmt_bytes(t->written_bytes).s, t->errors,
		t->retries, plural_y(t->retries), t->open, t->commands, t->command_errors,
		fmt_ns(t->credit_wait_ns).s, t->events, t->events - t->by_time, t->by_time,
		t->ambiguous, t->in_window, fmt_lost(t->lost, t->lost_at_least).s);
}

/* Of its directories, as they are mounted now. */
static void put_mounts(FILE *out, const struct testrun *r)
{
	for (const struct mount *mnt = model_mounts(r->m); mnt; mnt = mnt->hh.next) {
		if (!mnt->point || !((r->test_dir && !strcmp(mnt->point, r->test_dir)) ||
				     (r->scratch && !strcmp(mnt->point, r->scratch))))
			continue;
		put_mount(out, mnt->source, mnt->point, mnt->fstype, mnt->options);
	}
}

static void put_files(FILE *out, const struct testrun *r, const struct test *t)
{
	fputs("<dt>files</dt><dd>", out);
	put_file_links(out, r, t, "");
	if (t->result_dir) {
		fputs("<span class=\"dim\">check's own are in ", out);
		put_html(out, t->result_dir);
		fputs("</span>", out);
	}
	fputs("</dd></dl>\n", out);
}

/* ---- what went wrong, beside what the I/O path did ---- */

static void put_left(FILE *out, const struct left *l)
{
	if (l->diff) {
		fputs("<h2>What its output should be, and was</h2>\n<pre class=\"cut\">", out);
		put_block(out, l->diff, true);
		fputs("</pre>\n", out);
	}
	if (l->log) {
		fputs("<h2>In the kernel log</h2>\n<pre class=\"cut\">", out);
		put_block(out, l->log, false);
		fputs("</pre>\n", out);
	}
}

static void put_odd_row(FILE *out, const struct testrun *r, const struct test *t,
			const struct request_line *row)
{
	const struct request_key key = key_of(row);

	fputs("<tr><td class=\"l\">", out);
	put_request_link(out, r, UP, &key, row->first_ns, NULL);
	fprintf(out, "</td><td>%s</td><td class=\"l\">", fmt_ns(row->first_ns - t->mark_ns).s);
	put_html(out, origin_of(r, row));
	fprintf(out, "</td><td>%s</td><td>%s</td><td class=\"l\">", fmt_bytes(row->len).s,
		row->latency_ns ? fmt_ns(row->latency_ns).s : "-");
	if (row->error)
		fprintf(out, "error %" PRId32 " ", row->error);
	if (row->retries)
		fprintf(out, "%" PRIu32 " retr%s ", row->retries, plural_y(row->retries));
	if (is_short(row))
		fprintf(out, "%s of it done ", fmt_bytes(row->transferred).s);
	fprintf(out, "%s%s</td></tr>\n", row->open ? "did not end " : "",
		row->lost ? "records lost" : "");
}

static void put_odd_head(FILE *out)
{
	fputs("<table><thead><tr><th class=\"l\">request</th><th>at</th><th class=\"l\">origin</th><th>length</th><th>latency</th><th class=\"l\"></th></tr></thead><tbody>\n",
	      out);
}

static void put_odd(FILE *out, const struct testrun *r, const struct test *t, const struct page *p)
{
	unsigned int odd = 0;

	for (size_t i = 0; i < p->nr_rows; i++) {
		if (!is_odd(&p->rows[i]))
			continue;
		if (!odd)
			put_odd_head(out);
		if (odd++ < MOST_ODD)
			put_odd_row(out, r, t, &p->rows[i]);
	}
	if (odd)
		fputs("</tbody></table>\n", out);
	else
		fputs("<p>Each of its requests here ended without an error and without a retry.</p>\n",
		      out);
	if (odd > MOST_ODD)
		fprintf(out, "<p class=\"dim\">and %u more below</p>\n", odd - MOST_ODD);
}

static void put_slow(FILE *out, const struct testrun *r, const struct test *t, const struct page *p)
{
	const struct request_line *slow[MOST_SLOW] = {};
	int n = 0;

	for (size_t i = 0; i < p->nr_rows; i++) {
		const struct request_line *row = &p->rows[i];
		int at = n < MOST_SLOW ? n++ : MOST_SLOW;

		for (; at && (!slow[at - 1] || slow[at - 1]->latency_ns < row->latency_ns); at--)
			if (at < MOST_SLOW)
				slow[at] = slow[at - 1];
		if (at < MOST_SLOW)
			slow[at] = row;
	}
	if (!n)
		return;
	fputs("<p>Its slowest:</p>\n", out);
	put_odd_head(out);
	for (int i = 0; i < n; i++)
		put_odd_row(out, r, t, slow[i]);
	fputs("</tbody></table>\n", out);
}

static void put_commands(FILE *out, const struct page *p)
{
	if (!p->nr_failed)
		return;
	fputs("<p>SMB commands that failed:</p>\n<table><thead><tr><th class=\"l\">command</th><th class=\"l\">status</th><th>count</th></tr></thead><tbody>\n",
	      out);
	for (unsigned int i = 0; i < p->nr_failed; i++) {
		const struct failed_commands *f = &p->failed[i];

		fprintf(out, "<tr><td class=\"l\">%s</td><td class=\"l\">", command_text(f->cmd).s);
		if (f->answered)
			fprintf(out, "0x%08" PRIx32 " %s", f->status, ntstatus_name(f->status));
		else
			fputs("not sent, or cut off by a reconnect", out);
		fprintf(out, "</td><td>%" PRIu64 "</td></tr>\n", f->count);
	}
	fputs("</tbody></table>\n", out);
}

/* Of a test that did not pass: both sides of it. */
static void put_failure(FILE *out, const struct testrun *r, const struct test *t,
			const struct page *p)
{
	const struct left *l = left_of(r, t->ordinal);

	if (group_of(t) == GROUP_PASS || group_of(t) == GROUP_SKIP)
		return;
	fputs("<div class=\"pair\">\n", out);
	if (l && (l->diff || l->log)) {
		fputs("<section>\n", out);
		put_left(out, l);
		fputs("</section>\n", out);
	}
	fputs("<section>\n<h2>What the I/O path did meanwhile</h2>\n<div class=\"list\">\n", out);
	if (p && p->nr_rows) {
		put_odd(out, r, t, p);
		put_slow(out, r, t, p);
	} else if (!t->requests) {
		fprintf(out, "<p>%s</p>\n",
			t->commands ? "No request: only SMB commands that move no data."
				    : "Nothing that was seen.");
	}
	if (p)
		put_commands(out, p);
	fputs("</div></section></div>\n", out);
}

/* ---- requests ---- */

static const char *phase_of(const struct test *t, uint64_t ns)
{
	if (!t->script_ns)
		return "";
	if (ns < t->script_ns)
		return "setup";
	return t->script_end_ns && ns >= t->script_end_ns ? "post" : "body";
}

static void put_request_row(FILE *out, const struct testrun *r, const struct test *t,
			    const struct request_line *row)
{
	const struct request_key key = key_of(row);

	fprintf(out, "<tr%s><td class=\"l\">",
		row->error < 0 || row->open ? " class=\"off\""
		: is_odd(row)		    ? " class=\"re\""
					    : "");
	put_request_link(out, r, UP, &key, row->first_ns, NULL);
	fputs("</td>", out);
	put_cell(out, row->first_ns - t->mark_ns, fmt_ns(row->first_ns - t->mark_ns).s);
	fprintf(out, "<td class=\"l\">%s</td><td class=\"l\">", phase_of(t, row->first_ns));
	put_html(out, origin_of(r, row));
	fprintf(out, "</td><td data-v=\"%" PRIu64 "\">%" PRIu64, row->ino, row->ino);
	if (row->path) {
		fputs(" ", out);
		put_html(out, row->path);
	}
	fputs("</td>", out);
	fprintf(out, "<td data-v=\"%" PRIu64 "\">0x%" PRIx64 "</td>", row->start, row->start);
	put_cell(out, row->len, fmt_bytes(row->len).s);
	fprintf(out, "<td data-v=\"%" PRIu64 "\"%s>%s</td>", row->transferred,
		is_short(row) ? "" : " class=\"dim\"",
		row->transferred == row->len ? "all" : fmt_bytes(row->transferred).s);
	put_number(out, row->error);
	put_number(out, row->nr_subrequests);
	put_number(out, row->retries);
	put_cell(out, row->latency_ns, row->latency_ns ? fmt_ns(row->latency_ns).s : "-");
	fputs("<td class=\"l\">", out);
	put_html(out, row->comm);
	fprintf(out, "%s%s</td></tr>\n", row->claim == CLAIM_TIME ? " (by time)" : "",
		row->open ? ", did not end" : "");
}

static void put_requests(FILE *out, const struct testrun *r, const struct test *t,
			 const struct page *p)
{
	fputs("<h2>Requests</h2>\n<div class=\"list\"><table class=\"sortable\"><thead><tr><th class=\"l\">request</th><th>at</th><th class=\"l\">phase</th><th class=\"l\">origin</th><th>inode</th><th>start</th><th>length</th><th>done</th><th>error</th><th>subrequests</th><th>retries</th><th>latency</th><th class=\"l\">task</th></tr></thead><tbody>\n",
	      out);
	for (size_t i = 0; i < p->nr_rows; i++)
		put_request_row(out, r, t, &p->rows[i]);
	fputs("</tbody></table></div>\n", out);
	if (p->rows_left_out)
		fprintf(out, "<p>and %" PRIu64 " more, which its timeline has</p>\n",
			p->rows_left_out);
}

static void put_timelines(FILE *out, const struct page *p)
{
	fprintf(out, "<details%s><summary>Timelines as text</summary>\n<pre>",
		p->timelines.len > (64 << 10) ? "" : " open");
	put_block(out, p->timelines.text ? p->timelines.text : "", false);
	fputs("</pre>\n", out);
	if (p->timelines_left_out)
		fprintf(out,
			"<p>%" PRIu64
			" more in the trace: <code>netfsnoop report -t --test NAME TRACE</code></p>\n",
			p->timelines_left_out);
	fputs("</details>\n", out);
}

int testrun_html(FILE *out, const struct testrun *r, const struct test *t)
{
	const struct page *p = page_of(r, t->ordinal);
	struct test_verdict v = test_verdict(r->m, r->e, t);
	int rc = 0, rc2;

	put_begin(out, t->name);
	put_nav(out, r, t);
	put_verdicts(out, t, &v);
	put_counts(out, t);
	put_mounts(out, r);
	put_files(out, r, t);
	put_phases(out, t);
	put_failure(out, r, t, p);
	if (finding_of_test(engine_findings(r->e), t->ordinal)) {
		fputs("<h2>Findings</h2>\n", out);
		rc = put_findings(out, r, t->ordinal);
	}
	if (!rc && p && p->nr_rows) {
		put_requests(out, r, t, p);
		put_timelines(out, p);
	} else if (!rc && t->requests) {
		fputs("<p>Findings came after its end, so that this page was written again: its requests are in the trace alone. ",
		      out);
		put_test_link(out, r, UP, t, "Its timeline");
		fputs("</p>\n", out);
	}
	rc2 = put_end(out);
	return rc ?: rc2;
}
