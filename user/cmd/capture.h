/* SPDX-License-Identifier: GPL-2.0-only */
/* What record and watch have in common: what to capture, and the trace file it goes to. */
#ifndef NETFSNOOP_CMD_CAPTURE_H
#define NETFSNOOP_CMD_CAPTURE_H

#include <argp.h>

#include "capture/session.h"
#include "cmd/filter.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "trace/trace.h"

struct capture_args {
	struct session_options session;
	struct filter_args filter;
	bool modprobe;
	int level;	 /* zstd level of the trace */
	char doubt[200]; /* session.doubt */
	char *command;	 /* where COMMAND was found; free with capture_release() */
	int cannot_run;	 /* 126 or 127: the exit status, as COMMAND is nothing that can be run */
};

/* Options and filters; its input is a struct capture_args that began as CAPTURE_DEFAULTS. */
extern const struct argp capture_argp;

#define CAPTURE_DEFAULTS                                                 \
	{                                                                \
		.level = 1,                                              \
		.session.attach.loader = { .ring_bytes = 16 << 20,       \
					   .folio_ring_bytes = 16 << 20, \
					   .wake_bytes = 256 << 10 },    \
	}

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

/* The words of a command line, joined by blanks; NULL: no memory. */
char *capture_cmdline(int argc, char **argv);

/* The trace of a recording: the file is replaced by its first record, so that a run that cannot record
 * spoils no old one.
 */
struct trace_out {
	int level;
	bool sync; /* to the disk each time: what a dead kernel has only in memory is gone */
	bool kept; /* there is a file */
	struct output file;
	struct err *err;
	struct trace_writer *w; /* NULL until the first record */
	uint64_t flushed_at;
	uint64_t size; /* of the file, once closed */
};

/* Before anything is attached: can path be written? "-": standard output. -errno with err set. */
int trace_out_open(struct trace_out *o, const char *path, struct err *err);
/* All of these: 0 or -errno, with the err of trace_out_open() set. Without a file nothing is done. */
int trace_out_add(struct trace_out *o, const struct ev_hdr *ev);
/* Ten times a second: what a crash costs is at most a second of the trace. */
int trace_out_tick(struct trace_out *o, uint64_t elapsed_ns);
/* Now, and to the disk. */
int trace_out_sync(struct trace_out *o);
/* SIGUSR1: the same, and says on standard error what the file has; quiet: does not. */
int capture_sync_now(struct trace_out *o, const struct session_stats *st, bool quiet);
uint64_t trace_out_size(const struct trace_out *o); /* bytes of the file so far */
/* Writes the rest and closes. */
int trace_out_close(struct trace_out *o);
void trace_out_release(struct trace_out *o);

#endif
