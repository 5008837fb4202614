// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <string.h>

#include "base/similar.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "cmd/filter_args.h"
#include "run/replay.h"
#include "run/screen.h"
#include "view/export/json/findings_json.h"
#include "view/text/findings.h"

struct check_args {
	const char *path;
	const char *only;
	const char *explain;
	const char *colour;
	bool list, json;
	struct filter_args filter;
};

enum { OPT_LIST = 0x100, OPT_EXPLAIN, OPT_CHECKS, OPT_COLOUR };

static const struct argp_option options[] = {
	{ "checks", OPT_CHECKS, "ID,...", 0, "Run only these checks", 1 },
	{ "json", 'j', NULL, 0, "Print JSON lines: an object per finding and per check", 1 },
	{ "color", OPT_COLOUR, "WHEN", 0, "Colour the output: auto (default), always, never", 1 },
	{ NULL, 0, NULL, 0, "Without a file:", 3 },
	{ "list", OPT_LIST, NULL, 0, "List the checks", 3 },
	{ "explain", OPT_EXPLAIN, "ID", 0,
	  "Explain what a check looks for, why, and what to do next", 3 },
	{ 0 },
};

static void no_check(struct argp_state *state, const char *id)
{
	struct similar near = { .word = id };

	for (int i = 0; checks[i]; i++)
		similar_try(&near, checks[i]->id);
	argp_error(state, "no check '%s'; %s%s%s--list lists them", id,
		   near.best ? "did you mean " : "", near.best ? near.best : "",
		   near.best ? "? " : "");
}

static void look_at_checks(struct argp_state *state, const char *list)
{
	while (*list) {
		size_t len = strcspn(list, ",");
		char id[64];

		snprintf(id, sizeof(id), "%.*s", (int)len, list);
		if (!check_find(id))
			no_check(state, id);
		list += len + (list[len] == ',');
	}
}

/* The two that read no trace: what is about one would be ignored. */
static void look_at_list(const struct check_args *a, struct argp_state *state)
{
	const char *one = a->list ? "--list" : a->explain ? "--explain" : NULL;

	args_not_both(state, a->list ? one : NULL, a->explain ? "--explain" : NULL);
	args_not_both(state, one, a->json ? "--json" : NULL);
	args_not_both(state, one, a->only ? "--checks" : NULL);
	args_not_both(state, one, a->path);
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct check_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->filter;
		return 0;
	case OPT_CHECKS:
		look_at_checks(state, arg);
		a->only = arg;
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case OPT_LIST:
		a->list = true;
		return 0;
	case OPT_EXPLAIN:
		if (!check_find(arg))
			no_check(state, arg);
		a->explain = arg;
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
		look_at_list(a, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &filter_argp, 0, "Filters:", 2 }, { 0 } };

const struct argp check_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[FILE]\n--list\n--explain ID",
	.doc = "Check a trace against the rules of netfs and cifs: FILE, - for standard input, or " DEFAULT_TRACE
	       ".\v"
	       "Exit status: 0 clean, 1 findings, or no request matches the filters, 2 usage, no such file or not a trace, 3 reading or writing failed, 4 only inconclusive findings, a check that could not be evaluated, nothing to judge, or a damaged trace.\n\n"
	       "Examples:\n"
	       "  netfsnoop check netfsnoop.nsn\n"
	       "  netfsnoop check --checks credit-leak,inflight netfsnoop.nsn\n"
	       "  netfsnoop check --explain iter-revert\n",
	.children = children,
};

static void list_checks(void)
{
	for (int i = 0; checks[i]; i++)
		printf("%-15s %-9s %s\n", checks[i]->id, severity_name(checks[i]->severity),
		       checks[i]->title);
}

static void explain(const struct check_ops *ops)
{
	printf("%s (%s): %s\n\n", ops->id, severity_name(ops->severity), ops->title);
	printf("Rule: %s\n\nWhy it matters: %s\n\nLook at next: %s\n\nLimits: %s\n\n", ops->rule,
	       ops->why, ops->next, ops->limits);
	printf("Past bugs: %s\n\nKernels: %s\n\nProbes:", ops->bugs, families_text(ops->families));
	for (const char *const *need = ops->needs; *need; need++)
		printf(" %s", *need);
	printf("\n");
	if (ops->example)
		printf("\nExample:\n%s", ops->example);
}

static int show(const struct check_args *a, const struct replay *r, const struct request_filter *f,
		int *ret_code)
{
	int rc = a->json ? findings_print_json(stdout, f, r->m, r->e)
			 : findings_print(stdout, f, r->m, r->e, screen_colour(a->colour));

	*ret_code = cmd_verdict(findings_worst(f, r->m, r->e));
	if (!rc && replay_damaged(r) && *ret_code == EXIT_CLEAN)
		*ret_code = EXIT_INCONCLUSIVE;
	if (!rc && !a->json && replay_damaged(r))
		puts("part of the file could not be read: what was in it is not judged");
	if (!rc && !a->json && filter_restricts(f))
		puts("findings are those that match the filters; the counts are of the whole recording");
	return rc;
}

static int run(struct check_args *a, struct err *err, int *ret_code)
{
	__free(replay_close) struct replay r = {};
	struct engine_options opts = { .only = a->only };
	struct request_filter filter = filter_of(&a->filter);
	struct filter_hits hits;
	int rc = replay_default(&a->path, err);

	if (!rc)
		rc = replay_open(&r, a->path, NULL, &opts, err);
	if (rc)
		return rc;
	filter_hits_init(&hits, r.m, &filter);
	rc = replay_listen(&r, &hits.listener);
	if (!rc)
		rc = replay_run(&r);
	replay_say_damage(&r);
	if (!rc && filter_hit_nothing(&hits, r.path, err))
		*ret_code = cmd_fail(err, 0, EXIT_FINDINGS);
	else if (!rc)
		rc = show(a, &r, &filter, ret_code);
	return replay_fail(&r, NULL, rc, err);
}

int cmd_check(int argc, char **argv)
{
	struct check_args a = {};
	struct err err = {};
	int rc, code = EXIT_CLEAN;

	rc = args_parse("check", &check_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	if (a.list)
		list_checks();
	else if (a.explain)
		explain(check_find(a.explain));
	if (a.list || a.explain)
		return cmd_end(EXIT_CLEAN);
	rc = run(&a, &err, &code);
	if (!rc)
		return code;
	return cmd_fail(&err, rc, cmd_file_exit(rc));
}
