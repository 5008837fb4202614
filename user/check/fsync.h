/* SPDX-License-Identifier: GPL-2.0-only */
/* What fsync() returned, against the errors of writeback that its file had not been told: a part of write-lost. */
#ifndef NETFSNOOP_FSYNC_H
#define NETFSNOOP_FSYNC_H

#include "check/inside.h"

struct fsyncs {
	struct table calls; /* by thread: the one that it is in */
	struct table files; /* by device and inode: the last error that a mapping was told */
};

void fsyncs_init(struct fsyncs *s);
void fsyncs_free(struct fsyncs *s);

/*
 * Take any record of writeback errors. Raises "fsync-zero" where fsync() was given an error by
 * file_check_and_advance_wb_err() and returns 0, and "fsync-blind" where the mapping had an error, before it
 * began, that the file has not seen when it returns 0 (file_write_and_wait_range(), mm/filemap.c, 6.1 to 7.3);
 * "fsync-early" where writeback that its thread began within the call has not ended.
 * -ENOMEM.
 */
int fsyncs_event(struct fsyncs *s, struct check *c, const struct ev_wb_err *ev);

#endif
