// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/units.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "cmd/filter.h"
#include "cmd/replay.h"
#include "view/diff_tests.h"

enum { EXIT_SAME = 0, EXIT_DIFFERENT = 1 };

struct diff_args {
	const char *path[2];
	int nr;
	bool json;
	const char *html;
	uint64_t percent;
	struct filter_args filter;
};

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "JSON lines: a head, then an object per row, finding and test", 1 },
	{ "html", 'H', "FILE", 0, "Also write a page", 1 },
	{ "threshold", 't', "PERCENT", 0,
	  "A single number differs from this change on (default 10)", 1 },
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
		a->html = arg;
		return 0;
	case 't':
		if (parse_number(arg, 0, 1000, &a->percent))
			argp_error(state, "not a percentage: %s", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (a->nr == 2)
			argp_error(state, "two of them, please");
		a->path[a->nr++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->nr != 2)
			argp_error(state,
				   "which two? traces, or directories of netfsnoop xfstests");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &filter_argp, 0, "Filters:", 2 }, { 0 } };

const struct argp diff_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "A B",
	.doc = "Compare two recordings: amounts, sizes, retries, credit waits, latency by stage, "
	       "findings; or two directories of netfsnoop xfstests, test by test.\v"
	       "Exit status: 0 nothing differs that matters, 1 something does, 2 usage, no such "
	       "file "
	       "or not a trace, 3 it could not be read or written.\n\n"
	       "Examples:\n"
	       "  netfsnoop diff 6.12.nsn 7.3.nsn\n"
	       "  netfsnoop diff --html diff.html sign.nsn seal.nsn\n"
	       "  netfsnoop diff run-6.12/ run-7.3/\n",
	.children = children,
};

static int read_side(struct diff_side **ret_s, const char *path,
		     const struct request_filter *filter, struct err *err)
{
	__free(replay_close) struct replay r = {};
	struct engine_options judge = {};
	int rc = replay_open(&r, path, NULL, &judge, err);

	if (!rc)
		rc = diff_side_new(ret_s, path, r.m, filter);
	if (!rc)
		rc = replay_listen(&r, &(*ret_s)->listener);
	if (!rc)
		rc = replay_run(&r);
	if (!rc)
		rc = diff_side_finish(*ret_s, r.e);
	if (r.reader)
		replay_say_damage(&r);
	if (rc && !err->text[0])
		err_set(err, rc, "%s: %s", path, strerror(-rc));
	return rc;
}

static int write_html(const char *path, const struct diff *d, struct err *err)
{
	/* 0600, as the traces: it holds their names */
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	__autofclose FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	int rc = out ? diff_print_html(out, d) : -errno;

	return rc ? err_set(err, rc, "cannot write %s: %s", path, strerror(-rc)) : 0;
}

static int print(const struct diff_args *a, const struct diff *d, struct err *err)
{
	int rc = a->json ? diff_print_json(stdout, d) : diff_print_text(stdout, d);

	if (rc)
		return err_set(err, rc, "cannot write the output: %s", strerror(-rc));
	return a->html ? write_html(a->html, d, err) : 0;
}

static void free_side(struct diff_side **s)
{
	diff_side_free(*s);
}

static int compare_traces(const struct diff_args *a, struct diff *d, struct err *err)
{
	__free(free_side) struct diff_side *x = NULL;
	__free(free_side) struct diff_side *y = NULL;
	struct request_filter filter = filter_of(&a->filter);
	int rc = read_side(&x, a->path[0], &filter, err);

	if (!rc)
		rc = read_side(&y, a->path[1], &filter, err);
	if (!rc)
		rc = diff_compare(d, x, y, a->percent);
	return rc ? rc : print(a, d, err);
}

static int compare_tests(const struct diff_args *a, struct diff *d, struct err *err)
{
	__free(diff_tests_release) struct diff_tests x = {};
	__free(diff_tests_release) struct diff_tests y = {};
	int rc = diff_tests_read(&x, a->path[0], err);

	if (!rc)
		rc = diff_tests_read(&y, a->path[1], err);
	if (!rc)
		rc = diff_tests_compare(d, a->path[0], &x, a->path[1], &y, a->percent);
	return rc ? rc : print(a, d, err);
}

static bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static int run(const struct diff_args *a, unsigned int *ret_differences, struct err *err)
{
	__free(diff_release) struct diff d = {};
	bool tests = is_directory(a->path[0]);
	int rc;

	if (tests != is_directory(a->path[1]))
		return err_set(err, -EINVAL, "%s is a directory and %s is not: name two of a kind",
			       a->path[!tests], a->path[tests]);
	rc = tests ? compare_tests(a, &d, err) : compare_traces(a, &d, err);
	*ret_differences = d.differences;
	return rc;
}

int cmd_diff(int argc, char **argv)
{
	struct diff_args a = { .percent = 10 };
	unsigned int differences;
	struct err err = {};
	int rc;

	rc = args_parse("diff", &diff_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	rc = run(&a, &differences, &err);
	if (rc)
		return cmd_fail(&err, rc, replay_exit(rc));
	return differences ? EXIT_DIFFERENT : EXIT_SAME;
}
