// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "base/base.h"
#include "base/similar.h"

#define MAX_WORD 32 /* no command, option or check has a longer name */

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Characters to insert, delete, replace, or swap with the next one. */
static unsigned int distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned int row[3][MAX_WORD + 1]; /* the last three, by turns */

	for (size_t k = 0; k <= nb; k++)
		row[0][k] = k;
	for (size_t i = 1; i <= na; i++) {
		unsigned int *now = row[i % 3], *before = row[(i + 2) % 3];

		now[0] = i;
		for (size_t k = 1; k <= nb; k++) {
			now[k] = before[k - 1] + !same(a[i - 1], b[k - 1]);
			now[k] = least(now[k], least(before[k], now[k - 1]) + 1);
			if (i > 1 && k > 1 && same(a[i - 1], b[k - 2]) && same(a[i - 2], b[k - 1]))
				now[k] = least(now[k], row[(i + 1) % 3][k - 2] + 1);
		}
	}
	return row[na % 3][nb];
}

/* A part of a name ("credit", "sql") is as good as one wrong letter. */
static bool is_part(const char *word, size_t len, const char *of)
{
	return len >= 3 && strcasestr(of, word);
}

void similar_try(struct similar *s, const char *candidate)
{
	size_t len = strlen(s->word), len2 = strlen(candidate);
	unsigned int d;

	if (!len || len > MAX_WORD || len2 > MAX_WORD)
		return;
	d = is_part(s->word, len, candidate) ? 1 : distance(s->word, len, candidate, len2);
	if (d * 3 > len || (s->best && d >= s->distance))
		return;
	s->best = candidate;
	s->distance = d;
}
