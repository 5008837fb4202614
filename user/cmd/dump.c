// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <string.h>

#include "base/similar.h"
#include "base/units.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "event/kinds.h"
#include "run/replay.h"
#include "view/text/dump.h"

struct dump_args {
	const char *path;
	uint64_t limit; /* of lines; 0: none */
	bool raw;	/* bytes, not lines */
	bool some;	/* only kinds that are wanted */
	bool wanted[256];
};

static const struct argp_option options[] = {
	{ "kind", 'k', "KIND,...", 0,
	  "Print records of these kinds only, by name or by number (sreq, smb_cmd, 26)", 1 },
	{ "raw", 'r', NULL, 0,
	  "Write the header and the records as bytes, for programs that read them", 1 },
	{ "limit", 'n', "N", 0, "Print at most N records", 1 },
	{ 0 },
};

static bool take_kind(struct dump_args *a, const char *name, struct similar *near)
{
	size_t n;
	const struct ev_kind_info *table = ev_kind_table(&n);
	uint64_t number;

	a->some = true;
	for (size_t i = 0; i < n; i++) {
		similar_try(near, table[i].name);
		if (strcmp(table[i].name, name))
			continue;
		a->wanted[table[i].kind] = true;
		return true;
	}
	if (parse_number(name, 1, UINT8_MAX, &number))
		return false;
	a->wanted[number] = true;
	return true;
}

static void parse_kinds(struct dump_args *a, char *list, struct argp_state *state)
{
	const char *name;

	while ((name = strsep(&list, ","))) {
		struct similar near = { .word = name };

		if (take_kind(a, name, &near))
			continue;
		if (near.best)
			argp_error(state, "no kind of record '%s'; did you mean '%s'?", name,
				   near.best);
		else
			argp_error(
				state,
				"no kind of record '%s'; docs/format.md has their names and numbers",
				name);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct dump_args *a = state->input;

	switch (key) {
	case 'k':
		parse_kinds(a, arg, state);
		return 0;
	case 'n':
		if (parse_number(arg, 1, UINT32_MAX, &a->limit))
			argp_error(state, "not a number of records: %s", arg);
		return 0;
	case 'r':
		a->raw = true;
		return 0;
	case ARGP_KEY_ARG:
		args_one_trace(state, &a->path, arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp dump_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[FILE]",
	.doc = "Print the records of a trace as they are, one per line, in the order of the file: FILE, - for standard input, or " DEFAULT_TRACE
	       ".\v"
	       "Times are of CLOCK_MONOTONIC; the unit of a field is in brackets after its name. A record of a kind that this version does not know is hex; what is damaged or missing is a line with ---- gap. What --raw writes is described in docs/format.md, and is a trace again once `zstd --check` has compressed it.\n\n"
	       "Exit status: 0 printed, 1 no record of these kinds, 2 usage, no such file or not a trace, 3 reading or writing failed.\n\n"
	       "Examples:\n"
	       "  netfsnoop dump netfsnoop.nsn | less\n"
	       "  netfsnoop dump --kind eio,slow_rsp netfsnoop.nsn\n"
	       "  netfsnoop dump --kind mount,mark --limit 10 netfsnoop.nsn\n",
};

/* What names what is in other records; the rest of the model stays empty. */
static int learn(struct replay *r, const struct ev_hdr *ev)
{
	switch (ev->kind) {
	case EV_ENUM:
	case EV_PROBE:
	case EV_TASK:
		return model_feed(r->m, ev);
	default:
		return 0;
	}
}

static bool is_gap(const struct ev_hdr *ev)
{
	return ev->kind == EV_LOST && ev->probe == EV_ANY_PROBE;
}

/* 0 or -errno. Whoever reads the bytes finds the gaps again: a block says how many records it has. */
static int put(const struct replay *r, const struct dump_args *a, const struct ev_hdr *ev)
{
	if (!a->raw)
		return dump_record(stdout, r->m, ev, trace_reader_size(r->reader));
	if (is_gap(ev))
		return 0;
	return fwrite(ev, ev->size, 1, stdout) == 1 ? 0 : -errno;
}

/* *ret_printed: records, without gaps. 0 or -errno. */
static int print(struct replay *r, const struct dump_args *a, uint64_t *ret_printed)
{
	const struct ev_hdr *ev;
	uint64_t *n = ret_printed;
	int rc;

	trace_reader_all(r->reader);
	while ((!a->limit || *n < a->limit) && (rc = trace_reader_next(r->reader, &ev)) == 1) {
		rc = learn(r, ev);
		if (!rc && (!a->some || a->wanted[ev->kind] || is_gap(ev))) {
			rc = put(r, a, ev);
			*n += !is_gap(ev);
		}
		if (rc)
			return rc;
	}
	if (a->limit && *n == a->limit)
		return 0;
	r->unreadable = rc < 0;
	return rc;
}

static void put_header(void)
{
	const struct trace_header h = trace_header_now();

	fwrite(&h, sizeof(h), 1, stdout); /* whether it could is seen at the end */
}

static int run(struct dump_args *a, uint64_t *ret_printed, struct err *err)
{
	__free(replay_close) struct replay r = {};
	int rc = replay_default(&a->path, err);

	if (!rc && a->raw && isatty(STDOUT_FILENO))
		return err_set(err, -EINVAL,
			       "will not write binary data to a terminal: give a pipe");
	if (!rc)
		rc = replay_open(&r, a->path, NULL, NULL, err);
	if (rc)
		return rc;
	if (a->raw)
		put_header();
	rc = print(&r, a, ret_printed);
	if (!a->limit || *ret_printed < a->limit)
		replay_say_damage(&r);
	return replay_fail(&r, NULL, rc, err);
}

int cmd_dump(int argc, char **argv)
{
	struct dump_args a = {};
	struct err err = {};
	uint64_t printed = 0;
	int rc;

	rc = args_parse("dump", &dump_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	rc = run(&a, &printed, &err);
	if (rc)
		return cmd_fail(&err, rc, cmd_file_exit(rc));
	return printed || !a.some ? EXIT_CLEAN : EXIT_FINDINGS;
}
