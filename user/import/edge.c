// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "import/edge.h"
#include "import/fields.h"
#include "import/line.h"

#define NARROW 40 /* no terminal, and no line of an event, is so narrow */

bool edge_begins(const char *line)
{
	struct line l;

	if (!*line || *line == '#')
		return true;
	line_parse(&l, line);
	/* the rest of a line may have an event, and digits in front of it that look like a time */
	if (l.kind == LINE_EVENT || l.kind == LINE_OTHER)
		return l.has_pid || l.has_cpu;
	return l.kind != LINE_NONE || line_begins(line);
}

static bool is_whole(const char *line)
{
	struct fields f;
	struct line l;

	line_parse(&l, line);
	return l.kind == LINE_OTHER || l.kind == LINE_RAW || line_is_raw(&l) ||
	       (l.kind == LINE_EVENT && fields_parse(&f, l.probe, l.body, false));
}

/* A line that was broken: how do the two go together? */
static void try_join(struct edge *e, const char *next)
{
	char joined[2 * EDGE_MAX + 2];

	if (strlen(next) > EDGE_MAX)
		return;
	next = line_rest(e->last, next);
	stpcpy(stpcpy(joined, e->last), next);
	e->direct += is_whole(joined);
	stpcpy(stpcpy(stpcpy(joined, e->last), " "), next);
	e->spaced += is_whole(joined);
}

/* The line at the edge has `next` behind it; NULL: nothing. */
static void judge(struct edge *e, const char *next)
{
	if (!e->at_edge)
		return;
	if (next && !edge_begins(next)) {
		e->continued++;
		try_join(e, next);
	} else {
		e->ended++;
		e->torn += !is_whole(e->last);
	}
	e->at_edge = false;
}

static size_t last_word(const char *line, size_t n)
{
	const char *blank = memrchr(line, ' ', n);

	return blank ? n - (size_t)(blank - line) : n;
}

void edge_line(struct edge *e, const char *line)
{
	size_t n = strlen(line);

	judge(e, line);
	if (n < NARROW || n < e->width || n > EDGE_MAX || *line == '#' || !edge_begins(line))
		return;
	if (n > e->width)
		*e = (struct edge){ .width = n, .tail = last_word(line, n) };
	e->tails_differ |= e->tail != last_word(line, n);
	e->at_edge = true;
	strcpy(e->last, line);
}

size_t edge_width(struct edge *e)
{
	judge(e, NULL);
	if (e->ended < 2 || e->ended <= e->continued)
		return 0;
	/* lines of several lengths that were cut are as long as each other, by chance few are */
	return e->torn || (e->tails_differ && e->ended > 2) ? e->width : 0;
}

size_t edge_fold(const struct edge *e)
{
	return e->continued > e->ended && e->direct && e->direct >= e->spaced ? e->width : 0;
}

bool edge_reached(size_t width, size_t length)
{
	return width && length + 1 >= width;
}
