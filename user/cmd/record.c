// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/fmt.h"
#include "base/units.h"
#include "capture/module.h"
#include "capture/session.h"
#include "cmd/cmd.h"
#include "cmd/filter.h"
#include "cmd/live.h"
#include "trace/trace.h"

#define DEFAULT_OUTPUT "netfsnoop.nsn"
#define FLUSH_NS       1000000000ULL /* a crash costs at most this much of the trace */
#define ZSTD_LEVEL     1

struct record_args {
	struct session_options session;
	struct filter_args filter;
	const char *output;
	bool quiet;
	bool check;
	bool fail_on_findings;
	bool modprobe;
	int level;
};

enum {
	OPT_FOLIOS = 0x100,
	OPT_READY_FILE,
	OPT_RING_SIZE,
	OPT_MODPROBE,
	OPT_LEVEL,
	OPT_WAIT_MODULE,
	OPT_REVERT_PROBE,
	OPT_CHECK,
	OPT_FAIL,
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "Trace file, - for standard output (default " DEFAULT_OUTPUT ")", 0 },
	{ "duration", 'd', "SECS", 0, "Stop after SECS seconds", 0 },
	{ "quiet", 'q', NULL, 0, "No progress line, no closing words", 0 },
	{ "check", OPT_CHECK, NULL, 0,
	  "Judge while recording: findings on standard error as they are found, a table at the end",
	  0 },
	{ "fail-on-findings", OPT_FAIL, NULL, 0,
	  "With --check: exit with 1 if there are findings and COMMAND succeeded", 0 },
	{ NULL, 0, NULL, 0, "What to capture:", 1 },
	{ "folios", OPT_FOLIOS, NULL, 0, "Per-folio events too (up to 1000 and more per MiB)", 1 },
	{ "modprobe", OPT_MODPROBE, NULL, 0, "Load the cifs module if it is not there", 1 },
	{ "wait-module", OPT_WAIT_MODULE, NULL, 0,
	  "Begin without the cifs module and attach when it is loaded", 1 },
	{ "revert-probe", OPT_REVERT_PROBE, "HOW", 0,
	  "How to see iov_iter_revert(): kprobe, callsite, breakpoint, off, or auto: the first "
	  "that "
	  "works (default)",
	  1 },
	{ NULL, 0, NULL, 0, "For scripts and odd machines:", 3 },
	{ "ready-file", OPT_READY_FILE, "FILE", 0, "Create FILE once recording is on", 3 },
	{ "ring-size", OPT_RING_SIZE, "SIZE", 0, "Kernel ring buffer (default 16M); K, M, G", 3 },
	{ "level", OPT_LEVEL, "N", 0, "zstd level of the trace file (default 1)", 3 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct record_args *a = state->input;
	uint64_t n;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->filter;
		return 0;
	case 'o':
		a->output = arg;
		return 0;
	case 'd':
		if (parse_seconds(arg, &a->session.duration_ns) || !a->session.duration_ns)
			argp_error(state, "not a duration in seconds: %s", arg);
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case OPT_FOLIOS:
		a->session.attach.plan.folios = true;
		return 0;
	case OPT_CHECK:
		a->check = true;
		return 0;
	case OPT_FAIL:
		a->check = a->fail_on_findings = true;
		return 0;
	case OPT_MODPROBE:
		a->modprobe = true;
		return 0;
	case OPT_WAIT_MODULE:
		a->session.wait_module = true;
		return 0;
	case OPT_REVERT_PROBE:
		if (revert_way_parse(arg, &a->session.attach.loader.revert))
			argp_error(state,
				   "--revert-probe is auto, kprobe, callsite, breakpoint or off, "
				   "not %s",
				   arg);
		return 0;
	case OPT_READY_FILE:
		a->session.ready_file = arg;
		return 0;
	case OPT_RING_SIZE:
		if (parse_size(arg, &n) || n < 4096 || n > (1ULL << 31))
			argp_error(state, "not a ring size from 4K to 2G: %s", arg);
		a->session.attach.loader.ring_bytes = a->session.attach.loader.folio_ring_bytes = n;
		return 0;
	case OPT_LEVEL:
		if (parse_number(arg, 1, 19, &n))
			argp_error(state, "zstd levels go from 1 to 19, not %s", arg);
		a->level = n;
		return 0;
	case ARGP_KEY_ARGS:
		a->session.command = state->argv + state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &filter_argp, 0, "Filters:", 2 }, { 0 } };

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[-- COMMAND [ARG...]]",
	.doc = "Capture netfs and cifs events into a trace file, until Ctrl-C or the end of "
	       "COMMAND, whose "
	       "exit status is kept.\v"
	       "Exit status: COMMAND's, or 128 + the signal that ended it; 125 if netfsnoop itself "
	       "failed, 126 if COMMAND cannot be run, 127 if it is not found. Without COMMAND: 0, "
	       "3 cannot record. 2 is always usage.\n\n"
	       "Examples:\n"
	       "  netfsnoop record -- cp /mnt/smb/big /tmp/\n"
	       "  netfsnoop record -o hang.nsn -d 30\n"
	       "  netfsnoop record --mount /mnt/smb -- fio job.fio\n",
	.children = children,
};

struct recorder {
	const struct record_args *args;
	struct trace_writer
		*w; /* opened by the first record: a run that cannot record spoils no old file */
	struct err *err;
	struct live_check *live; /* NULL: not asked for */
	bool progress;
	uint64_t last_records, last_elapsed, flushed_at;
};

/* 0600: a trace holds file, share and host names. */
static int open_output(const char *path, struct err *err)
{
	int fd = strcmp(path, "-") ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
				   : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

	if (fd < 0)
		return err_set(err, -errno, "cannot write %s: %s", path, strerror(errno));
	if (isatty(fd)) {
		close(fd);
		return err_set(err, -EINVAL, "a trace is binary: not to a terminal; give -o FILE");
	}
	if (strcmp(path, "-"))
		fchmod(fd, 0600);
	return fd;
}

static int open_writer(struct recorder *r)
{
	int fd = open_output(r->args->output, r->err), rc;

	if (fd < 0)
		return fd;
	rc = trace_writer_new(&r->w, fd, r->args->level);
	if (rc)
		close(fd);
	return rc;
}

static int write_record(void *ctx, const struct ev_hdr *ev)
{
	struct recorder *r = ctx;
	int rc = r->w ? 0 : open_writer(r);

	if (!rc)
		rc = trace_writer_add(r->w, ev);
	if (!rc && r->live)
		live_check_feed(r->live, ev);
	return rc;
}

static int on_tick(void *ctx, const struct session_stats *st)
{
	struct recorder *r = ctx;
	uint64_t span = st->elapsed_ns - r->last_elapsed, raw, file;

	if (st->elapsed_ns - r->flushed_at >= FLUSH_NS) {
		int rc = trace_writer_flush(r->w, false);

		if (rc)
			return rc;
		r->flushed_at = st->elapsed_ns;
	}
	if (!r->progress || span < FLUSH_NS / 2)
		return 0;
	trace_writer_sizes(r->w, &raw, &file);
	fprintf(stderr, "\r\033[K%6.1f s  %llu events  %llu/s  %llu lost  %s", st->elapsed_ns / 1e9,
		(unsigned long long)st->records,
		(unsigned long long)((st->records - r->last_records) * 1000000000ULL / span),
		(unsigned long long)st->lost, fmt_bytes(file).s);
	r->last_records = st->records;
	r->last_elapsed = st->elapsed_ns;
	return 0;
}

static void closing_words(const struct record_args *a, const struct recorder *r,
			  const struct session_stats *st)
{
	uint64_t raw, file;

	trace_writer_sizes(r->w, &raw, &file);
	fprintf(stderr, "%snetfsnoop: %llu events in %.1f s, %llu lost, %s in %s\n",
		r->progress ? "\r\033[K" : "", (unsigned long long)st->records,
		st->elapsed_ns / 1e9, (unsigned long long)st->lost, fmt_bytes(file).s,
		strcmp(a->output, "-") ? a->output : "standard output");
	if (st->failed)
		fprintf(stderr,
			"netfsnoop: %d probes could not be attached; `netfsnoop doctor` says why\n",
			st->failed);
}

static char *join_args(int argc, char **argv)
{
	size_t size = 1;
	char *line;

	for (int i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;
	line = calloc(1, size);
	for (int i = 0; line && i < argc; i++) {
		strcat(line, i ? " " : "");
		strcat(line, argv[i]);
	}
	return line;
}

static int exit_status(int rc, bool command, int status)
{
	if (rc)
		return command ? EXIT_OWN_FAILURE : EXIT_CANNOT;
	if (!command)
		return EXIT_CLEAN;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* A mount point becomes its device; a process id and an inode number are what they are. */
static int resolve_filter(const struct filter_args *f, struct capture_filter *ret, struct err *err)
{
	struct stat st;

	if (f->fs && strlen(f->fs) >= sizeof(ret->fs))
		return err_set(err, -EINVAL, "no file system type is called '%s'", f->fs);
	if (f->fs)
		strcpy(ret->fs, f->fs);
	if (f->mount && stat(f->mount, &st))
		return err_set(err, -errno, "--mount %s: %s", f->mount, strerror(errno));
	if (f->mount)
		ret->dev = major(st.st_dev) << 20 | minor(st.st_dev);
	ret->tgid = f->pid;
	ret->ino = f->ino;
	return 0;
}

static int finish(struct recorder *r, const struct session_stats *st)
{
	int rc = trace_writer_flush(r->w, true), rc2;

	if (!r->args->quiet)
		closing_words(r->args, r, st);
	rc2 = trace_writer_close(r->w);
	return rc ? rc : rc2;
}

/* The recording is whole whatever becomes of the checks. */
static void close_checks(struct live_check *l, bool *ret_found)
{
	int rc = l ? live_check_finish(l, ret_found) : 0;

	if (rc)
		fprintf(stderr, "netfsnoop: the checks were given up: %s\n", strerror(-rc));
}

static int run(struct record_args *a, struct err *err, int *ret_status, bool *ret_found)
{
	__free(live_check_freep) struct live_check *live = NULL;
	struct recorder r = { .args = a,
			      .err = err,
			      .progress = !a->quiet && isatty(STDERR_FILENO) };
	struct session_ops ops = { .record = write_record, .tick = on_tick, .ctx = &r };
	struct session_stats st = {};
	int rc, rc2;

	rc = resolve_filter(&a->filter, &a->session.attach.loader.filter, err);
	if (!rc && a->modprobe)
		rc = module_load("cifs", err);
	if (!rc && a->check)
		rc = live_check_new(&live);
	if (rc)
		return rc;
	r.live = live;
	rc = session_run(&a->session, &ops, &st, ret_status, err);
	rc2 = r.w ? finish(&r, &st) : 0;
	close_checks(live, ret_found);
	rc = rc ? rc : rc2;
	if (rc && !err->text[0])
		err_set(err, rc, "recording to %s: %s", a->output, strerror(-rc));
	return rc;
}

int cmd_record(int argc, char **argv)
{
	struct record_args a = {
		.output = DEFAULT_OUTPUT,
		.level = ZSTD_LEVEL,
		.session.attach.loader = { .ring_bytes = 16 << 20,
					   .folio_ring_bytes = 16 << 20,
					   .wake_bytes = 256 << 10 },
	};
	__autofree char *cmdline = join_args(argc, argv);
	struct err err = {};
	bool found = false;
	int rc, status = 0;

	argv[0] = (char *)"netfsnoop record";
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &a);
	a.session.cmdline = cmdline;
	rc = run(&a, &err, &status, &found);
	if (rc)
		cmd_fail(&err, rc, 0);
	if (!rc && !status && found && a.fail_on_findings)
		return EXIT_FINDINGS;
	return exit_status(rc, a.session.command, status);
}
