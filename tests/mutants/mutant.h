/* SPDX-License-Identifier: GPL-2.0 */
/* Goes into the module of a mutant: when its bug happens. A mutant starts out healthy; the module's
 * parameter "mutant" is how many more times the bug is to happen, -1 for always. Each time is
 * announced in the kernel log, with the subrequest, so that a finding can be compared.
 */
#ifndef NETFSNOOP_MUTANT_H
#define NETFSNOOP_MUTANT_H

#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/netfs.h>
#include <linux/printk.h>

static int mutant;
module_param(mutant, int, 0600);

/* for a bug in two places: what the first one chose */
static void *mutant_mark __maybe_unused;

static __maybe_unused bool mutant_hits_id(unsigned int rreq, unsigned int index)
{
	static atomic_t hits;
	int left = READ_ONCE(mutant);

	do {
		if (!left)
			return false;
	} while (left > 0 && !try_cmpxchg(&mutant, &left, left - 1));
	if (atomic_inc_return(&hits) <= 20)
		pr_info("netfsnoop mutant: R=%08x[%x]\n", rreq, index);
	return true;
}

static __maybe_unused bool mutant_hits(const struct netfs_io_subrequest *subreq)
{
	return mutant_hits_id(subreq->rreq->debug_id, subreq->debug_index);
}

#endif
