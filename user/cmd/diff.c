// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/units.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "cmd/filter_args.h"
#include "run/output.h"
#include "run/replay.h"
#include "run/screen.h"
#include "run/stdout.h"
#include "view/text/diff_tests.h"

enum { EXIT_SAME = 0, EXIT_DIFFERENT = 1 };

struct diff_args {
	const char *path[2];
	int nr;
	bool json;
	const char *html;
	uint64_t percent;
	bool nothing; /* a filter fits nothing of a side */
	struct filter_args filter;
};

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0,
	  "Print JSON lines: a head, then an object per row, finding and test", 1 },
	{ "html", 'H', "FILE", 0, "Also write an HTML page", 1 },
	{ "threshold", 't', "PERCENT", 0,
	  "Report a single number only if it changed by at least PERCENT (default 10)", 1 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct diff_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->filter;
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case 'H':
		if (!strcmp(arg, "-"))
			argp_error(state, "standard output shows the text: give --html a file");
		a->html = arg;
		return 0;
	case 't':
		if (parse_number(arg, 0, 1000, &a->percent))
			argp_error(state, "not a percentage: %s", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (a->nr == 2)
			argp_error(state, "two at a time: cannot compare %s too", arg);
		if (a->nr == 1 && !strcmp(arg, "-") && !strcmp(a->path[0], "-"))
			argp_error(state, "only one of the two can be standard input");
		a->path[a->nr++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &filter_argp, 0, "Filters:", 2 }, { 0 } };

const struct argp diff_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[A [B]]",
	.doc = "Compare two recordings: amounts, sizes, retries, credit waits, latency by stage, findings; or two directories of netfsnoop xfstests, test by test. B is " DEFAULT_TRACE
	       " by default, and A " DEFAULT_TRACE ".old.\v"
	       "Exit status: 0 no difference that matters, 1 there is one, or no request matches the filters, 2 usage, no such file or not a trace, 3 reading or writing failed.\n\n"
	       "Examples:\n"
	       "  netfsnoop diff 6.12.nsn 7.3.nsn\n"
	       "  netfsnoop diff --html diff.html sign.nsn seal.nsn\n"
	       "  netfsnoop diff run-6.12/ run-7.3/\n",
	.children = children,
};

static int read_side(struct diff_side **ret_s, const char *path,
		     const struct request_filter *filter, bool *ret_nothing, struct err *err)
{
	__free(replay_close) struct replay r = {};
	struct engine_options judge = {};
	struct filter_hits hits;
	struct err nothing = {};
	int rc = replay_open(&r, path, NULL, &judge, err);

	if (rc)
		return rc;
	filter_hits_init(&hits, r.m, filter);
	rc = replay_listen(&r, &hits.listener);
	if (!rc)
		rc = diff_side_new(ret_s, path, r.m, filter);
	if (!rc)
		rc = replay_listen(&r, &(*ret_s)->listener);
	if (!rc)
		rc = replay_run(&r);
	if (!rc)
		rc = diff_side_finish(*ret_s, r.e);
	replay_say_damage(&r);
	if (!rc && filter_hit_nothing(&hits, r.path, &nothing))
		*ret_nothing = cmd_fail(&nothing, 0, true);
	return replay_fail(&r, path, rc, err);
}

static int write_html(struct output *o, const struct diff *d, struct err *err)
{
	int fd = output_begin(o, err), rc;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd < 0)
		return fd;
	rc = out ? diff_print_html(out, d) : -ENOMEM;
	if (out && stream_error(out))
		rc = stream_error(out);
	if (out && fclose(out) && !rc)
		rc = -errno;
	if (!rc)
		return output_commit(o, err);
	output_discard(o);
	return err_set(err, -EIO, "cannot write %s: %s", o->path, err_why(rc));
}

static int print(const struct diff_args *a, struct output *html, const struct diff *d,
		 struct err *err)
{
	int rc = a->json ? diff_print_json(stdout, d) : diff_print_text(stdout, d, screen_width(0));

	rc = stdout_written(rc, err);
	return rc || !a->html ? rc : write_html(html, d, err);
}

static void free_side(struct diff_side **s)
{
	diff_side_free(*s);
}

static int compare_traces(struct diff_args *a, struct output *html, struct diff *d, struct err *err)
{
	__free(free_side) struct diff_side *x = NULL;
	__free(free_side) struct diff_side *y = NULL;
	struct request_filter filter = filter_of(&a->filter);
	int rc = read_side(&x, a->path[0], &filter, &a->nothing, err);

	if (rc)
		return rc;
	rc = read_side(&y, a->path[1], &filter, &a->nothing, err);
	if (rc)
		return rc;
	rc = diff_compare(d, x, y, a->percent);
	if (rc)
		return rc;
	return print(a, html, d, err);
}

static int compare_tests(const struct diff_args *a, struct output *html, struct diff *d,
			 struct err *err)
{
	__free(diff_tests_release) struct diff_tests x = {};
	__free(diff_tests_release) struct diff_tests y = {};
	int rc = diff_tests_read(&x, a->path[0], err);

	if (rc)
		return rc;
	rc = diff_tests_read(&y, a->path[1], err);
	if (rc)
		return rc;
	rc = diff_tests_compare(d, a->path[0], &x, a->path[1], &y, a->percent);
	if (rc)
		return rc;
	return print(a, html, d, err);
}

static bool is_same(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* B is the newest recording, and A the one before. */
static int default_sides(struct diff_args *a, struct err *err)
{
	if (a->nr == 1 && is_directory(a->path[0]))
		return err_set(err, -EINVAL, "compare %s with which other directory?", a->path[0]);
	if (a->nr == 1 && is_same(a->path[0], DEFAULT_TRACE))
		return err_set(err, -EINVAL, "compare %s with which other trace?", a->path[0]);
	if (!a->nr)
		a->path[0] = DEFAULT_TRACE ".old";
	if (a->nr < 2)
		a->path[1] = DEFAULT_TRACE;
	for (int i = a->nr; i < 2; i++)
		if (access(a->path[i], F_OK) && a->nr)
			return err_set(err, -ENOENT, "compare %s with what? There is no %s here",
				       a->path[0], a->path[i]);
		else if (access(a->path[i], F_OK))
			return err_set(
				err, -ENOENT,
				"name two traces, or two directories of `netfsnoop xfstests`; there is no %s here",
				a->path[i]);
	if (a->nr < 2)
		fprintf(stderr, "netfsnoop: comparing %s with %s\n", a->path[0], a->path[1]);
	return 0;
}

/* A page in a directory of results is fine; in place of results that are read it is not. */
static int open_html(const struct diff_args *a, struct output *o, struct err *err)
{
	const char *dot = strrchr(a->html, '.');
	int rc = output_open(o, a->html, 0, err);

	for (int i = 0; !rc && i < 2; i++) {
		rc = output_is_not(o, a->path[i], err);
		if (!rc && is_directory(a->path[i]) && dot && !strncmp(dot, ".json", 5))
			rc = err_set(err, -EINVAL,
				     "--html writes a page: give it a name that ends with .html");
	}
	return rc;
}

static int run(struct diff_args *a, struct diff *d, struct err *err)
{
	__free(output_close) struct output html = OUTPUT_NONE;
	int rc = default_sides(a, err);
	bool tests;

	if (rc)
		return rc;
	tests = is_directory(a->path[0]);
	if (tests != is_directory(a->path[1]))
		return err_set(
			err, -EINVAL,
			"%s is a directory and %s is not: name two traces or two directories",
			a->path[!tests], a->path[tests]);
	rc = a->html ? open_html(a, &html, err) : 0;
	if (rc)
		return rc;
	return tests ? compare_tests(a, &html, d, err) : compare_traces(a, &html, d, err);
}

int cmd_diff(int argc, char **argv)
{
	struct diff_args a = { .percent = 10 };
	__free(diff_release) struct diff d = {};
	struct err err = {};
	int rc;

	rc = args_parse("diff", &diff_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	rc = run(&a, &d, &err);
	if (rc)
		return cmd_fail(&err, rc, cmd_file_exit(rc));
	return d.differences || a.nothing ? EXIT_DIFFERENT : EXIT_SAME;
}
