/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's log of this machine, /dev/kmsg. */
#ifndef NETFSNOOP_RUN_KLOG_H
#define NETFSNOOP_RUN_KLOG_H

#include "base/base.h"
#include "oops/notes.h"

struct klog_sink {
	/* The first line of a record, without the dictionary behind it; ends with its newline. */
	int (*line)(void *ctx, char *line, size_t size);
	int (*pause)(void *ctx); /* nothing came for a while, or nothing more comes */
	void *ctx;
};

/*
 * Everything that is in it, and with follow then what comes, for ever. What was overwritten before it was
 * read is passed over. 0, what a function of the sink returned, or -errno with err set.
 */
int klog_read(const struct klog_sink *to, bool follow, struct err *err);

/* What cifs and netfs said, from /dev/kmsg or, if path is given, from a saved log. */
struct klog_notes {
	struct notes notes;
	uint64_t reports; /* crash reports beside them */
};

/* -errno; path that is not there: -ENOENT, and nothing is added. */
int klog_notes_read(struct klog_notes *n, const char *path, struct err *err);

#endif
