/* SPDX-License-Identifier: GPL-2.0-only */
/* Of the recorder's thread: SCHED_IDLE while it has time, as it was begun when it has not. */
#ifndef NETFSNOOP_PRIORITY_H
#define NETFSNOOP_PRIORITY_H

#include "base/base.h"

struct priority {
	pid_t tid;
	bool usable; /* nobody has given this program a policy on purpose */
	bool idle;   /* atomic: by the recorder and by the collector */
	bool wanted; /* it may be idle at all, now */
};

/* Of the calling thread, which stays as it is. */
void priority_init(struct priority *p);
/* From now on it may be idle, or may not: while it attaches, and at the end. */
void priority_allow(struct priority *p, bool idle);
/* It runs as what it was begun. */
bool priority_is_raised(const struct priority *p);
/* Any thread: there is no more time. */
void priority_raise(struct priority *p);
/* Its own thread: there is again, if that is allowed. */
void priority_lower(struct priority *p);

#endif
