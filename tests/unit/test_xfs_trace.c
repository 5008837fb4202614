// SPDX-License-Identifier: GPL-2.0-only
/* cmd: the trace of an xfstests run in several files, of which each is read by itself. */
#include "model/model.h"
#include "trace_util.h"
#include "xfstests/trace.h"

#define CHECK 50

struct run {
	struct xfs_trace *t;
	char dir[64];
	uint64_t now;
};

static void add(struct run *run, struct ev_hdr *ev, size_t size, uint8_t kind)
{
	ev->size = size;
	ev->kind = kind;
	ev->ts = run->now += 1000000;
	ev->tid = ev->tgid = CHECK;
	assert_int_equal(xfs_trace_add(run->t, ev), 0);
}

static void add_mark(struct run *run, const char *name)
{
	struct ev_test mark = { .root = CHECK };

	snprintf(mark.text, sizeof(mark.text), "run fstests %s at 2026-11-22 20:07:16", name);
	add(run, &mark.hdr, sizeof(mark), EV_TEST);
}

static void add_result(struct run *run, uint32_t ordinal, enum ev_outcome outcome)
{
	struct {
		struct ev_test_result ev;
		char text[8];
	} res = { .ev = { .ordinal = ordinal, .outcome = outcome } };

	add(run, &res.ev.hdr, sizeof(res), EV_TEST_RESULT);
}

/* The file is full: the next record opens another. */
static void next_file(struct run *run)
{
	assert_int_equal(xfs_trace_tick(run->t, run->now += 2000000000), 0);
}

static struct model *replay(const struct run *run, const char *name)
{
	struct trace_reader *r;
	const struct ev_hdr *ev;
	struct model *m;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", run->dir, name);
	assert_int_equal(trace_reader_open(&r, path, NULL), 0);
	assert_int_equal(model_new(&m, NULL), 0);
	while (trace_reader_next(r, &ev) == 1)
		assert_int_equal(model_feed(m, ev), 0);
	assert_int_equal(model_finish(m), 0);
	trace_reader_free(r);
	unlink(path);
	return m;
}

static void expect(struct model *m, uint32_t ordinal, const char *name, bool judged,
		   enum ev_outcome outcome)
{
	const struct test *t = model_test(m, ordinal);

	assert_non_null(t);
	assert_string_equal(t->name, name);
	assert_int_equal(t->judged, judged);
	if (judged)
		assert_int_equal(t->outcome, outcome);
}

/* A result belongs to its test, in whichever file both are; a file begins with the test that is on. */
static void test_results(void **state)
{
	struct run run = { .dir = "/tmp/netfsnoop-xfs-XXXXXX" };
	struct xfs_trace_options opts = {
		.dir = mkdtemp(run.dir), .file_bytes = 1, .all_bytes = 1 << 20, .level = 1
	};
	struct model *m;

	(void)state;
	assert_non_null(opts.dir);
	assert_int_equal(xfs_trace_new(&run.t, &opts), 0);
	add_mark(&run, "fstestsstart/000");
	add_mark(&run, "generic/001");
	add_mark(&run, "generic/002");
	add_result(&run, 1, EV_TEST_PASS);
	add_mark(&run, "generic/003");
	next_file(&run);
	add_result(&run, 2, EV_TEST_NOTRUN); /* its mark is in the file before */
	add_mark(&run, "generic/004");
	add_result(&run, 3, EV_TEST_FAIL);
	add_mark(&run, "generic/005");
	add_result(&run, 4, EV_TEST_KILLED);
	assert_string_equal(xfs_trace_at(run.t, 1), "trace.nsn");
	assert_string_equal(xfs_trace_at(run.t, run.now), "trace.1.nsn");
	assert_int_equal(xfs_trace_close(run.t), 0);
	xfs_trace_free(run.t);

	m = replay(&run, "trace.nsn");
	assert_int_equal(model_nr_tests(m), 3);
	expect(m, 1, "generic/001", true, EV_TEST_PASS);
	expect(m, 2, "generic/002", false, 0);
	model_free(m);
	m = replay(&run, "trace.1.nsn");
	assert_int_equal(model_nr_tests(m), 3);
	expect(m, 1, "generic/003", true, EV_TEST_FAIL);
	expect(m, 2, "generic/004", true, EV_TEST_KILLED);
	expect(m, 3, "generic/005", false, 0);
	model_free(m);
	rmdir(run.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
