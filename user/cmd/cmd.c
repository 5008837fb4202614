// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/cmd.h"

const struct subcommand subcommands[] = {
	{ "record", "capture netfs and cifs events into a trace file", cmd_record, &record_argp },
	{ "watch", "report broken rules as they happen, or show a live table", cmd_watch,
	  &watch_argp },
	{ "report", "show requests, stages and timelines of a trace", cmd_report, &report_argp },
	{ "check", "check a trace against the rules of netfs and cifs", cmd_check, &check_argp },
	{ "export", "convert a trace to HTML, JSON lines, SQLite or Perfetto", cmd_export,
	  &export_argp },
	{ "diff", "compare two recordings", cmd_diff, &diff_argp },
	{ "import", "convert an ftrace recording into a trace", cmd_import, &import_argp },
	{ "xfstests", "run xfstests' check and show what each test did", cmd_xfstests,
	  &xfstests_argp },
	{ "doctor", "check what this kernel supports, probe by probe", cmd_doctor, &doctor_argp },
	{ "hang", "show what hangs now, and what it waits for", cmd_hang, &hang_argp },
	{ "oops", "explain kernel crash reports in a log or mail", cmd_oops, &oops_argp },
	{ "line", "resolve symbol+0xoff/0xsize to a source line", cmd_line, &line_argp },
	{ "completion", NULL, cmd_completion, &completion_argp },
	{ NULL, NULL, NULL, NULL },
};

int cmd_verdict(enum findings_worst worst)
{
	static const int codes[] = { [FINDINGS_NONE] = EXIT_CLEAN,
				     [FINDINGS_INCONCLUSIVE] = EXIT_INCONCLUSIVE,
				     [FINDINGS_VIOLATION] = EXIT_FINDINGS };

	return codes[worst];
}

int cmd_command_exit(int rc, bool command, int status)
{
	if (rc)
		return command ? EXIT_OWN_FAILURE : EXIT_CANNOT;
	if (!command)
		return EXIT_CLEAN;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int cmd_fail(const struct err *err, int rc, int code)
{
	fprintf(stderr, "netfsnoop: %s\n", err && err->text[0] ? err->text : strerror(-rc));
	return code;
}

/* Of a write of its own stdio keeps no errno; what is written now fails for the same reason. */
int cmd_stream_error(FILE *out)
{
	errno = 0;
	if (!fflush(out) && !ferror(out))
		return 0;
	if (!errno && write(fileno(out), "\n", 1) == 1)
		errno = EIO;
	return errno ? -errno : -EIO;
}

int cmd_flush(struct err *err)
{
	int rc = cmd_stream_error(stdout);

	return rc ? err_set(err, rc, "cannot write standard output: %s", strerror(-rc)) : 0;
}

int cmd_written(int rc, struct err *err)
{
	if (rc && (err->text[0] || !ferror(stdout)))
		return rc;
	return cmd_flush(err);
}

int cmd_end(int code)
{
	struct err err = {};
	int rc = code == EXIT_CANNOT || code == EXIT_OWN_FAILURE ? 0 : cmd_flush(&err);

	return rc ? cmd_fail(&err, rc, EXIT_CANNOT) : code;
}
