/* SPDX-License-Identifier: GPL-2.0-only */
/* The one-file pages of a run's traces, which the pages of its tests link into. */
#ifndef NETFSNOOP_XFSTESTS_ONEFILE_H
#define NETFSNOOP_XFSTESTS_ONEFILE_H

#include "xfstests/testrun.h"

/* "trace.1.html" of "trace.1.nsn" */
struct trace_page xfs_page_of(const char *trace);

/*
 * Of each of names, files in dir that end with NULL, the page: of a large one with those tests only of
 * which wanted(ctx, mark_ns) is true, and none once much has been read. *ret_pages has one for each,
 * empty names where there is none; the caller's to free. 0 or -errno.
 */
struct xfs_html_job {
	const char *dir;
	const char *const *names;
	bool (*wanted)(void *ctx, uint64_t mark_ns);
	void *ctx;
	FILE *say; /* a line before what takes long; NULL: nobody is told */
};
int xfs_html_write(const struct xfs_html_job *job, struct trace_page **ret_pages);

#endif
