/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of numbers as the HTML page reads them: column by column, each cell as the difference to
 * the one above it, zigzag LEB128. Small, and smaller still once deflated.
 */
#ifndef NETFSNOOP_VIEW_HTML_TABLE_H
#define NETFSNOOP_VIEW_HTML_TABLE_H

#include <jansson.h>

#include "base/base.h"

struct html_table {
	const char *name;
	const char *const *columns;
	unsigned int nr_columns;
	size_t nr_rows, room;
	int64_t *cells; /* row by row */
};

/* A new row of zeros, the table's own and valid until the next call; NULL: no memory. */
int64_t *html_table_row(struct html_table *t);
static inline int64_t *html_table_at(const struct html_table *t, size_t row)
{
	return t->cells + row * t->nr_columns;
}
/* {"name":..., "rows":..., "columns":[...]}, the caller's; NULL: no memory. */
json_t *html_table_json(const struct html_table *t);
/* Appends the cells to out; -errno. */
int html_table_write(const struct html_table *t, FILE *out);
void html_table_free(struct html_table *t);

/* Texts by number, each once; number 0 is the empty one. */
struct html_texts;

int html_texts_new(struct html_texts **ret_t);
void html_texts_free(struct html_texts *t); /* takes NULL */
/* Any bytes, NULL too: escaped as fmt_escape() does. The number, or -ENOMEM. */
int64_t html_text(struct html_texts *t, const char *text);
/* ["", ...], the caller's; NULL: no memory. */
json_t *html_texts_json(const struct html_texts *t);

#endif
