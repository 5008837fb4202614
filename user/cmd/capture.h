/* SPDX-License-Identifier: GPL-2.0-only */
/* What record and watch have in common: what to capture. */
#ifndef NETFSNOOP_CMD_CAPTURE_H
#define NETFSNOOP_CMD_CAPTURE_H

#include <argp.h>

#include "capture/session.h"
#include "cmd/filter_args.h"
#include "run/progress.h"
#include "run/trace_out.h"

struct capture_args {
	struct session_options session;
	struct filter_args filter;
	bool modprobe;
	int level;	  /* zstd level of the trace */
	char doubt[200];  /* session.doubt */
	char *child_path; /* where COMMAND was found; free with capture_release() */
	int cannot_run;	  /* 126 or 127: the exit status, as COMMAND is nothing that can be run */
};

/* Options and filters; its input is a struct capture_args that began as CAPTURE_DEFAULTS. */
extern const struct argp capture_argp;

#define CAPTURE_DEFAULTS                                                                 \
	((struct capture_args){ .level = 1,                                              \
				.session.max_lag_ns = 2000000000, /* a finding's */      \
				.session.attach.loader = { .ring_bytes = 16 << 20,       \
							   .folio_ring_bytes = 16 << 20, \
							   .wake_bytes = 1 << 20 } })

/*
 * Everything that can be refused before anything is done: privilege, COMMAND, what the filters name.
 * -errno with err set.
 */
int capture_check(struct capture_args *a, struct err *err);
/* -errno with err set if an output is one of the files that are read. */
int capture_check_output(const struct capture_args *a, const struct output *o, struct err *err);
/* Loads the module, if asked to, and says on standard error if the filters can fit no request.
 * -errno with err set. */
int capture_load(struct capture_args *a, struct err *err);
void capture_release(struct capture_args *a);

/* On standard error: settings that were put back; with all, also what --crash-safe changes. */
void capture_say_settings(const struct settings *s, bool all);

/* Of session_ops: what takes a while, on the line of p. */
void capture_say_phase(struct progress *p, enum session_phase phase);
/* On standard error, if there is nothing: why. */
void capture_say_nothing(const struct session_stats *st, const struct filter_args *f);

/* SIGUSR1: all that has come goes to the disk, and it says on standard error what the file has; quiet: does not. */
int capture_sync_now(struct trace_out *o, const struct session_stats *st, bool quiet);

#endif
