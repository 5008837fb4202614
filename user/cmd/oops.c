// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "cmd/args.h"
#include "cmd/cmd.h"
#include "run/oops.h"
#include "run/output.h"
#include "run/replay.h"

enum { OPT_DEBUG_DIR = 0x100, OPT_RELEASE, OPT_TRACE };

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What to read (default: FILE, or standard input):", 1 },
	{ "dmesg", 'd', NULL, 0, "Read the kernel log of this machine (/dev/kmsg)", 1 },
	{ "follow", 'f', NULL, 0, "Read it, and go on with new lines as they come", 1 },
	{ "trace", OPT_TRACE, "FILE", 0,
	  "Find in this trace the request that the task of each report was working on", 1 },
	{ NULL, 0, NULL, 0, "Where the code is:", 2 },
	{ "module", 'm', "FILE", 0,
	  "Try this module, debug file or vmlinux first (.ko, .ko.xz, .ko.zst, .ko.debug); may be repeated",
	  2 },
	{ "debug-dir", OPT_DEBUG_DIR, "DIR", 0, "Search DIR for files of the modules", 2 },
	{ "release", OPT_RELEASE, "RELEASE", 0,
	  "Kernel release, as uname -r prints it, if the report lacks it", 2 },
	{ NULL, 0, NULL, 0, "How:", 3 },
	{ "json", 'j', NULL, 0, "Print a JSON object per report", 3 },
	{ "verbose", 'v', NULL, 0,
	  "Also show, on standard error, which prefixes of the kernel's lines were skipped", 3 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct oops_job *job = state->input;

	switch (key) {
	case 'd':
		job->dmesg = true;
		return 0;
	case 'f':
		job->dmesg = job->follow = true;
		return 0;
	case 'm':
		if (job->nr_files == OOPS_FILES)
			argp_error(state, "--module: at most %d files", OOPS_FILES);
		job->file[job->nr_files++] = arg;
		return 0;
	case OPT_DEBUG_DIR:
		job->debug_dir = arg;
		return 0;
	case OPT_RELEASE:
		job->release = arg;
		return 0;
	case OPT_TRACE:
		job->trace = arg;
		return 0;
	case 'j':
		job->json = true;
		return 0;
	case 'v':
		job->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		if (job->path)
			argp_error(state, "one file at a time: cannot read %s too", arg);
		job->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (job->path && job->dmesg)
			argp_error(state, "give a file or --dmesg, not both");
		if (!job->path && !job->dmesg && isatty(STDIN_FILENO))
			argp_error(state, "name a file, or give --dmesg");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp oops_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[FILE]",
	.doc = "Find kernel crash reports in a log or a mail and explain them: oopses, BUG, WARNING, hung tasks, lockups, KASAN; also messages of cifs and netfs. FILE - is standard input.\v"
	       "Exit status: 0 reports or messages found, 1 none, 2 usage, no such file or not a trace, 3 reading or writing failed.\n\n"
	       "Examples:\n"
	       "  netfsnoop oops mail.txt\n"
	       "  journalctl -k -b -1 | netfsnoop oops -\n"
	       "  netfsnoop oops --dmesg --module cifs.ko.debug\n",
};

/* What is found in them would be missing in the middle of a report. */
static int check_files(const struct oops_job *job, struct err *err)
{
	int rc = cmd_check_modules(job->file, job->nr_files, err);

	if (rc)
		return rc;
	rc = replay_check(job->trace, err);
	if (rc || job->dmesg)
		return rc;
	return output_stdout_is_not(job->path ? job->path : "-", err);
}

static void say_none(const struct oops_found *found)
{
	if (found->frames)
		fprintf(stderr,
			"netfsnoop: found frames of a stack, but nothing above them that says what it is of; `netfsnoop line` resolves them\n");
	else
		fprintf(stderr,
			"netfsnoop: found no kernel crash report and no message of cifs or netfs\n");
}

int cmd_oops(int argc, char **argv)
{
	struct oops_job job = {};
	struct oops_found found;
	struct err err = {};
	int rc;

	rc = args_parse("oops", &oops_argp, argc, argv, 0, &job);
	if (rc)
		return rc;
	rc = check_files(&job, &err);
	if (!rc)
		rc = oops_run(&job, &found, &err);
	if (rc)
		return cmd_fail(&err, rc, cmd_file_exit(rc));
	if (found.reports || found.messages)
		return EXIT_CLEAN;
	if (!job.json)
		say_none(&found);
	return EXIT_FINDINGS;
}
