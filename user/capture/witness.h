/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Was a signal sent to us alone, or to the whole process group? A signal does not say. A process of the
 * group that does nothing tells: it dies of what the group gets, as the command does, which then must not get it
 * from us once more, in the middle of its own tidying up.
 */
#ifndef NETFSNOOP_WITNESS_H
#define NETFSNOOP_WITNESS_H

#include "base/base.h"
#include <sys/types.h>

struct witness {
	pid_t pid; /* 0: none */
};

/* Without one, every signal counts as sent to us alone. -errno */
int witness_fork(struct witness *w);
/*
 * Did `sig` reach the process `other` too, as a member of our group? Waits up to WITNESS_WAIT_MS for the
 * witness to die of it, and makes a new one if it did.
 */
bool witness_shared(struct witness *w, int sig, pid_t other);
void witness_end(struct witness *w);

#define WITNESS_WAIT_MS 300

#endif
