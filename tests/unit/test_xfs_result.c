// SPDX-License-Identifier: GPL-2.0-only
/* xfstests: what check says of a test, from exit status and files, and the files that are kept of it. */
#include <fcntl.h>

#include "xfs_util.h"
#include "xfstests/files.h"

#define EXITED(n) ((n) << 8)

struct lab {
	char dir[64];
	struct place base, results, pages;
	int pages_fd;
	struct test t;
	struct xfs_watch *w;
};

static int setup(void **state)
{
	static const char *const dirs[] = { "results", "results/smb3", "results/smb3/generic",
					    "pages",   "tests",	       "tests/generic",
					    NULL };
	struct lab *lab = calloc(1, sizeof(*lab));

	*lab = (struct lab){ .dir = "/tmp/netfsnoop-xfs-XXXXXX",
			     .t = { .ordinal = 1,
				    .repeat = 1,
				    .name = "generic/306",
				    .script_ns = 1,
				    .script_end_ns = 2 } };
	assert_non_null(mkdtemp(lab->dir));
	make_dirs(lab->dir, dirs);
	lab->base = place_of(lab->dir, "results");
	lab->results = place_of(lab->dir, "results/smb3/generic");
	lab->pages = place_of(lab->dir, "pages");
	lab->pages_fd = open(lab->pages.s, O_RDONLY | O_DIRECTORY);
	lab->w = calloc(1, sizeof(*lab->w));
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;

	xfs_watch_free(lab->w);
	close(lab->pages_fd);
	remove_tree(lab->dir);
	free(lab);
	return 0;
}

static void start(struct lab *lab)
{
	assert_int_equal(xfs_watch_start(lab->w, &lab->t, lab->results.s, lab->base.s), 0);
}

static void expect(struct lab *lab, enum ev_outcome outcome, const char *reason)
{
	assert_int_equal(xfs_watch_end(lab->w, &lab->t), 0);
	assert_int_equal(lab->w->outcome, outcome);
	if (!strstr(lab->w->reason, reason))
		fail_msg("\"%s\" lacks \"%s\"", lab->w->reason, reason);
}

static void test_pass(void **state)
{
	struct lab *lab = *state;

	put_file(lab->results.s, "306.full", "of an earlier run\n");
	put_file(lab->results.s, "306.out.bad", "of an earlier run\n");
	start(lab);
	assert_string_equal(lab->w->section, "smb3");
	expect(lab, EV_TEST_PASS, "");
	assert_false(xfs_left(lab->w, &lab->t, ".out.bad"));
}

/* A guess that the script's environment confirms keeps what was seen when the test began. */
static void test_guess_confirmed(void **state)
{
	struct lab *lab = *state;

	start(lab);
	put_file(lab->results.s, "306.out.bad", "new\n");
	start(lab);
	expect(lab, EV_TEST_FAIL, "output mismatch (see ");
}

/* ... and one that it does not is forgotten. */
static void test_guess_wrong(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(xfs_watch_start(lab->w, &lab->t, lab->pages.s, lab->base.s), 0);
	assert_null(lab->w->section);
	put_file(lab->results.s, "306.out.bad", "of an earlier run\n");
	start(lab);
	expect(lab, EV_TEST_PASS, "");
}

static void test_script_status(void **state)
{
	struct lab *lab = *state;

	start(lab);
	lab->t.status = EXITED(3);
	expect(lab, EV_TEST_FAIL, "the script ended with exit status 3");
	lab->t.status = 9;
	expect(lab, EV_TEST_KILLED, "the script was killed by signal 9 (Killed)");
	lab->t.script_end_ns = 0;
	expect(lab, EV_TEST_UNFINISHED, "check ended before its script did");
	lab->t.script_ns = 0;
	expect(lab, EV_TEST_UNKNOWN, "its script was not seen");
}

static void test_unknown(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(xfs_watch_script_end(lab->w, &lab->t), 0);
	expect(lab, EV_TEST_UNKNOWN, "the result directory is unknown");
}

static void test_notrun(void **state)
{
	struct lab *lab = *state;

	start(lab);
	put_file(lab->results.s, "306.notrun", "needs a scratch device\nand more\n");
	assert_int_equal(xfs_watch_script_end(lab->w, &lab->t), 0);
	unlink(place_of(lab->results.s, "306.notrun").s);
	expect(lab, EV_TEST_NOTRUN, "needs a scratch device");
	assert_null(strchr(lab->w->reason, '\n'));
}

static void test_dmesg(void **state)
{
	struct lab *lab = *state;

	start(lab);
	put_file(lab->results.s, "306.dmesg", "all is well\n");
	expect(lab, EV_TEST_PASS, "");
	put_file(lab->results.s, "306.dmesg", "one\n[ 1.0] WARNING: CPU: 1 at x.c\ntwo\n");
	expect(lab, EV_TEST_DMESG, "[ 1.0] WARNING: CPU: 1 at x.c");
	assert_null(strchr(lab->w->reason, '\n'));
}

static void test_core(void **state)
{
	struct lab *lab = *state;

	start(lab);
	put_file(lab->results.s, "306.core", "x");
	expect(lab, EV_TEST_FAIL, "dumped core");
}

static void test_kept(void **state)
{
	struct lab *lab = *state;
	struct xfs_files f;

	put_file(lab->dir, "tests/generic/306.out", "QA output created by 306\nfine\n");
	start(lab);
	put_file(lab->results.s, "306.out.bad", "QA output created by 306\nbroken\n");
	put_file(lab->results.s, "306.full", "what it did\n");
	put_file(lab->results.s, "306.dmesg", "BUG: x\n");
	assert_int_equal(xfs_files_keep(&f, lab->w, &lab->t, lab->pages_fd, lab->dir), 0);
	assert_true(f.out_bad && f.full && f.dmesg);
	assert_non_null(f.diff);
	assert_non_null(strstr(f.diff, "--- generic/306.out\n+++ generic/306.out.bad\n"));
	assert_non_null(strstr(f.diff, "-fine\n+broken\n"));
	assert_string_equal(f.log, "BUG: x\n");
	xfs_files_clear(&f);
	expect_words(lab->pages.s, "generic-306.1.full",
		     (const char *const[]){ "what it did\n", NULL });
	assert_true(has_file(lab->pages.s, "generic-306.1.out.bad"));
}

/* Of what an earlier run left nothing is kept, nor of a place that is not a file. */
static void test_not_kept(void **state)
{
	struct lab *lab = *state;
	struct xfs_files f;

	assert_int_equal(xfs_files_keep(&f, lab->w, &lab->t, lab->pages_fd, lab->dir), 0);
	put_file(lab->results.s, "306.full", "of an earlier run\n");
	start(lab);
	assert_int_equal(mkfifo(place_of(lab->results.s, "306.out.bad").s, 0600), 0);
	assert_int_equal(symlink("/etc/passwd", place_of(lab->results.s, "306.dmesg").s), 0);
	assert_int_equal(xfs_files_keep(&f, lab->w, &lab->t, lab->pages_fd, NULL), 0);
	assert_false(f.out_bad || f.full || f.dmesg);
	assert_null(f.diff);
	assert_null(f.log);
	assert_false(has_file(lab->pages.s, "generic-306.1.full"));
}

/* Large ones lose their middle. */
static void test_ends_kept(void **state)
{
	struct lab *lab = *state;
	struct xfs_files f;
	FILE *file;
	struct stat st;

	start(lab);
	file = fopen(place_of(lab->results.s, "306.full").s, "w");
	assert_non_null(file);
	fputs("the beginning\n", file);
	for (int i = 0; i < 300000; i++)
		fputs("0123456789\n", file);
	fputs("the end\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(xfs_files_keep(&f, lab->w, &lab->t, lab->pages_fd, lab->dir), 0);
	assert_true(f.full);
	assert_null(f.diff);
	expect_words(lab->pages.s, "generic-306.1.full",
		     (const char *const[]){ "the beginning\n", "the end\n", "[netfsnoop: skipped ",
					    NULL });
	assert_int_equal(stat(place_of(lab->pages.s, "generic-306.1.full").s, &st), 0);
	assert_in_range(st.st_size, 1 << 20, (1 << 20) + 400);
}

/* A diff that is longer than a page bears says so. */
static void test_long_diff(void **state)
{
	struct lab *lab = *state;
	struct xfs_files f;
	FILE *file;

	put_file(lab->dir, "tests/generic/306.out", "");
	start(lab);
	file = fopen(place_of(lab->results.s, "306.out.bad").s, "w");
	assert_non_null(file);
	for (int i = 0; i < 20000; i++)
		fprintf(file, "line %d%c\n", i, i ? 'x' : '\0');
	assert_int_equal(fclose(file), 0);
	assert_int_equal(xfs_files_keep(&f, lab->w, &lab->t, lab->pages_fd, lab->dir), 0);
	assert_non_null(f.diff);
	assert_non_null(strstr(f.diff, "line 0?"));
	assert_non_null(strstr(f.diff, "[netfsnoop: and more]"));
	xfs_files_clear(&f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pass),	TEST(test_guess_confirmed),
		TEST(test_guess_wrong), TEST(test_script_status),
		TEST(test_unknown),	TEST(test_notrun),
		TEST(test_dmesg),	TEST(test_core),
		TEST(test_kept),	TEST(test_not_kept),
		TEST(test_ends_kept),	TEST(test_long_diff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
