/* SPDX-License-Identifier: GPL-2.0-only */
/* Points in time that are about no request: reconnects, probes parked and back, the command, the log. */
#ifndef NETFSNOOP_VIEW_MOMENT_H
#define NETFSNOOP_VIEW_MOMENT_H

#include "model/model.h"

struct moment {
	const char *what; /* "parked", "attached", "command", "exit", "log", or a probe's name */
	const char *text; /* of the kernel's log; NULL: it is none of it */
	uint64_t time_ns;
	uint64_t conn; /* 0: none */
	uint32_t epoch;
	int64_t value; /* pid of a command, wait status of its exit, rc of a reconnect */
};

/* Is this event one? Start and end of the recording are none: struct recording has them. */
bool moment_of(const struct model *m, const struct ev_hdr *ev, struct moment *ret);

#endif
