// SPDX-License-Identifier: GPL-2.0-only
/* What export_sqlite writes when the stream has ended, and the columns that all rows share. */
#include "base/fmt.h"
#include "view/export/sqlite/sqlite_export.h"
#include "view/measure/check_results.h"
#include "view/measure/totals.h"

struct row_table *row_begin(struct sqlite_export *x, enum table table)
{
	const struct recording *rec = model_recording(x->job->m);
	struct row_table *t = &x->table[table];

	if (!x->begun)
		x->run = recording_id(rec);
	x->begun = true;
	row_word(t, x->run.s);
	row_name(t, rec->host);
	row_name(t, rec->release);
	return t;
}

void row_wall(struct row_table *t, const struct sqlite_export *x, uint64_t ns)
{
	uint64_t real = 0;
	bool dated = ns && recording_realtime(model_recording(x->job->m), ns, &real);

	row_word_if(t, dated, fmt_wall(real).s);
}

static int put_run(struct sqlite_export *x)
{
	const struct recording *rec = model_recording(x->job->m);
	const struct trace_damage *d = x->job->damage;
	struct row_table *t = row_begin(x, TABLE_run);
#define ROW_run
#include "view/export/rows/row_sql.h"
#undef ROW_run
	return row_end(t);
}

static int put_connection(struct sqlite_export *x, const struct conn *c)
{
	struct row_table *t = row_begin(x, TABLE_connection);
#define ROW_connection
#include "view/export/rows/row_sql.h"
#undef ROW_connection
	return row_end(t);
}

static int put_evidence(struct sqlite_export *x, const struct finding *f, uint64_t nr)
{
	int rc = 0;

	for (unsigned int i = 0; !rc && i < f->nr_evidence; i++) {
		struct row_table *t = row_begin(x, TABLE_evidence);
		const struct mark *e = &f->evidence[i];
#define ROW_evidence
#include "view/export/rows/row_sql.h"
#undef ROW_evidence
		rc = row_end(t);
	}
	return rc;
}

static int put_finding(struct sqlite_export *x, const struct finding *f, uint64_t nr)
{
	struct row_table *t = row_begin(x, TABLE_finding);
	int rc;

#define ROW_finding
#include "view/export/rows/row_sql.h"
#undef ROW_finding
	rc = row_end(t);
	if (rc)
		return rc;
	return put_evidence(x, f, nr);
}

static int put_findings(struct sqlite_export *x)
{
	const struct export_job *job = x->job;
	uint64_t nr = 0;
	int rc = 0;

	for (const struct finding *f = engine_findings(job->e); f && !rc; f = f->next)
		if (findings_pass(job->filter, job->m, f))
			rc = put_finding(x, f, ++nr);
	return rc;
}

static int put_check_result(struct sqlite_export *x, const struct check *c)
{
	struct row_table *t = row_begin(x, TABLE_check_result);
#define ROW_check_result
#include "view/export/rows/row_sql.h"
#undef ROW_check_result
	return row_end(t);
}

static int put_check_results(struct sqlite_export *x)
{
	size_t n;
	const struct check *list = engine_checks(x->job->e, &n);
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		if (list[i].wanted)
			rc = put_check_result(x, &list[i]);
	return rc;
}

static int put_probe(struct sqlite_export *x, const struct probe_info *p)
{
	struct row_table *t = row_begin(x, TABLE_probe);
#define ROW_probe
#include "view/export/rows/row_sql.h"
#undef ROW_probe
	return row_end(t);
}

static int put_mount(struct sqlite_export *x, const struct mount *mnt)
{
	struct row_table *t = row_begin(x, TABLE_mount);
#define ROW_mount
#include "view/export/rows/row_sql.h"
#undef ROW_mount
	return row_end(t);
}

static int put_task(struct sqlite_export *x, const struct task *task)
{
	struct row_table *t = row_begin(x, TABLE_task);
#define ROW_task
#include "view/export/rows/row_sql.h"
#undef ROW_task
	return row_end(t);
}

static int put_surroundings(struct sqlite_export *x)
{
	const struct model *m = x->job->m;
	int rc = 0;

	for (const struct conn *c = model_conns(m); c && !rc; c = c->hh.next)
		rc = put_connection(x, c);
	for (uint32_t i = 0; i < model_recording(m)->nr_probes && !rc; i++)
		if (model_probe(m, i))
			rc = put_probe(x, model_probe(m, i));
	for (const struct mount *mnt = model_mounts(m); mnt && !rc; mnt = mnt->hh.next)
		rc = put_mount(x, mnt);
	for (const struct task *task = model_tasks(m); task && !rc; task = task->hh.next)
		rc = put_task(x, task);
	return rc;
}

int sqlite_put_end(struct sqlite_export *x)
{
	int rc = put_run(x);

	if (rc)
		return rc;
	rc = put_findings(x);
	if (rc)
		return rc;
	rc = put_check_results(x);
	if (rc)
		return rc;
	return put_surroundings(x);
}
