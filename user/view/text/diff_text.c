// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "view/measure/diff.h"

#define ESCAPED 400
#define WIDE \
	80 /* with fewer columns the names are shorter, and what is long has a line of its own */

static const char *mark(enum diff_verdict v)
{
	return v == DIFF_DIFFERS ? " *" : "";
}

static void put_side(FILE *out, char letter, const struct diff_side *s)
{
	double bytes = s->totals->subrequests[0].bytes + s->totals->subrequests[1].bytes;
	char path[ESCAPED], release[ESCAPED];

	fprintf(out, "%c  %s\n", letter, fmt_escape(path, sizeof(path), s->path));
	fprintf(out, "   kernel %s, %s in %s\n",
		*s->release ? fmt_escape(release, sizeof(release), s->release) : "unknown",
		fmt_bytes(bytes).s, s->timed ? fmt_ns(s->duration_ns).s : "an unknown time");
	if (s->lost || s->lost_at_least)
		fprintf(out,
			"   %s lost: amounts with + are lower bounds, those with ? ratios of such\n",
			fmt_lost(s->lost, s->lost_at_least).s);
	if (s->totals->partial)
		fprintf(out, "   %" PRIu64 " request%s began before the recording\n",
			s->totals->partial, plural(s->totals->partial));
}

static int name_width(unsigned int width)
{
	return width < WIDE ? 26 : 34;
}

static void put_values(FILE *out, const struct diff_row *r, unsigned int width)
{
	int values = width < WIDE ? 9 : 10;

	fprintf(out, "  %-*s", name_width(width), r->name);
	if (strlen(r->name) > (size_t)name_width(width))
		fprintf(out, "\n  %*s", name_width(width), "");
	fprintf(out, " %*s %*s %s%8s", values, diff_value(r, false).s, values,
		diff_value(r, true).s, width < WIDE ? "" : " ", diff_change(r).s);
}

static void put_number(FILE *out, const struct diff_row *r, unsigned int width)
{
	put_values(out, r, width);
	fprintf(out, "%s\n", mark(r->verdict));
}

static const char *size_of(double effect)
{
	double e = fabs(effect);

	return e < 0.15 ? "none" : e < DIFF_EFFECT ? "small" : e < 0.47 ? "medium" : "large";
}

static void put_too_few(FILE *out, const struct diff_row *r)
{
	fprintf(out, "  too few (%" PRIu64 ", %" PRIu64, r->n_a, r->n_b);
	if (r->n_a >= RANKS_MIN && r->n_b >= RANKS_MIN)
		fprintf(out, " worth %.0f, %.0f", r->ranks.worth[0], r->ranks.worth[1]);
	fputs(")\n", out);
}

static void put_distribution(FILE *out, const struct diff_row *r, unsigned int width)
{
	put_values(out, r, width);
	if (width < WIDE)
		fputs("\n    ", out);
	if (!r->has_a || !r->has_b)
		fprintf(out, "  on one side only\n");
	else if (r->verdict == DIFF_UNKNOWN)
		fprintf(out, "  unknown: what was lost may make the difference\n");
	else if (r->verdict == DIFF_TOO_FEW)
		put_too_few(out, r);
	else
		fprintf(out, "  %s%s, p %s%.2g%s\n",
			r->ranks.effect > 0.15	  ? "B more: "
			: r->ranks.effect < -0.15 ? "A more: "
						  : "",
			size_of(r->ranks.effect), r->ranks.p < 1e-9 ? "< " : "= ",
			fmax(r->ranks.p, 1e-9), mark(r->verdict));
}

static void put_heading(FILE *out, bool distributions, unsigned int width)
{
	bool wide = width >= WIDE;

	fprintf(out, "\n%-*s %*s %*s %s%8s%s\n", name_width(width) + 2,
		distributions ? "Distributions (medians)" : "Amounts", wide ? 10 : 9, "A",
		wide ? 10 : 9, "B", wide ? " " : "", "change",
		distributions && wide ? "  effect" : "");
}

static void put_rows(FILE *out, const struct diff *d, bool distributions, unsigned int width)
{
	bool any = false;

	for (unsigned int i = 0; i < d->nr_rows; i++) {
		const struct diff_row *r = &d->row[i];

		if (r->distribution != distributions)
			continue;
		if (!any)
			put_heading(out, distributions, width);
		any = true;
		if (distributions)
			put_distribution(out, r, width);
		else
			put_number(out, r, width);
	}
}

static void put_findings(FILE *out, const struct diff *d)
{
	fprintf(out, "\nFindings\n");
	for (unsigned int i = 0; i < d->nr_only; i++) {
		const struct diff_finding *f = d->only[i].finding;
		char what[ESCAPED];

		fprintf(out, "  only in %c: %s, %s, %" PRIu64 " time%s: %s%s\n",
			d->only[i].in_b ? 'B' : 'A', f->check->id, verdict_name(f->verdict),
			f->count, plural(f->count), fmt_escape(what, sizeof(what), f->what),
			d->only[i].matters		  ? " *"
			: f->verdict == VERDICT_VIOLATION ? " (the other side lost records)"
							  : "");
	}
	if (!d->nr_only)
		fprintf(out, "  no difference\n");
	if (d->a->not_evaluated != d->b->not_evaluated)
		fprintf(out, "  checks not evaluated: %" PRIu64 " in A, %" PRIu64 " in B\n",
			d->a->not_evaluated, d->b->not_evaluated);
}

static void put_tests(FILE *out, const struct diff *d)
{
	fprintf(out, "Tests: %" PRIu64 " in A, %" PRIu64 " in B, %" PRIu64 " in both\n",
		d->nr_tests_a, d->nr_tests_b, d->nr_tests_both);
	for (unsigned int i = 0; i < d->nr_changes; i++) {
		const struct diff_test_change *c = &d->change[i];
		char name[ESCAPED], a[ESCAPED], b[ESCAPED];

		fprintf(out, "  %-24s %-16s %12s -> %s%s\n",
			fmt_escape(name, sizeof(name), c->name), c->what,
			fmt_escape(a, sizeof(a), c->a), fmt_escape(b, sizeof(b), c->b),
			c->matters ? " *" : "");
	}
	if (!d->nr_changes)
		fprintf(out, "  nothing changed\n");
}

static void put_recordings(FILE *out, const struct diff *d, unsigned int width)
{
	put_side(out, 'A', d->a);
	put_side(out, 'B', d->b);
	put_rows(out, d, false, width);
	put_rows(out, d, true, width);
	put_findings(out, d);
	fprintf(out,
		"\nAmounts are one number a run, so there is nothing to test: * is a change of %g %% or more.\n"
		"Distributions: Mann-Whitney, p corrected for the number of rows (Holm) and for what\n"
		"samples in a row have in common; * is p < %g and an effect (Cliff's delta) of %g on.\n"
		"It is about these two runs. Compare two of one kind first, to see what a run does.\n",
		d->percent, DIFF_P, DIFF_EFFECT);
}

int diff_print_text(FILE *out, const struct diff *d, unsigned int width)
{
	errno = 0;
	if (d->a)
		put_recordings(out, d, width);
	else
		put_tests(out, d);
	fprintf(out, "\n%u difference%s that matter%s\n", d->differences, plural(d->differences),
		d->differences == 1 ? "s" : "");
	return fflush(out) ? (errno ? -errno : -EIO) : 0;
}
