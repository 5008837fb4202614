/* SPDX-License-Identifier: GPL-2.0-only */
/* Our own lines in a kernel log: what the program wrote before the kernel died (docs/crash.md). */
#ifndef NETFSNOOP_OOPS_SAID_H
#define NETFSNOOP_OOPS_SAID_H

#include "base/base.h"

#define OOPS_SAID_MAX 64

struct oops_said {
	uint32_t rreq, sreq; /* 0: it did not know */
	uint32_t pid;	     /* 0: not told */
	char text[256];	     /* from "netfsnoop:" on, as printed */
};

/* The latest ones. Zeroed to begin with. */
struct oops_said_list {
	struct oops_said said[OOPS_SAID_MAX];
	size_t nr; /* ever seen */
	char line[1024];
	size_t len;
};

/* Bytes of a log, in any pieces. */
void oops_said_feed(struct oops_said_list *l, const char *data, size_t size);
/* The latest that this thread wrote; NULL: none. */
const struct oops_said *oops_said_by(const struct oops_said_list *l, uint32_t pid);

#endif
