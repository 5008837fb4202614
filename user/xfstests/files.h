/* SPDX-License-Identifier: GPL-2.0-only */
/* What check left of a test, kept beside its page: the next run of the test would delete it. */
#ifndef NETFSNOOP_XFSTESTS_FILES_H
#define NETFSNOOP_XFSTESTS_FILES_H

#include "xfstests/result.h"

struct xfs_files {
	bool out_bad, full, dmesg; /* copied: SLUG.out.bad, SLUG.full, SLUG.dmesg */
	char *diff;		   /* the expected output against this one; NULL: none */
	char *log;		   /* what the kernel log had; NULL: nothing of note */
};

/*
 * To be called once w has an outcome. dir: of the pages; here: of xfstests, where the expected output
 * is, or NULL. What cannot be read or written is left out: it is the user's directory. -ENOMEM
 */
int xfs_files_keep(struct xfs_files *ret, const struct xfs_watch *w, const struct test *t, int dir,
		   const char *here);
void xfs_files_clear(struct xfs_files *f);

#endif
