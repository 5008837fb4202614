/* SPDX-License-Identifier: GPL-2.0-only */
/* The directory that an xfstests run's results go to. */
#ifndef NETFSNOOP_XFSTESTS_DIR_H
#define NETFSNOOP_XFSTESTS_DIR_H

#include "base/base.h"

struct xfs_dir {
	int fd, tests_fd;
	FILE *log; /* live.log; NULL: not opened */
	char *old; /* where the results of an earlier run went; NULL: there were none */
};

#define XFS_DIR_NONE ((struct xfs_dir){ .fd = -1, .tests_fd = -1 })

/* Can it be made, or be written to? -errno with err set. */
int xfs_dir_check(const char *path, struct err *err);
/* Makes it, after results of an earlier run have been put aside. -errno with err set. */
int xfs_dir_open(struct xfs_dir *d, const char *path, struct err *err);
void xfs_dir_close(struct xfs_dir *d);

#endif
