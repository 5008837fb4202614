// SPDX-License-Identifier: GPL-2.0-only
/* capture/doubt.c: why a filter can let nothing through, and why nothing was recorded. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

#include "capture/doubt.h"

static void doubts(const struct capture_filter *f, const char *dir, const char *want)
{
	char text[200];

	doubt_filter(text, sizeof(text), f, dir);
	assert_string_equal(text, want);
}

static void test_type(void **state)
{
	(void)state;
	doubts(&(struct capture_filter){ .fs = "cifs" }, NULL, "");
	doubts(&(struct capture_filter){ .fs = "9p" }, NULL, "");
	doubts(&(struct capture_filter){ .fs = "proc" }, NULL, "proc does not use netfs");
	doubts(&(struct capture_filter){ .fs = "cif" }, NULL,
	       "this kernel has no file system type 'cif'");
}

static void test_mount(void **state)
{
	struct capture_filter f = {};
	struct stat st;

	(void)state;
	assert_int_equal(stat("/proc", &st), 0);
	f.dev = major(st.st_dev) << 20 | minor(st.st_dev);
	doubts(&f, "/proc", "/proc is on proc, which does not use netfs");
	f.dev = 4095u << 20 | 77;
	doubts(&f, "/x", "/x is not on a mount of this namespace");
}

/* The names that a user gives, as what the programs compare. */
static void test_names(void **state)
{
	struct capture_filter f = {};
	struct err err = {};

	(void)state;
	assert_int_equal(capture_filter_names(&f, NULL, NULL, &err), 0);
	assert_false(capture_filters(&f));
	assert_int_equal(capture_filter_names(&f, "cifs", "/proc", &err), 0);
	assert_true(capture_filters(&f));
	assert_string_equal(f.fs, "cifs");
	doubts(&(struct capture_filter){ .dev = f.dev }, "/proc",
	       "/proc is on proc, which does not use netfs");
	assert_int_equal(capture_filter_names(&f, "a-name-that-no-kernel-has", NULL, &err),
			 -EINVAL);
	assert_string_equal(err.text, "no file system type is called 'a-name-that-no-kernel-has'");
	assert_int_equal(capture_filter_names(&f, NULL, "/nonexistent", &err), -ENOENT);
	assert_string_equal(err.text, "--mount /nonexistent: No such file or directory");
}

static void test_process(void **state)
{
	pid_t gone = 1 << 22; /* one more than the kernel gives, PID_MAX_LIMIT */
	char text[64];

	(void)state;
	doubts(&(struct capture_filter){ .tgid = getpid() }, NULL, "");
	snprintf(text, sizeof(text), "there was no process %d", gone);
	doubts(&(struct capture_filter){ .tgid = gone }, NULL, text);
}

static void *as_thread(void *arg)
{
	char text[64];

	(void)arg;
	snprintf(text, sizeof(text), "%d is a thread of process %d", gettid(), getpid());
	doubts(&(struct capture_filter){ .tgid = gettid() }, NULL, text);
	return NULL;
}

static void test_thread(void **state)
{
	pthread_t t;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, as_thread, NULL), 0);
	assert_int_equal(pthread_join(t, NULL), 0);
}

static void test_reasons(void **state)
{
	static const struct {
		struct nothing_facts facts;
		const char *reason;
	} cases[] = {
		{ { .doubt = "why", .attached = true, .mounted = true }, "why" },
		{ { .doubt = "" }, "the cifs module was not loaded" },
		{ { .attached = true },
		  "no cifs share was mounted, nor anything else that uses netfs" },
		{ { .attached = true, .mounted = true },
		  "nothing was read or written, and no SMB command was sent" },
		{ { .attached = true, .mounted = true, .filtered = true },
		  "no request matched the filters" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(nothing_reason(&cases[i].facts), cases[i].reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_type),   cmocka_unit_test(test_mount),
		cmocka_unit_test(test_names),  cmocka_unit_test(test_process),
		cmocka_unit_test(test_thread), cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
