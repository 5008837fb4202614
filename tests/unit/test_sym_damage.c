// SPDX-License-Identifier: GPL-2.0-only
/* sym: files that were modules once. Every question gets an answer, and the tool lives on. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "sym_util.h"

#define FLIPS 400

static char *module;
static size_t module_size;

static int set_up(void **state)
{
	(void)state;
	return make_known() || file_read(in_dir("known.ko"), 1 << 20, &module, &module_size);
}

static int tear_down(void **state)
{
	(void)state;
	free(module);
	return remove_known();
}

/* An answer that cannot be used for harm: bounded, terminated, or a reason why there is none. */
static void check_place(const struct sym_place *p)
{
	assert_true(p->how <= SYM_LINE);
	assert_true(p->nr_frames <= SYM_MAX_INLINES);
	assert_true(strnlen(p->why, sizeof(p->why)) < sizeof(p->why));
	if (p->how == SYM_NONE)
		assert_true(*p->why);
	for (uint32_t i = 0; i < p->nr_frames; i++) {
		assert_true(memchr(p->frame[i].function, 0, sizeof(p->frame[i].function)));
		assert_true(memchr(p->frame[i].file, 0, sizeof(p->frame[i].file)));
	}
}

static void ask(const char *data, size_t size)
{
	const char *file = in_dir("damaged/known.ko");
	struct sym_options o = { .files = &file, .nr_files = 1 };
	__free(sym_freep) struct sym *s = NULL;
	struct sym_place p;

	assert_int_equal(write_file("damaged/known.ko", data, size), 0);
	assert_int_equal(sym_open(&s, &o), 0);
	for (uint64_t off = 0; off < 48; off += 9) {
		assert_int_equal(sym_resolve(s, "known", "outer", off, 0, off & 1, &p), 0);
		check_place(&p);
	}
}

static void test_flips(void **state)
{
	uint32_t seed = 1;

	(void)state;
	assert_int_equal(sh("mkdir -p damaged"), 0);
	for (unsigned int i = 0; i < FLIPS; i++) {
		size_t at;
		char was;

		seed = seed * 1664525 + 1013904223;
		/* every header byte, then all over */
		at = i < 64 ? i : seed % module_size;
		was = module[at];
		module[at] ^= i % 3 ? 1 << (seed >> 29) : 0xff;
		ask(module, module_size);
		module[at] = was;
	}
}

static void test_truncated(void **state)
{
	(void)state;
	assert_int_equal(sh("mkdir -p damaged"), 0);
	for (size_t size = 0; size < module_size; size += module_size / 40 + 1)
		ask(module, size);
}

/* What a crash of the reader looks like: the answer is a reason, other modules are not concerned.
 */
static void test_child_dies(void **state)
{
	const char *file = in_dir("known.ko");
	struct sym_options o = { .files = &file, .nr_files = 1 };
	__free(sym_freep) struct sym *s = NULL;
	char path[64], *children = NULL;
	struct sym_place p;
	pid_t child;

	(void)state;
	assert_int_equal(sym_open(&s, &o), 0);
	assert_int_equal(sym_resolve(s, "known", "outer", 1, 0, false, &p), 0);
	assert_int_equal(p.how, SYM_LINE);
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	if (file_read(path, 4096, &children, NULL))
		skip();
	child = strtol(children, NULL, 10);
	free(children);
	assert_true(child > 1);
	assert_int_equal(kill(child, SIGSEGV), 0);
	assert_int_equal(sym_resolve(s, "known", "outer", 1, 0, false, &p), 0);
	assert_int_equal(p.how, SYM_NONE);
	assert_non_null(strstr(p.why, "damaged"));
	assert_int_equal(sym_resolve(s, "other", "outer", 1, 0, false, &p), 0);
	assert_non_null(strstr(p.why, "found no other.ko"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_child_dies),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
