// SPDX-License-Identifier: GPL-2.0-only
/* Lines of the kernel in everything that people paste them in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "log/file.h"
#include "log/mime.h"
#include "log/reader.h"
#include "log/wrap.h"

#define TEXT "INFO: task cp:12 blocked"

struct expected {
	const char *raw, *text, *when, *caller;
};

static bool headline(const char *text)
{
	return !strncmp(text, "INFO: task ", 11);
}

static const struct expected dressed[] = {
	{ TEXT, TEXT, "", "" },
	{ "[  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "<4>[  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "kern  :err   : [  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "kern  :err   : " TEXT, TEXT, "", "" },
	{ "[Fri Nov 23 10:00:00 2024] " TEXT, TEXT, "Fri Nov 23 10:00:00 2024", "" },
	{ "[Nov23 10:00] " TEXT, TEXT, "Nov23 10:00", "" },
	{ "[  +0.000003] " TEXT, TEXT, "+0.000003", "" },
	{ "2024-02-07T21:32:16,573734+00:00 " TEXT, TEXT, "2024-02-07T21:32:16,573734+00:00", "" },
	{ "6,1234,228573734,-;" TEXT, TEXT, "228.573734", "" },
	{ "6,1234,228573734,-,caller=T12;" TEXT, TEXT, "228.573734", "T12" },
	{ "[  612.400001] [   T4033] " TEXT, TEXT, "612.400001", "T4033" },
	{ "[  612.400001][    C2] " TEXT, TEXT, "612.400001", "C2" },
	{ "[  612.400001][T4033]" TEXT, TEXT, "612.400001", "T4033" },
	{ "[  612.400001@3] " TEXT, TEXT, "612.400001", "C3" },
	{ "<6>[  612.400001]  (3)[456:kworker/u16:3]" TEXT, TEXT, "612.400001", "T456" },
	{ "[  612.400001]  [2:  kworker/2:1:  456] " TEXT, TEXT, "612.400001", "T456" },
	{ "[  612.400001] [2] " TEXT, TEXT, "612.400001", "C2" },
	{ "[  612.400001] c0    456 " TEXT, TEXT, "612.400001", "T456" },
	{ "Nov 23 10:00:00 nas kernel: " TEXT, TEXT, "Nov 23 10:00:00", "" },
	{ "Nov 23 10:00:00 nas kernel: [  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "2024-11-23T10:00:00.123456+01:00 nas kernel: " TEXT, TEXT,
	  "2024-11-23T10:00:00.123456+01:00", "" },
	{ "1700000000.123456 nas kernel: " TEXT, TEXT, "1700000000.123456", "" },
	{ "[  612.400001] nas kernel: " TEXT, TEXT, "612.400001", "" },
	{ "<3>1 2024-11-23T10:00:00.123Z nas kernel - - - " TEXT, TEXT,
	  "1 2024-11-23T10:00:00.123Z", "" },
	{ "2024-11-23T10:00:00.123456789Z stderr F " TEXT, TEXT, "2024-11-23T10:00:00.123456789Z",
	  "" },
	{ "2024-11-23 10:00:00,123 " TEXT, TEXT, "2024-11-23 10:00:00,123", "" },
	{ "11-23 10:00:00.123     0     0 E kernel  : " TEXT, TEXT,
	  "11-23 10:00:00.123     0     0", "" },
	{ "E/kernel  (    0): " TEXT, TEXT, "", "" },
	{ "[2024-11-23 10:00:00.123] [  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "serial.log:123:[  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "123:" TEXT, TEXT, "", "" },
	{ "web-1  | " TEXT, TEXT, "", "" },
	{ "> > [  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "| [  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "# : [  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "Ann> [  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "\033[32m[  612.400001] \033[0m\033[31m" TEXT "\033[0m", TEXT, "612.400001", "" },
	{ "\r[  612.400001] " TEXT "\r", TEXT, "612.400001", "" },
	{ "[  612.400001]\xc2\xa0\xe2\x80\xaf" TEXT, TEXT, "612.400001", "" },
	{ "[  612.400001]\xa0" TEXT, TEXT, "612.400001", "" },
	{ "\xef\xbb\xbf[  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "[  612.400001 " TEXT, TEXT, "612.400001", "" },
	{ "  612.400001] " TEXT, TEXT, "612.400001", "" },
	{ "[...] " TEXT, TEXT, "", "" },
	{ "{\"MESSAGE\":\"" TEXT "\",\"_SOURCE_MONOTONIC_TIMESTAMP\":\"612400001\"}", TEXT,
	  "612.400001", "" },
	{ "{\"log\":\"[  612.400001] " TEXT "\\n\",\"stream\":\"stdout\"}", TEXT, "612.400001",
	  "" },
	{ "data: {\"MESSAGE\":\"" TEXT "\"}", TEXT, "", "" },
	{ "MESSAGE=" TEXT, TEXT, "", "" },
	{ "         \"msg\": \"" TEXT "\"", TEXT, "", "" },
	{ "[  612.400001]  &lt;TASK&gt;", "<TASK>", "612.400001", "" },
	/* what is no prefix */
	{ " #0 [ffffb1c2c0a3fa18] __schedule at ffffffff9ae0b2d1",
	  "#0 [ffffb1c2c0a3fa18] __schedule at ffffffff9ae0b2d1", "", "" },
	{ "#PF: supervisor read access in kernel mode",
	  "#PF: supervisor read access in kernel mode", "", "" },
	{ "[<ffffffff81000000>] ? kthread+0x1/0x2", "[<ffffffff81000000>] ? kthread+0x1/0x2", "",
	  "" },
	{ "-> #1 (&x){+.+.}-{3:3}:", "-> #1 (&x){+.+.}-{3:3}:", "", "" },
	{ "RSP: 0018:ffff1 EFLAGS: 00010246", "RSP: 0018:ffff1 EFLAGS: 00010246", "", "" },
};

static const struct expected *wanted;

static int compare(void *ctx, struct log_line *l)
{
	size_t *n = ctx;

	if (!*l->text)
		return 0;
	assert_string_equal(l->text, wanted->text);
	assert_string_equal(l->when, wanted->when);
	assert_string_equal(l->caller, wanted->caller);
	assert_int_equal(l->size, strlen(l->text));
	(*n)++;
	return 0;
}

static void test_dressed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dressed); i++) {
		__free(log_reader_freep) struct log_reader *r = NULL;
		size_t n = 0;

		wanted = &dressed[i];
		assert_int_equal(log_reader_new(&r, headline, compare, &n), 0);
		assert_int_equal(log_reader_feed(r, wanted->raw, strlen(wanted->raw)), 0);
		assert_int_equal(log_reader_flush(r), 0);
		if (n != 1)
			fail_msg("%zu lines of \"%s\"", n, wanted->raw);
	}
}

struct lines {
	size_t n;
	char text[16][128];
	bool stamped[16];
};

static int collect(void *ctx, struct log_line *l)
{
	struct lines *g = ctx;

	assert_true(g->n < ARRAY_SIZE(g->text));
	g->stamped[g->n] = l->stamped;
	snprintf(g->text[g->n++], sizeof(g->text[0]), "%s", l->text);
	return 0;
}

static void read_all(const char *text, struct lines *g)
{
	__free(log_reader_freep) struct log_reader *r = NULL;

	memset(g, 0, sizeof(*g));
	assert_int_equal(log_reader_new(&r, headline, collect, g), 0);
	assert_int_equal(log_reader_feed(r, text, strlen(text)), 0);
	assert_int_equal(log_reader_flush(r), 0);
}

/* What stood in front of the headline stands in front of the rest, whatever its numbers are. */
static void test_shape(void **state)
{
	struct lines g;

	(void)state;
	read_all("node-1 | 17 err | " TEXT "\n"
		 "node-1 | 18 warn | Call Trace:\n"
		 "node-1 | 1900 err |  func+0x1/0x2\n"
		 "somebody else\n",
		 &g);
	assert_int_equal(g.n, 4);
	assert_string_equal(g.text[0], TEXT);
	assert_string_equal(g.text[1], "Call Trace:");
	assert_string_equal(g.text[2], "func+0x1/0x2");
	assert_string_equal(g.text[3], "somebody else");
	assert_true(g.stamped[2]);
	assert_false(g.stamped[3]);
}

static void test_one_line_of_many(void **state)
{
	struct lines g;

	(void)state;
	read_all("\"[    1.000001] " TEXT
		 "\\n[    1.000002] Call Trace:\\n[    1.000003]  f+0x1/0x2\"",
		 &g);
	assert_int_equal(g.n, 3);
	assert_string_equal(g.text[1], "Call Trace:");
	read_all("kernel: [    1.000001] " TEXT "#012[    1.000002] Call Trace:", &g);
	assert_int_equal(g.n, 2);
	assert_string_equal(g.text[1], "Call Trace:");
	/* escaped twice, and within it a server's name, which is escaped, too */
	read_all("[    1.000001] " TEXT " \\\\nas\\n[    1.000002] Call Trace:", &g);
	assert_int_equal(g.n, 2);
	assert_string_equal(g.text[0], TEXT " \\nas");
	assert_string_equal(g.text[1], "Call Trace:");
	/* names of servers and shares are no escapes */
	read_all("[    1.000001] \\\\nas BAD_NETWORK_NAME: \\\\nas\\new\n", &g);
	assert_int_equal(g.n, 1);
	assert_string_equal(g.text[0], "\\\\nas BAD_NETWORK_NAME: \\\\nas\\new");
}

/* Bytes of zero part lines, unless there is only one. */
static void test_zeros(void **state)
{
	static const char from[] = "a\0b\0\0\0c\n\0\0d\0", zero_last[] = "x\0\0";
	size_t n = sizeof(from) - 1;
	char *text = malloc(n + 1);
	bool cut = false;

	(void)state;
	assert_non_null(text);
	memcpy(text, from, n + 1);
	assert_int_equal(log_decode(&text, &n, 4096, &cut), 0);
	assert_string_equal(text, "ab\nc\n\nd");
	assert_int_equal(n, strlen(text));
	n = sizeof(zero_last) - 1;
	memcpy(text, zero_last, n + 1);
	assert_int_equal(log_decode(&text, &n, 4096, &cut), 0);
	assert_string_equal(text, "x\n");
	free(text);
}

/* dmesg --json: only the messages are lines */
static void test_document(void **state)
{
	struct lines g;

	(void)state;
	read_all(
		"{\n   \"dmesg\": [\n      {\n         \"pri\": 6,\n         \"time\":     1.000001,\n"
		"         \"msg\": \"" TEXT "\"\n      },{\n         \"pri\": 6,\n"
		"         \"time\":     1.000002,\n         \"msg\": \"Call Trace:\"\n      }\n   ]\n}\n",
		&g);
	assert_int_equal(g.n, 2);
	assert_string_equal(g.text[0], TEXT);
	assert_string_equal(g.text[1], "Call Trace:");
	assert_true(g.stamped[0] && g.stamped[1]);
}

/* in, what is made of it */
static void test_mail(void **state)
{
	static const char *const mails[][2] = {
		{ "no mail: a=3Db\nc=\n", "no mail: a=3Db\nc=\n" },
		{ "Content-Transfer-Encoding: 8bit\n\na=3Db\n",
		  "Content-Transfer-Encoding: 8bit\n\na=3Db\n" },
		{ "content-transfer-encoding: BASE64\n\naGVsbG8=\n-- \nnot base64\n",
		  "content-transfer-encoding: BASE64\n\nhello\n-- \nnot base64\n" },
		{ "Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\nc\r\n",
		  "Content-Transfer-Encoding: quoted-printable\n\na=bc\n" },
		{ "Content-Transfer-Encoding: base64\n\naGVs\nbG8K\nFrom b\nx=3D\n",
		  "Content-Transfer-Encoding: base64\n\nhello\nFrom b\nx=3D\n" },
		/* the same twice: the HTML is left out; what is HTML alone stays */
		{ "Content-Type: multipart/alternative; boundary=\"q\"\n\n--q\nContent-Type: text/plain\n"
		  "\nRIP: x\n--q\nContent-Type: text/html\n\n<p>RIP: x\n--q--\nend\n",
		  "Content-Type: multipart/alternative; boundary=\"q\"\n\n--q\nContent-Type: text/plain\n"
		  "\nRIP: x\n--q\nContent-Type: text/html\n\n--q--\nend\n" },
		{ "Content-Type: multipart/alternative; boundary=q\n\n--q\nContent-Type: text/html\n"
		  "Content-Transfer-Encoding: base64\n\naGVsbG8=\n--q--\n",
		  "Content-Type: multipart/alternative; boundary=q\n\n--q\nContent-Type: text/html\n"
		  "Content-Transfer-Encoding: base64\n\nhello\n--q--\n" },
		/* an attachment: printf 'BUG: x\\n' | gzip -n | base64 */
		{ "Content-Type: application/gzip; name=log.gz\nContent-Transfer-Encoding: base64\n\n"
		  "H4sIAAAAAAAAA3MKdbdSqOACAPbigFgHAAAA\n--\n",
		  "Content-Type: application/gzip; name=log.gz\nContent-Transfer-Encoding: base64\n\n"
		  "BUG: x\n--\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mails); i++) {
		__autofree char *text = strdup(mails[i][0]);
		size_t n = strlen(text);
		bool cut = false;

		assert_int_equal(mime_decode(&text, &n, 4096, &cut), 0);
		assert_string_equal(text, mails[i][1]);
		assert_int_equal(n, strlen(mails[i][1]));
		assert_false(cut);
	}
}

#define LONG "[    1.000001] 0123456789012345678901234567890123456789012345678901234"

#define BARE   "0123456789012345678901234567890123456789012345678901234 "
#define SYSLOG "Nov 23 10:00:00 a-rather-long-host-name kernel: task cat:123 blocked "

/* Joined only where stamps tell that the lines were broken. */
static void test_wrap(void **state)
{
	static const char *const logs[][2] = {
		{ LONG "\nabc\n" LONG "\ndef\n[    1.000002] x\n[    1.000003] y\n",
		  LONG "abc\n" LONG "def\n[    1.000002] x\n[    1.000003] y\n" },
		/* once may be chance */
		{ LONG "\nabc\n[    1.000002] x\n", LONG "\nabc\n[    1.000002] x\n" },
		/* others stand without a stamp behind short lines, too */
		{ "[    1.000002] x\na\nb\n" LONG "\nabc\n" LONG
		  "\ndef\n[    1.0] z\n[    1.1] z\n[    1.2] z\n",
		  "[    1.000002] x\na\nb\n" LONG "abc\n" LONG
		  "def\n[    1.0] z\n[    1.1] z\n[    1.2] z\n" },
		{ "[    1.0] x\na\nb\nc\n" LONG "\nabc\n" LONG
		  "\ndef\n[    1.0] z\n[    1.1] z\n[    1.2] z\n",
		  "[    1.0] x\na\nb\nc\n" LONG "\nabc\n" LONG
		  "\ndef\n[    1.0] z\n[    1.1] z\n[    1.2] z\n" },
		/* without stamps nothing tells, */
		{ BARE "ab\nabc\n" BARE "de\ndef\n", BARE "ab\nabc\n" BARE "de\ndef\n" },
		/* but for symbols that were broken; and then other words */
		{ BARE "n_iter+0\nx1f/0x90 [netfs]\n" BARE "blockedf\nor more than\n" BARE
		       "12345678\nRAX: 0\n",
		  BARE "n_iter+0x1f/0x90 [netfs]\n" BARE "blockedfor more than\n" BARE
		       "12345678\nRAX: 0\n" },
		/* a symbol of its own, on a line of its own */
		{ BARE "n_iter+0\nx1f/0x90 [netfs]\n" BARE "x+0x1/0x\nb+0x1f/0x90\n",
		  BARE "n_iter+0x1f/0x90 [netfs]\n" BARE "x+0x1/0x\nb+0x1f/0x90\n" },
		/* a logger's stamp is one, too */
		{ SYSLOG "0123456789\nabc\n" SYSLOG "0123456789\ndef\n" SYSLOG "x\n",
		  SYSLOG "0123456789abc\n" SYSLOG "0123456789def\n" SYSLOG "x\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		char text[512];
		size_t n;

		snprintf(text, sizeof(text), "%s", logs[i][0]);
		n = wrap_undo(text, strlen(text));
		assert_string_equal(text, logs[i][1]);
		assert_int_equal(n, strlen(logs[i][1]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dressed),	 cmocka_unit_test(test_shape),
		cmocka_unit_test(test_zeros),	 cmocka_unit_test(test_one_line_of_many),
		cmocka_unit_test(test_document), cmocka_unit_test(test_mail),
		cmocka_unit_test(test_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
