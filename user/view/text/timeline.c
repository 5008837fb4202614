// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "view/kit/event_text.h"
#include "view/kit/file_name.h"
#include "view/measure/totals.h"
#include "view/text/request_line.h"
#include "view/text/timeline.h"
#include "view/text/wireshark.h"

#define MIN_WIDTH    60
#define BAR_MIN	     8
#define FIXED_WIDTH  72 /* all columns but the bar */
#define WIDE	     (FIXED_WIDTH + BAR_MIN)
#define LANE_FIXED   40 /* all columns of a lane but the bar */
#define MAX_WIDTH    512
#define DETAIL_WIDTH 44
#define BYTES_WIDTH  9
#define FRAME	     12 /* lines of a timeline beside lanes and events, and the shell's next prompt */
#define MAX_LOGGED   8	/* messages of the kernel's log */
#define LOG_FRONT    22 /* columns before such a message */
#define MIN_ROOM     8	/* for those two, however small the screen */

static const char stage_letter[STAGE_MAX] = { 'p', 'w', 's', '-', 'd', 'c', 'k' };
#define UNKNOWN_LETTER '?'
static const char *const stage_short[STAGE_MAX + 1] = { "prepare", "credit", "send",	"wire",
							"decrypt", "callbk", "collect", "" };

struct scale {
	uint64_t from, span;
	unsigned int width;
};

static unsigned int column(const struct scale *s, uint64_t ts)
{
	uint64_t at = ts > s->from ? ts - s->from : 0;

	if (at >= s->span)
		return s->width - 1;
	return (unsigned int)((double)at * s->width / s->span);
}

static struct scale scale_of(const struct request *r, unsigned int width)
{
	uint64_t span = r->last_ns > r->first_ns ? r->last_ns - r->first_ns : 1;

	if (width > MAX_WIDTH)
		width = MAX_WIDTH;
	return (struct scale){ .from = r->first_ns, .span = span, .width = width };
}

static void fill(char *lane, const struct scale *s, uint64_t from, uint64_t to, char c)
{
	if (!from || !to || to < from)
		return;
	for (unsigned int i = column(s, from); i <= column(s, to); i++)
		lane[i] = c;
}

/* The first of them that was seen. */
static uint64_t first_of(uint64_t a, uint64_t b, uint64_t c)
{
	return a ? a : b ? b : c;
}

/* Later stages paint over the column where the one before ended, so that none vanishes. */
static void draw_lane(char *lane, const struct scale *s, const struct subrequest *sr)
{
	const struct attempt *a = &sr->shown;

	memset(lane, ' ', s->width);
	lane[s->width] = '\0';
	if (sr->attempts > 1)
		fill(lane, s, sr->first_ns, first_of(a->begin, a->submit, 0), 'r');
	fill(lane, s, a->begin, a->submit, stage_letter[STAGE_PREPARE]);
	fill(lane, s, a->submit, a->sent, stage_letter[STAGE_SEND]);
	fill(lane, s, a->sent, first_of(a->arrived, a->response, 0), stage_letter[STAGE_WIRE]);
	if (!a->sent) /* nobody saw the send (no BTF) */
		fill(lane, s, a->submit, first_of(a->response, a->term, a->end), UNKNOWN_LETTER);
	if (!a->response)
		fill(lane, s, a->sent, first_of(a->callback_end, a->term, a->end), UNKNOWN_LETTER);
	fill(lane, s, a->arrived, a->response, stage_letter[STAGE_DECRYPT]);
	fill(lane, s, a->response, a->callback_end, stage_letter[STAGE_CALLBACK]);
	fill(lane, s, a->callback_end, a->end, stage_letter[STAGE_COLLECT]);
	/* shorter than a column as it mostly is, a wait is drawn where it dominated the preparation
	 */
	if (a->waited && a->submit > a->begin && a->wait_ns * 2 > a->submit - a->begin)
		fill(lane, s, a->begin, a->begin + a->wait_ns, stage_letter[STAGE_CREDIT_WAIT]);
}

static const char *const stage_colour[STAGE_MAX] = { "90", "33", "35", "32", "36", "34", "90" };

static const char *letter_colour(char c)
{
	for (int i = 0; i < STAGE_MAX; i++)
		if (stage_letter[i] == c)
			return stage_colour[i];
	return c == 'r' ? "31" : "0";
}

static void put_lane(FILE *out, const char *lane, bool colour)
{
	const char *now = "0";

	for (; *lane; lane++) {
		const char *want = colour ? letter_colour(*lane) : now;

		if (strcmp(now, want))
			fprintf(out, "\033[%sm", want);
		now = want;
		fputc(*lane, out);
	}
	if (strcmp(now, "0"))
		fputs("\033[0m", out);
}

/* 1, 2 or 5 times a power of ten; so long that its text has room */
static double axis_step(const struct scale *s)
{
	double least = (double)s->span * 9 / s->width, ten = 1;

	while (ten * 10 < least)
		ten *= 10;
	return ten >= least	  ? ten
	       : 2 * ten >= least ? 2 * ten
	       : 5 * ten >= least ? 5 * ten
				  : 10 * ten;
}

/* "20.0 ms", or "-" where there are no times */
static struct short_text span_text(const struct request *r, uint64_t from, uint64_t to)
{
	return r->untimed ? (struct short_text){ "-" } : fmt_ns(to - from);
}

/* "|0           20.0 ms     40.0 ms     |": round times, each where its text begins. */
static void print_axis(FILE *out, const struct scale *s, bool timed)
{
	double step = axis_step(s);
	char line[MAX_WIDTH + 1];

	memset(line, ' ', s->width);
	line[s->width] = '\0';
	for (unsigned int k = 0; timed && k * step < s->span && k < s->width; k++) {
		struct short_text t = k ? fmt_ns(k * step) : (struct short_text){ "0" };
		unsigned int col = column(s, s->from + (uint64_t)(k * step)), len = strlen(t.s);

		if (col + len <= s->width)
			memcpy(line + col, t.s, len);
	}
	fprintf(out, "%*s|%s|\n", LANE_FIXED - 2, "", line);
}

/* The request itself: until its caller had the result, and until it was freed. */
static void print_own_lane(FILE *out, const struct scale *s, const struct request *r)
{
	char lane[MAX_WIDTH + 1];
	uint64_t latency;

	memset(lane, ' ', s->width);
	lane[s->width] = '\0';
	fill(lane, s, r->first_ns, r->last_ns, '.');
	fill(lane, s, r->first_ns, r->done_ns, '=');
	fprintf(out, "%5s %-5s %9s %8s        |%s|\n", "all", r->write ? "WRITE" : "READ",
		r->placed ? fmt_bytes(r->len).s : "?",
		r->untimed		       ? "-"
		: request_latency(r, &latency) ? fmt_ns(latency).s
					       : "?",
		lane);
}

/* Is a part of it drawn as unknown? */
static bool print_lane(FILE *out, const struct scale *s, const struct subrequest *sr, bool colour)
{
	char lane[MAX_WIDTH + 1], credits[16] = "?", index[16];

	draw_lane(lane, s, sr);
	if (sr->credits >= 0)
		snprintf(credits, sizeof(credits), "%d", sr->credits);
	snprintf(index, sizeof(index), "[%.8s]", fmt_index(sr->index).s);
	fprintf(out, "%5s %-5s %9s %8s %3s cr |", index, sr->write ? "WRITE" : "READ",
		sr->told ? fmt_bytes(sr->len).s : "?",
		span_text(sr->rreq, sr->first_ns, sr->last_ns).s, credits);
	put_lane(out, lane, colour);
	fputs("|\n", out);
	if (!sr->told && sr->error)
		fprintf(out, "      error %d\n", sr->error);
	else if (sr->told && !sr->moved)
		fprintf(out, "      what it transferred was not recorded\n");
	else if (sr->error || sr->transferred != sr->len || sr->retries)
		fprintf(out, "      transferred %" PRIu64 " of %" PRIu64 ", error %d, %u retr%s\n",
			sr->transferred, sr->len, sr->error, sr->retries, plural_y(sr->retries));
	return strchr(lane, UNKNOWN_LETTER);
}

static void print_moved(FILE *out, const struct request *r)
{
	if (r->placed && r->moved)
		fprintf(out, "  %" PRIu64 " of %" PRIu64 " bytes at %" PRIu64, r->transferred,
			r->len, r->start);
	else if (r->placed)
		fprintf(out, "  %" PRIu64 " bytes at %" PRIu64, r->len, r->start);
	else
		fputs("  range unknown", out);
	if (r->own_error)
		fprintf(out, ", error %d", r->error);
	else
		fputs(", error unknown", out);
}

static void print_head(FILE *out, const struct model *m, const struct request *r, bool colour,
		       bool narrow)
{
	const char *bold = colour ? "\033[1m" : "", *plain = colour ? "\033[0m" : "";
	const struct mount *mnt = model_mount(m, r->dev);
	char point[64];
	uint64_t latency = 0;

	fprintf(out, "%s%s%s %s %s", bold, fmt_request(r->key.synth, r->key.rreq, 0).s, plain,
		r->origin_known ? request_origin(model_names(m), r->key.synth, r->origin) : "??",
		r->fs[0] ? r->fs : "?");
	fprintf(out, " %s", mnt ? fmt_escape(point, sizeof(point), mnt->point) : "(mount unknown)");
	fprintf(out, " inode %s%s  by %s\n", fmt_ino(r->ino).s, file_words(m, r->path).s,
		request_task(r).s);
	print_moved(out, r);
	fprintf(out, ", %s", fmt_dmesg(r->first_ns).s);
	if (request_latency(r, &latency))
		fprintf(out, "%sdone after %s", narrow ? ",\n  " : ", ", fmt_ns(latency).s);
	else if (r->done_ns)
		fprintf(out, "%sdone, latency unknown", narrow ? ",\n  " : ", ");
	fputc('\n', out);
	if (!r->freed && !r->ends)
		fputs("  its end was not recorded\n", out);
	else if (!r->freed)
		fputs("  NOT FREED when the trace ended\n", out);
	if (r->partial)
		fputs("  partial: it was running when the recording began\n", out);
	if (r->lost)
		fputs("  UNRELIABLE: records were lost meanwhile\n", out);
}

/* Under the first line, as wide as the timeline. */
static void print_why(FILE *out, const struct request *r, const struct timeline_options *opts,
		      unsigned int width)
{
	struct why_text why = opts->why ? why_request(opts->why, r) : (struct why_text){ "" };
	unsigned int col;

	if (!*why.s)
		return;
	col = fprintf(out, "  why:");
	for (const char *p = why.s; *p; p += strspn(p, " ")) {
		int len = strcspn(p, " ");

		if (col + 1 + len > width)
			col = fprintf(out, "\n      ") - 1;
		col += fprintf(out, " %.*s", len, p);
		p += len;
	}
	fputc('\n', out);
}

/* What cifs and netfs said in its time, whatever server it was about. */
static void print_said(FILE *out, const struct request *r, const struct klog_ring *ring,
		       const char *by, unsigned int width)
{
	uint64_t at = 0, shown = 0, more = 0, lost = 0;
	const struct klog *k;
	char text[256];

	while ((k = klog_next(ring, r->first_ns, r->last_ns, &at))) {
		lost += k->lost;
		if (shown++ >= MAX_LOGGED)
			more++;
		else
			fprintf(out, "  %s: %s %.*s\n", by, fmt_dmesg(k->ts).s,
				(int)(width > LOG_FRONT ? width - LOG_FRONT : 0),
				fmt_escape(text, sizeof(text), k->text));
	}
	if (more)
		fprintf(out, "  %s: %" PRIu64 " more\n", by, more);
	if (lost)
		fprintf(out, "  %s: %" PRIu64 " message%s overwritten before\n", by, lost,
			lost == 1 ? " was" : "s were");
}

/* ---- what a screen has no room for ---- */

/* Lines of which the first `head` and the last `tail` are shown. */
struct cut {
	unsigned int n, head, tail;
	unsigned int at;
};

/* So that n lines, with the one that stands for those left out, take `room` lines; 0: any. */
static struct cut cut_of(unsigned int n, unsigned int room)
{
	if (!room || n <= room)
		return (struct cut){ .n = n, .head = n };
	return (struct cut){ .n = n, .head = room / 2, .tail = room - room / 2 - 1 };
}

/* Is the next line shown? Says in its place what is left out. */
static bool cut_shows(struct cut *c, FILE *out)
{
	unsigned int i = c->at++;

	if (i == c->head)
		fprintf(out, "      ... %u line%s left out, --all shows them\n",
			c->n - c->head - c->tail, plural(c->n - c->head - c->tail));
	return i < c->head || i >= c->n - c->tail;
}

static bool is_shown(const struct timeline_options *opts, uint32_t sreq)
{
	return !opts->sreq || !sreq || opts->sreq == sreq;
}

/* Lanes have half of the room, and what the events leave of it; the events have the rest. */
static void share(const struct request *r, const struct timeline_options *opts,
		  struct cut *ret_lanes, struct cut *ret_events)
{
	unsigned int lanes = 0, events = 0, room = 0, for_lanes;

	for_each_subrequest (r, sr)
		lanes += is_shown(opts, sr->index);
	for (const struct kept_event *k = r->events; k && !opts->lanes_only; k = k->next)
		events += is_shown(opts, k->sreq);
	if (opts->height)
		room = opts->height > FRAME + MIN_ROOM ? opts->height - FRAME : MIN_ROOM;
	for_lanes = room > 2 * events ? room - events : room / 2;
	*ret_lanes = cut_of(lanes, opts->lanes_only ? room : for_lanes);
	for_lanes = lanes < for_lanes ? lanes : for_lanes;
	*ret_events = cut_of(events, room - for_lanes);
}

/* Was any answer decrypted? */
static bool is_unsealed(const struct request *r)
{
	for_each_subrequest (r, s)
		if (s->shown.arrived)
			return true;
	return false;
}

/* Axis, request, subrequests, and what the letters mean. */
static void print_lanes(FILE *out, const struct request *r, const struct timeline_options *opts,
			struct cut *cut, unsigned int width)
{
	struct scale s = scale_of(r, width - LANE_FIXED);
	bool unknown = false;

	print_axis(out, &s, !r->untimed);
	print_own_lane(out, &s, r);
	for_each_subrequest (r, sr)
		if (is_shown(opts, sr->index) && cut_shows(cut, out))
			unknown |= print_lane(out, &s, sr, opts->colour);
	fprintf(out,
		"      p prepare  w credit wait  s send  - wire%sc callback  k collect  r retried\n",
		width < WIDE ? "\n      " : "  ");
	if (is_unsealed(r))
		fputs("      d decryption\n", out);
	if (unknown)
		fputs("      ? stage not known, or nothing was sent\n", out);
}

/* What there is room for: the bar goes first, then the threads. */
struct columns {
	struct scale bar; /* width 0: none */
	bool task, detail;
};

static struct columns columns_of(const struct request *r, unsigned int width)
{
	struct columns c = { .task = width >= FIXED_WIDTH };

	c.detail = width >= FIXED_WIDTH + DETAIL_WIDTH + BAR_MIN;
	if (width >= WIDE)
		c.bar = scale_of(r, width - FIXED_WIDTH - (c.detail ? DETAIL_WIDTH + 1 : 0));
	return c;
}

static void print_columns(FILE *out, const struct columns *c)
{
	fprintf(out, "     time  #%s sreq stage   event              bytes  cred\n",
		c->task ? " task          " : "");
}

static void print_bar(FILE *out, const struct scale *s, uint64_t ts)
{
	char bar[MAX_WIDTH + 1];

	memset(bar, '.', s->width);
	bar[s->width] = '\0';
	bar[column(s, ts)] = '#';
	fprintf(out, " %s", bar);
}

static void print_event(FILE *out, const struct model *m, const struct request *r,
			const struct kept_event *k, const struct columns *c)
{
	const struct task *t = model_task(m, k->ev.tid);
	struct short_text tid = k->ev.tid ? fmt_tid(k->ev.tid) : (struct short_text){ "0" };
	char comm[72], task[40], index[16] = "";
	struct event_text text;
	int name;

	event_text(&text, m, &k->ev);
	fmt_escape(comm, sizeof(comm), t && t->comm[0] ? t->comm : "?");
	snprintf(task, sizeof(task), "%.*s-%s", 13 - (int)strlen(tid.s), comm, tid.s);
	if (k->ev.kind == EV_FAULT)
		snprintf(task, sizeof(task), "the proxy");
	if (k->sreq)
		snprintf(index, sizeof(index), "[%.8s]", fmt_index(k->sreq).s);
	/* long byte counts take their room from the name, so that the line stays one */
	name = strlen(text.bytes) > BYTES_WIDTH ? 24 - 1 - (int)strlen(text.bytes) : 14;
	name = name < 0 ? 0 : name;
	fprintf(out, "%9s %2u",
		k->ev.ts >= r->first_ns ? span_text(r, r->first_ns, k->ev.ts).s : "<0", k->ev.cpu);
	if (c->task)
		fprintf(out, " %-14.14s", task);
	fprintf(out, " %-4s %-7s %-*.*s %9s %5s", index, stage_short[k->stage], name, name,
		text.what, text.bytes, text.credits);
	if (c->detail)
		fprintf(out, " %-*.*s", DETAIL_WIDTH, DETAIL_WIDTH, text.detail);
	if (c->bar.width)
		print_bar(out, &c->bar, k->ev.ts);
	fputc('\n', out);
}

int timeline_print(FILE *out, const struct model *m, const struct request *r,
		   const struct timeline_options *opts)
{
	unsigned int width = opts->width < MIN_WIDTH ? MIN_WIDTH : opts->width;
	struct columns columns = columns_of(r, width);
	struct cut lanes, events;
	int rc;

	share(r, opts, &lanes, &events);
	print_head(out, m, r, opts->colour, width < WIDE);
	print_why(out, r, opts, width);
	print_said(out, r, &model_recording(m)->logged, "log", width);
	print_said(out, r, &model_recording(m)->told, "cifs", width);
	rc = wireshark_print(out, m, r, width);
	if (rc)
		return rc;
	print_lanes(out, r, opts, &lanes, width);
	if (!opts->lanes_only)
		print_columns(out, &columns);
	for (const struct kept_event *k = r->events; k && !opts->lanes_only; k = k->next)
		if (is_shown(opts, k->sreq) && cut_shows(&events, out))
			print_event(out, m, r, k, &columns);
	fputc('\n', out);
	return ferror(out) ? -EIO : 0;
}

int timeline_parked(FILE *out, const struct parked *p)
{
	fprintf(out, "%s - %s parked for %s: %s I/O was not recorded\n\n", fmt_dmesg(p->from).s,
		fmt_dmesg(p->to).s, fmt_ns(p->to - p->from).s, p->cifs_only ? "SMB" : "all");
	return ferror(out) ? -EIO : 0;
}
