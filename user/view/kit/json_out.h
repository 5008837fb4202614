/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One JSON object as text, written as it comes: for the lines that there are many of, where a
 * json_t for each value costs a hundred times as much. Values are those of view/kit/json_value.h.
 */
#ifndef NETFSNOOP_VIEW_JSON_OUT_H
#define NETFSNOOP_VIEW_JSON_OUT_H

#include <stdio.h>

#include "base/mem.h"

struct json_out {
	struct mem mem; /* the text, without a NUL */
	bool comma;	/* is due before the next value */
};

/* An empty object; what was in it is gone, and its memory stays. */
void jout_begin(struct json_out *o);
/* The same, with its first member: "type". */
void jout_line(struct json_out *o, const char *type);
void jout_free(struct json_out *o);
/* Ends it and writes it as a line. -ENOMEM, or -errno of the write. */
int jout_print(struct json_out *o, FILE *out);
/* The same of what is written once: frees. */
int jout_print_last(struct json_out *o, FILE *out);

enum json_how { JOUT_OBJECT, JOUT_MAP = JOUT_OBJECT, JOUT_LIST };

/* key NULL: an item of a list */
void jout_open(struct json_out *o, const char *key, enum json_how how);
void jout_close(struct json_out *o, enum json_how how);
/* An object that was begun by itself: it is ended. Its memory stays its own. */
void jout_add(struct json_out *o, const char *key, struct json_out *item);
/* Whose key is any bytes: an object, a number. */
void jout_open_name(struct json_out *o, const char *name);
void jout_number_named(struct json_out *o, const char *name, uint64_t v);
/* An object, to be closed; not known: null, which is not. Returns known. */
bool jout_open_if(struct json_out *o, const char *key, bool known);
void jout_null(struct json_out *o, const char *key);
void jout_bool(struct json_out *o, const char *key, bool v);
void jout_bool_if(struct json_out *o, const char *key, bool known, bool v);
void jout_number(struct json_out *o, const char *key, uint64_t v);
void jout_number_if(struct json_out *o, const char *key, bool known, uint64_t v);
void jout_signed(struct json_out *o, const char *key, int64_t v);
void jout_signed_if(struct json_out *o, const char *key, bool known, int64_t v);
/* "0x1f" */
void jout_id(struct json_out *o, const char *key, uint64_t v);
void jout_id_if(struct json_out *o, const char *key, bool known, uint64_t v);
void jout_hex_if(struct json_out *o, const char *key, bool known, uint64_t v);
/* "31", for what readers that keep numbers as doubles would round */
void jout_big_if(struct json_out *o, const char *key, bool known, uint64_t v);
/* Records that were lost, at least so many; null: an unknown number */
void jout_lost(struct json_out *o, const char *key, uint64_t count, bool at_least);
/* Number of an xfstests test; no member for 0. */
void jout_test(struct json_out *o, const char *key, uint32_t test);
void jout_rreq(struct json_out *o, const char *key, uint32_t rreq, bool synthetic);
void jout_sreq(struct json_out *o, const char *key, uint32_t sreq);
void jout_dev(struct json_out *o, const char *key, uint32_t dev);
void jout_name(struct json_out *o, const char *key, const char *name);
/* Of our own: plain ASCII without quotes. */
void jout_word(struct json_out *o, const char *key, const char *word);
void jout_word_if(struct json_out *o, const char *key, bool known, const char *word);
/* "0xc0000034" */
void jout_status_if(struct json_out *o, const char *key, bool known, uint32_t status);

#endif
