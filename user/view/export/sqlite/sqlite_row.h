/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows into a new SQLite file, column by column. */
#ifndef NETFSNOOP_VIEW_SQLITE_ROW_H
#define NETFSNOOP_VIEW_SQLITE_ROW_H

#include <sqlite3.h>

#include "base/base.h"

#define ROW_COLUMNS 64
#define ROW_TEXT    48

/* What a column is bound to. SQLite keeps that from row to row, so the same again costs nothing. */
struct row_bound {
	enum { BOUND_NULL, BOUND_NUMBER, BOUND_TEXT, BOUND_LONG_TEXT } as;
	int64_t number;
	char text[ROW_TEXT];
};

/* The rows of one table; what goes wrong is kept until row_end(). */
struct row_table {
	const char *name;
	sqlite3_stmt *insert;
	int columns;
	int column; /* the last that was set */
	int rc;	    /* of SQLite */
	struct row_bound bound[ROW_COLUMNS];
};

/* A file of its owner alone, emptied if it was there; name is what errors call it. -errno with err set. */
int sqlite_create(sqlite3 **ret_db, const char *path, const char *name, struct err *err);
/* Runs statements; 0 or -errno. */
int sqlite_run(sqlite3 *db, const char *sql);

/* For rows of the table of that name, which exists. 0 or -errno. */
int row_table_open(struct row_table *t, sqlite3 *db, const char *name);
void row_table_close(struct row_table *t);

/*
 * Each sets the next column; they are the types of view/export/rows/rows.def. SQL has no unsigned
 * numbers: beyond 2^63 - 1 they become negative.
 */
void row_signed_if(struct row_table *t, bool known, int64_t v);
/* Text as it is, copied. */
void row_word_if(struct row_table *t, bool known, const char *text);
/* Any bytes, escaped as fmt_escape() does; NULL for NULL and "" */
void row_name(struct row_table *t, const char *name);
void row_hex_if(struct row_table *t, bool known, uint64_t v);
void row_status_if(struct row_table *t, bool known, uint32_t status);
void row_rreq(struct row_table *t, uint32_t rreq, bool synth);
void row_sreq(struct row_table *t, uint32_t sreq);
void row_dev(struct row_table *t, uint32_t dev);

static inline void row_signed(struct row_table *t, int64_t v)
{
	row_signed_if(t, true, v);
}

static inline void row_number_if(struct row_table *t, bool known, uint64_t v)
{
	row_signed_if(t, known, (int64_t)v);
}

static inline void row_number(struct row_table *t, uint64_t v)
{
	row_signed_if(t, true, (int64_t)v);
}

static inline void row_big_if(struct row_table *t, bool known, uint64_t v)
{
	row_signed_if(t, known, (int64_t)v);
}

static inline void row_id(struct row_table *t, uint64_t v)
{
	row_signed_if(t, true, (int64_t)v);
}

static inline void row_id_if(struct row_table *t, bool known, uint64_t v)
{
	row_signed_if(t, known, (int64_t)v);
}

static inline void row_bool(struct row_table *t, bool v)
{
	row_signed_if(t, true, v);
}

static inline void row_bool_if(struct row_table *t, bool known, bool v)
{
	row_signed_if(t, known, v);
}

static inline void row_lost(struct row_table *t, uint64_t count, bool at_least)
{
	row_signed_if(t, count || !at_least, (int64_t)count);
}

static inline void row_test(struct row_table *t, uint32_t test)
{
	row_signed_if(t, test, test);
}

static inline void row_word(struct row_table *t, const char *text)
{
	row_word_if(t, true, text);
}

/* Writes the row, which must have all its columns. 0 or -errno. */
int row_end(struct row_table *t);

#endif
