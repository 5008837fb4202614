// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "import/fields.h"
#include "import/import.h"
#include "import/line.h"
#include "log/line.h"
#include "log/mime.h"
#include "tracepoints/probes.h"

#define MAX_LINE   8000 /* of joined text: a path is 4096 bytes at most */
#define MAX_JOINS  3	/* lines that one event may be wrapped to */
#define MAX_CPUS   1024
#define MAX_NAMES  1024
#define NAMELESS   0x40000000u /* thread ids for names whose pid was cut away */
#define WITHOUT_NS 1000	       /* between events without a time */
#define NARROW	   60	       /* shorter lines are not wrapped by a terminal */

struct text {
	struct collect *c;
	struct import_counts *n;
	bool quoted_printable, decimal;
	bool trimmed; /* events without thread or time: somebody cut columns, maybe lines too */
	bool whole;   /* the text says that nothing was overwritten */
	uint64_t promised, seen;    /* events that its headers say it has, and lines with one */
	uint64_t overwritten;	    /* or how much was */
	char pending[MAX_LINE + 1]; /* an event's text, maybe with more to come; empty: none */
	unsigned int joins;
	size_t width; /* of the last line, as it was in the file */
	char front[MAX_LINE + 1];
	uint64_t ts;	  /* of the last event */
	uint64_t dropped; /* lines since then: lost by the kernel's log, or cut in the middle */
	struct log_prefix prefix; /* what a logger puts in front of each line */
	struct {
		bool lost;
		uint64_t count, from; /* lost since from */
		uint64_t ts;	      /* of its last event */
		struct line task;     /* function_graph: who runs */
	} cpu[MAX_CPUS];
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

static int end_loss(struct text *t, uint16_t cpu, uint64_t to)
{
	int rc = 0;

	if (cpu >= MAX_CPUS)
		return 0;
	if (t->cpu[cpu].lost) {
		rc = collect_lost(t->c, cpu, t->cpu[cpu].count, t->cpu[cpu].from, to);
		t->cpu[cpu].lost = false;
		t->cpu[cpu].count = 0;
	}
	t->cpu[cpu].ts = to;
	return rc;
}

static void take_time(struct text *t, struct line *l)
{
	if (!l->has_ts) {
		t->n->untimed++;
		l->ts = t->ts ? t->ts + WITHOUT_NS : 1;
	}
	t->n->ticks += l->ticks;
	t->n->backwards += l->ts < t->ts;
	t->ts = l->ts;
}

/* function_graph says who runs on a CPU when that changes. */
static void take_task(const struct text *t, struct line *l)
{
	const struct line *task;

	if (l->has_pid || !l->has_cpu || l->cpu >= MAX_CPUS)
		return;
	task = &t->cpu[l->cpu].task;
	if (!task->has_pid)
		return;
	l->has_pid = true;
	l->pid = l->tgid = task->pid;
	l->has_comm = task->has_comm;
	strcpy(l->comm, task->comm);
}

/* What was missing since the event before, on whatever CPU. */
static int end_drop(struct text *t, uint64_t from, uint64_t to)
{
	uint64_t count = t->dropped;

	t->dropped = 0;
	return count ? collect_lost(t->c, EV_ANY_CPU, count, from, to) : 0;
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
	hdr.tid = l->has_pid ? l->pid : nameless(t, l->comm);
	hdr.tgid = l->has_pid ? l->tgid : hdr.tid;
	if (l->probe == P_netfs_read && !fields_value(f, "i_size", 0))
		t->decimal = !strstr(l->body, " l="); /* 6.1 and older */
	rc = end_drop(t, before, l->ts);
	if (!rc)
		rc = end_loss(t, l->cpu, l->ts);
	if (!rc)
		rc = collect_task(t->c, &hdr, l->has_comm ? l->comm : NULL);
	if (!rc)
		rc = fields_resolve(f, l->probe, intern, t);
	if (rc)
		return rc;
	f->r.hdr = &hdr;
	return decode_fields(&d, &f->r) ? collect_event(t->c, &d.hdr) : 0;
}

/* Whoever writes "netfs_rreq: ..." in a sentence has neither thread nor time before it. */
static int give_up(struct text *t, const struct line *l)
{
	if (l->kind != LINE_RAW && !l->has_pid && !l->has_ts)
		return 0;
	t->n->damaged++;
	t->n->raw += l->kind == LINE_RAW || strstr(l->body, " what=") || strstr(l->body, "rreq=");
	return collect_lost(t->c, EV_ANY_CPU, 1, t->ts, l->has_ts && l->ts > t->ts ? l->ts : t->ts);
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

static int on_note(struct text *t, const struct line *l)
{
	uint64_t first, last;

	if (l->kind == LINE_ENTRIES) {
		t->whole = l->kept == l->written;
		t->promised += l->kept;
		t->overwritten = l->written > l->kept ? l->written - l->kept : 0;
		t->n->lost += t->overwritten;
	}
	if (l->kind == LINE_LOST && l->cpu == EV_ANY_CPU) {
		t->dropped += l->count;
		t->n->lost += l->count;
	}
	if (l->kind == LINE_ENTRIES || l->cpu >= MAX_CPUS)
		return 0;
	if (l->kind == LINE_SWITCH) {
		t->cpu[l->cpu].task = *l;
		return 0;
	}
	collect_events(t->c, &first, &last);
	if (l->kind == LINE_BUFFER) {
		/* until here its events were overwritten */
		t->cpu[l->cpu].lost = first != 0;
		t->cpu[l->cpu].from = first;
		return 0;
	}
	t->n->lost += l->count;
	t->cpu[l->cpu].from = t->cpu[l->cpu].lost ? t->cpu[l->cpu].from : t->cpu[l->cpu].ts;
	t->cpu[l->cpu].lost = true;
	t->cpu[l->cpu].count += l->count;
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

static const char *skip_quotes(const char *s)
{
	const char *p = s;

	while (*(p += strspn(p, " \t")) == '>')
		s = ++p;
	return s;
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
	if (better.kind == LINE_NONE || better.prefixed)
		return NULL;
	*l = better;
	return clean.text;
}

/* An event that we have no record for. */
static int on_other(struct text *t, const struct line *l)
{
	int rc = flush_pending(t);

	import_count_other(t->n, l->name, l->name_len);
	return !rc && l->has_ts && l->has_cpu ? end_loss(t, l->cpu, l->ts) : rc;
}

static int on_line(struct text *t, const char *raw)
{
	__autofree char *copy = NULL;
	const char *text = skip_quotes(raw), *cleaned;
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

static void chomp(char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!s[i])
			s[i] = '?';
	while (n && (s[n - 1] == '\n' || s[n - 1] == '\r'))
		s[--n] = '\0';
}

/* "R=3D0000002a": no kernel prints upper-case hex digits after a '='. */
static bool looks_quoted(const char *s)
{
	return strstr(s, "R=3D") || strstr(s, "sid=3D") || strstr(s, "conn_id=3D");
}

static int read_lines(struct text *t, FILE *in)
{
	__autofree char *line = NULL, *whole = NULL;
	size_t room = 0, used = 0;
	ssize_t n;
	int rc = 0;

	while (!rc && (n = getline(&line, &room, in)) > 0) {
		bool more = false;
		char *both;

		chomp(line, n);
		if (t->quoted_printable || looks_quoted(line)) {
			t->quoted_printable = true;
			more = mime_decode_quoted(line);
		}
		n = strlen(line);
		both = realloc(whole, used + n + 1);
		if (!both)
			return -ENOMEM;
		whole = both;
		memcpy(whole + used, line, n + 1);
		used += n;
		if (more && used < MAX_LINE)
			continue;
		rc = on_line(t, whole);
		used = 0;
	}
	if (!rc && used)
		rc = on_line(t, whole);
	if (!rc)
		rc = ferror(in) ? -EIO : flush_pending(t);
	if (!rc && t->front[0])
		count_cut(t);
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
 * Lines may be missing where columns are, and are where the header counts more (somebody took one
 * CPU's, or grepped); and where neither the header nor the first reference of
 * a request says so, nobody knows which requests had begun before.
 */
static int note_doubts(struct text *t)
{
	uint64_t first, last;

	if (!collect_events(t->c, &first, &last))
		return 0;
	t->n->excerpt = t->trimmed || t->seen < t->promised ||
			(!t->whole && !t->overwritten && collect_has_probe(t->c, P_netfs_sreq) &&
			 !collect_has_text(t->c, "netfs_rreq_ref_trace", "NEW"));
	if (t->n->excerpt)
		return collect_lost(t->c, EV_ANY_CPU, 0, first, last);
	if (t->overwritten)
		return collect_lost(t->c, EV_ANY_CPU, t->overwritten, first, first);
	return 0;
}

int import_text(FILE *in, struct collect *c, struct import_counts *counts)
{
	__autofree struct text *t = calloc(1, sizeof(*t));
	int rc;

	if (!t)
		return -ENOMEM;
	*counts = (struct import_counts){};
	t->c = c;
	t->n = counts;
	rc = read_lines(t, in);
	for (uint16_t cpu = 0; !rc && cpu < MAX_CPUS; cpu++)
		if (t->cpu[cpu].lost)
			rc = end_loss(t, cpu, t->ts);
	if (!rc)
		rc = end_drop(t, t->ts, t->ts);
	if (!rc)
		rc = add_family(c, "I-OK", "CONSM");
	if (!rc)
		rc = add_family(c, "IO", "ADD");
	if (!rc)
		rc = note_doubts(t);
	if (!rc)
		rc = collect_meta(c, "imported", "ftrace text");
	return rc;
}
