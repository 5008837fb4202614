/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of cifs and netfs in a log: what each means, counted. */
#ifndef NETFSNOOP_OOPS_NOTES_H
#define NETFSNOOP_OOPS_NOTES_H

#include "base/base.h"

#define OOPS_MAX_NOTES 128

enum note_role { NOTE_CAUSE, NOTE_CONSEQUENCE, NOTE_STATE, NOTE_NOTE, NOTE_UNKNOWN };

struct note {
	const char *id; /* of messages.def; "unknown" */
	enum note_role role;
	const char *check, *meaning, *look; /* "" nothing to say */
	char server[64];		    /* "" not told */
	char text[200];			    /* the first of them, without prefix and server */
	char error[24];			    /* "-11 (EAGAIN)"; "" none in it */
	char first[48], last[48];
	uint64_t line, count;
};

struct notes {
	struct note note[OOPS_MAX_NOTES];
	size_t nr;
	uint64_t more; /* of kinds that had no room */
	struct note
		*last; /* what the line before was, for "last message repeated"; NULL: another's */
	uint64_t last_line;
};

/* What one line says, without prefixes; when, count and line are not filled. False: of somebody else. */
bool note_read(struct note *ret, const char *text);
/* Takes a line of the log, without prefixes; lines of others are ignored. when: its stamp; times: how often. */
void notes_add(struct notes *n, const char *text, const char *when, uint64_t line, uint64_t times);
/* Causes first, then as they came. */
void notes_sort(struct notes *n);
/* "cause", "consequence", "state", "note", "unknown" */
const char *note_role_name(enum note_role role);

#endif
