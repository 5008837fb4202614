// SPDX-License-Identifier: GPL-2.0-only
/* From bytes to lines, from lines to whole lines, from those to reports. */
#include <errno.h>
#include <string.h>

#include "base/fnv.h"
#include "log/reader.h"
#include "oops/parse.h"

#define MAX_LINE    16384 /* the modules of a big machine, re-joined */
#define MAX_STRANGE 100	  /* lines of others between those of a report */
#define MAX_SEEN    256
#define MAX_TRACKS  16 /* CPUs or tasks that print at the same time */

struct seen {
	char title[256], when[48];
	uint32_t pid;
	uint64_t digest;
};

/* The lines of one printk caller, among which a report is whole. */
struct track {
	char caller[16]; /* "" where the log does not tell */
	uint64_t used;
	struct oops_draft *draft; /* the report that is open, or NULL */
	struct oops_draft spare;
	struct oops_draft held; /* a hung task before it, which may be mixed with it */
	bool is_held;
	bool cut;	   /* "cut here" was the last that mattered */
	char message[256]; /* of a WARN: printed between that and its headline */
	char said[256];	   /* the last line that is no report's, */
	uint64_t said_line;
};

struct oops_parser {
	oops_sink sink;
	void *ctx;
	oops_line_sink line_sink; /* may be NULL */
	void *line_ctx;
	struct log_reader *log;

	char whole[MAX_LINE]; /* the line before, to which the next may belong */
	size_t nr_whole;
	bool whole_stamped;
	char when[48], caller[16];
	uint64_t whole_line, whole_times;
	size_t whole_indent;
	bool blank, whole_blank; /* a blank line came; it came before the whole line */
	uint32_t proc_pid;	 /* of the last "/proc/PID/stack" in a line */

	struct track track[MAX_TRACKS];
	uint64_t lines;
	char test[64];
	struct seen seen[MAX_SEEN]; /* given out; a ring */
	size_t nr_seen;
};

static void drop_draft(struct track *t)
{
	free(t->spare.o.entry);
	free(t->spare.o.module);
	memset(&t->spare, 0, sizeof(t->spare));
	t->draft = NULL;
}

static void drop_held(struct track *t)
{
	free(t->held.o.entry);
	free(t->held.o.module);
	t->is_held = false;
}

void oops_parser_free(struct oops_parser *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < MAX_TRACKS; i++) {
		drop_draft(&p->track[i]);
		if (p->track[i].is_held)
			drop_held(&p->track[i]);
	}
	log_reader_free(p->log);
	free(p);
}

/* ---- reports ---- */

/* Of what two reports of one task in one second differ in. */
static uint64_t digest(const struct oops *o)
{
	uint64_t h = FNV_START;

	for (size_t i = 0; i < o->nr_entries; i++) {
		const struct sym_ref *at = &o->entry[i].at;

		h = fnv(h, at->symbol, strlen(at->symbol));
		h = fnv(h, &at->off, sizeof(at->off));
	}
	for (size_t i = 0; i < o->nr_regs; i++)
		h = fnv(h, &o->reg[i].value, sizeof(o->reg[i].value));
	return h;
}

/* A mail that quotes the log it answers has it twice. */
static bool seen_before(struct oops_parser *p, const struct oops *o)
{
	size_t n = p->nr_seen < MAX_SEEN ? p->nr_seen : MAX_SEEN;
	uint64_t is = digest(o);
	struct seen *s;

	if (!*o->when)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(p->seen[i].when, o->when) && !strcmp(p->seen[i].title, o->title) &&
		    p->seen[i].digest == is && (p->seen[i].pid == o->pid || !o->has_pid))
			return true;
	s = &p->seen[p->nr_seen++ % MAX_SEEN];
	memcpy(s->when, o->when, sizeof(s->when));
	memcpy(s->title, o->title, sizeof(s->title));
	s->pid = o->pid;
	s->digest = is;
	return false;
}

static int give_out(struct oops_parser *p, const struct oops *o)
{
	return seen_before(p, o) ? 0 : p->sink(p->ctx, o);
}

static int finish(struct oops_parser *p, struct track *t)
{
	const struct oops *o = t->draft ? &t->draft->o : NULL;
	int rc = 0;

	if (t->is_held) {
		t->held.o.mixed = o && o->mixed;
		rc = give_out(p, &t->held.o);
		drop_held(t);
	}
	/* what looked like a stack and has no frame was none */
	if (!rc && o && !oops_is_prose(t->draft) &&
	    !(o->kind == OOPS_STACK && !o->nr_entries && !*o->at.symbol))
		rc = give_out(p, o);
	drop_draft(t);
	return rc;
}

static int finish_all(struct oops_parser *p)
{
	int rc = 0;

	for (size_t i = 0; i < MAX_TRACKS && !rc; i++)
		rc = finish(p, &p->track[i]);
	return rc;
}

/* "BUG: TASK stack guard page was hit at ...", then "Oops: stack guard page: 0000 [#1] ..." */
static bool says_its_trap(const struct oops *have, const struct oops *trap)
{
	const char *why = after(trap->title, "Oops: ");
	size_t n = why ? strcspn(why, ":") : 0;

	return n && !*have->die && memmem(have->title, strlen(have->title), why, n);
}

/* Lines that look like headlines but say more of what the report began with. */
static bool belongs_to_open(const struct track *t, const struct oops_draft *d)
{
	const struct oops *have = t->draft ? &t->draft->o : NULL;

	if (!have)
		return false;
	if (d->o.kind == OOPS_PANIC)
		return true;
	/* busy dentries are told three times: fs/dcache.c, umount_check(), fs/super.c */
	if (have->kind == OOPS_DENTRY)
		return strstr(d->o.title, "umount_check") || strstr(d->o.title, "fs/super.c") ||
		       d->o.kind == OOPS_TRAP;
	if (have->kind == OOPS_HARD_LOCKUP &&
	    d->o.kind == OOPS_HARD_LOCKUP) /* of powerpc, two lines */
		return d->o.cpu == have->cpu && !have->nr_entries;
	if (have->kind == OOPS_SOFT_LOCKUP || have->kind == OOPS_HUNG_TASK)
		return false;
	if (have->kind == OOPS_OTHER)
		return says_its_trap(have, &d->o);
	/* the trap of a BUG, the error code of a fault: die() prints them before any register */
	return d->o.kind == OOPS_TRAP && !*have->die && !have->at_rip && have->kind <= OOPS_TRAP &&
	       have->kind != OOPS_WARN;
}

/*
 * syzbot prints the headline once for each inlined function: the last is the real one. A hard lockup was a
 * WARNING of the watchdog's until 3.15.
 */
static bool says_it_again(const struct track *t, const struct oops_draft *d)
{
	const struct oops *have = t->draft ? &t->draft->o : NULL;

	if (have && d->o.kind == OOPS_HARD_LOCKUP && have->kind == OOPS_WARN)
		return !have->nr_entries && strstr(have->title, "kernel/watchdog.c");
	return have && have->kind == d->o.kind && d->o.kind >= OOPS_KASAN &&
	       d->o.kind <= OOPS_KCSAN && !*have->detail && !have->nr_entries &&
	       strstr(have->title, "[inline]");
}

/* Whether the one that is open was cut off by another that begins, with nothing to tell them by. */
static bool cuts_off(const struct track *t, const char *when)
{
	return t->draft && !*t->caller && oops_cuts_off(t->draft, when);
}

/* Keeps a hung task without a stack until the lines of the next tell whether the two are mixed. */
static bool hold(struct track *t, const struct oops_draft *next, const char *when)
{
	if (!t->draft || *t->caller || t->is_held || !oops_may_cut_off(t->draft, next, when))
		return false;
	t->held = t->spare;
	t->is_held = true;
	t->draft = NULL;
	return true;
}

static int begin(struct oops_parser *p, struct track *t, struct oops_draft *d)
{
	bool mixed = cuts_off(t, p->when);
	int rc;

	if (mixed)
		t->draft->o.mixed = true;
	rc = hold(t, d, p->when) ? 0 : finish(p, t);
	if (rc)
		return rc;
	d->o.mixed = mixed;
	memcpy(d->o.when, p->when, sizeof(d->o.when));
	memcpy(d->o.test, p->test, sizeof(d->o.test));
	memcpy(d->o.caller, t->caller, sizeof(d->o.caller));
	d->o.first_line = p->whole_line;
	d->stamped = p->whole_stamped;
	if (t->cut && *t->message)
		append_detail(&d->o, t->message);
	t->cut = false;
	*t->message = '\0';
	t->spare = *d;
	t->draft = &t->spare;
	if (d->o.kind == OOPS_GPF || d->o.kind == OOPS_TRAP) {
		const char *code = strchr(d->o.title, '[');

		copy_text(t->draft->o.die, sizeof(d->o.die), code ? code : "",
			  code ? strlen(code) : 0);
	}
	return 0;
}

/* "run fstests generic/306 at 2024-02-07 21:32:16" */
static void take_test(struct oops_parser *p, const char *rest)
{
	copy_text(p->test, sizeof(p->test), rest, strcspn(rest, " \t"));
}

/* What is said in front of a BUG, of what was found: lib/list_debug.c, mm/usercopy.c */
static bool says_why(const char *text)
{
	return !strncmp(text, "list_", 5) || !strncmp(text, "usercopy: ", 10);
}

static int cut_here(struct oops_parser *p, struct track *t)
{
	bool why = t->said_line + 1 == p->whole_line && says_why(t->said);

	t->cut = true;
	copy_text(t->message, sizeof(t->message), t->said, why ? strlen(t->said) : 0);
	if (!t->draft || t->draft->o.kind == OOPS_KASAN || t->draft->o.kind == OOPS_DENTRY)
		return 0;
	return finish(p, t);
}

/* These have no end marker: the first foreign line behind their trace is the end. */
static bool over_without_marker(const struct oops_draft *d)
{
	switch (d->o.kind) {
	case OOPS_HUNG_TASK:
	case OOPS_SOFT_LOCKUP:
		return d->in_trace && !*d->context && d->o.nr_entries;
	case OOPS_STACK:
		return d->o.nr_entries && (d->trace_over || (d->in_trace && !*d->context));
	case OOPS_LOCKDEP:
	case OOPS_SLAB:
	case OOPS_ATOMIC:
	case OOPS_RCU_STALL:
	case OOPS_WORKQUEUE:
		return d->trace_over;
	default:
		return false;
	}
}

static int foreign_line(struct oops_parser *p, struct track *t, const char *text)
{
	struct oops_draft *d = t->draft;

	if (p->line_sink)
		p->line_sink(p->line_ctx, text, p->when, p->whole_line, p->whole_times);
	t->said_line = p->whole_line;
	copy_text(t->said, sizeof(t->said), text, strlen(text));
	if (t->cut && !d && !*t->message && *text)
		copy_text(t->message, sizeof(t->message), text, strlen(text));
	if (!d)
		return 0;
	if (over_without_marker(d) || ++d->strange > MAX_STRANGE)
		return finish(p, t);
	return 0;
}

static int report_line(struct oops_parser *p, struct track *t, const char *text)
{
	struct oops_draft *d = t->draft;
	size_t before;
	int rc;

	if (!d || (d->ended && strncmp(text, "Kernel panic", 12) != 0))
		return foreign_line(p, t, text);
	if (d->o.kind == OOPS_KASAN && d->o.nr_entries && !strncmp(text, "=====", 5))
		return finish(p, t);
	d->o.mixed |= !*t->caller && oops_is_of_another(d, text);
	d->indent = p->whole_indent;
	before = d->o.nr_entries;
	rc = oops_body(d, text);
	d->dense = d->o.nr_entries > before && before && !p->whole_blank;
	if (rc > 0)
		d->strange = 0;
	return rc < 0 ? rc : rc ? 0 : foreign_line(p, t, text);
}

/* Frames of /proc/PID/stack below a blank line, where those above stood close: of another task. */
static bool is_another_stack(const struct oops_parser *p, const struct oops_draft *d,
			     const char *text)
{
	return p->whole_blank && d->dense && !*d->context && !strncmp(text, "[<0>] ", 6) &&
	       (d->o.kind == OOPS_STACK || d->o.kind == OOPS_HUNG_TASK ||
		d->o.kind == OOPS_SOFT_LOCKUP);
}

/* A stack that no first line announced: where none is open, or the open one is complete. */
static bool may_be_headless(const struct oops_parser *p, const struct track *t, const char *text)
{
	const struct oops_draft *d = t->draft;

	bool line = oops_is_task(text);
	bool task = line || !strncmp(text, "PID: ", 5) || !strncmp(text, "CPU: ", 5);

	if (!d || (d->ended && task) ||
	    oops_is_of_other_cpu(d, text)) /* RIP and registers come once more behind the end */
		return true;
	if (d->ended)
		return false;
	if (p->whole_blank && oops_is_prose(d)) /* what a mail quotes below its own words */
		return true;
	if (is_another_stack(p, d, text))
		return true;
	if (line) /* a hung task's own comes in front of its trace */
		return d->o.nr_entries && d->stack != STACK_BLOCKER;
	if (!strncmp(text, "PID: ", 5))
		return d->o.nr_entries;
	return d->o.kind == OOPS_STACK && d->trace_over;
}

/* The line that a stack without a headline begins with is its first line, too. */
static int begin_headless(struct oops_parser *p, struct track *t, struct oops_draft *d,
			  const char *text)
{
	int rc;

	if (p->proc_pid && !strncmp(text, "[<0>] ", 6)) {
		d->o.pid = p->proc_pid;
		d->o.has_pid = true;
		snprintf(d->o.title, sizeof(d->o.title), "Stack of pid %u, from /proc", d->o.pid);
		p->proc_pid = 0;
	}
	rc = begin(p, t, d);

	if (!rc)
		rc = oops_body(t->draft, text);
	return rc < 0 ? rc : 0;
}

/* "==> /proc/4411/stack <==", "# cat /proc/4411/task/4413/stack": whose stack comes next */
static void take_proc(struct oops_parser *p, const char *text)
{
	const char *proc = strstr(text, "/proc/");
	unsigned int pid, tid;
	int n = 0;

	if (!proc)
		return;
	if (sscanf(proc, "/proc/%9u/task/%9u/stac%n", &pid, &tid, &n) == 2 && n)
		p->proc_pid = tid;
	else if (sscanf(proc, "/proc/%9u/stac%n", &pid, &n) == 1 && n)
		p->proc_pid = pid;
}

/* "/proc/4411/stack:[<0>] func", as grep prints it: the frame, NULL if it is none */
static const char *frame_of_grep(const char *text)
{
	const char *colon = after(text, "/proc/") ? strstr(text, "/stack:") : NULL;

	return colon && colon - text < 48 ? colon + strlen("/stack:") : NULL;
}

/* Those of one task are a report. */
static int take_frame_of_grep(struct oops_parser *p, struct track *t)
{
	const struct oops *o = t->draft ? &t->draft->o : NULL;

	if (o && (!o->has_pid || o->pid != p->proc_pid))
		return finish(p, t);
	if (o)
		p->proc_pid = 0;
	return 0;
}

static struct track *track_of(struct oops_parser *p, const char *caller)
{
	struct track *oldest = &p->track[0];

	for (size_t i = 0; i < MAX_TRACKS; i++) {
		struct track *t = &p->track[i];
		bool open = t->draft && !t->draft->ended,
		     other = oldest->draft && !oldest->draft->ended;

		if (t->used && !strcmp(t->caller, caller))
			return t;
		if (open == other ? t->used < oldest->used : other)
			oldest = t;
	}
	return oldest;
}

static int whole_line(struct oops_parser *p, const char *text)
{
	struct track *t = track_of(p, p->caller);
	const char *test = after(text, "run fstests "), *frame = frame_of_grep(text);
	struct oops_draft d = {};
	int rc = 0;

	if (strcmp(t->caller, p->caller) != 0)
		rc = finish(p, t);
	if (rc)
		return rc;
	memcpy(t->caller, p->caller, sizeof(t->caller));
	t->used = ++p->lines;
	if (test)
		take_test(p, test);
	take_proc(p, text);
	if (frame) {
		text = frame;
		rc = take_frame_of_grep(p, t);
		if (rc)
			return rc;
	}
	if (strstr(text, "[ cut here ]"))
		return cut_here(p, t);
	if (oops_headline(&d, text)) {
		if (says_it_again(t, &d))
			drop_draft(t);
		if (!belongs_to_open(t, &d))
			return begin(p, t, &d);
	} else if (may_be_headless(p, t, text) && oops_headless(&d, text)) {
		return begin_headless(p, t, &d, text);
	}
	return report_line(p, t, text);
}

/* ---- whole lines ---- */

static int flush_whole(struct oops_parser *p)
{
	int rc = 0;

	if (p->nr_whole)
		rc = whole_line(p, p->whole);
	p->nr_whole = 0;
	*p->whole = '\0';
	return rc;
}

static bool continues(const struct oops_parser *p, const struct log_line *l)
{
	if (l->stamped || !p->nr_whole || !l->size || p->nr_whole + l->size + 2 > sizeof(p->whole))
		return false;
	return oops_continues(p->whole, p->whole_stamped, l->text);
}

static void append_whole(struct oops_parser *p, const struct log_line *l)
{
	size_t room = sizeof(p->whole) - p->nr_whole - 2;
	size_t n = l->size < room ? l->size : room;

	if (p->nr_whole)
		p->whole[p->nr_whole++] = ' ';
	memcpy(p->whole + p->nr_whole, l->text, n);
	p->nr_whole += n;
	p->whole[p->nr_whole] = '\0';
}

/* A call trace that a mailer broke has its rest on lines without a stamp; blank lines end it. */
static int take_line(void *ctx, struct log_line *l)
{
	struct oops_parser *p = ctx;
	int rc = 0;

	p->blank |= !l->size;
	if (!continues(p, l)) {
		rc = flush_whole(p);
		p->whole_stamped = l->stamped;
		memcpy(p->when, l->when, sizeof(p->when));
		if (l->stamped) /* a line of its own without a stamp is of who spoke last */
			memcpy(p->caller, l->caller, sizeof(p->caller));
		if (l->size) {
			p->whole_blank = p->blank;
			p->blank = false;
		}
		p->whole_line = l->number;
		p->whole_times = l->times;
		p->whole_indent = l->indent;
	}
	append_whole(p, l);
	return rc;
}

/* Whether a text begins a report: what the reader looks for behind prefixes without a stamp. */
static bool begins_report(const char *text)
{
	struct oops_draft d = {};

	return oops_headline(&d, text);
}

int oops_parser_new(struct oops_parser **ret, oops_sink sink, void *ctx)
{
	struct oops_parser *p = calloc(1, sizeof(*p));
	int rc = p ? log_reader_new(&p->log, begins_report, take_line, p) : -ENOMEM;

	if (rc) {
		oops_parser_free(p);
		return rc;
	}
	p->sink = sink;
	p->ctx = ctx;
	*ret = p;
	return 0;
}

void oops_parser_on_line(struct oops_parser *p, oops_line_sink sink, void *ctx)
{
	p->line_sink = sink;
	p->line_ctx = ctx;
}

const char *oops_parser_stripped(const struct oops_parser *p, size_t i)
{
	return log_reader_stripped(p->log, i);
}

int oops_parser_feed(struct oops_parser *p, const char *data, size_t size)
{
	return log_reader_feed(p->log, data, size);
}

int oops_parser_flush(struct oops_parser *p)
{
	int rc = log_reader_flush(p->log);

	if (!rc)
		rc = flush_whole(p);
	return rc ? rc : finish_all(p);
}
