// SPDX-License-Identifier: GPL-2.0-only
/*
 * `report --latency`: requests as bars by powers of two, stages and commands as a line each on one
 * common scale, so that what is slow stands out at a glance.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "view/text/summary.h"
#include "view/text/summary_print.h"

#define OCTAVES	   64
#define BAR_FIXED  34 /* columns of a line of bars before the bar */
#define HEAT_FIXED 36
#define MAX_ROOM   200
#define HEAT_LOW   9 /* octave: what is below 512 ns shares the first one */

struct range {
	unsigned int low, high; /* octaves */
};

static void widen(struct range *r, const struct hist *h)
{
	for (unsigned int i = 0; i < OCTAVES; i++) {
		if (!hist_octave(h, i))
			continue;
		r->low = i < r->low ? i : r->low;
		r->high = i > r->high ? i : r->high;
	}
}

static uint64_t most(const struct hist *h)
{
	uint64_t max = 0;

	for (unsigned int i = 0; i < OCTAVES; i++)
		max = hist_octave(h, i) > max ? hist_octave(h, i) : max;
	return max;
}

/* ---- bars ---- */

static void put_bars(const struct summary_view *v, const struct hist *h, unsigned int width)
{
	struct range r = { OCTAVES - 1, 0 };
	uint64_t max = most(h);

	widen(&r, h);
	for (unsigned int i = r.low; i <= r.high; i++) {
		uint64_t n = hist_octave(h, i);
		unsigned int len = (double)n / max * (width - BAR_FIXED) + 0.5;

		fprintf(v->out, "  %9s -", fmt_ns(1ULL << i).s);
		fprintf(v->out, " %-8s", fmt_ns((2ULL << i) - 1).s);
		sum_count(v, 9, n);
		fputs(n || len ? " " : "", v->out);
		for (unsigned int k = 0; k < (n && !len ? 1 : len); k++)
			fputc('#', v->out);
		fputc('\n', v->out);
	}
}

static void put_requests(const struct summary_view *v, unsigned int width)
{
	for (const struct request_row *row = v->totals->requests; row; row = row->next) {
		const struct hist *h = &row->latency;
		char origin[MAX_NAME], fs[MAX_NAME], title[2 * MAX_NAME + 64];

		if (!h->count)
			continue;
		fmt_escape(origin, sizeof(origin),
			   row->origin_known
				   ? request_origin(model_names(v->m), row->synthetic, row->origin)
				   : "?");
		fmt_escape(fs, sizeof(fs), *row->fs ? row->fs : "?");
		snprintf(title, sizeof(title), "%s %s", row->rest ? "other requests" : origin,
			 row->rest ? "" : fs);
		sum_heading(v, title);
		fprintf(v->out, "  %" PRIu64 " request%s, p50 %s", h->count, plural(h->count),
			fmt_ns(hist_quantile(h, 0.5)).s);
		fprintf(v->out, ", p95 %s", fmt_ns(hist_quantile(h, 0.95)).s);
		if (!sum_narrow(v))
			fprintf(v->out, ", p99 %s", fmt_ns(hist_quantile(h, 0.99)).s);
		fprintf(v->out, ", max %s\n", fmt_ns(h->max).s);
		put_bars(v, h, width);
	}
}

/* ---- one line each ---- */

struct heat {
	const struct summary_view *v;
	struct range range;
	unsigned int cell; /* columns of an octave */
};

static uint64_t in_cell(const struct hist *h, const struct range *r, unsigned int octave)
{
	uint64_t n = 0;

	for (unsigned int i = octave == r->low ? 0 : octave; i <= octave; i++)
		n += hist_octave(h, i);
	return n;
}

static void put_heat(const struct heat *t, const char *name, const char *what, const struct hist *h)
{
	static const char dark[] = ".:-=+*#%@";
	uint64_t max = 0;

	if (!h->count)
		return;
	for (unsigned int i = t->range.low; i <= t->range.high; i++)
		max = in_cell(h, &t->range, i) > max ? in_cell(h, &t->range, i) : max;
	fprintf(t->v->out, "  %-15s %-6s %8s |", name, what, fmt_ns(hist_quantile(h, 0.5)).s);
	for (unsigned int i = t->range.low; i <= t->range.high; i++) {
		uint64_t n = in_cell(h, &t->range, i);
		int shade = n ? (int)((double)n / max * (sizeof(dark) - 2) + 0.5) : -1;

		for (unsigned int k = 0; k < t->cell; k++)
			fputc(shade < 0 ? ' ' : dark[shade], t->v->out);
	}
	fputs("|\n", t->v->out);
}

/* Powers of ten where they are on the scale. */
static void put_scale(const struct heat *t)
{
	unsigned int room = (t->range.high - t->range.low + 1) * t->cell, free_from = 0;
	char line[MAX_ROOM + 1];

	if (room > MAX_ROOM)
		return;
	memset(line, ' ', room);
	line[room] = '\0';
	for (uint64_t ns = 1; ns < 1000000000000000ULL; ns *= 10) {
		unsigned int octave = 63 - __builtin_clzll(ns), len;
		double part = (double)ns / (1ULL << octave) - 1; /* of the octave, nearly */
		struct short_text text = fmt_ns(ns);
		unsigned int at = (octave - t->range.low + part) * t->cell;

		/* "1.00 ms" is "1ms" here */
		len = snprintf(text.s, sizeof(text.s), "%.0f%s", strtod(text.s, NULL),
			       strchr(text.s, ' ') + 1);
		if (octave < t->range.low || at < free_from || at + len > room)
			continue;
		memcpy(line + at, text.s, len);
		free_from = at + len + 1;
	}
	fprintf(t->v->out, "  %-15s %-6s %8s |%s|\n", "", "", "p50", line);
}

static struct heat heat_of(const struct summary_view *v, unsigned int width)
{
	struct heat t = { .v = v, .range = { OCTAVES - 1, 0 } };
	unsigned int octaves;

	for (int w = 0; w < 2; w++)
		for (int i = 0; i < STAGE_MAX; i++)
			widen(&t.range, &v->totals->subrequests[w].stage[i]);
	for (int i = 0; i <= TOTALS_COMMANDS; i++)
		widen(&t.range, &v->totals->commands[i].latency);
	if (t.range.low < HEAT_LOW && t.range.high >= HEAT_LOW)
		t.range.low = HEAT_LOW;
	octaves = t.range.high >= t.range.low ? t.range.high - t.range.low + 1 : 0;
	t.cell = octaves ? (width - HEAT_FIXED) / octaves : 0;
	t.cell = t.cell > 4 ? 4 : t.cell < 1 ? 1 : t.cell;
	return t;
}

static void put_heats(const struct summary_view *v, unsigned int width)
{
	static const char *const what[] = { "reads", "writes" };
	struct heat t = heat_of(v, width);

	if (t.range.high < t.range.low)
		return;
	sum_heading(v, "Stages of subrequests, and SMB commands");
	put_scale(&t);
	for (int i = 0; i < STAGE_MAX; i++)
		for (int w = 0; w < 2; w++)
			put_heat(&t, stage_name(i), what[w], &v->totals->subrequests[w].stage[i]);
	for (int i = 0; i <= TOTALS_COMMANDS; i++)
		put_heat(&t, i < TOTALS_COMMANDS ? command_text(i).s : "others", "",
			 &v->totals->commands[i].latency);
	fprintf(v->out, "  The darker (. : - = + * # %% @),%sthe more of the line's own.\n",
		sum_narrow(v) ? "\n  " : " ");
}

int summary_view_latency(struct summary_view *v)
{
	errno = 0;
	sum_coloured(v, BOLD, "Latency");
	fprintf(v->out, ", from the first event until the caller%shad the result\n",
		sum_narrow(v) ? "\n" : " ");
	put_requests(v, v->width);
	put_heats(v, v->width);
	if (fflush(v->out) == EOF || ferror(v->out))
		return errno ? -errno : -EIO;
	return 0;
}
