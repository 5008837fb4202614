/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What xfstests' check says of a test, from the exit status of the script and the files it leaves.
 * check.time and check.log are no help while it runs.
 */
#ifndef NETFSNOOP_XFSTESTS_RESULT_H
#define NETFSNOOP_XFSTESTS_RESULT_H

#include <limits.h>
#include <time.h>

#include "model/test.h"

struct xfs_stamp {
	bool exists;
	uint64_t ino, size;
	struct timespec mtime;
};

/* A test that is on, as far as files tell. */
struct xfs_watch {
	uint32_t ordinal;
	char *dir;     /* RESULT_DIR; NULL: unknown */
	char *section; /* NULL: none, or unknown */
	/* leftovers of earlier runs, when it began */
	struct xfs_stamp out_bad, dmesg, core, full;
	bool notrun;
	enum ev_outcome outcome;
	char reason[512];
	struct xfs_watch *prev, *next;
};

void xfs_watch_free(struct xfs_watch *w);
/*
 * What there is in the result directory now, other runs have left. To be called as soon as the
 * directory can be guessed, and again with what the script's environment says. base: RESULT_BASE,
 * or NULL. 0, -ENOMEM
 */
int xfs_watch_start(struct xfs_watch *w, const struct test *t, const char *dir, const char *base);
/* The script has ended: .notrun is its own, and the next run of the test will delete it. 0, -ENOMEM */
int xfs_watch_script_end(struct xfs_watch *w, const struct test *t);
/* The test has ended, or check has: fills in outcome and reason. 0, -ENOMEM */
int xfs_watch_end(struct xfs_watch *w, const struct test *t);
/* Is this run's: ".out.bad", ".dmesg" or ".full"? */
bool xfs_left(const struct xfs_watch *w, const struct test *t, const char *suffix);
struct xfs_path {
	char s[PATH_MAX];
};
/* RESULT_DIR/306 and a suffix; false: the directory is not known, or too long for a path. */
bool xfs_file(struct xfs_path *ret, const struct xfs_watch *w, const struct test *t,
	      const char *suffix);

#endif
