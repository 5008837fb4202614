/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of export_sqlite: what its two files share. */
#ifndef NETFSNOOP_VIEW_SQLITE_EXPORT_H
#define NETFSNOOP_VIEW_SQLITE_EXPORT_H

#include "view/export/export.h"
#include "view/export/sqlite/sqlite_row.h"
#include "view/measure/recording_id.h"

/* The tables of export_tables.sql. */
enum table {
	TABLE_run,
	TABLE_request,
	TABLE_failure,
	TABLE_subrequest,
	TABLE_attempt,
	TABLE_command,
	TABLE_connection,
	TABLE_credit,
	TABLE_finding,
	TABLE_evidence,
	TABLE_check_result,
	TABLE_loss,
	TABLE_moment,
	TABLE_fault,
	TABLE_probe,
	TABLE_mount,
	TABLE_task,
	TABLE_test,
	TABLE_MAX
};

struct sqlite_export {
	const struct export_job *job;
	struct model_listener listener;
	struct gate *gate; /* for the commands */
	sqlite3 *db;
	struct row_table table[TABLE_MAX];
	struct recording_id run; /* known with the first row */
	bool begun;
};

/* A new row, with the columns that each has. */
struct row_table *row_begin(struct sqlite_export *x, enum table table);
/* The wall clock at a stream time, UTC; NULL where it is not known, or ns is 0. */
void row_wall(struct row_table *t, const struct sqlite_export *x, uint64_t ns);
/* The rows of all that is known only at the end. 0 or -errno. */
int sqlite_put_end(struct sqlite_export *x);

#endif
