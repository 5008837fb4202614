// SPDX-License-Identifier: GPL-2.0-only
/*
 * `netfsnoop report` without an option: listens, counts in view/measure/totals.c, prints by
 * summary_*.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/fmt.h"
#include "view/kit/file_name.h"
#include "view/kit/ntstatus.h"
#include "view/text/summary.h"
#include "view/text/summary_print.h"

static int on_request(void *ctx, const struct request *r)
{
	struct summary_view *v = ctx;

	int rc;

	totals_seen(v->totals, r);
	if (!filter_request(v->filter, v->m, r))
		return 0;
	failed_take_request(&v->failed, r);
	rc = totals_request(v->totals, r, v->filter);
	if (rc)
		return rc;
	return processes_request(v->processes, r);
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	struct summary_view *v = ctx;
	const struct model_listener *l = why_listener(v->why);

	if (ev->kind == EV_KLOG)
		return sum_take_log(v, (const void *)ev);
	if (ev->kind == EV_FAULT)
		return sum_take_fault(v, (const void *)ev);
	if (ev->kind == EV_EIO || ev->kind == EV_SLOW_RSP)
		return sum_take_told(v, ev);
	if (ev->kind == EV_RECONNECT)
		v->totals->reconnects += seen->probe == P_smb3_reconnect && !seen->conn;
	return l->event(l->ctx, seen);
}

static const uint8_t kinds[] = { EV_RSP, EV_KLOG, EV_EIO, EV_SLOW_RSP, EV_FAULT, EV_RECONNECT, 0 };

static int on_command(void *ctx, const struct command *c)
{
	struct summary_view *v = ctx;
	int rc = totals_command(v->totals, c);

	failed_take_command(&v->failed, c);
	return rc || filter_restricts(v->filter) ? rc : processes_command(v->processes, v->m, c);
}

static int on_lost(void *ctx, const struct ev_lost *l)
{
	struct summary_view *v = ctx;

	return totals_lost(v->totals, l);
}

/* ---- cells ---- */

static struct short_text quantile_text(const struct hist *h, double q)
{
	return h->count ? fmt_ns(hist_quantile(h, q)) : (struct short_text){ "-" };
}

static struct short_text bytes_text(bool known, uint64_t bytes)
{
	return known ? fmt_bytes(bytes) : (struct short_text){ "-" };
}

static struct short_text max_text(const struct hist *h)
{
	return h->count ? fmt_ns(h->max) : (struct short_text){ "-" };
}

static const char *origin_text(const struct summary_view *v, bool known, bool synthetic,
			       uint8_t origin)
{
	return known ? request_origin(model_names(v->m), synthetic, origin) : "?";
}

/* ---- header ---- */

static void put_date(const struct summary_view *v, uint64_t real)
{
	time_t sec = real / 1000000000;
	struct tm tm;
	char text[64];

	if (!gmtime_r(&sec, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		return;
	fprintf(v->out, "%s.%03u UTC, ", text, (unsigned int)(real / 1000000 % 1000));
}

/* Words that may be many, after the name of what they are. */
static void put_words(const struct summary_view *v, const char *name, const char *words)
{
	int col = fprintf(v->out, "  %-8s", name);

	sum_words(v, &col, words);
	fputc('\n', v->out);
}

static void put_origin(const struct summary_view *v, const struct recording *rec)
{
	char text[MAX_NAME];

	sum_coloured(v, BOLD, "netfsnoop recording");
	fprintf(v->out, "\n  host     %s\n",
		fmt_escape(text, sizeof(text), rec->host ? rec->host : "unknown"));
	fprintf(v->out, "  kernel   %s",
		fmt_escape(text, sizeof(text), rec->release ? rec->release : "unknown"));
	if (rec->machine)
		fprintf(v->out, ", %s", fmt_escape(text, sizeof(text), rec->machine));
	fputc('\n', v->out);
}

static void put_header(const struct summary_view *v)
{
	const struct recording *rec = model_recording(v->m);
	uint64_t start = recording_begin(rec), end = recording_end(rec), real, ns;
	char text[MAX_NAME];

	put_origin(v, rec);
	fputs("  when     ", v->out);
	if (recording_realtime(rec, start, &real))
		put_date(v, real);
	fprintf(v->out, "for %s\n",
		recording_duration(rec, &ns) ? fmt_ns(ns).s : "an unknown time");
	fprintf(v->out, "  stream   %s to %s, %" PRIu64 " event%s", fmt_dmesg(start).s,
		fmt_dmesg(end).s, rec->events, plural(rec->events));
	if (rec->late)
		fprintf(v->out, ", %" PRIu64 " out of time order", rec->late);
	fmt_escape(text, sizeof(text), rec->netfsnoop ? rec->netfsnoop : "unknown");
	fprintf(v->out, "\n  by       netfsnoop %s%s%s\n", text,
		rec->filtered ? ", with filters" : "", rec->paths ? ", with names of files" : "");
	if (rec->imported)
		fprintf(v->out, "  imported from %s: times are %s\n",
			fmt_escape(text, sizeof(text), rec->imported),
			rec->untimed ? "made up, only the order of events is known"
				     : "of ftrace's clock");
	if (rec->saved) {
		snprintf(text, sizeof(text), "for %s", rec->saved);
		put_words(v, "saved", text);
	}
	if (rec->cmdline)
		put_words(v, "command", rec->cmdline);
	if (!rec->stop_ns)
		sum_warning(v, "no end was recorded: what is shown as open may have ended");
}

/* ---- requests ---- */

/* p50, p95 and max, the one in the middle where there is room; ends the line. */
static void put_quantiles(const struct summary_view *v, const struct hist *h)
{
	fprintf(v->out, " %8s", quantile_text(h, 0.5).s);
	if (!sum_narrow(v))
		fprintf(v->out, " %8s", quantile_text(h, 0.95).s);
	fprintf(v->out, " %8s\n", max_text(h).s);
}

static void put_request_row(const struct summary_view *v, const struct request_row *row)
{
	char fs[MAX_NAME], origin[MAX_NAME];
	bool narrow = sum_narrow(v);

	fmt_escape(origin, sizeof(origin),
		   origin_text(v, row->origin_known, row->synthetic, row->origin));
	fmt_escape(fs, sizeof(fs), *row->fs ? row->fs : "?");
	fprintf(v->out, "  %-6s %-*s", row->rest ? "others" : origin, narrow ? 4 : 7,
		row->rest ? "" : fs);
	sum_count(v, 7, row->count);
	fprintf(v->out, " %10s", bytes_text(row->moved, row->bytes).s);
	sum_bad_if(v, narrow ? 4 : 7, row->judged, row->errors);
	sum_bad_if(v, narrow ? 4 : 7, row->tried, row->retries);
	put_quantiles(v, &row->latency);
}

/*
 * A cifs that does not use netfs, recorded by a netfsnoop that did not rebuild its requests. An import shows
 * what was recorded, and not of which file system it was, so it says nothing of the kernel.
 */
static bool cifs_without_netfs(const struct summary_view *v)
{
	const struct command_row *commands = v->totals->commands;

	return !v->totals->cifs_requests && !model_recording(v->m)->imported &&
	       !names_has(model_names(v->m), RWC_READ_SUBMIT) &&
	       (commands[SMB2_READ].count || commands[SMB2_WRITE].count);
}

/* Lines of 80 columns; wrapped anew where there are fewer. */
static void put_note(const struct summary_view *v, const char *lines)
{
	int col = 1;

	if (!sum_narrow(v)) {
		fputs(lines, v->out);
		return;
	}
	fputc(' ', v->out);
	sum_words(v, &col, lines + strspn(lines, " "));
	fputc('\n', v->out);
}

static void put_request_notes(const struct summary_view *v)
{
	const struct totals *t = v->totals;

	if (cifs_without_netfs(v))
		put_note(
			v,
			"  This kernel's cifs reads and writes without netfs, so there are no requests\n"
			"  to show, only its SMB commands below.\n");
	if (t->synthetic)
		put_note(
			v,
			"  This kernel has no netfs requests for cifs. These are rebuilt from its\n"
			"  cifs_readdata and cifs_writedata, with ids of netfsnoop's own: ra readahead,\n"
			"  wb writeback, dio- direct or cache=none, unc- otherwise uncached.\n");
	if (t->open && !t->ends)
		fprintf(v->out, "  Ends of requests were not recorded.\n");
	else if (t->open)
		sum_warning(v, "Still open when the recording ended: %" PRIu64, t->open);
	if (t->partial)
		fprintf(v->out,
			"  Already running when the recording began, latency unknown: %" PRIu64
			"\n",
			t->partial);
	if (t->failures)
		fprintf(v->out, "  Failures reported by netfs: %" PRIu64 "\n", t->failures);
}

/* None, if they were recorded and nothing is missing; of an import it is not known what would have been. */
static void put_none(const struct summary_view *v, bool recorded)
{
	const struct recording *rec = model_recording(v->m);
	bool whole = !rec->lost && !rec->lost_at_least && !rec->imported;

	fputs(!recorded && !rec->imported ? "  not recorded\n"
	      : whole			  ? "  none\n"
					  : "  none seen\n",
	      v->out);
}

static void put_requests(const struct summary_view *v)
{
	const struct totals *t = v->totals;
	int col;

	sum_heading(v, filter_restricts(v->filter) ? "Requests that match" : "Requests");
	if (!t->requests && model_recording(v->m)->nothing) {
		col = fprintf(v->out, "  none:");
		sum_words(v, &col, model_recording(v->m)->nothing);
		fputc('\n', v->out);
	} else if (!t->requests) {
		put_none(v, recording_had(model_recording(v->m), P_netfs_rreq) ||
				    recording_had(model_recording(v->m), P_netfs_sreq) ||
				    t->synthetic);
	} else {
		if (sum_narrow(v))
			fputs("  origin fs     count      bytes errs retr      p50      max\n",
			      v->out);
		else
			fputs("  origin fs        count      bytes  errors retries      p50      p95      max\n",
			      v->out);
		for (const struct request_row *row = t->requests; row; row = row->next)
			put_request_row(v, row);
	}
	put_request_notes(v);
}

static void put_subrequests(const struct summary_view *v)
{
	static const char *const names[] = { "reads", "writes" };

	if (!v->totals->requests)
		return;
	sum_heading(v, "Subrequests");
	fprintf(v->out, "  %-14s %7s %10s %7s %7s %8s\n", "", "count", "bytes", "errors", "retries",
		"attempts");
	for (int w = 0; w < 2; w++) {
		const struct subrequest_row *row = &v->totals->subrequests[w];

		fprintf(v->out, "  %-14s", names[w]);
		sum_count(v, 7, row->count);
		fprintf(v->out, " %10s", bytes_text(!row->count || row->told, row->bytes).s);
		sum_bad_if(v, 7, !row->count || row->told, row->errors);
		sum_bad_if(v, 7, !row->count || row->tried, row->retries);
		if (!row->count || row->tried)
			sum_count(v, 8, row->attempts);
		else
			fprintf(v->out, " %8s", "-");
		fputc('\n', v->out);
	}
}

static void put_stage(const struct summary_view *v, enum stage i, bool write)
{
	const struct hist *h = &v->totals->subrequests[write].stage[i];

	if (i == STAGE_DECRYPT && !h->count) /* as nothing was sealed, mostly */
		return;
	fprintf(v->out, "  %-14s %-6s", stage_name(i), write ? "writes" : "reads");
	if (!h->count) {
		fprintf(v->out, " %7s\n", "n/a");
		return;
	}
	sum_count(v, 7, h->count);
	fprintf(v->out, " %8s %8s", quantile_text(h, 0.5).s, quantile_text(h, 0.95).s);
	if (!sum_narrow(v))
		fprintf(v->out, " %8s", quantile_text(h, 0.99).s);
	fprintf(v->out, " %8s\n", max_text(h).s);
}

static void put_stages(const struct summary_view *v)
{
	const struct subrequest_row *rows = v->totals->subrequests;

	if (!rows[0].count && !rows[1].count)
		return;
	sum_heading(v, "Stages");
	if (sum_narrow(v))
		fputs("  of subrequests          known      p50      p95      max\n", v->out);
	else
		fputs("  of subrequests          known      p50      p95      p99      max\n",
		      v->out);
	for (int i = 0; i < STAGE_MAX; i++)
		for (int w = 0; w < 2; w++)
			if (rows[w].count)
				put_stage(v, i, w);
}

/* ---- SMB ---- */

static void put_command_row(const struct summary_view *v, int cmd)
{
	const struct command_row *row = &v->totals->commands[cmd];
	struct short_text credits;

	if (row->charge_known || row->granted_known)
		snprintf(credits.s, sizeof(credits.s), "%.12s/%.12s",
			 row->charge_known ? sum_count_text(row->charged).s : "?",
			 row->granted_known ? sum_count_text(row->granted).s : "?");
	else
		snprintf(credits.s, sizeof(credits.s), "n/a");
	fprintf(v->out, "  %-15s", cmd < TOTALS_COMMANDS ? command_text(cmd).s : "others");
	sum_count(v, 7, row->count);
	sum_bad_if(v, 6, row->heard, row->errors);
	sum_bad_if(v, 6, row->heard, row->unanswered);
	if (sum_narrow(v)) {
		put_quantiles(v, &row->latency);
		return;
	}
	if (row->interim_known)
		sum_count(v, 4, row->interim);
	else
		fprintf(v->out, " %4s", "-");
	fprintf(v->out, " %8s %8s %8s %7s\n", quantile_text(&row->latency, 0.5).s,
		quantile_text(&row->latency, 0.95).s, max_text(&row->latency).s, credits.s);
}

static void put_status(const struct summary_view *v, const struct status_row *row)
{
	int width = sum_narrow(v) ? 33 : 45;

	if (row->rest)
		fprintf(v->out, "    %-15s %-*s", "others", width, "");
	else if (row->answered)
		fprintf(v->out, "    %-15s 0x%08" PRIx32 " %-*s", command_text(row->cmd).s,
			row->status, width - 11, ntstatus_name(row->status));
	else
		fprintf(v->out, "    %-15s %-*s", command_text(row->cmd).s, width,
			"not sent, or cut off by a reconnect");
	sum_count(v, sum_narrow(v) ? 6 : 7, row->count);
	fputc('\n', v->out);
}

static void put_statuses(const struct summary_view *v)
{
	if (v->totals->statuses)
		fputs("  Errors by NTSTATUS:\n", v->out);
	for (const struct status_row *row = v->totals->statuses; row; row = row->next)
		put_status(v, row);
}

static void put_commands(const struct summary_view *v)
{
	static const char wide[] =
		"                    count errors unansw pend      p50      p95      max chg/grt\n";
	static const char narrow[] = "                    count errors unansw      p50      max\n";
	bool any = false;

	sum_heading(v, filter_restricts(v->filter) ? "SMB commands of the whole recording"
						   : "SMB commands");
	for (int i = 0; i <= TOTALS_COMMANDS; i++) {
		if (!v->totals->commands[i].count)
			continue;
		if (!any)
			fputs(sum_narrow(v) ? narrow : wide, v->out);
		any = true;
		put_command_row(v, i);
	}
	if (any && sum_narrow(v))
		fputs("  unansw: no final response seen.\n", v->out);
	else if (any)
		fputs("  unansw: no final response seen. pend: STATUS_PENDING responses.\n"
		      "  chg/grt: credits charged by commands and granted by their responses.\n",
		      v->out);
	else if (model_has_smb1(v->m))
		fputs("  none: those of SMB 1 are not seen\n", v->out);
	else
		put_none(v, model_recording(v->m)->answers ||
				    recording_had(model_recording(v->m), P_smb3_cmd_enter));
	put_statuses(v);
}

/* ---- slowest requests ---- */

static void put_dominant(const struct summary_view *v, const struct slow_request *slow)
{
	uint64_t all = 0;
	int top = 0;

	for (int i = 0; i < STAGE_MAX; i++) {
		all += slow->stage_ns[i];
		if (slow->stage_ns[i] > slow->stage_ns[top])
			top = i;
	}
	if (slow->stage_ns[STAGE_WIRE]) /* without it the biggest of the others says nothing */
		fprintf(v->out, ", mostly in \"%s\" (%.0f %%)", stage_name(top),
			100.0 * slow->stage_ns[top] / all);
	else
		fputs(", stages unknown", v->out);
}

/* Under the lines before it, where sum_words() would go back to its own indent. */
static void put_why(const struct summary_view *v, const struct slow_request *slow)
{
	const char *p = slow->why.s;
	int col = sum_columns(v);

	while (*p) {
		int len = strcspn(p, " ");

		if (col + 1 + len > sum_columns(v))
			col = fprintf(v->out, "\n     ") - 1;
		col += fprintf(v->out, " %.*s", len, p);
		p += len + strspn(p + len, " ");
	}
}

static void put_slow(const struct summary_view *v, const struct slow_request *slow)
{
	char comm[MAX_NAME];

	fprintf(v->out, "  %s %-2s %s at %s: ", fmt_request(slow->synthetic, slow->rreq, 0).s,
		origin_text(v, slow->origin_known, slow->synthetic, slow->origin),
		fmt_ns(slow->latency_ns).s, fmt_dmesg(slow->first_ns).s);
	fprintf(v->out, "%s (tid %s)",
		fmt_escape(comm, sizeof(comm), *slow->comm ? slow->comm : "?"),
		fmt_tid(slow->tid).s);
	if (slow->error)
		sum_coloured(v, RED, ", error %" PRId32, slow->error);
	if (slow->lost)
		sum_coloured(v, RED, ",%srecords lost", sum_narrow(v) ? "\n      " : " ");
	if (slow->placed)
		fprintf(v->out, "\n      %s from 0x%" PRIx64,
			slow->moved ? fmt_bytes(slow->transferred).s : "unknown bytes",
			slow->start);
	else
		fputs("\n      unknown bytes", v->out);
	sum_file(v, slow->dev, slow->ino, slow->path);
	fprintf(v->out, "\n      %" PRIu32 " subrequest%s", slow->nr_subrequests,
		plural(slow->nr_subrequests));
	if (slow->retries)
		sum_coloured(v, RED, ", %" PRIu32 " retr%s", slow->retries,
			     plural_y(slow->retries));
	put_dominant(v, slow);
	put_why(v, slow);
	fputc('\n', v->out);
}

static void put_slowest(const struct summary_view *v)
{
	if (!v->totals->nr_slow)
		return;
	sum_heading(v, "Slowest requests");
	for (unsigned int i = 0; i < v->totals->nr_slow; i++)
		put_slow(v, &v->totals->slow[i]);
}

/* ---- the view ---- */

int summary_view_finish(struct summary_view *v, const struct trace_damage *damage)
{
	errno = 0;
	put_header(v);
	put_requests(v);
	sum_failed(v);
	put_subrequests(v);
	put_stages(v);
	put_commands(v);
	sum_connections(v);
	put_slowest(v);
	sum_processes(v);
	sum_tests(v);
	sum_log(v);
	sum_told(v);
	sum_faults(v);
	sum_parked(v);
	sum_losses(v, damage);
	sum_damage(v, damage);
	sum_probes(v);
	if (fflush(v->out) == EOF || ferror(v->out))
		return errno ? -errno : -EIO;
	return 0;
}

const struct model_listener *summary_view_listener(struct summary_view *v)
{
	return &v->listener;
}

int summary_view_new(struct summary_view **ret_v, FILE *out, const struct model *m,
		     const struct request_filter *f, const struct summary_options *opts)
{
	__free(summary_view_freep) struct summary_view *v = calloc(1, sizeof(*v));
	int rc = v ? totals_new(&v->totals) : -ENOMEM;

	if (!rc)
		rc = processes_new(&v->processes);
	if (!rc)
		rc = why_new(&v->why, m);
	if (rc < 0)
		return rc;
	v->totals->why = v->why;
	v->out = out;
	v->m = m;
	v->filter = f;
	v->width = opts->width < MIN_COLUMNS ? MIN_COLUMNS : opts->width;
	v->colour = opts->colour;
	v->verbose = opts->verbose;
	v->listener = (struct model_listener){
		.event = on_event,
		.kinds = kinds,
		.request = on_request,
		.command = on_command,
		.lost = on_lost,
		.ctx = v,
	};
	*ret_v = TAKE(v);
	return 0;
}

void summary_view_free(struct summary_view *v)
{
	if (!v)
		return;
	totals_free(v->totals);
	processes_free(v->processes);
	why_free(v->why);
	free(v->notes);
	free(v->told);
	free(v->faults);
	free(v);
}
