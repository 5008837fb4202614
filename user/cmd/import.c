// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/fmt.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "import/import.h"
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
	.doc = "Convert netfs and cifs events recorded with ftrace into a trace. FILE, or - for standard input, is text (trace, trace_pipe, trace-cmd report, perf script; or a mail with such text, quoted, wrapped or quoted-printable) or a trace.dat of trace-cmd.\v"
	       "Exit status: 0 done, 2 usage, no such file, or no netfs or cifs event in it, 3 reading or writing failed.\n\n"
	       "Examples:\n"
	       "  netfsnoop import -o mail.nsn mail.txt && netfsnoop report mail.nsn\n"
	       "  netfsnoop import trace.dat\n",
};

static const char *input_name(const struct import_args *a)
{
	return strcmp(a->input, "-") ? a->input : "standard input";
}

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

static void say_counts(const struct import_args *a, const struct collect *c,
		       const struct import_counts *n)
{
	uint64_t first, last, events = collect_events(c, &first, &last);

	say_events(a, events, last - first, n->untimed + n->ticks == events);
	say_others(n);
	say("netfsnoop: skipped %" PRIu64 " unreadable netfs or cifs event%s\n", n->damaged);
	if (n->raw)
		fputs("netfsnoop: " RAW_FIELDS "\n", stderr);
	say("netfsnoop: ftrace lost or overwrote %" PRIu64 " event%s\n", n->lost);
	if (n->untimed != events)
		say("netfsnoop: %" PRIu64
		    " event%s without a time, placed 1 us after the one before\n",
		    n->untimed);
	say("netfsnoop: %" PRIu64
	    " event%s stamped with a clock of unknown unit (x86-tsc, counter, "
	    "uptime); for durations record with `trace-cmd record -C mono`\n",
	    n->ticks);
	say("netfsnoop: %" PRIu64 " event%s older than the one before\n", n->backwards);
	if (a->out->old)
		fprintf(stderr, "netfsnoop: renamed the earlier %s to %s\n", a->out->path,
			a->out->old);
	if (n->excerpt)
		fputs("netfsnoop: the input looks like an excerpt: findings of check will be inconclusive\n",
		      stderr);
}

static int no_event(const char *input, const struct import_counts *n, struct err *err)
{
	if (n->raw)
		return err_set(err, -EINVAL, "%s: " RAW_FIELDS, input);
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
		return err_set(err, -EIO, "cannot write %s: %s", output_name(a->out),
			       strerror(-rc));
	progress_clear(a->progress);
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
	return rc ? err_set(err, rc, "%s: %s", input_name(a), strerror(-rc))
		  : finish(a, c, &n, err);
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
		return err_set(err, -errno, "fork: %s", strerror(errno));
	if (!pid) {
		int rc = import_file(a, err);

		_exit(rc ? cmd_fail(err, rc, exit_of(rc)) : EXIT_CLEAN);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, -errno, "waitpid: %s", strerror(errno));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		a->out->made = false; /* it is what the process has made */
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return err_set(err, -EBADMSG, "%s: libtracecmd crashed on it, so it is damaged; " AS_TEXT,
		       a->input, a->input);
}

/* ---- what it is ---- */

/* A file whose start has been looked at; it may be a pipe. */
struct input {
	int fd;
	char start[16];
	size_t len, at;
	uint64_t size, done; /* size 0: unknown */
	struct progress *progress;
};

static void say_progress(struct input *in)
{
	if (!progress_due(in->progress))
		return;
	if (in->size)
		progress_say(in->progress, "reading: %3d %%",
			     (int)(in->done < in->size ? in->done * 100 / in->size : 100));
	else
		progress_say(in->progress, "reading: %s", fmt_bytes(in->done).s);
}

static ssize_t read_input(void *ctx, char *to, size_t size)
{
	struct input *in = ctx;
	size_t n = in->len - in->at;

	if (!n) {
		ssize_t got = read(in->fd, to, size);

		in->done += got > 0 ? got : 0;
		say_progress(in);
		return got;
	}
	n = n < size ? n : size;
	memcpy(to, in->start + in->at, n);
	in->at += n;
	return n;
}

static int open_input(const struct import_args *a, struct input *in, struct err *err)
{
	struct stat st;
	ssize_t n = 0;

	in->fd = strcmp(a->input, "-") ? open(a->input, O_RDONLY | O_CLOEXEC)
				       : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	do {
		n = in->fd < 0 ? -1
			       : read(in->fd, in->start + in->len, sizeof(in->start) - in->len);
		in->len += n > 0 ? n : 0;
	} while ((n > 0 && in->len < sizeof(in->start)) || (n < 0 && errno == EINTR));
	in->size = in->fd >= 0 && !fstat(in->fd, &st) && S_ISREG(st.st_mode) ? st.st_size : 0;
	return n < 0 ? err_set(err, -errno, "%s: %s", input_name(a), strerror(errno)) : 0;
}

/* What is no text, and not what we make of it either. */
static int refuse(const struct import_args *a, const struct input *in, struct err *err)
{
	const char *kind = foreign_name((const uint8_t *)in->start, in->len);
	__free(trace_reader_freep) struct trace_reader *r = NULL;

	if (in->len >= sizeof(frame_magic) &&
	    !memcmp(in->start, frame_magic, sizeof(frame_magic))) {
		if (!strcmp(a->input, "-") || !trace_reader_open(&r, a->input, NULL))
			return err_set(err, -EINVAL,
				       "%s is a netfsnoop trace already: use `netfsnoop report %s`",
				       input_name(a), a->input);
		kind = "zstd data";
	}
	if (!kind && memchr(in->start, 0, in->len))
		kind = "binary data";
	return kind && strcmp(kind, "text")
		       ? err_set(err, -EINVAL, "%s is %s, neither text nor a trace.dat",
				 input_name(a), kind)
		       : 0;
}

/* 0, -errno with err set, or the exit status of the process that did it. */
static int run(const struct import_args *a, struct err *err)
{
	__autofclose FILE *text = NULL;
	struct input in = { .progress = a->progress };
	int rc = open_input(a, &in, err);
	__autoclose int fd = in.fd;

	if (!rc && !import_is_dat(in.start, in.len))
		rc = refuse(a, &in, err);
	if (!rc)
		rc = output_open(a->out, a->output, OUTPUT_BINARY | OUTPUT_KEEP_OLD, err);
	if (!rc)
		rc = output_is_not(a->out, a->input, err);
	if (rc)
		return rc;
	progress_begin(a->progress, true);
	if (import_is_dat(in.start, in.len)) {
		progress_say(a->progress, "reading %s...", a->input);
		rc = import_guarded(a, err);
	} else {
		text = fopencookie(&in, "r", (cookie_io_functions_t){ .read = read_input });
		rc = text ? import_stream(a, text, err) : -ENOMEM;
	}
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
	return rc < 0 ? cmd_fail(&err, rc, exit_of(rc)) : rc;
}
