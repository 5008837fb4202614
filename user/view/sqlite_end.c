// SPDX-License-Identifier: GPL-2.0-only
/* What export_sqlite writes when the stream has ended, and the columns that all rows share. */
#include <inttypes.h>

#include "base/fmt.h"
#include "view/findings.h"
#include "view/sqlite_export.h"
#include "view/totals.h"

struct row_table *row_begin(struct sqlite_export *x, enum table table)
{
	const struct recording *rec = model_recording(x->job->m);
	struct row_table *t = &x->table[table];

	if (!x->begun)
		x->run = recording_run(rec);
	x->begun = true;
	row_text_if(t, true, x->run.s);
	row_name(t, rec->host);
	row_name(t, rec->release);
	return t;
}

void row_rreq(struct row_table *t, uint32_t rreq, bool synth)
{
	row_text_if(t, rreq, fmt_request_id(synth, rreq).s);
}

void row_sreq(struct row_table *t, uint32_t sreq)
{
	row_text_if(t, sreq, fmt_index(sreq).s);
}

void row_dev(struct row_table *t, uint32_t dev)
{
	row_text_if(t, dev, fmt_dev(dev).s);
}

void row_wall(struct row_table *t, const struct sqlite_export *x, uint64_t ns)
{
	uint64_t real = 0;
	bool dated = ns && recording_realtime(model_recording(x->job->m), ns, &real);

	row_text_if(t, dated, fmt_wall(real).s);
}

void row_who(struct row_table *t, const struct request_key *key, uint32_t sreq)
{
	row_number(t, key->epoch);
	row_rreq(t, key->rreq, key->synth);
	row_sreq(t, sreq);
}

static int put_run(struct sqlite_export *x)
{
	const struct recording *rec = model_recording(x->job->m);
	const struct trace_damage *d = x->job->damage;
	struct row_table *t = row_begin(x, TABLE_run);
	uint64_t begin = recording_begin(rec), real = 0, ns;
	bool dated = recording_realtime(rec, begin, &real), timed = recording_duration(rec, &ns);

	row_name(t, rec->machine);
	row_name(t, rec->netfsnoop);
	row_name(t, rec->cmdline);
	row_number_if(t, dated, real);
	row_number(t, begin);
	row_number_if(t, timed, ns);
	row_number(t, rec->filtered);
	row_number(t, rec->records);
	row_number(t, rec->lost);
	row_number(t, rec->late);
	row_number(t, d ? d->torn_bytes : 0);
	row_number(t, d ? d->bad_frames : 0);
	row_number(t, d ? d->bad_records : 0);
	row_number(t, d ? d->missing_blocks : 0);
	row_number(t, d ? d->misplaced_blocks : 0);
	row_number(t, d ? d->foreign_blocks + d->second_trace : 0);
	row_number(t, d ? d->no_end : 0);
	row_number(t, rec->events);
	return row_end(t);
}

static int put_connection(struct sqlite_export *x, const struct conn *c)
{
	struct row_table *t = row_begin(x, TABLE_connection);

	row_number(t, c->epoch);
	row_number(t, c->id);
	row_name(t, c->host);
	row_number_if(t, c->seen, c->sign);
	row_number_if(t, c->seen, c->instance);
	row_number(t, c->reconnects);
	row_number(t, c->commands);
	row_number(t, c->granted);
	row_number(t, c->taken);
	row_number(t, c->returned);
	row_signed_if(t, true, c->credits);
	row_signed_if(t, c->seen, c->echo);
	row_signed_if(t, c->seen, c->oplock);
	row_signed_if(t, true, c->in_flight);
	row_signed_if(t, true, c->max_in_flight);
	row_number(t, c->credit_waits);
	row_number(t, c->credit_wait_ns);
	return row_end(t);
}

static int put_evidence(struct sqlite_export *x, const struct finding *f, uint64_t nr)
{
	int rc = 0;

	for (unsigned int i = 0; !rc && i < f->nr_evidence; i++) {
		struct row_table *t = row_begin(x, TABLE_evidence);

		row_number(t, nr);
		row_number(t, f->evidence[i].ts);
		row_number(t, f->evidence[i].tid);
		row_name(t, f->evidence[i].text);
		rc = row_end(t);
	}
	return rc;
}

static void finding_who(struct row_table *t, const struct finding *f)
{
	row_number_if(t, f->rreq, f->epoch);
	row_rreq(t, f->rreq, f->synth);
	row_sreq(t, f->sreq);
	row_number_if(t, f->conn, f->conn);
	row_number_if(t, f->has_mid, f->mid);
	row_name(t, f->fs);
	row_name(t, f->mount);
	row_dev(t, f->dev);
	row_number_if(t, f->ino, f->ino);
	row_number_if(t, f->tid, f->tid);
	row_number_if(t, f->tid, f->tgid);
	row_name(t, f->comm);
}

static int put_finding(struct sqlite_export *x, const struct finding *f, uint64_t nr)
{
	struct row_table *t = row_begin(x, TABLE_finding);
	int rc;

	row_number(t, nr);
	row_text_if(t, true, f->check->id);
	row_text_if(t, true, f->kind);
	row_text_if(t, true, verdict_name(f->verdict));
	row_text_if(t, true, severity_name(f->check->severity));
	finding_who(t, f);
	row_name(t, f->place);
	row_number(t, f->time_ns);
	row_name(t, f->expected);
	row_name(t, f->observed);
	row_name(t, f->explanation);
	row_name(t, f->doubt);
	row_number(t, f->count);
	row_number(t, f->last_ns);
	row_wall(t, x, f->time_ns);
	row_name(t, f->path);
	row_number_if(t, f->bytes, f->bytes);
	rc = row_end(t);
	return rc ? rc : put_evidence(x, f, nr);
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

static int put_rules(struct sqlite_export *x)
{
	size_t n;
	const struct check *list = engine_checks(x->job->e, &n);
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		struct row_table *t;

		if (!list[i].wanted)
			continue;
		t = row_begin(x, TABLE_rule);
		row_text_if(t, true, list[i].ops->id);
		row_text_if(t, true, check_result(&list[i]).state);
		row_number(t, list[i].violations);
		row_number(t, list[i].inconclusive);
		row_name(t, list[i].missing);
		row_name(t, list[i].note);
		row_number(t, list[i].judged);
		row_number(t, list[i].notes);
		rc = row_end(t);
	}
	return rc;
}

static int put_probe(struct sqlite_export *x, const struct probe_info *p)
{
	struct row_table *t = row_begin(x, TABLE_probe);

	row_name(t, p->name);
	row_name(t, p->mechanism);
	row_text_if(t, true, probe_state_text(p));
	row_name(t, p->reason);
	row_number_if(t, p->counted, p->hits);
	row_number(t, p->seen);
	row_number_if(t, p->counted, p->lost);
	row_number_if(t, p->counted && p->missed != UINT64_MAX, p->missed);
	return row_end(t);
}

static int put_mount(struct sqlite_export *x, const struct mount *mnt)
{
	struct row_table *t = row_begin(x, TABLE_mount);

	row_dev(t, mnt->dev);
	row_name(t, mnt->fstype);
	row_name(t, mnt->source);
	row_name(t, mnt->point);
	row_name(t, mnt->options);
	return row_end(t);
}

static int put_task(struct sqlite_export *x, const struct task *task)
{
	struct row_table *t = row_begin(x, TABLE_task);

	row_number(t, task->tid);
	row_number(t, task->tgid);
	row_number(t, task->ppid);
	row_name(t, task->comm);
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

	if (!rc)
		rc = put_findings(x);
	if (!rc)
		rc = put_rules(x);
	return rc ? rc : put_surroundings(x);
}
