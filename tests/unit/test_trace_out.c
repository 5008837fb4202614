// SPDX-License-Identifier: GPL-2.0-only
/* run: the trace of a recording, which replaces an older one with its first record. */
#include "trace_util.h"
#include "xfs_util.h"
#include "run/trace_out.h"

struct lab {
	char dir[64];
	struct place path;
	struct trace_out out;
	struct err err;
};

static int setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	*lab = (struct lab){ .dir = "/tmp/netfsnoop-out-XXXXXX",
			     .out = { .level = 1, .file = OUTPUT_NONE } };
	assert_non_null(mkdtemp(lab->dir));
	lab->path = place_of(lab->dir, "t.nsn");
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;

	trace_out_release(&lab->out);
	remove_tree(lab->dir);
	free(lab);
	return 0;
}

static void add(struct lab *lab, uint64_t n)
{
	struct ev_sreq ev = make_sreq(n);

	assert_int_equal(trace_out_add(&lab->out, &ev.hdr), 0);
}

/* Records that the file has. */
static unsigned int records(const char *path)
{
	struct trace_reader *r;
	const struct ev_hdr *ev;
	unsigned int n = 0;

	assert_int_equal(trace_reader_open(&r, path, NULL), 0);
	while (trace_reader_next(r, &ev) == 1)
		n += ev->kind == EV_SREQ;
	trace_reader_free(r);
	return n;
}

static void test_written(void **state)
{
	struct lab *lab = *state;
	struct stat st;

	assert_int_equal(trace_out_open(&lab->out, lab->path.s, &lab->err), 0);
	assert_int_equal(trace_out_size(&lab->out), 0);
	add(lab, 1);
	add(lab, 2);
	assert_int_equal(trace_out_close(&lab->out), 0);
	assert_int_equal(records(lab->path.s), 2);
	assert_int_equal(stat(lab->path.s, &st), 0);
	assert_int_equal(trace_out_size(&lab->out), st.st_size);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* What is there within a second is there after a crash, and at once when asked for. */
static void test_flushed(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(trace_out_open(&lab->out, lab->path.s, &lab->err), 0);
	add(lab, 1);
	assert_int_equal(trace_out_tick(&lab->out, 900000000), 0);
	assert_int_equal(trace_out_tick(&lab->out, 1000000000), 0);
	assert_int_equal(records(lab->path.s), 1);
	add(lab, 2);
	assert_int_equal(trace_out_tick(&lab->out, 1900000000), 0);
	assert_int_equal(records(lab->path.s), 1);
	assert_int_equal(trace_out_sync(&lab->out), 0);
	assert_int_equal(records(lab->path.s), 2);
}

/* A recording that records nothing spoils nothing; one that does keeps the older beside it. */
static void test_older(void **state)
{
	struct lab *lab = *state;
	const char *const old[] = { "an older one", NULL };

	put_file(lab->dir, "t.nsn", old[0]);
	assert_int_equal(trace_out_open(&lab->out, lab->path.s, &lab->err), 0);
	trace_out_release(&lab->out);
	expect_words(lab->dir, "t.nsn", old);
	assert_int_equal(trace_out_open(&lab->out, lab->path.s, &lab->err), 0);
	add(lab, 1);
	assert_int_equal(trace_out_close(&lab->out), 0);
	expect_words(lab->dir, "t.nsn.old", old);
	assert_int_equal(records(lab->path.s), 1);
}

static void test_none(void **state)
{
	struct lab *lab = *state;

	add(lab, 1); /* never opened: nothing is kept */
	assert_int_equal(trace_out_sync(&lab->out), 0);
	assert_int_equal(trace_out_close(&lab->out), 0);
	assert_int_equal(trace_out_open(&lab->out, place_of(lab->dir, "no/t.nsn").s, &lab->err),
			 -EIO);
	assert_non_null(strstr(lab->err.text, "its directory does not exist"));
}

/* The file and the reason are told, once. */
static void test_full(void **state)
{
	struct lab *lab = *state;
	struct ev_sreq ev = make_sreq(1);
	int rc;

	assert_int_equal(trace_out_open(&lab->out, "/dev/full", &lab->err), 0);
	rc = trace_out_add(&lab->out, &ev.hdr);
	if (!rc)
		rc = trace_out_sync(&lab->out);
	assert_int_equal(rc, -ENOSPC);
	assert_non_null(strstr(lab->err.text, "cannot write /dev/full: No space left"));
	lab->err.text[0] = 'x';
	trace_out_close(&lab->out);
	assert_int_equal(lab->err.text[0], 'x');
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_written), TEST(test_flushed), TEST(test_older),
		TEST(test_none),    TEST(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
