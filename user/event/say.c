// SPDX-License-Identifier: GPL-2.0-only
/* Text without printf(), which takes most of the time of a list of events. */
#include <ctype.h>
#include <string.h>

#include "base/fmt.h"
#include "event/inside.h"
#include "event/say.h"

#define NAME_ROOM 72 /* of an escaped name */

static void put(struct ev_out *to, const char *text, size_t len)
{
	size_t room = to->room - 1 - to->len;

	len = len < room ? len : room;
	memcpy(to->s + to->len, text, len);
	to->len += len;
	to->s[to->len] = '\0';
}

void ev_say(struct ev_out *to, const char *text)
{
	if (*text)
		put(to, text, strlen(text));
}

static void put_number(struct ev_out *to, uint64_t n, unsigned int base, unsigned int width)
{
	char text[24], *p = text + sizeof(text);

	do {
		*--p = "0123456789abcdef"[n % base];
		n /= base;
	} while (n || p > text + sizeof(text) - width);
	put(to, p, text + sizeof(text) - p);
}

static void put_decimal(struct ev_out *to, uint64_t n, bool is_signed, bool plus)
{
	bool minus = is_signed && (int64_t)n < 0;

	if (minus || plus)
		put(to, minus ? "-" : "+", 1);
	put_number(to, minus ? -n : n, 10, 1);
}

/* %x of a signed one is of its own width. */
static void put_hex(struct ev_out *to, uint64_t n, const struct ev_field *f, unsigned int width)
{
	put_number(to, f->size < 8 ? n & ((UINT64_C(1) << 8 * f->size) - 1) : n, 16, width);
}

static void put_name(struct ev_out *to, const char *name)
{
	char text[NAME_ROOM];

	ev_say(to, fmt_escape(text, sizeof(text), name));
}

static const char *name_of(const struct ev_hdr *ev, const struct ev_field *f, uint64_t value,
			   const struct ev_words *w)
{
	if (f->form == FORM_COMMAND)
		return enum_word(WORDS_COMMAND, value);
	if (f->form == FORM_WORD)
		return enum_word(f->word_enum, value);
	if (f->form == FORM_NAME && w->name)
		return w->name(w->ctx, ev_field_enum(ev, f), value);
	return NULL;
}

static void put_letter(struct ev_out *to, uint64_t c)
{
	put(to, isgraph((int)(c & 0x7f)) && c < 0x7f ? (char[]){ c } : "?", 1);
}

void ev_say_field(struct ev_out *to, const struct ev_hdr *ev, const struct ev_field *f,
		  const struct ev_words *w)
{
	const char *name;
	uint64_t value;

	if (f->form == FORM_STRING)
		return put_name(to, (const char *)ev + f->offset);
	value = ev_value(ev, f);
	switch ((enum ev_form)f->form) {
	case FORM_HEX:
		return put_hex(to, value, f, 1);
	case FORM_ID:
	case FORM_STATUS:
		return put_hex(to, value, f, 8);
	case FORM_SREQ:
	case FORM_INDEX:
		return ev_say(to, fmt_index(value).s);
	case FORM_DEV:
		return ev_say(to, fmt_dev(value).s);
	case FORM_LETTER:
		return put_letter(to, value);
	case FORM_COMMAND:
	case FORM_WORD:
	case FORM_NAME:
		name = name_of(ev, f, value, w);
		return name || f->form != FORM_NAME ? ev_say(to, name ? name : "?")
						    : put_decimal(to, value, false, false);
	default:
		return put_decimal(to, value, f->is_signed, false);
	}
}

/* ---- rows ---- */

static bool applies(const struct ev_say *s, const struct ev_hdr *ev)
{
	switch ((enum ev_when)s->when) {
	case WHEN_ALWAYS:
		return true;
	case WHEN_IF:
		return ev_value(ev, &ev_fields[s->wa]);
	case WHEN_UNLESS:
		return !ev_value(ev, &ev_fields[s->wa]);
	case WHEN_EITHER:
		return ev_value(ev, &ev_fields[s->wa]) || ev_value(ev, &ev_fields[s->wb]);
	case WHEN_IS:
		return ev_value(ev, &ev_fields[s->wa]) == s->is;
	case WHEN_ISNT:
		return ev_value(ev, &ev_fields[s->wa]) != s->is;
	case WHEN_ENTRY:
		return !(ev->flags & EVF_EXIT);
	case WHEN_EXIT:
		return ev->flags & EVF_EXIT;
	case WHEN_ENTRY_IF:
		return !(ev->flags & EVF_EXIT) && ev_value(ev, &ev_fields[s->wa]);
	case WHEN_FULL:
		return !(ev->flags & EVF_TPONLY);
	case WHEN_FULL_UNLESS:
		return !(ev->flags & EVF_TPONLY) && !ev_value(ev, &ev_fields[s->wa]);
	}
	return false;
}

/* "smb3_add_credits" -> "add_credits": the prefix says nothing here */
static void put_probe(struct ev_out *to, const struct ev_words *w, size_t most)
{
	const char *name = w->probe;
	struct ev_out part = *to;

	if (!name)
		return;
	if (!strncmp(name, "smb3_", 5))
		name += 5;
	part.room = most < to->room - to->len ? to->len + most + 1 : to->room;
	put_name(&part, name);
	to->len = part.len;
}

/* Done and asked for: of an attempt that failed, 0 is what has to be seen. */
static void put_pair(struct ev_out *to, uint64_t done, uint64_t len)
{
	if (done != len) {
		put_decimal(to, done, false, false);
		put(to, "/", 1);
	}
	put_decimal(to, len, false, false);
}

static void put_cut(struct ev_out *to, const struct ev_hdr *ev, const struct ev_say *s,
		    const struct ev_words *w)
{
	const struct ev_field *f = &ev_fields[s->a];
	const char *name = name_of(ev, f, ev_value(ev, f), w);

	put(to, name ? name : "?", strnlen(name ? name : "?", s->cut));
}

static void put_value(struct ev_out *to, const struct ev_hdr *ev, const struct ev_say *s,
		      const struct ev_words *w)
{
	const struct ev_field *a = &ev_fields[s->a], *b = &ev_fields[s->b];

	switch ((enum ev_say_value)s->value) {
	case SAY_NOTHING:
		return;
	case SAY_VALUE:
		return ev_say_field(to, ev, a, w);
	case SAY_PAIR:
		return put_pair(to, ev_value(ev, a), ev_value(ev, b));
	case SAY_PLUS:
		return put_decimal(to, ev_value(ev, a), a->is_signed, true);
	case SAY_CUT:
		return put_cut(to, ev, s, w);
	case SAY_SINCE:
		return put_decimal(to, ev_value(ev, a) - ev_value(ev, b), true, false);
	case SAY_PROBE:
		return put_probe(to, w, NAME_ROOM);
	case SAY_CUT_PROBE:
		return put_probe(to, w, s->cut);
	case SAY_TGID:
		return put_decimal(to, ev->tgid, false, false);
	}
}

static void put_row(struct ev_out *to, const struct ev_hdr *ev, const struct ev_say *s,
		    const struct ev_words *w)
{
	if (!applies(s, ev))
		return;
	ev_say(to, s->before);
	put_value(to, ev, s, w);
	ev_say(to, s->behind);
}

/* ---- lines ---- */

static void say_all(struct ev_line *to, const struct ev_kind_info *k, const struct ev_hdr *ev,
		    const struct ev_words *w)
{
	put_probe(&to->what, w, NAME_ROOM);
	for (unsigned int i = 0; i < k->nr_fields; i++) {
		const struct ev_field *f = &k->fields[i];

		if (f->form == FORM_TEXT || f->form == FORM_TEXTS)
			return;
		ev_say(&to->detail, i ? " " : "");
		ev_say(&to->detail, f->name);
		ev_say(&to->detail, "=");
		ev_say_field(&to->detail, ev, f, w);
	}
}

void ev_say_line(struct ev_line *to, const struct ev_hdr *ev, const struct ev_words *w)
{
	const struct ev_kind_info *k = ev_kind_info(ev->kind);
	struct ev_out *const columns[] = { [COLUMN_WHAT] = &to->what,
					   [COLUMN_BYTES] = &to->bytes,
					   [COLUMN_CREDITS] = &to->credits,
					   [COLUMN_DETAIL] = &to->detail };

	if (!k)
		return;
	if (!k->nr_lines)
		return say_all(to, k, ev, w);
	for (unsigned int i = 0; i < k->nr_lines; i++)
		put_row(columns[k->says[i].column], ev, &k->says[i], w);
}

bool ev_say_mark(struct ev_out *to, const struct ev_hdr *ev, const struct ev_words *w)
{
	const struct ev_kind_info *k = ev_kind_info(ev->kind);

	if (!k || k->nr_says == k->nr_lines)
		return false;
	for (unsigned int i = k->nr_lines; i < k->nr_says; i++)
		put_row(to, ev, &k->says[i], w);
	return true;
}
