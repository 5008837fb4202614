// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shape of a prefix: what stays the same from line to line. A word with a digit in it becomes
 * DIGITS (counters, times, ids), a word for a level LEVEL, a run of blanks one blank; other words
 * and punctuation are themselves. With # and ! for the two, "web-1  | 2026-11-02 10:00:00 err " has
 * the shape "web-# | #-#-# #:#:# ! ".
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "log/line.h"

#define DIGITS '\1'
#define LEVEL  '\2'

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool is_level(const char *p, size_t n)
{
	static const char *const levels[] = { "emerg",	 "alert", "crit",   "err",  "error",
					      "warning", "warn",  "notice", "info", "debug" };

	if (n == 1 && strchr("VDIWEFAS", *p)) /* logcat's */
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (strlen(levels[i]) == n && !strncasecmp(p, levels[i], n))
			return true;
	return false;
}

/* One token of text: what it is in a shape goes to *ret, '\0' if it is itself; returns its bytes */
static size_t token(const char *p, char *ret)
{
	size_t n = 0;
	bool digit = false;

	*ret = '\0';
	if (*p == ' ' || *p == '\t') {
		*ret = ' ';
		return strspn(p, " \t");
	}
	while (is_word(p[n])) {
		digit |= isdigit((unsigned char)p[n]) != 0;
		n++;
	}
	if (digit)
		*ret = DIGITS;
	else if (is_level(p, n))
		*ret = LEVEL;
	return n ? n : 1;
}

void log_shape_learn(struct log_prefix *prefix, const char *text, size_t size)
{
	size_t at = 0;

	for (const char *p = text; p < text + size;) {
		char is;
		size_t n = token(p, &is), room = sizeof(prefix->shape) - 1 - at;

		if (p + n > text + size || (is ? 1 : n) > room) {
			prefix->shape[0] = '\0'; /* ends within a word: nothing to go by */
			return;
		}
		if (is) {
			prefix->shape[at++] = is;
		} else {
			memcpy(prefix->shape + at, p, n);
			at += n;
		}
		p += n;
	}
	prefix->shape[at] = '\0';
}

size_t log_shape_match(const struct log_prefix *prefix, const char *text)
{
	const char *s = prefix->shape, *p = text;

	while (*s) {
		char is;
		size_t n = *p ? token(p, &is) : 0;

		if (!n || p + n - text > LOG_MAX_PREFIX)
			return 0;
		if (is ? *s != is : strncmp(s, p, n) != 0)
			return 0;
		s += is ? 1 : n;
		p += n;
	}
	return p - text;
}
