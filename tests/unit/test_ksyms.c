// SPDX-License-Identifier: GPL-2.0-only
/* capture/ksyms: /proc/kallsyms to symbol+off/size, as the kernel prints it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture/ksyms.h"

static const char *const modules[KSYMS_MODULES] = { "netfs", "cifs" };

/* not in order, as the modules' part of the real one is not */
static const char kallsyms[] = "0000000000000000 A fixed_percpu_data\n"
			       "ffffffff81000000 T _text\n"
			       "ffffffff81000100 T iov_iter_revert\n"
			       "ffffffff81000180 T iov_iter_zero\n"
			       "nonsense\n"
			       "ffffffffc0200040 t crypt_message\t[cifs]\n"
			       "ffffffffc0200000 t first\t[cifs]\n"
			       "ffffffffc0200040 t alias\t[cifs]\n"
			       "ffffffffc0200100 T last\t[cifs]\n"
			       "ffffffffc0300000 d table\t[cifs]\n"
			       "ffffffffc0100000 t netfs_reset_iter\t[netfs]\n"
			       "ffffffffc0100060 t iov_iter_revert\t[netfs]\n"
			       "ffffffffc0400000 t bpf_prog_x\t[bpf]\n";

static char path[32]; /* ksyms_find() reads it again */

static int load(struct ksyms **ret, const char *text, struct err *err)
{
	__autoclose int fd = mkstemp(strcpy(path, "/tmp/netfsnoop-ksyms-XXXXXX"));

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return ksyms_new(ret, path, NULL, modules, "iov_iter_revert", err);
}

static void is(const struct ksyms *k, uint64_t addr, const char *symbol, const char *module,
	       uint64_t start, uint64_t size)
{
	struct ksym s;

	assert_int_equal(ksyms_find(k, addr, &s), 0);
	assert_string_equal(s.symbol, symbol);
	assert_string_equal(s.module, module);
	assert_int_equal(s.start, start);
	assert_int_equal(s.size, size);
}

static void names(void **state)
{
	__free(ksyms_freep) struct ksyms *k = NULL;
	struct err err = {};
	struct ksym s;

	(void)state;
	assert_int_equal(load(&k, kallsyms, &err), 0);
	is(k, 0xffffffffc0200000, "first", "cifs", 0xffffffffc0200000, 0x40);
	is(k, 0xffffffffc02000ff, "crypt_message", "cifs", 0xffffffffc0200040, 0xc0);
	is(k, 0xffffffffc0200fff, "last", "cifs", 0xffffffffc0200100,
	   0xf00); /* to its page's end */
	is(k, 0xffffffffc010005f, "netfs_reset_iter", "netfs", 0xffffffffc0100000, 0x60);
	is(k, 0xffffffff81000114, "iov_iter_revert", "", 0xffffffff81000100, 0x80);
	assert_int_equal(ksyms_find(k, 0xffffffffc0201000, &s), -ENOENT);
	assert_int_equal(ksyms_find(k, 0xffffffffc0400004, &s), -ENOENT);
}

static void ranges(void **state)
{
	__free(ksyms_freep) struct ksyms *k = NULL;
	struct text_range r;
	struct err err = {};

	(void)state;
	assert_int_equal(load(&k, kallsyms, &err), 0);
	assert_int_equal(ksyms_function(k), 0xffffffff81000100); /* not the one in a module */
	r = ksyms_text(k, 1);
	assert_int_equal(r.start, 0xffffffffc0200000);
	assert_int_equal(r.end, 0xffffffffc0201000); /* without the data */
	r = ksyms_range(k, 0, "netfs_reset_iter");
	assert_int_equal(r.start, 0xffffffffc0100000);
	assert_int_equal(r.end, 0xffffffffc0100060);
	assert_int_equal(ksyms_range(k, 1, "netfs_reset_iter").end, 0);
}

static void hidden(void **state)
{
	struct ksyms *k = NULL;
	struct err err = {};

	(void)state;
	assert_int_equal(load(&k, "0000000000000000 T _text\n0000000000000000 t x\t[cifs]\n", &err),
			 -EACCES);
	assert_non_null(strstr(err.text, "kptr_restrict"));
	assert_int_equal(ksyms_new(&k, "/nonexistent", NULL, modules, "f", &err), -ENOENT);
	assert_null(k);
}

/* What was picked is enough; without addresses the file says why. */
static void picked(void **state)
{
	static char some[] = "ffffffff81000100 T iov_iter_revert\n"
			     "ffffffffc0200000 t first\t[cifs]\n";
	static char hidden[] = "0 T iov_iter_revert\n0 t ghost\t[cifs]\n";
	__autofclose FILE *lines = fmemopen(some, strlen(some), "r");
	__autofclose FILE *zeros = fmemopen(hidden, strlen(hidden), "r");
	__free(ksyms_freep) struct ksyms *k = NULL;
	__free(ksyms_freep) struct ksyms *k2 = NULL;
	__free(ksyms_freep) struct ksyms *whole = NULL;
	struct err err = {};
	const char *name;

	(void)state;
	assert_int_equal(load(&whole, kallsyms, &err), 0);
	assert_int_equal(ksyms_new(&k, "/nonexistent", lines, modules, "iov_iter_revert", &err), 0);
	assert_int_equal(ksyms_function(k), 0xffffffff81000100);
	assert_int_equal(ksyms_like(k, 1, "first", &name), 0xffffffffc0200000);
	assert_int_equal(ksyms_new(&k2, path, zeros, modules, "iov_iter_revert", &err), 0);
	assert_int_equal(ksyms_function(k2), 0xffffffff81000100);
	assert_int_equal(ksyms_like(k2, 1, "ghost", &name), 0);
	is(k2, 0xffffffffc02000ff, "crypt_message", "cifs", 0xffffffffc0200040, 0xc0);
}

static int clean_up(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void like(const struct ksyms *k, const char *function, uint64_t addr, const char *symbol)
{
	const char *name = "";

	assert_int_equal(ksyms_like(k, 1, function, &name), addr);
	assert_string_equal(name, symbol);
}

/* the function itself before what the compiler made of it, that before a piece of it */
static void likenesses(void **state)
{
	static const char optimized[] = "ffffffffc0200140 t gone.cold\t[cifs]\n"
					"ffffffffc0200150 t gone.isra.0\t[cifs]\n"
					"ffffffffc0200160 t piece.part.0\t[cifs]\n"
					"ffffffffc0200170 t first.cold\t[cifs]\n"
					"ffffffffc0200000 t first\t[cifs]\n"
					"ffffffffc0200180 t firstly\t[cifs]\n"
					"ffffffffc0300000 d table\t[cifs]\n";
	__free(ksyms_freep) struct ksyms *k = NULL;
	struct err err = {};

	(void)state;
	assert_int_equal(load(&k, optimized, &err), 0);
	like(k, "first", 0xffffffffc0200000, "first");
	like(k, "gone", 0xffffffffc0200150, "gone.isra.0");
	like(k, "piece", 0xffffffffc0200160, "piece.part.0");
	like(k, "fir", 0, "");
	like(k, "table", 0, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(names, clean_up),
		cmocka_unit_test_teardown(ranges, clean_up),
		cmocka_unit_test_teardown(hidden, clean_up),
		cmocka_unit_test_teardown(picked, clean_up),
		cmocka_unit_test_teardown(likenesses, clean_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
