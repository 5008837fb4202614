/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * To be included where a row is to be written into its SQL table, with ROW_name defined: its columns go into
 * `t`, which row_begin() gave, from variables that rows.def lists above the row.
 */
#define IN_Y(...) __VA_ARGS__
#define IN__(...)

#define LET(json, sql, ...)				    IN_##sql(__attribute__((unused)) __VA_ARGS__;)
#define FIELD(name, type, json, sql, page, unit, text, ...) IN_##sql(row_##type(t, __VA_ARGS__);)
#define ONE_OF(name, json, sql, words, text, known, word)   IN_##sql(row_word_if(t, known, word);)

#include "view/export/rows/rows.def"

#undef IN_Y
#undef IN__
