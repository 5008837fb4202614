/* SPDX-License-Identifier: GPL-2.0-only */
/* What a blocked task waits for, by the functions in its stack. */
#ifndef NETFSNOOP_OOPS_WAIT_H
#define NETFSNOOP_OOPS_WAIT_H

#include "oops/oops.h"

#define OOPS_MAX_HELD 4

struct oops_wait {
	const char *what;    /* "the answer to an SMB command", "a mutex"; NULL: no wait is known */
	const char *look;    /* where to look next; NULL: nothing to say */
	const char *lock;    /* by name: "the session's session_mutex"; NULL: none, or not known */
	const char *command; /* of an answer: "NEGOTIATE"; NULL: not known */
	const char *function; /* where it waits, or who asked for the lock */
	/* Locks that functions in the stack hold where they are, and who takes them. */
	const char *held[OOPS_MAX_HELD], *holder[OOPS_MAX_HELD];
	size_t nr_held;
	bool idle; /* nothing hangs: this is where the thread sleeps when there is nothing to do */
};

/* stack: STACK_CALL, or STACK_BLOCKER of who holds what a hung task waits for. */
void oops_find_wait(const struct oops *o, enum oops_stack stack, struct oops_wait *ret);

#endif
