// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/similar.h"
#include "capture/loader.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "import/import.h"
#include "provoke/loop.h"
#include "run/screen.h"
#include "trace/trace.h"
#include "version.h"

#define MAX_CHILDREN 8

/* argp wraps at 79 columns, whatever there is. */
static void fit_help(void)
{
	unsigned int width = screen_width(0);
	char format[32];

	snprintf(format, sizeof(format), "rmargin=%u", width - 1);
	if (width < 80)
		setenv("ARGP_HELP_FMT", format, 0);
}

static int print_help(const char *program, const struct argp *argp)
{
	fit_help();
	argp_help(argp, stdout, ARGP_HELP_STD_HELP, (char *)program);
	return cmd_end(EXIT_CLEAN);
}

/* ---- what every command takes ---- */

enum { OPT_USAGE = 0x700 };

static const struct argp_option common[] = {
	{ "help", 'h', NULL, 0, "Give this help list", -1 },
	{ NULL, '?', NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, -1 },
	{ "usage", OPT_USAGE, NULL, 0, "Give a short usage message", -1 },
	{ "version", 'V', NULL, 0, "Print the version", -1 },
	{ 0 },
};

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	switch (key) {
	case 'h':
	case '?':
		exit(print_help(state->name, state->root_argp));
	case OPT_USAGE:
		argp_help(state->root_argp, stdout, ARGP_HELP_USAGE, state->name);
		exit(cmd_end(EXIT_CLEAN));
	case 'V':
		exit(args_version());
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp common_argp = { .options = common, .parser = parse_common };

/* argp with the common options behind its own children, whose inputs keep their numbers. */
struct full {
	struct argp argp;
	struct argp_child child[MAX_CHILDREN];
};

static void fill(struct full *f, const struct argp *argp)
{
	size_t n = 0;

	memset(f, 0, sizeof(*f));
	for (; argp->children && argp->children[n].argp && n < MAX_CHILDREN - 2; n++)
		f->child[n] = argp->children[n];
	f->child[n] = (struct argp_child){ .argp = &common_argp, .group = -1 };
	f->argp = *argp;
	f->argp.children = f->child;
}

/* ---- options that there are not ---- */

typedef bool (*option_fn)(void *ctx, const struct argp_option *o);

/* The first option that fn takes, of argp and its children. */
static const struct argp_option *find_option(const struct argp *argp, option_fn fn, void *ctx)
{
	const struct argp_option *o = argp->options, *found = NULL;

	for (; o && (o->name || o->key || o->doc); o++)
		if ((o->name || o->key) && fn(ctx, o))
			return o;
	for (const struct argp_child *c = argp->children; c && c->argp && !found; c++)
		found = find_option(c->argp, fn, ctx);
	return found;
}

struct word {
	const char *text;
	size_t len;
	bool whole;
};

static bool has_name(void *ctx, const struct argp_option *o)
{
	const struct word *w = ctx;

	return o->name && !strncmp(o->name, w->text, w->len) && (!w->whole || !o->name[w->len]);
}

static bool has_key(void *ctx, const struct argp_option *o)
{
	return o->key == *(const char *)ctx;
}

static bool try_name(void *ctx, const struct argp_option *o)
{
	if (o->name && !(o->flags & OPTION_HIDDEN))
		similar_try(ctx, o->name);
	return false;
}

/* getopt takes a beginning of a name, too. */
static const struct argp_option *long_option(const struct argp *argp, const char *name)
{
	struct word w = { .text = name, .len = strcspn(name, "="), .whole = true };
	const struct argp_option *o = find_option(argp, has_name, &w);

	w.whole = false;
	return o ? o : find_option(argp, has_name, &w);
}

/* Other commands that have it: "record, watch"; false: none has. */
static bool others_with(const char *name, char *list, size_t room)
{
	struct word w = { .text = name, .len = strcspn(name, "="), .whole = true };
	size_t n = 0;

	*list = '\0';
	for (const struct subcommand *c = subcommands; c->name && n < room; c++)
		if (find_option(c->argp, has_name, &w))
			n += snprintf(list + n, room - n, "%s`%s`", n ? ", " : "", c->name);
	return n;
}

static int no_option(const char *command, const struct argp *argp, const char *option)
{
	size_t len = strcspn(option, "=");
	char name[64], others[128];
	struct similar near = { .word = name };

	snprintf(name, sizeof(name), "%.*s", (int)len, option);
	name[strcspn(name, "=")] = '\0';
	memmove(name, name + strspn(name, "-"), strlen(name + strspn(name, "-")) + 1);
	find_option(argp, try_name, &near);
	fprintf(stderr, "netfsnoop: %s has no option %.*s", command, (int)len, option);
	if (near.best)
		fprintf(stderr, "; did you mean --%s?", near.best);
	else if (others_with(name, others, sizeof(others)))
		fprintf(stderr, "; it is an option of %s;", others);
	else
		fputs(";", stderr);
	fprintf(stderr, " `netfsnoop %s --help` lists its options\n", command);
	return EXIT_USAGE;
}

/* Letters of "-tn": *ret_takes_next where the last one's argument is the next word. */
static bool letters_known(const struct argp *argp, const char *word, bool *ret_takes_next)
{
	*ret_takes_next = false;
	while (*++word) {
		const struct argp_option *o = find_option(argp, has_key, (void *)word);

		if (!o)
			return false;
		if (o->arg) {
			*ret_takes_next = !word[1] && !(o->flags & OPTION_ARG_OPTIONAL);
			return true;
		}
	}
	return true;
}

static bool option_known(const struct argp *argp, const char *word, bool *ret_takes_next)
{
	const struct argp_option *o;

	if (word[1] != '-')
		return letters_known(argp, word, ret_takes_next);
	o = long_option(argp, word + 2);
	*ret_takes_next = o && o->arg && !(o->flags & OPTION_ARG_OPTIONAL) && !strchr(word, '=');
	return o;
}

/*
 * Goes over the words as getopt(3) does, whose own message knows nothing better than the word. An
 * option that is not known, or "--" with no command behind it; NULL: all is well.
 */
static const char *wrong_word(const struct argp *argp, int argc, char **argv, bool in_order)
{
	bool takes_next;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--"))
			return in_order && i + 1 == argc ? argv[i] : NULL;
		if (argv[i][0] != '-' || !argv[i][1]) {
			if (in_order)
				break; /* a command, whose options are its own */
			continue;
		}
		if (!option_known(argp, argv[i], &takes_next))
			return argv[i];
		i += takes_next;
	}
	return NULL;
}

/* A script whose "$@" is empty would record without an end. */
static int no_command(const char *command)
{
	fprintf(stderr, "netfsnoop: %s: no command after --\n", command);
	return EXIT_USAGE;
}

/* ---- parsing ---- */

int args_parse(const char *name, const struct argp *argp, int argc, char **argv, unsigned int flags,
	       void *input)
{
	const char *wrong;
	char program[64];
	struct full full;
	int rc;

	fill(&full, argp);
	wrong = wrong_word(&full.argp, argc, argv, flags & ARGP_IN_ORDER);
	if (wrong)
		return strcmp(wrong, "--") ? no_option(name, &full.argp, wrong) : no_command(name);
	snprintf(program, sizeof(program), "netfsnoop %s", name);
	argv[0] = program;
	/* 0, or a failed allocation: what is wrong with the line ends the program */
	rc = argp_parse(&full.argp, argc, argv, flags | ARGP_NO_HELP, NULL, input);
	argv[0] = (char *)"netfsnoop";
	return rc ? cmd_fail(NULL, -rc, EXIT_CANNOT) : 0;
}

int args_help(const char *name, const struct argp *argp)
{
	char program[64];
	struct full full;

	fill(&full, argp);
	snprintf(program, sizeof(program), "netfsnoop %s", name);
	return print_help(program, &full.argp);
}

int args_version(void)
{
	printf("netfsnoop %s\n", NETFSNOOP_VERSION);
	printf("trace format %d.%d\n", TRACE_MAJOR, TRACE_MINOR);
	printf("features: %s %s\n",
	       import_has_dat() ? "+trace.dat" : "-trace.dat (built without libtracecmd)",
	       loop_is_there() ? "+provoke" : "-provoke (built without libevent)");
	printf("libbpf %s\n", loader_libbpf_version());
	return cmd_end(EXIT_CLEAN);
}

void args_one_trace(struct argp_state *state, const char **path, const char *arg)
{
	if (*path)
		argp_error(state, "one trace at a time; `netfsnoop diff %s %s` compares two", *path,
			   arg);
	*path = arg;
}

void args_not_both(struct argp_state *state, const char *one, const char *other)
{
	if (one && other)
		argp_error(state, "%s and %s do not go together", one, other);
}
