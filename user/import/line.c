// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "import/fields.h"
#include "import/front.h"
#include "tracepoints/probes.h"

/* Nothing stands further from the begin of a line before its event, or has the search for it end late. */
#define MAX_FRONT 1024

struct token {
	const char *s;
	size_t len;
};

/* ---- what is no event ---- */

/* perf script --show-lost-events: "dd 258 [000] 341.970000: PERF_RECORD_LOST lost 1", of that CPU */
static bool parse_perf_loss(struct line *l, const char *text)
{
	const char *lost = strstr(text, ": PERF_RECORD_LOST"), *number, *at;
	unsigned long long count = 0;
	unsigned int cpu = 0;

	if (!lost)
		return false;
	number = strstr(lost, " lost ");
	if (number)
		sscanf(number, " lost %llu", &count);
	for (at = text; at < lost && at - text < MAX_FRONT; at++)
		if (*at == '[' && sscanf(at, "[%u]", &cpu) == 1)
			break;
	l->kind = LINE_LOST;
	l->count = count;
	l->cpu = cpu;
	return true;
}

/* What perf says behind its output ("lost 3 chunks!", "lost 4.25%!"), and perf trace within it ("LOST 5 events!") */
static bool parse_perf_count(struct line *l, const char *text)
{
	unsigned long long count;
	char end = '\0';

	if (sscanf(text, "LOST %llu events%c", &count, &end) == 2)
		l->count = count;
	else if (sscanf(text, "Processed %*u events and lost %llu chunks%c", &count, &end) == 2)
		l->times = count;
	else if (sscanf(text, "Processed %*u samples and lost %*f%c", &end) == 1 && end == '%')
		l->times = 1;
	else
		return false;
	l->kind = LINE_LOST;
	l->cpu = EV_ANY_CPU;
	return true;
}

/* "one:             CPU:0 [12 EVENTS DROPPED]": trace-cmd report, of an instance */
static const char *skip_instance(struct line *l, const char *text)
{
	const char *blank = strchr(text, ' '), *rest;

	if (!blank || blank == text || blank[-1] != ':')
		return text;
	rest = blank + strspn(blank, " ");
	if (strncmp(rest, "CPU:", 4) && strncmp(rest, "##### CPU ", 10))
		return text;
	front_instance(l, text, blank);
	return rest;
}

static bool parse_note(struct line *l, const char *text)
{
	unsigned long long a, b;
	unsigned int cpu;
	char word[8];

	text += strspn(text, " ");
	text = skip_instance(l, text);
	if (parse_perf_loss(l, text) || parse_perf_count(l, text))
		return true;
	if (sscanf(text, "** %llu printk messages dropped", &a) == 1) {
		l->kind = LINE_LOST; /* of a dump to the kernel log */
		l->count = a;
		cpu = EV_ANY_CPU;
	} else if (sscanf(text, "CPU:%u [LOST %llu EVENTS]", &cpu, &a) == 2 ||
		   sscanf(text, "CPU:%u [%llu EVENTS DROPPED]", &cpu, &a) == 2) {
		l->kind = LINE_LOST;
		l->count = a;
	} else if (sscanf(text, "CPU:%u [%7[A-Z] ", &cpu, word) == 2 &&
		   (!strcmp(word, "LOST") || !strcmp(word, "EVENTS"))) {
		l->kind = LINE_LOST; /* how many is not known */
	} else if (sscanf(text, "##### CPU %u buffer started", &cpu) == 1) {
		l->kind = LINE_BUFFER;
	} else if (sscanf(text, "# entries-in-buffer/entries-written: %llu/%llu", &a, &b) == 2) {
		l->kind = LINE_ENTRIES;
		l->kept = a;
		l->written = b;
		cpu = 0;
	} else {
		return false;
	}
	l->cpu = cpu;
	return true;
}

/* No time and no number, but "9p_client_req" is one. */
static bool is_name(const char *s, size_t len)
{
	bool letters = false;

	for (size_t i = 0; i < len; i++) {
		letters |= s[i] == '_' ||
			   (isalpha((unsigned char)s[i]) && !isxdigit((unsigned char)s[i]));
		if (!isalnum((unsigned char)s[i]) && s[i] != '_' && s[i] != ':')
			return false;
	}
	return len > 1 && (letters || !isdigit((unsigned char)s[0]));
}

/* "netfs_sreq:", perf's "netfs:netfs_sreq:"; *ret_name is without the system. */
static bool is_event(const struct token *t, struct token *ret_name)
{
	const char *system;
	size_t len = t->len - 1;

	if (t->len < 3 || t->s[len] != ':' || !is_name(t->s, len))
		return false;
	system = memrchr(t->s, ':', len);
	ret_name->s = system ? system + 1 : t->s;
	ret_name->len = t->s + len - ret_name->s;
	return true;
}

/* What the option stacktrace adds behind an event, with lines of "=> function" below it */
static bool is_stack(const struct token *t, struct token *ret_name)
{
	static const char *const names[] = { "<stack trace>", "<user stack trace>" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		*ret_name = (struct token){ .s = t->s, .len = strlen(names[i]) };
		if (!strncmp(t->s, names[i], ret_name->len))
			return true;
	}
	return false;
}

/* perf trace: "0.000 cat/412 netfs:netfs_sreq(rreq: 42, ...", numbers where others print states */
static bool is_raw(const struct token *t)
{
	size_t system = !strncmp(t->s, "netfs:", 6) ? 6 : !strncmp(t->s, "cifs:", 5) ? 5 : 0;
	const char *open = system ? memchr(t->s, '(', t->len) : NULL;

	return open && fields_probe(t->s + system, open - t->s - system);
}

/* Somebody's word and a colon, or an event: behind a time, or a comment of function_graph. */
static bool is_behind_event_front(const struct token *before, const char *front)
{
	struct line l = {};

	if (!before->len)
		return false;
	front_parse(&l, front, before->s + before->len);
	return l.has_ts || (before->len == 2 && !memcmp(before->s, "/*", 2));
}

void line_parse(struct line *ret, const char *text)
{
	struct token t = { .s = text }, before = {}, name;
	uint16_t probe;

	memset(ret, 0, sizeof(*ret));
	if (parse_note(ret, text))
		return;
	if (front_switch(ret, text)) {
		ret->kind = LINE_SWITCH;
		return;
	}
	memset(ret, 0, sizeof(*ret));
	for (;; before = t) {
		t.s += t.len;
		t.s += strspn(t.s, " \t");
		t.len = strcspn(t.s, " \t");
		if (!t.len || t.s - text > MAX_FRONT)
			return;
		if (is_raw(&t)) {
			ret->kind = LINE_RAW;
			return;
		}
		if (!is_stack(&t, &name) && !is_event(&t, &name))
			continue;
		probe = fields_probe(name.s, name.len);
		if (!probe && !is_behind_event_front(&before, text))
			continue;
		ret->kind = probe ? LINE_EVENT : LINE_OTHER;
		ret->probe = probe;
		ret->name = name.s;
		ret->name_len = name.len;
		ret->body = t.s + t.len;
		front_parse(ret, text, t.s);
		return;
	}
}

bool line_is_raw(const struct line *l)
{
	return l->kind == LINE_EVENT && (strstr(l->body, " what=") || strstr(l->body, "rreq="));
}

const char *line_unquoted(const char *text)
{
	const char *p = text;

	while (*(p += strspn(p, " \t")) == '>')
		text = ++p;
	return text;
}

const char *line_rest(const char *before, const char *text)
{
	return line_unquoted(before) > before ? line_unquoted(text) : text;
}

bool line_is_front(const char *text)
{
	struct line l = {};

	front_parse(&l, text, text + strlen(text));
	return l.has_cpu && l.has_pid;
}

bool line_begins(const char *text)
{
	struct line l = {};

	for (const char *p = text; *p && p - text < MAX_FRONT && !(l.has_cpu && l.has_pid);) {
		p += strspn(p, " \t");
		p += strcspn(p, " \t");
		l = (struct line){};
		front_parse(&l, text, p);
	}
	return l.has_cpu && l.has_pid;
}
