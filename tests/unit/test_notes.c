// SPDX-License-Identifier: GPL-2.0-only
/* Each message of messages.def is found by its own text, and none by a more general one above it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oops/notes.h"

static const struct {
	const char *id, *text;
} all[] = {
#define M(id, role, text, check, meaning, look) { #id, text },
#include "oops/messages.def"
#undef M
};

/* The text with something in place of each star. */
static void fill(char *to, const char *pattern, const char *with)
{
	for (; *pattern; pattern++)
		if (*pattern == '*')
			to = stpcpy(to, with);
		else
			*to++ = *pattern;
	*to = '\0';
}

static void test_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		char text[512] = "CIFS: VFS: \\\\server.example ";
		struct notes n = {};

		fill(text + strlen(text), all[i].text, "0x12");
		notes_add(&n, text, "1.000000", 1, 1);
		assert_int_equal(n.nr, 1);
		assert_string_equal(n.note[0].id, all[i].id);
		assert_string_equal(n.note[0].server, "server.example");
	}
}

static void test_others(void **state)
{
	struct notes n = {};

	(void)state;
	notes_add(&n, "usb 1-1: has not responded in 3 seconds. Reconnecting...", "", 1, 1);
	notes_add(&n, "VFS: Close: file count is 0", "", 2, 1);
	assert_int_equal(n.nr, 0);
	notes_add(&n, "CIFS: VFS: nobody has seen this", "", 3, 1);
	assert_int_equal(n.nr, 1);
	assert_int_equal(n.note[0].role, NOTE_UNKNOWN);
}

/* Whoever ends the connection: not the socket that takes no more. */
static void test_ends(void **state)
{
	struct notes n = {};

	(void)state;
	notes_add(&n, "CIFS: VFS: \\\\nas Error -104 sending data on socket to server", "", 1, 2);
	notes_add(&n, "CIFS: VFS: \\\\nas Error -32 sending data on socket to server", "", 2, 1);
	notes_add(&n, "web1 last message repeated 3 times", "", 3, 1);
	notes_add(&n, "usb 1-1: reset", "", 4, 1);
	notes_add(&n, "last message repeated 7 times", "", 5, 1);
	assert_int_equal(n.nr, 2);
	assert_int_equal(n.note[0].count, 2);
	assert_non_null(strstr(n.note[0].meaning, "reset"));
	assert_int_equal(n.note[1].count, 4);
	assert_non_null(strstr(n.note[1].meaning, "closed already"));
}

/* No input makes the matching slower than its length times that of a pattern. */
static void test_long(void **state)
{
	static char text[60000];
	struct notes n = {};

	(void)state;
	memset(text, '=', sizeof(text) - 1);
	memcpy(text, "CIFS: ", 6);
	notes_add(&n, text, "", 1, 1);
	assert_int_equal(n.nr, 1);
}

static void test_room(void **state)
{
	struct notes n = {};
	char text[64];

	(void)state;
	for (int i = 0; i < OOPS_MAX_NOTES + 7; i++) {
		snprintf(text, sizeof(text), "CIFS: nobody has seen %d", i);
		notes_add(&n, text, "", i, 1);
	}
	assert_int_equal(n.nr, OOPS_MAX_NOTES);
	assert_int_equal(n.more, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each), cmocka_unit_test(test_others),
		cmocka_unit_test(test_ends), cmocka_unit_test(test_long),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
