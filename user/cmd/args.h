/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines: argp, with -h and -V everywhere, and a hint for what was mistyped. */
#ifndef NETFSNOOP_CMD_ARGS_H
#define NETFSNOOP_CMD_ARGS_H

#include <argp.h>

#include "base/base.h"

/*
 * Parses the command line of the command called name into input; flags are argp's. Ends the program
 * where the line asks for help or for the version, and where it is wrong (EXIT_USAGE).
 * 0, or the exit status of what else went wrong and was told.
 */
int args_parse(const char *name, const struct argp *argp, int argc, char **argv, unsigned int flags,
	       void *input);

/* Prints the help of a command to standard output. Returns the exit status. */
int args_help(const char *name, const struct argp *argp);
/*
 * Prints to standard output: this build, the trace format it writes, what is built in, and libbpf.
 * Returns the exit status.
 */
int args_version(void);

/* The FILE of a command that reads one: into *path, which is NULL before. A second one is an error of usage. */
void args_one_trace(struct argp_state *state, const char **path, const char *arg);

/* An error of usage, if the command line has two options of which one would be ignored. NULL: not given. */
void args_not_both(struct argp_state *state, const char *one, const char *other);

#endif
