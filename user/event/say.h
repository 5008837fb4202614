/* SPDX-License-Identifier: GPL-2.0-only */
/* A record in words: the SAY rows of kinds.def. */
#ifndef NETFSNOOP_EVENT_SAY_H
#define NETFSNOOP_EVENT_SAY_H

#include "event/kinds.h"

/* Text that grows; what does not fit is left out. s is closed once something was added. */
struct ev_out {
	char *s;
	size_t room, len;
};

/* What a recording knows and a record does not say. */
struct ev_words {
	/* The name of an enumerator of the kernel, never NULL; NULL: none is known, values are numbers. */
	const char *(*name)(const void *ctx, enum name_enum e, int64_t value);
	const void *ctx;
	const char *probe; /* whose record it is; NULL: not known */
};

/* The columns of a timeline's line. Of a kind without rows: its probe, and all of its fields. */
struct ev_line {
	struct ev_out what, bytes, credits, detail;
};
void ev_say_line(struct ev_line *to, const struct ev_hdr *ev, const struct ev_words *w);
/* In few words, as evidence. False: nothing is to be said of such a record. */
bool ev_say_mark(struct ev_out *to, const struct ev_hdr *ev, const struct ev_words *w);
/* A field's value in its form; not of strings behind the struct. Names are escaped. */
void ev_say_field(struct ev_out *to, const struct ev_hdr *ev, const struct ev_field *f,
		  const struct ev_words *w);
void ev_say(struct ev_out *to, const char *text);

#endif
