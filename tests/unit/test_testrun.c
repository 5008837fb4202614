// SPDX-License-Identifier: GPL-2.0-only
/* view: the pages of an xfstests run, with names that would break them; trace: heads of later
 * files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "trace/head.h"
#include "trace_util.h"
#include "xfstests/testrun.h"

#define CHECK 50
#define NAME  "generic/<b>&\"'\x1b[31m\xff"

struct run {
	struct model *m;
	struct engine *e;
	struct testrun *r;
	uint64_t now;
};

static int setup(void **state)
{
	struct run *run = calloc(1, sizeof(*run));

	assert_int_equal(model_new(&run->m, NULL), 0);
	assert_int_equal(engine_new(&run->e, run->m, NULL), 0);
	assert_int_equal(testrun_new(&run->r, run->m, run->e), 0);
	assert_int_equal(model_listen(run->m, engine_listener(run->e)), 0);
	assert_int_equal(model_listen(run->m, testrun_listener(run->r)), 0);
	*state = run;
	return 0;
}

static int teardown(void **state)
{
	struct run *run = *state;

	testrun_free(run->r);
	engine_free(run->e);
	model_free(run->m);
	free(run);
	return 0;
}

static void feed(struct run *run, struct ev_hdr *ev, size_t size, uint8_t kind)
{
	ev->size = size;
	ev->kind = kind;
	ev->probe = 1;
	ev->ts = run->now += 1000000;
	ev->tid = ev->tgid = CHECK;
	assert_int_equal(model_feed(run->m, ev), 0);
}

static void add_test(struct run *run, const char *name, enum ev_outcome outcome, const char *reason)
{
	struct ev_test mark = { .root = CHECK };
	struct ev_sreq sreq = { .hdr.flags = EVF_RREQ,
				.rreq = model_nr_tests(run->m) + 1,
				.sreq = 1 };
	struct {
		struct ev_test_result ev;
		char text[64];
	} res = { .ev = { .outcome = outcome } };

	snprintf(mark.text, sizeof(mark.text), "run fstests %s at 2026-11-22 20:07:16", name);
	feed(run, &mark.hdr, sizeof(mark), EV_TEST);
	feed(run, &sreq.hdr, sizeof(sreq), EV_SREQ);
	res.ev.ordinal = model_nr_tests(run->m);
	snprintf(res.text, sizeof(res.text), "%s", reason);
	feed(run, &res.ev.hdr, sizeof(res), EV_TEST_RESULT);
}

/* The output of one of the views, NUL-terminated; the caller's. */
#define OUTPUT(call)                                        \
	({                                                  \
		char *text_ = NULL;                         \
		size_t size_ = 0;                           \
		FILE *out = open_memstream(&text_, &size_); \
		assert_int_equal(call, 0);                  \
		assert_int_equal(fclose(out), 0);           \
		text_;                                      \
	})

static bool is_safe(const char *text)
{
	return !strstr(text, "<b>") && !strchr(text, '\x1b') && !strstr(text, "\xff");
}

/* A probe of a name that no probe has, as files of others may have it. */
static void add_probe(struct run *run, const char *name)
{
	struct {
		struct ev_probe_rec ev;
		char text[64];
	} rec = { .ev = { .id = 1, .state = EV_PROBE_ON } };

	snprintf(rec.text, sizeof(rec.text), "%s%ctp_btf", name, 0);
	feed(run, &rec.ev.hdr, sizeof(rec), EV_PROBE);
}

static void add_mount(struct run *run, const char *source, const char *options)
{
	struct {
		struct ev_mount ev;
		char text[128];
	} mount = { .ev.dev = 1 };

	snprintf(mount.text, sizeof(mount.text), "cifs%c%s%c/mnt%c%s", 0, source, 0, 0, options);
	feed(run, &mount.ev.hdr, sizeof(mount), EV_MOUNT);
}

static const char *page_at(void *ctx, uint64_t ns)
{
	(void)ctx;
	(void)ns;
	return "trace.html";
}

static void test_any_bytes(void **state)
{
	static const struct test_files left = { .out_bad = true,
						.diff = "-<b>\n+\x1b\xff\n",
						.log = "BUG: <b>\x1b" };
	static const char *const traces[] = { "trace.nsn", NULL };
	struct testrun_info info = { .command = "check <b>", .finished = true, .traces = traces };
	struct run *run = *state;
	const struct test *t;

	add_mount(run, "//srv/<b>\x1b", "vers=3.1.1,<b>\xff");
	add_test(run, NAME, EV_TEST_FAIL, "<b>\x1b");
	assert_int_equal(testrun_left(run->r, 1, &left), 0);
	testrun_set_pages(run->r, page_at, NULL);
	assert_int_equal(model_finish(run->m), 0);
	assert_int_equal(engine_finish(run->e), 0);
	t = model_test(run->m, 1);
	assert_string_equal(t->name, NAME);
	{
		__autofree char *index = OUTPUT(testrun_index(out, run->r, &info));
		__autofree char *page = OUTPUT(testrun_html(out, run->r, t));
		__autofree char *junit = OUTPUT(testrun_junit(out, run->r, &info));
		__autofree char *line = OUTPUT(testrun_line(out, run->r, t));

		assert_true(is_safe(index));
		assert_true(is_safe(page));
		assert_true(is_safe(junit));
		assert_null(strchr(line, '\x1b'));
		assert_non_null(strstr(index, "generic/&lt;b&gt;&amp;&quot;&#39;\\x1b[31m\\xff"));
		assert_non_null(strstr(index, "vers=3.1.1,&lt;b&gt;\\xff"));
		assert_non_null(
			strstr(index, "trace.html#test=generic/%3Cb%3E%26%22%27%5Cx1b%5B31m"));
		assert_non_null(strstr(page, "<span class=\"add\">+\\x1b\\xff</span>"));
		assert_non_null(strstr(page, "BUG: &lt;b&gt;\\x1b"));
		assert_non_null(strstr(page, "<a href=\"../trace.html#test=generic/%3Cb%3E"));
	}
	assert_string_equal(test_slug(t).s, "generic-+3cb+3e+26+22+27+1b+5b31m+ff.1");
}

/* The place of a word in the table of tests; what is not there is behind all. */
static const char *place(const char *index, const char *word)
{
	const char *table = strstr(index, "<table class=\"sortable tests\">"), *at;

	assert_non_null(table);
	at = strstr(table, word);
	return at ? at : table + strlen(table);
}

static void look_at_index(const struct testrun *r, const struct testrun_info *info)
{
	__autofree char *index = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&index, &size);

	assert_int_equal(testrun_index(out, r, info), 0);
	assert_int_equal(fclose(out), 0);

	assert_non_null(strstr(index,
			       "<strong>Failures:</strong> <a href=\"tests/generic-003.1.html\">"
			       "generic/003</a> <a href=\"tests/generic-004.1.html\">"
			       "generic/004</a> </p>"));
	assert_non_null(strstr(index, "href=\"#check=fail\">2</a>"));
	assert_non_null(strstr(index, "href=\"#check=not run&amp;verdict=nothing to "
				      "judge\">1</a>"));
	assert_true(place(index, ">generic/003<") < place(index, ">generic/001<"));
	assert_true(place(index, ">generic/001<") < place(index, ">generic/002<"));
	assert_non_null(strstr(index, "<a href=\"trace.html\">trace.html</a>"));
	assert_non_null(strstr(index, "export --to html -o trace.1.html trace.1.nsn"));
}

/* What check calls failures is on top; numbers of both verdicts; what failed before what passed. */
static void test_index(void **state)
{
	static const char *const traces[] = { "trace.nsn", "trace.1.nsn", NULL };
	static const struct trace_page pages[] = { { "trace.html", false }, {} };
	struct testrun_info info = {
		.command = "c", .finished = true, .status = 1, .traces = traces, .pages = pages
	};
	struct run *run = *state;

	add_test(run, "generic/001", EV_TEST_PASS, "");
	add_test(run, "generic/002", EV_TEST_NOTRUN, "needs reflink");
	add_test(run, "generic/003", EV_TEST_FAIL, "output mismatch");
	add_test(run, "generic/004", EV_TEST_DMESG, "BUG: ");
	assert_int_equal(model_finish(run->m), 0);
	assert_int_equal(engine_finish(run->e), 0);
	look_at_index(run->r, &info);
}

static void test_run_json(void **state)
{
	static const char *const traces[] = { "trace.nsn", "trace.1.nsn", NULL };
	struct testrun_info info = {
		.command = "c", .finished = true, .interrupted = true, .status = 0, .traces = traces
	};
	struct run *run = *state;
	json_t *root, *test;

	add_test(run, "generic/001", EV_TEST_PASS, "");
	add_test(run, "generic/001", EV_TEST_UNFINISHED, "the run was interrupted");
	assert_int_equal(model_finish(run->m), 0);
	{
		__autofree char *text = OUTPUT(testrun_run_json(out, run->r, &info));

		root = json_loads(text, 0, NULL);
	}
	assert_non_null(root);
	assert_true(json_is_true(json_object_get(root, "interrupted")));
	assert_int_equal(json_array_size(json_object_get(root, "traces")), 2);
	assert_int_equal(json_array_size(json_object_get(root, "tests")), 2);
	test = json_array_get(json_object_get(root, "tests"), 1);
	assert_string_equal(json_string_value(json_object_get(test, "type")), "test");
	assert_string_equal(json_string_value(json_object_get(test, "result")), "unfinished");
	assert_int_equal(json_integer_value(json_object_get(test, "repeat")), 2);
	assert_string_equal(json_string_value(json_object_get(test, "files")), "generic-001.2");
	json_decref(root);
}

/* The file of a test of any name, with a request of any file. */
static void test_json_any_bytes(void **state)
{
	static const char shown[] = "generic/<b>&\"'\\x1b[31m\\xff";
	const struct testrun_info info = { .command = NAME, .traces = (const char *[]){ NULL } };
	struct run *run = *state;
	json_t *root, *test;

	add_probe(run, NAME);
	add_test(run, NAME, EV_TEST_FAIL, NAME);
	assert_int_equal(model_finish(run->m), 0);
	{
		__autofree char *text = OUTPUT(testrun_json(out, run->r, model_test(run->m, 1)));
		__autofree char *all = OUTPUT(testrun_run_json(out, run->r, &info));

		test = json_loads(text, 0, NULL);
		root = json_loads(all, 0, NULL);
	}
	assert_non_null(test);
	assert_string_equal(json_string_value(json_object_get(test, "name")), shown);
	assert_string_equal(json_string_value(json_object_get(test, "reason")), shown);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(test, "window"), shown)), 1);
	assert_int_equal(json_array_size(json_object_get(test, "requests")), 1);
	assert_int_equal(json_integer_value(json_object_get(test, "requests_left_out")), 0);
	/* in the run it is the same without its requests; the command is as it was given */
	assert_string_equal(json_string_value(json_object_get(root, "command")), shown);
	assert_int_equal(json_object_del(test, "requests"), 0);
	assert_int_equal(json_object_del(test, "requests_left_out"), 0);
	assert_true(json_equal(json_array_get(json_object_get(root, "tests"), 0), test));
	assert_true(json_is_null(json_object_get(root, "exit_status"))); /* it has not finished */
	json_decref(test);
	json_decref(root);
}

static void test_verdicts(void **state)
{
	struct run *run = *state;
	struct ev_lost lost = { .count = 3 };
	struct ev_test none = { .root = CHECK };

	add_test(run, "generic/001", EV_TEST_PASS, "");
	lost.from = lost.to = run->now;
	feed(run, &lost.hdr, sizeof(lost), EV_LOST);
	strcpy(none.text, "run fstests generic/002 at x");
	feed(run, &none.hdr, sizeof(none), EV_TEST);
	assert_int_equal(model_finish(run->m), 0);
	/* no probe is on in this stream, so no check can judge */
	assert_int_equal(test_verdict(run->m, run->e, model_test(run->m, 1)).io, IO_NOT_EVALUATED);
	assert_int_equal(test_verdict(run->m, run->e, model_test(run->m, 2)).io, IO_NOTHING);
	assert_string_equal(test_verdict(run->m, run->e, model_test(run->m, 2)).why,
			    "no netfs or cifs event during it");
}

/* What its setup did is not what the test would have done. */
static void test_not_run(void **state)
{
	struct run *run = *state;
	struct test_verdict v;
	struct test t;

	add_test(run, "generic/001", EV_TEST_NOTRUN, "needs reflink");
	assert_int_equal(model_finish(run->m), 0);
	t = *model_test(run->m, 1);
	v = test_verdict(run->m, run->e, &t);
	assert_int_equal(v.io, IO_NOTHING);
	assert_string_equal(v.why, "the test was not run");
	t.outcome = EV_TEST_PASS;
	assert_int_equal(test_verdict(run->m, run->e, &t).io, IO_NOT_EVALUATED);
	t.requests = t.commands = 0;
	v = test_verdict(run->m, run->e, &t);
	assert_int_equal(v.io, IO_NOTHING);
	assert_string_equal(v.why, "no request and no SMB command during it");
	t.lost = 1; /* there may have been one */
	assert_int_equal(test_verdict(run->m, run->e, &t).io, IO_NOT_EVALUATED);
}

/* Nothing was seen, because the probes were out while the script ran; not after it. */
static void test_parked(void **state)
{
	struct run *run = *state;
	struct ev_mark_rec parked = { .mark = EV_MARK_PARKED };
	struct ev_mark_rec attached = { .mark = EV_MARK_ATTACHED };
	struct test t;

	add_test(run, "generic/001", EV_TEST_PASS, "");
	feed(run, &parked.hdr, sizeof(parked), EV_MARK);
	feed(run, &attached.hdr, sizeof(attached), EV_MARK);
	assert_int_equal(model_finish(run->m), 0);
	t = *model_test(run->m, 1);
	t.events = 0;
	t.script_ns = 1;
	t.script_end_ns = parked.hdr.ts + 1;
	assert_string_equal(test_verdict(run->m, run->e, &t).why, "the probes were parked");
	t.script_end_ns = parked.hdr.ts;
	assert_string_equal(test_verdict(run->m, run->e, &t).why,
			    "no netfs or cifs event during it");
}

static int put(void *ctx, const struct ev_hdr *ev)
{
	return trace_writer_add(ctx, ev);
}

/* A later file has the latest of each, in order, and neither events nor what was replaced. */
static void test_heads(void **state)
{
	struct ev_task task = { .hdr = { .size = sizeof(task), .kind = EV_TASK, .tid = 7 } };
	struct ev_conn conn = { .hdr = { .size = sizeof(conn), .kind = EV_CONN }, .conn = 3 };
	struct ev_sreq event = make_sreq(1);
	const struct ev_hdr *ev;
	struct trace_head h = {};
	struct trace_writer *w;
	struct trace_reader *r;
	struct err err;
	int fd = temp_file(), keep = dup(fd);
	struct file *f;

	(void)state;
	strcpy(task.comm, "old");
	assert_int_equal(trace_head_note(&h, &task.hdr), 0);
	assert_int_equal(trace_head_note(&h, &event.hdr), 0);
	assert_int_equal(trace_head_note(&h, &conn.hdr), 0);
	strcpy(task.comm, "new");
	assert_int_equal(trace_head_note(&h, &task.hdr), 0);
	assert_int_equal(trace_writer_new(&w, fd, 1), 0);
	assert_int_equal(trace_head_for_each(&h, 0, put, w), 0);
	assert_int_equal(trace_writer_close(w), 0);
	trace_head_clear(&h);
	f = slurp(keep);
	close(keep);
	assert_int_equal(trace_reader_open_mem(&r, f->data, f->len, &err), 0);
	assert_int_equal(trace_reader_next(r, &ev), 1);
	assert_int_equal(ev->kind, EV_TASK);
	assert_string_equal(((const struct ev_task *)ev)->comm, "new");
	assert_int_equal(trace_reader_next(r, &ev), 1);
	assert_int_equal(ev->kind, EV_CONN);
	assert_int_equal(trace_reader_next(r, &ev), 0);
	trace_reader_free(r);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_any_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_index, setup, teardown),
		cmocka_unit_test_setup_teardown(test_run_json, setup, teardown),
		cmocka_unit_test_setup_teardown(test_json_any_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_verdicts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parked, setup, teardown),
		cmocka_unit_test(test_heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
