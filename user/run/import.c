// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "run/import.h"
#include "run/peeked.h"
#include "run/progress.h"
#include "run/stdout.h"
#include "trace/foreign.h"
#include "trace/frame.h"
#include "trace/trace.h"

#define LEVEL	3 /* of zstd */
#define AS_TEXT "convert it with `trace-cmd report %s >report.txt`, and import that"

struct work {
	const struct import_job *job;
	struct output *out;
	struct progress *progress;
};

static const char *input_name(const struct work *w)
{
	return strcmp(w->job->input, "-") ? w->job->input : "standard input";
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
	return rc ?: rc2;
}

/* What every recording says of itself; the host is not known. */
static int add_meta(const struct work *w, struct collect *c, bool untimed)
{
	int rc = collect_meta(c, "netfsnoop", w->job->version);

	if (!rc && w->job->release)
		rc = collect_meta(c, "release", w->job->release);
	if (rc)
		return rc;
	return collect_meta(c, "clock",
			    untimed ? "none" : "ftrace's, most likely not CLOCK_MONOTONIC");
}

static int finish(const struct work *w, struct collect *c, const struct import_counts *n,
		  struct err *err)
{
	uint64_t first, last, events = collect_events(c, &first, &last);
	int rc, fd;

	if (!events)
		return import_say_none(input_name(w), n, err);
	if (w->job->all_events)
		collect_all_probes(c);
	rc = add_meta(w, c, n->untimed + n->ticks == events);
	if (rc)
		return rc;
	fd = output_begin(w->out, err);
	if (fd < 0)
		return fd;
	rc = write_trace(c, fd);
	if (rc)
		output_discard(w->out);
	if (rc)
		return err_set(err, -EIO, "cannot write %s: %s", output_name(w->out), err_why(rc));
	progress_clear(w->progress);
	import_say(w->out, c, n);
	return 0;
}

/* What is imported waits in a temporary file; a full disk is that one's. */
static int say_read(const struct work *w, int rc, struct err *err)
{
	if (rc == -ENOSPC || rc == -EDQUOT)
		return err_set(err, rc, "cannot write a temporary file in " P_tmpdir ": %s",
			       err_why(rc));
	return err_unreadable(input_name(w), rc, err);
}

/* text NULL: from the trace.dat itself. */
static int import_from(const struct work *w, FILE *text, struct err *err)
{
	__free(collect_freep) struct collect *c = NULL;
	struct import_counts n;
	int rc = collect_new(&c);

	if (rc)
		return say_read(w, rc, err);
	rc = text ? import_text(text, c, &n) : import_dat(w->job->input, c, &n);
	if (rc == -EBADMSG && text)
		return err_set(err, rc, "%s is damaged, nothing in it can be read: copy it again",
			       input_name(w));
	if (rc == -EBADMSG)
		return err_set(err, rc, "%s: libtracecmd cannot read it; " AS_TEXT, w->job->input,
			       w->job->input);
	if (!rc)
		rc = collect_flush(c);
	return rc ? say_read(w, rc, err) : finish(w, c, &n, err);
}

/* What the process of import_guarded() came to. */
struct told {
	int rc;
	struct err err;
};

/* libtracecmd trusts what it reads, so it may crash: in a process of its own. */
static int import_apart(const struct work *w, struct told *told, struct err *err)
{
	const char *input = w->job->input;
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return err_set(err, -errno, "cannot start a process to read %s: %s; " AS_TEXT,
			       input, strerror(errno), input);
	if (!pid) {
		told->rc = import_from(w, NULL, &told->err);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, -errno, "lost the process that reads %s: %s; " AS_TEXT,
				       input, strerror(errno), input);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(err, -EBADMSG,
			       "%s: libtracecmd crashed on it, so it is damaged; " AS_TEXT, input,
			       input);
	if (!told->rc)
		w->out->made = false; /* it is what the process has made */
	*err = told->err;
	return told->rc;
}

static int import_guarded(const struct work *w, struct err *err)
{
	const char *input = w->job->input;
	struct told *told;
	int rc;

	if (!strcmp(input, "-"))
		return err_set(err, -EINVAL,
			       "standard input is a trace.dat, which must be a file: name it");
	if (!import_has_dat())
		return err_set(
			err, -EOPNOTSUPP,
			"%s is a trace.dat, which this build without libtracecmd cannot read; " AS_TEXT,
			input, input);
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		return -errno;
	rc = import_apart(w, told, err);
	munmap(told, sizeof(*told));
	return rc;
}

/* ---- what it is ---- */

/* What is no text, and not what we make of it either. */
static int refuse(const struct work *w, const struct peeked *in, struct err *err)
{
	const char *kind = foreign_name((const uint8_t *)in->start, in->len);
	__free(trace_reader_freep) struct trace_reader *r = NULL;

	if (in->len >= sizeof(frame_magic) &&
	    !memcmp(in->start, frame_magic, sizeof(frame_magic))) {
		if (!strcmp(w->job->input, "-") || !trace_reader_open(&r, w->job->input, NULL))
			return err_set(err, -EINVAL,
				       "%s is a netfsnoop trace already: use `netfsnoop report %s`",
				       input_name(w), w->job->input);
		return 0;
	}
	if (import_is_packed(in->start, in->len) || import_is_dat(in->start, in->len))
		return 0;
	if (!kind && memchr(in->start, 0, in->len))
		kind = "binary data";
	return kind && strcmp(kind, "text")
		       ? err_set(err, -EINVAL,
				 "%s is %s, neither text nor a trace.dat: give what `trace-cmd report` prints, or a copy of /sys/kernel/tracing/trace",
				 input_name(w), kind)
		       : 0;
}

static int import_peeked(const struct work *w, struct peeked *in, struct err *err)
{
	__autofclose FILE *text = NULL;

	if (import_is_dat(in->start, in->len)) {
		progress_say(w->progress, "reading %s...", w->job->input);
		return import_guarded(w, err);
	}
	text = peeked_stream(in, w->progress);
	return text ? import_from(w, text, err) : -ENOMEM;
}

static int run(const struct work *w, struct err *err)
{
	const struct import_job *job = w->job;
	__free(peeked_close) struct peeked in = PEEKED_NONE;
	int rc = peeked_open(&in, job->input);

	if (rc)
		return err_unreadable(input_name(w), rc, err);
	rc = refuse(w, &in, err);
	if (rc)
		return rc;
	rc = output_open(w->out, job->output, OUTPUT_BINARY | OUTPUT_KEEP_OLD, err);
	if (rc)
		return rc;
	rc = output_is_not(w->out, job->input, err);
	if (rc)
		return rc;
	progress_begin(w->progress, true);
	rc = import_peeked(w, &in, err);
	progress_clear(w->progress);
	return rc;
}

int import_run(const struct import_job *job, struct err *err)
{
	__free(output_close) struct output out = OUTPUT_NONE;
	struct progress progress;
	const struct work w = { .job = job, .out = &out, .progress = &progress };

	return run(&w, err);
}
