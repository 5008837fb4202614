// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "event/kinds.h"
#include "event/say.h"
#include "view/text/dump.h"

static const char *unit_of(const struct ev_field *f)
{
	static const char *const units[] = { [UNIT_NONE] = "",
					     [UNIT_BYTES] = "[B]",
					     [UNIT_NS] = "[ns]",
					     [UNIT_JIFFIES] = "[jiffies]",
					     [UNIT_CREDITS] = "[credits]" };

	return units[f->unit];
}

/* "name" in full, escaped. */
static int put_text(FILE *out, const char *name, const char *text)
{
	size_t room = 4 * strlen(text) + 4;
	__autofree char *escaped = malloc(room);

	if (!escaped)
		return -ENOMEM;
	fprintf(out, " %s=\"%s\"", name, fmt_escape(escaped, room, text));
	return 0;
}

static const char *word_of(const struct model *m, const struct ev_hdr *ev, const struct ev_field *f,
			   uint64_t value)
{
	const char *name;

	switch ((enum ev_form)f->form) {
	case FORM_COMMAND:
		return enum_word(WORDS_COMMAND, value);
	case FORM_WORD:
		return enum_word(f->word_enum, value);
	case FORM_NAME:
		name = names_text(model_names(m), ev_field_enum(ev, f), value);
		return strcmp(name, "?") ? name : NULL;
	default:
		return NULL;
	}
}

/* An enumerator by number, then by name: it is the number that is in the file. */
static void put_value(FILE *out, const struct model *m, const struct ev_hdr *ev,
		      const struct ev_field *f)
{
	static const struct ev_words none = {};
	uint64_t value = ev_value(ev, f);
	const char *word = word_of(m, ev, f, value);
	char text[80] = "";
	struct ev_out to = { text, sizeof(text), 0 };
	bool hex = f->form == FORM_HEX || f->form == FORM_STATUS;

	fprintf(out, " %s%s=%s", f->name, unit_of(f), hex ? "0x" : "");
	if (f->form == FORM_COMMAND || f->form == FORM_WORD || f->form == FORM_NAME)
		snprintf(text, sizeof(text), "%" PRIu64, value);
	else
		ev_say_field(&to, ev, f, &none);
	fputs(text, out);
	if (word)
		fprintf(out, "(%s)", fmt_escape(text, sizeof(text), word));
}

static void put_hex(FILE *out, const char *name, const struct ev_hdr *ev, size_t from, size_t to)
{
	fprintf(out, " %s=", name);
	for (size_t i = from; i < to; i++)
		fprintf(out, "%02x", ((const unsigned char *)ev)[i]);
}

/* Strings behind the struct: the n-th, or all from there on; an empty one may be the filling. */
static int put_strings(FILE *out, const struct ev_hdr *ev, const struct ev_field *f, unsigned int n)
{
	int rc;

	do {
		rc = put_text(out, f->name, ev_text(ev, n));
	} while (!rc && f->form == FORM_TEXTS && *ev_text(ev, ++n));
	return rc;
}

/* Of a tracepoint's own record what it has not is 0. */
static bool is_held(const struct ev_hdr *ev, const struct ev_field *f)
{
	return !(ev->flags & EVF_TPONLY) || f->from[0] || f->form == FORM_WORD ||
	       f->form == FORM_STRING || ev_value(ev, f);
}

static int put_fields(FILE *out, const struct model *m, const struct ev_hdr *ev,
		      const struct ev_kind_info *k, size_t size)
{
	unsigned int nr_text = 0;
	int rc = 0;

	for (unsigned int i = 0; !rc && i < k->nr_fields; i++) {
		const struct ev_field *f = &k->fields[i];

		if (f->form == FORM_TEXT || f->form == FORM_TEXTS)
			rc = put_strings(out, ev, f, nr_text++);
		else if (f->offset + (size_t)f->size > size)
			continue; /* its writer did not know it */
		else if (!is_held(ev, f))
			continue;
		else if (f->form == FORM_STRING)
			rc = put_text(out, f->name, (const char *)ev + f->offset);
		else
			put_value(out, m, ev, f);
	}
	if (!rc && !k->text && size > k->min_size)
		put_hex(out, "more", ev, k->min_size, size);
	return rc;
}

static void put_time(FILE *out, uint64_t ns)
{
	fprintf(out, "[%5" PRIu64 ".%09" PRIu64 "]", ns / 1000000000, ns % 1000000000);
}

static int put_head(FILE *out, const struct model *m, const struct ev_hdr *ev,
		    const struct ev_kind_info *k, size_t size)
{
	const struct probe_info *p = ev->probe ? model_probe(m, ev->probe) : NULL;
	const struct task *t = ev->tid ? model_task(m, ev->tid) : NULL;
	char name[80];

	put_time(out, ev->ts);
	if (k)
		fprintf(out, " %s", k->name);
	else
		fprintf(out, " kind-%u", ev->kind);
	fprintf(out, " size=%zu flags=0x%x probe=%u", size, ev->flags, ev->probe);
	if (p && p->name)
		fprintf(out, "(%s)", fmt_escape(name, sizeof(name), p->name));
	fprintf(out, " cpu=%u tid=%u tgid=%u", ev->cpu, ev->tid, ev->tgid);
	if (t && t->comm[0])
		fprintf(out, " comm=\"%s\"", fmt_escape(name, sizeof(name), t->comm));
	fputs(" :", out);
	return 0;
}

/* What is not in the file any more, in its place. */
static void put_gap(FILE *out, const struct ev_lost *l)
{
	put_time(out, l->from);
	fprintf(out, " ---- gap: %s, %" PRIu64 " record%s%s, ", lost_why_text(l->why), l->count,
		plural(l->count), l->at_least ? " or more" : "");
	if (lost_is_open(l->why, l->from, l->to)) {
		fputs("from here on ----", out);
		return;
	}
	fputs("until ", out);
	put_time(out, l->to);
	fputs(" ----", out);
}

int dump_record(FILE *out, const struct model *m, const struct ev_hdr *ev, size_t size)
{
	const struct ev_kind_info *k = ev_kind_info(ev->kind);
	const struct ev_lost *l = (const void *)ev;
	int rc;

	if (ev->kind == EV_LOST && ev->probe == EV_ANY_PROBE && lost_why_text(l->why)) {
		put_gap(out, l);
		rc = 0;
	} else {
		rc = put_head(out, m, ev, k, size);
		if (!rc && k)
			rc = put_fields(out, m, ev, k, size);
		else if (!rc)
			put_hex(out, "hex", ev, sizeof(*ev), size);
	}
	fputc('\n', out);
	if (rc)
		return rc;
	return ferror(out) ? -EIO : 0;
}
