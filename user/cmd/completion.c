// SPDX-License-Identifier: GPL-2.0-only
/* `netfsnoop completion bash`: what a shell has to know, made of the argp tables, then completion.bash. */
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "check/check.h"
#include "cmd/cmd.h"
#include "event/kinds.h"
#include "run/export.h"

extern const char
	completion_bash[]; /* completion.bash, which calls the functions that are made here */

/* What an option's argument is, by the word that --help has for it. */
struct value {
	const char *arg;
	const char *kind; /* of completion.bash: file dir pid module-file words list none */
	const char *words;
};

static const struct value values[] = {
	{ "FILE", "file", "" },
	{ "KEYFILE", "file", "" },
	{ "DIR", "dir", "" },
	{ "NAME=FILE", "module-file", "cifs= netfs=" },
	{ "WHEN", "words", "auto always never" },
	{ "HOW", "words", "auto kprobe callsite breakpoint off all" },
	{ "TYPE", "words", "cifs 9p afs ceph erofs nfs" },
	{ "PID", "pid", "" },
	{ "WHAT,...", "list", "error reconnect finding" },
};

/* What nothing can be offered for. */
static const char *const free_text[] = { "ADDR",      "COLUMNS", "INO",	    "N",       "NAME[#N]",
					 "PATTERN",   "PERCENT", "RELEASE", "SECONDS", "SECS",
					 "SECS,SIZE", "SIZE",	 "TIME" };

static void put_formats(FILE *out)
{
	for (int i = 0; exporters[i]; i++)
		fprintf(out, "%s ", exporters[i]->name);
	fprintf(out, "%s", export_trace.name);
}

static void put_checks(FILE *out)
{
	for (int i = 0; checks[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", checks[i]->id);
}

static void put_kinds(FILE *out)
{
	size_t n;
	const struct ev_kind_info *table = ev_kind_table(&n);

	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? " " : "", table[i].name);
}

/* kind='...' words='...' of an argument; "ID" of report is a request's, so there it is free. */
static void put_kind(FILE *out, const char *command, const char *arg)
{
	bool check_id = !strcmp(command, "check") && !strncmp(arg, "ID", 2);

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (!strcmp(values[i].arg, arg)) {
			fprintf(out, "kind=%s words='%s'", values[i].kind, values[i].words);
			return;
		}
	for (size_t i = 0; i < ARRAY_SIZE(free_text); i++)
		if (!strcmp(free_text[i], arg)) {
			fprintf(out, "kind=none");
			return;
		}
	if (!strcmp(arg, "KIND,...")) {
		fprintf(out, "kind=list words='");
		put_kinds(out);
		fprintf(out, "'");
	} else if (!strcmp(arg, "FORMAT") || check_id) {
		fprintf(out, "kind=%s words='", strchr(arg, ',') ? "list" : "words");
		check_id ? put_checks(out) : put_formats(out);
		fprintf(out, "'");
	} else {
		fprintf(out, "kind=%s", strcmp(arg, "ID") ? "unknown" : "none");
	}
}

typedef void (*option_fn)(FILE *out, const char *command, const struct argp_option *o);

/* Calls fn for each option of a table and of those below it. */
static void each_option(const struct argp *a, const char *command, option_fn fn, FILE *out)
{
	const struct argp_option *o = a->options;

	for (; o && (o->name || o->key || o->doc || o->group); o++)
		if ((o->name || o->key) && !(o->flags & (OPTION_DOC | OPTION_HIDDEN)))
			fn(out, command, o);
	for (const struct argp_child *c = a->children; c && c->argp; c++)
		each_option(c->argp, command, fn, out);
}

static bool is_short(const struct argp_option *o)
{
	return o->key > 0 && o->key < 0x80 && isprint(o->key);
}

/* Of an option that has a long name, the long one; = behind it where an argument has to follow. */
static void put_option(FILE *out, const char *command, const struct argp_option *o)
{
	bool must = o->arg && !(o->flags & OPTION_ARG_OPTIONAL);

	(void)command;
	if (o->name)
		fprintf(out, "--%s%s ", o->name, must ? "=" : "");
	else
		fprintf(out, "-%c ", o->key);
}

static void put_value(FILE *out, const char *command, const struct argp_option *o)
{
	bool optional = o->flags & OPTION_ARG_OPTIONAL;

	if (!o->arg)
		return;
	fprintf(out, "\t");
	if (o->name)
		fprintf(out, "\"%s --%s%s\"", command, o->name, optional ? "=" : "");
	if (o->name && is_short(o) && !optional)
		fprintf(out, " | ");
	if (is_short(o) && !optional)
		fprintf(out, "\"%s -%c\"", command, o->key);
	fprintf(out, ") ");
	put_kind(out, command, o->arg);
	fprintf(out, " ;;\n");
}

/* What stands without an option: traces, any files, a command line behind --, or nothing. */
static const char *operands(const struct subcommand *c)
{
	const char *doc = c->argp->args_doc ? c->argp->args_doc : "";
	bool others = c->run == cmd_import || c->run == cmd_oops; /* read what is no trace */

	if (strstr(doc, "-- "))
		return "command";
	if (!strstr(doc, "FILE") && strcmp(doc, "A B"))
		return "none";
	return others ? "file" : "trace";
}

static void put_tables(FILE *out)
{
	fprintf(out, "# bash completion for netfsnoop, made by `netfsnoop completion bash`\n\n"
		     "_netfsnoop_commands='");
	for (const struct subcommand *c = subcommands; c->name; c++)
		if (c->summary)
			fprintf(out, "%s ", c->name);
	fprintf(out, "help'\n\n# sets options and operands of a command\n"
		     "_netfsnoop_command() {\n\tcase $1 in\n");
	for (const struct subcommand *c = subcommands; c->name; c++) {
		fprintf(out, "\t%s) operands=%s options='", c->name, operands(c));
		each_option(c->argp, c->name, put_option, out);
		fprintf(out, "--help --usage --version' ;;\n");
	}
	fprintf(out,
		"\t*) operands=none options='' ;;\n\tesac\n}\n\n"
		"# sets kind and words of \"COMMAND OPTION\"; --option= takes its value so alone\n"
		"_netfsnoop_value() {\n\tcase $1 in\n");
	for (const struct subcommand *c = subcommands; c->name; c++)
		each_option(c->argp, c->name, put_value, out);
	fprintf(out, "\t*) kind='' words='' ;;\n\tesac\n}\n\n");
}

static int parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_ARG:
		if (strcmp(arg, "bash") || state->arg_num)
			argp_error(state, "no completion for '%s', only for bash", arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "name a shell: bash");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp completion_argp = {
	.parser = parse,
	.args_doc = "bash",
	.doc = "Print the bash completion of commands, options and their values.\v"
	       "Exit status: 0 printed, 2 usage, 3 writing failed.\n\n"
	       "Example:\n"
	       "  source <(netfsnoop completion bash)\n",
};

int cmd_completion(int argc, char **argv)
{
	struct err err = {};
	int rc;

	argv[0] = (char *)"netfsnoop completion";
	rc = argp_parse(&completion_argp, argc, argv, 0, NULL, NULL);
	if (rc)
		return cmd_fail(&err, -rc, EXIT_CANNOT);
	put_tables(stdout);
	if (fputs(completion_bash, stdout) == EOF || fflush(stdout))
		return cmd_fail(&err, -errno, EXIT_CANNOT);
	return EXIT_CLEAN;
}
