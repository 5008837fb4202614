// SPDX-License-Identifier: GPL-2.0-only
/*
 * pages TRACE.nsn DIR: the files that `netfsnoop xfstests` writes while a run goes on, from a
 * recording of one; to standard output where DIR is "-". What check left of the tests that failed is made up, of bytes that break a page
 * which does not escape them.
 */
#include <string.h>

#include "trace/trace.h"
#include "xfstests/write.h"

static const char diff[] = "--- generic/003.out\n+++ generic/003.out.bad\n@@ -1 +1,3 @@\n"
			   " QA output created by 003\n+</pre><script>alert(1)</script>\n"
			   "+\x1b[31m\xff & \"more\"\n-that\n";

struct pages {
	struct model *m;
	struct engine *e;
	struct testrun *r;
	const char *dir;
};

static void die(const char *what)
{
	fprintf(stderr, "pages: %s\n", what);
	exit(3);
}

static FILE *create(const struct pages *p, const char *name)
{
	__autofree char *path = NULL;
	FILE *f;

	if (!strcmp(p->dir, "-"))
		f = fdopen(dup(STDOUT_FILENO), "w");
	else
		f = asprintf(&path, "%s/%s", p->dir, name) < 0 ? NULL : fopen(path, "w");
	if (!f)
		die("cannot write");
	return f;
}

static const char *page_at(void *ctx, uint64_t ns)
{
	(void)ctx;
	(void)ns;
	return "trace.html";
}

static void write_test(const struct pages *p, const struct test *t, const char *suffix,
		       xfs_test_fn fn)
{
	struct test_slug slug = test_slug(t);
	char name[sizeof(slug.s) + 16];
	FILE *f;

	snprintf(name, sizeof(name), "tests/%s.%s", slug.s, suffix);
	f = create(p, name);
	if (fn(f, p->r, t) || fclose(f))
		die("cannot write a page");
}

static void write_run(const struct pages *p, const struct testrun_info *info, const char *name,
		      xfs_run_fn fn)
{
	FILE *f = create(p, name);

	if (fn(f, p->r, info) || fclose(f))
		die("cannot write the run");
}

static int on_test(void *ctx, const struct test *t)
{
	struct pages *p = ctx;
	bool failed = t->judged && t->outcome != EV_TEST_PASS && t->outcome != EV_TEST_NOTRUN;
	const struct test_files left = { .out_bad = failed,
					 .dmesg = t->outcome == EV_TEST_DMESG,
					 .diff = t->outcome == EV_TEST_FAIL ? diff : NULL,
					 .log = t->outcome == EV_TEST_DMESG ? "BUG: <b>\x1b"
									    : NULL };

	if (failed && testrun_left(p->r, t->ordinal, &left))
		die("no memory");
	write_test(p, t, "html", testrun_html);
	write_test(p, t, "json", testrun_json);
	write_test(p, t, "txt", testrun_text);
	return 0;
}

static void replay(struct pages *p, const char *path)
{
	struct trace_reader *reader __free(trace_reader_freep) = NULL;
	const struct ev_hdr *ev;
	int rc;

	if (trace_reader_open(&reader, path, NULL))
		die("cannot open the trace");
	while ((rc = trace_reader_next(reader, &ev)) == 1)
		if (model_feed(p->m, ev))
			die("cannot follow the trace");
	if (rc < 0)
		die("cannot read the trace");
	if (model_finish(p->m) || engine_finish(p->e))
		die("cannot finish");
}

int main(int argc, char **argv)
{
	static const char *const traces[] = { "trace.nsn", "trace.1.nsn", NULL };
	static const struct trace_page made[] = { { "trace.html", true }, {} };
	struct pages p = { .dir = argc > 2 ? argv[2] : "" };
	struct model_options mo = { .keep = testrun_keep, .keep_ctx = &p.r };
	struct model_listener on = { .test = on_test, .ctx = &p };
	struct testrun_info info = { .command = "./check <b> generic/001",
				     .finished = true,
				     .status = 1,
				     .traces = traces,
				     .pages = made };

	if (argc != 3)
		die("TRACE DIR");
	if (model_new(&p.m, &mo) || engine_new(&p.e, p.m, NULL) || testrun_new(&p.r, p.m, p.e) ||
	    model_listen(p.m, engine_listener(p.e)) || model_listen(p.m, testrun_listener(p.r)) ||
	    model_listen(p.m, &on))
		die("no memory");
	testrun_set_pages(p.r, page_at, NULL);
	replay(&p, argv[1]);
	info.release = model_recording(p.m)->release;
	info.host = model_recording(p.m)->host;
	info.lost = model_recording(p.m)->lost;
	write_run(&p, &info, "index.html", testrun_index);
	write_run(&p, &info, "run.json", testrun_run_json);
	write_run(&p, &info, "junit.xml", testrun_junit);
	testrun_free(p.r);
	engine_free(p.e);
	model_free(p.m);
	return 0;
}
