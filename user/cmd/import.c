// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/args.h"
#include "cmd/cmd.h"
#include "import/import.h"
#include "trace/trace.h"
#include "version.h"

#define LEVEL	3 /* of zstd */
#define AS_TEXT "make it text with `trace-cmd report %s >report.txt`, and import that"

struct import_args {
	const char *input;
	const char *output;
	const char *release;
	bool all_events;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "Trace file to write (default netfsnoop.nsn)", 0 },
	{ "release", 'r', "RELEASE", 0, "The kernel it was recorded on, as uname -r says it", 0 },
	{ "all-events", 'a', NULL, 0,
	  "All events of netfs and cifs were on: what is not in the text did not happen", 0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct import_args *a = state->input;

	switch (key) {
	case 'o':
		a->output = arg;
		return 0;
	case 'r':
		a->release = arg;
		return 0;
	case 'a':
		a->all_events = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->input)
			argp_error(state, "one file, please");
		a->input = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->input)
			argp_error(state, "which file? - is standard input");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp import_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE",
	.doc = "Turn events of netfs and cifs that others recorded with ftrace into a trace. FILE "
	       "is "
	       "text (trace, trace_pipe, trace-cmd report, perf script; mails with it, quoted, "
	       "wrapped or quoted-printable; - is standard input) or a trace.dat of trace-cmd.\v"
	       "Exit status: 0 done, 2 usage, or no event of ours in it, 3 it could not be read or "
	       "written.\n\n"
	       "Examples:\n"
	       "  netfsnoop import -o mail.nsn mail.txt && netfsnoop report mail.nsn\n"
	       "  netfsnoop import trace.dat\n",
};

static int exit_of(int rc)
{
	return rc == -ENOENT || rc == -EINVAL || rc == -EBADMSG ? EXIT_USAGE : EXIT_CANNOT;
}

static int add_record(void *ctx, const struct ev_hdr *hdr)
{
	return trace_writer_add(ctx, hdr);
}

/* Takes fd. */
static int write_trace(struct collect *c, int fd)
{
	struct record_sink to = { .add = add_record };
	struct trace_writer *w;
	int rc = trace_writer_new(&w, fd, LEVEL), rc2;

	if (rc) {
		close(fd);
		return rc;
	}
	to.ctx = w;
	rc = collect_write(c, "imported from ftrace, and no such event is in it", &to);
	rc2 = trace_writer_close(w);
	return rc ? rc : rc2;
}

/* What every recording says of itself; the host is not known. */
static int add_meta(const struct import_args *a, struct collect *c)
{
	int rc = collect_meta(c, "netfsnoop", NETFSNOOP_VERSION);

	if (!rc && a->release)
		rc = collect_meta(c, "release", a->release);
	return rc ? rc : collect_meta(c, "clock", "ftrace's, most likely not CLOCK_MONOTONIC");
}

static void say(const char *fmt, uint64_t n)
{
	if (n)
		fprintf(stderr, fmt, n);
}

static void say_counts(const struct import_args *a, const struct collect *c,
		       const struct import_counts *n)
{
	uint64_t first, last, events = collect_events(c, &first, &last);

	fprintf(stderr, "netfsnoop: %" PRIu64 " events over %.3f s in %s\n", events,
		(last - first) / 1e9, a->output);
	say("netfsnoop: %" PRIu64 " events of other kinds were left out\n", n->others);
	say("netfsnoop: %" PRIu64 " events of netfs and cifs could not be read and were left out\n",
	    n->damaged);
	say("netfsnoop: ftrace lost %" PRIu64 " events, or overwrote them\n", n->lost);
	say("netfsnoop: %" PRIu64 " events have no time; they stand 1 us apart\n", n->untimed);
	say("netfsnoop: %" PRIu64 " events are older than the one before them\n", n->backwards);
	if (n->excerpt)
		fputs("netfsnoop: it looks like an excerpt, so what check finds is inconclusive\n",
		      stderr);
}

static int no_event(const char *input, struct err *err)
{
	return err_set(err, -EINVAL,
		       "%s holds no event of netfs or cifs that a trace keeps; record with "
		       "`trace-cmd record -e netfs "
		       "-e cifs`, or `echo 1 >events/netfs/enable` in tracefs",
		       input);
}

static int finish(const struct import_args *a, struct collect *c, const struct import_counts *n,
		  struct err *err)
{
	uint64_t first, last;
	int rc, fd;

	if (!collect_events(c, &first, &last))
		return no_event(a->input, err);
	if (a->all_events)
		collect_all_probes(c);
	rc = add_meta(a, c);
	if (rc)
		return rc;
	/* 0600, as record's: it holds the same names */
	fd = open(a->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	rc = fd < 0 ? -errno : write_trace(c, fd);
	if (rc)
		return err_set(err, rc, "cannot write %s: %s", a->output, strerror(-rc));
	say_counts(a, c, n);
	return 0;
}

static int import_stream(const struct import_args *a, FILE *in, struct err *err)
{
	__free(collect_freep) struct collect *c = NULL;
	struct import_counts n;
	int rc = collect_new(&c);

	if (!rc)
		rc = import_text(in, c, &n);
	return rc ? err_set(err, rc, "%s: %s", a->input, strerror(-rc)) : finish(a, c, &n, err);
}

static int import_file(const struct import_args *a, struct err *err)
{
	__free(collect_freep) struct collect *c = NULL;
	struct import_counts n;
	int rc = collect_new(&c);

	if (!rc)
		rc = import_dat(a->input, c, &n);
	if (rc == -EBADMSG)
		return err_set(err, rc, "%s: libtracecmd cannot read it; " AS_TEXT, a->input,
			       a->input);
	return rc ? err_set(err, rc, "%s: %s", a->input, strerror(-rc)) : finish(a, c, &n, err);
}

/* libtracecmd trusts what it reads, so it may crash: in a process of its own. */
static int import_guarded(const struct import_args *a, struct err *err)
{
	pid_t pid;
	int status;

	if (!import_has_dat())
		return err_set(err, -EOPNOTSUPP,
			       "%s is a trace.dat, which this build cannot read; " AS_TEXT,
			       a->input, a->input);
	pid = fork();
	if (pid < 0)
		return err_set(err, -errno, "fork: %s", strerror(errno));
	if (!pid) {
		int rc = import_file(a, err);

		_exit(rc ? cmd_fail(err, rc, exit_of(rc)) : EXIT_CLEAN);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, -errno, "waitpid: %s", strerror(errno));
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return err_set(err, -EBADMSG, "%s: libtracecmd crashed on it, so it is damaged; " AS_TEXT,
		       a->input, a->input);
}

/* 0, -errno with err set, or the exit status of the process that did it. */
static int run(const struct import_args *a, struct err *err)
{
	__autofclose FILE *in = NULL;
	char start[16];
	size_t len;

	if (!strcmp(a->input, "-"))
		return import_stream(a, stdin, err);
	in = fopen(a->input, "re");
	if (!in)
		return err_set(err, -errno, "%s: %s", a->input, strerror(errno));
	len = fread(start, 1, sizeof(start), in);
	if (import_is_dat(start, len))
		return import_guarded(a, err);
	if (fseek(in, 0, SEEK_SET))
		return err_set(
			err, -errno,
			"%s: %s; give it as standard input instead: ... | netfsnoop import -",
			a->input, strerror(errno));
	return import_stream(a, in, err);
}

int cmd_import(int argc, char **argv)
{
	struct import_args a = { .output = "netfsnoop.nsn" };
	struct err err = {};
	int rc;

	rc = args_parse("import", &import_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	rc = run(&a, &err);
	return rc < 0 ? cmd_fail(&err, rc, exit_of(rc)) : rc;
}
