/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether the machine has CPU time to spare. SCHED_IDLE alone does not keep the recorder from taking
 * it: it counts within a group of tasks only, and sessions (autogroup) and services are groups.
 */
#ifndef NETFSNOOP_SPARE_H
#define NETFSNOOP_SPARE_H

#include "base/base.h"

struct spare {
	uint64_t idle_ns, own_ns, at_ns; /* at the last look */
	bool has;
};

/* There is none, until a look says otherwise. */
void spare_init(struct spare *s);
/* A look at the time since the last one, if that is long enough ago. */
void spare_look(struct spare *s, uint64_t now_ns);

#endif
