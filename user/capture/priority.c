// SPDX-License-Identifier: GPL-2.0-only
#include <sched.h>
#include <sys/syscall.h>

#include "capture/priority.h"

void priority_init(struct priority *p)
{
	*p = (struct priority){ .tid = syscall(SYS_gettid) };
	p->usable = sched_getscheduler(p->tid) == SCHED_OTHER;
}

static void set(struct priority *p, bool idle)
{
	struct sched_param param = {};

	if (!p->usable || __atomic_exchange_n(&p->idle, idle, __ATOMIC_SEQ_CST) == idle)
		return;
	sched_setscheduler(p->tid, (idle ? SCHED_IDLE : SCHED_OTHER) | SCHED_RESET_ON_FORK, &param);
}

bool priority_is_raised(const struct priority *p)
{
	return !__atomic_load_n(&p->idle, __ATOMIC_SEQ_CST);
}

void priority_raise(struct priority *p)
{
	set(p, false);
}

void priority_lower(struct priority *p)
{
	if (p->wanted)
		set(p, true);
}

void priority_allow(struct priority *p, bool idle)
{
	p->wanted = idle;
	if (!idle)
		set(p, false);
}
