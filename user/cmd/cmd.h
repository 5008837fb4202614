/* SPDX-License-Identifier: GPL-2.0-only */
/* One file per subcommand. Only these and main() print messages and choose exit codes. */
#ifndef NETFSNOOP_CMD_H
#define NETFSNOOP_CMD_H

#include <argp.h>

#include "base/base.h"
#include "view/measure/check_results.h"

/* exit codes, other than record's when it runs a command */
enum {
	EXIT_CLEAN = 0,
	EXIT_FINDINGS = 1,
	EXIT_USAGE = 2,
	EXIT_CANNOT = 3,
	EXIT_INCONCLUSIVE = 4,
};

/* record's own failures when it runs a command, as env(1) has them */
enum { EXIT_OWN_FAILURE = 125 };

struct subcommand {
	const char *name;
	const char *summary; /* NULL: for packages and scripts, --help does not list it */
	int (*run)(int argc, char **argv);
	const struct argp *argp; /* its options, for what completes them */
};

extern const struct subcommand subcommands[]; /* ends with a NULL name */

/* The exit status of check and watch. */
int cmd_verdict(enum findings_worst worst);

int cmd_record(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_hang(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_line(int argc, char **argv);
int cmd_oops(int argc, char **argv);
int cmd_xfstests(int argc, char **argv);
int cmd_provoke(int argc, char **argv);
int cmd_completion(int argc, char **argv);

extern const struct argp record_argp;
extern const struct argp watch_argp;
extern const struct argp report_argp;
extern const struct argp check_argp;
extern const struct argp export_argp;
extern const struct argp diff_argp;
extern const struct argp dump_argp;
extern const struct argp import_argp;
extern const struct argp xfstests_argp;
extern const struct argp provoke_argp;
extern const struct argp doctor_argp;
extern const struct argp hang_argp;
extern const struct argp oops_argp;
extern const struct argp line_argp;
extern const struct argp completion_argp;

/* The exit status of a recording: rc is its own result, status the child's wait status. */
int cmd_child_exit(int rc, bool child, int status);
/* Prints "netfsnoop: message" from err, or from rc where err is empty, to stderr; returns code. */
int cmd_fail(const struct err *err, int rc, int code);

/*
 * The exit status for rc of what reads the files that the user named: EXIT_USAGE where there is no such file, or
 * it is not what it should be, EXIT_CANNOT where it cannot be read.
 */
int cmd_file_exit(int rc);
/* Are these files of --module there? 0, -errno with err set: found out before anything is printed. */
int cmd_check_modules(const char *const *files, size_t n, struct err *err);

/*
 * The last thing of a program that prints: code, or EXIT_CANNOT with a message where standard
 * output could not be written and nobody has said so.
 */
int cmd_end(int code);
#endif
