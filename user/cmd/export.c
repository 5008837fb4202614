// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/similar.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "cmd/filter_args.h"
#include "cmd/redact.h"
#include "run/export.h"
#include "run/output.h"
#include "run/replay.h"
#include "run/stdout.h"

struct export_args {
	const struct exporter_ops *to;
	const char *path;
	const char *output;
	bool schema;
	struct filter_args filter;
	struct redact_args redact;
};

#define NOTHING_FITS 1 /* of run(), beside 0 and -errno */

enum { OPT_SCHEMA = 0x100 };

static const struct argp_option options[] = {
	{ "to", 't', "FORMAT", 0,
	  "Write this format, see below (default: by the suffix of -o FILE)", 1 },
	{ "output", 'o', "FILE", 0, "Write to FILE (default: standard output)", 1 },
	{ "schema", OPT_SCHEMA, NULL, 0, "Print the JSON Schema of the lines of --to json", 1 },
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

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = words; *p; p += strspn(p, " ")) {
		if (strcspn(p, " ") == len && !strncasecmp(p, word, len))
			return true;
		p += strcspn(p, " ");
	}
	return false;
}

/* The format that a file name ends like; NULL: none. */
static const struct exporter_ops *exporter_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
	const struct exporter_ops *ops;

	for (int i = 0; dot && (ops = exporter_at(i)); i++)
		if (has_word(ops->endings, dot + 1))
			return ops;
	return NULL;
}

/* "html, json, sqlite" */
static const char *list_formats(char *list, size_t room)
{
	size_t n = 0;

	for (int i = 0; exporter_at(i) && n < room; i++)
		n += snprintf(list + n, room - n, "%s%s", i ? ", " : "", exporter_at(i)->name);
	return list;
}

static void no_format(struct argp_state *state, const char *name)
{
	struct similar near = { .word = name };
	char list[128];

	for (int i = 0; exporter_at(i); i++)
		similar_try(&near, exporter_at(i)->name);
	if (near.best)
		argp_error(state, "no format '%s'; did you mean %s? Formats: %s", name, near.best,
			   list_formats(list, sizeof(list)));
	argp_error(state, "no format '%s'; formats: %s", name, list_formats(list, sizeof(list)));
}

static void check_args(struct export_args *a, struct argp_state *state)
{
	const struct exporter_ops *like = a->output ? exporter_of(a->output) : NULL;
	const struct request_filter filter = filter_of(&a->filter);
	char list[128];

	if (a->to && like && a->to != like)
		argp_error(state, "-o %s means %s, but --to says %s", a->output, like->name,
			   a->to->name);
	if (!a->to)
		a->to = like;
	if (!a->to)
		argp_error(
			state,
			"no format given: use --to with one of %s, or a -o FILE that ends with .html, .json and so on",
			list_formats(list, sizeof(list)));
	if (a->to->needs_path && !a->output)
		argp_error(state, "--to %s needs -o FILE", a->to->name);
	if (a->to == &export_trace && filter_restricts(&filter))
		argp_error(state,
			   "--to trace keeps all events: filters work with the other formats");
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
			no_format(state, arg);
		return 0;
	case 'o':
		a->output = strcmp(arg, "-") ? arg : NULL;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "one trace at a time: cannot read %s too", arg);
		a->path = arg;
		return 0;
	case OPT_SCHEMA:
		a->schema = true;
		return 0;
	case ARGP_KEY_END:
		args_not_both(state, a->schema ? "--schema" : NULL, a->output ? "-o" : a->path);
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
	.args_doc = "[FILE]\n--schema",
	.doc = "Convert a trace for other programs: FILE, - for standard input, or " DEFAULT_TRACE
	       ".\v"
	       "Exit status: 0 done, 1 no request matches the filters, 2 usage, no such file or not a trace, 3 reading or writing failed.\n\n"
	       "Examples:\n"
	       "  netfsnoop export --to json netfsnoop.nsn | jq .\n",
	.children = children,
	.help_filter = help_filter,
};

static int print_schema(struct err *err)
{
	fputs(export_schema_json, stdout);
	return stdout_flush(err);
}

/* From here on the file is written; an exporter with a path of its own opens that. */
static int begin(const struct export_args *a, struct output *o, FILE **ret_out, struct err *err)
{
	int fd = output_begin(o, err), rc;

	if (fd < 0)
		return fd;
	if (a->to->needs_path)
		return close(fd) ? -errno : 0;
	*ret_out = fdopen(fd, "w");
	if (*ret_out)
		return 0;
	rc = errno == EINVAL ? -EBADF
			     : -errno; /* what stands at that number is open for reading only */
	close(fd);
	output_discard(o);
	return err_set(err, rc, "cannot write %s: %s", output_name(o), strerror(-rc));
}

static int open_output(const struct export_args *a, struct output *o, struct err *err)
{
	int rc = output_open(o, a->output, a->to->binary ? OUTPUT_BINARY : 0, err);

	if (rc)
		return rc;
	rc = output_is_not(o, a->path, err);
	if (rc)
		return rc;
	return output_is_not(o, a->redact.keyfile, err);
}

/* NFS and quota tell only when it is closed that there is no room. */
static int close_output(FILE **out, int rc)
{
	int failed = *out ? stream_error(*out) : 0;

	if (failed && (!rc || rc == -EIO))
		rc = failed; /* a view has lost the reason */
	return *out && fclose(TAKE(*out)) && !rc ? -errno : rc;
}

static int open_replay(const struct export_args *a, struct replay *r, struct redactor *redactor,
		       struct err *err)
{
	struct engine_options judge = {};
	int rc = replay_open(r, a->path, NULL, &judge, err);

	r->redactor = redactor;
	r->prints = !a->output;
	return rc;
}

/* The mounts of what is exported have tokens for names, too. */
static int redact_mount(const struct export_args *a, struct redactor *redactor,
			struct request_filter *f, char **ret_mount)
{
	if (!redactor || !a->filter.mount)
		return 0;
	f->mount = *ret_mount = redact_path(redactor, a->filter.mount);
	return *ret_mount ? 0 : -ENOMEM;
}

static int write_out(const struct export_args *a, struct replay *r, struct output *o,
		     const struct request_filter *f, struct err *err)
{
	__autofclose FILE *out = NULL;
	struct export_job job = { .filter = f,
				  .path = a->output,
				  .m = r->m,
				  .e = r->e,
				  .damage = trace_reader_damage(r->reader) };
	int rc = begin(a, o, &out, err);

	if (rc)
		return rc;
	job.out = out;
	job.file = output_file(o);
	rc = export_replay(a->to, r, &job, err);
	replay_say_damage(r);
	rc = close_output(&out, rc);
	if (!rc)
		rc = output_commit(o, err);
	if (rc)
		output_discard(o);
	return replay_fail(r, output_name(o), rc, err);
}

static int run(struct export_args *a, struct err *err)
{
	__free(replay_close) struct replay r = {};
	__free(redactor_freep) struct redactor *redactor = NULL;
	__free(output_close) struct output o = OUTPUT_NONE;
	__autofree char *mount = NULL;
	struct request_filter filter = filter_of(&a->filter);
	struct filter_hits hits;
	int rc = replay_default(&a->path, err);

	if (!rc)
		rc = redact_open(&a->redact, &redactor, err);
	if (!rc)
		rc = redact_mount(a, redactor, &filter, &mount);
	if (!rc)
		rc = open_replay(a, &r, redactor, err);
	if (!rc)
		rc = open_output(a, &o, err);
	if (rc)
		return rc;
	filter_hits_init(&hits, r.m, &filter);
	rc = replay_listen(&r, &hits.listener);
	if (!rc)
		rc = write_out(a, &r, &o, &filter, err);
	return !rc && filter_hit_nothing(&hits, r.path, err) ? NOTHING_FITS : rc;
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
	if (rc == NOTHING_FITS)
		return cmd_fail(&err, 0, EXIT_FINDINGS);
	return rc ? cmd_fail(&err, rc, cmd_file_exit(rc)) : EXIT_CLEAN;
}
