// SPDX-License-Identifier: GPL-2.0-only
/* From bytes to lines, from lines to whole lines, from those to reports. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "log/reader.h"
#include "oops/parse.h"

#define MAX_LINE    16384 /* the modules of a big machine, re-joined */
#define MAX_STRANGE 100	  /* lines of others between those of a report */
#define MAX_SEEN    256

struct seen {
	char title[256], when[48];
	uint32_t pid;
};

struct oops_parser {
	oops_sink sink;
	void *ctx;
	struct log_reader *log;

	char whole[MAX_LINE]; /* the line before, to which the next may belong */
	size_t nr_whole;
	bool whole_stamped;
	char when[48];
	uint64_t whole_line;

	struct oops_draft *draft; /* the report that is open, or NULL */
	struct oops_draft spare;
	bool cut;	   /* "cut here" was the last that mattered */
	char message[256]; /* of a WARN: printed between that and its headline */
	char test[64];
	struct seen seen[MAX_SEEN]; /* given out; a ring */
	size_t nr_seen;
};

static void drop_draft(struct oops_parser *p)
{
	free(p->spare.o.entry);
	free(p->spare.o.module);
	memset(&p->spare, 0, sizeof(p->spare));
	p->draft = NULL;
}

void oops_parser_free(struct oops_parser *p)
{
	if (!p)
		return;
	drop_draft(p);
	log_reader_free(p->log);
	free(p);
}

/* ---- reports ---- */

/* A mail that quotes the log it answers has it twice. */
static bool seen_before(struct oops_parser *p, const struct oops *o)
{
	size_t n = p->nr_seen < MAX_SEEN ? p->nr_seen : MAX_SEEN;
	struct seen *s;

	if (!*o->when)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(p->seen[i].when, o->when) && !strcmp(p->seen[i].title, o->title) &&
		    (p->seen[i].pid == o->pid || !o->has_pid))
			return true;
	s = &p->seen[p->nr_seen++ % MAX_SEEN];
	memcpy(s->when, o->when, sizeof(s->when));
	memcpy(s->title, o->title, sizeof(s->title));
	s->pid = o->pid;
	return false;
}

static int finish(struct oops_parser *p)
{
	int rc = 0;

	if (p->draft && !seen_before(p, &p->draft->o))
		rc = p->sink(p->ctx, &p->draft->o);
	drop_draft(p);
	return rc;
}

/* Lines that look like headlines but say more of what the report began with. */
static bool belongs_to_open(const struct oops_parser *p, const struct oops_draft *d)
{
	const struct oops *have = p->draft ? &p->draft->o : NULL;

	if (!have)
		return false;
	if (d->o.kind == OOPS_PANIC)
		return true;
	/* the trap of a BUG, the error code of a fault: die() prints them before any register */
	return (d->o.kind == OOPS_TRAP || d->o.kind == OOPS_GPF) && !*have->die && !have->at_rip &&
	       have->kind <= OOPS_TRAP && have->kind != OOPS_WARN;
}

static int begin(struct oops_parser *p, struct oops_draft *d)
{
	int rc = finish(p);

	if (rc)
		return rc;
	memcpy(d->o.when, p->when, sizeof(d->o.when));
	memcpy(d->o.test, p->test, sizeof(d->o.test));
	d->o.first_line = p->whole_line;
	if (p->cut && *p->message)
		append_detail(&d->o, p->message);
	p->cut = false;
	*p->message = '\0';
	p->spare = *d;
	p->draft = &p->spare;
	if (d->o.kind == OOPS_GPF || d->o.kind == OOPS_TRAP) {
		const char *code = strchr(d->o.title, '[');

		copy_text(p->draft->o.die, sizeof(d->o.die), code ? code : "",
			  code ? strlen(code) : 0);
	}
	return 0;
}

/* "run fstests generic/306 at 2024-02-07 21:32:16" */
static void take_test(struct oops_parser *p, const char *rest)
{
	copy_text(p->test, sizeof(p->test), rest, strcspn(rest, " \t"));
}

static int cut_here(struct oops_parser *p)
{
	p->cut = true;
	*p->message = '\0';
	return p->draft && p->draft->o.kind != OOPS_KASAN ? finish(p) : 0;
}

/* Hung tasks, lockups and KASAN have no end marker: the first foreign line behind their trace. */
static bool over_without_marker(const struct oops_draft *d)
{
	return d->in_trace && !*d->context && d->o.nr_entries &&
	       (d->o.kind == OOPS_HUNG_TASK || d->o.kind == OOPS_SOFT_LOCKUP);
}

static int foreign_line(struct oops_parser *p, const char *text)
{
	struct oops_draft *d = p->draft;

	if (p->cut && !d && !*p->message && *text)
		copy_text(p->message, sizeof(p->message), text, strlen(text));
	if (!d)
		return 0;
	if (over_without_marker(d) || ++d->strange > MAX_STRANGE)
		return finish(p);
	return 0;
}

static int report_line(struct oops_parser *p, const char *text)
{
	struct oops_draft *d = p->draft;
	int rc;

	if (!d || (d->ended && strncmp(text, "Kernel panic", 12) != 0))
		return foreign_line(p, text);
	if (d->o.kind == OOPS_KASAN && d->o.nr_entries && !strncmp(text, "=====", 5))
		return finish(p);
	rc = oops_body(d, text);
	if (rc > 0)
		d->strange = 0;
	return rc < 0 ? rc : rc ? 0 : foreign_line(p, text);
}

static int whole_line(struct oops_parser *p, const char *text)
{
	const char *test = after(text, "run fstests ");
	struct oops_draft d = {};

	if (test)
		take_test(p, test);
	if (strstr(text, "[ cut here ]"))
		return cut_here(p);
	if (oops_headline(&d, text) && !belongs_to_open(p, &d))
		return begin(p, &d);
	return report_line(p, text);
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

static bool only_of(const char *text, const char *set)
{
	return text[strspn(text, set)] == '\0';
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), k = strlen(end);

	return n >= k && !strcmp(text + n - k, end);
}

/* Without stamps only the shape tells that a mailer broke the line. */
static bool continues_bare(const char *whole, const char *text)
{
	if (!strncmp(whole, "Code:", 5))
		return only_of(text, "0123456789abcdef<>() ");
	if (!strncmp(whole, "Modules linked in:", 18))
		return !strstr(text, "+0x") && !strchr(text, ':') && strncmp(text, "---", 3) != 0;
	if (!strncmp(whole, "CPU: ", 5))
		return isdigit((unsigned char)*text) && strchr(text, '.');
	if (*text == '[')
		return strstr(whole, "+0x") && !strchr(whole, '[') && !strstr(text, "+0x");
	return ends_with(whole, "?") || !strncmp(text, "knlGS:", 6) ||
	       ends_with(whole, " at addr") || ends_with(whole, "address:");
}

static bool is_line_of_its_own(const char *text)
{
	static const char *const starts[] = {
		"RIP: ",	  "RSP: ",	   "RAX: ",
		"CPU: ",	  "Call Trace:",   "Code: ",
		"<TASK>",	  "</TASK>",	   "Modules linked in:",
		"Hardware name:", "---[ end trace"
	};
	struct oops_draft d = {};

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (!strncmp(text, starts[i], strlen(starts[i])))
			return true;
	return is_trace_entry(text) || oops_headline(&d, text);
}

static bool continues(const struct oops_parser *p, const struct log_line *l)
{
	if (l->stamped || !p->nr_whole || !l->size || p->nr_whole + l->size + 2 > sizeof(p->whole))
		return false;
	if (p->whole_stamped)
		return !strcmp(p->whole, "?") || !is_line_of_its_own(l->text);
	return continues_bare(p->whole, l->text);
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

	if (!continues(p, l)) {
		rc = flush_whole(p);
		p->whole_stamped = l->stamped;
		memcpy(p->when, l->when, sizeof(p->when));
		p->whole_line = l->number;
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
	return rc ? rc : finish(p);
}
