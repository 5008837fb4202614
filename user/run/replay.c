// SPDX-License-Identifier: GPL-2.0-only
/*
 * What report, check, export and diff have in common: a file goes through model and checks,
 * listeners hear.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "run/output.h"
#include "run/replay.h"
#include "run/stdout.h"
#include "trace/redact.h"

#define LOOK_EVERY 1024 /* records, at the clock */

static int add_checks(struct replay *r, const struct engine_options *judge, struct err *err)
{
	int rc = engine_new(&r->e, r->m, judge);

	if (rc == -EINVAL)
		return err_set(err, rc,
			       "--checks %s: no such check; `netfsnoop check --list` lists them",
			       judge->only);
	if (rc)
		return rc;
	return model_listen(r->m, engine_listener(r->e));
}

int replay_default(const char **path, struct err *err)
{
	if (*path)
		return 0;
	if (access(DEFAULT_TRACE, F_OK))
		return err_set(
			err, -ENOENT,
			"no trace named, and no " DEFAULT_TRACE
			" here: name one, give - for standard input, or make one with `netfsnoop record`");
	*path = DEFAULT_TRACE;
	fprintf(stderr, "netfsnoop: no trace named: reading " DEFAULT_TRACE "\n");
	return 0;
}

static int refuse_directory(const char *path, struct err *err)
{
	__autofree char *trace = NULL;

	if (asprintf(&trace, "%s/trace.nsn", path) < 0)
		return -ENOMEM;
	return err_set(err, -EINVAL, "%s is a directory: name a trace%s%s", path,
		       access(trace, F_OK) ? "" : ", such as ", access(trace, F_OK) ? "" : trace);
}

static int look_at(struct replay *r, const char *path, struct err *err)
{
	bool is_stdin = !strcmp(path, "-");
	struct stat st;

	r->path = is_stdin ? "standard input" : path;
	if (is_stdin && isatty(STDIN_FILENO))
		return err_set(err, -EINVAL,
			       "standard input is a terminal: name a trace, or pipe one in");
	if (is_stdin ? fstat(STDIN_FILENO, &st) : stat(path, &st))
		return 0; /* opening it says more */
	if (S_ISDIR(st.st_mode))
		return refuse_directory(path, err);
	r->size = S_ISREG(st.st_mode) ? st.st_size : 0;
	return output_stdout_is_not(path, err);
}

int replay_open(struct replay *ret_r, const char *path, const struct model_options *mo,
		const struct engine_options *judge, struct err *err)
{
	__free(replay_close) struct replay r = {};
	int rc = look_at(&r, path, err);

	progress_begin(&r.progress, true);
	if (!rc)
		rc = trace_reader_open(&r.reader, path, err);
	if (rc == -EACCES)
		err_set(err, rc, "cannot open %s: %s; only its owner can read a trace", path,
			strerror(EACCES));
	if (!rc)
		rc = model_new(&r.m, mo);
	if (!rc && judge)
		rc = add_checks(&r, judge, err);
	if (rc)
		return rc;
	*ret_r = r;
	r = (struct replay){};
	return 0;
}

int replay_check(const char *path, struct err *err)
{
	__free(replay_close) struct replay r = {};

	if (!path || !strcmp(path, "-")) /* which is read once */
		return 0;
	return replay_open(&r, path, NULL, NULL, err);
}

int replay_listen(struct replay *r, const struct model_listener *l)
{
	return model_listen(r->m, l);
}

/* Not where it would be in the middle of what is printed, or of a pager's screen. */
static bool has_room_for_progress(const struct replay *r)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) || S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
		return false;
	return !r->prints || !isatty(STDOUT_FILENO);
}

static void say_progress(struct replay *r)
{
	uint64_t done = trace_reader_offset(r->reader);

	if (!progress_due(&r->progress))
		return;
	if (r->size)
		progress_say(&r->progress, "reading: %3d %%  %s",
			     (int)(done < r->size ? done * 100 / r->size : 100), r->path);
	else
		progress_say(&r->progress, "reading: %s", fmt_bytes(done).s);
}

static int feed_all(struct replay *r)
{
	const struct ev_hdr *ev;
	int rc, fed = 0;

	for (uint64_t n = 0; !fed && (rc = trace_reader_next(r->reader, &ev)) == 1; n++) {
		ev = redact_if(r->redactor, ev);
		fed = ev ? model_feed(r->m, ev) : 0;
		if (n % LOOK_EVERY == 0)
			say_progress(r);
	}
	r->unreadable = !fed && rc < 0;
	return fed ? fed : rc;
}

int replay_run(struct replay *r)
{
	int rc;

	r->progress.on = r->progress.on && has_room_for_progress(r);
	rc = feed_all(r);
	if (!rc)
		rc = model_finish(r->m);
	if (!rc && r->e)
		rc = engine_finish(r->e);
	progress_clear(&r->progress);
	return rc;
}

int replay_fail(const struct replay *r, const char *output, int rc, struct err *err)
{
	if (!rc)
		return output ? 0 : stdout_flush(err);
	if (err->text[0])
		return rc;
	if (rc == -ENOMEM)
		return err_set(err, rc, "%s", strerror(ENOMEM));
	if (r->unreadable)
		return err_set(err, rc, "cannot read %s: %s", r->path, strerror(-rc));
	if (!output)
		return stdout_written(rc, err);
	return err_set(err, -EIO, "cannot write %s: %s", output, err_why(rc));
}

void replay_close(struct replay *r)
{
	engine_free(r->e);
	model_free(r->m);
	trace_reader_free(r->reader);
}

bool replay_damaged(const struct replay *r)
{
	const struct trace_damage *d = trace_reader_damage(r->reader);

	return d->bad_frames || d->bad_records || d->missing_blocks || d->torn_bytes ||
	       d->foreign_blocks || d->short_blocks || d->second_trace || d->no_end;
}

void replay_say_damage(const struct replay *r)
{
	const struct trace_damage *d = trace_reader_damage(r->reader);

	if (d->torn_bytes)
		fprintf(stderr,
			"netfsnoop: the trace is cut off: skipped the unfinished block at its end (%s)\n",
			fmt_bytes(d->torn_bytes).s);
	if (d->bad_frames)
		fprintf(stderr, "netfsnoop: skipped %llu damaged block%s, the first at byte %llu\n",
			(unsigned long long)d->bad_frames, plural(d->bad_frames),
			(unsigned long long)d->first_bad_offset);
	if (d->bad_records)
		fprintf(stderr,
			"netfsnoop: skipped the rest of %llu block%s, from an impossible record on\n",
			(unsigned long long)d->bad_records, plural(d->bad_records));
	if (d->missing_blocks)
		fprintf(stderr, "netfsnoop: %llu block%s missing from the trace\n",
			(unsigned long long)d->missing_blocks, plural(d->missing_blocks));
	if (d->misplaced_blocks)
		fprintf(stderr, "netfsnoop: skipped %llu repeated or misplaced block%s\n",
			(unsigned long long)d->misplaced_blocks, plural(d->misplaced_blocks));
	if (d->foreign_blocks)
		fprintf(stderr, "netfsnoop: skipped %llu block%s of another trace\n",
			(unsigned long long)d->foreign_blocks, plural(d->foreign_blocks));
	if (d->short_blocks)
		fprintf(stderr, "netfsnoop: %llu block%s with fewer records than recorded\n",
			(unsigned long long)d->short_blocks, plural(d->short_blocks));
	if (d->altered_blocks)
		fprintf(stderr, "netfsnoop: changed bytes in %llu block%s, but no changed record\n",
			(unsigned long long)d->altered_blocks, plural(d->altered_blocks));
	if (d->second_trace)
		fputs("netfsnoop: skipped another trace that follows in the same file; copy it to its own file to read it\n",
		      stderr);
	if (d->no_end && !d->torn_bytes)
		fputs("netfsnoop: the trace has no end: it is still being written, or was cut off\n",
		      stderr);
	if (d->unknown_records)
		fprintf(stderr, "netfsnoop: skipped %llu record%s of a newer netfsnoop\n",
			(unsigned long long)d->unknown_records, plural(d->unknown_records));
}
