/* SPDX-License-Identifier: GPL-2.0-only */
/* One recording, from attaching to the last record. */
#ifndef NETFSNOOP_SESSION_H
#define NETFSNOOP_SESSION_H

#include "capture/attach.h"
#include "capture/merge.h"
#include "capture/settings.h"

struct session_options {
	struct attach_options attach;
	bool wait_module;	/* begin without the cifs module, attach when it comes */
	bool park_when_asked;	/* not for being idle: for one who unmounts all the time */
	uint64_t duration_ns;	/* 0: until a signal, or the end of the command */
	char *const *child;	/* COMMAND: its argv, or NULL */
	bool to_stderr;		/* the command's standard output: ours is for data */
	const char *cmdline;	/* netfsnoop's own, for the trace */
	const char *faults;	/* log of a `provoke` that runs beside it; NULL: none */
	const char *ready_file; /* created once recording is on; NULL: none */
	bool crash_safe;	/* an oops is to leave its evidence on the console */
	bool steady;		/* ten ticks a second when nothing happens, too */
	/*
	 * How far the stream may be behind before the recorder takes the CPU from the workload; 0: as
	 * far as memory allows. With crash_safe it always takes it.
	 */
	uint64_t max_lag_ns;
	const char *doubt; /* why no request can pass the filter; NULL, "": one may */
};

/* What the recording has come to so far; for the progress line and the closing words. */
struct session_stats {
	uint64_t events; /* of probes, handed on */
	uint64_t lost;
	uint64_t late;
	int failed; /* probes that could not be attached */
	bool parked;
	bool interrupted;	/* a signal to end came */
	unsigned int save_asks; /* SIGUSR1s so far */
	uint64_t elapsed_ns;
	const char *nothing; /* at the end: why no event (no request, with filters) came; NULL */
};

enum { SESSION_STOP = 1 };

/* Attaching and detaching take seconds on a slow machine. */
enum session_phase { SESSION_ATTACHING, SESSION_RECORDING, SESSION_DETACHING, SESSION_OVER };

struct session_ops {
	merge_sink record; /* every record, in stream order */
	/*
	 * Ten times a second, once a second where nothing happens (but for `steady`), and soon after what the kernel may die of; with records of the
	 * caller's own for the stream. SESSION_STOP ends it.
	 */
	int (*tick)(void *ctx, const struct session_stats *st, const struct record_sink *to);
	/* what was changed in the kernel's settings until the end; NULL: nobody asks */
	void (*settings)(void *ctx, const struct settings *s);
	/* where it is now; NULL: nobody asks */
	void (*phase)(void *ctx, enum session_phase phase);
	void *ctx;
};

/*
 * Runs to the end. *ret_status is the command's wait status (0 without one). -errno, with err set,
 * if it could not record; the stream written so far stays valid.
 */
int session_run(const struct session_options *opts, const struct session_ops *ops,
		struct session_stats *ret_stats, int *ret_status, struct err *err);

#endif
