/* SPDX-License-Identifier: GPL-2.0-only */
/* Which faults a request meets. The order of requests and the seed decide, nothing else. */
#ifndef NETFSNOOP_PROVOKE_SELECT_H
#define NETFSNOOP_PROVOKE_SELECT_H

#include "provoke/plan.h"

/* What conditions ask of a request. */
struct asked {
	unsigned int command;		  /* SMB2_COMMANDS: not to be seen, as it is sealed */
	unsigned int connection, session; /* by number, from 1; session 0: none yet */
	bool has_range;
	uint64_t offset, size;
};

/*
 * Counts the request in each rule that it fits. chosen[slot] is the first rule of that slot that chooses it, or
 * NULL; a rule behind it counts the request, but its choice is lost.
 */
void fault_plan_select(struct fault_plan *p, const struct asked *a, struct rule *chosen[SLOTS]);

#endif
