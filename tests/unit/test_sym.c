// SPDX-License-Identifier: GPL-2.0-only
/* sym: symbol+off/size to function, inlines and line, or to the function called there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sym/image.h"
#include "sym_util.h"

static int set_up(void **state)
{
	(void)state;
	return make_known();
}

static int tear_down(void **state)
{
	(void)state;
	return remove_known();
}

static struct sym *open_with(const char *file)
{
	static const char *files[1];
	struct sym_options o = { .files = files, .nr_files = 1 };
	struct sym *s = NULL;

	files[0] = file;
	assert_int_equal(sym_open(&s, &o), 0);
	return s;
}

static void resolve(struct sym *s, const char *symbol, uint64_t off, uint64_t size, bool is_return,
		    struct sym_place *ret)
{
	assert_int_equal(sym_resolve(s, "known", symbol, off, size, is_return, ret), 0);
}

/* The size the kernel would print for outer, and the offset behind its call of callee. */
static uint64_t return_address(const char *callee, uint64_t *ret_size)
{
	__free(image_freep) struct image *img = NULL;
	const struct image_func *f, *other;
	char name[64];

	assert_int_equal(image_open(&img, in_dir("bare/known.ko"), NULL), 0);
	f = image_find(img, "outer", 0, &other);
	assert_non_null(f);
	*ret_size = f->span;
	for (uint64_t off = 5; off <= f->span; off++)
		if (!image_callee(img, f, off, name, sizeof(name)) && !strcmp(name, callee))
			return off;
	fail_msg("no call of %s", callee);
	return 0;
}

static void test_lines_and_inlines(void **state)
{
	__free(sym_freep) struct sym *s = open_with(in_dir("known.ko"));
	struct sym_place p;
	unsigned int inlined = 0;
	uint64_t size;

	(void)state;
	return_address("sink", &size);
	for (uint64_t off = 0; off < size; off++) {
		resolve(s, "outer", off, size, false, &p);
		assert_int_equal(p.how, SYM_LINE);
		assert_string_equal(p.frame[p.nr_frames - 1].function, "outer");
		assert_string_equal(p.frame[0].file, "known.c");
		if (p.nr_frames == 2 && p.frame[0].line == LINE_INNER) {
			assert_string_equal(p.frame[0].function, "inner");
			assert_int_equal(p.frame[1].line, LINE_INLINED);
			inlined++;
		}
	}
	assert_true(inlined);
}

/* the line of a return address is that of the call, whatever comes next */
static void test_return_address(void **state)
{
	__free(sym_freep) struct sym *s = open_with(in_dir("known.ko"));
	struct sym_place p;
	uint64_t size, off = return_address("sink", &size);

	(void)state;
	resolve(s, "outer", off, size, true, &p);
	assert_int_equal(p.how, SYM_LINE);
	assert_int_equal(p.frame[0].line, LINE_SINK);
	off = return_address("local", &size);
	resolve(s, "outer", off, size, true, &p);
	assert_int_equal(p.frame[0].line, LINE_LOCAL);
}

/* by its relocation, and by the instruction where the assembler needed none */
static void test_callee_without_debug_information(void **state)
{
	__free(sym_freep) struct sym *s = open_with(in_dir("bare/known.ko"));
	static const char *const callees[] = { "sink", "local" };
	struct sym_place p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(callees); i++) {
		uint64_t size, off = return_address(callees[i], &size);

		resolve(s, "outer", off, size, true, &p);
		assert_int_equal(p.how, SYM_CALL);
		assert_string_equal(p.callee, callees[i]);
		assert_non_null(strstr(p.why, "no debug information"));
		resolve(s, "outer", off - 1, size, true, &p);
		assert_int_equal(p.how, SYM_NONE);
		assert_non_null(strstr(p.why, "no direct call ends"));
		resolve(s, "outer", off, size, false, &p);
		assert_int_equal(p.how, SYM_NONE);
	}
}

static void test_another_build(void **state)
{
	__free(sym_freep) struct sym *s = open_with(in_dir("known.ko"));
	struct sym_place p;
	uint64_t size;

	(void)state;
	return_address("sink", &size);
	resolve(s, "outer", 5, size + 0x100, true, &p);
	assert_int_equal(p.how, SYM_NONE);
	assert_non_null(strstr(p.why, "another build"));
	assert_non_null(strstr(p.why, "outer of 0x"));
	resolve(s, "absent", 5, size, true, &p);
	assert_non_null(strstr(p.why, "no function absent"));
	resolve(s, "outer", size + 0x100, 0, false, &p);
	assert_non_null(strstr(p.why, "outer ends at"));
}

static void test_build_id(void **state)
{
	struct sym_place p;

	(void)state;
	assert_int_equal(
		sh("${CC:-cc} -g -O1 -fPIC -shared -Wl,--build-id=0x0123456789abcdef known.c "
		   "-o known.so"),
		0);
	{
		__free(sym_freep) struct sym *s = open_with(in_dir("known.so"));

		assert_int_equal(sym_expect_build(s, "known", "0123456789abcdef"), 0);
		resolve(s, "outer", 1, 0, false, &p);
		assert_int_equal(p.how, SYM_LINE);
	}
	{
		__free(sym_freep) struct sym *s = open_with(in_dir("known.so"));

		assert_int_equal(sym_expect_build(s, "known", "fedcba9876543210"), 0);
		resolve(s, "outer", 1, 0, false, &p);
		assert_int_equal(p.how, SYM_NONE);
		assert_non_null(strstr(p.why, "build-id"));
	}
}

static void test_stripped(void **state)
{
	__free(sym_freep) struct sym *s = NULL;
	struct sym_place p;

	(void)state;
	assert_int_equal(sh("mkdir -p all && ${CC:-cc} -g -fPIC -shared known.c -o all/known.so && "
			    "strip -s all/known.so"),
			 0);
	s = open_with(in_dir("all/known.so"));
	resolve(s, "outer", 1, 0, false, &p);
	assert_int_equal(p.how, SYM_NONE);
	assert_non_null(strstr(p.why, "stripped"));
}

static void test_compressed(void **state)
{
	static const char *const how[][2] = { { "xz -k -f", "known.ko.xz" },
					      { "zstd -q -k -f", "known.ko.zst" },
					      { "gzip -k -f", "known.ko.gz" } };
	struct sym_place p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(how); i++) {
		__free(sym_freep) struct sym *s = NULL;

		assert_int_equal(sh("%s known.ko", how[i][0]), 0);
		s = open_with(in_dir(how[i][1]));
		resolve(s, "outer", 1, 0, false, &p);
		assert_int_equal(p.how, SYM_LINE);
		assert_int_equal(sh("truncate -s 300 %s", how[i][1]), 0);
		sym_free(s);
		s = open_with(in_dir(how[i][1]));
		resolve(s, "outer", 1, 0, false, &p);
		assert_int_equal(p.how, SYM_NONE);
		assert_non_null(strstr(p.why, "damaged"));
	}
}

/* debug information apart, as distributions have it: the code is in another file */
static void test_debug_file(void **state)
{
	struct sym_options o = { .debug_dir = in_dir("apart") };
	__free(sym_freep) struct sym *s = NULL;
	struct sym_place p;
	uint64_t size, off = return_address("sink", &size);

	(void)state;
	assert_int_equal(sh("mkdir -p apart && cp bare/known.ko apart/ && "
			    "objcopy --only-keep-debug known.ko apart/known.ko.debug"),
			 0);
	assert_int_equal(sym_open(&s, &o), 0);
	resolve(s, "outer", off, size, true, &p);
	assert_int_equal(p.how, SYM_LINE);
	assert_int_equal(p.frame[0].line, LINE_SINK);
	assert_non_null(strstr(p.from, "known.ko.debug"));
}

/* two static functions of one name: the size tells which */
static void test_ambiguous(void **state)
{
	static const char short_one[] = "static __attribute__((noinline,used)) int twin(int x)\n"
					"{ return x; }\n";
	static const char long_one[] =
		"extern volatile int v;\n\n\n\nstatic __attribute__((noinline,used)) int twin(int "
		"x)\n"
		"{ v=x; v=x; v=x; v=x; v=x; v=x; v=x; v=x; v=x; v=x; v=x; v=x; v=x; return v; }\n";
	__free(sym_freep) struct sym *s = NULL;
	__free(image_freep) struct image *img = NULL;
	struct sym_place p;
	unsigned int n = 0;

	(void)state;
	assert_int_equal(write_file("a.c", short_one, sizeof(short_one) - 1), 0);
	assert_int_equal(write_file("b.c", long_one, sizeof(long_one) - 1), 0);
	assert_int_equal(sh("mkdir -p two && ${CC:-cc} -g -O1 -c a.c && ${CC:-cc} -g -O1 -c b.c && "
			    "ld -r a.o b.o -o two/known.ko"),
			 0);
	assert_int_equal(image_open(&img, in_dir("two/known.ko"), NULL), 0);
	s = open_with(in_dir("two/known.ko"));
	for (size_t i = 0; i < img->nr_funcs; i++) {
		if (strcmp(img->func[i].name, "twin") != 0)
			continue;
		resolve(s, "twin", 0, img->func[i].span, false, &p);
		assert_int_equal(p.how, SYM_LINE);
		assert_string_equal(p.frame[0].file, img->func[i].size < 16 ? "a.c" : "b.c");
		n++;
	}
	assert_int_equal(n, 2);
}

/* the system's directories, by release; the release of an oops is no path */
static void test_search(void **state)
{
	struct sym_options o = { .release = "6.12.1-test", .root = dir };
	struct sym_place p;
	struct sym *s;

	(void)state;
	assert_int_equal(sh("mkdir -p lib/modules/6.12.1-test/kernel/fs usr/lib/debug/.build-id && "
			    "cp bare/known.ko lib/modules/6.12.1-test/kernel/fs/"),
			 0);
	assert_int_equal(sym_open(&s, &o), 0);
	resolve(s, "outer", 1, 0, false, &p);
	assert_non_null(strstr(p.why, "no debug information"));
	sym_free(s);
	assert_int_equal(sh("mkdir -p usr/lib/debug/lib/modules/6.12.1-test && "
			    "cp known.ko usr/lib/debug/lib/modules/6.12.1-test/"),
			 0);
	assert_int_equal(sym_open(&s, &o), 0);
	resolve(s, "outer", 1, 0, false, &p);
	assert_int_equal(p.how, SYM_LINE);
	assert_non_null(strstr(p.from, "usr/lib/debug"));
	sym_free(s);
	o.release = "../modules/6.12.1-test";
	assert_int_equal(sym_open(&s, &o), 0);
	resolve(s, "outer", 1, 0, false, &p);
	assert_int_equal(p.how, SYM_NONE);
	sym_free(s);
	o = (struct sym_options){ .debug_dir = in_dir("usr") };
	assert_int_equal(sym_open(&s, &o), 0);
	resolve(s, "outer", 1, 0, false, &p);
	assert_int_equal(p.how, SYM_LINE);
	sym_free(s);
}

static void test_no_module(void **state)
{
	static const char *const paths[] = { "absent.ko", ".", "known.c" };
	struct sym_place p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		__free(sym_freep) struct sym *s = open_with(in_dir(paths[i]));

		resolve(s, "outer", 1, 0, false, &p);
		assert_int_equal(p.how, SYM_NONE);
		assert_true(*p.why);
	}
}

static void test_ref(void **state)
{
	static const char *const bad[] = { "",	     "a",	 "a+",
					   "a+5",    "+0x5/0x6", "a+0x",
					   "1a+0x5", "a+0x5/",	 "a+0x00000000000000001",
					   "a b+0x1" };
	struct sym_ref r;
	const char *end;

	(void)state;
	assert_int_equal(sym_ref_parse("smb2_readv_callback+0x50f/0x5b0 [cifs]", &r, &end), 0);
	assert_string_equal(r.symbol, "smb2_readv_callback");
	assert_string_equal(r.module, "cifs");
	assert_int_equal(r.off, 0x50f);
	assert_int_equal(r.size, 0x5b0);
	assert_string_equal(end, "");
	assert_int_equal(sym_ref_parse("cifs:crypt_message.cold+0x1", &r, NULL), 0);
	assert_string_equal(r.symbol, "crypt_message.cold");
	assert_string_equal(r.module, "cifs");
	assert_int_equal(r.size, 0);
	assert_int_equal(sym_ref_parse("f+0x1/0x2 [cifs 0123456789abcdef] is?", &r, &end), 0);
	assert_string_equal(r.build_id, "0123456789abcdef");
	assert_string_equal(end, " is?");
	assert_int_equal(sym_ref_parse("f+0x1/0x2 [unclosed", &r, &end), 0);
	assert_string_equal(r.module, "");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(sym_ref_parse(bad[i], &r, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_and_inlines),
		cmocka_unit_test(test_return_address),
		cmocka_unit_test(test_callee_without_debug_information),
		cmocka_unit_test(test_another_build),
		cmocka_unit_test(test_build_id),
		cmocka_unit_test(test_stripped),
		cmocka_unit_test(test_compressed),
		cmocka_unit_test(test_debug_file),
		cmocka_unit_test(test_ambiguous),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_no_module),
		cmocka_unit_test(test_ref),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
