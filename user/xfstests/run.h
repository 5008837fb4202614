/* SPDX-License-Identifier: GPL-2.0-only */
/* The records of an xfstests run become a directory of results, test by test. */
#ifndef NETFSNOOP_XFSTESTS_RUN_H
#define NETFSNOOP_XFSTESTS_RUN_H

#include "xfstests/trace.h"

struct xfs_run_options {
	const char *command; /* for the pages */
	FILE *live;	     /* a line per test; NULL: none but in the directory */
	FILE *say;	     /* what takes long at the end; NULL: nobody is told */
	/*
	 * Its dir, made if it is not there, is the run's. A trace file is closed at file_bytes and
	 * another one begun; at all_bytes of all of them the least interesting goes.
	 */
	struct xfs_trace_options trace;
};

struct xfs_run;

/*
 * Looks whether dir can be written; it is made, and the results of an earlier run put aside, with the
 * first record. err is borrowed.
 */
int xfs_run_new(struct xfs_run **ret_x, const struct xfs_run_options *opts, struct err *err);
void xfs_run_free(struct xfs_run *x);
/* A record of the stream. 0 or -errno. */
int xfs_run_add(struct xfs_run *x, const struct ev_hdr *ev);
/* Ten times a second. */
int xfs_run_tick(struct xfs_run *x, uint64_t elapsed_ns);
/* A signal has come: a test that ends by the end of check is unfinished. */
void xfs_run_interrupted(struct xfs_run *x);
/* Has a check that was there ended? */
bool xfs_run_over(const struct xfs_run *x);
/* The end: pages of the last tests, and of the run. status: wait status of check, -1: unknown. */
int xfs_run_finish(struct xfs_run *x, int status);
/* Tests, and those of them that broke rules. */
void xfs_run_sums(const struct xfs_run *x, unsigned int *ret_tests, unsigned int *ret_violated);
bool xfs_run_was_interrupted(const struct xfs_run *x);
/* Where the results of an earlier run in dir went; NULL: there were none. */
const char *xfs_run_old(const struct xfs_run *x);

static inline void xfs_run_freep(struct xfs_run **x)
{
	xfs_run_free(*x);
}

#endif
