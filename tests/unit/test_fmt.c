// SPDX-License-Identifier: GPL-2.0-only
/* base/fmt, base/units, base/utf8: numbers and text for people, and hostile bytes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/fmt.h"
#include "bpf/event.h"
#include "base/units.h"
#include "base/utf8.h"

static void test_bytes(void **state)
{
	(void)state;
	assert_string_equal(fmt_bytes(0).s, "0 B");
	assert_string_equal(fmt_bytes(1).s, "1 B");
	assert_string_equal(fmt_bytes(1023).s, "1023 B");
	assert_string_equal(fmt_bytes(1024).s, "1.0 KiB");
	assert_string_equal(fmt_bytes(1536).s, "1.5 KiB");
	assert_string_equal(fmt_bytes(16 << 20).s, "16.0 MiB");
	assert_string_equal(fmt_bytes(1ULL << 40).s, "1.0 TiB");
	assert_string_equal(fmt_bytes(UINT64_MAX).s, "16.0 EiB");
}

static void test_ns(void **state)
{
	(void)state;
	assert_string_equal(fmt_ns(850).s, "850 ns");
	assert_string_equal(fmt_ns(999).s, "999 ns");
	assert_string_equal(fmt_ns(1000).s, "1.00 us");
	assert_string_equal(fmt_ns(12300).s, "12.3 us");
	assert_string_equal(fmt_ns(999400).s, "999 us");
	assert_string_equal(fmt_ns(999600).s, "1.00 ms");
	assert_string_equal(fmt_ns(4560000).s, "4.56 ms");
	assert_string_equal(fmt_ns(1230000000).s, "1.23 s");
}

/* never more than 8 columns up to a day, so that columns of a table stay where they are */
static void test_ns_width(void **state)
{
	(void)state;
	for (uint64_t ns = 1; ns < 86400000000000ULL; ns += ns / 7 + 1)
		assert_true(strlen(fmt_ns(ns).s) <= 8);
}

static void test_rreq(void **state)
{
	(void)state;
	assert_string_equal(fmt_rreq(0x2a, 0).s, "R=0000002a");
	assert_string_equal(fmt_rreq(0x2a, 3).s, "R=0000002a[3]");
	assert_string_equal(fmt_rreq(UINT32_MAX, UINT32_MAX - 1).s, "R=ffffffff[fffffffe]");
	assert_string_equal(fmt_rreq(0x2a, EV_SREQ_ZERO).s, "R=0000002a[0]");
}

static void test_dmesg(void **state)
{
	(void)state;
	assert_string_equal(fmt_dmesg(0).s, "[    0.000000]");
	assert_string_equal(fmt_dmesg(12345678901).s, "[   12.345678]");
	assert_string_equal(fmt_dmesg(123456000001999ULL).s, "[123456.000001]");
	assert_true(strlen(fmt_dmesg(UINT64_MAX).s) < sizeof(struct short_text));
}

static void assert_escaped(const char *text, const char *want)
{
	char buf[128];

	assert_ptr_equal(fmt_escape(buf, sizeof(buf), text), buf);
	assert_string_equal(buf, want);
}

static void test_escape(void **state)
{
	(void)state;
	assert_escaped("", "");
	assert_escaped("plain text", "plain text");
	assert_escaped("na\xc3\xafve \xe2\x82\xac \xf0\x9f\x90\x9f",
		       "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x90\x9f");
	assert_escaped("\x1b[31mred", "\\x1b[31mred");
	assert_escaped("a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd");
	assert_escaped("\x7f\xff\xc0", "\\x7f\\xff\\xc0");
}

/* what a terminal would obey, or a careless decoder accept */
static void test_escape_hostile(void **state)
{
	(void)state;
	assert_escaped("\xc2\x9b"
		       "31m",
		       "\\xc2\\x9b31m"); /* CSI as one character */
	assert_escaped("\xe2\x80\xae"
		       "gpj",
		       "\\xe2\\x80\\xaegpj");			    /* right-to-left override */
	assert_escaped("\xe2\x81\xa6x", "\\xe2\\x81\\xa6x");	    /* left-to-right isolate */
	assert_escaped("\xc0\x80", "\\xc0\\x80");		    /* overlong NUL */
	assert_escaped("\xe0\x80\xaf", "\\xe0\\x80\\xaf");	    /* overlong slash */
	assert_escaped("\xed\xa0\x80", "\\xed\\xa0\\x80");	    /* surrogate */
	assert_escaped("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* beyond U+10FFFF */
	assert_escaped("\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80");
	assert_escaped("\xe2\x82", "\\xe2\\x82"); /* cut off by the end */
	assert_escaped("\xf0\x9f", "\\xf0\\x9f");
}

/* whatever the room: terminated, inside it, and the cut is visible */
static void test_escape_truncates(void **state)
{
	static const char text[] = "ab\x1b\xc3\xaf"
				   "cdefghijkl\xf0\x9f\x90\x9f";
	char full[128];

	(void)state;
	fmt_escape(full, sizeof(full), text);
	for (size_t room = 0; room < 40; room++) {
		char buf[48];

		memset(buf, '#', sizeof(buf));
		fmt_escape(buf, room, text);
		for (size_t i = room; i < sizeof(buf); i++)
			assert_int_equal(buf[i], '#');
		if (!room)
			continue;
		assert_non_null(memchr(buf, '\0', room));
		if (strcmp(buf, full) && room >= 4)
			assert_string_equal(buf + strlen(buf) - 3, "...");
	}
}

static void test_utf8_length(void **state)
{
	(void)state;
	assert_int_equal(utf8_length((const unsigned char *)""), 0);
	assert_int_equal(utf8_length((const unsigned char *)"a"), 1);
	assert_int_equal(utf8_length((const unsigned char *)"\x7f"), 1);
	assert_int_equal(utf8_length((const unsigned char *)"\xc2\x80"), 2);
	assert_int_equal(utf8_length((const unsigned char *)"\xef\xbf\xbf"), 3);
	assert_int_equal(utf8_length((const unsigned char *)"\xf4\x8f\xbf\xbf"), 4);
	assert_int_equal(utf8_length((const unsigned char *)"\x80"), 0);
	assert_int_equal(utf8_length((const unsigned char *)"\xc1\xbf"), 0);
	assert_int_equal(utf8_length((const unsigned char *)"\xc3("), 0);
}

static void test_parse_number(void **state)
{
	uint64_t n = 77;

	(void)state;
	assert_int_equal(parse_number("19", 1, 19, &n), 0);
	assert_int_equal(n, 19);
	assert_int_equal(parse_number("18446744073709551615", 0, UINT64_MAX, &n), 0);
	assert_true(n == UINT64_MAX);
	n = 77;
	assert_int_equal(parse_number("20", 1, 19, &n), -EINVAL);
	assert_int_equal(parse_number("0", 1, 19, &n), -EINVAL);
	assert_int_equal(parse_number("", 0, 9, &n), -EINVAL);
	assert_int_equal(parse_number("-1", 0, UINT64_MAX, &n), -EINVAL);
	assert_int_equal(parse_number(" 1", 0, 9, &n), -EINVAL);
	assert_int_equal(parse_number("1x", 0, 9, &n), -EINVAL);
	assert_int_equal(parse_number("18446744073709551616", 0, UINT64_MAX, &n), -EINVAL);
	assert_int_equal(n, 77);
}

static void test_parse_size(void **state)
{
	uint64_t n = 77;

	(void)state;
	assert_int_equal(parse_size("4096", &n), 0);
	assert_int_equal(n, 4096);
	assert_int_equal(parse_size("64K", &n), 0);
	assert_int_equal(n, 64 << 10);
	assert_int_equal(parse_size("1g", &n), 0);
	assert_int_equal(n, 1 << 30);
	assert_int_equal(parse_size("16777215T", &n), 0);
	n = 77;
	assert_int_equal(parse_size("16777216T", &n), -EINVAL); /* 2^64 */
	assert_int_equal(parse_size("K", &n), -EINVAL);
	assert_int_equal(parse_size("1KB", &n), -EINVAL);
	assert_int_equal(parse_size("1E", &n), -EINVAL);
	assert_int_equal(parse_size("-1K", &n), -EINVAL);
	assert_int_equal(parse_size("99999999999999999999", &n), -EINVAL);
	assert_int_equal(n, 77);
}

static void test_parse_duration(void **state)
{
	static const char *const bad[] = {
		"",	  "s",	  "1",	  "10",	   "-1s",	   "1x",
		"1 s",	  "1sec", "1e3s", "0x10s", "inf s",	   "1s500ms",
		"1.2.3s", ".s",	  "nan",  "1e99s", "99999999999h", "1S"
	};
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = { { "0", 0 },
		     { "0s", 0 },
		     { "1s", 1000000000 },
		     { "20ms", 20000000 },
		     { "1.5s", 1500000000 },
		     { ".5ms", 500000 },
		     { "250us", 250000 },
		     { "7ns", 7 },
		     { "2m", 120000000000 },
		     { "1h", 3600000000000 } };
	uint64_t ns = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(parse_duration(good[i].text, &ns), 0);
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (parse_duration(bad[i], &ns) != -EINVAL)
			fail_msg("'%s' is taken for a duration", bad[i]);
}

static void test_wall(void **state)
{
	(void)state;
	assert_string_equal(fmt_wall(0).s, "1970-01-01 00:00:00.000000");
	assert_string_equal(fmt_wall(1764000000123456789).s, "2025-11-24 16:00:00.123456");
	assert_int_equal(strlen(fmt_wall(UINT64_MAX).s), 26);
}

static void test_parse_seconds(void **state)
{
	uint64_t ns = 77;

	(void)state;
	assert_int_equal(parse_seconds("30", &ns), 0);
	assert_true(ns == 30000000000ULL);
	assert_int_equal(parse_seconds(".5", &ns), 0);
	assert_true(ns == 500000000ULL);
	ns = 77;
	assert_int_equal(parse_seconds("", &ns), -EINVAL);
	assert_int_equal(parse_seconds("-1", &ns), -EINVAL);
	assert_int_equal(parse_seconds("inf", &ns), -EINVAL);
	assert_int_equal(parse_seconds("nan", &ns), -EINVAL);
	assert_int_equal(parse_seconds("1e99", &ns), -EINVAL);
	assert_int_equal(parse_seconds("1s", &ns), -EINVAL);
	assert_int_equal(parse_seconds(".", &ns), -EINVAL);
	assert_int_equal(ns, 77);
}

static void test_parse_rreq(void **state)
{
	static const char *const good[] = { "0000002a", "2a", "2A", "R=0000002a", "0x2a" };
	static const char *const bad[] = { "",		"R=",	"x",	  "2a[",
					   "2a[]",	"2a[3", "2a[3]x", "2a[10000]",
					   "100000000", "-1",	"2a]",	  "2a[-1]" };
	uint32_t r, s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		char with[32];

		assert_int_equal(parse_rreq(good[i], &r, &s), 0);
		assert_int_equal(r, 0x2a);
		assert_int_equal(s, 0);
		snprintf(with, sizeof(with), "%s[1f]", good[i]);
		assert_int_equal(parse_rreq(with, &r, &s), 0);
		assert_int_equal(r, 0x2a);
		assert_int_equal(s, 0x1f);
	}
	assert_int_equal(parse_rreq("2a[0]", &r, &s), 0);
	assert_true(s == EV_SREQ_ZERO);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		r = s = 77;
		if (parse_rreq(bad[i], &r, &s) != -EINVAL)
			fail_msg("'%s' was taken for a request", bad[i]);
		assert_int_equal(r, 77);
		assert_int_equal(s, 77);
	}
}

static void test_words(void **state)
{
	char *const words[] = { "netfsnoop", "record", "", "-q" };
	__autofree char *four = fmt_words(4, words);
	__autofree char *none = fmt_words(0, words);

	(void)state;
	assert_string_equal(four, "netfsnoop record  -q");
	assert_string_equal(none, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),	       cmocka_unit_test(test_ns),
		cmocka_unit_test(test_ns_width),       cmocka_unit_test(test_rreq),
		cmocka_unit_test(test_dmesg),	       cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_hostile), cmocka_unit_test(test_escape_truncates),
		cmocka_unit_test(test_utf8_length),    cmocka_unit_test(test_parse_number),
		cmocka_unit_test(test_parse_size),     cmocka_unit_test(test_parse_seconds),
		cmocka_unit_test(test_parse_duration), cmocka_unit_test(test_wall),
		cmocka_unit_test(test_parse_rreq),     cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
