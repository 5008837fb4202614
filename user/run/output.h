/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that a command makes: looked at and opened before the work begins, replaced only once there is a whole new
 * one. So a command that is refused, or fails, leaves all as it was.
 */
#ifndef NETFSNOOP_RUN_OUTPUT_H
#define NETFSNOOP_RUN_OUTPUT_H

#include "base/base.h"

enum output_flags {
	OUTPUT_BINARY = 1 << 0,	  /* never to a terminal */
	OUTPUT_KEEP_OLD = 1 << 1, /* what is there becomes PATH.old; else it is replaced */
};

struct output {
	const char *path; /* NULL: standard output */
	char *real;	  /* of a regular file: its path without links */
	char *old;	  /* what became of the one before, once begun; NULL: there was none */
	char *beside; /* is written, and takes the name with output_commit(); NULL: written in place */
	int fd;
	unsigned int flags;
	bool made;  /* there was none before */
	bool begun; /* and its file has been written to */
};

#define OUTPUT_NONE ((struct output){ .fd = -1 })

/*
 * path NULL or "-" is standard output. A new file has mode 0600, as all that we write has names of
 * hosts, shares and files in it. -errno with err set.
 */
int output_open(struct output *ret_o, const char *path, unsigned int flags, struct err *err);
/* -EINVAL with err set if both are one file; input NULL: none, "-": standard input. */
int output_is_not(const struct output *o, const char *input, struct err *err);
/* The same for standard output, of commands that have no other. */
int output_stdout_is_not(const char *input, struct err *err);
/* The caller's descriptor to write to, or -errno with err set. From here on the file is ours. */
int output_begin(struct output *o, struct err *err);
/* What that descriptor is of, for who has to open it by name; once begun. NULL: standard output. */
const char *output_file(const struct output *o);
/* All is written and closed: what was made has its name now. -errno with err set. */
int output_commit(struct output *o, struct err *err);
/*
 * What was written is not whole, as writing failed: nothing is left of it under its name, and what was there
 * before has its name again, if it was kept. Of devices and pipes nothing can be taken back.
 */
void output_discard(struct output *o);
/* Of what has not begun, or was made beside and not committed, nothing is left. */
void output_close(struct output *o);
/* For messages: path, or "standard output". */
const char *output_name(const struct output *o);

/* -errno with err set, if no file can be made beside path. */
int output_dir_check(const char *path, struct err *err);

#endif
