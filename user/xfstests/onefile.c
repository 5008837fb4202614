// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "run/export.h"
#include "run/replay.h"
#include "xfstests/onefile.h"

#define WHOLE_MAX (64ULL << 20)	 /* of a trace that is shown in full: some 100,000 subrequests */
#define READ_MAX  (512ULL << 20) /* of traces in all: a run is not to end minutes after check */
#define SAY_FROM  (8ULL << 20)

struct trace_page xfs_page_of(const char *trace)
{
	struct trace_page page = {};
	const char *dot = strrchr(trace, '.');

	snprintf(page.name, sizeof(page.name), "%.*s.html", (int)(dot ? dot - trace : 30), trace);
	return page;
}

static bool wants(void *ctx, const struct test *t)
{
	const struct xfs_html_job *job = ctx;

	return job->wanted(job->ctx, t->mark_ns);
}

/* 0600, as the trace: it holds the same names. */
static int export_to(const char *trace, const char *page, const struct request_filter *filter)
{
	__free(replay_close) struct replay r = {};
	struct engine_options judge = {};
	struct err err = {};
	int fd = open(page, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), rc;
	__autofclose FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	struct export_job job = { .filter = filter, .path = page, .out = out };

	if (!out) {
		rc = -errno;
		closep(&fd);
		return rc;
	}
	rc = replay_open(&r, trace, NULL, &judge, &err);
	if (rc)
		return rc;
	progress_begin(&r.progress, false); /* say() has said it */
	job.m = r.m;
	job.e = r.e;
	job.damage = trace_reader_damage(r.reader);
	rc = export_replay(&export_html, &r, &job, &err);
	if (!rc && ferror(out))
		rc = -EIO;
	return fclose(TAKE(out)) && !rc ? -errno : rc;
}

static int write_page(const struct xfs_html_job *job, const char *name, bool whole)
{
	struct request_filter filter = { .wants = whole ? NULL : wants, .wants_ctx = (void *)job };
	__autofree char *trace = NULL, *page = NULL, *temp = NULL;
	int rc = -ENOMEM;

	if (asprintf(&trace, "%s/%s", job->dir, name) > 0 &&
	    asprintf(&page, "%s/%s", job->dir, xfs_page_of(name).name) > 0 &&
	    asprintf(&temp, "%s.new", page) > 0)
		rc = export_to(trace, temp, &filter);
	if (!rc && rename(temp, page))
		rc = -errno;
	if (rc && temp)
		unlink(temp);
	return rc;
}

static uint64_t size_of(const struct xfs_html_job *job, const char *name)
{
	__autofree char *path = NULL;
	struct stat st;

	return asprintf(&path, "%s/%s", job->dir, name) > 0 && !stat(path, &st) ? st.st_size : 0;
}

static void say(const struct xfs_html_job *job, const char *name, uint64_t size)
{
	if (job->say && size >= SAY_FROM)
		fprintf(job->say, "netfsnoop: writing %s/%s from %s of trace\n", job->dir,
			xfs_page_of(name).name, fmt_bytes(size).s);
}

int xfs_html_write(const struct xfs_html_job *job, struct trace_page **ret_pages)
{
	struct trace_page *pages;
	uint64_t read = 0;
	size_t n = 0;
	int rc = 0;

	while (job->names[n])
		n++;
	pages = calloc(n + 1, sizeof(*pages));
	if (!pages)
		return -ENOMEM;
	for (size_t i = 0; !rc && i < n; i++) {
		uint64_t size = size_of(job, job->names[i]);

		read += size;
		if (read > READ_MAX)
			break;
		say(job, job->names[i], size);
		rc = write_page(job, job->names[i], size <= WHOLE_MAX);
		if (rc)
			break;
		pages[i] = xfs_page_of(job->names[i]);
		pages[i].part = size > WHOLE_MAX;
	}
	*ret_pages = pages;
	return rc;
}
