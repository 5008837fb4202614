/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of export_sqlite: what its two files share. */
#ifndef NETFSNOOP_VIEW_SQLITE_EXPORT_H
#define NETFSNOOP_VIEW_SQLITE_EXPORT_H

#include "view/export.h"
#include "view/run.h"
#include "view/sqlite_row.h"

/* The tables of export.sql. */
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
	TABLE_rule,
	TABLE_loss,
	TABLE_moment,
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
	struct run_id run; /* known with the first row */
	bool begun;
};

/* A new row, with the columns that each has. */
struct row_table *row_begin(struct sqlite_export *x, enum table table);
void row_rreq(struct row_table *t, uint32_t rreq, bool synth);
void row_sreq(struct row_table *t, uint32_t sreq);
void row_dev(struct row_table *t, uint32_t dev);
/* The wall clock at a stream time, UTC; NULL where it is not known, or ns is 0. */
void row_wall(struct row_table *t, const struct sqlite_export *x, uint64_t ns);
/* Which request, and which of its subrequests. */
void row_who(struct row_table *t, const struct request_key *key, uint32_t sreq);

/* The rows of all that is known only at the end. 0 or -errno. */
int sqlite_put_end(struct sqlite_export *x);

#endif
