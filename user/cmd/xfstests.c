// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/fmt.h"
#include "base/units.h"
#include "cmd/args.h"
#include "cmd/capture.h"
#include "cmd/cmd.h"
#include "xfstests/run.h"

#define DEFAULT_DIR "netfsnoop-xfstests"

struct xfs_args {
	struct capture_args capture;
	struct xfs_run_options run;
	const char *live;
	bool quiet;
	bool attach;
};

enum { OPT_LIVE = 0x100, OPT_ATTACH, OPT_CRASH_SAFE, OPT_TRACE_SIZE, OPT_TRACE_TOTAL };

static const struct argp_option options[] = {
	{ "output", 'o', "DIR", 0,
	  "Write the results to DIR (default " DEFAULT_DIR "); rename an existing DIR to DIR.old",
	  0 },
	{ "attach", OPT_ATTACH, NULL, 0,
	  "Join a run in progress, from its next test to the end of check", 0 },
	{ "live", OPT_LIVE, "FILE", 0,
	  "Append a line per test to FILE (default: standard error, unless check's own output goes there); DIR/live.log always has them",
	  0 },
	{ "quiet", 'q', NULL, 0, "Print nothing on standard error", 0 },
	{ "crash-safe", OPT_CRASH_SAFE, NULL, 0,
	  "Let a dying kernel print findings on its console, and sync findings and results to the disk; restore the changed kernel settings at the end",
	  0 },
	{ "trace-size", OPT_TRACE_SIZE, "SIZE", 0,
	  "Start a new trace file at this size (default 256M)", 0 },
	{ "trace-total", OPT_TRACE_TOTAL, "SIZE", 0,
	  "Limit all trace files together to SIZE (default 4G): delete the oldest first, and those of tests that failed or broke rules last",
	  0 },
	{ 0 },
};

static error_t parse_bytes(struct argp_state *state, const char *arg, uint64_t *ret)
{
	if (parse_size(arg, ret) || *ret < 1 << 20)
		argp_error(state, "not a size of at least 1M: %s", arg);
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct xfs_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->capture;
		return 0;
	case 'o':
		a->run.trace.dir = arg;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case OPT_ATTACH:
		a->attach = true;
		return 0;
	case OPT_LIVE:
		a->live = arg;
		return 0;
	case OPT_CRASH_SAFE:
		a->capture.session.crash_safe = a->run.trace.sync = true;
		return 0;
	case OPT_TRACE_SIZE:
		return parse_bytes(state, arg, &a->run.trace.file_bytes);
	case OPT_TRACE_TOTAL:
		return parse_bytes(state, arg, &a->run.trace.all_bytes);
	case ARGP_KEY_ARGS:
		a->capture.session.child = state->argv + state->next;
		return 0;
	case ARGP_KEY_END:
		if (!a->attach && !a->capture.session.child)
			argp_error(state, "give a command, as in -- ./check ARGS, or --attach");
		if (a->attach && a->capture.session.child)
			argp_error(state,
				   "--attach joins a running check: give no command with it");
		if (a->capture.filter.file)
			argp_error(
				state,
				"--file does not work while recording; use it with report and check");
		if (a->capture.filter.test)
			argp_error(
				state,
				"--test does not work while recording; use it with report and check");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &capture_argp, 0, NULL, 1 }, { 0 } };

const struct argp xfstests_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "-- ./check [ARG...]\n--attach",
	.doc = "Run xfstests' check and show, test by test, what netfs and cifs did. Writes DIR/index.html, run.json, junit.xml, tests/ and traces, and NNN.netfsnoop.txt and .json next to check's own files.\v"
	       "Exit status: that of check, or 128 + the signal that killed it; 125 if netfsnoop itself failed, 126 if check cannot be run, 127 if it is not found. With --attach: 0, or 3 if recording failed. 2 usage. An interrupted check exits with 0: standard error and run.json tell.\n\n"
	       "Examples:\n"
	       "  netfsnoop xfstests -o /tmp/run1 -- ./check -s smb3 generic/001 generic/306\n"
	       "  netfsnoop xfstests --attach\n",
	.children = children,
};

struct xfs {
	const struct xfs_args *args;
	struct xfs_run *run;
	struct progress progress;
	bool waiting; /* for the first test of a run to join, to be said once */
};

static int on_record(void *ctx, const struct ev_hdr *ev)
{
	struct xfs *x = ctx;

	return xfs_run_add(x->run, ev);
}

static int on_tick(void *ctx, const struct session_stats *st, const struct record_sink *to)
{
	struct xfs *x = ctx;
	int rc = xfs_run_tick(x->run, st->elapsed_ns);

	(void)to;
	if (x->waiting)
		fprintf(stderr, "netfsnoop: attached; recording begins with the next test\n");
	x->waiting = false;
	if (st->interrupted)
		xfs_run_interrupted(x->run);
	if (rc)
		return rc;
	return x->args->attach && xfs_run_over(x->run) ? SESSION_STOP : 0;
}

static void on_settings(void *ctx, const struct settings *s)
{
	const struct xfs *x = ctx;

	capture_say_settings(s, x->args->capture.session.crash_safe && !x->args->quiet);
}

static void on_phase(void *ctx, enum session_phase phase)
{
	struct xfs *x = ctx;

	capture_say_phase(&x->progress, phase);
}

/* check's own output must not change: what goes to the same place as it, we leave alone. */
static bool is_checks_own(void)
{
	struct stat out, err;

	return !fstat(STDOUT_FILENO, &out) && !fstat(STDERR_FILENO, &err) &&
	       out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}

static int open_live(struct xfs_args *a, struct err *err)
{
	if (a->live) {
		a->run.live = fopen(a->live, "ae"); /* lines of an earlier run stay */
		if (!a->run.live)
			return err_set(err, -errno, "cannot write %s: %s", a->live,
				       strerror(errno));
	} else if (!a->quiet && (a->attach || !is_checks_own())) {
		a->run.live = stderr;
	}
	a->run.say = a->quiet ? NULL : stderr;
	return 0;
}

static void closing_words(const struct xfs_args *a, const struct xfs_run *run,
			  const struct session_stats *st)
{
	unsigned int tests, violated;

	xfs_run_sums(run, &tests, &violated);
	if (xfs_run_old(run))
		fprintf(stderr, "netfsnoop: renamed the earlier %s to %s\n", a->run.trace.dir,
			xfs_run_old(run));
	fprintf(stderr, "netfsnoop: %u test%s, %u broke rules, %llu record%s lost: %s/index.html\n",
		tests, plural(tests), violated, (unsigned long long)st->lost, plural(st->lost),
		a->run.trace.dir);
	if (xfs_run_was_interrupted(run))
		fprintf(stderr,
			"netfsnoop: the run was interrupted; check's exit status does not say so\n");
	if (!tests)
		fprintf(stderr,
			"netfsnoop: saw no start mark of a test in the kernel log; is /dev/kmsg writable, and printk.devkmsg not off?\n");
}

static int run(struct xfs_args *a, struct err *err, int *ret_status)
{
	__free(xfs_run_freep) struct xfs_run *xr = NULL;
	struct xfs x = { .args = a, .waiting = a->attach && !a->quiet };
	struct session_ops ops = {
		.record = on_record,
		.tick = on_tick,
		.settings = on_settings,
		.phase = on_phase,
		.ctx = &x,
	};
	struct session_stats st = {};
	int rc = capture_check(&a->capture, err), rc2;

	if (!rc)
		rc = open_live(a, err);
	if (!rc)
		rc = xfs_run_new(&xr, &a->run, err);
	if (!rc)
		rc = capture_load(&a->capture, err);
	if (rc)
		return rc;
	x.run = xr;
	progress_begin(&x.progress, !a->quiet);
	rc = session_run(&a->capture.session, &ops, &st, ret_status, err);
	if (st.interrupted)
		xfs_run_interrupted(xr);
	rc2 = xfs_run_finish(xr, a->attach || rc ? -1 : *ret_status);
	if (!a->quiet && !rc)
		closing_words(a, xr, &st);
	rc = rc ?: rc2;
	if (rc && !err->text[0])
		err_set(err, rc, "cannot write results to %s: %s", a->run.trace.dir, err_why(rc));
	return rc;
}

int cmd_xfstests(int argc, char **argv)
{
	struct xfs_args a = { .capture = CAPTURE_DEFAULTS,
			      .run.trace = { .dir = DEFAULT_DIR,
					     .file_bytes = 256ULL << 20,
					     .all_bytes = 4ULL << 30 } };
	__autofree char *cmdline = fmt_words(argc, argv);
	struct err err = {};
	int rc, status = 0;

	rc = args_parse("xfstests", &xfstests_argp, argc, argv, ARGP_IN_ORDER, &a);
	if (rc)
		return rc;
	if (!cmdline)
		return cmd_fail(NULL, -ENOMEM, EXIT_CANNOT);
	a.capture.session.cmdline = cmdline;
	a.capture.session.wait_module = true; /* check may be what loads it */
	a.capture.session.park_when_asked = true;
	a.run.command = cmdline;
	a.run.trace.level = a.capture.level;
	rc = run(&a, &err, &status);
	capture_release(&a.capture);
	if (rc)
		cmd_fail(&err, rc, 0);
	return a.capture.cannot_run ? a.capture.cannot_run : cmd_child_exit(rc, !a.attach, status);
}
