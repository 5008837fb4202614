/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Points in time that are about no request: reconnects, causes of -EIO, slow responses, probes parked
 * and back, the command, the log.
 */
#ifndef NETFSNOOP_VIEW_MOMENT_H
#define NETFSNOOP_VIEW_MOMENT_H

#include "model/model.h"
#include "view/kit/event_text.h"

struct moment {
	const char *what; /* "parked", "attached", "command", "exit", "log", or a probe's name */
	const char
		*text; /* of the kernel's log, or what EIO and slow response say; NULL: no more */
	bool logged;   /* text is of the kernel's log */
	uint32_t lost; /* then: messages that were overwritten before it was read */
	uint64_t time_ns;
	uint64_t conn; /* 0: none */
	uint32_t epoch;
	int64_t value; /* pid of a command, wait status of its exit, rc of a reconnect, level of a
			* message, jiffies that a response took; 0 of an EIO */
	struct event_text words;
};

/* Is this event one? *ret is not to be copied. Start and end of the recording are none: struct recording has them. */
bool moment_of(const struct model *m, const struct ev_hdr *ev, struct moment *ret);

#endif
