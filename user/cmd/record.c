// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fmt.h"
#include "cmd/capture.h"
#include "cmd/cmd.h"
#include "cmd/live.h"

#define DEFAULT_OUTPUT "netfsnoop.nsn"
#define PROGRESS_NS    500000000ULL

struct record_args {
	struct capture_args capture;
	const char *output;
	bool quiet;
	bool check;
	bool json;
	bool fail_on_findings;
};

enum { OPT_CHECK = 0x100, OPT_FAIL };

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "Trace file, - for standard output (default " DEFAULT_OUTPUT ")", 0 },
	{ "quiet", 'q', NULL, 0, "No progress line, no closing words", 0 },
	{ "check", OPT_CHECK, NULL, 0,
	  "Judge while recording: findings on standard error as they are found, a table at the end",
	  0 },
	{ "json", 'j', NULL, 0, "With --check: findings and table as JSON lines", 0 },
	{ "fail-on-findings", OPT_FAIL, NULL, 0,
	  "With --check: exit with 1 if there are findings and COMMAND succeeded", 0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct record_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->capture;
		return 0;
	case 'o':
		a->output = arg;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case 'j':
		a->check = a->json = true;
		return 0;
	case OPT_CHECK:
		a->check = true;
		return 0;
	case OPT_FAIL:
		a->check = a->fail_on_findings = true;
		return 0;
	case ARGP_KEY_ARGS:
		a->capture.session.command = state->argv + state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &capture_argp, 0, NULL, 0 }, { 0 } };

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
	struct trace_out out;
	struct live *live; /* NULL: not asked for */
	bool progress;
	uint64_t last_records, last_elapsed;
};

static int write_record(void *ctx, const struct ev_hdr *ev)
{
	struct recorder *r = ctx;
	int rc = trace_out_add(&r->out, ev);

	if (!rc && r->live)
		live_feed(r->live, ev);
	return rc;
}

static int on_tick(void *ctx, const struct session_stats *st, const struct record_sink *to)
{
	struct recorder *r = ctx;
	uint64_t span = st->elapsed_ns - r->last_elapsed;
	int rc = trace_out_tick(&r->out, st->elapsed_ns);

	if (!rc && r->live)
		rc = live_tick(r->live, to);
	if (rc || !r->progress || span < PROGRESS_NS)
		return rc;
	fprintf(stderr, "\r\033[K%6.1f s  %llu events  %llu/s  %llu lost  %s", st->elapsed_ns / 1e9,
		(unsigned long long)st->records,
		(unsigned long long)((st->records - r->last_records) * 1000000000ULL / span),
		(unsigned long long)st->lost, fmt_bytes(trace_out_size(&r->out)).s);
	r->last_records = st->records;
	r->last_elapsed = st->elapsed_ns;
	return 0;
}

static void closing_words(const struct recorder *r, const struct session_stats *st)
{
	fprintf(stderr, "%snetfsnoop: %llu events in %.1f s, %llu lost, %s in %s\n",
		r->progress ? "\r\033[K" : "", (unsigned long long)st->records,
		st->elapsed_ns / 1e9, (unsigned long long)st->lost,
		fmt_bytes(trace_out_size(&r->out)).s,
		strcmp(r->out.path, "-") ? r->out.path : "standard output");
	if (st->failed)
		fprintf(stderr,
			"netfsnoop: %d probes could not be attached; `netfsnoop doctor` says why\n",
			st->failed);
}

/* The recording is whole whatever becomes of the checks. */
static void close_checks(struct live *l, int *ret_verdict)
{
	int rc = l ? live_finish(l, ret_verdict) : 0;

	if (rc)
		fprintf(stderr, "netfsnoop: the checks were given up: %s\n", strerror(-rc));
}

static int run(struct record_args *a, struct err *err, int *ret_status, int *ret_verdict)
{
	__free(live_freep) struct live *live = NULL;
	struct live_options judge = { .out = stderr, .json = a->json, .findings = true };
	struct recorder r = { .args = a,
			      .out = { .path = a->output, .level = a->capture.level, .err = err },
			      .progress = !a->quiet && isatty(STDERR_FILENO) };
	struct session_ops ops = { .record = write_record, .tick = on_tick, .ctx = &r };
	struct session_stats st = {};
	int rc, rc2;

	if (a->capture.filter.test)
		return err_set(err, -EINVAL,
			       "--test %s: a test is known once it runs; record without it and ask "
			       "report --test",
			       a->capture.filter.test);
	rc = capture_prepare(&a->capture, err);
	if (!rc && a->check)
		rc = live_new(&live, &judge);
	if (rc)
		return rc;
	r.live = live;
	rc = session_run(&a->capture.session, &ops, &st, ret_status, err);
	rc2 = trace_out_close(&r.out);
	if (r.out.size && !a->quiet)
		closing_words(&r, &st);
	close_checks(live, ret_verdict);
	rc = rc ? rc : rc2;
	if (rc && !err->text[0])
		err_set(err, rc, "recording to %s: %s", a->output, strerror(-rc));
	return rc;
}

int cmd_record(int argc, char **argv)
{
	struct record_args a = { .capture = CAPTURE_DEFAULTS, .output = DEFAULT_OUTPUT };
	__autofree char *cmdline = capture_cmdline(argc, argv);
	struct err err = {};
	int rc, status = 0, verdict = EXIT_CLEAN;

	argv[0] = (char *)"netfsnoop record";
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &a);
	a.capture.session.cmdline = cmdline;
	rc = run(&a, &err, &status, &verdict);
	if (rc)
		cmd_fail(&err, rc, 0);
	if (!rc && !status && verdict == EXIT_FINDINGS && a.fail_on_findings)
		return EXIT_FINDINGS;
	return cmd_command_exit(rc, a.capture.session.command, status);
}
