/* SPDX-License-Identifier: GPL-2.0-only */
/* One line on standard error while something takes long; nothing where that is no terminal. */
#ifndef NETFSNOOP_RUN_PROGRESS_H
#define NETFSNOOP_RUN_PROGRESS_H

#include "base/base.h"

struct progress {
	bool on;
	bool shown;
	uint64_t begun_ns, next_ns;
};

/* wanted false: not a word, as with --quiet. */
void progress_begin(struct progress *p, bool wanted);
/* Is a line due? Not in the first two seconds, and a few times a second from then on. */
bool progress_due(struct progress *p);
/* The line, in place of the one before. */
__attribute__((format(printf, 2, 3))) void progress_say(struct progress *p, const char *fmt, ...);
/* Erases it. To be called before anything else is printed, and at the end. */
void progress_clear(struct progress *p);

#endif
