// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "cmd/args.h"
#include "cmd/cmd.h"
#include "cmd/export.h"
#include "cmd/filter.h"
#include "cmd/redact.h"
#include "cmd/replay.h"

struct export_args {
	const struct exporter_ops *to;
	const char *path;
	const char *output;
	bool schema;
	struct filter_args filter;
	struct redact_args redact;
};

enum { OPT_SCHEMA = 0x100 };

static const struct argp_option options[] = {
	{ "to", 't', "FORMAT", 0, "What to make; see below", 1 },
	{ "output", 'o', "FILE", 0, "Where to (default: standard output)", 1 },
	{ "schema", OPT_SCHEMA, NULL, 0, "Print the JSON Schema of a line of --to json", 1 },
	{ 0 },
};

/* The views, then what is none; NULL behind the last. */
static const struct exporter_ops *exporter_at(int i)
{
	for (int k = 0; exporters[k]; k++)
		if (!i--)
			return exporters[k];
	return i ? NULL : &export_trace;
}

static const struct exporter_ops *exporter_find(const char *name)
{
	const struct exporter_ops *ops;

	for (int i = 0; (ops = exporter_at(i)); i++)
		if (!strcmp(ops->name, name))
			break;
	return ops;
}

static void check_args(const struct export_args *a, struct argp_state *state)
{
	if (!a->path)
		argp_error(state, "which trace file?");
	else if (!a->to)
		argp_error(state, "--to which format?");
	else if (a->to->needs_path && !a->output)
		argp_error(state, "--to %s needs -o FILE", a->to->name);
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct export_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->filter;
		state->child_inputs[1] = &a->redact;
		return 0;
	case 't':
		a->to = exporter_find(arg);
		if (!a->to)
			argp_error(state, "no format is called %s", arg);
		return 0;
	case 'o':
		a->output = strcmp(arg, "-") ? arg : NULL;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "one trace file, please");
		a->path = arg;
		return 0;
	case OPT_SCHEMA:
		a->schema = true;
		return 0;
	case ARGP_KEY_END:
		if (!a->schema)
			check_args(a, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The formats, from their table. */
static char *help_filter(int key, const char *text, void *input)
{
	size_t size = 1024;
	char *help = key == ARGP_KEY_HELP_POST_DOC ? malloc(size) : NULL;
	size_t n = 0;

	(void)input;
	if (!help)
		return (char *)text;
	n += snprintf(help + n, size - n, "Formats:\n");
	for (int i = 0; exporter_at(i) && n < size; i++)
		n += snprintf(help + n, size - n, "  %-9s %s\n", exporter_at(i)->name,
			      exporter_at(i)->summary);
	if (n < size)
		snprintf(help + n, size - n, "\n%s", text);
	return help;
}

static const struct argp_child children[] = { { &filter_argp, 0, "Filters:", 2 },
					      { &redact_argp, 0, NULL, 1 },
					      { 0 } };

const struct argp export_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE\n--schema",
	.doc = "Turn a trace into something other programs read; FILE - is standard input.\v"
	       "Exit status: 0 done, 2 usage, no such file or not a trace, 3 it could not be read "
	       "or written.\n\n"
	       "Examples:\n"
	       "  netfsnoop export --to json netfsnoop.nsn | jq .\n",
	.children = children,
	.help_filter = help_filter,
};

/* 0600, as the trace: it holds the same names. */
static int open_output(FILE **ret_out, const char *path, struct err *err)
{
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
		      : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

	*ret_out = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (*ret_out)
		return 0;
	return err_set(err, -errno, "cannot write %s: %s", path ? path : "standard output",
		       strerror(errno));
}

/* One exporter, from its creation to the end of its output. */
static int export_replay(const struct export_args *a, struct replay *r, struct export_job *job,
			 struct err *err)
{
	void *x = NULL;
	int rc = a->to->create(&x, job, err);

	if (!rc)
		rc = replay_listen(r, a->to->listener(x));
	if (!rc)
		rc = replay_run(r);
	if (!rc)
		rc = a->to->finish(x, err);
	a->to->free(x);
	if (!rc && job->out && fflush(job->out))
		rc = -errno;
	return rc;
}

static int print_schema(struct err *err)
{
	if (fputs(export_schema_json, stdout) == EOF || fflush(stdout))
		return err_set(err, -errno, "cannot write standard output: %s", strerror(errno));
	return 0;
}

static int run(const struct export_args *a, struct err *err)
{
	__free(replay_close) struct replay r = {};
	__free(redactor_freep) struct redactor *redactor = NULL;
	__autofclose FILE *out = NULL;
	__autofree char *mount = NULL;
	struct request_filter filter = filter_of(&a->filter);
	struct engine_options judge = {};
	struct export_job job = { .filter = &filter, .path = a->output };
	int rc = redact_open(&a->redact, &redactor, err);

	if (!rc)
		rc = replay_open(&r, a->path, NULL, &judge, err);
	if (!rc && redactor && filter.mount)
		filter.mount = mount = redact_path(redactor, filter.mount);
	if (!rc && a->filter.mount && !filter.mount)
		rc = -ENOMEM;
	if (!rc && !a->to->needs_path)
		rc = open_output(&out, a->output, err);
	if (rc)
		return rc;
	r.redactor = redactor;
	job.m = r.m;
	job.e = r.e;
	job.damage = trace_reader_damage(r.reader);
	job.out = out;
	rc = export_replay(a, &r, &job, err);
	replay_say_damage(&r);
	if (rc && !err->text[0])
		err_set(err, rc, "%s: %s", a->path, strerror(-rc));
	return rc;
}

int cmd_export(int argc, char **argv)
{
	struct export_args a = {};
	struct err err = {};
	int rc;

	rc = args_parse("export", &export_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	rc = a.schema ? print_schema(&err) : run(&a, &err);
	return rc ? cmd_fail(&err, rc, replay_exit(rc)) : EXIT_CLEAN;
}
