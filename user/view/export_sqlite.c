// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/kinds.h"
#include "base/fmt.h"
#include "view/gate.h"
#include "view/ledger.h"
#include "oops/notes.h"
#include "view/moment.h"
#include "view/ntstatus.h"
#include "view/processes.h"
#include "view/sqlite_export.h"
#include "view/totals.h"

extern const char export_sql[], export_index_sql[];

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
	[TABLE_rule] = "rule",
	[TABLE_loss] = "loss",
	[TABLE_moment] = "moment",
	[TABLE_probe] = "probe",
	[TABLE_mount] = "mount",
	[TABLE_task] = "task",
	[TABLE_test] = "test",
};

/* ---- requests ---- */

static void request_place(struct sqlite_export *x, struct row_table *t, const struct request *r)
{
	const struct mount *mnt = model_mount(x->job->m, r->dev);

	row_name(t, r->fs);
	row_name(t, mnt ? mnt->point : NULL);
	row_dev(t, r->dev);
	row_number_if(t, r->ino, r->ino);
	row_number(t, r->start);
	row_number(t, r->len);
	row_number(t, r->transferred);
	row_signed_if(t, true, r->error);
}

static int put_request(struct sqlite_export *x, const struct request *r)
{
	const struct names *names = model_names(x->job->m);
	struct row_table *t = row_begin(x, TABLE_request);
	uint64_t latency = 0;
	bool done = request_latency(r, &latency);

	row_number(t, r->key.epoch);
	row_rreq(t, r->key.rreq, r->key.synth);
	row_number(t, r->key.synth);
	row_name(t, r->origin_known ? request_origin(names, r->key.synth, r->origin) : NULL);
	row_number(t, r->write);
	request_place(x, t, r);
	row_number(t, r->partial);
	row_number(t, r->freed);
	row_number(t, r->lost);
	row_number_if(t, r->tid, r->tid);
	row_number_if(t, r->tgid, r->tgid);
	row_name(t, r->comm);
	row_number(t, r->first_ns);
	row_number_if(t, done, latency);
	row_number(t, r->last_ns);
	row_number(t, r->nr_subrequests);
	row_number(t, r->retries);
	row_number(t, r->nr_failures);
	row_number_if(t, r->test, r->test);
	row_wall(t, x, r->first_ns);
	row_name(t, r->path);
	return row_end(t);
}

static int put_failures(struct sqlite_export *x, const struct request *r)
{
	int rc = 0;

	for (uint32_t i = 0; !rc && i < r->nr_failures && i < MAX_FAILURES; i++) {
		const struct failure *f = &r->failure[i];
		struct row_table *t = row_begin(x, TABLE_failure);

		row_who(t, &r->key, f->sreq);
		row_name(t, names_text(model_names(x->job->m), NAMES_FAILURE, f->what));
		row_signed_if(t, true, f->error);
		rc = row_end(t);
	}
	return rc;
}

static int put_subrequest(struct sqlite_export *x, const struct subrequest *s)
{
	const struct request *r = s->rreq;
	struct row_table *t = row_begin(x, TABLE_subrequest);

	row_who(t, &r->key, s->index);
	row_number(t, s->stream);
	row_name(t,
		 r->key.synth ? NULL : names_text(model_names(x->job->m), NAMES_SOURCE, s->source));
	row_number(t, s->write);
	row_number(t, s->start);
	row_number(t, s->len);
	row_number(t, s->transferred);
	row_signed_if(t, true, s->error);
	row_number(t, s->attempts);
	row_number(t, s->retries);
	row_number_if(t, s->conn, s->conn);
	row_number_if(t, s->mid, s->mid);
	row_signed_if(t, s->credits >= 0, s->credits);
	row_signed_if(t, s->granted >= 0, s->granted);
	row_number(t, s->freed);
	row_number(t, s->first_ns);
	row_number(t, s->last_ns);
	for (int i = 0; i < STAGE_MAX; i++)
		row_number_if(t, s->stage_ns[i] != STAGE_UNKNOWN, s->stage_ns[i]);
	return row_end(t);
}

static int put_attempt(struct sqlite_export *x, const struct subrequest *s, uint32_t i)
{
	const struct attempt *a = &s->tried[i];
	const uint64_t times[] = { a->begin,	a->submit,	 a->sent, a->response,
				   a->callback, a->callback_end, a->term, a->end };
	struct row_table *t = row_begin(x, TABLE_attempt);

	row_who(t, &s->rreq->key, s->index);
	row_number(t, i + 1 < MAX_TRIED ? i + 1 : s->nr_tried);
	for (size_t k = 0; k < ARRAY_SIZE(times); k++)
		row_number_if(t, times[k], times[k]);
	row_number_if(t, a->waited, a->wait_ns + a->late_wait_ns);
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
	return rc ? rc : gate_request(x->gate, r, passed);
}

/* ---- commands ---- */

static void command_result(struct row_table *t, const struct command *c)
{
	uint64_t start = command_begin(c), latency = 0;
	bool timed = command_latency(c, &latency);
	char status[16];

	snprintf(status, sizeof(status), "0x%08" PRIx32, c->status);
	row_text_if(t, c->answered || c->done_ns, status);
	row_signed_if(t, c->done_ns || c->failed, c->rc);
	row_number_if(t, c->setup_ns, c->charge);
	row_number_if(t, c->response_ns || c->interim, c->granted);
	row_number(t, c->interim);
	row_number_if(t, start, start);
	row_number_if(t, c->sent_ns, c->sent_ns);
	row_number_if(t, c->response_ns, c->response_ns);
	row_number_if(t, timed, latency);
	row_number(t, c->answered);
	row_number(t, command_failed(c));
	row_number_if(t, c->test, c->test);
}

/* Whose it is, and what the server's answer means. */
static void command_meaning(struct sqlite_export *x, struct row_table *t, const struct command *c)
{
	struct process_key process = command_process(x->job->m, c);
	char comm[EV_COMM_LEN + 1];

	snprintf(comm, sizeof(comm), "%.*s", EV_COMM_LEN, process.comm);
	row_wall(t, x, command_begin(c));
	row_number_if(t, c->thread, c->thread);
	row_number_if(t, process.tgid, process.tgid);
	row_name(t, comm);
	row_name(t, c->answered || c->done_ns ? ntstatus_name(c->status) : NULL);
	row_number(t, !c->failed && ntstatus_is_answer(c->status));
	row_number_if(t, c->failed, c->failed_ns);
}

static int put_command(void *ctx, const struct command *c)
{
	struct row_table *t = row_begin(ctx, TABLE_command);
	char sesid[24];

	snprintf(sesid, sizeof(sesid), "0x%" PRIx64, c->sesid);
	row_number(t, c->epoch);
	row_number_if(t, c->conn, c->conn);
	row_number(t, c->mid);
	row_text_if(t, true, command_text(c->cmd).s);
	row_text_if(t, c->sesid, sesid);
	row_number(t, c->tid);
	row_rreq(t, c->rreq, c->synth);
	row_sreq(t, c->sreq);
	command_result(t, c);
	command_meaning(ctx, t, c);
	return row_end(t);
}

static int on_command(void *ctx, const struct command *c)
{
	return gate_command(((struct sqlite_export *)ctx)->gate, c);
}

/* ---- what is about no request ---- */

static int put_credit(struct sqlite_export *x, const struct ledger_point *p)
{
	struct row_table *t = row_begin(x, TABLE_credit);

	row_number(t, p->conn->epoch);
	row_number(t, p->conn->id);
	row_number(t, p->time_ns);
	row_number(t, p->tid);
	row_name(t, p->what);
	row_number(t, p->entry);
	row_signed_if(t, true, p->value);
	row_signed_if(t, true, p->rc);
	row_signed_if(t, true, p->credits);
	row_signed_if(t, p->echo >= 0, p->echo);
	row_signed_if(t, p->oplock >= 0, p->oplock);
	row_signed_if(t, true, p->in_flight);
	row_number_if(t, p->instance, p->instance);
	row_rreq(t, p->rreq, p->synth);
	row_sreq(t, p->sreq);
	return row_end(t);
}

/* Of the kernel's log: the text, and what it is known as. */
static void row_log(struct row_table *t, const char *text)
{
	struct note n = {};
	bool known = text && note_read(&n, text) && n.role != NOTE_UNKNOWN;

	row_name(t, text);
	row_name(t, known ? n.id : NULL);
	row_name(t, known ? note_role_name(n.role) : NULL);
	row_name(t, text && *n.server ? n.server : NULL);
}

static int put_moment(struct sqlite_export *x, const struct moment *mo)
{
	struct row_table *t = row_begin(x, TABLE_moment);

	row_name(t, mo->what);
	row_number(t, mo->time_ns);
	row_number_if(t, mo->conn, mo->conn);
	row_number(t, mo->epoch);
	row_signed_if(t, true, mo->value);
	row_wall(t, x, mo->time_ns);
	row_log(t, mo->text);
	return row_end(t);
}

static int on_event(void *ctx, const struct ev_hdr *ev, const struct request *owner)
{
	struct sqlite_export *x = ctx;
	struct ledger_point p;
	struct moment mo;

	if (ledger_point(x->job->m, ev, &p))
		return filter_event(x->job->filter, x->job->m, ev, owner) ? put_credit(x, &p) : 0;
	return moment_of(x->job->m, ev, &mo) ? put_moment(x, &mo) : 0;
}

static int on_test(void *ctx, const struct test *test)
{
	struct sqlite_export *x = ctx;
	const uint64_t times[] = { test->mark_ns, test->script_ns, test->script_end_ns,
				   test->end_ns };
	const uint64_t counts[] = { test->requests,	  test->read_bytes,
				    test->written_bytes,  test->errors,
				    test->retries,	  test->commands,
				    test->command_errors, test->credit_waits,
				    test->credit_wait_ns, test->lost };
	struct row_table *t;

	if (!filter_test(x->job->filter, x->job->m, test->ordinal))
		return 0;
	t = row_begin(x, TABLE_test);
	row_number(t, test->ordinal);
	row_name(t, test->name);
	row_number(t, test->repeat);
	row_name(t, test->section);
	row_text_if(t, test->judged, outcome_name(test->outcome));
	row_name(t, test->reason);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		row_number_if(t, times[i], times[i]);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		row_number(t, counts[i]);
	return row_end(t);
}

static int on_lost(void *ctx, const struct ev_lost *l)
{
	struct sqlite_export *x = ctx;
	const struct probe_info *p = model_probe(x->job->m, l->hdr.probe);
	struct row_table *t = row_begin(x, TABLE_loss);

	row_name(t, p ? p->name : NULL);
	row_number_if(t, l->hdr.cpu != EV_ANY_CPU, l->hdr.cpu);
	row_number(t, l->count);
	row_number(t, l->from);
	row_number(t, l->to);
	row_number(t, l->at_least);
	row_name(t, lost_why_text(l->why));
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
	return rc ? err_set(err, rc, "cannot write %s: %s", x->job->path, sqlite3_errmsg(x->db))
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
	int rc = sqlite_create(&x->db, x->job->path, err);

	if (rc)
		return rc;
	rc = sqlite_run(
		x->db,
		"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;PRAGMA user_version = 2; BEGIN");
	if (!rc)
		rc = sqlite_run(x->db, export_sql);
	for (int i = 0; i < TABLE_MAX && !rc; i++)
		rc = row_table_open(&x->table[i], x->db, table_names[i]);
	return rc ? err_set(err, rc, "cannot write %s: %s", x->job->path, sqlite3_errmsg(x->db))
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
