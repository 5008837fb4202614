/* SPDX-License-Identifier: GPL-2.0-only */
/* A trace file read through the model, and through the checks where they are wanted. */
#ifndef NETFSNOOP_RUN_REPLAY_H
#define NETFSNOOP_RUN_REPLAY_H

#include "check/check.h"
#include "model/model.h"
#include "run/progress.h"
#include "trace/trace.h"

#define DEFAULT_TRACE "netfsnoop.nsn" /* what record and import make, and others take */

struct replay {
	const char *path; /* for messages; borrowed */
	struct trace_reader *reader;
	struct model *m;
	struct engine *e;	   /* NULL: without checks */
	struct redactor *redactor; /* borrowed; NULL: names as they are */
	bool prints;	 /* to standard output while it reads: progress would be in between */
	bool unreadable; /* what went wrong is about the trace, not about what is made of it */
	uint64_t size;	 /* of the file; 0: unknown */
	struct progress progress;
};

/* *path NULL: DEFAULT_TRACE, which is said on stderr. -ENOENT with err set if there is none. */
int replay_default(const char **path, struct err *err);

/*
 * Opens path ("-": standard input). judge NULL: without checks; mo NULL: keeps no events. Both are
 * borrowed. -errno, with err set; -EBADMSG: not a trace; -EINVAL: judge->only names no check, or path
 * is what is printed to.
 */
int replay_open(struct replay *ret_r, const char *path, const struct model_options *mo,
		const struct engine_options *judge, struct err *err);
/* -errno with err set, if replay_open() would fail. path NULL: none is to be read. */
int replay_check(const char *path, struct err *err);
/* Adds a listener, which is borrowed; after those of the checks. -ENOMEM */
int replay_listen(struct replay *r, const struct model_listener *l);
/* Reads to the end; then model and checks are finished. 0, -errno, or a listener's return value. */
int replay_run(struct replay *r);
void replay_close(struct replay *r);

/*
 * rc of replay_run(), or of what was printed then: returned with err set, which names the trace, or
 * output (NULL: standard output, which is flushed).
 */
int replay_fail(const struct replay *r, const char *output, int rc, struct err *err);

/* What the reader had to leave out, on stderr: a script that reads stdout still sees it. */
void replay_say_damage(const struct replay *r);
/* Records are missing in the middle: damaged, impossible or absent blocks. */
bool replay_damaged(const struct replay *r);

#endif
