// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way of a record through an xfstests run: trace, model, pages. cmd/xfstests.c feeds it from
 * a capture.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <utlist.h>

#include "base/file.h"
#include "check/check.h"
#include "event/kinds.h"
#include "xfstests/dir.h"
#include "xfstests/files.h"
#include "xfstests/onefile.h"
#include "xfstests/result.h"
#include "xfstests/run.h"
#include "xfstests/testrun.h"
#include "xfstests/write.h"

#define INDEX_NS (2 * 1000000000ULL) /* of stream time between two writings of the index */

struct queued {
	struct queued *next;
	struct ev_hdr ev; /* ev.size bytes in all */
};

struct xfs_run {
	struct xfs_run_options opts;
	struct xfs_dir dir; /* opened by the first record */
	struct xfs_trace *trace;
	struct model *m;
	struct engine *e;
	struct testrun *tr;
	struct model_listener listener;
	struct xfs_watch *watches;
	struct queued *queue;	/* records of ours that wait for the model to be free */
	char *base;		/* RESULT_BASE */
	char *here;		/* of xfstests */
	struct trace_page page; /* that was asked for last */
	char *last_dir;		/* RESULT_DIR of the latest test */
	struct testrun_info info;
	struct trace_page *pages; /* of info */
	uint64_t index_ns;
	uint64_t *written; /* by ordinal - 1: findings that the pages of a test have */
	uint32_t nr_written;
	bool over;
	struct err *err; /* borrowed */
};

/* ---- pages ---- */

static int write_index(struct xfs_run *x)
{
	const struct recording *rec = model_recording(x->m);
	int rc;

	x->info.release = rec->release;
	x->info.host = rec->host;
	x->info.lost = rec->lost;
	x->info.lost_at_least = rec->lost_at_least;
	x->info.traces = xfs_trace_names(x->trace);
	x->index_ns = rec->now_ns;
	rc = xfs_write_run(x->dir.fd, "index.html", testrun_index, x->tr, &x->info);
	if (rc)
		return rc;
	rc = xfs_write_run(x->dir.fd, "run.json", testrun_run_json, x->tr, &x->info);
	if (rc)
		return rc;
	return xfs_write_run(x->dir.fd, "junit.xml", testrun_junit, x->tr, &x->info);
}

/* ---- records of ours ---- */

static int queue_result(struct xfs_run *x, const struct xfs_watch *w)
{
	const char *texts[] = { w->reason, w->section ? w->section : "", w->dir ? w->dir : "" };
	size_t size = sizeof(struct ev_test_result), at = size;
	struct queued *q, **tail = &x->queue;
	struct ev_test_result *ev;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		size += strlen(texts[i]) + 1;
	size = (size + EV_ALIGN - 1) / EV_ALIGN * EV_ALIGN;
	q = calloc(1, offsetof(struct queued, ev) + size);
	if (!q)
		return -ENOMEM;
	ev = (struct ev_test_result *)&q->ev;
	ev->hdr.size = size;
	ev->hdr.kind = EV_TEST_RESULT;
	ev->hdr.ts = model_recording(x->m)->now_ns;
	ev->ordinal = w->ordinal;
	ev->outcome = w->outcome;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		memcpy((char *)ev + at, texts[i], strlen(texts[i]));
		at += strlen(texts[i]) + 1;
	}
	while (*tail)
		tail = &(*tail)->next;
	*tail = q;
	return 0;
}

/* ---- following the tests ---- */

/* Beside the latest one's: results/generic, results/cifs. NULL: none before, or no memory. */
static char *guess_dir(const struct xfs_run *x, const struct test *t)
{
	const char *slash = strrchr(t->name, '/'), *end;
	char *dir;

	end = x->last_dir ? strrchr(x->last_dir, '/') : NULL;
	if (!end || !slash ||
	    asprintf(&dir, "%.*s/%.*s", (int)(end - x->last_dir), x->last_dir,
		     (int)(slash - t->name), t->name) < 0)
		return NULL;
	return dir;
}

static int watch_new(struct xfs_run *x)
{
	struct xfs_watch *w = calloc(1, sizeof(*w));
	const struct test *t = model_test(x->m, model_nr_tests(x->m));
	__autofree char *guess = guess_dir(x, t);

	if (!w)
		return -ENOMEM;
	w->ordinal = t->ordinal;
	DL_APPEND(x->watches, w);
	return guess ? xfs_watch_start(w, t, guess, x->base) : 0;
}

static int note_dir(struct xfs_run *x, const char *dir)
{
	char *copy = strdup(dir);

	if (!copy)
		return -ENOMEM;
	free(x->last_dir);
	x->last_dir = copy;
	return 0;
}

/* "Interrupted!" stands in check.log before its last summary; check's exit status is 0 then. */
static bool log_says_interrupted(const char *dir)
{
	__autofree char *path = NULL, *text = NULL;
	const char *last = NULL;

	if (!dir || asprintf(&path, "%s/check.log", dir) < 0 ||
	    file_read(path, 64 << 20, &text, NULL))
		return false;
	for (const char *p = text; (p = strstr(p, "\nRan: ")); p++)
		last = p;
	return last && strstr(last, "\nInterrupted!");
}

/* Of a test that did not pass, or that broke rules. */
static int keep_files(struct xfs_run *x, const struct xfs_watch *w, const struct test *t)
{
	bool good = w->outcome == EV_TEST_PASS || w->outcome == EV_TEST_NOTRUN;
	struct test_files left;
	struct xfs_files f;
	int rc;

	if (good && test_verdict(x->m, x->e, t).io != IO_FINDINGS)
		return 0;
	rc = xfs_files_keep(&f, w, t, x->dir.tests_fd, x->here);
	left = (struct test_files){ .out_bad = f.out_bad, .full = f.full, .dmesg = f.dmesg };
	left.diff = f.diff;
	left.log = w->outcome == EV_TEST_DMESG ? f.log : NULL;
	if (!rc)
		rc = testrun_left(x->tr, t->ordinal, &left);
	xfs_files_clear(&f);
	return rc;
}

static int end_watch(struct xfs_run *x, struct xfs_watch *w)
{
	const struct test *t = model_test(x->m, w->ordinal);
	int rc = xfs_watch_end(w, t);

	/* the last test of an interrupted run did not come to an end of its own */
	if (x->info.interrupted && x->over && w->outcome != EV_TEST_NOTRUN) {
		w->outcome = EV_TEST_UNFINISHED;
		snprintf(w->reason, sizeof(w->reason), "the run was interrupted");
	}
	if (!rc)
		rc = keep_files(x, w, t);
	if (!rc)
		rc = queue_result(x, w);
	DL_DELETE(x->watches, w);
	xfs_watch_free(w);
	return rc;
}

/* Of those that the model says are over now. */
static int end_watches(struct xfs_run *x)
{
	struct xfs_watch *w, *next;
	int rc = 0;

	DL_FOREACH_SAFE (x->watches, w, next)
		if (!rc && model_test(x->m, w->ordinal)->end_ns)
			rc = end_watch(x, w);
	return rc;
}

static const char *env_of(const struct ev_test_env *ev, const char *name)
{
	size_t len = strlen(name);

	for (unsigned int n = 0; *ev_text(&ev->hdr, n); n++)
		if (!strncmp(ev_text(&ev->hdr, n), name, len) && ev_text(&ev->hdr, n)[len] == '=')
			return ev_text(&ev->hdr, n) + len + 1;
	return NULL;
}

static int note_base(struct xfs_run *x, const struct ev_test_env *ev)
{
	const char *base = env_of(ev, "RESULT_BASE"), *here = env_of(ev, "here");

	if (!x->here && here) {
		x->here = strdup(here);
		if (!x->here)
			return -ENOMEM;
	}
	if (x->base || (!base && !here))
		return 0;
	if (base)
		x->base = strdup(base);
	else if (asprintf(&x->base, "%s/results", here) < 0)
		x->base = NULL;
	return x->base ? 0 : -ENOMEM;
}

static int on_env(struct xfs_run *x, const struct ev_test_env *ev)
{
	const char *dir = env_of(ev, "RESULT_DIR");
	struct xfs_watch *w;
	int rc = note_base(x, ev);

	DL_FOREACH (x->watches, w) {
		const struct test *t = model_test(x->m, w->ordinal);

		if (!rc && dir && t->pid == ev->pid)
			rc = xfs_watch_start(w, t, dir, x->base);
	}
	return rc || !dir ? rc : note_dir(x, dir);
}

static int on_proc(struct xfs_run *x, const struct ev_proc *ev)
{
	struct xfs_watch *w;
	int rc = 0;

	if (ev->event != EV_PROC_EXIT)
		return 0;
	DL_FOREACH (x->watches, w) {
		const struct test *t = model_test(x->m, w->ordinal);

		if (!rc && t->pid == ev->pid && t->script_end_ns == ev->hdr.ts)
			rc = xfs_watch_script_end(w, t);
	}
	if (rc)
		return rc;
	if (ev->pid != ev->root)
		return 0;
	x->over = true;
	x->info.interrupted |= log_says_interrupted(x->base);
	return end_watches(x);
}

static int on_mark(struct xfs_run *x)
{
	int rc = end_watches(x);

	if (!rc && (!x->watches || x->watches->prev->ordinal != model_nr_tests(x->m)) &&
	    model_nr_tests(x->m) && !model_test(x->m, model_nr_tests(x->m))->end_ns)
		rc = watch_new(x);
	return rc;
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	struct xfs_run *x = ctx;

	switch (ev->kind) {
	case EV_TEST:
	case EV_TEST_LINE:
		return on_mark(x);
	case EV_TEST_ENV:
		return on_env(x, (const void *)ev);
	case EV_PROC:
		return on_proc(x, (const void *)ev);
	default:
		return 0;
	}
}

static uint64_t count_findings(const struct xfs_run *x, const struct test *t)
{
	struct test_verdict v = test_verdict(x->m, x->e, t);

	return v.violations + v.inconclusive;
}

static int write_all(struct xfs_run *x, const struct test *t)
{
	if (t->ordinal > x->nr_written) {
		uint64_t *more = realloc(x->written, t->ordinal * sizeof(*more));

		if (!more)
			return -ENOMEM;
		x->written = more;
		x->nr_written = t->ordinal;
	}
	x->written[t->ordinal - 1] = count_findings(x, t);
	xfs_write_beside(x->tr, t);
	return xfs_write_pages(x->dir.tests_fd, x->tr, t);
}

/* What hangs, or leaks, shows only at the end. */
static int rewrite_changed(struct xfs_run *x)
{
	int rc = 0;

	for (uint32_t i = 1; !rc && i <= x->nr_written; i++)
		if (x->written[i - 1] != count_findings(x, model_test(x->m, i)))
			rc = write_all(x, model_test(x->m, i));
	return rc;
}

static bool is_interesting(const struct xfs_run *x, const struct test *t)
{
	bool good = t->judged && (t->outcome == EV_TEST_PASS || t->outcome == EV_TEST_NOTRUN);
	enum io_verdict io = test_verdict(x->m, x->e, t).io;

	return !good || io == IO_FINDINGS || io == IO_INCONCLUSIVE;
}

static int on_test(void *ctx, const struct test *t)
{
	struct xfs_run *x = ctx;
	int rc = write_all(x, t);

	if (is_interesting(x, t)) {
		xfs_trace_interesting(x->trace, t->mark_ns);
		xfs_trace_interesting(x->trace, t->end_ns);
	}
	testrun_line(x->dir.log, x->tr, t);
	fflush(x->dir.log);
	if (x->opts.live) {
		testrun_line(x->opts.live, x->tr, t);
		fflush(x->opts.live);
	}
	if (!t->open)
		testrun_forget(x->tr, t->ordinal);
	if (!rc && (x->opts.trace.sync || model_recording(x->m)->now_ns >= x->index_ns + INDEX_NS))
		rc = write_index(x);
	if (x->opts.trace.sync)
		syncfs(x->dir.fd);
	return rc;
}

static int on_found(void *ctx, const struct finding *f)
{
	struct xfs_run *x = ctx;

	xfs_trace_interesting(x->trace, f->time_ns);
	return 0;
}

/* ---- the stream ---- */

static int take(struct xfs_run *x, const struct ev_hdr *ev)
{
	int rc = xfs_trace_add(x->trace, ev);

	if (rc)
		return rc;
	return model_feed(x->m, ev);
}

int xfs_run_add(struct xfs_run *x, const struct ev_hdr *ev)
{
	int rc = x->dir.log ? 0 : xfs_dir_open(&x->dir, x->opts.trace.dir, x->err);

	if (!rc)
		rc = take(x, ev);

	while (!rc && x->queue) {
		struct queued *q = x->queue;

		x->queue = q->next;
		rc = take(x, &q->ev);
		free(q);
	}
	return rc;
}

int xfs_run_tick(struct xfs_run *x, uint64_t elapsed_ns)
{
	return xfs_trace_tick(x->trace, elapsed_ns);
}

void xfs_run_interrupted(struct xfs_run *x)
{
	x->info.interrupted = true;
}

bool xfs_run_over(const struct xfs_run *x)
{
	return x->over;
}

const char *xfs_run_old(const struct xfs_run *x)
{
	return x->dir.old;
}

bool xfs_run_was_interrupted(const struct xfs_run *x)
{
	return x->info.interrupted;
}

void xfs_run_sums(const struct xfs_run *x, unsigned int *ret_tests, unsigned int *ret_violated)
{
	*ret_tests = model_nr_tests(x->m);
	*ret_violated = 0;
	for (uint32_t i = 1; i <= *ret_tests; i++)
		*ret_violated += test_verdict(x->m, x->e, model_test(x->m, i)).io == IO_FINDINGS;
}

/* Tests whose end was not seen. */
static int end_all(struct xfs_run *x)
{
	int rc = 0;

	while (!rc && x->watches)
		rc = end_watch(x, x->watches);
	while (!rc && x->queue) {
		struct queued *q = x->queue;

		x->queue = q->next;
		rc = take(x, &q->ev);
		free(q);
	}
	return rc;
}

static bool wanted(void *ctx, uint64_t mark_ns)
{
	const struct xfs_run *x = ctx;

	for (uint32_t i = 1; i <= model_nr_tests(x->m); i++)
		if (model_test(x->m, i)->mark_ns == mark_ns)
			return is_interesting(x, model_test(x->m, i));
	return false;
}

/* A page that cannot be written is no reason to lose the index. */
static int write_traces_pages(struct xfs_run *x)
{
	const struct xfs_html_job job = {
		.dir = x->opts.trace.dir,
		.names = xfs_trace_names(x->trace),
		.wanted = wanted,
		.ctx = x,
		.say = x->opts.say,
	};
	int rc = xfs_html_write(&job, &x->pages);

	if (rc && rc != -ENOMEM && x->opts.say)
		fprintf(x->opts.say, "netfsnoop: cannot write pages of the traces: %s\n",
			err_why(rc));
	x->info.pages = x->pages;
	return rc == -ENOMEM ? rc : 0;
}

int xfs_run_finish(struct xfs_run *x, int status)
{
	int rc = x->dir.log ? end_all(x) : 0, rc2;

	if (!x->dir.log) /* nothing was recorded, so nothing is replaced */
		return 0;
	x->info.finished = status >= 0;
	x->info.status = status < 0	       ? 0
			 : WIFSIGNALED(status) ? 128 + WTERMSIG(status)
					       : WEXITSTATUS(status);
	if (!rc)
		rc = model_finish(x->m);
	if (!rc)
		rc = engine_finish(x->e);
	if (!rc)
		rc = rewrite_changed(x);
	rc2 = xfs_trace_close(x->trace);
	rc = rc ?: rc2;
	if (rc)
		return rc;
	rc = write_traces_pages(x);
	if (rc)
		return rc;
	return write_index(x);
}

/* ---- life ---- */

static const char *page_at(void *ctx, uint64_t ns)
{
	struct xfs_run *x = ctx;
	const char *name = xfs_trace_at(x->trace, ns);

	if (name)
		x->page = xfs_page_of(name);
	return name ? x->page.name : NULL;
}

static int make_model(struct xfs_run *x)
{
	struct model_options mo = { .keep = testrun_keep, .keep_ctx = &x->tr };
	struct engine_options eo = { .found = on_found, .ctx = x };
	int rc = model_new(&x->m, &mo);

	if (!rc)
		rc = engine_new(&x->e, x->m, &eo);
	if (!rc)
		rc = testrun_new(&x->tr, x->m, x->e);
	if (!rc)
		testrun_set_pages(x->tr, page_at, x);
	if (!rc)
		rc = model_listen(x->m, engine_listener(x->e));
	if (!rc)
		rc = model_listen(x->m, testrun_listener(x->tr));
	x->listener = (struct model_listener){ .event = on_event, .test = on_test, .ctx = x };
	if (rc)
		return rc;
	return model_listen(x->m, &x->listener);
}

int xfs_run_new(struct xfs_run **ret_x, const struct xfs_run_options *opts, struct err *err)
{
	__free(xfs_run_freep) struct xfs_run *x = calloc(1, sizeof(*x));
	int rc;

	if (!x)
		return -ENOMEM;
	x->opts = *opts;
	x->dir = XFS_DIR_NONE;
	x->info.command = opts->command;
	x->err = err;
	rc = xfs_dir_check(x->opts.trace.dir, err);
	if (!rc)
		rc = xfs_trace_new(&x->trace, &x->opts.trace);
	if (!rc)
		rc = make_model(x);
	if (!rc)
		*ret_x = TAKE(x);
	return rc;
}

void xfs_run_free(struct xfs_run *x)
{
	struct xfs_watch *w, *next;

	if (!x)
		return;
	DL_FOREACH_SAFE (x->watches, w, next)
		xfs_watch_free(w);
	while (x->queue) {
		struct queued *q = x->queue;

		x->queue = q->next;
		free(q);
	}
	testrun_free(x->tr);
	engine_free(x->e);
	model_free(x->m);
	xfs_trace_free(x->trace);
	xfs_dir_close(&x->dir);
	free(x->base);
	free(x->here);
	free(x->pages);
	free(x->last_dir);
	free(x->written);
	free(x);
}
