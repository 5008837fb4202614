// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "import/front.h"

#define MAX_SECONDS (INT64_MAX / NS_PER_SEC) /* 292 years: no clock of a kernel counts further */

struct token {
	const char *s;
	size_t len;
};

static bool all_digits(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isdigit((unsigned char)s[i]))
			return false;
	return len > 0;
}

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

static bool is_token(const struct token *t, const char *what)
{
	return t->len == strlen(what) && !memcmp(t->s, what, t->len);
}

/* ---- when ---- */

/* All of s is a number, which is none that a clock shows if it is more than max. */
static bool take_number(struct line *l, const char *s, uint64_t max, uint64_t *ret)
{
	*ret = strtoull(s, NULL, 10);
	l->absurd |= *ret > max;
	return *ret <= max;
}

/* "1042.443123": digits behind the point are as many as the clock has. Sets ts, has_ts. */
static bool parse_seconds(struct line *l, const char *s, size_t len)
{
	const char *point = memchr(s, '.', len);
	size_t whole = point ? point - s : 0;
	uint64_t unit = NS_PER_SEC, ns = 0, sec;

	if (!point || !all_digits(s, whole) || !all_digits(point + 1, len - whole - 1))
		return false;
	for (size_t i = whole + 1; i < len; i++) {
		unit /= 10;
		ns += unit * (s[i] - '0');
	}
	l->has_ts = take_number(l, s, MAX_SECONDS, &sec);
	l->ts = l->has_ts ? sec * NS_PER_SEC + ns : 0;
	return true;
}

/*
 * "1042.443123:", "1042443123:"; the second one's unit is not known. Sets ts, has_ts, ticks; false: no
 * time.
 */
static bool front_time(struct line *l, const char *s, size_t len)
{
	if (len < 2 || s[len - 1] != ':')
		return false;
	len--;
	if (parse_seconds(l, s, len))
		return true;
	if (!all_digits(s, len))
		return false;
	l->has_ts = l->ticks = take_number(l, s, INT64_MAX, &l->ts);
	l->ts = l->has_ts ? l->ts : 0;
	return true;
}

/* The latency format: "699000010us :", "17us+:" with a mark for a long delay */
static bool parse_micros(struct line *l, const char *start, const char **end)
{
	struct token t;
	size_t digits;

	if (!last_token(start, *end, &t))
		return false;
	if (is_token(&t, ":") && !last_token(start, t.s, &t))
		return false;
	digits = strspn(t.s, "0123456789");
	if (!digits || digits + 2 > t.len || strncmp(t.s + digits, "us", 2))
		return false;
	l->has_ts = take_number(l, t.s, INT64_MAX / NS_PER_US, &l->ts);
	l->ts = l->has_ts ? l->ts * NS_PER_US : 0;
	*end = t.s;
	return true;
}

/* perf script -F +tod: "2025-07-30 10:11:13.100201:", whose zone is not told. Sets ts, has_ts. */
static bool parse_date(struct line *l, const char *start, struct token *t)
{
	struct token day;
	struct tm tm = {};
	char text[32];
	const char *end;

	if (!memchr(t->s, '.', t->len) || !last_token(start, t->s, &day) || day.len != 10)
		return false;
	snprintf(text, sizeof(text), "%.*s %.*s", (int)day.len, day.s, 8, t->s);
	end = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
	if (!end || *end || t->s[8] != '.')
		return false;
	snprintf(text, sizeof(text), "%lld%.*s", (long long)timegm(&tm), (int)t->len - 9, t->s + 8);
	*t = day;
	return parse_seconds(l, text, strlen(text));
}

/* perf script -F +period: "341.970000:          1 netfs:netfs_sreq:" */
static bool skip_period(struct line *l, const char *start, struct token *t)
{
	struct token before;

	if (!all_digits(t->s, t->len) || !last_token(start, t->s, &before) ||
	    before.s[before.len - 1] != ':' || !memchr(before.s, '.', before.len))
		return false;
	*t = before;
	return front_time(l, t->s, t->len);
}

/* Sets the time if there is one; *end moves before it. */
static void parse_when(struct line *l, const char *start, const char **end)
{
	struct token t;

	if (!last_token(start, *end, &t))
		return;
	/* trace-cmd report --ts-diff: "100.000200: (+460)" */
	if (t.len > 3 && !strncmp(t.s, "(+", 2) && t.s[t.len - 1] == ')') {
		*end = t.s;
		if (!last_token(start, *end, &t))
			return;
	}
	if (parse_date(l, start, &t) || skip_period(l, start, &t) || front_time(l, t.s, t.len))
		*end = t.s;
	else
		parse_micros(l, start, end);
}

/* ---- where ---- */

static bool parse_cpu(const struct token *t, uint16_t *ret_cpu)
{
	if (t->len < 3 || t->len > 6 || t->s[0] != '[' || t->s[t->len - 1] != ']' ||
	    !all_digits(t->s + 1, t->len - 2))
		return false;
	*ret_cpu = strtoul(t->s + 1, NULL, 10);
	return true;
}

/* The latency format has the CPU and the flags in one: "0.....", "12dN.2." */
static bool parse_cpu_flags(const struct token *t, uint16_t *ret_cpu)
{
	size_t digits = strspn(t->s, "0123456789");

	if (!digits || digits > 4 || t->len < digits + 4 || t->len > digits + 8 ||
	    strspn(t->s + digits, ".dDXbBNnpPLlhHsSzZ0123456789#*x") < t->len - digits)
		return false;
	*ret_cpu = strtoul(t->s, NULL, 10);
	return true;
}

static void parse_where(struct line *l, const char *start, const char **end)
{
	struct token t, before;

	if (!last_token(start, *end, &t))
		return;
	if (parse_cpu(&t, &l->cpu) || parse_cpu_flags(&t, &l->cpu)) {
		l->has_cpu = true;
		*end = t.s;
	} else if (last_token(start, t.s, &before) && parse_cpu(&before, &l->cpu)) {
		l->has_cpu = true; /* t: irqs off, need resched, ... */
		*end = before.s;
	}
}

/* ---- who ---- */

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

/*
 * "one:             cat-412": what trace-cmd prints of an instance, and grep of a file or a line. A
 * name such as "tmux: server" has one blank, and 15 characters at most.
 */
static const char *skip_instance(const char *start, const char *end)
{
	const char *blank = memchr(start, ' ', end - start), *name = blank;

	if (!blank || blank == start || blank[-1] != ':')
		return start;
	while (name < end && *name == ' ')
		name++;
	return name > blank + 1 || end - start >= EV_COMM_LEN ? name : start;
}

void front_instance(struct line *l, const char *start, const char *blank)
{
	size_t n = strcspn(start, ": ");

	n = n < (size_t)(blank - start) ? n : (size_t)(blank - start);
	n = n < sizeof(l->instance) ? n : sizeof(l->instance) - 1;
	memcpy(l->instance, start, n);
	l->instance[n] = '\0';
}

/* perf's "cat  412/413": the process and the thread. The end of the name; NULL: no such. */
static const char *parse_perf_ids(struct line *l, const char *start, const char *tid,
				  const char *end)
{
	const char *pid = tid - 1;

	while (pid > start && isdigit((unsigned char)pid[-1]))
		pid--;
	if (tid == end || tid[-1] != '/' || pid == tid - 1 ||
	    (pid > start && !isspace((unsigned char)pid[-1])))
		return NULL;
	l->has_pid = true;
	l->pid = strtoul(tid, NULL, 10);
	l->tgid = strtoul(pid, NULL, 10);
	return pid > start ? pid - 1 : start;
}

/* perf script -F pid,time,event: an id without a name; no task that reads or writes is called so. */
static bool is_bare_id(const struct line *l, const char *start, const char *end)
{
	return l->has_ts && end - start < 10 && all_digits(start, end - start);
}

/* "fio-1234", "kworker/u8:2-36"; perf's "fio 1234"; in trimmed mails also "fio:" alone */
static void parse_comm(struct line *l, const char *start, const char *end)
{
	const char *dash, *name;
	size_t len;

	if (start[strspn(start, " 0123456789")] == '\t') /* cat -n */
		start += strspn(start, " 0123456789");
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
	} else if (is_bare_id(l, start, end)) {
		l->has_pid = true;
		l->pid = strtoul(start, NULL, 10);
		end = start;
	} else if (dash > start && parse_perf_ids(l, start, dash, end)) {
		end = parse_perf_ids(l, start, dash, end);
	}
	while (end > start && isspace((unsigned char)end[-1]))
		end--;
	name = skip_instance(start, end);
	if (name > start)
		front_instance(l, start, name);
	start = name;
	len = end - start;
	l->prefixed = len >= sizeof(l->comm);
	if (l->prefixed)
		len = sizeof(l->comm) - 1;
	memcpy(l->comm, start, len);
	l->comm[len] = '\0';
	l->has_comm = len && strcmp(l->comm, "<...>");
}

static void parse_who(struct line *l, const char *start, const char *end)
{
	parse_tgid(l, start, &end);
	parse_comm(l, start, end);
	if (!l->tgid)
		l->tgid = l->pid;
}

/* ---- function_graph ---- */

/* " 1)": its end, NULL: no such */
static const char *graph_cpu(struct line *l, const char *start, const char *end)
{
	const char *close = memchr(start, ')', end - start), *digit = close;

	while (digit && digit > start && isdigit((unsigned char)digit[-1]))
		digit--;
	if (!close || digit == close || close - digit > 4)
		return NULL;
	l->cpu = strtoul(digit, NULL, 10);
	l->has_cpu = true;
	return close + 1;
}

/*
 * " 1)               |  / * netfs_sreq: ... * /", with options "  100.000200 |   1)  cat-412   |  ...".
 * The task without its option is the one of the last switch on that CPU.
 */
static bool parse_graph(struct line *l, const char *start, const char *end)
{
	const char *at, *bar;
	struct token t;

	if (!last_token(start, end, &t) || !is_token(&t, "/*"))
		return false;
	at = graph_cpu(l, start, end);
	bar = memchr(start, '|', end - start);
	if (at && bar && bar < at && last_token(start, bar, &t))
		parse_seconds(l, t.s, t.len);
	if (bar && at && bar < at)
		bar = memchr(at, '|', end - at);
	if (at && bar && last_token(at, bar, &t))
		parse_who(l, at, bar);
	return true;
}

bool front_switch(struct line *l, const char *text)
{
	const char *end = text + strlen(text), *at = graph_cpu(l, text, end);
	const char *arrow = at ? strstr(at, " => ") : NULL;

	if (!arrow)
		return false;
	parse_who(l, arrow + 4, end);
	return l->has_pid;
}

/* ---- all of it ---- */

void front_parse(struct line *l, const char *start, const char *end)
{
	if (parse_graph(l, start, end))
		return;
	parse_when(l, start, &end);
	parse_where(l, start, &end);
	parse_who(l, start, end);
}
