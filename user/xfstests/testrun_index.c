// SPDX-License-Identifier: GPL-2.0-only
/* index.html of an xfstests run: what came of it, and the table of tests. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/fmt.h"
#include "view/measure/totals.h"
#include "xfstests/testrun_parts.h"

static const char *const group_names[GROUP_NR] = {
	[GROUP_PASS] = "pass",
	[GROUP_FAIL] = "fail",
	[GROUP_SKIP] = "not run",
	[GROUP_OTHER] = "unclear",
};

/* ---- totals ---- */

struct totals_of_run {
	uint32_t nr[GROUP_NR][IO_NR], of_group[GROUP_NR], of_verdict[IO_NR], all, violated;
};

static struct totals_of_run count_tests(const struct testrun *r)
{
	struct totals_of_run sum = { .all = model_nr_tests(r->m) };

	for (uint32_t i = 1; i <= sum.all; i++) {
		const struct test *t = model_test(r->m, i);
		enum io_verdict io = test_verdict(r->m, r->e, t).io;

		sum.nr[group_of(t)][io]++;
		sum.of_group[group_of(t)]++;
		sum.of_verdict[io]++;
		sum.violated += group_of(t) == GROUP_PASS && io == IO_FINDINGS;
	}
	return sum;
}

/* A number that chooses its tests in the table; group or io is negative: of all. */
static void put_count(FILE *out, uint32_t n, int group, int io)
{
	if (!n) {
		fputs("<td class=\"zero\">0</td>", out);
		return;
	}
	fputs("<td><a href=\"#", out);
	if (group >= 0)
		fprintf(out, "check=%s%s", group_names[group], io >= 0 ? "&amp;" : "");
	if (io >= 0)
		fprintf(out, "verdict=%s", io_verdict_name(io));
	fprintf(out, "\">%" PRIu32 "</a></td>", n);
}

/* Those three always, others where there are some. */
static bool is_shown(const struct totals_of_run *sum, int io)
{
	return io == IO_CLEAN || io == IO_FINDINGS || io == IO_INCONCLUSIVE || sum->of_verdict[io];
}

static void put_matrix(FILE *out, const struct totals_of_run *sum)
{
	fputs("<table class=\"matrix\"><thead><tr><th class=\"l\">check says</th>", out);
	for (int io = 0; io < IO_NR; io++)
		if (is_shown(sum, io))
			fprintf(out, "<th>%s</th>", io_verdict_name(io));
	fputs("<th>all</th></tr></thead><tbody>\n", out);
	for (int g = 0; g < GROUP_NR; g++) {
		if (g == GROUP_OTHER && !sum->of_group[g])
			continue;
		fprintf(out, "<tr><td class=\"l\">%s</td>", group_names[g]);
		for (int io = 0; io < IO_NR; io++)
			if (is_shown(sum, io))
				put_count(out, sum->nr[g][io], g, io);
		put_count(out, sum->of_group[g], g, -1);
		fputs("</tr>\n", out);
	}
	fputs("<tr><td class=\"l\">all</td>", out);
	for (int io = 0; io < IO_NR; io++)
		if (is_shown(sum, io))
			put_count(out, sum->of_verdict[io], -1, io);
	fprintf(out, "<td>%" PRIu32 "</td></tr>\n</tbody></table>\n", sum->all);
}

/* ---- what to look at first ---- */

static bool is_violated(const struct testrun *r, const struct test *t)
{
	return group_of(t) == GROUP_PASS && test_verdict(r->m, r->e, t).io == IO_FINDINGS;
}

static bool is_failure(const struct testrun *r, const struct test *t)
{
	(void)r;
	return group_of(t) == GROUP_FAIL;
}

static void put_names(FILE *out, const struct testrun *r, const char *title,
		      bool (*wanted)(const struct testrun *, const struct test *))
{
	fprintf(out, "<p class=\"alarm\"><strong>%s:</strong> ", title);
	for (uint32_t i = 1; i <= model_nr_tests(r->m); i++) {
		const struct test *t = model_test(r->m, i);
		struct test_slug slug = test_slug(t);

		if (!wanted(r, t))
			continue;
		fprintf(out, "<a href=\"tests/%s.html\">", slug.s);
		put_test_name(out, t);
		fputs("</a> ", out);
	}
	fputs("</p>\n", out);
}

static void put_alarms(FILE *out, const struct testrun *r, const struct testrun_info *info,
		       const struct totals_of_run *sum)
{
	if (sum->violated)
		put_names(out, r, "Passed, but broke rules", is_violated);
	if (sum->of_group[GROUP_FAIL])
		put_names(out, r, "Failures", is_failure);
	if (info->interrupted)
		fputs("<p class=\"alarm\"><strong>The run was interrupted.</strong></p>\n", out);
	else if (info->finished && info->status && !sum->of_group[GROUP_FAIL])
		fprintf(out,
			"<p class=\"alarm\"><strong>check ended with exit status %d, and which test failed is not known.</strong></p>\n",
			info->status);
	else if (sum->all && !sum->violated && !sum->of_group[GROUP_FAIL])
		fprintf(out, "<p class=\"alarm fine\"><strong>No failures%s.</strong></p>\n",
			info->finished ? "" : " so far");
}

/* ---- the run ---- */

static void put_pair(FILE *out, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	fprintf(out, "<dt>%s</dt><dd>", name);
	put_html(out, value);
	fputs("</dd>\n", out);
}

static void put_when(FILE *out, const struct testrun *r)
{
	uint32_t n = model_nr_tests(r->m);
	const struct recording *rec = model_recording(r->m);
	const struct test *first = model_test(r->m, 1), *last = model_test(r->m, n);
	uint64_t real, end;
	char text[64];
	struct tm tm;
	time_t sec;

	if (!n)
		return;
	end = last->end_ns ? last->end_ns : rec->now_ns;
	fputs("<dt>when</dt><dd>", out);
	if (recording_realtime(rec, first->mark_ns, &real)) {
		sec = real / 1000000000;
		if (gmtime_r(&sec, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
			fprintf(out, "%s UTC, ", text);
	}
	fprintf(out, "for %s</dd>\n", fmt_ns(end - first->mark_ns).s);
}

static void put_servers(FILE *out, const struct testrun *r)
{
	const struct conn *list = model_conns(r->m);
	bool any = false;

	for (const struct conn *c = list; c; c = c->hh.next) {
		bool seen = !*c->host;

		for (const struct conn *d = list; d != c && !seen; d = d->hh.next)
			seen = !strcmp(c->host, d->host) && c->sign == d->sign;
		if (seen)
			continue;
		fputs(any ? ", " : "<dt>server</dt><dd>", out);
		put_html(out, c->host);
		fputs(c->seen && c->sign ? ", signed" : "", out);
		any = true;
	}
	fputs(any ? "</dd>\n" : "", out);
}

static void put_mounts(FILE *out, const struct testrun *r)
{
	for (unsigned int i = 0; i < r->nr_mounts; i++) {
		const struct run_mount *mnt = &r->mounts[i];

		put_mount(out, mnt->source, mnt->point, mnt->fstype, mnt->options);
	}
}

static void put_about(FILE *out, const struct testrun *r, const struct testrun_info *info)
{
	const struct recording *rec = model_recording(r->m);

	fputs("<dl>\n", out);
	put_when(out, r);
	put_pair(out, "kernel", info->release);
	put_pair(out, "machine", rec->machine);
	put_pair(out, "host", info->host);
	put_pair(out, "FSTYP", r->fstyp);
	put_servers(out, r);
	put_mounts(out, r);
	put_pair(out, "command", info->command);
	fputs("<dt>check</dt><dd>", out);
	if (info->finished)
		fprintf(out, "ended with exit status %d", info->status);
	else
		fputs("had not ended when this was written", out);
	fprintf(out, "</dd>\n<dt>lost</dt><dd>%s</dd>\n</dl>\n",
		fmt_lost(info->lost, info->lost_at_least).s);
}

/* ---- the table ---- */

static void put_slowest(FILE *out, const struct testrun *r, const struct test *t)
{
	const struct request_key key = { .epoch = t->slowest.epoch,
					 .rreq = t->slowest.rreq,
					 .synth = t->slowest.synth };

	fprintf(out, "<td data-v=\"%" PRIu64 "\">", t->slowest.ns);
	if (t->slowest.ns)
		put_request_link(out, r, "", &key, t->mark_ns, fmt_ns(t->slowest.ns).s);
	fputs("</td>", out);
}

/* In the words of both, and what there is to read. */
static void put_note(FILE *out, const struct testrun *r, const struct test *t,
		     const struct test_verdict *v)
{
	bool reason = t->reason && *t->reason;

	fputs("<td class=\"note\">", out);
	put_html(out, t->reason);
	fputs(reason && *v->why ? "; " : "", out);
	put_html(out, v->why);
	fputs(reason || *v->why ? "<br>" : "", out);
	put_file_links(out, r, t, "tests/");
	put_test_link(out, r, "", t, "timeline");
	fputs("</td>", out);
}

static bool has_sections(const struct testrun *r)
{
	for (uint32_t i = 1; i <= model_nr_tests(r->m); i++)
		if (model_test(r->m, i)->section && *model_test(r->m, i)->section)
			return true;
	return false;
}

static void put_row(FILE *out, const struct testrun *r, const struct test *t,
		    const struct test_verdict *v, bool sections)
{
	struct test_slug slug = test_slug(t);
	enum test_group g = group_of(t);

	fprintf(out, "<tr data-check=\"%s\" data-verdict=\"%s\" class=\"%s\"><td>%" PRIu32 "</td>",
		group_names[g], io_verdict_name(v->io),
		g == GROUP_FAIL || v->io == IO_FINDINGS	       ? "off"
		: g == GROUP_OTHER || v->io == IO_INCONCLUSIVE ? "re"
							       : "",
		t->ordinal);
	fprintf(out, "<td class=\"name\"><a href=\"tests/%s.html\">", slug.s);
	put_test_name(out, t);
	fputs("</a></td>", out);
	if (sections) {
		fputs("<td class=\"l\">", out);
		put_html(out, t->section);
		fputs("</td>", out);
	}
	fputs("<td class=\"l\">", out);
	put_result(out, t);
	fputs("</td><td class=\"l\">", out);
	put_verdict_badge(out, v);
	fputs("</td>", out);
	put_cell(out, t->end_ns ? t->end_ns - t->mark_ns : 0,
		 t->end_ns ? fmt_ns(t->end_ns - t->mark_ns).s : "-");
	put_number(out, t->requests);
	put_cell(out, t->read_bytes, fmt_bytes(t->read_bytes).s);
	put_cell(out, t->written_bytes, fmt_bytes(t->written_bytes).s);
	put_number(out, t->errors);
	put_number(out, t->retries);
	put_number(out, t->credit_waits);
	put_slowest(out, r, t);
	put_number(out, t->lost);
	put_note(out, r, t, v);
	fputs("</tr>\n", out);
}

/* 0: it passed and broke rules, 1: it failed, 2: nobody can say, 3: it passed, 4: it did nothing. */
static int rank_of(const struct test *t, const struct test_verdict *v)
{
	enum test_group g = group_of(t);

	if (g == GROUP_FAIL)
		return 1;
	if (v->io == IO_FINDINGS)
		return 0;
	if (g == GROUP_OTHER || v->io == IO_INCONCLUSIVE)
		return 2;
	return g == GROUP_SKIP || v->io == IO_NOTHING ? 4 : 3;
}

static void put_table(FILE *out, const struct testrun *r)
{
	bool sections = has_sections(r);

	fprintf(out,
		"<div class=\"bar\" hidden><input id=\"q\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" aria-label=\"Filter\" placeholder=\"words that all have to be in a row, -word: not  ( / )\"><span id=\"shown\" class=\"dim\" role=\"status\"></span><button id=\"all\" type=\"button\">Show all</button></div>\n"
		"<div class=\"list\"><table class=\"sortable tests\"><thead><tr><th>#</th><th class=\"l\">test</th>%s<th class=\"l\">check</th><th class=\"l\">netfsnoop</th><th>time</th><th>requests</th><th>read</th><th>written</th><th>errors</th><th>retries</th><th>credit waits</th><th>slowest</th><th>lost</th><th class=\"l\">why, and files</th></tr></thead><tbody>\n",
		sections ? "<th class=\"l\">section</th>" : "");
	for (int rank = 0; rank <= 4; rank++)
		for (uint32_t i = 1; i <= model_nr_tests(r->m); i++) {
			const struct test *t = model_test(r->m, i);
			struct test_verdict v = test_verdict(r->m, r->e, t);

			if (rank_of(t, &v) == rank)
				put_row(out, r, t, &v, sections);
		}
	fputs("</tbody></table></div>\n", out);
}

/* The traces, and how to make the page of one that has none. */
static void put_traces(FILE *out, const struct testrun_info *info)
{
	fputs("<h2>Files</h2>\n<p><a href=\"run.json\">run.json</a> <a href=\"junit.xml\">junit.xml</a> <a href=\"live.log\">live.log</a></p>\n<dl>\n",
	      out);
	for (size_t i = 0; info->traces[i]; i++) {
		const struct trace_page *page = info->pages ? &info->pages[i] : NULL;
		const char *name = info->traces[i];

		fprintf(out, "<dt><a href=\"%s\">%s</a></dt><dd>", name, name);
		if (page && *page->name)
			fprintf(out, "<a href=\"%s\">%s</a>: %s on one page", page->name,
				page->name,
				page->part ? "tests that did not pass, broke rules or are unclear"
					   : "all its requests");
		else
			fprintf(out, "%s <code>netfsnoop export --to html -o %.*s.html %s</code>%s",
				info->finished
					? "too large for a page that opens at once;"
					: "its page is written when the run ends; until then",
				(int)(strlen(name) - strlen(".nsn")), name, name,
				info->finished
					? " makes one all the same, with --test NAME that of a test"
					: "");
		fputs("</dd>\n", out);
	}
	fputs("</dl>\n", out);
}

int testrun_index(FILE *out, const struct testrun *r, const struct testrun_info *info)
{
	struct totals_of_run sum = count_tests(r);
	int rc = 0, rc2;

	put_begin(out, "xfstests, as netfsnoop saw it");
	fputs("<h1>xfstests, as netfsnoop saw it</h1>\n", out);
	put_alarms(out, r, info, &sum);
	fputs("<div class=\"top\"><div>\n", out);
	put_matrix(out, &sum);
	fputs("</div><div>\n", out);
	put_about(out, r, info);
	fputs("</div></div>\n", out);
	put_table(out, r);
	put_traces(out, info);
	if (model_events_ambiguous(r->m))
		fprintf(out,
			"<p class=\"dim\">Events that could be of several tests, and count for none: %" PRIu64
			"</p>\n",
			model_events_ambiguous(r->m));
	if (finding_of_test(engine_findings(r->e), 0)) {
		fputs("<h2>Findings of no test</h2>\n", out);
		rc = put_findings(out, r, 0);
	}
	rc2 = put_end(out);
	return rc ?: rc2;
}
