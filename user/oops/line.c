// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "oops/line.h"

#define MAX_PREFIX 128 /* of syslog: date, host, "kernel:" */

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* "> > " of any depth, also without blanks between */
static const char *skip_quotes(const char *p)
{
	for (;;) {
		p = skip_blanks(p);
		if (*p != '>')
			return p;
		p++;
	}
}

static void set_when(struct oops_line *l, const char *from, size_t n)
{
	l->stamped = true;
	if (n >= sizeof(l->when))
		n = sizeof(l->when) - 1;
	memcpy(l->when, from, n);
	l->when[n] = '\0';
}

/* "T4033", "C2": printk's caller id (CONFIG_PRINTK_CALLER) */
static bool is_caller_id(const char *p, size_t n)
{
	if (n < 2 || (*p != 'T' && *p != 'C'))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!isdigit((unsigned char)p[i]))
			return false;
	return true;
}

static bool has_clock(const char *p, size_t n)
{
	for (size_t i = 1; i + 2 < n; i++)
		if (p[i] == ':' && isdigit((unsigned char)p[i - 1]) &&
		    isdigit((unsigned char)p[i + 1]))
			return true;
	return false;
}

/* "228.573734", "+0.000003" (dmesg --reltime), "Fri Nov 23 10:00:00 2024" (dmesg -T) */
static bool is_stamp(const char *p, size_t n)
{
	size_t digits = 0, dots = 0;

	if (n > 40)
		return false;
	for (size_t i = 0; i < n; i++) {
		digits += isdigit((unsigned char)p[i]) != 0;
		dots += p[i] == '.' || p[i] == ',';
	}
	if (dots == 1 && digits + dots + (*p == '+') == n && digits > 1)
		return true;
	return isupper((unsigned char)*p) && has_clock(p, n);
}

/* One "[...]" in front of the text; returns what follows it, or p. */
static const char *skip_bracket(const char *p, struct oops_line *l)
{
	const char *in = skip_blanks(p + 1), *end = strchr(p, ']'), *last = end;

	if (*p != '[' || !end || end <= in)
		return p;
	while (last > in && (last[-1] == ' ' || last[-1] == '\t'))
		last--;
	if (is_stamp(in, last - in)) {
		if (!*l->when)
			set_when(l, in, last - in);
	} else if (!is_caller_id(in, last - in)) {
		return p;
	}
	l->stamped = true;
	return skip_blanks(end + 1);
}

/* "<4>" of a raw console, "6,1234,228573734,-;" of /dev/kmsg */
static const char *skip_level(const char *p, struct oops_line *l)
{
	unsigned long long usec;
	unsigned int level, seq;
	int n = 0;

	if (*p == '<' && isdigit((unsigned char)p[1])) {
		const char *end = p + 1 + strspn(p + 1, "0123456789");

		return *end == '>' && end - p < 6 ? skip_blanks(end + 1) : p;
	}
	if (!isdigit((unsigned char)*p) ||
	    sscanf(p, "%3u,%9u,%15llu,%n", &level, &seq, &usec, &n) != 3 || !n)
		return p;
	p += n;
	l->stamped = true;
	snprintf(l->when, sizeof(l->when), "%llu.%06llu", usec / 1000000, usec % 1000000);
	n = strcspn(p, ";");
	return p[n] ? skip_blanks(p + n + 1) : p;
}

/* "Nov 23 10:00:00 host kernel: ", "2024-11-23T10:00:00+0000 host kernel: ", "host kernel: " */
static const char *skip_syslog(const char *p, struct oops_line *l)
{
	const char *tag = strstr(p, "kernel:");
	size_t n = tag ? (size_t)(tag - p) : 0;

	if (!tag || n > MAX_PREFIX || (n && tag[-1] != ' ' && tag[-1] != '\t'))
		return p;
	if (!l->stamped && n && !has_clock(p, n))
		return p;
	if (!*l->when && n) {
		size_t date = n - 1;

		while (date && p[date - 1] != ' ') /* the host */
			date--;
		while (date && p[date - 1] == ' ')
			date--;
		set_when(l, p, date);
	}
	l->stamped = true;
	return skip_blanks(tag + strlen("kernel:"));
}

/* dmesg --time-format iso: "2024-02-07T21:32:16,573734+00:00 text" */
static const char *skip_iso(const char *p, struct oops_line *l)
{
	size_t n = strcspn(p, " \t");

	if (n < 19 || n > 40 || p[4] != '-' || p[7] != '-' || p[10] != 'T' || !has_clock(p, n))
		return p;
	set_when(l, p, n);
	return skip_blanks(p + n);
}

void oops_line_clean(const char *raw, struct oops_line *ret)
{
	const char *p = skip_quotes(raw), *before;

	memset(ret, 0, sizeof(*ret));
	p = skip_level(p, ret);
	do {
		before = p;
		p = skip_bracket(p, ret);
	} while (p != before);
	p = skip_syslog(p, ret);
	if (!ret->stamped)
		p = skip_iso(p, ret);
	do {
		before = p;
		p = skip_bracket(p, ret);
	} while (p != before);
	ret->text = p;
	ret->size = strlen(p);
	while (ret->size && isspace((unsigned char)p[ret->size - 1]))
		ret->size--;
}
