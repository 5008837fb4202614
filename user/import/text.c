// SPDX-License-Identifier: GPL-2.0-only
/*
 * ftrace's text: lines (line.c) become events by tracefs's formats (fields.c), and go to
 * collect.c. cmd/import.c calls it.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/fmt.h"
#include "import/buffers.h"
#include "import/edge.h"
#include "import/fields.h"
#include "import/import.h"
#include "import/input.h"
#include "import/line.h"
#include "log/line.h"
#include "log/mime.h"
#include "tracepoints/probes.h"

#define MAX_LINE   8000 /* of joined text: a path is 4096 bytes at most */
#define MAX_JOINS  3	/* lines that one event may be wrapped to */
#define MAX_NAMES  1024
#define NAMELESS   TID_UNKNOWN /* and on: of names whose pid was cut away, then of CPUs */
#define WITHOUT_NS 1000	       /* between events without a time */
#define NARROW	   60	       /* shorter lines are not wrapped by a terminal */

struct text {
	struct collect *c;
	struct import_counts *n;
	bool quoted_printable, decimal;
	bool trimmed; /* events without thread or time: somebody cut columns, maybe lines too */
	size_t edge;  /* the width at which lines were cut; 0: they were not */
	size_t fold;  /* the same of lines that were broken */
	unsigned int headers;	    /* that say how much there is, */
	uint64_t promised, seen;    /* events that they say there are, and lines with one */
	uint64_t overwritten;	    /* what they say was overwritten, all of them */
	uint64_t missing;	    /* and the last one, before the first event behind it, */
	bool older;		    /* or a buffer that started there */
	char pending[MAX_LINE + 1]; /* an event's text, maybe with more to come; empty: none */
	unsigned int joins;
	size_t width; /* of the last line, as it was in the file */
	char front[MAX_LINE + 1];
	uint64_t ts;	  /* of the last event */
	uint64_t dropped; /* lines since then: lost by the kernel's log, or cut in the middle */
	struct log_prefix prefix; /* what a logger puts in front of each line */
	struct buffers *buffers;
	char broken[MAX_LINE + 1]; /* quoted-printable: the begin of a line */
	bool timed;		   /* an event had a time */
	char instance
		[LINE_INSTANCE_LEN]; /* of a loss, whose event behind it does not name it again */
	char names[MAX_NAMES][EV_COMM_LEN];
	unsigned int nr_names;
};

/* ---- events ---- */

static int intern(void *ctx, const char *type, const char *word, uint8_t *ret)
{
	struct text *t = ctx;

	return collect_intern(t->c, type, word, ret);
}

static uint32_t nameless(struct text *t, const char *comm)
{
	unsigned int i;

	for (i = 0; i < t->nr_names; i++)
		if (!strcmp(t->names[i], comm))
			return NAMELESS + i;
	if (i == MAX_NAMES)
		return NAMELESS + i;
	strcpy(t->names[t->nr_names++], comm);
	return NAMELESS + i;
}

/* Who ran on a CPU is nobody that is known, and more likely the same than one of another CPU. */
static uint32_t nobody(const struct line *l)
{
	return NAMELESS + MAX_NAMES + 1 + (l->has_cpu ? l->cpu : UINT16_MAX);
}

/* The buffer that a line is of; NULL: none that is known. */
static struct buffer *buffer_of(struct text *t, const struct line *l)
{
	return buffers_get(t->buffers, *l->instance ? l->instance : t->instance, l->cpu);
}

static int end_loss(struct text *t, const struct line *l, uint64_t to)
{
	struct buffer *b = buffer_of(t, l);

	t->instance[0] = '\0';
	return b ? buffer_resume(b, t->c, l->cpu, to) : 0;
}

static void take_time(struct text *t, struct line *l)
{
	if (!l->has_ts) {
		t->n->untimed++;
		t->n->absurd += l->absurd;
		l->ts = t->ts ? t->ts + WITHOUT_NS : 1;
	} else if (!t->timed) {
		t->timed = true;
		collect_starts(t->c, l->ts);
	}
	t->n->ticks += l->ticks;
	t->n->backwards += l->ts < t->ts;
	t->ts = l->ts;
}

/* function_graph says who runs on a CPU when that changes. */
static void take_task(struct text *t, struct line *l)
{
	const struct buffer *b;

	if (l->has_pid || !l->has_cpu)
		return;
	b = buffer_of(t, l);
	if (!b || !b->task.has_pid)
		return;
	l->has_pid = true;
	l->pid = l->tgid = b->task.pid;
	l->has_comm = b->task.has_comm;
	strcpy(l->comm, b->task.comm);
}

/*
 * What was missing since the event before, on whatever CPU; and what a header says was overwritten, which
 * is older than the first event behind it.
 */
static int end_drop(struct text *t, uint64_t from, uint64_t to)
{
	uint64_t count = t->dropped, missing = t->missing, first, last;
	bool older = missing || t->older;
	int rc = 0;

	t->dropped = t->missing = 0;
	t->older = false;
	if (count)
		rc = collect_lost(t->c, EV_ANY_CPU, count, from, to);
	if (!rc && older) {
		first = collect_events(t->c, &first, &last) ? first : to;
		rc = collect_lost(t->c, EV_ANY_CPU, missing, first, to);
	}
	return rc;
}

static int emit(struct text *t, struct line *l, struct fields *f)
{
	struct ev_hdr hdr = { .probe = l->probe, .cpu = l->cpu };
	union decoded d;
	uint64_t before = t->ts;
	int rc;

	take_time(t, l);
	take_task(t, l);
	t->trimmed = t->trimmed || !l->has_ts || !l->has_pid;
	hdr.ts = l->ts;
	hdr.tid = l->has_pid ? l->pid : l->has_comm ? nameless(t, l->comm) : nobody(l);
	hdr.tgid = l->has_pid ? l->tgid : hdr.tid;
	if (l->probe == P_netfs_read && !fields_value(f, "i_size", 0))
		t->decimal = !strstr(l->body, " l="); /* 6.1 and older */
	rc = end_drop(t, before, l->ts);
	if (!rc)
		rc = end_loss(t, l, l->ts);
	if (!rc && (l->has_pid || l->has_comm))
		rc = collect_task(t->c, &hdr, l->has_comm ? l->comm : NULL);
	if (!rc)
		rc = fields_resolve(f, l->probe, intern, t);
	if (rc)
		return rc;
	f->r.hdr = &hdr;
	if (!decode_fields(&d, &f->r))
		return 0;
	d.hdr.flags |= l->has_ts ? 0 : EVF_NOTIME;
	return collect_event(t->c, &d.hdr);
}

/* An event that cannot be read, or not all of it. */
static int lose_event(struct text *t, const struct line *l)
{
	t->n->damaged++;
	return collect_lost(t->c, EV_ANY_CPU, 1, t->ts, l->has_ts && l->ts > t->ts ? l->ts : t->ts);
}

/* Whoever writes "netfs_rreq: ..." in a sentence has neither thread nor time before it. */
static int give_up(struct text *t, const struct line *l)
{
	if (l->kind != LINE_RAW && !l->has_pid && !l->has_ts)
		return 0;
	t->n->raw += l->kind == LINE_RAW || line_is_raw(l);
	return lose_event(t, l);
}

/* The pending event is as long as it gets. */
static int flush_pending(struct text *t)
{
	struct fields f;
	struct line l;
	int rc;

	if (!t->pending[0])
		return 0;
	line_parse(&l, t->pending);
	if (fields_parse(&f, l.probe, l.body, t->decimal))
		rc = emit(t, &l, &f);
	else
		rc = give_up(t, &l);
	t->pending[0] = '\0';
	t->joins = 0;
	return rc;
}

/* ---- lines that were wrapped ---- */

/* How many fields the event in it has; 0: it is not whole. */
static unsigned int is_whole(const struct text *t, const char *text)
{
	struct fields f;
	struct line l;

	line_parse(&l, text);
	return l.kind == LINE_EVENT && fields_parse(&f, l.probe, l.body, t->decimal) ? f.nr : 0;
}

/* A terminal breaks anywhere, also in a number, whose rest then is alone on its line. */
static bool is_rest_of_number(const struct text *t, const char *text)
{
	size_t len = strspn(text, "0123456789abcdef");

	return t->width >= NARROW && len && len <= 16 && !text[len];
}

/* to has room for MAX_LINE bytes, and the callers ask whether that is enough. */
static void join(char *to, const char *a, const char *between, const char *b)
{
	stpcpy(stpcpy(stpcpy(to, a), between), b);
}

/* What is left out of a whole event's text is what has a default, or part of a number. */
static void extend_whole(struct text *t, const char *text)
{
	char joined[MAX_LINE + 1];

	join(joined, t->pending, " ", text);
	if (is_whole(t, joined) <= is_whole(t, t->pending)) {
		if (!is_rest_of_number(t, text))
			return;
		join(joined, t->pending, "", text);
	}
	strcpy(t->pending, joined);
}

static void continue_pending(struct text *t, const char *text)
{
	char joined[MAX_LINE + 1];

	if (strlen(t->pending) + strlen(text) + 1 > MAX_LINE || t->joins == MAX_JOINS)
		return;
	t->joins++;
	if (is_whole(t, t->pending)) {
		extend_whole(t, text);
		return;
	}
	join(joined, t->pending, "", text);
	if (!is_whole(t, joined))
		join(joined, t->pending, " ", text);
	strcpy(t->pending, joined);
}

/* A line that somebody cut: which event it was is not known. */
static void count_cut(struct text *t)
{
	t->n->damaged++;
	t->dropped++;
	t->front[0] = '\0';
}

static int on_event(struct text *t, const char *text, const struct line *l)
{
	int rc = flush_pending(t);

	if (t->front[0] && (l->has_cpu || l->has_pid))
		count_cut(t);
	if (!l->has_cpu && !l->has_pid && t->front[0] &&
	    strlen(t->front) + strlen(text) + 1 <= MAX_LINE)
		join(t->pending, t->front, " ", text);
	else
		snprintf(t->pending, sizeof(t->pending), "%s", text);
	t->front[0] = '\0';
	return rc;
}

/* ---- lines ---- */

/* The begin of a text of tracefs. A second one is that of another instance, with times of its own. */
static int on_header(struct text *t, const struct line *l)
{
	uint64_t first, last;

	t->headers++;
	t->promised += l->kept;
	t->missing = l->written > l->kept ? l->written - l->kept : 0;
	t->overwritten += t->missing;
	t->n->lost += t->missing;
	collect_events(t->c, &first, &last);
	return t->headers > 1 ? buffers_end(t->buffers, t->c, last) : 0;
}

static int on_note(struct text *t, const struct line *l)
{
	uint64_t first, last, events = collect_events(t->c, &first, &last);
	struct buffer *b;

	if (l->kind == LINE_ENTRIES)
		return on_header(t, l);
	if (l->kind == LINE_LOST)
		t->n->lost += l->count;
	t->n->uncounted += l->times;
	if (l->kind == LINE_LOST && l->cpu == EV_ANY_CPU) {
		t->dropped += l->count;
		return 0;
	}
	b = buffers_get(t->buffers, l->instance, l->cpu);
	if (!b)
		return 0;
	t->older |= l->kind == LINE_BUFFER && !events;
	if (l->kind == LINE_SWITCH)
		b->task = *l;
	else if (l->kind == LINE_LOST ||
		 events) /* LINE_BUFFER: until here its events were overwritten */
		buffer_lose(b, l->count, first);
	if (l->kind == LINE_LOST)
		strcpy(t->instance, l->instance);
	return 0;
}

/* No event by itself: the rest of one, the front of one, or somebody's words. */
static int on_rest(struct text *t, const char *text)
{
	bool begins = strlen(text) < MAX_LINE && line_begins(text);
	bool front = begins && line_is_front(text);
	int rc = 0;

	if (t->pending[0] && *text && !begins)
		continue_pending(t, text);
	else
		rc = flush_pending(t);
	if (t->front[0] || (begins && !front))
		count_cut(t);
	snprintf(t->front, sizeof(t->front), "%s", front ? text : "");
	return rc;
}

/*
 * The same line without what a logger put before it. copy is cut up and holds what is returned; NULL: it
 * says no more so.
 */
static const char *without_prefix(struct text *t, char *copy, struct line *l)
{
	struct log_line clean;
	struct line better;

	log_line_clean(&t->prefix, copy, NULL, &clean);
	if (!clean.stamped)
		return NULL;
	line_parse(&better, clean.text);
	if (better.kind == LINE_NONE ? !line_begins(clean.text) : better.prefixed)
		return NULL;
	*l = better;
	return clean.text;
}

/* An event that we have no record for. */
static int on_other(struct text *t, const struct line *l)
{
	int rc = flush_pending(t);

	import_count_other(t->n, l->name, l->name_len);
	return !rc && l->has_ts && l->has_cpu ? end_loss(t, l, l->ts) : rc;
}

/* A line that was cut, or may have been: who knows which digits stood behind its last one? */
static int on_edge(struct text *t, const struct line *l)
{
	int rc = flush_pending(t);

	t->seen++;
	if (rc)
		return rc;
	return lose_event(t, l);
}

static int on_line(struct text *t, const char *raw)
{
	__autofree char *copy = NULL;
	const char *text = line_unquoted(raw), *cleaned;
	struct line l;
	int rc = 0;

	t->n->lines++;
	if (!strncasecmp(text, "Content-Transfer-Encoding: quoted-printable", 43))
		t->quoted_printable = true;
	line_parse(&l, text);
	if (l.kind == LINE_NONE || l.prefixed) {
		copy = strdup(raw);
		if (!copy)
			return -ENOMEM;
		cleaned = without_prefix(t, copy, &l);
		text = cleaned ? cleaned : text;
	}
	if (l.kind == LINE_EVENT && edge_reached(t->edge, strlen(raw)))
		return on_edge(t, &l);
	switch (l.kind) {
	case LINE_EVENT:
		t->seen++;
		rc = on_event(t, text, &l);
		break;
	case LINE_RAW:
		rc = flush_pending(t);
		if (!rc)
			rc = give_up(t, &l);
		break;
	case LINE_OTHER:
		t->seen++;
		rc = on_other(t, &l);
		break;
	case LINE_NONE:
		rc = on_rest(t, text);
		break;
	default:
		rc = flush_pending(t);
		if (!rc)
			rc = on_note(t, &l);
	}
	t->width = strlen(raw);
	return rc;
}

/* ---- lines of the input ---- */

/* "R=3D0000002a": no kernel prints upper-case hex digits after a '='. */
static bool looks_quoted(const char *s)
{
	return strstr(s, "R=3D") || strstr(s, "sid=3D") || strstr(s, "conn_id=3D");
}

/* What was held back, as one line. */
static int end_broken(struct text *t)
{
	int rc = t->broken[0] ? on_line(t, t->broken) : 0;

	t->broken[0] = '\0';
	return rc;
}

/* Quoted-printable and terminals break lines wherever they like: on_line() hears of whole ones. */
static int take_line(void *ctx, const char *text)
{
	struct text *t = ctx;
	bool quoted = t->quoted_printable || looks_quoted(text), more;
	size_t used, n = strlen(text);
	int rc = 0;

	if (!quoted && edge_begins(text))
		rc = end_broken(t);
	used = strlen(t->broken);
	if (rc || n + used > MAX_LINE || !(used || quoted || (t->fold && n == t->fold)))
		return rc ?: end_broken(t) ?: on_line(t, text);
	strcpy(t->broken + used, used && !quoted ? line_rest(t->broken, text) : text);
	t->quoted_printable = quoted;
	more = quoted ? mime_decode_quoted(t->broken + used) : n == t->fold;
	return more ? 0 : end_broken(t);
}

static int look_at_edge(void *ctx, const char *text)
{
	edge_line(ctx, text);
	return 0;
}

static int read_lines(struct text *t, struct input *in)
{
	struct edge edge = {};
	int rc = input_each(in, look_at_edge, &edge);

	t->edge = edge_width(&edge);
	t->fold = edge_fold(&edge);
	t->n->cut_at = t->edge;
	if (!rc)
		rc = input_each(in, take_line, t);
	if (!rc)
		rc = end_broken(t);
	if (!rc)
		rc = flush_pending(t);
	if (!rc && t->front[0])
		count_cut(t);
	t->n->long_lines = in->long_lines;
	t->n->packed_cut = in->cut;
	return rc;
}

/* ---- what can be relied on ---- */

/* Without these a write-only trace would look like one of a kernel whose cifs has no netfs. */
static int add_family(struct collect *c, const char *seen, const char *implied)
{
	uint8_t value;

	return collect_has_text(c, "netfs_sreq_trace", seen)
		       ? collect_intern(c, "netfs_sreq_trace", implied, &value)
		       : 0;
}

/*
 * Only a header that counts the events proves that a text is whole. Where there is none (trace-cmd report, perf
 * script, a mail), lines may be missing (grep, "[...]"), and what a missing line explains is no violation.
 */
static int note_doubts(struct text *t)
{
	uint64_t first, last;

	if (!collect_events(t->c, &first, &last))
		return 0;
	t->n->excerpt =
		t->trimmed || !t->promised || t->seen < t->promised || t->edge || t->n->packed_cut;
	return t->n->excerpt || t->n->uncounted ? collect_lost(t->c, EV_ANY_CPU, 0, first, last)
						: 0;
}

static int import_lines(struct text *t, struct input *in)
{
	uint64_t first, last;
	int rc = read_lines(t, in);

	collect_events(t->c, &first, &last);
	if (rc)
		return rc;
	rc = buffers_end(t->buffers, t->c, last);
	if (rc)
		return rc;
	rc = end_drop(t, t->ts, t->ts);
	if (rc)
		return rc;
	rc = add_family(t->c, "I-OK", "CONSM");
	if (rc)
		return rc;
	rc = add_family(t->c, "IO", "ADD");
	if (rc)
		return rc;
	return note_doubts(t);
}

int import_text(FILE *from, struct collect *c, struct import_counts *counts)
{
	__free(buffers_freep) struct buffers *buffers = NULL;
	__autofree struct text *t = calloc(1, sizeof(*t));
	__free(input_close) struct input in = {};
	int rc;

	if (!t)
		return -ENOMEM;
	*counts = (struct import_counts){};
	t->c = c;
	t->n = counts;
	rc = buffers_new(&buffers);
	t->buffers = buffers;
	if (rc)
		return rc;
	rc = input_open(&in, from);
	if (rc)
		return rc;
	rc = import_lines(t, &in);
	if (rc)
		return rc;
	return collect_meta(c, "imported", "ftrace text");
}
