/* SPDX-License-Identifier: GPL-2.0-only */
/* The width at which a terminal, `cut` or a web page ended the lines of a text: what reaches it is not whole. */
#ifndef NETFSNOOP_IMPORT_EDGE_H
#define NETFSNOOP_IMPORT_EDGE_H

#include "base/base.h"

#define EDGE_MAX 4000 /* no line that is longer was cut by a terminal */

struct edge {
	size_t width;	   /* of the longest lines of events, bytes */
	size_t ended;	   /* so long, and another one begins behind */
	size_t torn;	   /* those of them that are no whole event */
	size_t continued;  /* so long, and the next one goes on: broken, not cut */
	size_t direct;	   /* those that are a whole event with it, */
	size_t spaced;	   /* and with a blank between them: a mailer's, not a terminal's */
	size_t tail;	   /* the last word of such a line, bytes */
	bool tails_differ; /* not all have one that long, though all are just as long */
	bool at_edge;	   /* the line before is so long: */
	char last[EDGE_MAX + 1];
};

/* The next line of the text, as it is in the file. Zeroed is a good start. */
void edge_line(struct edge *e, const char *line);
/* After the last: the width, 0 if the lines were not cut. */
size_t edge_width(struct edge *e);
/* The width at which a terminal broke lines, that go on in the next one; 0: none did. After edge_width(). */
size_t edge_fold(const struct edge *e);
/* Does a line of its own stand here? Else it may be the rest of the one before. */
bool edge_begins(const char *line);
/* May this line have been cut, or have lost a blank and what stood behind it? width: of edge_width() */
bool edge_reached(size_t width, size_t length);

#endif
