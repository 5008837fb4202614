// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fmt.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "import/import.h"
#include "run/output.h"
#include "run/peeked.h"
#include "run/progress.h"
#include "run/replay.h"
#include "run/stdout.h"
#include "trace/foreign.h"
#include "trace/frame.h"
#include "trace/trace.h"
#include "version.h"

#define LEVEL 3 /* of zstd */
#define RAW_FIELDS                                                                           \
	"events with raw fields (trace-cmd report -R, perf trace) have numbers for states; " \
	"import the recording itself, or the text of trace-cmd report or perf script"
#define AS_TEXT "convert it with `trace-cmd report %s >report.txt`, and import that"

struct import_args {
	const char *input;
	const char *output;
	const char *release;
	bool all_events;
	struct output *out;
	struct progress *progress;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "Write the trace to FILE, - for standard output (default " DEFAULT_TRACE
	  "); rename an existing FILE to FILE.old",
	  0 },
	{ "release", 'r', "RELEASE", 0, "Kernel release of the recording, as uname -r prints it",
	  0 },
	{ "all-events", 'a', NULL, 0,
	  "All netfs and cifs events were enabled; treat missing events as not having happened",
	  0 },
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
			argp_error(state, "one file at a time: not %s too", arg);
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
	.doc = "Convert netfs and cifs events recorded with ftrace into a trace. FILE, or - for standard input, is text (trace, trace_pipe, trace-cmd report, perf script; or a mail with such text, quoted, wrapped or encoded; also in gzip, xz or zstd) or a trace.dat of trace-cmd.\v"
	       "Exit status: 0 done, 2 usage, no such file, or no netfs or cifs event in it, 3 reading or writing failed.\n\n"
	       "Examples:\n"
	       "  netfsnoop import -o mail.nsn mail.txt && netfsnoop report mail.nsn\n"
	       "  netfsnoop import trace.dat\n",
};

static const char *input_name(const struct import_args *a)
{
	return strcmp(a->input, "-") ? a->input : "standard input";
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
static int add_meta(const struct import_args *a, struct collect *c, bool untimed)
{
	int rc = collect_meta(c, "netfsnoop", NETFSNOOP_VERSION);

	if (!rc && a->release)
		rc = collect_meta(c, "release", a->release);
	if (rc)
		return rc;
	return collect_meta(c, "clock",
			    untimed ? "none" : "ftrace's, most likely not CLOCK_MONOTONIC");
}

static void say(const char *fmt, uint64_t n)
{
	if (n)
		fprintf(stderr, fmt, n, plural(n));
}

static void say_events(const struct import_args *a, uint64_t events, uint64_t ns, bool untimed)
{
	fprintf(stderr, "netfsnoop: %" PRIu64 " event%s ", events, plural(events));
	if (untimed)
		fprintf(stderr, "in %s; without time stamps, only their order is known\n",
			output_name(a->out));
	else
		fprintf(stderr, "over %.3f s in %s\n", ns / 1e9, output_name(a->out));
}

/* Counted by name; beyond IMPORT_OTHERS kinds by number alone. */
static void say_others(const struct import_counts *n)
{
	uint64_t named = 0;

	if (!n->others)
		return;
	fprintf(stderr,
		"netfsnoop: skipped %" PRIu64 " event%s that a trace does not keep:", n->others,
		plural(n->others));
	for (unsigned int i = 0; i < n->nr_others; i++) {
		fprintf(stderr, "%s %s %" PRIu64, i ? "," : "", n->other[i].name,
			n->other[i].count);
		named += n->other[i].count;
	}
	if (named < n->others)
		fprintf(stderr, ", and %" PRIu64 " more", n->others - named);
	fputc('\n', stderr);
}

/* Text of which the ends of lines, or its own end, are not there. */
static void say_cuts(const struct import_counts *n)
{
	if (n->cut_at)
		fprintf(stderr,
			"netfsnoop: lines are cut at %" PRIu64
			" bytes: lines of that length were skipped; import the text as ftrace wrote it\n",
			n->cut_at);
	say("netfsnoop: %" PRIu64 " line%s of more than 64 KiB: only the beginning was read\n",
	    n->long_lines);
	if (n->packed_cut)
		fputs("netfsnoop: the packed input is damaged or more than 256 MiB: only the beginning was read\n",
		      stderr);
	say("netfsnoop: %" PRIu64 " event%s with an impossible time, treated as having none\n",
	    n->absurd);
}

static void say_counts(const struct import_args *a, const struct collect *c,
		       const struct import_counts *n)
{
	uint64_t first, last, events = collect_events(c, &first, &last);

	say_events(a, events, last - first, n->untimed + n->ticks == events);
	say_others(n);
	say("netfsnoop: skipped %" PRIu64 " unreadable netfs or cifs event%s\n", n->damaged);
	say_cuts(n);
	if (n->raw)
		fputs("netfsnoop: " RAW_FIELDS "\n", stderr);
	say("netfsnoop: ftrace lost or overwrote %" PRIu64 " event%s\n", n->lost);
	say("netfsnoop: events were lost %" PRIu64 " time%s, and how many is not told\n",
	    n->uncounted);
	if (n->untimed != events)
		say("netfsnoop: %" PRIu64
		    " event%s without a time: only the order is known of them\n",
		    n->untimed);
	say("netfsnoop: %" PRIu64
	    " event%s stamped with a clock of unknown unit (x86-tsc, counter, "
	    "uptime); for durations record with `trace-cmd record -C mono`\n",
	    n->ticks);
	say("netfsnoop: %" PRIu64
	    " event%s older than the one before: durations across that are unknown\n",
	    n->backwards);
	if (a->out->old)
		fprintf(stderr, "netfsnoop: renamed the earlier %s to %s\n", a->out->path,
			a->out->old);
	if (n->excerpt)
		fputs("netfsnoop: the input looks like an excerpt, or no header counts its events: findings of check will be inconclusive\n",
		      stderr);
}

static int no_event(const char *input, const struct import_counts *n, struct err *err)
{
	if (n->raw)
		return err_set(err, -EINVAL, "%s: " RAW_FIELDS, input);
	if (n->packed_cut)
		return err_set(
			err, -EINVAL,
			"%s is damaged, and the part that can be read has no netfs or cifs event: copy it again",
			input);
	if (n->cut_at)
		return err_set(
			err, -EINVAL,
			"%s: lines are cut at %" PRIu64
			" bytes, and no event is shorter; import the text as ftrace wrote it",
			input, n->cut_at);
	if (n->damaged)
		return err_set(
			err, -EINVAL,
			"%s: none of its %" PRIu64
			" netfs or cifs events can be read; import the text as ftrace wrote it",
			input, n->damaged);
	return err_set(
		err, -EINVAL,
		"%s has no netfs or cifs event that a trace keeps; record with `trace-cmd record -e netfs -e cifs`, or `echo 1 >events/netfs/enable` in tracefs",
		input);
}

static int finish(const struct import_args *a, struct collect *c, const struct import_counts *n,
		  struct err *err)
{
	uint64_t first, last, events = collect_events(c, &first, &last);
	int rc, fd;

	if (!events)
		return no_event(input_name(a), n, err);
	if (a->all_events)
		collect_all_probes(c);
	rc = add_meta(a, c, n->untimed + n->ticks == events);
	if (rc)
		return rc;
	fd = output_begin(a->out, err);
	if (fd < 0)
		return fd;
	rc = write_trace(c, fd);
	if (rc)
		output_discard(a->out);
	if (rc)
		return err_set(err, -EIO, "cannot write %s: %s", output_name(a->out), err_why(rc));
	progress_clear(a->progress);
	say_counts(a, c, n);
	return 0;
}

/* What is imported waits in a temporary file; a full disk is that one's. */
static int say_read(const struct import_args *a, int rc, struct err *err)
{
	if (rc == -ENOSPC || rc == -EDQUOT)
		return err_set(err, rc, "cannot write a temporary file in " P_tmpdir ": %s",
			       err_why(rc));
	return err_unreadable(input_name(a), rc, err);
}

static int import_stream(const struct import_args *a, FILE *in, struct err *err)
{
	__free(collect_freep) struct collect *c = NULL;
	struct import_counts n;
	int rc = collect_new(&c);

	if (!rc)
		rc = import_text(in, c, &n);
	if (rc == -EBADMSG)
		return err_set(err, rc, "%s is damaged, nothing in it can be read: copy it again",
			       input_name(a));
	if (!rc)
		rc = collect_flush(c);
	return rc ? say_read(a, rc, err) : finish(a, c, &n, err);
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
	if (!rc)
		rc = collect_flush(c);
	return rc ? say_read(a, rc, err) : finish(a, c, &n, err);
}

/* libtracecmd trusts what it reads, so it may crash: in a process of its own. */
static int import_guarded(const struct import_args *a, struct err *err)
{
	pid_t pid;
	int status;

	if (!strcmp(a->input, "-"))
		return err_set(err, -EINVAL,
			       "standard input is a trace.dat, which must be a file: name it");
	if (!import_has_dat())
		return err_set(
			err, -EOPNOTSUPP,
			"%s is a trace.dat, which this build without libtracecmd cannot read; " AS_TEXT,
			a->input, a->input);
	pid = fork();
	if (pid < 0)
		return err_set(err, -errno, "cannot start a process to read %s: %s; " AS_TEXT,
			       a->input, strerror(errno), a->input);
	if (!pid) {
		int rc = import_file(a, err);

		_exit(rc ? cmd_fail(err, rc, cmd_file_exit(rc)) : EXIT_CLEAN);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, -errno, "lost the process that reads %s: %s; " AS_TEXT,
				       a->input, strerror(errno), a->input);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		a->out->made = false; /* it is what the process has made */
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return err_set(err, -EBADMSG, "%s: libtracecmd crashed on it, so it is damaged; " AS_TEXT,
		       a->input, a->input);
}

/* ---- what it is ---- */

/* What is no text, and not what we make of it either. */
static int refuse(const struct import_args *a, const struct peeked *in, struct err *err)
{
	const char *kind = foreign_name((const uint8_t *)in->start, in->len);
	__free(trace_reader_freep) struct trace_reader *r = NULL;

	if (in->len >= sizeof(frame_magic) &&
	    !memcmp(in->start, frame_magic, sizeof(frame_magic))) {
		if (!strcmp(a->input, "-") || !trace_reader_open(&r, a->input, NULL))
			return err_set(err, -EINVAL,
				       "%s is a netfsnoop trace already: use `netfsnoop report %s`",
				       input_name(a), a->input);
		return 0;
	}
	if (import_is_packed(in->start, in->len))
		return 0;
	if (!kind && memchr(in->start, 0, in->len))
		kind = "binary data";
	return kind && strcmp(kind, "text")
		       ? err_set(err, -EINVAL,
				 "%s is %s, neither text nor a trace.dat: give what `trace-cmd report` prints, or a copy of /sys/kernel/tracing/trace",
				 input_name(a), kind)
		       : 0;
}

static int import_peeked(const struct import_args *a, struct peeked *in, struct err *err)
{
	__autofclose FILE *text = NULL;

	if (import_is_dat(in->start, in->len)) {
		progress_say(a->progress, "reading %s...", a->input);
		return import_guarded(a, err);
	}
	text = peeked_stream(in, a->progress);
	return text ? import_stream(a, text, err) : -ENOMEM;
}

/* 0, -errno with err set, or the exit status of the process that did it. */
static int run(const struct import_args *a, struct err *err)
{
	__free(peeked_close) struct peeked in = PEEKED_NONE;
	int rc = peeked_open(&in, a->input);

	if (rc)
		return err_unreadable(input_name(a), rc, err);
	if (!import_is_dat(in.start, in.len)) {
		rc = refuse(a, &in, err);
		if (rc)
			return rc;
	}
	rc = output_open(a->out, a->output, OUTPUT_BINARY | OUTPUT_KEEP_OLD, err);
	if (rc)
		return rc;
	rc = output_is_not(a->out, a->input, err);
	if (rc)
		return rc;
	progress_begin(a->progress, true);
	rc = import_peeked(a, &in, err);
	progress_clear(a->progress);
	return rc;
}

int cmd_import(int argc, char **argv)
{
	__free(output_close) struct output out = OUTPUT_NONE;
	struct progress progress;
	struct import_args a = { .output = DEFAULT_TRACE, .out = &out, .progress = &progress };
	struct err err = {};
	int rc;

	rc = args_parse("import", &import_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	rc = run(&a, &err);
	return rc < 0 ? cmd_fail(&err, rc, cmd_file_exit(rc)) : rc;
}
