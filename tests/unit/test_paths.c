// SPDX-License-Identifier: GPL-2.0-only
/* Names of files: from the record to the request, whatever bytes they have. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fmt.h"
#include "event/kinds.h"
#include "model/model.h"
#include "model/pathname.h"
#include "trace/head.h"
#include "trace/redact.h"
#include "trace/wire.h"
#include "view/kit/event_text.h"
#include "view/kit/file_name.h"
#include "view/measure/filter.h"

#define DEV 45

struct path_record {
	union {
		struct ev_path ev;
		unsigned char bytes[2048];
	};
};

/* "file\0dir" and so on; what is behind the last NUL is filled with NULs */
static const struct ev_path *record(struct path_record *p, uint64_t ino, unsigned int nr,
				    enum ev_path_how how, const char *names, size_t len)
{
	memset(p, 0, sizeof(*p));
	p->ev = (struct ev_path){ .hdr = { .kind = EV_PATH }, .ino = ino, .dev = DEV };
	p->ev.nr = nr;
	p->ev.how = how;
	memcpy(p->ev.text, names, len);
	p->ev.hdr.size = (sizeof(p->ev) + len + EV_ALIGN) / EV_ALIGN * EV_ALIGN;
	return &p->ev;
}

#define RECORD(p, ino, nr, how, names) record(p, ino, nr, how, names, sizeof(names))

static void assert_path(const struct ev_path *ev, const char *expected)
{
	char *path = (char *)"not set";

	assert_int_equal(pathname_of(ev, &path), 0);
	if (expected)
		assert_string_equal(path, expected);
	else
		assert_null(path);
	free(path);
}

static void test_joined(void **state)
{
	struct path_record p;

	(void)state;
	assert_path(RECORD(&p, 1, 3, EV_PATH_WHOLE, "f\0dir\0top"), "/top/dir/f");
	assert_path(RECORD(&p, 1, 1, EV_PATH_WHOLE, "f"), "/f");
	assert_path(RECORD(&p, 1, 0, EV_PATH_WHOLE, ""), "/");
	assert_path(RECORD(&p, 1, 2, EV_PATH_CUT, "f\0dir"), ".../dir/f");
	assert_path(RECORD(&p, 1, 1, EV_PATH_LOOSE, "f"), ".../f");
	/* nothing known is not "" */
	assert_path(RECORD(&p, 1, 0, EV_PATH_LOOSE, ""), NULL);
	assert_path(RECORD(&p, 1, 0, EV_PATH_CUT, ""), NULL);
	assert_path(RECORD(&p, 1, 2, EV_PATH_WHOLE, "a b\nc\0\xff\x1b[31m"),
		    "/\xff\x1b[31m/a b\nc");
}

/* A record of a file that says of more than it has, or of what this version does not know. */
static void test_damaged(void **state)
{
	struct path_record p;
	const struct ev_hdr *ev;
	union wire_copy copy;

	(void)state;
	assert_path(RECORD(&p, 1, 255, EV_PATH_WHOLE, "f\0dir"), "/dir/f");
	assert_path(RECORD(&p, 1, 3, EV_PATH_WHOLE, "f\0\0top"), "/f");
	assert_path(RECORD(&p, 1, 1, 77, "f"), ".../f");
	/* no NUL at the end */
	RECORD(&p, 1, 2, EV_PATH_WHOLE, "f\0directory");
	memset(p.bytes + sizeof(p.ev), 'x', 16);
	p.ev.hdr.size = sizeof(p.ev) + 16;
	assert_int_equal(wire_record(&p, sizeof(p), &copy, &ev), p.ev.hdr.size);
	assert_path((const void *)ev, "/xxxxxxxxxxxxxxx");
	/* no room for text at all */
	RECORD(&p, 1, 2, EV_PATH_WHOLE, "f");
	p.ev.hdr.size = sizeof(p.ev);
	assert_int_equal(wire_record(&p, sizeof(p), &copy, &ev), sizeof(p.ev));
	assert_path((const void *)ev, "/");
}

static void test_line(void **state)
{
	char buf[64], wide[400];

	(void)state;
	assert_string_equal(fmt_path(buf, 32, "/dir/file"), "/dir/file");
	assert_string_equal(fmt_path(buf, 32, "/new\nline/esc\x1b[1m"),
			    "/new\\x0aline/esc\\x1b[1m");
	/* the end stays, from a name on if one begins there */
	assert_string_equal(fmt_path(buf, 32, "/very/long/directory/of/many/names/file"),
			    ".../of/many/names/file");
	memset(wide, 'w', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	assert_int_equal(strlen(fmt_path(buf, 32, wide)), 32 - 5);
	assert_memory_equal(buf, "...www", 6);
	for (size_t room = 8; room < sizeof(buf); room++) { /* two bytes a character */
		memset(buf, '#', sizeof(buf));
		fmt_path(buf, room,
			 "/\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4/\x1b\x1b\x1b/"
			 "\xc3\xa4\xc3\xa4\xc3\xa4");
		assert_true(strlen(buf) < room);
		assert_null(strstr(buf, "xc3"));
		assert_null(strchr(buf, 0x1b));
	}
}

/* ---- the model ---- */

struct heard {
	struct model *m;
	struct model_listener listener;
	char *path[8];
	int nr;
	uint64_t now;
};

static int on_request(void *ctx, const struct request *r)
{
	struct heard *seen = ctx;

	assert_true(seen->nr < 8);
	seen->path[seen->nr++] = r->path ? strdup(r->path) : NULL;
	return 0;
}

static int setup(void **state)
{
	struct heard *seen = calloc(1, sizeof(*seen));

	assert_int_equal(model_new(&seen->m, NULL), 0);
	seen->listener = (struct model_listener){ .request = on_request, .ctx = seen };
	assert_int_equal(model_listen(seen->m, &seen->listener), 0);
	*state = seen;
	return 0;
}

static int teardown(void **state)
{
	struct heard *seen = *state;

	while (seen->nr)
		free(seen->path[--seen->nr]);
	model_free(seen->m);
	free(seen);
	return 0;
}

static void tell(struct heard *seen, struct ev_hdr *ev)
{
	ev->ts = seen->now += 1000;
	assert_int_equal(model_feed(seen->m, ev), 0);
}

static void name(struct heard *seen, uint64_t ino, const char *file)
{
	struct path_record p;

	record(&p, ino, 1, EV_PATH_WHOLE, file, strlen(file) + 1);
	tell(seen, &p.ev.hdr);
}

static void request(struct heard *seen, uint32_t rreq, uint64_t ino)
{
	struct ev_rreq ev = { .hdr = { .size = sizeof(ev),
				       .kind = EV_RREQ,
				       .flags = EVF_RREQ,
				       .probe = 1,
				       .tid = 7 },
			      .rreq = rreq,
			      .ino = ino,
			      .dev = DEV };

	tell(seen, &ev.hdr);
}

static void test_of_its_time(void **state)
{
	struct heard *seen = *state;

	name(seen, 2, "old");
	request(seen, 1, 2);
	name(seen, 2, "new");
	request(seen, 2, 2);
	request(seen, 1, 2); /* goes on, under the name that it began with */
	request(seen, 3, 3); /* a file that was never named */
	request(seen, 4, 0);
	assert_string_equal(model_path(seen->m, DEV, 2), "/new");
	assert_null(model_path(seen->m, DEV + 1, 2));
	assert_null(model_path(seen->m, DEV, 3));
	assert_int_equal(model_finish(seen->m), 0);
	assert_int_equal(seen->nr, 4);
	assert_string_equal(seen->path[0], "/old");
	assert_string_equal(seen->path[1], "/new");
	assert_null(seen->path[2]);
	assert_null(seen->path[3]);
	assert_int_equal(model_recording(seen->m)->events, 5); /* names are none */
}

/* The name of the inode is not known any more: an older one must not stand for it. */
static void test_unknown_again(void **state)
{
	struct heard *seen = *state;
	struct path_record p;

	name(seen, 2, "old");
	RECORD(&p, 2, 0, EV_PATH_LOOSE, "");
	tell(seen, &p.ev.hdr);
	request(seen, 1, 2);
	assert_int_equal(model_finish(seen->m), 0);
	assert_null(seen->path[0]);
}

/* Memory is bounded: the first go, the last stay. */
static void test_many(void **state)
{
	struct heard *seen = *state;

	for (uint64_t ino = 1; ino <= 65537; ino++)
		name(seen, ino, "f");
	assert_null(model_path(seen->m, DEV, 1));
	assert_null(model_path(seen->m, DEV, 32768));
	assert_string_equal(model_path(seen->m, DEV, 32769), "/f");
	assert_string_equal(model_path(seen->m, DEV, 65537), "/f");
}

static void test_words(void **state)
{
	struct heard *seen = *state;
	union {
		struct ev_meta ev;
		char room[64];
	} meta = { .ev.hdr = { .size = 48, .kind = EV_META } };
	struct event_text text;
	struct path_record p;

	assert_string_equal(file_words(seen->m, NULL).s, "");
	strcpy(meta.ev.text, "paths=yes");
	tell(seen, &meta.ev.hdr);
	assert_string_equal(file_words(seen->m, NULL).s, " (name unknown)");
	assert_string_equal(file_words(seen->m, "/a\x1b").s, " /a\\x1b");
	RECORD(&p, 2, 2, EV_PATH_WHOLE, "f\n\0dir");
	tell(seen, &p.ev.hdr);
	event_text(&text, seen->m, &p.ev.hdr);
	assert_string_equal(text.detail, "i=2 /dir/f\\x0a");
	RECORD(&p, 2, 0, EV_PATH_LOOSE, "");
	tell(seen, &p.ev.hdr);
	event_text(&text, seen->m, &p.ev.hdr);
	assert_string_equal(text.detail, "i=2 unknown");
}

static void test_filter(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool fits;
	} cases[] = {
		{ NULL, NULL, true },		{ "*", NULL, false },
		{ "*.db", "/mail/a.db", true }, { "mail", "/mail/a.db", false },
		{ "a.db", "/mail/a.db", true }, { "/mail/*", "/mail/x/y", true },
		{ "/x/*", "/mail/x/y", false }, { "*/x/*", "/mail/x/y", true },
		{ "y", ".../x/y", true },	{ "[", "/[", true },
		{ "\x1b*", "/\x1b[31m", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct request_filter f = { .file = cases[i].pattern };

		assert_int_equal(filter_file(&f, cases[i].path), cases[i].fits);
		assert_int_equal(filter_restricts(&f), cases[i].pattern != NULL);
	}
}

/* ---- what else is done with the record ---- */

static void test_redacted(void **state)
{
	struct redactor *r = NULL;
	struct err err = { "" };
	struct path_record p;
	const struct ev_path *ev;
	char *path;

	(void)state;
	assert_int_equal(redactor_new(&r, NULL, &err), 0);
	ev = (const void *)redact(r, &RECORD(&p, 2, 3, EV_PATH_CUT, "secret\0dir\0secret")->hdr);
	assert_null(memmem(ev, ev->hdr.size, "secret", 6));
	assert_int_equal(ev->nr, 3);
	assert_int_equal(ev->how, EV_PATH_CUT);
	assert_int_equal(ev->ino, 2);
	assert_int_equal(ev->hdr.size % EV_ALIGN, 0);
	assert_string_equal(ev_text(&ev->hdr, 0), ev_text(&ev->hdr, 2)); /* one name, one token */
	assert_string_not_equal(ev_text(&ev->hdr, 0), ev_text(&ev->hdr, 1));
	assert_int_equal(pathname_of(ev, &path), 0);
	assert_memory_equal(path, ".../name-", 9);
	free(path);
	/* what stands behind the names it says it has is not handed on */
	ev = (const void *)redact(r, &RECORD(&p, 2, 1, EV_PATH_WHOLE, "f\0secret")->hdr);
	assert_null(memmem(ev, ev->hdr.size, "secret", 6));
	assert_int_equal(ev->nr, 1);
	redactor_free(r);
}

static int count(void *ctx, const struct ev_hdr *ev)
{
	if (ev->kind == EV_PATH)
		(*(int *)ctx)++;
	return 0;
}

/* A window of the flight recorder knows the names that were told before it: the latest of each. */
static void test_kept(void **state)
{
	struct trace_head h = {};
	struct path_record p;
	int n = 0;

	(void)state;
	assert_int_equal(trace_head_note(&h, &RECORD(&p, 2, 1, EV_PATH_WHOLE, "old")->hdr), 0);
	assert_int_equal(trace_head_note(&h, &RECORD(&p, 3, 1, EV_PATH_WHOLE, "f")->hdr), 0);
	assert_int_equal(trace_head_note(&h, &RECORD(&p, 2, 1, EV_PATH_WHOLE, "new")->hdr), 0);
	RECORD(&p, 2, 1, EV_PATH_WHOLE, "elsewhere");
	p.ev.dev = DEV + 1;
	assert_int_equal(trace_head_note(&h, &p.ev.hdr), 0);
	assert_int_equal(trace_head_for_each(&h, 0, count, &n), 0);
	assert_int_equal(n, 3);
	trace_head_clear(&h);
}

#define MODEL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joined),	cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_line),	MODEL_TEST(test_of_its_time),
		MODEL_TEST(test_unknown_again), MODEL_TEST(test_many),
		MODEL_TEST(test_words),		cmocka_unit_test(test_redacted),
		cmocka_unit_test(test_kept),	cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
