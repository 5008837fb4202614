// SPDX-License-Identifier: GPL-2.0-only

#include "hang/hang.h"

enum { SAYS_NOTHING = 8 };

static bool worked(const struct hang_wish *w, uint32_t tid)
{
	for (size_t i = 0; i < w->nr_workers; i++)
		if (w->worker[i] == tid)
			return true;
	return false;
}

static int rank_of_cifsd(const struct hang_wish *w, const struct hang_task *t)
{
	if (t->wait != HANG_WAIT_RECEIVE)
		return 4;
	return w->receiver ? SAYS_NOTHING : 7;
}

static int rank_of(const struct hang_wish *w, const struct hang_task *t)
{
	uint32_t tid = t->tid;

	if (tid == w->maker)
		return 0;
	if (tid == w->receiver)
		return 2;
	if (t->cifsd)
		return rank_of_cifsd(w, t);
	if (worked(w, tid))
		return 1;
	if (!t->in_fs)
		return 6;
	return t->state == 'D' ? 3 : 5;
}

size_t hang_waiters(const struct hang_snap *s, const struct hang_wish *w,
		    const struct hang_task **ret, size_t max)
{
	size_t n = 0;

	for (int rank = 0; rank < SAYS_NOTHING; rank++)
		for (size_t i = 0; i < s->nr_tasks && n < max; i++)
			if (rank_of(w, &s->task[i]) == rank)
				ret[n++] = &s->task[i];
	return n;
}
