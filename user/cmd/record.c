// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fmt.h"
#include "base/units.h"
#include "cmd/args.h"
#include "cmd/capture.h"
#include "cmd/cmd.h"
#include "cmd/redact.h"
#include "cmd/trigger.h"
#include "run/flight_out.h"
#include "run/live.h"
#include "run/replay.h"
#include "view/kit/json_value.h"

#define PROGRESS_NS 500000000ULL

struct record_args {
	struct capture_args capture;
	const char *output;
	bool quiet;  /* no words */
	bool silent; /* as asked for with -q; --json is quiet, but for its lines */
	bool check;
	bool only; /* findings, and no trace */
	bool json;
	bool fail_on_findings;
	bool is_flight;
	struct flight_out_options flight;
	struct trigger_args trigger; /* what saves the flight recorder's window */
	struct redact_args redact;
};

enum { OPT_CHECK = 0x100, OPT_CHECK_ONLY, OPT_FAIL, OPT_CRASH_SAFE, OPT_FLIGHT, OPT_FLIGHT_FILES };

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "Write the trace to FILE, - for standard output (default " DEFAULT_TRACE
	  "); rename an existing FILE to FILE.old",
	  0 },
	{ "quiet", 'q', NULL, 0, "Print no progress and no closing summary", 0 },
	{ "check", OPT_CHECK, NULL, 0,
	  "Check while recording: print findings on standard error at once, and a table at the end",
	  0 },
	{ "check-only", OPT_CHECK_ONLY, NULL, 0, "As --check, and write no trace", 0 },
	{ "json", 'j', NULL, 0,
	  "With --check: print findings, table and closing summary as JSON lines", 0 },
	{ "fail-on-findings", OPT_FAIL, NULL, 0,
	  "With --check: exit with 1 if there are findings and COMMAND succeeded", 0 },
	{ NULL, 0, NULL, 0, "Crash-prone machines and long recordings:", 4 },
	{ "crash-safe", OPT_CRASH_SAFE, NULL, 0,
	  "Let a dying kernel print findings on its console, and sync the trace at each finding (--check); restore the changed kernel settings at the end",
	  4 },
	{ "flight-recorder", OPT_FLIGHT, "SECS,SIZE", 0,
	  "Keep only the last SECS, in at most SIZE of memory; save them to FILE-001.nsn and so on at each finding (--check) and on SIGUSR1",
	  4 },
	{ "flight-files", OPT_FLIGHT_FILES, "N", 0,
	  "Keep at most N such files, including existing ones (default 16)", 4 },
	{ 0 },
};

static void check_args(struct record_args *a, const struct argp_state *state)
{
	if (a->only && (a->is_flight || a->output))
		argp_error(state,
			   "--check-only writes nothing: leave out -o and --flight-recorder");
	if (!a->output)
		a->output = DEFAULT_TRACE;
	if (a->is_flight && !strcmp(a->output, "-"))
		argp_error(state, "the flight recorder writes files: give -o a name");
	if (!a->is_flight && a->trigger.given)
		argp_error(
			state,
			"--slower and --on need --flight-recorder, which they tell when to save; or use `netfsnoop watch`");
	if (a->capture.filter.file)
		argp_error(
			state,
			"--file does not work while recording; use --paths, and then report --file");
	if (a->capture.filter.test)
		argp_error(state, "--test does not work while recording; use it with report");
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct record_args *a = state->input;
	uint64_t n;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->capture;
		state->child_inputs[1] = &a->redact;
		state->child_inputs[2] = &a->trigger;
		return 0;
	case 'o':
		a->output = arg;
		return 0;
	case 'q':
		a->quiet = a->silent = true;
		return 0;
	case 'j':
		a->check = a->json = a->quiet = true;
		return 0;
	case OPT_CHECK:
		a->check = true;
		return 0;
	case OPT_CHECK_ONLY:
		a->check = a->only = true;
		return 0;
	case OPT_FAIL:
		a->check = a->fail_on_findings = true;
		return 0;
	case OPT_CRASH_SAFE:
		a->check = a->capture.session.crash_safe = true;
		return 0;
	case OPT_FLIGHT:
		if (flight_out_parse(arg, &a->flight.flight))
			argp_error(
				state,
				"--flight-recorder takes seconds and a size of at least 1M, such as 30s,64M; not %s",
				arg);
		a->check = a->is_flight = true;
		return 0;
	case OPT_FLIGHT_FILES:
		if (parse_number(arg, 1, 999, &n))
			argp_error(state, "--flight-files takes a number from 1 to 999, not %s",
				   arg);
		a->flight.max_files = n;
		return 0;
	case ARGP_KEY_ARGS:
		a->capture.session.child = state->argv + state->next;
		return 0;
	case ARGP_KEY_END:
		check_args(a, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &capture_argp, 0, NULL, 0 },
					      { &redact_argp, 0, NULL, 0 },
					      { &trigger_argp, 0,
						"When to save the last SECS:", 5 },
					      { 0 } };

const struct argp record_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[-- COMMAND [ARG...]]",
	.doc = "Capture netfs and cifs events into a trace file, until Ctrl-C or the end of COMMAND.\v"
	       "Exit status: that of COMMAND, or 128 + the signal that killed it; 125 if netfsnoop itself failed, 126 if COMMAND cannot be run, 127 if it is not found. Without COMMAND: 0, or 3 if recording failed. 2 usage; 1 findings, with --fail-on-findings.\n\n"
	       "Examples:\n"
	       "  netfsnoop record -- cp /mnt/smb/big /tmp/\n"
	       "  netfsnoop record -o hang.nsn -d 30\n"
	       "  netfsnoop record --mount /mnt/smb -- fio job.fio\n"
	       "  netfsnoop record --flight-recorder 30s,64M -o /var/tmp/smb.nsn\n"
	       "  netfsnoop record --flight-recorder 30s,64M --slower 1s --on finding,error\n",
	.children = children,
};

struct recorder {
	const struct record_args *args;
	struct redactor *redactor; /* NULL: names as they are */
	struct trace_out out;
	struct live *live;	   /* NULL: not asked for */
	struct flight_out *flight; /* NULL: all is kept */
	struct err *err;
	struct progress progress;
	bool full;	    /* it was said that no more windows are saved */
	bool urgent;	    /* something was found: to the disk with it */
	unsigned int asked; /* how often a signal asked to save */
	uint64_t last_events, last_elapsed;
};

static int write_record(void *ctx, const struct ev_hdr *ev)
{
	struct recorder *r = ctx;
	int rc;

	ev = redact_if(r->redactor, ev);
	if (!ev)
		return 0;
	rc = r->flight ? flight_out_add(r->flight, ev) : trace_out_add(&r->out, ev);
	if (!rc && r->live)
		live_feed(r->live, ev);
	if (ev->kind == EV_REVERT && ((const struct ev_revert *)(const void *)ev)->past)
		r->urgent = true;
	return rc;
}

static void on_found(void *ctx, const struct finding *f)
{
	struct recorder *r = ctx;

	r->urgent = true;
	if (r->flight && f->verdict != VERDICT_NOTE && r->args->trigger.options.on & ON_FINDING)
		flight_out_found(r->flight, f, r->args->capture.session.crash_safe);
}

static void on_trigger(void *ctx, const struct trigger *t)
{
	struct recorder *r = ctx;

	flight_out_event(r->flight, trigger_brief(t).s, r->args->capture.session.crash_safe);
}

/* "netfsnoop: saved smb-001.nsn: ..."; once, that no more are. */
static void on_saved(void *ctx, const char *path, const char *why)
{
	struct recorder *r = ctx;
	char name[512], text[400];

	if (r->args->quiet || (!path && r->full))
		return;
	r->full = !path;
	fmt_escape(text, sizeof(text), why);
	progress_clear(&r->progress);
	if (path)
		fprintf(stderr, "netfsnoop: saved %s: %s\n", fmt_escape(name, sizeof(name), path),
			text);
	else
		fprintf(stderr,
			"netfsnoop: not saved, %u file%s there already (--flight-files): %s\n",
			r->args->flight.max_files, plural(r->args->flight.max_files), text);
}

/* SIGUSR1: the window, or, where there is none, what was recorded so far. */
static int save_now(struct recorder *r, const struct session_stats *st)
{
	if (r->flight) {
		r->full = false; /* who asks gets an answer */
		return flight_out_now(r->flight, "asked=SIGUSR1", r->err);
	}
	progress_clear(&r->progress);
	return capture_sync_now(&r->out, st, r->args->quiet);
}

/* What is found may be the last that this machine does. */
static int keep_findings(struct recorder *r)
{
	bool sync = r->urgent && r->args->capture.session.crash_safe;

	r->urgent = false;
	if (r->flight)
		return flight_out_tick(r->flight, false, r->err);
	return sync ? trace_out_sync(&r->out) : 0;
}

static void on_settings(void *ctx, const struct settings *s)
{
	const struct recorder *r = ctx;

	capture_say_settings(s, r->args->capture.session.crash_safe && !r->args->quiet);
}

static void on_phase(void *ctx, enum session_phase phase)
{
	struct recorder *r = ctx;

	capture_say_phase(&r->progress, phase);
}

static uint64_t size_now(const struct recorder *r)
{
	return r->flight ? flight_out_state(r->flight).bytes : trace_out_size(&r->out);
}

static int on_tick(void *ctx, const struct session_stats *st, const struct record_sink *to)
{
	struct recorder *r = ctx;
	uint64_t span = st->elapsed_ns - r->last_elapsed;
	int rc = trace_out_tick(&r->out, st->elapsed_ns);

	if (!rc && r->live)
		rc = live_tick(r->live, to);
	if (!rc)
		rc = keep_findings(r);
	if (!rc && st->save_asks != r->asked)
		rc = save_now(r, st);
	r->asked = st->save_asks;
	if (rc || span < PROGRESS_NS)
		return rc;
	progress_say(&r->progress, "%6.1f s  events: %llu (%llu/s), lost: %llu, size: %s",
		     st->elapsed_ns / 1e9, (unsigned long long)st->events,
		     (unsigned long long)((st->events - r->last_events) * 1000000000ULL / span),
		     (unsigned long long)st->lost, fmt_bytes(size_now(r)).s);
	r->last_events = st->events;
	r->last_elapsed = st->elapsed_ns;
	return 0;
}

static void say_where(const struct recorder *r)
{
	struct flight_out_state st;

	if (r->args->only) {
		fprintf(stderr, "no trace kept\n");
		return;
	}
	if (!r->flight) {
		fprintf(stderr, "%s in %s\n", fmt_bytes(trace_out_size(&r->out)).s,
			output_name(&r->out.file));
		if (r->out.file.old)
			fprintf(stderr, "netfsnoop: renamed the earlier %s to %s\n",
				r->out.file.path, r->out.file.old);
		return;
	}
	st = flight_out_state(r->flight);
	fprintf(stderr, "%u window%s saved%s%s", st.saved, plural(st.saved),
		st.last ? ", the last in " : "", st.last ? st.last : "");
	if (st.left_out)
		fprintf(stderr, "; %u more not saved: reached the limit of %u (--flight-files)",
			st.left_out, r->args->flight.max_files);
	fprintf(stderr, "\n");
}

static void closing_words(const struct recorder *r, const struct session_stats *st)
{
	fprintf(stderr, "netfsnoop: %llu event%s in %.1f s, %llu lost, ",
		(unsigned long long)st->events, plural(st->events), st->elapsed_ns / 1e9,
		(unsigned long long)st->lost);
	say_where(r);
	capture_say_nothing(st, &r->args->capture.filter);
	if (st->failed)
		fprintf(stderr,
			"netfsnoop: could not attach %d probe%s; `netfsnoop doctor` says why\n",
			st->failed, plural(st->failed));
}

/* With --json the closing words are a line of JSON too, so that all of it can be read as such. */
static void closing_json(const struct recorder *r, const struct session_stats *st)
{
	struct flight_out_state fl =
		r->flight ? flight_out_state(r->flight) : (struct flight_out_state){};
	bool file = !r->flight && !r->args->only;
	const char *name = file ? output_name(&r->out.file) : fl.last;

	json_print(stderr,
		   json_pack("{s:s, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o}", "type",
			     "recorded", "events", json_number(st->events), "elapsed_ns",
			     json_number(st->elapsed_ns), "lost", json_number(st->lost),
			     "failed_probes", st->failed, "file", json_name(name ? name : ""),
			     "bytes", json_number_if(file, trace_out_size(&r->out)), "windows",
			     json_number_if(r->flight, fl.saved), "windows_left_out",
			     json_number_if(r->flight, fl.left_out), "nothing",
			     json_name(st->nothing ? st->nothing : "")));
}

/* The recording is whole whatever becomes of the checks. */
static void close_checks(struct live *l, enum findings_worst *ret_worst)
{
	int rc = l ? live_finish(l, ret_worst) : 0;

	if (rc)
		fprintf(stderr, "netfsnoop: checking stopped: %s\n", strerror(-rc));
}

/* All that can be refused, before anything is done. */
static int check(struct recorder *r, struct record_args *a)
{
	int rc = capture_check(&a->capture, r->err);

	if (!rc)
		rc = redact_open(&a->redact, &r->redactor, r->err);
	if (rc || a->only)
		return rc;
	if (a->is_flight)
		return output_dir_check(a->output, r->err);
	rc = trace_out_open(&r->out, a->output, r->err);
	if (rc)
		return rc;
	rc = output_is_not(&r->out.file, a->redact.keyfile, r->err);
	if (rc)
		return rc;
	return capture_check_output(&a->capture, &r->out.file, r->err);
}

static int prepare(struct recorder *r, struct record_args *a)
{
	struct live_options judge = {
		.out = stderr, .json = a->json, .findings = true, .found = on_found, .ctx = r
	};
	int rc = check(r, a);

	if (a->is_flight) {
		judge.trigger = a->trigger.options;
		judge.fired = on_trigger;
	}
	if (!rc)
		rc = capture_load(&a->capture, r->err);
	if (!rc && a->check)
		rc = live_new(&r->live, &judge);
	if (!a->check) /* nobody waits for what it says */
		a->capture.session.max_lag_ns = 0;
	a->capture.session.to_stderr = !strcmp(a->output, "-");
	a->flight.path = a->output;
	a->flight.saved = on_saved;
	a->flight.ctx = r;
	a->flight.flight.level = a->capture.level;
	if (!rc && a->is_flight)
		rc = flight_out_new(&r->flight, &a->flight, live_model(r->live));
	return rc;
}

static int finish(struct recorder *r, const struct session_stats *st,
		  enum findings_worst *ret_worst)
{
	int rc = trace_out_close(&r->out), rc2;
	bool any = r->out.size || r->flight || (r->args->only && st->elapsed_ns);

	/* what the end of the stream shows is saved too */
	if (st->elapsed_ns)
		close_checks(r->live, ret_worst);
	rc2 = r->flight ? flight_out_tick(r->flight, true, r->err) : 0;
	if (any && !r->args->quiet)
		closing_words(r, st);
	else if (any && r->args->json && !r->args->silent)
		closing_json(r, st);
	return rc ?: rc2;
}

static int run(struct record_args *a, struct err *err, int *ret_status,
	       enum findings_worst *ret_worst)
{
	struct recorder r = { .args = a,
			      .out = { .level = a->capture.level,
				       .sync = a->capture.session.crash_safe,
				       .file = OUTPUT_NONE },
			      .err = err };
	struct session_ops ops = {
		.record = write_record,
		.tick = on_tick,
		.settings = on_settings,
		.phase = on_phase,
		.ctx = &r,
	};
	struct session_stats st = {};
	int rc = prepare(&r, a), rc2;

	progress_begin(&r.progress, !a->quiet);
	if (!rc) {
		rc = session_run(&a->capture.session, &ops, &st, ret_status, err);
		rc2 = finish(&r, &st, ret_worst);
		rc = rc ?: rc2;
	}
	trace_out_release(&r.out);
	flight_out_free(r.flight);
	live_free(r.live);
	redactor_free(r.redactor);
	if (rc && !err->text[0])
		err_set(err, rc, "recording to %s: %s", a->output, err_why(rc));
	return rc;
}

static int exit_status(const struct record_args *a, int rc, int status, enum findings_worst worst)
{
	if (a->capture.cannot_run)
		return a->capture.cannot_run;
	if (!rc && !status && worst == FINDINGS_VIOLATION && a->fail_on_findings)
		return EXIT_FINDINGS;
	return cmd_child_exit(rc, a->capture.session.child, status);
}

int cmd_record(int argc, char **argv)
{
	struct record_args a = { .capture = CAPTURE_DEFAULTS,
				 .flight.max_files = 16,
				 .trigger = TRIGGER_DEFAULTS };
	__autofree char *cmdline = fmt_words(argc, argv);
	struct err err = {};
	enum findings_worst worst = FINDINGS_NONE;
	int rc, status = 0;

	rc = args_parse("record", &record_argp, argc, argv, ARGP_IN_ORDER, &a);
	if (rc)
		return rc;
	if (!cmdline)
		return cmd_fail(NULL, -ENOMEM, EXIT_CANNOT);
	a.capture.session.cmdline = cmdline;
	rc = run(&a, &err, &status, &worst);
	capture_release(&a.capture);
	if (rc)
		cmd_fail(&err, rc, 0);
	return exit_status(&a, rc, status, worst);
}
