/* SPDX-License-Identifier: GPL-2.0-only */
/* The reports of a log, one after the other: found, resolved, explained. */
#ifndef NETFSNOOP_RUN_OOPS_H
#define NETFSNOOP_RUN_OOPS_H

#include "base/base.h"

#define OOPS_FILES 64

struct oops_job {
	const char *path;	      /* of the log; NULL or "-": standard input */
	const char *file[OOPS_FILES]; /* modules, debug files or vmlinux to try first */
	size_t nr_files;
	const char *debug_dir, *release; /* NULL: not given */
	const char *trace;		 /* to find the requests in; NULL: none */
	bool dmesg, follow;		 /* /dev/kmsg instead; and what comes, for ever */
	bool json, verbose;
};

struct oops_found {
	uint64_t reports;
	uint64_t messages; /* of cifs and netfs, beside reports */
	uint64_t frames;   /* of no report: a stack whose beginning is not there */
};

/* Prints to standard output, and warnings to stderr. -errno with err set. */
int oops_run(const struct oops_job *job, struct oops_found *ret_found, struct err *err);

#endif
