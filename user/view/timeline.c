// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "view/event_text.h"
#include "view/timeline.h"

#define MIN_WIDTH    80
#define BAR_MIN	     10
#define FIXED_WIDTH  70 /* all columns but the bar */
#define LANE_FIXED   36
#define MAX_WIDTH    512
#define DETAIL_WIDTH 44

static const char stage_letter[STAGE_MAX] = { 'p', 'w', 's', '-', 'c', 'k' };
static const char *const stage_short[STAGE_MAX + 1] = { "prepare", "credit",  "send", "wire",
							"callbk",  "collect", "" };

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

static void fill(char *lane, const struct scale *s, uint64_t from, uint64_t to, char c)
{
	if (!from || !to || to < from)
		return;
	for (unsigned int i = column(s, from); i <= column(s, to); i++)
		lane[i] = c;
}

/* Later stages paint over the column where the one before ended, so that none vanishes. */
static void draw_lane(char *lane, const struct scale *s, const struct subrequest *sr)
{
	const struct attempt *a = &sr->shown;

	memset(lane, ' ', s->width);
	lane[s->width] = '\0';
	if (sr->attempts > 1)
		fill(lane, s, sr->first_ns, a->begin, 'r');
	fill(lane, s, a->begin, a->submit, stage_letter[STAGE_PREPARE]);
	fill(lane, s, a->submit, a->sent, stage_letter[STAGE_SEND]);
	fill(lane, s, a->sent, a->response, stage_letter[STAGE_WIRE]);
	if (!a->sent) /* nobody saw the send (no BTF): in flight all the same */
		fill(lane, s, a->submit, a->term, stage_letter[STAGE_WIRE]);
	fill(lane, s, a->response, a->callback_end, stage_letter[STAGE_CALLBACK]);
	fill(lane, s, a->callback_end, a->end, stage_letter[STAGE_COLLECT]);
	/* shorter than a column as it mostly is, a wait is drawn where it dominated the preparation
	 */
	if (a->waited && a->submit > a->begin && a->wait_ns * 2 > a->submit - a->begin)
		fill(lane, s, a->begin, a->begin + a->wait_ns, stage_letter[STAGE_CREDIT_WAIT]);
}

static void print_lane(FILE *out, const struct scale *s, const struct subrequest *sr)
{
	char lane[MAX_WIDTH + 1], credits[16] = "?", index[16];

	draw_lane(lane, s, sr);
	if (sr->credits >= 0)
		snprintf(credits, sizeof(credits), "%d", sr->credits);
	snprintf(index, sizeof(index), "[%x]", sr->index);
	fprintf(out, "%5s %-5s %9s %8s %3s cr |%s|\n", index, sr->write ? "WRITE" : "READ",
		fmt_bytes(sr->len).s, fmt_ns(sr->last_ns - sr->first_ns).s, credits, lane);
	if (sr->error || sr->transferred != sr->len || sr->retries)
		fprintf(out, "      transferred %" PRIu64 " of %" PRIu64 ", error %d, %u retries\n",
			sr->transferred, sr->len, sr->error, sr->retries);
}

static void print_head(FILE *out, const struct model *m, const struct request *r, const char *bold,
		       const char *plain)
{
	const struct mount *mnt = model_mount(m, r->dev);
	char point[64], comm[32];

	fprintf(out, "%s%s%s %s %s", bold, fmt_request(r->key.synth, r->key.rreq, 0).s, plain,
		r->origin_known ? request_origin(model_names(m), r->key.synth, r->origin) : "??",
		r->fs[0] ? r->fs : "?");
	fprintf(out, " %s", mnt ? fmt_escape(point, sizeof(point), mnt->point) : "(mount unknown)");
	fprintf(out, " inode %" PRIu64 "  by %s-%u\n", r->ino,
		fmt_escape(comm, sizeof(comm), r->comm[0] ? r->comm : "?"), r->tid);
	fprintf(out, "  %" PRIu64 " of %" PRIu64 " bytes at %" PRIu64 ", error %d, %s",
		r->transferred, r->len, r->start, r->error, fmt_dmesg(r->first_ns).s);
	if (r->done_ns)
		fprintf(out, ", done after %s", fmt_ns(r->done_ns - r->first_ns).s);
	fprintf(out, "%s%s%s\n", r->freed ? "" : ", NOT FREED when the trace ended",
		r->partial ? ", partial: it ran before recording began" : "",
		r->lost ? ", UNRELIABLE: records were lost meanwhile" : "");
}

/* Wireshark's filter for all its commands; every mid once, connections by address it cannot know.
 */
static void print_wireshark(FILE *out, const struct request *r)
{
	const char *sep = "  wireshark: ";
	int shown = 0;

	for_each_subrequest (r, s) {
		if (!s->mid)
			continue;
		if (++shown > 16) {
			fprintf(out, " ...");
			break;
		}
		fprintf(out, "%ssmb2.msg_id == %" PRIu64, sep, s->mid);
		sep = " || ";
	}
	if (shown)
		fputc('\n', out);
}

static void print_event(FILE *out, const struct model *m, const struct request *r,
			const struct kept_event *k, const struct scale *s, bool detail)
{
	const struct task *t = model_task(m, k->ev.tid);
	char comm[72], task[40], index[16] = "", bar[MAX_WIDTH + 1];
	struct event_text text;

	event_text(&text, m, &k->ev);
	fmt_escape(comm, sizeof(comm), t && t->comm[0] ? t->comm : "?");
	snprintf(task, sizeof(task), "%u", k->ev.tid);
	snprintf(task, sizeof(task), "%.*s-%u", 13 - (int)strlen(task), comm, k->ev.tid);
	if (k->sreq)
		snprintf(index, sizeof(index), "[%x]", k->sreq);
	memset(bar, '.', s->width);
	bar[s->width] = '\0';
	bar[column(s, k->ev.ts)] = '#';
	fprintf(out, "%9s %2u %-14.14s %-4s %-7s %-14.14s %9s %5s",
		k->ev.ts >= r->first_ns ? fmt_ns(k->ev.ts - r->first_ns).s : "<0", k->ev.cpu, task,
		index, stage_short[k->stage], text.what, text.bytes, text.credits);
	if (detail)
		fprintf(out, " %-*.*s", DETAIL_WIDTH, DETAIL_WIDTH, text.detail);
	fprintf(out, " %s\n", bar);
}

static struct scale scale_of(const struct request *r, unsigned int width)
{
	uint64_t span = r->last_ns > r->first_ns ? r->last_ns - r->first_ns : 1;

	if (width > MAX_WIDTH)
		width = MAX_WIDTH;
	return (struct scale){ .from = r->first_ns, .span = span, .width = width };
}

int timeline_print(FILE *out, const struct model *m, const struct request *r,
		   const struct timeline_options *opts)
{
	unsigned int width = opts->width < MIN_WIDTH ? MIN_WIDTH : opts->width;
	bool detail = width >= FIXED_WIDTH + DETAIL_WIDTH + BAR_MIN;
	struct scale lanes = scale_of(r, width - LANE_FIXED);
	struct scale bars = scale_of(r, width - FIXED_WIDTH - (detail ? DETAIL_WIDTH + 1 : 0));

	print_head(out, m, r, opts->colour ? "\033[1m" : "", opts->colour ? "\033[0m" : "");
	print_wireshark(out, r);
	for_each_subrequest (r, s)
		if (!opts->sreq || opts->sreq == s->index)
			print_lane(out, &lanes, s);
	fprintf(out, "     time  # task           sreq stage   event              bytes  cred\n");
	for (const struct kept_event *k = r->events; k; k = k->next) {
		if (!opts->sreq || !k->sreq || opts->sreq == k->sreq)
			print_event(out, m, r, k, &bars, detail);
	}
	fputc('\n', out);
	return ferror(out) ? -EIO : 0;
}
