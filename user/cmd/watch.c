// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "cmd/capture.h"
#include "cmd/cmd.h"
#include "cmd/live.h"

struct watch_args {
	struct capture_args capture;
	const char *output;
	bool json, requests;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "Keep the trace in FILE too", 0 },
	{ "requests", 'r', NULL, 0, "A line for each request that is over", 0 },
	{ "json", 'j', NULL, 0, "JSON lines", 0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct watch_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->capture;
		return 0;
	case 'o':
		if (!strcmp(arg, "-"))
			argp_error(state, "standard output is for the findings: give -o a file");
		a->output = arg;
		return 0;
	case 'r':
		a->requests = true;
		return 0;
	case 'j':
		a->json = true;
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
	.doc = "Capture netfs and cifs events, judge them as they come and say what breaks the "
	       "rules, until Ctrl-C or the end of COMMAND. No file is written unless -o names "
	       "one.\v"
	       "Exit status: 0 clean, 1 findings, 2 usage, 3 it could not capture or write, 4 only "
	       "inconclusive findings. COMMAND's own status is not kept.\n\n"
	       "Examples:\n"
	       "  netfsnoop watch\n"
	       "  netfsnoop watch --requests --mount /mnt/smb\n"
	       "  netfsnoop watch --json -o watch.nsn | jq 'select(.type == \"found\")'\n",
	.children = children,
};

struct watcher {
	struct trace_out out;
	struct live *live;
};

static int on_record(void *ctx, const struct ev_hdr *ev)
{
	struct watcher *w = ctx;
	int rc = trace_out_add(&w->out, ev);

	return rc ? rc : live_feed(w->live, ev);
}

static int on_tick(void *ctx, const struct session_stats *st, const struct record_sink *to)
{
	struct watcher *w = ctx;

	int rc = trace_out_tick(&w->out, st->elapsed_ns);

	return rc ? rc : live_tick(w->live, to);
}

/* The kernel knows a mount by its device; so does the filter of what is shown. */
static struct request_filter shown_by(const struct capture_args *a)
{
	const struct capture_filter *f = &a->session.attach.loader.filter;
	struct request_filter shown = filter_of(&a->filter);

	shown.mount = NULL;
	shown.has_dev = a->filter.mount;
	shown.dev = f->dev;
	return shown;
}

static void closing_words(const struct session_stats *st)
{
	if (st->lost)
		fprintf(stderr,
			"netfsnoop: %llu of %llu events were lost; a larger --ring-size helps\n",
			(unsigned long long)st->lost, (unsigned long long)st->records);
	if (st->failed)
		fprintf(stderr,
			"netfsnoop: %d probes could not be attached; `netfsnoop doctor` says why\n",
			st->failed);
}

static int run(struct watch_args *a, struct err *err, int *ret_code)
{
	__free(live_freep) struct live *live = NULL;
	struct watcher w = { .out = { .path = a->output, .level = a->capture.level, .err = err } };
	struct session_ops ops = { .record = on_record, .tick = on_tick, .ctx = &w };
	struct live_options lo = {
		.out = stdout, .json = a->json, .findings = true, .requests = a->requests
	};
	struct request_filter filter;
	struct session_stats st = {};
	int rc = capture_prepare(&a->capture, err), rc2, status;

	if (rc)
		return rc;
	filter = shown_by(&a->capture);
	lo.filter = &filter;
	rc = live_new(&live, &lo);
	if (rc)
		return rc;
	w.live = live;
	rc = session_run(&a->capture.session, &ops, &st, &status, err);
	rc2 = trace_out_close(&w.out);
	closing_words(&st);
	rc = rc ? rc : rc2;
	return rc ? rc : live_finish(live, ret_code);
}

int cmd_watch(int argc, char **argv)
{
	struct watch_args a = { .capture = CAPTURE_DEFAULTS };
	__autofree char *cmdline = capture_cmdline(argc, argv);
	struct err err = {};
	int rc, code = EXIT_CLEAN;

	argv[0] = (char *)"netfsnoop watch";
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &a);
	a.capture.session.cmdline = cmdline;
	rc = run(&a, &err, &code);
	return rc ? cmd_fail(&err, rc, EXIT_CANNOT) : code;
}
