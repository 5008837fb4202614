/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * To be included with ROW_name and COLUMN(name) defined: a COLUMN for each column that the HTML page's table
 * of these rows has, in order. Both are gone afterwards.
 */
#define IN_Y(...) __VA_ARGS__
#define IN__(...)

#define FIELD(name, type, json, sql, page, ...) IN_##page(COLUMN(name))
#define PAGE(name, ...)				COLUMN(name)

#include "view/export/rows/rows.def"

#undef IN_Y
#undef IN__
#undef COLUMN
