// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/fmt.h"
#include "base/units.h"
#include "base/mem.h"
#include "cmd/args.h"
#include "cmd/capture.h"
#include "cmd/cmd.h"
#include "cmd/trigger.h"
#include "run/live.h"
#include "run/screen.h"
#include "run/stdout.h"
#include "run/terminal.h"
#include "view/measure/top.h"

#define ONCE_NS 2000000000ULL /* what --once looks at, if -d does not say */

struct watch_args {
	struct capture_args capture;
	struct trigger_args trigger;
	const char *output;
	bool json, requests, top, once;
	uint64_t interval_ns;
};

enum { OPT_TOP = 0x100, OPT_ONCE, OPT_INTERVAL };

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "Also write the trace to FILE", 0 },
	{ "requests", 'r', NULL, 0, "Print a line for each finished request", 0 },
	{ "json", 'j', NULL, 0, "JSON lines", 0 },
	{ "top", OPT_TOP, NULL, 0, "Show a live table: o shows open requests, q quits", 0 },
	{ "interval", OPT_INTERVAL, "SECS", 0, "Refresh interval of --top (default 1)", 0 },
	{ "once", OPT_ONCE, NULL, 0,
	  "Print the table once, for -d SECS (default 2) or for COMMAND; needs no terminal", 0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct watch_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->capture;
		state->child_inputs[1] = &a->trigger;
		return 0;
	case 'o':
		if (!strcmp(arg, "-"))
			argp_error(state, "standard output shows the findings: give -o a file");
		a->output = arg;
		return 0;
	case 'r':
		a->requests = true;
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case OPT_TOP:
		a->top = true;
		return 0;
	case OPT_ONCE:
		a->once = true;
		return 0;
	case OPT_INTERVAL:
		if (parse_seconds(arg, &a->interval_ns) || a->interval_ns < 100000000)
			argp_error(state, "--interval takes 0.1 seconds or more, not %s", arg);
		return 0;
	case ARGP_KEY_ARGS:
		a->capture.session.child = state->argv + state->next;
		return 0;
	case ARGP_KEY_END:
		if (a->top && !a->once && a->capture.session.child)
			argp_error(state,
				   "COMMAND would write over the table of --top; use --once");
		if ((a->top || a->once) && (a->json || a->requests || a->trigger.given))
			argp_error(
				state,
				"--top and --once show a table: --json, --requests, --slower and --on do not go with them");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &capture_argp, 0, NULL, 0 },
					      { &trigger_argp, 0, "What to report:", 0 },
					      { 0 } };

const struct argp watch_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[-- COMMAND [ARG...]]",
	.doc = "Capture netfs and cifs events and report at once what breaks the rules, until Ctrl-C or the end of COMMAND. Write no file unless -o names one.\v"
	       "Exit status: 0 clean, 1 findings, 2 usage, 3 capturing or writing failed, 4 only inconclusive findings, a check that could not be evaluated, or nothing to judge. That of COMMAND is not kept.\n\n"
	       "Examples:\n"
	       "  netfsnoop watch\n"
	       "  netfsnoop watch --requests --mount /mnt/smb\n"
	       "  netfsnoop watch --slower 1s --on error,reconnect\n"
	       "  netfsnoop watch --top\n"
	       "  netfsnoop watch --json -o watch.nsn | jq 'select(.type == \"found\")'\n",
	.children = children,
};

struct watcher {
	struct trace_out out;
	struct live *live;
	struct top *top; /* NULL: lines instead */
	struct terminal terminal;
	unsigned int asked; /* how often a signal asked to save */
	enum top_page page;
	struct progress progress;
	uint64_t interval_ns, drawn_at;
};

static int on_record(void *ctx, const struct ev_hdr *ev)
{
	struct watcher *w = ctx;
	int rc = trace_out_add(&w->out, ev);

	if (rc)
		return rc;
	return live_feed(w->live, ev);
}

static int draw(struct watcher *w)
{
	static const char *const footers[TOP_PAGES] = { "q quit   o open requests",
							"q quit   o table" };
	struct top_layout layout = { .page = w->page, .bold = true };
	__free(mem_free) struct mem mem = {};
	FILE *out = mem_open(&mem);
	int rc = out ? 0 : -ENOMEM;

	terminal_size(&layout.width, &layout.height);
	layout.height -= layout.height > 1;
	if (!rc)
		rc = top_print(w->top, out, &layout);
	if (mem_close(out, &mem))
		rc = -ENOMEM;
	if (rc)
		return rc;
	return terminal_draw(mem.text ? mem.text : "", footers[w->page]);
}

static int refresh(struct watcher *w, uint64_t elapsed_ns)
{
	int key = terminal_key(), rc;

	if (key == 'q' || key == 'Q')
		return SESSION_STOP;
	if (key == 'o' || key == 'O')
		w->page = !w->page;
	/* the table's rates want a whole interval */
	if (!(key && w->page == TOP_OPEN) && elapsed_ns - w->drawn_at < w->interval_ns)
		return 0;
	rc = draw(w);
	if (elapsed_ns - w->drawn_at >= w->interval_ns) {
		w->drawn_at = elapsed_ns;
		top_reset(w->top);
	}
	return rc;
}

static int on_tick(void *ctx, const struct session_stats *st, const struct record_sink *to)
{
	struct watcher *w = ctx;

	int rc = trace_out_tick(&w->out, st->elapsed_ns);

	if (!rc)
		rc = live_tick(w->live, to);
	if (!rc && st->save_asks != w->asked)
		rc = capture_sync_now(&w->out, st, w->terminal.on);
	w->asked = st->save_asks;
	return rc || !w->terminal.on ? rc : refresh(w, st->elapsed_ns);
}

static void on_phase(void *ctx, enum session_phase phase)
{
	struct watcher *w = ctx;

	capture_say_phase(&w->progress, phase);
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

static void closing_words(const struct watcher *w, const struct session_stats *st,
			  const struct filter_args *f)
{
	capture_say_nothing(st, f);
	if (w->out.file.old)
		fprintf(stderr, "netfsnoop: renamed the earlier %s to %s\n", w->out.file.path,
			w->out.file.old);
	if (st->lost)
		fprintf(stderr,
			"netfsnoop: lost %llu of %llu event%s; a larger --ring-size helps\n",
			(unsigned long long)st->lost, (unsigned long long)(st->lost + st->events),
			plural(st->lost + st->events));
	if (st->failed)
		fprintf(stderr,
			"netfsnoop: could not attach %d probe%s; `netfsnoop doctor` says why\n",
			st->failed, plural(st->failed));
}

/* The table once more, as it was at the end. */
static int print_once(struct watcher *w)
{
	struct top_layout layout = { .width = screen_width_or(0, 120) };
	int rc = model_settle(live_model(w->live)); /* also what ended in the last moments */

	if (!rc)
		rc = top_print(w->top, stdout, &layout);
	putchar('\n');
	return rc;
}

static int set_up_top(struct watcher *w, const struct watch_args *a,
		      const struct request_filter *filter, struct err *err)
{
	int rc = top_new(&w->top, live_model(w->live), live_engine(w->live), filter);

	if (!rc)
		rc = model_listen(live_model(w->live), top_listener(w->top));
	w->interval_ns = a->interval_ns;
	return rc || a->once ? rc : terminal_open(&w->terminal, err);
}

static int watch(struct watcher *w, struct watch_args *a, const struct request_filter *filter,
		 enum findings_worst *ret_worst)
{
	struct session_ops ops = {
		.record = on_record, .tick = on_tick, .phase = on_phase, .ctx = w
	};
	bool table = a->top || a->once;
	struct session_stats st = {};
	int status, rc = table ? set_up_top(w, a, filter, w->out.err) : 0, rc2;

	progress_begin(&w->progress, true);
	if (!rc)
		rc = session_run(&a->capture.session, &ops, &st, &status, w->out.err);
	terminal_close(&w->terminal);
	rc2 = trace_out_close(&w->out);
	closing_words(w, &st, &a->capture.filter);
	if (!rc)
		rc = rc2;
	if (!rc && a->once)
		rc = print_once(w);
	if (rc)
		return rc;
	return live_finish(w->live, ret_worst);
}

/* All that can be refused, before anything is done. */
static int check(struct watcher *w, struct watch_args *a, struct err *err)
{
	int rc = a->top && !a->once ? terminal_check(err) : 0;

	if (!rc)
		rc = capture_check(&a->capture, err);
	if (!rc && a->output)
		rc = trace_out_open(&w->out, a->output, err);
	return rc || !a->output ? rc : capture_check_output(&a->capture, &w->out.file, err);
}

static int run(struct watch_args *a, struct err *err, enum findings_worst *ret_worst)
{
	bool table = a->top || a->once;
	struct watcher w = { .out = {
				     .level = a->capture.level, .file = OUTPUT_NONE, .err = err } };
	struct live_options lo = { .out = stdout,
				   .json = a->json,
				   .findings = !table && a->trigger.options.on & ON_FINDING,
				   .requests = a->requests,
				   .triggers = !table,
				   .trigger = a->trigger.options };
	struct request_filter filter;
	int rc = check(&w, a, err);

	if (!rc)
		rc = capture_load(&a->capture, err);
	a->capture.session.to_stderr = a->json;
	a->capture.session.steady = a->top; /* keys, and what grows older */
	filter = shown_by(&a->capture);
	lo.filter = &filter;
	if (!rc)
		rc = live_new(&w.live, &lo);
	if (!rc)
		rc = watch(&w, a, &filter, ret_worst);
	trace_out_release(&w.out);
	live_free(w.live);
	top_free(w.top);
	return rc;
}

int cmd_watch(int argc, char **argv)
{
	struct watch_args a = { .capture = CAPTURE_DEFAULTS,
				.interval_ns = 1000000000,
				.trigger = TRIGGER_DEFAULTS };
	__autofree char *cmdline = fmt_words(argc, argv);
	struct err err = {};
	enum findings_worst worst = FINDINGS_NONE;
	int rc;

	rc = args_parse("watch", &watch_argp, argc, argv, ARGP_IN_ORDER, &a);
	if (rc)
		return rc;
	if (!cmdline)
		return cmd_fail(NULL, -ENOMEM, EXIT_CANNOT);
	a.capture.session.cmdline = cmdline;
	if (a.once && !a.capture.session.child && !a.capture.session.duration_ns)
		a.capture.session.duration_ns = ONCE_NS;
	rc = stdout_written(run(&a, &err, &worst), &err);
	capture_release(&a.capture);
	return rc ? cmd_fail(&err, rc, EXIT_CANNOT) : cmd_verdict(worst);
}
