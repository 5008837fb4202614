// SPDX-License-Identifier: GPL-2.0-only
/* xfstests: the records of a run become a directory of results: made-up runs, and a recorded one. */
#include "trace/trace.h"
#include "xfs_util.h"
#include "xfstests/dir.h"
#include "xfstests/run.h"

#define CHECK  50 /* processes */
#define SCRIPT 100

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

struct lab {
	char dir[64];
	struct place out, results, generic;
	struct xfs_run *x;
	struct err err;
	FILE *live;
	uint64_t now;
};

static int setup(void **state)
{
	static const char *const dirs[] = { "results", "results/generic", "tests", "tests/generic",
					    NULL };
	struct lab *lab = calloc(1, sizeof(*lab));

	*lab = (struct lab){ .dir = "/tmp/netfsnoop-xfs-XXXXXX", .now = 1000000000 };
	assert_non_null(mkdtemp(lab->dir));
	make_dirs(lab->dir, dirs);
	lab->out = place_of(lab->dir, "out");
	lab->results = place_of(lab->dir, "results");
	lab->generic = place_of(lab->dir, "results/generic");
	lab->live = fopen(place_of(lab->dir, "live").s, "w");
	assert_non_null(lab->live);
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;

	xfs_run_free(lab->x);
	fclose(lab->live);
	remove_tree(lab->dir);
	free(lab);
	return 0;
}

static void begin(struct lab *lab, bool sync)
{
	const struct xfs_run_options opts = { .command = "./check generic/001",
					      .live = lab->live,
					      .trace = { .dir = lab->out.s,
							 .file_bytes = 1 << 20,
							 .all_bytes = 1 << 22,
							 .level = 1,
							 .sync = sync } };

	assert_int_equal(xfs_run_new(&lab->x, &opts, &lab->err), 0);
}

static void finish(struct lab *lab, int status)
{
	assert_int_equal(xfs_run_finish(lab->x, status), 0);
}

static void add(struct lab *lab, struct ev_hdr *ev, size_t size, uint8_t kind, uint32_t pid)
{
	lab->now += 1000000;
	ev->size = size;
	ev->kind = kind;
	ev->ts = lab->now;
	ev->tid = ev->tgid = pid;
	assert_int_equal(xfs_run_add(lab->x, ev), 0);
}

static void mark(struct lab *lab, const char *name)
{
	struct ev_test ev = { .root = CHECK };

	snprintf(ev.text, sizeof(ev.text), "run fstests %s at 2026-11-22 20:07:16", name);
	add(lab, &ev.hdr, sizeof(ev), EV_TEST, CHECK);
}

static void proc(struct lab *lab, enum ev_proc_event what, uint32_t pid, const char *comm,
		 int status)
{
	struct ev_proc ev = {
		.event = what, .pid = pid, .ppid = CHECK, .root = CHECK, .status = status
	};

	snprintf(ev.comm, sizeof(ev.comm), "%s", comm);
	add(lab, &ev.hdr, sizeof(ev), EV_PROC, what == EV_PROC_FORK ? CHECK : pid);
}

/* What the environment of the script says. */
static void env(struct lab *lab)
{
	struct {
		struct ev_test_env ev;
		char text[1024];
	} env = { .ev.pid = SCRIPT };
	int n = snprintf(env.text, sizeof(env.text), "RESULT_BASE=%s%chere=%s%cRESULT_DIR=%s",
			 lab->results.s, 0, lab->dir, 0, lab->generic.s);

	add(lab, &env.ev.hdr, sizeof(env.ev) + (n / 8 + 1) * 8, EV_TEST_ENV, 0);
}

static void script_begins(struct lab *lab, const char *name)
{
	const char *slash = strrchr(name, '/');

	mark(lab, name);
	proc(lab, EV_PROC_FORK, SCRIPT, "check", 0);
	proc(lab, EV_PROC_EXEC, SCRIPT, slash + 1, 0);
	env(lab);
}

static void script(struct lab *lab, const char *name, int status)
{
	script_begins(lab, name);
	proc(lab, EV_PROC_EXIT, SCRIPT, strrchr(name, '/') + 1, status);
}

static void check_ends(struct lab *lab)
{
	proc(lab, EV_PROC_EXIT, CHECK, "check", 0);
	assert_true(xfs_run_over(lab->x));
}

static void sums(const struct lab *lab, unsigned int want)
{
	unsigned int tests, violated;

	xfs_run_sums(lab->x, &tests, &violated);
	assert_int_equal(tests, want);
	assert_int_equal(violated, 0);
}

static void run_all_outcomes(struct lab *lab)
{
	put_file(lab->dir, "tests/generic/002.out", "fine\n");
	script(lab, "generic/001", 0);
	script(lab, "generic/002", 0);
	put_file(lab->generic.s, "002.out.bad", "broken\n");
	put_file(lab->generic.s, "002.full", "what it did\n");
	script(lab, "generic/003", 1 << 8);
	script(lab, "generic/004", 9);
	put_file(lab->generic.s, "005.notrun", "needs more\n");
	script(lab, "generic/005", 0);
	unlink(place_of(lab->generic.s, "005.notrun").s);
	script(lab, "generic/006", 0);
	put_file(lab->generic.s, "006.dmesg", "[ 1.0] BUG: x\n");
	script_begins(lab, "generic/007");
	check_ends(lab);
}

/* Each test has its outcome, pages, files beside check's own, and the run its index. */
static void test_outcomes(void **state)
{
	static const char *const kinds[] = { "txt", "json", "html" };
	struct lab *lab = *state;

	begin(lab, true);
	run_all_outcomes(lab);
	finish(lab, 1 << 8);
	sums(lab, 7);
	fflush(lab->live);
	expect_words(lab->dir, "live", WORDS("generic/001", "pass", "generic/007"));
	expect_words(lab->out.s, "live.log", WORDS("generic/001", "generic/007"));
	expect_words(lab->out.s, "junit.xml",
		     WORDS("<testsuite", "tests=\"7\"", "output mismatch (see ",
			   "the script ended with exit status 1",
			   "the script was killed by signal 9", "needs more", "[ 1.0] BUG: x",
			   "check ended before its script did"));
	expect_words(lab->out.s, "run.json", WORDS("generic/001", "\"pass\"", "generic/007"));
	expect_words(lab->out.s, "index.html", WORDS("generic/001", "./check generic/001"));
	for (int i = 1; i <= 7; i++)
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
			char name[64];

			snprintf(name, sizeof(name), "tests/generic-00%d.1.%s", i, kinds[k]);
			assert_true(has_file(lab->out.s, name));
		}
	expect_words(lab->out.s, "tests/generic-002.1.full", WORDS("what it did\n"));
	expect_words(lab->out.s, "tests/generic-002.1.html", WORDS("-fine", "+broken"));
	expect_words(lab->generic.s, "003.netfsnoop.txt", WORDS("generic/003"));
	expect_words(lab->generic.s, "003.netfsnoop.json", WORDS("\"generic/003\""));
	assert_true(has_file(lab->out.s, "trace.nsn"));
	expect_words(lab->out.s, "trace.html", WORDS("<!"));
	assert_false(has_file(lab->out.s, "index.html.new"));
}

/* The results are in the trace, too. */
static void test_trace(void **state)
{
	struct lab *lab = *state;
	struct trace_reader *r;
	const struct ev_hdr *ev;
	unsigned int found[8] = {};

	begin(lab, false);
	run_all_outcomes(lab);
	finish(lab, 0);
	assert_int_equal(trace_reader_open(&r, place_of(lab->out.s, "trace.nsn").s, NULL), 0);
	while (trace_reader_next(r, &ev) == 1)
		if (ev->kind == EV_TEST_RESULT)
			found[((const struct ev_test_result *)ev)->outcome]++;
	trace_reader_free(r);
	assert_int_equal(found[EV_TEST_PASS], 1);
	assert_int_equal(found[EV_TEST_FAIL], 2);
	assert_int_equal(found[EV_TEST_KILLED], 1);
	assert_int_equal(found[EV_TEST_NOTRUN], 1);
	assert_int_equal(found[EV_TEST_DMESG], 1);
	assert_int_equal(found[EV_TEST_UNFINISHED], 1);
}

/* The last test of a run that was interrupted did not fail, whatever its script's status. */
static void test_interrupted(void **state)
{
	struct lab *lab = *state;

	begin(lab, false);
	script(lab, "generic/001", 0);
	script(lab, "generic/002", 2);
	xfs_run_interrupted(lab->x);
	assert_true(xfs_run_was_interrupted(lab->x));
	check_ends(lab);
	finish(lab, -1);
	expect_words(lab->out.s, "junit.xml", WORDS("the run was interrupted"));
}

/* check says it in its log: only the last run of the log counts. */
static void test_log(void **state)
{
	struct lab *lab = *state;

	put_file(lab->results.s, "check.log",
		 "\nRan: generic/001\nInterrupted!\n\nRan: generic/001\n");
	begin(lab, false);
	script(lab, "generic/001", 0);
	check_ends(lab);
	assert_false(xfs_run_was_interrupted(lab->x));
	xfs_run_free(lab->x);
	put_file(lab->results.s, "check.log",
		 "\nRan: generic/001\n\nRan: generic/001\nInterrupted!\n");
	begin(lab, false);
	script(lab, "generic/001", 0);
	check_ends(lab);
	assert_true(xfs_run_was_interrupted(lab->x));
}

/* Results of an earlier run are put aside, however many there are. */
static void test_old(void **state)
{
	struct lab *lab = *state;
	struct place old = place_of(lab->dir, "out.old"), older = place_of(lab->dir, "out.old.2");

	for (int i = 0; i < 3; i++) {
		xfs_run_free(lab->x);
		begin(lab, false);
		assert_null(xfs_run_old(lab->x));
		script(lab, "generic/001", 0);
		check_ends(lab);
		finish(lab, 0);
		if (i)
			assert_string_equal(strrchr(xfs_run_old(lab->x), '/'),
					    i == 1 ? "/out.old" : "/out.old.2");
	}
	assert_true(has_file(old.s, "run.json"));
	assert_true(has_file(older.s, "run.json"));
}

/* Nothing recorded, nothing replaced. */
static void test_nothing(void **state)
{
	struct lab *lab = *state;

	begin(lab, false);
	assert_int_equal(xfs_run_tick(lab->x, 1000000000), 0);
	finish(lab, 0);
	assert_false(has_file(lab->dir, "out"));
}

static void test_dir(void **state)
{
	struct lab *lab = *state;
	struct xfs_dir dir = XFS_DIR_NONE;

	put_file(lab->dir, "file", "");
	assert_int_equal(xfs_dir_check(place_of(lab->dir, "file").s, &lab->err), -ENOTDIR);
	assert_non_null(strstr(lab->err.text, "cannot write to "));
	assert_true(xfs_dir_check(place_of(lab->dir, "none/out").s, &lab->err) < 0);
	assert_int_equal(xfs_dir_check(lab->dir, &lab->err), 0);
	assert_int_equal(xfs_dir_open(&dir, place_of(lab->dir, "none/out").s, &lab->err), -ENOENT);
	xfs_dir_close(&dir);
}

/* A recorded run of eight tests: as it was said of each when it was recorded. */
static void test_recorded(void **state)
{
	struct lab *lab = *state;
	struct trace_reader *r;
	const struct ev_hdr *ev;
	unsigned int tests, violated;

	begin(lab, false);
	assert_int_equal(trace_reader_open(&r, "tests/export/xfstests.nsn", NULL), 0);
	while (trace_reader_next(r, &ev) == 1)
		if (ev->kind != EV_TEST_RESULT) /* these are the run's own */
			assert_int_equal(xfs_run_add(lab->x, ev), 0);
	trace_reader_free(r);
	finish(lab, 0);
	xfs_run_sums(lab->x, &tests, &violated);
	assert_int_equal(tests, 8);
	assert_int_equal(violated, 0);
	expect_words(lab->out.s, "run.json", WORDS("generic/008"));
	expect_words(lab->out.s, "tests/generic-001.1.txt", WORDS("generic/001"));
	expect_words(lab->out.s, "tests/generic-001.1.html", WORDS("trace.html"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_outcomes), TEST(test_trace),	  TEST(test_interrupted),
		TEST(test_log),	     TEST(test_old),	  TEST(test_nothing),
		TEST(test_dir),	     TEST(test_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
