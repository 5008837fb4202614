/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * To be included where a row is to be written as JSON, with ROW_name defined: its members go into `o`, a
 * struct json_out *, from variables that rows.def lists above the row. A LINE is begun anew, and not ended.
 */
#define IN_Y(...) __VA_ARGS__
#define IN__(...)
#define FORM_LINE(name) jout_line(o, #name);
#define FORM_TOLD(name) jout_line(o, type);
#define FORM_ITEM(name)
#define FORM__(name)

#define LET(json, sql, ...)  IN_##json(__attribute__((unused)) __VA_ARGS__;)
#define ROW(name, json, ...) FORM_##json(name)
#define FIELD(name, type, json, sql, page, unit, text, ...) \
	IN_##json(jout_##type(o, #name, __VA_ARGS__);)
#define ONE_OF(name, json, sql, words, text, known, word) \
	IN_##json(jout_word_if(o, #name, known, word);)
#define OPEN(name, known, text) if (jout_open_if(o, #name, known)) {
#define CLOSE()                     \
	jout_close(o, JOUT_OBJECT); \
	}
#define PART(name, how, item, text, writer) \
	jout_open(o, #name, JOUT_##how);    \
	writer;                             \
	jout_close(o, JOUT_##how);
#define NAMES(name, text, writer) PART(name, LIST, name, text, writer)

#include "view/export/rows/rows.def"

#undef IN_Y
#undef IN__
#undef FORM_LINE
#undef FORM_TOLD
#undef FORM_ITEM
#undef FORM__
