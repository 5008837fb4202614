/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows for spans that overlap: each goes into a row where it overlaps nothing. */
#ifndef NETFSNOOP_VIEW_LANES_H
#define NETFSNOOP_VIEW_LANES_H

#include "base/base.h"

struct lane;

struct lanes {
	struct lane *lane;
	size_t n;
};

struct lane {
	uint64_t track; /* the caller's; 0: a new lane */
	uint64_t end;	/* of the latest span in it */
	struct lanes below;
};

/*
 * A lane for a span from begin to end; it may come in any order, though in order of end it takes
 * the fewest. NULL: no memory. Valid until the next call.
 */
struct lane *lanes_take(struct lanes *l, uint64_t begin, uint64_t end);
void lanes_release(struct lanes *l);

#endif
