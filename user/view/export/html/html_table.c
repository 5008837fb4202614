// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/fmt.h"
#include "base/hash.h"
#include "view/export/html/html_table.h"
#include "view/kit/json_value.h"

#define FIRST_ROWS 256

int64_t *html_table_row(struct html_table *t)
{
	int64_t *row;

	if (t->nr_rows == t->room) {
		size_t room = t->room ? 2 * t->room : FIRST_ROWS;
		int64_t *cells = reallocarray(t->cells, room, t->nr_columns * sizeof(*cells));

		if (!cells)
			return NULL;
		t->cells = cells;
		t->room = room;
	}
	row = html_table_at(t, t->nr_rows++);
	memset(row, 0, t->nr_columns * sizeof(*row));
	return row;
}

json_t *html_table_json(const struct html_table *t)
{
	json_t *columns = json_array();

	for (unsigned int i = 0; i < t->nr_columns; i++)
		columns = json_add(columns, json_string(t->columns[i]));
	return json_pack("{s:s, s:I, s:o}", "name", t->name, "rows", (json_int_t)t->nr_rows,
			 "columns", columns);
}

static void put_cell(FILE *out, int64_t v)
{
	uint64_t z = ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);

	for (; z >= 0x80; z >>= 7)
		putc_unlocked((z & 0x7f) | 0x80, out);
	putc_unlocked(z, out);
}

int html_table_write(const struct html_table *t, FILE *out)
{
	for (unsigned int c = 0; c < t->nr_columns; c++) {
		int64_t above = 0;

		for (size_t row = 0; row < t->nr_rows; row++) {
			int64_t v = html_table_at(t, row)[c];

			put_cell(out, (int64_t)((uint64_t)v - (uint64_t)above));
			above = v;
		}
	}
	return ferror(out) ? -EIO : 0;
}

void html_table_free(struct html_table *t)
{
	free(TAKE(t->cells));
	t->nr_rows = t->room = 0;
}

/* ---- texts ---- */

struct text {
	char *text;
	int64_t nr;
	UT_hash_handle hh;
};

struct html_texts {
	struct text *all; /* iterates in order of appearance */
	int64_t next;
};

int html_texts_new(struct html_texts **ret_t)
{
	*ret_t = calloc(1, sizeof(**ret_t));
	return *ret_t && !html_text(*ret_t, "") ? 0 : -ENOMEM;
}

static void text_free(struct text *e)
{
	if (e)
		free(e->text);
	free(e);
}

void html_texts_free(struct html_texts *t)
{
	struct text *e, *next;

	if (!t)
		return;
	HASH_ITER (hh, t->all, e, next) {
		HASH_DEL(t->all, e);
		text_free(e);
	}
	free(t);
}

static int64_t add(struct html_texts *t, const char *text)
{
	struct text *e = calloc(1, sizeof(*e));

	if (e)
		e->text = strdup(text);
	if (e && e->text) {
		e->nr = t->next;
		if (!hash_add_keyptr(hh, t->all, e->text, strlen(e->text), e))
			return t->next++;
	}
	text_free(e);
	return -ENOMEM;
}

int64_t html_text(struct html_texts *t, const char *text)
{
	size_t room = text ? 4 * strlen(text) + 8 : 8;
	__autofree char *safe = malloc(room);
	struct text *e;

	if (!safe)
		return -ENOMEM;
	fmt_escape(safe, room, text ? text : "");
	HASH_FIND_STR(t->all, safe, e);
	return e ? e->nr : add(t, safe);
}

json_t *html_texts_json(const struct html_texts *t)
{
	json_t *list = json_array();

	for (const struct text *e = t->all; e; e = e->hh.next)
		list = json_add(list, json_string(e->text));
	return list;
}
