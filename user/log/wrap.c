// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "log/stamp.h"
#include "log/wrap.h"

#define MIN_WIDTH 60
#define MAX_WIDTH 400
#define TOKEN	  160

struct widths {
	size_t lines, stamped;
	size_t width;	/* of the longest */
	size_t full;	/* lines just so long that have one behind them without a stamp */
	size_t against; /* lines without a stamp behind a shorter one */
	size_t torn;	/* signs of lines just so long that end in the middle of a symbol */
};

/* printk's stamp or a logger's, however it is dressed */
static bool is_stamped(const char *line, size_t n)
{
	char start[LOG_MAX_PREFIX + 1];
	struct log_line l = {};

	snprintf(start, sizeof(start), "%.*s", (int)(n < LOG_MAX_PREFIX ? n : LOG_MAX_PREFIX),
		 line);
	if (log_find_stamp(start))
		return true;
	log_skip_tag(log_skip_level(start, &l), &l);
	if (!l.stamped)
		log_skip_date(start, &l);
	return l.stamped;
}

static size_t line_length(const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', end - line);
	size_t n = (newline ? newline : end) - line;

	return n && line[n - 1] == '\r' ? n - 1 : n;
}

static const char *next_line(const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', end - line);

	return newline ? newline + 1 : end;
}

/* ---- text without stamps ---- */

/* "netfs_unbuffered_read_iter+0x1f/0x90" */
static bool is_symbol(const char *token)
{
	size_t n =
		strspn(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
	const char *p = token + n;

	if (!n || strncmp(p, "+0x", 3) || !isxdigit((unsigned char)p[3]))
		return false;
	p += 3 + strspn(p + 3, "0123456789abcdef");
	if (strncmp(p, "/0x", 3) || !isxdigit((unsigned char)p[3]))
		return false;
	p += 3 + strspn(p + 3, "0123456789abcdef");
	return !*p;
}

/* How much of a line is its first or last word. */
static size_t first_word(const char *line, size_t n)
{
	size_t i = 0;

	while (i < n && !isspace((unsigned char)line[i]))
		i++;
	return i;
}

static size_t last_word(const char *line, size_t n)
{
	size_t i = n;

	while (i && !isspace((unsigned char)line[i - 1]))
		i--;
	return n - i;
}

/*
 * Is there a symbol where the two lines meet? 2: which neither has alone; 1: which begins with the first
 * one's last word, "netfs_re".
 */
static int is_torn(const char *line, size_t n, const char *next, size_t next_n)
{
	size_t a = last_word(line, n), b = first_word(next, next_n);
	char left[TOKEN], right[TOKEN], both[2 * TOKEN];

	if (!a || !b || a >= TOKEN || b >= TOKEN)
		return 0;
	snprintf(left, sizeof(left), "%.*s", (int)a, line + n - a);
	snprintf(right, sizeof(right), "%.*s", (int)b, next);
	snprintf(both, sizeof(both), "%s%s", left, right);
	if (!is_symbol(both))
		return 0;
	return !is_symbol(right) ? 2 : strchr(left, '_') != NULL;
}

static bool goes_on(const char *line, size_t n, const char *next, size_t next_n)
{
	char word[TOKEN];

	snprintf(word, sizeof(word), "%.*s", (int)first_word(next, next_n), next);
	return is_torn(line, n, next, next_n) ||
	       (next_n && islower((unsigned char)next[0]) && islower((unsigned char)line[n - 1]) &&
		!is_symbol(word));
}

/* ---- the whole ---- */

static void measure(struct widths *w, const char *text, const char *end)
{
	const char *before = NULL;
	size_t before_n = 0;

	for (const char *p = text; p < end; p = next_line(p, end)) {
		size_t n = line_length(p, end);

		w->width = n > w->width ? n : w->width;
	}
	for (const char *p = text; p < end; p = next_line(p, end)) {
		size_t n = line_length(p, end);
		bool stamped = is_stamped(p, n);

		w->lines++;
		w->stamped += stamped;
		if (n && !stamped && before && before_n == w->width) {
			w->full++;
			w->torn += is_torn(before, before_n, p, n);
		} else if (n && !stamped && before) {
			w->against++;
		}
		before = p;
		before_n = n;
	}
}

static bool by_stamps(const struct widths *w)
{
	return w->full > 1 && w->against <= w->full && 2 * w->stamped >= w->lines - w->full;
}

/* Does the line of n bytes, as long as any, go on in the next one? */
static bool joins(const struct widths *w, const char *line, size_t n, const char *next,
		  const char *end)
{
	size_t next_n = line_length(next, end);

	if (n < w->width || next == end)
		return false;
	return by_stamps(w) ? !is_stamped(next, next_n) : goes_on(line, n, next, next_n);
}

size_t wrap_undo(char *text, size_t size)
{
	struct widths w = {};
	char *out = text;
	const char *end = text + size;

	measure(&w, text, end);
	if (w.width < MIN_WIDTH || w.width > MAX_WIDTH ||
	    !(by_stamps(&w) || (w.torn > 1 && !w.stamped)))
		return size;
	for (const char *p = text, *next; p < end; p = next) {
		size_t n = line_length(p, end);
		bool more;

		next = next_line(p, end);
		more = joins(&w, p, n, next, end);
		memmove(out, p, n);
		out += n;
		if (!more)
			*out++ = '\n';
	}
	*out = '\0';
	return out - text;
}
