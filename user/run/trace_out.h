/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_RUN_TRACE_OUT_H
#define NETFSNOOP_RUN_TRACE_OUT_H

#include "run/output.h"
#include "trace/trace.h"

/*
 * The trace of a recording: the file is replaced by its first record, so that a run that cannot record
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
uint64_t trace_out_size(const struct trace_out *o); /* bytes of the file so far */
/* Writes the rest and closes; the size is the file's from then on. */
int trace_out_close(struct trace_out *o);
void trace_out_release(struct trace_out *o);

#endif
