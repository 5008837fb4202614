/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The traces of a long run in bounded room: trace.nsn, trace.1.nsn, ..., each readable by itself.
 * Once all of them are too large the oldest in which nothing happened is deleted, else the oldest.
 */
#ifndef NETFSNOOP_XFSTESTS_TRACE_H
#define NETFSNOOP_XFSTESTS_TRACE_H

#include "base/base.h"
#include "bpf/event.h"

struct xfs_trace;

struct xfs_trace_options {
	const char *dir; /* borrowed */
	uint64_t file_bytes, all_bytes;
	int level;
	bool sync; /* begins of tests and findings go to the disk at once: the kernel may die of
		      them */
};

int xfs_trace_new(struct xfs_trace **ret_t, const struct xfs_trace_options *opts);
void xfs_trace_free(struct xfs_trace *t);
int xfs_trace_add(struct xfs_trace *t, const struct ev_hdr *ev);
/* Writes out what has come, about once a second, and makes room. */
int xfs_trace_tick(struct xfs_trace *t, uint64_t elapsed_ns);
/* Stream time at which something happened that is worth its file. */
void xfs_trace_interesting(struct xfs_trace *t, uint64_t ns);
int xfs_trace_close(struct xfs_trace *t);
/* The file that holds, or will hold, what happened at a stream time; NULL: it is gone, or none is begun. */
const char *xfs_trace_at(const struct xfs_trace *t, uint64_t ns);
/* Names of the files that are left, in order; ends with NULL; valid until the next call. */
const char *const *xfs_trace_names(struct xfs_trace *t);

#endif
