// SPDX-License-Identifier: GPL-2.0-only
/* One small page without scripts: it can be mailed, and opens anywhere. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "view/measure/diff.h"

#define ESCAPED 400

static const char style[] =
	"body{font:14px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222;background:#fff}table{border-collapse:collapse;width:100%}th,td{padding:.2em .6em;text-align:right;border-bottom:1px solid #ddd}th:first-child,td:first-child{text-align:left}tr.differs{background:#fff3cd;font-weight:bold}tr.unknown,tr.too-few{color:#777}code{word-break:break-all}@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}th,td{border-color:#444}tr.differs{background:#4a3c00}}";

/* Any bytes: first what a terminal must not see, then what HTML must not. */
static void put_text(FILE *out, const char *text)
{
	char safe[ESCAPED];

	for (const char *p = fmt_escape(safe, sizeof(safe), text); *p; p++) {
		if (*p == '<')
			fputs("&lt;", out);
		else if (*p == '>')
			fputs("&gt;", out);
		else if (*p == '&')
			fputs("&amp;", out);
		else if (*p == '"')
			fputs("&quot;", out);
		else
			putc(*p, out);
	}
}

static void put_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	put_text(out, text);
	fputs("</td>", out);
}

static void put_side(FILE *out, const char *letter, const char *path, const struct diff_side *s)
{
	fprintf(out, "<li><b>%s</b> <code>", letter);
	put_text(out, path);
	fputs("</code>", out);
	if (s) {
		fputs(", kernel ", out);
		put_text(out, *s->release ? s->release : "unknown");
		fprintf(out, ", %s read, %s written in %s",
			fmt_bytes(s->totals->subrequests[0].bytes).s,
			fmt_bytes(s->totals->subrequests[1].bytes).s,
			s->timed ? fmt_ns(s->duration_ns).s : "an unknown time");
		if (s->lost || s->lost_at_least)
			fprintf(out,
				"; %s lost: amounts with + are lower bounds, those with ? ratios of such",
				fmt_lost(s->lost, s->lost_at_least).s);
	}
	fputs("</li>\n", out);
}

static void put_significance(FILE *out, const struct diff_row *r)
{
	if (r->distribution && r->verdict == DIFF_TOO_FEW)
		fprintf(out, "<td>too few</td>");
	else if (r->distribution && r->ranks.tested)
		fprintf(out, "<td>%+.2f</td>", r->ranks.effect);
	else
		fprintf(out, "<td></td>");
	if (r->distribution && r->ranks.tested)
		fprintf(out, "<td>%.2g</td>", r->ranks.p);
	else
		fprintf(out, "<td></td>");
	if (r->distribution)
		fprintf(out, "<td>%" PRIu64 ", %" PRIu64 "</td>", r->n_a, r->n_b);
	else
		fprintf(out, "<td>1, 1</td>");
}

static void put_rows(FILE *out, const struct diff *d)
{
	const char *group = "";

	for (unsigned int i = 0; i < d->nr_rows; i++) {
		const struct diff_row *r = &d->row[i];

		if (r->group != group)
			fprintf(out,
				"%s<h2>%s</h2>\n<table><tr><th></th><th>A</th><th>B</th><th>change</th><th>effect</th><th>p</th><th>samples</th></tr>\n",
				*group ? "</table>\n" : "",
				r->distribution ? "Distributions (medians)" : "Amounts");
		group = r->group;
		fprintf(out, "<tr class=\"%s\">", diff_verdict_name(r->verdict));
		put_cell(out, r->name);
		put_cell(out, diff_value(r, false).s);
		put_cell(out, diff_value(r, true).s);
		put_cell(out, diff_change(r).s);
		put_significance(out, r);
		fputs("</tr>\n", out);
	}
	if (d->nr_rows)
		fputs("</table>\n", out);
}

static void put_findings(FILE *out, const struct diff *d)
{
	fputs("<h2>Findings on one side only</h2>\n<ul>\n", out);
	for (unsigned int i = 0; i < d->nr_only; i++) {
		const struct diff_finding *f = d->only[i].finding;

		fprintf(out,
			"<li>%c: <b>%s</b>, %s, %" PRIu64 " time%s: ", d->only[i].in_b ? 'B' : 'A',
			f->check->id, verdict_name(f->verdict), f->count, plural(f->count));
		put_text(out, f->what);
		fputs("</li>\n", out);
	}
	fprintf(out, "%s</ul>\n", d->nr_only ? "" : "<li>none</li>\n");
}

static void put_tests(FILE *out, const struct diff *d)
{
	fprintf(out,
		"<p>Tests: %" PRIu64 " in A, %" PRIu64 " in B, %" PRIu64 " in both.</p>\n"
		"<table><tr><th>test</th><th>what</th><th>A</th><th>B</th></tr>\n",
		d->nr_tests_a, d->nr_tests_b, d->nr_tests_both);
	for (unsigned int i = 0; i < d->nr_changes; i++) {
		const struct diff_test_change *c = &d->change[i];

		fprintf(out, "<tr class=\"%s\">", c->matters ? "differs" : "same");
		put_cell(out, c->name);
		put_cell(out, c->what);
		put_cell(out, c->a);
		put_cell(out, c->b);
		fputs("</tr>\n", out);
	}
	fputs("</table>\n", out);
}

int diff_print_html(FILE *out, const struct diff *d)
{
	errno = 0;
	fprintf(out,
		"<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>netfsnoop diff</title>\n<style>%s</style>\n"
		"<h1>%u difference%s that matter%s</h1>\n<ul>\n",
		style, d->differences, plural(d->differences), d->differences == 1 ? "s" : "");
	put_side(out, "A", d->path_a, d->a);
	put_side(out, "B", d->path_b, d->b);
	fputs("</ul>\n", out);
	if (d->a) {
		put_rows(out, d);
		put_findings(out, d);
		fprintf(out,
			"<p>Amounts are one number a run; marked from %g %% on. Distributions: Mann-Whitney, p corrected for the number of rows (Holm) and for what samples in a row have in common; marked from p &lt; %g and an effect (Cliff's delta, positive: B is larger) of %g on. It is about these two runs: compare two of one kind first, to see what a run does.</p>\n",
			d->percent, DIFF_P, DIFF_EFFECT);
	} else {
		put_tests(out, d);
	}
	fputs("</html>\n", out);
	return fflush(out) ? (errno ? -errno : -EIO) : 0;
}
