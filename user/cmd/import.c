// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "run/import.h"
#include "run/replay.h"
#include "version.h"

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "Write the trace to FILE, - for standard output (default " DEFAULT_TRACE
	  "); rename an existing FILE to FILE.old",
	  0 },
	{ "release", 'r', "RELEASE", 0, "Kernel release of the recording, as uname -r prints it",
	  0 },
	{ "all-events", 'a', NULL, 0,
	  "All netfs and cifs events were enabled; treat missing events as not having happened",
	  0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct import_job *job = state->input;

	switch (key) {
	case 'o':
		job->output = arg;
		return 0;
	case 'r':
		job->release = arg;
		return 0;
	case 'a':
		job->all_events = true;
		return 0;
	case ARGP_KEY_ARG:
		if (job->input)
			argp_error(state, "one file at a time: not %s too", arg);
		job->input = arg;
		return 0;
	case ARGP_KEY_END:
		if (!job->input)
			argp_error(state, "which file? - is standard input");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp import_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE",
	.doc = "Convert netfs and cifs events recorded with ftrace into a trace. FILE, or - for standard input, is text (trace, trace_pipe, trace-cmd report, perf script; or a mail with such text, quoted, wrapped or encoded; also in gzip, xz or zstd) or a trace.dat of trace-cmd.\v"
	       "Exit status: 0 done, 2 usage, no such file, or no netfs or cifs event in it, 3 reading or writing failed.\n\n"
	       "Examples:\n"
	       "  netfsnoop import -o mail.nsn mail.txt && netfsnoop report mail.nsn\n"
	       "  netfsnoop import trace.dat\n",
};

int cmd_import(int argc, char **argv)
{
	struct import_job job = { .output = DEFAULT_TRACE, .version = NETFSNOOP_VERSION };
	struct err err = {};
	int rc;

	rc = args_parse("import", &import_argp, argc, argv, 0, &job);
	if (rc)
		return rc;
	rc = import_run(&job, &err);
	return rc ? cmd_fail(&err, rc, cmd_file_exit(rc)) : EXIT_CLEAN;
}
