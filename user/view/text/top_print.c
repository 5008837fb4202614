// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "base/utf8.h"
#include "view/kit/file_name.h"
#include "view/measure/top_state.h"
#include "view/measure/totals.h"
#include "view/text/request_line.h"

#define MAX_WIDTH  400
#define MIN_ROWS   2  /* of a table, when lines are scarce */
#define FIXED_ROWS 17 /* of the table page: all but mounts, connections and what is open */
#define NS_PER_S   1e9

/* What is printed into: lines are cut at its width, and are no more than its height. */
struct screen {
	FILE *out;
	const struct top_layout *l;
	unsigned int row;
};

static size_t cut_at(const char *text, unsigned int width)
{
	size_t at = 0;

	while (text[at] && width--) {
		size_t n = utf8_length((const unsigned char *)text + at);

		at += n ? n : 1;
	}
	return at;
}

#define NAME_WIDTH 18

struct cell_text {
	char s[NAME_WIDTH * 4 + 1];
};

/* A name, made safe, cut or filled to NAME_WIDTH columns. */
static struct cell_text name_cell(const char *name)
{
	struct cell_text cell;
	char safe[NAME_WIDTH * 8];
	size_t n, columns = 0;

	fmt_escape(safe, sizeof(safe), name);
	n = cut_at(safe, NAME_WIDTH);
	for (size_t i = 0; i < n; i++)
		columns += ((unsigned char)safe[i] & 0xc0) != 0x80;
	snprintf(cell.s, sizeof(cell.s), "%.*s%*s", (int)n, safe, (int)(NAME_WIDTH - columns), "");
	return cell;
}

__attribute__((format(printf, 3, 4))) static void put(struct screen *s, bool heading,
						      const char *fmt, ...)
{
	char line[MAX_WIDTH * 4];
	va_list ap;

	if (s->l->height && s->row >= s->l->height)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	s->row++;
	fprintf(s->out, "%s%.*s%s\n", heading && s->l->bold ? "\033[1m" : "",
		(int)cut_at(line, s->l->width), line, heading && s->l->bold ? "\033[0m" : "");
}

static double seconds(const struct top *t)
{
	const struct recording *rec = model_recording(t->m);
	uint64_t from = t->from_ns ? t->from_ns : recording_begin(rec);
	uint64_t span = rec->now_ns > from ? rec->now_ns - from : 1;

	return span / NS_PER_S;
}

static double mib(uint64_t bytes, double s)
{
	return bytes / s / (1 << 20);
}

static struct short_text percentile(const struct hist *h, double q)
{
	return h->count ? fmt_ns(hist_quantile(h, q)) : (struct short_text){ "-" };
}

/* ---- what is open ---- */

static bool is_open(const struct top *t, const struct request *r)
{
	return !r->freed && !r->retire_ns && r->described && filter_request(t->filter, t->m, r);
}

static int by_age(const void *a, const void *b)
{
	const struct request *const *x = a, *const *y = b;

	return ((*x)->first_ns > (*y)->first_ns) - ((*x)->first_ns < (*y)->first_ns);
}

/* NULL: no memory, or (*ret_n 0) none is open. */
static const struct request **open_requests(const struct top *t, size_t *ret_n)
{
	const struct request *r = model_requests(t->m), **list;
	size_t n = 0;

	*ret_n = 0;
	list = r ? calloc(HASH_COUNT(r), sizeof(*list)) : NULL;
	for (; list && r; r = r->hh.next)
		if (is_open(t, r))
			list[n++] = r;
	if (n)
		qsort(list, n, sizeof(*list), by_age);
	*ret_n = n;
	return list;
}

/* The subrequest that holds it up: the first that has not ended. */
static const struct subrequest *holds_up(const struct request *r)
{
	for_each_subrequest (r, s)
		if (!s->freed && !s->now.term)
			return s;
	return NULL;
}

static void put_open(struct screen *s, const struct top *t, const struct request *r)
{
	const struct subrequest *sr = holds_up(r);
	const struct mount *mnt = model_mount(t->m, r->dev);
	uint64_t now = model_recording(t->m)->now_ns;
	char point[96], age[40];

	fmt_escape(point, sizeof(point), mnt && mnt->point ? mnt->point : "?");
	/* of one whose beginning was not seen it is known to be older */
	snprintf(age, sizeof(age), "%s%s", r->unbegun ? ">" : "",
		 fmt_ns(now > r->first_ns ? now - r->first_ns : 0).s);
	put(s, false, "%-15s %-3s %8s %9s %2" PRIu32 " %s; %s, inode %s%s on %s",
	    fmt_request(r->key.synth, r->key.rreq, sr ? sr->index : 0).s,
	    r->origin_known ? request_origin(model_names(t->m), r->key.synth, r->origin) : "?", age,
	    fmt_bytes(r->len).s, r->retries,
	    r->done_ns	     ? "done, not freed"
	    : sr	     ? subrequest_waits(sr)
	    : r->subrequests ? "all subrequests have ended"
			     : "nothing submitted",
	    request_task(r).s, fmt_ino(r->ino).s, file_words(t->m, r->path).s, point);
}

static void put_open_head(struct screen *s, size_t n)
{
	put(s, true, "OPEN %-10zu OF       AGE      SIZE RE WHAT IT WAITS FOR", n);
}

static void put_oldest(struct screen *s, const struct top *t, size_t max)
{
	size_t n;
	__autofree const struct request **list = open_requests(t, &n);

	put_open_head(s, n);
	for (size_t i = 0; i < n && i < max; i++)
		put_open(s, t, list[i]);
}

/* ---- head ---- */

static void put_findings(struct screen *s, const struct top *t)
{
	uint64_t violations = 0, inconclusive = 0;
	char names[MAX_WIDTH] = "";
	size_t n = 0, at = 0;
	const struct check *c = t->e ? engine_checks(t->e, &n) : NULL;

	for (size_t i = 0; i < n; i++) {
		violations += c[i].violations;
		inconclusive += c[i].inconclusive;
		if (c[i].violations && at < sizeof(names))
			at += snprintf(names + at, sizeof(names) - at, " %s", c[i].ops->id);
	}
	put(s, violations != 0, "findings %" PRIu64 "%s, inconclusive %" PRIu64 ", lost %" PRIu64,
	    violations, names, inconclusive, model_recording(t->m)->lost);
}

static void put_head(struct screen *s, const struct top *t, double span)
{
	const struct recording *rec = model_recording(t->m);
	uint64_t up = rec->now_ns > recording_begin(rec) ? rec->now_ns - recording_begin(rec) : 0;
	char host[72], release[72];

	put(s, false, "netfsnoop  %s  %s  up %.0f s, last %.1f s",
	    fmt_escape(host, sizeof(host), rec->host ? rec->host : "?"),
	    fmt_escape(release, sizeof(release), rec->release ? rec->release : "?"), up / NS_PER_S,
	    span);
	put_findings(s, t);
	put(s, false, "%s", "");
}

/* ---- tables ---- */

static void count_open(struct top *t)
{
	struct top_mount *row, *next;

	HASH_ITER (hh, t->mounts, row, next)
		row->open = 0;
	for (const struct request *r = model_requests(t->m); r; r = r->hh.next) {
		HASH_FIND(hh, t->mounts, &r->dev, sizeof(r->dev), row);
		if (row && is_open(t, r))
			row->open++;
	}
}

static int busiest_mount(struct top_mount *a, struct top_mount *b)
{
	uint64_t x = a->read + a->written, y = b->read + b->written;

	return (x < y) - (x > y);
}

static void put_mounts(struct screen *s, struct top *t, double span, unsigned int max)
{
	struct top_mount *row, *next;

	count_open(t);
	HASH_SORT(t->mounts, busiest_mount);
	put(s, true, "%-18s %9s %9s %7s %8s %8s %4s %5s %4s", "MOUNT", "RD MiB/s", "WR MiB/s",
	    "REQ/s", "p50", "p99", "OPEN", "RETRY", "ERR");
	HASH_ITER (hh, t->mounts, row, next) {
		const struct mount *mnt = model_mount(t->m, row->dev);

		if (!max--)
			break;
		put(s, false, "%s %9.1f %9.1f %7.0f %8s %8s %4u %5" PRIu64 " %4" PRIu64,
		    name_cell(mnt && mnt->point ? mnt->point : row->fs).s, mib(row->read, span),
		    mib(row->written, span), row->requests / span, percentile(&row->latency, 0.5).s,
		    percentile(&row->latency, 0.99).s, row->open, row->retries, row->errors);
	}
}

static int busiest_conn(struct top_conn *a, struct top_conn *b)
{
	return (a->commands < b->commands) - (a->commands > b->commands);
}

static const struct conn *conn_of(const struct top *t, uint64_t id)
{
	const struct conn *c = model_conns(t->m), *last = NULL;

	for (; c; c = c->hh.next)
		if (c->id == id)
			last = c; /* of the latest epoch */
	return last;
}

static void put_conn(struct screen *s, const struct top *t, const struct top_conn *row, double span)
{
	const struct conn *c = conn_of(t, row->id);
	char name[96], credits[40] = "n/a";

	snprintf(name, sizeof(name), "%" PRIx64 " %.64s", row->id, c && *c->host ? c->host : "?");
	if (c && c->seen)
		snprintf(credits, sizeof(credits), "%d+%d+%d", c->credits, c->echo, c->oplock);
	put(s, false, "%s %9.0f %9s %7d %8s %8s %4d %5" PRIu64 " %4" PRIu64, name_cell(name).s,
	    row->commands / span, credits, c ? c->in_flight : 0, percentile(&row->latency, 0.5).s,
	    percentile(&row->latency, 0.99).s, c ? c->max_in_flight : 0, c ? c->reconnects : 0,
	    row->errors);
}

static void put_conns(struct screen *s, struct top *t, double span, unsigned int max)
{
	struct top_conn *row, *next;

	HASH_SORT(t->conns, busiest_conn);
	put(s, true, "%-18s %9s %9s %7s %8s %8s %4s %5s %4s", "CONNECTION", "CMD/s", "CREDITS",
	    "INFLT", "p50", "p99", "MAX", "RECON", "ERR");
	HASH_ITER (hh, t->conns, row, next) {
		if (!max--)
			break;
		put_conn(s, t, row, span);
	}
}

static void put_stages(struct screen *s, const struct top *t, double span)
{
	put(s, true, "%-26s %9s %9s %9s %9s %9s", "STAGE OF SUBREQUESTS", "/s", "p50", "p95", "p99",
	    "max");
	for (int i = 0; i < STAGE_MAX; i++) {
		const struct hist *h = &t->stage[i];

		put(s, false, "%-26s %9.0f %9s %9s %9s %9s", stage_name(i), h->count / span,
		    percentile(h, 0.5).s, percentile(h, 0.95).s, percentile(h, 0.99).s,
		    h->count ? fmt_ns(h->max).s : "-");
	}
}

/* Mounts and connections share what the height leaves; what is open takes the rest. */
static void put_table(struct screen *s, struct top *t, double span)
{
	unsigned int spare = s->l->height > FIXED_ROWS ? s->l->height - FIXED_ROWS : 0;
	unsigned int each = spare / 3 > MIN_ROWS ? spare / 3 : MIN_ROWS;

	if (!s->l->height)
		each = TOP_MAX_ROWS;
	put_mounts(s, t, span, each);
	put(s, false, "%s", "");
	put_conns(s, t, span, each);
	put(s, false, "%s", "");
	put_stages(s, t, span);
	put(s, false, "%s", "");
	put_oldest(s, t, s->l->height ? s->l->height : TOP_MAX_ROWS);
}

int top_print(struct top *t, FILE *out, const struct top_layout *layout)
{
	struct screen s = { .out = out, .l = layout };
	double span = seconds(t);

	errno = 0;
	put_head(&s, t, span);
	if (layout->page == TOP_OPEN)
		put_oldest(&s, t, layout->height ? layout->height : SIZE_MAX);
	else
		put_table(&s, t, span);
	return ferror(out) ? (errno ? -errno : -EIO) : 0;
}
