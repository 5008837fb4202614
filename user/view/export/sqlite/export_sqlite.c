// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/fmt.h"
#include "event/kinds.h"
#include "oops/notes.h"
#include "view/export/sqlite/sqlite_export.h"
#include "view/kit/ntstatus.h"
#include "view/measure/gate.h"
#include "view/measure/credit_point.h"
#include "view/measure/moment.h"
#include "view/measure/processes.h"
#include "view/measure/totals.h"

extern const char export_tables_sql[], export_views_sql[], export_index_sql[];

static const char *const table_names[TABLE_MAX] = {
	[TABLE_run] = "run",
	[TABLE_request] = "request",
	[TABLE_failure] = "failure",
	[TABLE_subrequest] = "subrequest",
	[TABLE_attempt] = "attempt",
	[TABLE_command] = "command",
	[TABLE_connection] = "connection",
	[TABLE_credit] = "credit",
	[TABLE_finding] = "finding",
	[TABLE_evidence] = "evidence",
	[TABLE_check_result] = "check_result",
	[TABLE_loss] = "loss",
	[TABLE_moment] = "moment",
	[TABLE_fault] = "fault",
	[TABLE_probe] = "probe",
	[TABLE_mount] = "mount",
	[TABLE_task] = "task",
	[TABLE_test] = "test",
};

/* ---- requests ---- */

static int put_request(struct sqlite_export *x, const struct request *r)
{
	struct row_table *t = row_begin(x, TABLE_request);
	const struct model *m = x->job->m;
#define ROW_request
#include "view/export/rows/row_sql.h"
#undef ROW_request
	return row_end(t);
}

static int put_failures(struct sqlite_export *x, const struct request *r)
{
	const struct model *m = x->job->m;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < r->nr_failures && i < MAX_FAILURES; i++) {
		struct row_table *t = row_begin(x, TABLE_failure);
		const struct failure *f = &r->failure[i];
#define ROW_failure
#include "view/export/rows/row_sql.h"
#undef ROW_failure
		rc = row_end(t);
	}
	return rc;
}

#define STAGE_OF(s, stage) (s)->stage_ns[stage] != STAGE_UNKNOWN, (s)->stage_ns[stage]

static int put_subrequest(struct sqlite_export *x, const struct subrequest *s)
{
	struct row_table *t = row_begin(x, TABLE_subrequest);
	const struct model *m = x->job->m;
	const struct request *r = s->rreq;
#define ROW_subrequest
#include "view/export/rows/row_sql.h"
#undef ROW_subrequest
	return row_end(t);
}

static int put_attempt(struct sqlite_export *x, const struct subrequest *s, uint32_t i)
{
	struct row_table *t = row_begin(x, TABLE_attempt);
	uint64_t nr = i + 1 < MAX_TRIED ? i + 1 : s->nr_tried;
	const struct attempt *a = &s->tried[i];
#define ROW_attempt
#include "view/export/rows/row_sql.h"
#undef ROW_attempt
	return row_end(t);
}

static int put_pieces(struct sqlite_export *x, const struct request *r)
{
	int rc = 0;

	for_each_subrequest (r, s) {
		if (!filter_subrequest(x->job->filter, s))
			continue;
		rc = put_subrequest(x, s);
		for (uint32_t i = 0; !rc && i < s->nr_tried && i < MAX_TRIED; i++)
			rc = put_attempt(x, s, i);
		if (rc)
			break;
	}
	return rc;
}

static int on_request(void *ctx, const struct request *r)
{
	struct sqlite_export *x = ctx;
	bool passed = filter_request(x->job->filter, x->job->m, r);
	int rc = passed ? put_request(x, r) : 0;

	if (!rc && passed)
		rc = put_failures(x, r);
	if (!rc && passed)
		rc = put_pieces(x, r);
	if (rc)
		return rc;
	return gate_request(x->gate, r, passed);
}

/* ---- commands ---- */

struct process_name {
	uint32_t tgid;
	char comm[EV_COMM_LEN + 1];
};

static struct process_name command_who(const struct model *m, const struct command *c)
{
	struct process_key key = command_process(m, c);
	struct process_name by = { .tgid = key.tgid };

	memcpy(by.comm, key.comm, EV_COMM_LEN);
	return by;
}

static int put_command(void *ctx, const struct command *c)
{
	struct sqlite_export *x = ctx;
	struct row_table *t = row_begin(x, TABLE_command);
	const struct model *m = x->job->m;
#define ROW_command
#include "view/export/rows/row_sql.h"
#undef ROW_command
	return row_end(t);
}

static int on_command(void *ctx, const struct command *c)
{
	return gate_command(((struct sqlite_export *)ctx)->gate, c);
}

/* ---- what is about no request ---- */

static int put_credit(struct sqlite_export *x, const struct credit_point *p)
{
	struct row_table *t = row_begin(x, TABLE_credit);
#define ROW_credit
#include "view/export/rows/row_sql.h"
#undef ROW_credit
	return row_end(t);
}

static int put_fault(struct sqlite_export *x, const struct seen *seen)
{
	struct row_table *t = row_begin(x, TABLE_fault);
	const struct model *m = x->job->m;
#define ROW_fault
#include "view/export/rows/row_sql.h"
#undef ROW_fault
	return row_end(t);
}

static int put_moment(struct sqlite_export *x, const struct moment *mo)
{
	struct row_table *t = row_begin(x, TABLE_moment);
#define ROW_moment
#include "view/export/rows/row_sql.h"
#undef ROW_moment
	return row_end(t);
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	struct sqlite_export *x = ctx;
	struct credit_point p;
	struct moment mo;

	if (credit_point_of(x->job->m, ev, &p))
		return filter_event(x->job->filter, x->job->m, seen) ? put_credit(x, &p) : 0;
	if (ev->kind == EV_FAULT)
		return filter_event(x->job->filter, x->job->m, seen) ? put_fault(x, seen) : 0;
	return moment_of(x->job->m, ev, &mo) ? put_moment(x, &mo) : 0;
}

static const uint8_t kinds[] = { EV_CREDIT, EV_CREDIT_FN, EV_RECONNECT, EV_MARK, EV_KLOG,
				 EV_EIO,    EV_SLOW_RSP,  EV_FAULT,	0 };

static int put_test(struct sqlite_export *x, const struct test *test)
{
	struct row_table *t = row_begin(x, TABLE_test);
#define ROW_test
#include "view/export/rows/row_sql.h"
#undef ROW_test
	return row_end(t);
}

static int on_test(void *ctx, const struct test *t)
{
	struct sqlite_export *x = ctx;

	return filter_test(x->job->filter, x->job->m, t->ordinal) ? put_test(x, t) : 0;
}

static int on_lost(void *ctx, const struct ev_lost *l)
{
	struct sqlite_export *x = ctx;
	struct row_table *t = row_begin(x, TABLE_loss);
	const struct model *m = x->job->m;
#define ROW_loss
#include "view/export/rows/row_sql.h"
#undef ROW_loss
	return row_end(t);
}

/* ---- creation and end ---- */

static int sqlite_export_finish(void *ctx, struct err *err)
{
	struct sqlite_export *x = ctx;
	int rc = sqlite_put_end(x);

	if (!rc)
		rc = sqlite_run(x->db, export_index_sql);
	if (!rc)
		rc = sqlite_run(x->db, "COMMIT");
	return rc ? err_set(err, rc, "cannot write %s: %s", x->job->path,
			    rc == -ENOSPC ? err_why(rc) : sqlite3_errmsg(x->db))
		  : 0;
}

static void sqlite_export_free(void *ctx)
{
	struct sqlite_export *x = ctx;

	if (!x)
		return;
	for (int i = 0; i < TABLE_MAX; i++)
		row_table_close(&x->table[i]);
	sqlite3_close(x->db);
	gate_free(x->gate);
	free(x);
}

/* One transaction without a journal: a file that was not finished is of no use anyway. */
static int set_up(struct sqlite_export *x, struct err *err)
{
	int rc = sqlite_create(&x->db, x->job->file, x->job->path, err);

	if (rc)
		return rc;
	rc = sqlite_run(
		x->db,
		"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;PRAGMA user_version = 3; BEGIN");
	if (!rc)
		rc = sqlite_run(x->db, export_tables_sql);
	if (!rc)
		rc = sqlite_run(x->db, export_views_sql);
	for (int i = 0; i < TABLE_MAX && !rc; i++)
		rc = row_table_open(&x->table[i], x->db, table_names[i]);
	return rc ? err_set(err, rc, "cannot write %s: %s", x->job->path,
			    rc == -ENOSPC ? err_why(rc) : sqlite3_errmsg(x->db))
		  : 0;
}

static int sqlite_export_create(void **ret_x, const struct export_job *job, struct err *err)
{
	struct sqlite_export *x = calloc(1, sizeof(*x));
	int rc = x ? gate_new(&x->gate, job->m, job->filter, put_command, x) : -ENOMEM;

	if (!rc) {
		x->job = job;
		x->listener = (struct model_listener){
			.event = on_event,
			.kinds = kinds,
			.request = on_request,
			.command = on_command,
			.lost = on_lost,
			.test = on_test,
			.ctx = x,
		};
		rc = set_up(x, err);
	}
	if (rc) {
		sqlite_export_free(x);
		return rc;
	}
	*ret_x = x;
	return 0;
}

static const struct model_listener *sqlite_export_listener(void *x)
{
	return &((struct sqlite_export *)x)->listener;
}

const struct exporter_ops export_sqlite = {
	.name = "sqlite",
	.summary = "an SQLite database: tables and views of docs/sql.md; needs -o",
	.endings = "db sqlite sqlite3",
	.binary = true,
	.needs_path = true,
	.create = sqlite_export_create,
	.listener = sqlite_export_listener,
	.finish = sqlite_export_finish,
	.free = sqlite_export_free,
};
