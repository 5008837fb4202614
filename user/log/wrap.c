// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "log/wrap.h"

#define MIN_WIDTH 60
#define MAX_WIDTH 400

struct widths {
	size_t lines, stamped;
	size_t width;	/* of the longest */
	size_t full;	/* lines just so long that have one behind them without a stamp */
	size_t against; /* lines without a stamp behind a shorter one */
};

/* "[   12.345678]", behind a level or not */
static bool is_stamped(const char *line, size_t n)
{
	size_t i = n > 2 && line[0] == '<' && isdigit((unsigned char)line[1]) ? 3 : 0, digits;

	if (i >= n || line[i++] != '[')
		return false;
	while (i < n && line[i] == ' ')
		i++;
	for (digits = i; i < n && isdigit((unsigned char)line[i]); i++)
		;
	return i > digits && i + 1 < n && line[i] == '.' && isdigit((unsigned char)line[i + 1]);
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

static void measure(struct widths *w, const char *text, const char *end)
{
	size_t before = 0;

	for (const char *p = text; p < end; p = next_line(p, end)) {
		size_t n = line_length(p, end);

		w->width = n > w->width ? n : w->width;
	}
	for (const char *p = text; p < end; p = next_line(p, end)) {
		size_t n = line_length(p, end);
		bool stamped = is_stamped(p, n);

		w->lines++;
		w->stamped += stamped;
		if (n && !stamped && before == w->width)
			w->full++;
		else if (n && !stamped && p != text)
			w->against++;
		before = n;
	}
}

size_t wrap_undo(char *text, size_t size)
{
	struct widths w = {};
	char *out = text;
	const char *end = text + size;

	measure(&w, text, end);
	if (w.width < MIN_WIDTH || w.width > MAX_WIDTH || w.full < 2 || w.against > w.full ||
	    2 * w.stamped < w.lines - w.full)
		return size;
	for (const char *p = text, *next; p < end; p = next) {
		size_t n = line_length(p, end);

		next = next_line(p, end);
		memmove(out, p, n);
		out += n;
		if (n < w.width || next == end || is_stamped(next, line_length(next, end)))
			*out++ = '\n';
	}
	*out = '\0';
	return out - text;
}
