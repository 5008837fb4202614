// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "base/units.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "hang/hang.h"
#include "run/klog.h"
#include "run/progress.h"
#include "run/replay.h"
#include "run/stdout.h"
#include "view/export/json/hang_json.h"
#include "view/text/hang_history.h"
#include "view/text/hang_text.h"
#include "view/text/notes.h"

#define DEFAULT_GAP_NS 1000000000ULL

struct hang_args {
	bool json;
	uint64_t gap_ns;     /* 0: not given */
	const char *proc[2]; /* copies of /proc instead of two looks at it */
	int nr_proc;
	const char *trace;
};

enum { OPT_PROC = 0x100, OPT_TRACE };

static const struct argp_option options[] = {
	{ "interval", 'i', "SECONDS", 0,
	  "Time between the two looks (default 1); what did not move in it hangs", 0 },
	{ "json", 'j', NULL, 0, "Print JSON lines", 0 },
	{ "trace", OPT_TRACE, "FILE", 0,
	  "Add the history of the hanging requests from this trace, which may be one that record or watch -o is writing",
	  0 },
	{ "proc", OPT_PROC, "DIR", 0,
	  "Look at a copy of /proc; give a second copy for the second look", 0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct hang_args *a = state->input;
	struct stat st;

	switch (key) {
	case 'i':
		if (parse_seconds(arg, &a->gap_ns) || a->gap_ns > 3600 * 1000000000ULL)
			argp_error(state, "--interval %s: not a number of seconds", arg);
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case OPT_TRACE:
		a->trace = arg;
		return 0;
	case OPT_PROC:
		if (a->nr_proc == 2)
			argp_error(state, "--proc: at most two copies");
		if (stat(arg, &st) || !S_ISDIR(st.st_mode))
			argp_error(state, "--proc %s: no such directory", arg);
		a->proc[a->nr_proc++] = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(
			state,
			"hang looks at this machine as it is now; to add a trace, use --trace %s",
			arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp hang_argp = {
	.options = options,
	.parser = parse,
	.doc = "Show which netfs request hangs and what it waits for, from two looks at the kernel's lists of requests, connections and messages and at the stacks of waiting tasks, and what cifs and netfs logged. Needs root, but no trace.\v"
	       "Exit status: 0 nothing hangs, 1 something does, 2 usage, no such file or not a trace, 3 looking failed, 4 not enough could be read to say.",
};

static void sleep_ns(uint64_t ns)
{
	struct timespec ts = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static int look_twice(const struct hang_args *a, struct hang_snap *s, uint64_t *ret_gap,
		      struct err *err)
{
	uint64_t start = monotonic_ns(), gap = a->gap_ns ? a->gap_ns : DEFAULT_GAP_NS;
	struct progress progress;
	int rc;

	rc = hang_snap_read(&s[0], a->nr_proc ? a->proc[0] : "/proc", err);
	if (rc)
		return rc;
	if (!a->nr_proc) {
		start = monotonic_ns();
		progress_begin(&progress, true);
		progress_say(&progress, "looking again in %.1f s...", gap / 1e9);
		sleep_ns(gap);
		progress_clear(&progress);
	}
	*ret_gap = a->nr_proc ? a->gap_ns : monotonic_ns() - start;
	return hang_snap_read(&s[1], a->nr_proc ? a->proc[a->nr_proc - 1] : "/proc", err);
}

/* ---- history ---- */

struct history {
	const struct hang_args *a;
	const struct hang_report *report;
	const struct model *m;
	uint64_t now_ns, told;
};

static bool hangs(const struct hang_report *r, uint32_t id)
{
	for (size_t i = 0; i < r->last->nr_requests; i++)
		if (r->request[i].r->id == id && r->request[i].verdict > HANG_MOVING)
			return true;
	return false;
}

/* netfs counts anew when it is loaded again: only what is not over can be meant. */
static int on_request(void *ctx, const struct request *r)
{
	struct history *h = ctx;
	const struct hang_history line = { .m = h->m, .r = r, .now_ns = h->now_ns };

	if (r->freed || r->key.synth || r->key.epoch != model_recording(h->m)->epoch ||
	    !hangs(h->report, r->key.rreq))
		return 0;
	if (!h->told++ && !h->a->json)
		printf("\nHistory\n");
	return h->a->json ? hang_history_print_json(stdout, &line)
			  : hang_history_print(stdout, &line);
}

static int add_history(const struct hang_args *a, const struct hang_report *report, struct err *err)
{
	__free(replay_close) struct replay r = {};
	struct history h = { .a = a, .report = report, .now_ns = a->nr_proc ? 0 : monotonic_ns() };
	const struct model_listener l = { .request = on_request, .ctx = &h };
	int rc = replay_open(&r, a->trace, NULL, NULL, err);

	if (rc)
		return rc;
	h.m = r.m;
	r.prints = true;
	rc = replay_listen(&r, &l);
	if (!rc)
		rc = replay_run(&r);
	replay_say_damage(&r);
	rc = replay_fail(&r, NULL, rc, err);
	if (!rc && !h.told && !a->json)
		printf("\nHistory: none of the hanging requests is in %s\n", a->trace);
	return rc;
}

/* ---- the kernel's log ---- */

static int print_log(const struct klog_notes *n)
{
	int rc = 0;

	if (n->notes.nr) {
		fputc('\n', stdout);
		rc = notes_print(stdout, &n->notes, false);
	}
	if (n->reports)
		printf("\nThe kernel's log has %" PRIu64
		       " crash report%s; read: netfsnoop oops --dmesg\n",
		       n->reports, plural(n->reports));
	return rc;
}

/* What cifs said while it came to this. A copy of /proc may have the log beside it, as kmsg. */
static int add_log(const struct hang_args *a, struct err *err)
{
	__autofree struct klog_notes *n = calloc(1, sizeof(*n));
	__autofree char *path = NULL;
	struct err why = {};
	struct stat st;
	int rc;

	if (!n || (a->nr_proc && asprintf(&path, "%s/kmsg", a->proc[a->nr_proc - 1]) < 0))
		return err_set(err, -ENOMEM, "%s", strerror(ENOMEM));
	if (path && stat(path, &st))
		return 0;
	rc = path && !S_ISREG(st.st_mode)
		     ? err_set(&why, -EINVAL, "%s is no regular file; put what dmesg prints there",
			       path)
		     : klog_notes_read(n, path, &why);
	if (rc) { /* the rest stands without it */
		fprintf(stderr, "netfsnoop: the kernel's log could not be read: %s\n",
			*why.text ? why.text : strerror(-rc));
		return 0;
	}
	return a->json ? notes_json(stdout, &n->notes, "log") : print_log(n);
}

static int examine(const struct hang_args *a, struct hang_snap *s, struct err *err)
{
	struct hang_report r = {};
	uint64_t gap;
	int rc, found;

	if (a->nr_proc == 1)
		fputs("netfsnoop: one copy of /proc is one look: what was merely busy looks as if it hung; give a second --proc DIR, taken later\n",
		      stderr);
	rc = look_twice(a, s, &gap, err);
	if (!rc)
		rc = hang_judge(&r, &s[0], &s[1], gap);
	r.one_look = a->nr_proc == 1;
	if (!rc)
		rc = a->json ? hang_json_print(stdout, &r) : hang_text_print(stdout, &r);
	if (!rc)
		rc = add_log(a, err);
	if (!rc && a->trace)
		rc = add_history(a, &r, err);
	rc = stdout_written(rc, err);
	found = r.unclear ? EXIT_INCONCLUSIVE : r.hangs ? EXIT_FINDINGS : EXIT_CLEAN;
	hang_report_free(&r);
	return rc ?: found;
}

int cmd_hang(int argc, char **argv)
{
	struct hang_args a = { 0 };
	struct hang_snap snap[2] = {};
	struct err err = {};
	int rc;

	rc = args_parse("hang", &hang_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	rc = replay_check(a.trace, &err);
	if (rc)
		return cmd_fail(&err, rc, cmd_file_exit(rc));
	if (!a.nr_proc && geteuid())
		rc = err_set(&err, -EPERM,
			     "must run as root: hang reads other tasks' kernel stacks");
	else
		rc = examine(&a, snap, &err);
	hang_snap_free(&snap[0]);
	hang_snap_free(&snap[1]);
	if (rc < 0)
		return cmd_fail(&err, rc, EXIT_CANNOT);
	return rc;
}
