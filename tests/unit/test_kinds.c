// SPDX-License-Identifier: GPL-2.0-only
/* user/event/kinds.def against the structs, the page that describes them, and itself. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "event/inside.h"
#include "event/say.h"

static bool is_text(const struct ev_field *f)
{
	return f->form == FORM_TEXT || f->form == FORM_TEXTS;
}

static void each_kind(void (*check)(const struct ev_kind_info *k))
{
	size_t n;
	const struct ev_kind_info *table = ev_kind_table(&n);

	for (size_t i = 0; i < n; i++)
		check(&table[i]);
}

/* ---- the structs ---- */

/* Fields follow one another; what is between them is padding, which is never 8 bytes. */
static void check_layout(const struct ev_kind_info *k)
{
	size_t at = sizeof(struct ev_hdr);

	for (unsigned int i = 0; i < k->nr_fields && !is_text(&k->fields[i]); i++) {
		const struct ev_field *f = &k->fields[i];

		if (f->offset < at || f->offset >= at + 8)
			fail_msg("%s: %s is at %u, and what is before it ends at %zu", k->name,
				 f->name, f->offset, at);
		at = f->offset + f->size;
	}
	if (at > k->min_size || k->min_size - at >= 8)
		fail_msg("%s: its fields end at %zu, its struct at %u", k->name, at, k->min_size);
}

static void test_layout(void **state)
{
	(void)state;
	each_kind(check_layout);
}

/* ---- docs/format.md ---- */

static const char *type_of(const struct ev_field *f, char out[16])
{
	if (f->form == FORM_STRING)
		snprintf(out, 16, "char[%u]", f->size);
	else
		snprintf(out, 16, "%c%u", f->is_signed ? 's' : 'u', 8 * f->size);
	return out;
}

/* The next "OFFSET NAME TYPE" of a row, copied to out; NULL: there is none. */
static const char *next_item(const char *p, char out[64])
{
	char name[32], type[16];
	unsigned int offset;

	for (; *p; p++) {
		if (!isdigit((unsigned char)*p) || isalnum((unsigned char)p[-1]))
			continue;
		if (sscanf(p, "%u %31[][a-z0-9_] %15[][a-z0-9]", &offset, name, type) != 3 ||
		    !isalpha((unsigned char)name[0]) || !strchr("usc", type[0]) ||
		    !strpbrk(type, "0123456789"))
			continue;
		snprintf(out, 64, "%u %s %s", offset, name, type);
		return strchr(p, ' ') + 1;
	}
	return NULL;
}

static char *page;

static void check_row(const struct ev_kind_info *k)
{
	char head[64], want[64], have[64], type[16];
	const char *row, *p;
	char *copy;

	snprintf(head, sizeof(head), "\n| %u | %s |", k->kind, k->name);
	row = strstr(page, head);
	if (!row)
		fail_msg("docs/format.md has no row%s", head + 1);
	copy = strndup(row + 1, strcspn(row + 1, "\n"));
	p = copy + strlen(head) - 1;
	if (strstr(copy, " as test,")) { /* the same struct */
		free(copy);
		return;
	}
	for (unsigned int i = 0; i < k->nr_fields && !is_text(&k->fields[i]); i++) {
		const struct ev_field *f = &k->fields[i];

		snprintf(want, sizeof(want), "%u %s %s", f->offset, f->name, type_of(f, type));
		p = next_item(p, have);
		if (!p || strcmp(want, have))
			fail_msg("docs/format.md, %s: \"%s\" in place of \"%s\"", k->name,
				 p ? have : "nothing", want);
	}
	p = next_item(p, have);
	if (p)
		fail_msg("docs/format.md, %s: \"%s\" is in no record", k->name, have);
	free(copy);
}

static void test_page(void **state)
{
	(void)state;
	assert_int_equal(file_read("docs/format.md", 1 << 20, &page, NULL), 0);
	each_kind(check_row);
	free(page);
}

/* ---- the table itself ---- */

static void check_secrets(const struct ev_kind_info *k)
{
	bool secret = false;

	for (unsigned int i = 0; i < k->nr_fields; i++)
		secret = secret || k->fields[i].secret;
	if (secret != (k->redact != REDACT_OPEN))
		fail_msg("%s: %s", k->name,
			 secret ? "open, and has a secret" : "what is redacted in it?");
	for (unsigned int i = 0; k->redact == REDACT_NAMES && i < k->nr_fields; i++)
		if (k->fields[i].form == FORM_TEXTS)
			fail_msg("%s: NAMES has no rule for TEXTS", k->name);
}

static void test_secrets(void **state)
{
	(void)state;
	each_kind(check_secrets);
}

static void check_says(const struct ev_kind_info *k)
{
	for (unsigned int i = 1; i < k->nr_says; i++)
		if (k->says[i].column < k->says[i - 1].column)
			fail_msg("%s: its SAY rows are not in order of columns", k->name);
}

static void test_says(void **state)
{
	(void)state;
	each_kind(check_says);
}

/* Whatever a record holds, what is said of it stays in its room, and names what it has no word for. */
static void check_any(const struct ev_kind_info *k)
{
	const struct ev_words words = {};
	union {
		struct ev_hdr hdr;
		unsigned char bytes[512];
	} r;
	char a[8], b[8], c[8], d[8], mark[8];

	for (int fill = 0; fill < 256; fill += 85)
		for (size_t room = 1; room <= sizeof(a); room++) {
			struct ev_line line = {
				{ a, room, 0 }, { b, room, 0 }, { c, room, 0 }, { d, room, 0 }
			};
			struct ev_out m = { mark, room, 0 };

			memset(&r, fill, sizeof(r));
			r.hdr.kind = k->kind;
			r.hdr.size = k->min_size;
			for (unsigned int i = 0; i < k->nr_ends; i++)
				r.bytes[k->ends[i]] = '\0';
			ev_say_line(&line, &r.hdr, &words);
			ev_say_mark(&m, &r.hdr, &words);
			assert_true(line.what.len < room && line.detail.len < room);
			assert_true(line.bytes.len < room && m.len < room);
		}
}

static void test_any(void **state)
{
	(void)state;
	each_kind(check_any);
}

/* A kind of which nobody has said how it reads is shown by its fields. */
static void test_no_rows(void **state)
{
	const struct ev_anchor ev = { .hdr = { .size = sizeof(ev), .kind = EV_ANCHOR },
				      .boottime = 5,
				      .realtime = 7 };
	const struct ev_words words = { .probe = "smb3_new" };
	char a[32] = "", b[32] = "", c[32] = "", d[64] = "";
	struct ev_line line = {
		{ a, sizeof(a), 0 }, { b, sizeof(b), 0 }, { c, sizeof(c), 0 }, { d, sizeof(d), 0 }
	};

	(void)state;
	ev_say_line(&line, &ev.hdr, &words);
	assert_string_equal(a, "new");
	assert_string_equal(d, "boottime=5 realtime=7");
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(enum_word(WORDS_RW_EVENT, EV_RW_ERR), "err");
	assert_null(enum_word(WORDS_RW_EVENT, 3));
	assert_null(enum_word(WORDS_COMMAND, UINT64_MAX));
	assert_string_equal(kernel_enum_of("smb3_eio", "trace"), "smb_eio_trace");
	assert_null(kernel_enum_of("smb3_eio", "what"));
	assert_null(lost_why_text(EV_LOST_RECORDER));
	assert_string_equal(lost_why_text(EV_LOST_END), "the end is missing");
	assert_string_equal(lost_why_text(77), "damage of another kind");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),	cmocka_unit_test(test_page),
		cmocka_unit_test(test_secrets), cmocka_unit_test(test_says),
		cmocka_unit_test(test_any),	cmocka_unit_test(test_no_rows),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
