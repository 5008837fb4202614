// SPDX-License-Identifier: GPL-2.0-only
/* An input whose first bytes were looked at is still whole when it is read, from files and from pipes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/peeked.h"

static const char text[] = "# tracer: nop, and more than what is looked at";

#define LEN (sizeof(text) - 1)

static void assert_reads(FILE *f)
{
	char got[sizeof(text) + 8];

	assert_int_equal(fread(got, 1, sizeof(got), f), LEN);
	assert_memory_equal(got, text, LEN);
	assert_true(feof(f));
}

static void test_file(void **state)
{
	char path[] = "/tmp/netfsnoop-peeked-XXXXXX";
	int fd = mkstemp(path);
	struct progress quiet = {};
	struct peeked p;
	FILE *f;

	(void)state;
	assert_int_equal(write(fd, text, LEN), LEN);
	close(fd);
	assert_int_equal(peeked_open(&p, path), 0);
	unlink(path);
	assert_int_equal(p.len, sizeof(p.start));
	assert_memory_equal(p.start, text, sizeof(p.start));
	assert_true(p.is_file);
	assert_int_equal(p.size, LEN);
	f = peeked_stream(&p, &quiet);
	assert_reads(f);
	/* import reads it twice: what was looked at comes once then, from the file */
	assert_int_equal(fseeko(f, 0, SEEK_SET), 0);
	assert_reads(f);
	fclose(f);
	peeked_close(&p);
}

/* Standard input gives its first bytes one by one. */
static void test_pipe(void **state)
{
	int in = dup(STDIN_FILENO), ends[2];
	struct progress quiet = {};
	struct peeked p;
	FILE *f;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	if (!fork()) {
		for (size_t i = 0; i < LEN; i++)
			if (write(ends[1], text + i, 1) != 1 || (i < 4 && usleep(2000)))
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	assert_int_equal(peeked_open(&p, "-"), 0);
	assert_int_equal(p.len, sizeof(p.start));
	assert_false(p.is_file);
	assert_int_equal(p.size, 0);
	f = peeked_stream(&p, &quiet);
	assert_reads(f);
	assert_int_equal(fseeko(f, 0, SEEK_SET), -1);
	fclose(f);
	peeked_close(&p);
	dup2(in, STDIN_FILENO);
	close(in);
}

static void test_none(void **state)
{
	struct progress quiet = {};
	struct peeked p;
	FILE *f;

	(void)state;
	assert_int_equal(peeked_open(&p, "/nonexistent/file"), -ENOENT);
	peeked_close(&p);
	assert_int_equal(peeked_open(&p, "/"), -EISDIR);
	peeked_close(&p);
	assert_int_equal(peeked_open(&p, "/dev/null"), 0);
	assert_int_equal(p.len, 0);
	f = peeked_stream(&p, &quiet);
	assert_int_equal(fgetc(f), EOF);
	assert_false(ferror(f));
	fclose(f);
	peeked_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
