// SPDX-License-Identifier: GPL-2.0-only
/* What is missing from a recording, and which probes could have told. */
#include <inttypes.h>
#include <string.h>

#include "base/damage.h"
#include "base/reasons.h"
#include "event/kinds.h"
#include "view/text/summary_print.h"

/* ---- losses ---- */

static void put_loss(const struct summary_view *v, const struct loss_row *row)
{
	const struct probe_info *p = model_probe(v->m, row->probe);
	const char *why = lost_why_text(row->why);
	char name[MAX_NAME];

	if (why)
		snprintf(name, sizeof(name), "all: %s", why);
	else if (row->probe)
		fmt_escape(name, sizeof(name), p && p->name ? p->name : "unknown probe");
	else
		snprintf(name, sizeof(name), "names of tasks and connections");
	sum_coloured(v, RED, "  %-34s", row->rest ? "others" : name);
	if (row->count || !row->at_least)
		sum_count(v, 7, row->count);
	else
		fputs("  number unknown", v->out);
	if (sum_narrow(v))
		fputs("\n      ", v->out);
	if (lost_is_open(row->why, row->from, row->to))
		fprintf(v->out, "  from %s on", fmt_dmesg(row->from).s);
	else
		fprintf(v->out, "  %s - %s", fmt_dmesg(row->from).s, fmt_dmesg(row->to).s);
	fputs(row->at_least && row->count ? ", or more\n" : "\n", v->out);
}

static void put_missed(const struct summary_view *v)
{
	for (uint32_t i = 0; i < model_recording(v->m)->nr_probes; i++) {
		const struct probe_info *p = model_probe(v->m, i);
		char name[MAX_NAME];

		if (!p || !p->counted || p->missed == UINT64_MAX || !p->missed)
			continue;
		fmt_escape(name, sizeof(name), p->name ? p->name : "?");
		sum_coloured(v, RED, "  %-34s", name);
		sum_count(v, 7, p->missed);
		fputs("  calls skipped by the kernel\n", v->out);
	}
}

/* ---- parking ---- */

void sum_parked(const struct summary_view *v)
{
	const struct recording *rec = model_recording(v->m);

	if (!rec->nr_parked)
		return;
	sum_heading(v, "Not recorded: parked, so that cifs and netfs could be unloaded");
	for (uint32_t i = 0; i < rec->nr_parked; i++) {
		const struct parked *p = &rec->parked[i];

		fprintf(v->out, "  %s - %s  %8s", fmt_dmesg(p->from).s, fmt_dmesg(p->to).s,
			fmt_ns(p->to - p->from).s);
		fprintf(v->out, "%s%s\n", p->cifs_only ? "  SMB only" : "",
			p->open ? "  to the end" : "");
	}
	sum_warning(v, "I/O during these %s is missing.", fmt_ns(parked_ns(rec)).s);
}

/* Blocks are numbered since format 1.2. */
static void put_no_loss(const struct summary_view *v, const struct trace_damage *damage)
{
	if (damage && is_damaged(damage))
		fputs("  the file is damaged, but no record is missing\n", v->out);
	else
		fputs("  none\n", v->out);
}

void sum_losses(const struct summary_view *v, const struct trace_damage *damage)
{
	const struct totals *t = v->totals;

	sum_heading(v, "Losses");
	if (!t->losses && !model_recording(v->m)->lost)
		put_no_loss(v, damage);
	for (const struct loss_row *row = t->losses; row; row = row->next)
		put_loss(v, row);
	if (!t->losses && model_recording(v->m)->lost)
		sum_warning(v, "%" PRIu64 " at an unknown time", model_recording(v->m)->lost);
	put_missed(v);
	if (t->unreliable)
		sum_warning(v, "Unreliable requests, which overlap a loss: %" PRIu64,
			    t->unreliable);
}

static void put_damage(const struct summary_view *v, const struct trace_damage *d)
{
	const struct {
		uint64_t count;
		const char *what;
	} lines[] = {
		{ d->torn_bytes, "byte%s in an unfinished block at its end" },
		{ d->bad_frames, "damaged block%s" },
		{ d->bad_records, "block%s skipped from an impossible record on" },
		{ d->missing_blocks, "block%s missing" },
		{ d->misplaced_blocks, "repeated or misplaced block%s, skipped" },
		{ d->foreign_blocks, "block%s of another trace, skipped" },
		{ d->short_blocks, "block%s with fewer records than recorded" },
		{ d->altered_blocks, "block%s with changed bytes, but no changed record" },
	};
	char what[80];

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (lines[i].count) {
			snprintf(what, sizeof(what), lines[i].what, plural(lines[i].count));
			sum_warning(v, "%" PRIu64 " %s", lines[i].count, what);
		}
	if (d->second_trace)
		sum_warning(v, "another trace follows in the same file; it was skipped");
	if (d->no_end)
		sum_warning(v, "it has no end: it is still being written, or was cut off");
	if (d->first_bad_offset != UINT64_MAX)
		fprintf(v->out, "  first at offset %" PRIu64 "\n", d->first_bad_offset);
}

void sum_damage(const struct summary_view *v, const struct trace_damage *d)
{
	if (!d)
		return;
	if (is_damaged(d)) {
		sum_heading(v, "Damage of the file");
		put_damage(v, d);
	}
	if (d->unknown_records)
		fprintf(v->out,
			"\nSkipped %" PRIu64 " record%s of a kind unknown to this version.\n",
			d->unknown_records, plural(d->unknown_records));
}

/* ---- probes ---- */

static bool is_silent(const struct probe_info *p)
{
	return p->state == EV_PROBE_ON && (p->counted ? !p->hits : !p->seen);
}

static bool is_failed(const struct probe_info *p)
{
	return p->state != EV_PROBE_ON && p->state != EV_PROBE_OFF;
}

static const char *reason_of(const struct probe_info *p)
{
	return p->reason && *p->reason ? p->reason : "reason unknown";
}

static void put_failed(const struct summary_view *v, const struct probe_info *p)
{
	int col;

	sum_colour_on(v, RED);
	col = fprintf(v->out, "  failed,");
	sum_words(v, &col, reason_of(p));
	fputc(':', v->out);
	sum_new_line(v, &col);
	sum_word(v, &col, p->name);
	if (p->without && *p->without) {
		sum_word(v, &col, "-");
		sum_words(v, &col, p->without);
	}
	sum_colour_off(v);
	fputc('\n', v->out);
}

static const struct probe_info *probe_at(const struct summary_view *v, uint32_t i)
{
	const struct probe_info *p = model_probe(v->m, i);

	return p && p->name ? p : NULL;
}

static bool same_reason_before(const struct summary_view *v, uint32_t i)
{
	const struct probe_info *p = probe_at(v, i);

	for (uint32_t j = 0; j < i; j++) {
		const struct probe_info *q = probe_at(v, j);

		if (q && q->state == EV_PROBE_OFF && !strcmp(reason_of(p), reason_of(q)))
			return true;
	}
	return false;
}

/* Probes that are off for one reason share a paragraph. */
static void put_off(const struct summary_view *v, uint32_t first)
{
	const char *reason = reason_of(probe_at(v, first));
	int col = fprintf(v->out, "  off,");

	sum_words(v, &col, reason);
	fputc(':', v->out);
	sum_new_line(v, &col);
	for (uint32_t i = first; i < model_recording(v->m)->nr_probes; i++) {
		const struct probe_info *p = probe_at(v, i);

		if (p && p->state == EV_PROBE_OFF && !strcmp(reason, reason_of(p)))
			sum_word(v, &col, p->name);
	}
	fputc('\n', v->out);
}

/* Those that nobody misses, as a number, unless they are asked for. */
static bool is_counted_only(const struct summary_view *v, const struct probe_info *p)
{
	return !v->verbose && reason_is_natural(p->reason);
}

static void put_natural(const struct summary_view *v)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < model_recording(v->m)->nr_probes; i++) {
		const struct probe_info *p = probe_at(v, i);

		count += p && p->state == EV_PROBE_OFF && is_counted_only(v, p);
	}
	if (count)
		fprintf(v->out, "  off, not needed or not asked for: %" PRIu32 " (-v lists them)\n",
			count);
}

static void put_silent_count(const struct summary_view *v)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < model_recording(v->m)->nr_probes; i++) {
		const struct probe_info *p = probe_at(v, i);

		count += p && is_silent(p);
	}
	if (count)
		fprintf(v->out, "  attached, never fired: %" PRIu32 " (-v lists them)\n", count);
}

static void put_silent(const struct summary_view *v)
{
	bool any = false;
	int col = 0;

	for (uint32_t i = 0; i < model_recording(v->m)->nr_probes; i++) {
		const struct probe_info *p = probe_at(v, i);

		if (!p || !is_silent(p))
			continue;
		if (!any) {
			fputs("  attached, never fired:", v->out);
			sum_new_line(v, &col);
		}
		any = true;
		sum_word(v, &col, p->name);
	}
	if (any)
		fputc('\n', v->out);
}

void sum_probes(const struct summary_view *v)
{
	uint32_t n = model_recording(v->m)->nr_probes;
	uint32_t on = 0, off = 0, failed = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct probe_info *p = probe_at(v, i);

		on += p && p->state == EV_PROBE_ON;
		off += p && p->state == EV_PROBE_OFF;
		failed += p && is_failed(p);
	}
	sum_heading(v, "Probes");
	fprintf(v->out, "  %" PRIu32 " attached, %" PRIu32 " failed, %" PRIu32 " off\n", on, failed,
		off);
	for (uint32_t i = 0; i < n; i++) {
		const struct probe_info *p = probe_at(v, i);

		if (p && is_failed(p))
			put_failed(v, p);
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct probe_info *p = probe_at(v, i);

		if (p && p->state == EV_PROBE_OFF && !is_counted_only(v, p) &&
		    !same_reason_before(v, i))
			put_off(v, i);
	}
	put_natural(v);
	if (v->verbose)
		put_silent(v);
	else
		put_silent_count(v);
}
