// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "import/fields.h"
#include "import/line.h"
#include "tracepoints/probes.h"

#define NS_PER_SEC 1000000000ULL

static bool all_digits(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isdigit((unsigned char)s[i]))
			return false;
	return len > 0;
}

/* "1042.443123:", "1042443123:"; digits behind the point are as many as the clock has */
static bool parse_time(const char *s, size_t len, uint64_t *ret_ns)
{
	uint64_t sec = 0, ns = 0, unit = NS_PER_SEC;
	size_t i = 0;

	if (len < 2 || s[len - 1] != ':')
		return false;
	for (len--; i < len && isdigit((unsigned char)s[i]); i++)
		sec = sec * 10 + (s[i] - '0');
	if (i == len) {
		*ret_ns = sec; /* a clock that counts something else */
		return i > 0;
	}
	if (!i || s[i] != '.' || !all_digits(s + i + 1, len - i - 1))
		return false;
	for (i++; i < len; i++) {
		unit /= 10;
		ns += unit * (s[i] - '0');
	}
	*ret_ns = sec * NS_PER_SEC + ns;
	return true;
}

struct token {
	const char *s;
	size_t len;
};

/* The last token before end; false: there is none. */
static bool last_token(const char *start, const char *end, struct token *ret)
{
	while (end > start && isspace((unsigned char)end[-1]))
		end--;
	ret->s = end;
	while (ret->s > start && !isspace((unsigned char)ret->s[-1]))
		ret->s--;
	ret->len = end - ret->s;
	return ret->len > 0;
}

static bool parse_cpu(const struct token *t, uint16_t *ret_cpu)
{
	if (t->len < 3 || t->len > 6 || t->s[0] != '[' || t->s[t->len - 1] != ']' ||
	    !all_digits(t->s + 1, t->len - 2))
		return false;
	*ret_cpu = strtoul(t->s + 1, NULL, 10);
	return true;
}

/* "(   1234)" or "(-------)" with record-tgid; *end moves before it. */
static void parse_tgid(struct line *l, const char *start, const char **end)
{
	const char *e = *end, *open;

	while (e > start && isspace((unsigned char)e[-1]))
		e--;
	if (e == start || e[-1] != ')')
		return;
	for (open = e; open > start && *open != '('; open--)
		;
	if (*open != '(')
		return;
	l->tgid = strtoul(open + 1, NULL, 10);
	*end = open;
}

/* "fio-1234", "kworker/u8:2-36"; perf's "fio 1234"; in trimmed mails also "fio:" alone */
static void parse_comm(struct line *l, const char *start, const char *end)
{
	const char *dash;
	size_t len;

	while (start < end && isspace((unsigned char)*start))
		start++;
	while (end > start && (isspace((unsigned char)end[-1]) || end[-1] == ':'))
		end--;
	for (dash = end; dash > start && isdigit((unsigned char)dash[-1]); dash--)
		;
	if (dash < end && dash > start + 1 && end - dash < 10 &&
	    (dash[-1] == '-' || (l->has_cpu && isspace((unsigned char)dash[-1])))) {
		l->has_pid = true;
		l->pid = strtoul(dash, NULL, 10);
		end = dash - 1;
		while (end > start && isspace((unsigned char)end[-1]))
			end--;
	}
	len = end - start;
	if (len >= sizeof(l->comm))
		len = sizeof(l->comm) - 1;
	memcpy(l->comm, start, len);
	l->comm[len] = '\0';
	l->has_comm = len && strcmp(l->comm, "<...>");
}

static void parse_front(struct line *l, const char *start, const char *end)
{
	struct token t, before;

	if (last_token(start, end, &t) && parse_time(t.s, t.len, &l->ts)) {
		l->has_ts = true;
		end = t.s;
	}
	if (last_token(start, end, &t)) {
		if (parse_cpu(&t, &l->cpu)) {
			l->has_cpu = true;
			end = t.s;
		} else if (last_token(start, t.s, &before) && parse_cpu(&before, &l->cpu)) {
			l->has_cpu = true; /* t: irqs off, need resched, ... */
			end = before.s;
		}
	}
	parse_tgid(l, start, &end);
	parse_comm(l, start, end);
	if (!l->tgid)
		l->tgid = l->pid;
}

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
	for (at = text; at < lost; at++)
		if (sscanf(at, "[%u]", &cpu) == 1)
			break;
	l->kind = LINE_LOST;
	l->count = count;
	l->cpu = cpu;
	return true;
}

static bool parse_note(struct line *l, const char *text)
{
	unsigned long long a, b;
	unsigned int cpu;
	char word[8];

	while (*text == ' ')
		text++;
	if (parse_perf_loss(l, text))
		return true;
	if (sscanf(text, "CPU:%u [LOST %llu EVENTS]", &cpu, &a) == 2 ||
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

static bool is_name(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '_' && s[i] != ':')
			return false;
	return len > 1 && !isdigit((unsigned char)s[0]);
}

/* "netfs_sreq:", perf's "netfs:netfs_sreq:"; *ret_probe is PROBE_NONE for those of others. */
static bool is_event(const struct token *t, uint16_t *ret_probe)
{
	const char *s = t->s;
	size_t len = t->len - 1;
	const char *system;

	if (t->len < 3 || s[len] != ':' || !is_name(s, len))
		return false;
	system = memrchr(s, ':', len);
	if (system) {
		len -= system + 1 - s;
		s = system + 1;
	}
	*ret_probe = fields_probe(s, len);
	return true;
}

void line_parse(struct line *ret, const char *text)
{
	struct token t = { .s = text }, before = {};
	uint64_t ts;
	uint16_t probe;

	memset(ret, 0, sizeof(*ret));
	if (parse_note(ret, text))
		return;
	for (;; before = t) {
		t.s += t.len;
		t.s += strspn(t.s, " \t");
		t.len = strcspn(t.s, " \t");
		if (!t.len)
			return;
		if (!is_event(&t, &probe))
			continue;
		if (!probe && !(before.len && parse_time(before.s, before.len, &ts)))
			continue;
		ret->kind = probe ? LINE_EVENT : LINE_OTHER;
		ret->probe = probe;
		ret->body = t.s + t.len;
		parse_front(ret, text, t.s);
		return;
	}
}

bool line_is_front(const char *text)
{
	struct line l = {};

	parse_front(&l, text, text + strlen(text));
	return l.has_cpu && l.has_pid;
}
