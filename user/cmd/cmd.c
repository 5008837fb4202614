// SPDX-License-Identifier: GPL-2.0-only
/* The table of subcommands, and exit codes and messages that they share. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fmt.h"
#include "cmd/cmd.h"
#include "run/stdout.h"

const struct subcommand subcommands[] = {
	{ "record", "capture netfs and cifs events into a trace file", cmd_record, &record_argp },
	{ "watch", "report broken rules as they happen, or show a live table", cmd_watch,
	  &watch_argp },
	{ "report", "show requests, stages and timelines of a trace", cmd_report, &report_argp },
	{ "check", "check a trace against the rules of netfs and cifs", cmd_check, &check_argp },
	{ "export", "convert a trace to HTML, JSON lines, SQLite or Perfetto", cmd_export,
	  &export_argp },
	{ "diff", "compare two recordings", cmd_diff, &diff_argp },
	{ "dump", "print the records of a trace as they are", cmd_dump, &dump_argp },
	{ "import", "convert an ftrace recording into a trace", cmd_import, &import_argp },
	{ "xfstests", "run xfstests' check and show what each test did", cmd_xfstests,
	  &xfstests_argp },
	{ "provoke", "show lawful faults of server and network to an SMB client", cmd_provoke,
	  &provoke_argp },
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

int cmd_child_exit(int rc, bool child, int status)
{
	if (rc)
		return child ? EXIT_OWN_FAILURE : EXIT_CANNOT;
	if (!child)
		return EXIT_CLEAN;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int cmd_fail(const struct err *err, int rc, int code)
{
	char text[4 * sizeof(err->text)];

	/* names of files may hold any byte */
	fmt_escape(text, sizeof(text), err && err->text[0] ? err->text : strerror(-rc));
	fprintf(stderr, "netfsnoop: %s\n", text);
	return code;
}

int cmd_file_exit(int rc)
{
	return rc == -EBADMSG || rc == -ENOENT || rc == -EINVAL || rc == -EISDIR ? EXIT_USAGE
										 : EXIT_CANNOT;
}

int cmd_check_modules(const char *const *files, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (access(files[i], R_OK))
			return err_set(err, -errno, "--module %s: %s", files[i], strerror(errno));
	return 0;
}

int cmd_end(int code)
{
	struct err err = {};
	int rc = code == EXIT_CANNOT || code == EXIT_OWN_FAILURE ? 0 : stdout_flush(&err);

	return rc ? cmd_fail(&err, rc, EXIT_CANNOT) : code;
}
