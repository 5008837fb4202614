/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages of an xfstests run as files: written beside, then put in place, so that none is ever half there. */
#ifndef NETFSNOOP_XFSTESTS_WRITE_H
#define NETFSNOOP_XFSTESTS_WRITE_H

#include "xfstests/testrun.h"

typedef int (*xfs_test_fn)(FILE *, const struct testrun *, const struct test *);
typedef int (*xfs_run_fn)(FILE *, const struct testrun *, const struct testrun_info *);

/* All of a test, into the directory of pages. 0 or -errno */
int xfs_write_pages(int dir, const struct testrun *r, const struct test *t);
/* Beside check's own files. That directory is the user's: if it cannot be written, so be it. */
void xfs_write_beside(const struct testrun *r, const struct test *t);
/* One of the run. 0 or -errno */
int xfs_write_run(int dir, const char *name, xfs_run_fn fn, const struct testrun *r,
		  const struct testrun_info *info);

#endif
