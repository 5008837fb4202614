// SPDX-License-Identifier: GPL-2.0-only
/* view/kit: any bytes as text of HTML and XML, however long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "view/kit/markup.h"

static char *html(const char *text)
{
	char *made;
	size_t len;
	FILE *f = open_memstream(&made, &len);

	assert_non_null(f);
	put_html(f, text);
	assert_int_equal(fclose(f), 0);
	return made;
}

static void expect(const char *text, const char *want)
{
	__autofree char *made = html(text);

	assert_string_equal(made, want);
}

static void test_escaped(void **state)
{
	(void)state;
	expect(NULL, "");
	expect("", "");
	expect("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;");
	expect("\x1b[0m\xff", "\\x1b[0m\\xff");
	expect("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
}

/* Characters stay whole wherever a long text is cut into pieces. */
static void test_long(void **state)
{
	static const char *const character[] = { "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
	char text[4096];

	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(character); c++)
		for (size_t before = 0; before < 5; before++) {
			size_t at = before;

			memset(text, 'x', before);
			for (int i = 0; i < 600; i++)
				at += sprintf(text + at, "%s", character[c]);
			expect(text, text);
		}
}

/* Bytes that are in no character, each by itself. */
static void test_long_garbage(void **state)
{
	char text[1001], want[4 * 1000 + 1];

	(void)state;
	memset(text, 0x80, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 1000; i++)
		memcpy(want + 4 * i, "\\x80", 5);
	expect(text, want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escaped),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_long_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
