/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows into a new SQLite file, column by column. */
#ifndef NETFSNOOP_VIEW_SQLITE_ROW_H
#define NETFSNOOP_VIEW_SQLITE_ROW_H

#include <sqlite3.h>

#include "base/base.h"

/* The rows of one table; what goes wrong is kept until row_end(). */
struct row_table {
	const char *name;
	sqlite3_stmt *insert;
	int column; /* the last that was set */
	int rc;	    /* of SQLite */
};

/* A file of its owner alone, emptied if it was there. -errno with err set. */
int sqlite_create(sqlite3 **ret_db, const char *path, struct err *err);
/* Runs statements; 0 or -errno. */
int sqlite_run(sqlite3 *db, const char *sql);
/* -errno of a result of SQLite. */
int sqlite_errno(int rc);

/* For rows of the table of that name, which exists. 0 or -errno. */
int row_table_open(struct row_table *t, sqlite3 *db, const char *name);
void row_table_close(struct row_table *t);

/* Sets the next column. SQL has no unsigned numbers: beyond 2^63 - 1 they become negative. */
void row_number(struct row_table *t, uint64_t v);
void row_number_if(struct row_table *t, bool known, uint64_t v);
void row_signed_if(struct row_table *t, bool known, int64_t v);
/* Text as it is, copied. */
void row_text_if(struct row_table *t, bool known, const char *text);
/* Any bytes, escaped as fmt_escape() does; NULL for NULL and "" */
void row_name(struct row_table *t, const char *name);
/* Writes the row, which must have all its columns. 0 or -errno. */
int row_end(struct row_table *t);

#endif
