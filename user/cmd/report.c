// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <string.h>

#include "base/units.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "cmd/filter_args.h"
#include "run/replay.h"
#include "run/screen.h"
#include "view/export/json/json.h"
#include "view/text/events.h"
#include "view/text/summary.h"
#include "view/text/timeline.h"

#define NOTHING_SHOWN 1 /* of the mode functions, beside 0 and -errno */

enum report_mode { MODE_SUMMARY, MODE_LATENCY, MODE_TIMELINE, MODE_JSON, MODE_EVENTS };

struct report_args {
	enum report_mode mode;
	const char *mode_option; /* that chose it; NULL: none */
	const char *path;
	const char *colour;
	struct filter_args filter;
	struct request_filter wanted;
	uint64_t limit; /* of timelines; 0: none */
	uint64_t width; /* 0: the terminal's */
	bool lanes, all, verbose;
};

enum { OPT_COLOUR = 0x100, OPT_WIDTH, OPT_EVENTS, OPT_LATENCY, OPT_LANES, OPT_ALL };

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What to show (default: a summary):", 1 },
	{ "timeline", 't', NULL, 0, "Show a timeline of each request", 1 },
	{ "lanes", OPT_LANES, NULL, 0, "Draw timelines without listing their events", 1 },
	{ "R", 'R', "ID", 0,
	  "Show the timeline of this request (0000002a, R=0000002a, R=0000002a[3]; before 6.10: cifs-42)",
	  1 },
	{ "latency", OPT_LATENCY, NULL, 0, "Show how latencies and stages are distributed", 1 },
	{ "json", 'j', NULL, 0, "Print JSON lines: an object per request, subrequest, command, ...",
	  1 },
	{ "events", OPT_EVENTS, NULL, 0, "Print each event on its own line, for grep", 1 },
	{ NULL, 0, NULL, 0, "How:", 3 },
	{ "limit", 'n', "N", 0, "Show at most N timelines", 3 },
	{ "all", OPT_ALL, NULL, 0,
	  "Show all lines of a timeline; on a terminal, one longer than the screen is cut in its middle",
	  3 },
	{ "verbose", 'v', NULL, 0, "List the probes that are off or never fired", 3 },
	{ "width", OPT_WIDTH, "COLUMNS", 0,
	  "Width of the output (default: COLUMNS, else the terminal's, else 80)", 3 },
	{ "color", OPT_COLOUR, "WHEN", 0, "Colour the output: auto (default), always, never", 3 },
	{ 0 },
};

static void parse_id(struct report_args *a, const char *arg, struct argp_state *state)
{
	a->wanted.synthetic = !parse_synthetic(arg, &a->wanted.rreq, &a->wanted.sreq);
	if (a->wanted.synthetic)
		a->wanted.rreq |= EV_SYNTH_RREQ;
	if (!a->wanted.synthetic &&
	    (parse_rreq(arg, &a->wanted.rreq, &a->wanted.sreq) || !a->wanted.rreq))
		argp_error(state, "not a request id: %s", arg);
	if (a->mode == MODE_SUMMARY)
		a->mode = MODE_TIMELINE;
}

/* --timeline, --lanes and --R are one mode. */
static void choose(struct report_args *a, struct argp_state *state, enum report_mode mode,
		   const char *option)
{
	if (a->mode_option && a->mode != mode)
		args_not_both(state, a->mode_option, option);
	a->mode = mode;
	a->mode_option = option;
}

/* What would be ignored. */
static void look_at_mode(const struct report_args *a, struct argp_state *state)
{
	const char *mode = a->mode_option ? a->mode_option : "--R";
	const char *option = a->limit ? "--limit" : a->all ? "--all" : NULL;

	if (a->mode == MODE_SUMMARY && option)
		argp_error(state, "%s is for timelines: add --timeline or --lanes", option);
	args_not_both(state, a->mode == MODE_TIMELINE ? NULL : option, mode);
	args_not_both(state, a->mode == MODE_JSON && a->width ? "--width" : NULL, mode);
	args_not_both(state, a->mode != MODE_SUMMARY && a->verbose ? "--verbose" : NULL, mode);
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct report_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->filter;
		return 0;
	case 't':
		choose(a, state, MODE_TIMELINE, "--timeline");
		return 0;
	case OPT_LANES:
		a->lanes = true;
		choose(a, state, MODE_TIMELINE, "--lanes");
		return 0;
	case OPT_ALL:
		a->all = true;
		return 0;
	case 'v':
		a->verbose = true;
		return 0;
	case 'j':
		choose(a, state, MODE_JSON, "--json");
		return 0;
	case OPT_LATENCY:
		choose(a, state, MODE_LATENCY, "--latency");
		return 0;
	case OPT_EVENTS:
		choose(a, state, MODE_EVENTS, "--events");
		return 0;
	case 'R':
		parse_id(a, arg, state);
		return 0;
	case 'n':
		if (parse_number(arg, 1, UINT32_MAX, &a->limit))
			argp_error(state, "not a number of timelines: %s", arg);
		return 0;
	case OPT_WIDTH:
		if (parse_number(arg, SCREEN_MIN_WIDTH, SCREEN_MAX_WIDTH, &a->width))
			argp_error(state, "not a width from %d to %d: %s", SCREEN_MIN_WIDTH,
				   SCREEN_MAX_WIDTH, arg);
		return 0;
	case OPT_COLOUR:
		if (!screen_is_colour(arg))
			argp_error(state, "--color takes auto, always or never, not %s", arg);
		a->colour = arg;
		return 0;
	case ARGP_KEY_ARG:
		args_one_trace(state, &a->path, arg);
		return 0;
	case ARGP_KEY_END:
		look_at_mode(a, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &filter_argp, 0, "Filters:", 2 }, { 0 } };

const struct argp report_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[FILE]",
	.doc = "Show what is in a trace: FILE, - for standard input, or " DEFAULT_TRACE ".\v"
	       "Exit status: 0 shown, 1 no request matches, 2 usage, no such file or not a trace, 3 reading or writing failed.\n\n"
	       "Letters of a timeline's lanes: p prepare, w credit wait (where it took most of the preparation), s send, - on the wire, d decryption, c callback, k collection, r earlier attempts. With 124 columns or more, events are shown with all their fields.\n\n"
	       "Examples:\n"
	       "  netfsnoop report netfsnoop.nsn\n"
	       "  netfsnoop report --R 0000002a netfsnoop.nsn\n"
	       "  netfsnoop report --lanes netfsnoop.nsn\n"
	       "  netfsnoop report --json netfsnoop.nsn |\n"
	       "      jq 'select(.type==\"request\" and .error!=0)'\n",
	.children = children,
};

struct report {
	const struct report_args *args;
	struct replay replay;
	struct timeline_options timeline;
	uint64_t shown;
};

static bool keep(void *ctx, const struct request *r)
{
	const struct report *rep = ctx;

	(void)r; /* what a request is, its first events do not tell; it is judged when it is over */
	if (!filter_names(&rep->args->wanted, r->key.rreq, r->key.synth))
		return false;
	return !rep->args->limit || rep->shown < rep->args->limit;
}

static int show_timeline(void *ctx, const struct request *r)
{
	struct report *rep = ctx;

	if (!r->events || !filter_request(&rep->args->wanted, rep->replay.m, r))
		return 0;
	if (rep->args->limit && rep->shown >= rep->args->limit)
		return 0;
	rep->shown++;
	return timeline_print(stdout, rep->replay.m, r, &rep->timeline);
}

static int show_parked(void *ctx, const struct parked *p)
{
	(void)ctx;
	return timeline_parked(stdout, p);
}

static int run_timeline(struct report *rep)
{
	struct model_listener l = { .request = show_timeline, .parked = show_parked, .ctx = rep };
	__free(why_freep) struct why *why = NULL;
	int rc = why_new(&why, rep->replay.m);

	if (rc)
		return rc;
	rep->timeline.why = why;
	rc = replay_listen(&rep->replay, why_listener(why));
	if (rc)
		return rc;
	rc = replay_listen(&rep->replay, &l);
	if (rc)
		return rc;
	rc = replay_run(&rep->replay);
	if (rc)
		return rc;
	return rep->shown ? 0 : NOTHING_SHOWN;
}

static int run_events(struct report *rep)
{
	struct events_view v;
	int rc;

	events_view_init(&v, stdout, rep->replay.m, &rep->args->wanted);
	rc = replay_listen(&rep->replay, &v.listener);
	if (rc)
		return rc;
	return replay_run(&rep->replay);
}

static int run_json(struct report *rep)
{
	__free(json_view_freep) struct json_view *v = NULL;
	int rc = json_view_new(&v, stdout, rep->replay.m, &rep->args->wanted, false);

	if (rc)
		return rc;
	rc = replay_listen(&rep->replay, json_view_listener(v));
	if (rc)
		return rc;
	rc = replay_run(&rep->replay);
	if (rc)
		return rc;
	return json_view_finish(v, trace_reader_damage(rep->replay.reader));
}

static int run_summary(struct report *rep)
{
	__free(summary_view_freep) struct summary_view *v = NULL;
	const struct summary_options opts = { .width = rep->timeline.width,
					      .colour = rep->timeline.colour,
					      .verbose = rep->args->verbose };
	int rc = summary_view_new(&v, stdout, rep->replay.m, &rep->args->wanted, &opts);

	if (rc)
		return rc;
	rc = replay_listen(&rep->replay, summary_view_listener(v));
	if (rc)
		return rc;
	rc = replay_run(&rep->replay);
	if (rc)
		return rc;
	if (rep->args->mode == MODE_LATENCY)
		return summary_view_latency(v);
	return summary_view_finish(v, trace_reader_damage(rep->replay.reader));
}

static int (*mode_of(const struct report_args *a))(struct report *)
{
	static int (*const modes[])(struct report *) = {
		[MODE_SUMMARY] = run_summary,	[MODE_LATENCY] = run_summary,
		[MODE_TIMELINE] = run_timeline, [MODE_JSON] = run_json,
		[MODE_EVENTS] = run_events,
	};

	return modes[a->mode];
}

static int show(struct report *rep, struct err *err)
{
	const struct report_args *a = rep->args;
	struct filter_hits hits;
	int rc;

	rep->timeline.colour = screen_colour(a->colour);
	rep->timeline.sreq = a->wanted.sreq;
	rep->timeline.width = screen_width(a->width);
	rep->timeline.lanes_only = a->lanes;
	rep->timeline.height = a->all ? 0 : screen_height();
	rep->replay.prints = a->mode != MODE_SUMMARY && a->mode != MODE_LATENCY;
	filter_hits_init(&hits, rep->replay.m, &a->wanted);
	rc = replay_listen(&rep->replay, &hits.listener);
	if (!rc)
		rc = mode_of(a)(rep);
	replay_say_damage(&rep->replay);
	if (rc == NOTHING_SHOWN)
		filter_nothing(&hits, rep->replay.path, err);
	if (rc == NOTHING_SHOWN)
		return rc;
	rc = replay_fail(&rep->replay, NULL, rc, err);
	return !rc && filter_hit_nothing(&hits, rep->replay.path, err) ? NOTHING_SHOWN : rc;
}

static int run(struct report_args *a, struct err *err)
{
	struct report rep = { .args = a };
	struct model_options mo = { .keep = a->mode == MODE_TIMELINE ? keep : NULL,
				    .keep_ctx = &rep };
	int rc = replay_default(&a->path, err);

	if (!rc)
		rc = replay_open(&rep.replay, a->path, &mo, NULL, err);
	if (rc)
		return rc;
	rc = show(&rep, err);
	replay_close(&rep.replay);
	return rc;
}

int cmd_report(int argc, char **argv)
{
	struct report_args a = { .colour = "auto" };
	struct err err = {};
	int rc;

	rc = args_parse("report", &report_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	a.wanted.fs = a.filter.fs;
	a.wanted.mount = a.filter.mount;
	a.wanted.tgid = a.filter.pid;
	a.wanted.ino = a.filter.ino;
	a.wanted.file = a.filter.file;
	a.wanted.test = a.filter.test;
	rc = run(&a, &err);
	if (!rc)
		return EXIT_CLEAN;
	if (rc == NOTHING_SHOWN)
		return cmd_fail(&err, 0, EXIT_FINDINGS);
	return cmd_fail(&err, rc, cmd_file_exit(rc));
}
