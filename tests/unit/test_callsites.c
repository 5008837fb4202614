// SPDX-License-Identifier: GPL-2.0-only
/* capture/callsites: calls and tail calls, from a module's relocations and from bare text. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture/callsites.h"
#include "sym/image.h"

#define BASE_TEXT 0x1000
#define BASE_COLD 0x8000

static const char source[] = ".text\n"
			     "f: nop\n"
			     "call target\n" /* 1 */
			     "call other\n"
			     "je target\n"  /* 0xb */
			     "jmp target\n" /* 0x11 */
			     "mov $target, %rdi\n"
			     ".section .text.unlikely,\"ax\"\n"
			     "f.cold: call target\n"
			     ".section .init.text,\"ax\"\n"
			     "call target\n"
			     ".section .gone,\"ax\"\n"
			     "call target\n"
			     ".data\n"
			     ".quad target\n";

static uint64_t base_of(void *ctx, const char *section)
{
	(void)ctx;
	if (!strcmp(section, ".text"))
		return BASE_TEXT;
	return !strcmp(section, ".text.unlikely") ? BASE_COLD : 0;
}

static int assemble(const char *path)
{
	char command[256];
	FILE *p;

	snprintf(command, sizeof(command), "gcc -x assembler -c -o %s -", path);
	p = popen(command, "we");
	if (!p)
		return -errno;
	fputs(source, p);
	return pclose(p);
}

static void has(const struct callsites *s, size_t i, uint64_t addr, uint8_t kind)
{
	assert_true(i < s->nr);
	assert_int_equal(s->site[i].addr, addr);
	assert_int_equal(s->site[i].kind, kind);
}

static void relocations(void **state)
{
	char path[] = "/tmp/netfsnoop-callsites-XXXXXX";
	__free(image_freep) struct image *img = NULL;
	__autoclose int fd = mkstemp(path);
	struct callsites s = {};
	struct err err = {};

	(void)state;
	assert_true(fd >= 0);
#if !defined(__x86_64__)
	skip();
#endif
	assert_int_equal(assemble(path), 0);
	assert_int_equal(image_open(&img, path, &err), 0);
	assert_int_equal(callsites_from_image(&s, img, "target", base_of, NULL), 0);
	assert_int_equal(s.nr, 4);
	has(&s, 0, BASE_TEXT + 0x01, SITE_CALL);
	has(&s, 1, BASE_TEXT + 0x0b, SITE_JCC | 4);
	has(&s, 2, BASE_TEXT + 0x11, SITE_JMP);
	has(&s, 3, BASE_COLD, SITE_CALL);
	assert_int_equal(s.odd, 1);
	callsites_free(&s);
	assert_int_equal(callsites_from_image(&s, img, "nobody", base_of, NULL), 0);
	assert_int_equal(s.nr + s.odd, 0);
	unlink(path);
}

static void put_rel(uint8_t *text, size_t at, uint64_t start, uint64_t target)
{
	uint32_t rel = (uint32_t)(target - (start + at + 4));

	memcpy(text + at, &rel, sizeof(rel));
}

static void live_text(void **state)
{
	const uint64_t start = 0xffffffffc0100000, target = 0xffffffff81234560;
	uint8_t text[64];
	struct callsites s = {};

	(void)state;
	memset(text, 0x90, sizeof(text));
	text[0] = 0xe8;
	put_rel(text, 1, start, target);
	text[10] = 0x0f;
	text[11] = 0x8f;
	put_rel(text, 12, start, target);
	text[20] = 0xe9;
	put_rel(text, 21, start, target + 1);
	put_rel(text, 31, start, target); /* after a nop: not an instruction we know */
	text[59] = 0xe9;
	put_rel(text, 60, start, target); /* up to the last byte */
	assert_int_equal(callsites_from_text(&s, text, sizeof(text), start, target), 0);
	assert_int_equal(s.nr, 3);
	has(&s, 0, start, SITE_CALL);
	has(&s, 1, start + 10, SITE_JCC | 15);
	has(&s, 2, start + 59, SITE_JMP);
	assert_int_equal(s.odd, 1);
	callsites_free(&s);
	for (size_t size = 0; size < 5; size++)
		assert_int_equal(callsites_from_text(&s, text, size, start, target), 0);
	assert_int_equal(s.nr, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relocations),
		cmocka_unit_test(live_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
