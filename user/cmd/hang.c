// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "cmd/cmd.h"
#include "hang/hang.h"
#include "view/hang_json.h"
#include "view/hang_text.h"

#define DEFAULT_GAP_NS 1000000000ULL

struct hang_args {
	bool json;
	uint64_t gap_ns;
	const char *proc[2]; /* copies of /proc instead of two looks at it */
	int nr_proc;
};

enum { OPT_PROC = 0x100 };

static const struct argp_option options[] = {
	{ "interval", 'i', "SECONDS", 0,
	  "Time between the two looks (1): what did not move meanwhile hangs", 0 },
	{ "json", 'j', NULL, 0, "JSON lines", 0 },
	{ "proc", OPT_PROC, "DIR", 0, "Look at a copy of /proc; a second one is the second look",
	  0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct hang_args *a = state->input;

	switch (key) {
	case 'i':
		if (parse_seconds(arg, &a->gap_ns) || a->gap_ns > 3600 * 1000000000ULL)
			argp_error(state, "--interval %s: not a number of seconds", arg);
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case OPT_PROC:
		if (a->nr_proc == 2)
			argp_error(state, "two copies at most");
		a->proc[a->nr_proc++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Say which netfs request hangs and what it waits for: from the kernel's lists of "
	       "requests, connections and messages and the stacks of the tasks that wait, looked "
	       "at twice. Needs root, and no trace.\v"
	       "Exit status: 0 nothing hangs, 1 something does, 2 usage, 3 it could not be looked "
	       "at.",
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void sleep_ns(uint64_t ns)
{
	struct timespec ts = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static int look_twice(const struct hang_args *a, struct hang_snap *s, uint64_t *ret_gap,
		      struct err *err)
{
	uint64_t start = now_ns();
	int rc;

	rc = hang_snap_read(&s[0], a->nr_proc ? a->proc[0] : "/proc", err);
	if (rc)
		return rc;
	if (!a->nr_proc) {
		start = now_ns();
		sleep_ns(a->gap_ns);
	}
	*ret_gap = a->nr_proc ? a->gap_ns : now_ns() - start;
	return hang_snap_read(&s[1], a->nr_proc ? a->proc[a->nr_proc - 1] : "/proc", err);
}

static int examine(const struct hang_args *a, struct hang_snap *s, struct err *err)
{
	struct hang_report r = {};
	uint64_t gap;
	int rc, hangs;

	rc = look_twice(a, s, &gap, err);
	if (!rc)
		rc = hang_judge(&r, &s[0], &s[1], gap);
	if (!rc)
		rc = a->json ? hang_json_print(stdout, &r) : hang_text_print(stdout, &r);
	if (!rc && fflush(stdout))
		rc = -errno;
	hangs = r.hangs;
	hang_report_free(&r);
	return rc ? rc : hangs;
}

int cmd_hang(int argc, char **argv)
{
	struct hang_args a = { .gap_ns = DEFAULT_GAP_NS };
	struct hang_snap snap[2] = {};
	struct err err = {};
	int rc;

	argv[0] = (char *)"netfsnoop hang";
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (!a.nr_proc && geteuid())
		rc = err_set(&err, -EPERM, "hang reads the kernel stacks of other tasks: be root");
	else
		rc = examine(&a, snap, &err);
	hang_snap_free(&snap[0]);
	hang_snap_free(&snap[1]);
	if (rc < 0)
		return cmd_fail(&err, rc, EXIT_CANNOT);
	return rc ? EXIT_FINDINGS : EXIT_CLEAN;
}
