// SPDX-License-Identifier: GPL-2.0-only
/* run: oops, from a log to what is printed of it. */
#include <errno.h>

#include "print_util.h"
#include "text_util.h"

#include "run/klog.h"
#include "run/oops.h"

#define TROUBLE "tests/export/trouble.nsn"

struct said {
	int rc;
	struct oops_found found;
	struct err err;
	char *out, *warnings;
};

static struct said run(struct oops_job job)
{
	struct said s = {};
	struct printing out, warnings;

	/* no file of this machine is looked for */
	job.debug_dir = "/nonexistent";
	printing_begin(&out, stdout);
	printing_begin(&warnings, stderr);
	s.rc = oops_run(&job, &s.found, &s.err);
	s.warnings = printing_end(&warnings);
	s.out = printing_end(&out);
	return s;
}

static void said_free(struct said *s)
{
	free(s->out);
	free(s->warnings);
}

static unsigned int lines_with(const char *text, const char *word)
{
	unsigned int n = 0;

	while ((text = strstr(text, word)) != NULL) {
		n++;
		text++;
	}
	return n;
}

static void test_text(void **state)
{
	__free(said_free) struct said s =
		run((struct oops_job){ .path = "tests/oops/folioq-6.12.txt" });

	(void)state;
	assert_int_equal(s.rc, 0);
	assert_int_equal(s.found.reports, 1);
	assert_has(s.out, "BUG: kernel NULL pointer dereference");
	assert_has(s.out, "iov_iter_revert+0xb3/0x130");
	assert_has(s.out, "found no cifs.ko of kernel 6.12.107+deb13-amd64");
	assert_string_equal(s.warnings, "");
}

/* Many are told in short first; as JSON each is an object all the same. */
static void test_many(void **state)
{
	__free(said_free) struct said text =
		run((struct oops_job){ .path = "tests/oops/mixed.txt" });
	__free(said_free) struct said json =
		run((struct oops_job){ .path = "tests/oops/mixed.txt", .json = true });

	(void)state;
	assert_int_equal(text.found.reports, 5);
	assert_ptr_equal(strstr(text.out, "5 reports, 5 different:"), text.out);
	assert_int_equal(json.found.reports, 5);
	assert_int_equal(lines_with(json.out, "\"type\":\"oops\""), 5);
	assert_int_equal(lines_with(json.out, "\"type\":\"summary\""), 1);
}

/* A report that has no release is of the kernel that was given. */
static void test_release(void **state)
{
	char path[] = "/tmp/netfsnoop-test-XXXXXX";
	static const char log[] =
		"[    1.000000] BUG: kernel NULL pointer dereference, address: 0000000000000010\n"
		"[    1.000001] RIP: 0010:smb2_readv_callback+0x10/0x20 [cifs]\n"
		"[    1.000002] Call Trace:\n"
		"[    1.000003]  cifs_demultiplex_thread+0x10/0x200 [cifs]\n"
		"[    1.000004] ---[ end trace 0000000000000000 ]---\n";
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, log, sizeof(log) - 1), sizeof(log) - 1);
	close(fd);
	for (int given = 0; given < 2; given++) {
		__free(said_free) struct said s = run(
			(struct oops_job){ .path = path, .release = given ? "9.9-none" : NULL });

		assert_int_equal(s.found.reports, 1);
		(given ? assert_has : assert_has_not)(s.out, "cifs.ko of kernel 9.9-none");
	}
	unlink(path);
}

static void test_trace(void **state)
{
	__free(said_free) struct said s =
		run((struct oops_job){ .path = "tests/oops/hung-6.12.txt", .trace = TROUBLE });
	__free(said_free) struct said bad = run(
		(struct oops_job){ .path = "tests/oops/hung-6.12.txt", .trace = "/nonexistent" });

	(void)state;
	assert_int_equal(s.rc, 0);
	assert_has(s.out, "In the trace " TROUBLE);
	assert_has(s.out, "no event of task 77 belongs to a request");
	assert_int_equal(bad.rc, -ENOENT);
	assert_has(bad.err.text, "/nonexistent");
}

/* A log without a report: messages of cifs beside it, frames without what they are of, or neither. */
static void test_none(void **state)
{
	char path[] = "/tmp/netfsnoop-test-XXXXXX";
	int fd = mkstemp(path);
	static const char log[] =
		"[   10.000000] CIFS: VFS: \\\\srv.example has not responded in 180 seconds. Reconnecting...\n"
		"[   11.000000]  netfs_collect_read_results+0x10/0x200 [netfs]\n";
	struct klog_notes notes = {};
	struct err err = {};

	(void)state;
	assert_int_equal(write(fd, log, sizeof(log) - 1), sizeof(log) - 1);
	close(fd);
	for (int json = 0; json < 2; json++) {
		__free(said_free) struct said s =
			run((struct oops_job){ .path = path, .json = json });

		assert_int_equal(s.rc, 0);
		assert_int_equal(s.found.reports, 0);
		assert_int_equal(s.found.messages, 1);
		assert_int_equal(s.found.frames, 1);
		assert_has(s.out, "srv.example");
	}
	assert_int_equal(klog_notes_read(&notes, path, &err), 0);
	assert_int_equal(notes.reports, 0);
	assert_int_equal(notes.notes.nr, 1);
	unlink(path);
	assert_int_equal(klog_notes_read(&notes, path, &err), -ENOENT);
}

static void test_unreadable(void **state)
{
	__free(said_free) struct said none = run((struct oops_job){ .path = "/nonexistent" });
	__free(said_free) struct said dir = run((struct oops_job){ .path = "/tmp" });

	(void)state;
	assert_int_equal(none.rc, -ENOENT);
	assert_has(none.err.text, "cannot read /nonexistent");
	assert_int_equal(dir.rc, -EISDIR);
	assert_has(dir.err.text, "is a directory");
}

/* Which prefixes were taken off is said to who asks. */
static void test_verbose(void **state)
{
	__free(said_free) struct said s =
		run((struct oops_job){ .path = "tests/oops/folioq-6.12.txt", .verbose = true });

	(void)state;
	assert_has(s.warnings, "netfsnoop: skipped this prefix of lines: \"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),	cmocka_unit_test(test_many),
		cmocka_unit_test(test_release), cmocka_unit_test(test_trace),
		cmocka_unit_test(test_none),	cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_verbose),
	};

	return cmocka_run_group_tests_name("run oops", tests, NULL, NULL);
}
