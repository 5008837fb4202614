// SPDX-License-Identifier: GPL-2.0-only
/* run: import, from a file to a trace, and what is said of it. */
#include <errno.h>
#include <sys/stat.h>

#include "event/kinds.h"
#include "print_util.h"
#include "run/import.h"
#include "text_util.h"
#include "trace/trace.h"
#include "xfs_util.h"

struct lab {
	char dir[64];
	struct place in, out;
	struct err err;
	char *said; /* on standard error */
};

static int setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	strcpy(lab->dir, "/tmp/netfsnoop-import-XXXXXX");
	assert_non_null(mkdtemp(lab->dir));
	lab->in = place_of(lab->dir, "in");
	lab->out = place_of(lab->dir, "out.nsn");
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;

	remove_tree(lab->dir);
	free(lab->said);
	free(lab);
	return 0;
}

static int run(struct lab *lab, struct import_job job)
{
	struct printing p;
	int rc;

	job.output = lab->out.s;
	job.version = "1.2.3-test";
	lab->err = (struct err){};
	free(lab->said);
	printing_begin(&p, stderr);
	rc = import_run(&job, &lab->err);
	lab->said = printing_end(&p);
	return rc;
}

/* The file's content: so much of it as is given. */
static int run_bytes(struct lab *lab, const void *bytes, size_t size)
{
	FILE *f = fopen(lab->in.s, "w");

	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	return run(lab, (struct import_job){ .input = lab->in.s });
}

static int run_text(struct lab *lab, const char *text)
{
	return run_bytes(lab, text, strlen(text));
}

/* Events of subrequests in the trace; meta: "key=value" of what it says of itself. */
static unsigned int events(struct lab *lab, const char *meta)
{
	struct trace_reader *r;
	const struct ev_hdr *ev;
	unsigned int n = 0;
	bool has = false;

	assert_int_equal(trace_reader_open(&r, lab->out.s, NULL), 0);
	while (trace_reader_next(r, &ev) == 1) {
		n += ev->kind == EV_SREQ;
		has |= meta && ev->kind == EV_META && !strcmp(ev_text(ev, 0), meta);
	}
	trace_reader_free(r);
	if (meta && !has)
		fail_msg("the trace does not say %s", meta);
	return n;
}

static void test_trace(void **state)
{
	struct lab *lab = *state;
	struct import_job job = { .input = "tests/import/trace.txt", .release = "6.9.0-lab" };
	unsigned int n;
	struct stat st;

	assert_int_equal(run(lab, job), 0);
	n = events(lab, "netfsnoop=1.2.3-test");
	assert_true(n > 0);
	events(lab, "release=6.9.0-lab");
	assert_has(lab->said, lab->out.s);
	assert_has_not(lab->said, "renamed");
	/* what is there stays, under another name */
	assert_int_equal(run(lab, job), 0);
	assert_has(lab->said, "netfsnoop: renamed the earlier ");
	assert_int_equal(stat(place_of(lab->dir, "out.nsn.old").s, &st), 0);
	assert_int_equal(events(lab, NULL), n);
}

/* Each line that says what is not in the trace, or how far to trust it. */
static void test_said(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(
		run_text(
			lab,
			" dd-7 [000] .... 1.000000: netfs_sreq: R=0000002a[1] DOWN SUBMT f=102 s=1000 0/4000 s=1 e=0\n"
			" dd-7 [000] .... 1.000100: sched_switch: whatever\n"
			" dd-7 [000] .... 1.000200: netfs_sreq: this cannot be read\n"
			"CPU:0 [LOST 7 EVENTS]\n"
			" dd-7 [000] .... 0.500000: netfs_sreq: R=0000002a[1] DOWN TERM f=102 s=1000 0/4000 s=1 e=0\n"),
		0);
	assert_int_equal(events(lab, NULL), 2);
	assert_has(lab->said, "skipped 1 event that a trace does not keep: sched_switch 1");
	assert_has(lab->said, "skipped 1 unreadable netfs or cifs event\n");
	assert_has(lab->said, "ftrace lost or overwrote 7 events");
	assert_has(lab->said, "1 event older than the one before");
	assert_has(lab->said, "looks like an excerpt");
}

static void test_untimed(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(
		run_text(lab, "netfs_sreq: R=0000002a[1] DOWN SUBMT f=102 s=1000 0/4000 s=1 e=0\n"),
		0);
	assert_int_equal(events(lab, "clock=none"), 1);
	assert_has(lab->said, "without time stamps, only their order is known");
}

/* Nothing is imported, nothing is made, and the message says why. */
static void test_refused(void **state)
{
	struct lab *lab = *state;
	static const struct {
		const char *bytes;
		size_t size;
		const char *why;
	} inputs[] = {
		{ "nothing of ours\n", 16, "has no netfs or cifs event that a trace keeps" },
		{ "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16, "neither text nor a trace.dat" },
		{ "\0\1\2\3", 4, "is binary data, neither text nor a trace.dat" },
		{ " a-1 [0] .... 1.0: netfs_sreq: bad\n", 35,
		  "none of its 1 netfs or cifs events" },
		{ "\x1f\x8b\x08\0\0\0\0\0\0\x03\xff\xff\xff", 13, "is damaged" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		assert_true(run_bytes(lab, inputs[i].bytes, inputs[i].size) < 0);
		assert_has(lab->err.text, inputs[i].why);
		assert_false(has_file(lab->dir, "out.nsn"));
	}
	assert_int_equal(run(lab, (struct import_job){ .input = "/nonexistent" }), -ENOENT);
	assert_has(lab->err.text, "cannot read /nonexistent");
	assert_int_equal(run(lab, (struct import_job){ .input = "tests/export/trouble.nsn" }),
			 -EINVAL);
	assert_has(lab->err.text, "is a netfsnoop trace already");
}

/* The process that reads it hands over what became of it. */
static void test_damaged_dat(void **state)
{
	struct lab *lab = *state;
	static const char dat[] = "\x17\x08\x44tracing6\0\0\x08\0\0\x10\0\0";

	assert_true(run_bytes(lab, dat, sizeof(dat)) < 0);
	assert_has(lab->err.text, "trace-cmd report");
	assert_has(lab->err.text, import_has_dat() ? lab->in.s : "without libtracecmd");
	assert_false(has_file(lab->dir, "out.nsn"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_trace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_said, setup, teardown),
		cmocka_unit_test_setup_teardown(test_untimed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_dat, setup, teardown),
	};

	return cmocka_run_group_tests_name("run import", tests, NULL, NULL);
}
