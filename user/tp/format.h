/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints as tracefs describes them: where each field of a record lies, and what its values
 * mean. */
#ifndef NETFSNOOP_FORMAT_H
#define NETFSNOOP_FORMAT_H

#include "base/base.h"

#define FORMAT_MAX_FIELDS 16

struct tp_field {
	char name[32];
	uint16_t offset;
	uint16_t size;
	bool is_signed;
};

struct tp_format {
	unsigned int nr;
	struct tp_field field[FORMAT_MAX_FIELDS]; /* without the common ones */
};

/* Parses a `format` file. -EBADMSG: not one. */
int format_parse(struct tp_format *ret, const char *text);
/* Reads events/CATEGORY/NAME/format; *ret_text (may be NULL) is the file, the caller's to free. */
int format_read(struct tp_format *ret, const char *category, const char *name, char **ret_text);
/* The field's value in a record of size bytes; false: it is not there, or beyond the record. */
bool format_get(const struct tp_format *f, const char *field, const void *record, size_t size,
		uint64_t *ret_value);
/* The field's value in a record of size bytes; fallback if it is not there, or beyond the record.
 */
uint64_t format_value(const struct tp_format *f, const char *field, const void *record, size_t size,
		      uint64_t fallback);
/*
 * Calls fn for each { value, "TEXT" } of a field's __print_symbolic, texts trimmed, until it
 * returns nonzero, which is returned. Modules' enums reach the format as numbers.
 */
int format_symbols(const char *text, const char *field,
		   int (*fn)(void *ctx, int64_t value, const char *symbol), void *ctx);

#endif
