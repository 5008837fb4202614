// SPDX-License-Identifier: GPL-2.0-only
/* The JSON object of the HTML page, and all that html_data.c has collected, as one stream. */
#include <errno.h>
#include <string.h>

#include "model/test.h"
#include "view/findings.h"
#include "view/html_data_inside.h"
#include "view/ntstatus.h"

#define HTML_VERSION 1

static json_t *recording_json(const struct html_data *d)
{
	const struct recording *rec = model_recording(d->m);
	uint64_t begin = recording_begin(rec), real = 0, ns;
	bool dated = recording_realtime(rec, begin, &real), timed = recording_duration(rec, &ns);

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
		"netfsnoop", json_name(rec->netfsnoop), "host", json_name(rec->host), "release",
		json_name(rec->release), "machine", json_name(rec->machine), "cmdline",
		json_name(rec->cmdline), "filtered", rec->filtered, "ended", rec->stop_ns != 0,
		"begin_ns", json_number(begin), "duration_ns", json_number_if(timed, ns), "real_ns",
		json_number_if(dated, real), "records", json_number(rec->records), "lost",
		json_number(rec->lost), "late", json_number(rec->late), "restricted",
		filter_restricts(d->job->filter), "events", json_number(rec->events));
}

static json_t *quantiles(const struct hist *h)
{
	if (!h->count)
		return json_null();
	return json_pack("[o, o, o, o]", json_number(hist_quantile(h, 0.5)),
			 json_number(hist_quantile(h, 0.95)), json_number(hist_quantile(h, 0.99)),
			 json_number(h->max));
}

static json_t *request_rows(const struct html_data *d)
{
	const struct names *n = model_names(d->m);
	json_t *list = json_array();

	for (const struct request_row *row = d->totals->requests; row; row = row->next) {
		const char *origin = row->rest ? "others"
				     : row->origin_known
					     ? request_origin(n, row->synthetic, row->origin)
					     : "?";

		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "origin",
				  json_name(origin), "fs", json_name(row->fs), "count",
				  json_number(row->count), "bytes", json_number(row->bytes),
				  "errors", json_number(row->errors), "retries",
				  json_number(row->retries), "timed",
				  json_number(row->latency.count), "ns", quantiles(&row->latency)));
	}
	return list;
}

static json_t *subrequest_rows(const struct html_data *d)
{
	json_t *list = json_array();

	for (int w = 0; w < 2; w++) {
		const struct subrequest_row *row = &d->totals->subrequests[w];
		json_t *stages = json_array();

		for (int i = 0; i < STAGE_MAX; i++)
			json_array_append_new(stages,
					      json_pack("{s:s, s:o, s:o}", "stage", stage_name(i),
							"count", json_number(row->stage[i].count),
							"ns", quantiles(&row->stage[i])));
		json_array_append_new(
			list, json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "write", w, "count",
					json_number(row->count), "bytes", json_number(row->bytes),
					"errors", json_number(row->errors), "retries",
					json_number(row->retries), "attempts",
					json_number(row->attempts), "stages", stages));
	}
	return list;
}

static json_t *command_rows(const struct html_data *d)
{
	json_t *list = json_array();

	for (int i = 0; i <= TOTALS_COMMANDS; i++) {
		const struct command_row *row = &d->totals->commands[i];
		struct short_text name = command_text(i);

		if (!row->count)
			continue;
		json_array_append_new(
			list, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "cmd",
					i < TOTALS_COMMANDS ? name.s : "others", "count",
					json_number(row->count), "errors", json_number(row->errors),
					"unanswered", json_number(row->unanswered), "interim",
					json_number(row->interim), "charged",
					json_number(row->charged), "granted",
					json_number(row->granted), "ns", quantiles(&row->latency)));
	}
	return list;
}

static json_t *status_rows(const struct html_data *d)
{
	json_t *list = json_array();

	for (const struct status_row *row = d->totals->statuses; row; row = row->next) {
		json_t *status = row->answered && !row->rest ? json_sprintf("0x%08x", row->status)
							     : json_null();

		json_array_append_new(
			list, json_pack("{s:s, s:o, s:s, s:o}", "cmd",
					row->rest ? "others" : command_text(row->cmd).s, "status",
					status, "name",
					row->rest	? ""
					: row->answered ? ntstatus_name(row->status)
							: "not sent, or cut off by a reconnect",
					"count", json_number(row->count)));
	}
	return list;
}

static json_t *totals_json(const struct html_data *d)
{
	const struct totals *t = d->totals;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "requests",
			 request_rows(d), "subrequests", subrequest_rows(d), "commands",
			 command_rows(d), "statuses", status_rows(d), "count",
			 json_number(t->nr_requests), "open", json_number(t->open), "partial",
			 json_number(t->partial), "unreliable", json_number(t->unreliable),
			 "failures", json_number(t->failures));
}

/* ---- who and where ---- */

static const struct conn *find_conn(const struct html_data *d, const struct html_conn_key *key)
{
	for (const struct conn *c = model_conns(d->m); c; c = c->hh.next)
		if (c->id == key->id && c->epoch == key->epoch)
			return c;
	return NULL;
}

static json_t *conn_json(const struct html_data *d, const struct html_conn_key *key)
{
	static const struct conn unknown;
	const struct conn *c = find_conn(d, key) ?: &unknown;

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"id", json_id_if(true, key->id), "epoch", json_number(key->epoch), "host",
		json_name(c->host), "sign", c->seen ? json_boolean(c->sign) : json_null(),
		"instance", json_number_if(c->seen, c->instance), "reconnects",
		json_number(c->reconnects), "commands", json_number(c->commands), "granted",
		json_number(c->granted), "taken", json_number(c->taken), "returned",
		json_number(c->returned), "credits", json_signed_if(true, c->credits), "echo",
		json_signed_if(c->seen, c->echo), "oplock", json_signed_if(c->seen, c->oplock),
		"max_in_flight", json_signed_if(true, c->max_in_flight), "waits",
		json_number(c->credit_waits), "wait_ns", json_number(c->credit_wait_ns));
}

static json_t *conns_json(const struct html_data *d)
{
	json_t *list = json_array();

	for (const struct html_conn *c = d->conns; c; c = c->hh.next)
		json_array_append_new(list, conn_json(d, &c->key));
	return list;
}

/* Names are numbers of texts: 0 where they are not known. */
static json_t *mounts_json(struct html_data *d)
{
	json_t *list = json_array();

	for (int64_t i = 0; i < d->nr_mounts; i++) {
		struct html_mount *mnt = &d->mounts[i];

		if (!mnt->named)
			html_data_name_mount(d, mnt);
		json_array_append_new(
			list, json_pack("{s:o, s:I, s:I, s:I, s:I}", "dev", json_dev(mnt->dev),
					"fstype", (json_int_t)mnt->fstype, "source",
					(json_int_t)mnt->source, "point", (json_int_t)mnt->point,
					"options", (json_int_t)mnt->options));
	}
	return list;
}

static json_t *probes_json(const struct html_data *d)
{
	static const char *const states[] = {
		[EV_PROBE_OFF] = "off", [EV_PROBE_ON] = "on", [EV_PROBE_FAILED] = "failed"
	};
	json_t *list = json_array();

	for (uint32_t i = 0; i < model_recording(d->m)->nr_probes; i++) {
		const struct probe_info *p = model_probe(d->m, i);

		if (!p || !p->name)
			continue;
		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:s, s:o, s:o, s:o}", "name", json_name(p->name),
				  "mechanism", json_name(p->mechanism), "state",
				  p->state < ARRAY_SIZE(states) ? states[p->state] : "?", "reason",
				  json_name(p->reason), "seen", json_number(p->seen), "lost",
				  json_number_if(p->counted, p->lost)));
	}
	return list;
}

/* ---- xfstests ---- */

static json_t *test_json(const struct html_data *d, const struct test *t)
{
	const struct recording *rec = model_recording(d->m);
	uint64_t begin = recording_begin(rec), end = t->end_ns ? t->end_ns : recording_end(rec);

	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "ordinal", json_number(t->ordinal), "name", json_name(t->name), "section",
			 json_name(t->section), "repeat", json_number(t->repeat), "from",
			 (json_int_t)(t->mark_ns - begin), "to", (json_int_t)(end - begin),
			 "verdict", t->judged ? json_string(outcome_name(t->outcome)) : json_null(),
			 "reason", json_name(t->reason), "requests", json_number(t->requests),
			 "errors", json_number(t->errors), "retries", json_number(t->retries),
			 "read", json_number(t->read_bytes), "written",
			 json_number(t->written_bytes), "open", json_number(t->open));
}

static json_t *tests_json(const struct html_data *d)
{
	json_t *list = json_array();

	for (uint32_t i = 1; i <= model_nr_tests(d->m); i++) {
		const struct test *t = model_test(d->m, i);

		if (t)
			json_array_append_new(list, test_json(d, t));
	}
	return list;
}

/* ---- findings ---- */

static json_t *findings_json(struct html_data *d)
{
	const struct export_job *job = d->job;
	json_t *list = json_array();

	for (const struct finding *f = engine_findings(job->e); f; f = f->next) {
		const struct html_key *k = html_data_key(d, f->epoch, f->rreq, f->synth);
		json_t *item;

		if (!findings_pass(job->filter, d->m, f))
			continue;
		item = finding_json("finding", f);
		json_object_set_new(item, "request", json_number_if(f->rreq && k, k ? k->row : 0));
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *checks_json(const struct html_data *d)
{
	json_t *list = json_array();
	size_t n;
	const struct check *all = engine_checks(d->job->e, &n);

	for (size_t i = 0; i < n; i++) {
		json_t *item = all[i].wanted ? check_json(&all[i]) : NULL;

		if (!item)
			continue;
		json_object_set_new(item, "rule", json_string(all[i].ops->rule));
		json_object_set_new(item, "why", json_string(all[i].ops->why));
		json_object_set_new(item, "next", json_string(all[i].ops->next));
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *damage_json(const struct html_data *d)
{
	const struct trace_damage *t = d->job->damage;

	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "torn_bytes",
			 json_number(t ? t->torn_bytes : 0), "missing_blocks",
			 json_number(t ? t->missing_blocks : 0), "misplaced_blocks",
			 json_number(t ? t->misplaced_blocks : 0), "foreign_blocks",
			 json_number(t ? t->foreign_blocks + t->second_trace : 0), "no_end",
			 (int)(t && t->no_end), "bad_frames", json_number(t ? t->bad_frames : 0),
			 "bad_records", json_number(t ? t->bad_records : 0), "unknown_records",
			 json_number(t ? t->unknown_records : 0));
}

/* ---- writing ---- */

static void join_commands(struct html_data *d)
{
	for (size_t i = 0; i < d->commands.nr_rows; i++) {
		const struct request_key *o = &d->owners[i];
		const struct html_key *k =
			o->rreq ? html_data_key(d, o->epoch, o->rreq, o->synth) : NULL;

		html_table_at(&d->commands, i)[CM_REQUEST] = k ? k->row + 1 : 0;
	}
}

static json_t *head_json(struct html_data *d)
{
	json_t *mounts = mounts_json(d); /* may add to the texts */

	return json_pack(
		"{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:[o, o, o, o, o, o]}",
		"version", HTML_VERSION, "trace", recording_json(d), "texts",
		html_texts_json(d->texts), "connections", conns_json(d), "mounts", mounts, "totals",
		totals_json(d), "findings", findings_json(d), "checks", checks_json(d), "probes",
		probes_json(d), "damage", damage_json(d), "tests", tests_json(d), "tables",
		html_table_json(&d->requests), html_table_json(&d->subrequests),
		html_table_json(&d->commands), html_table_json(&d->samples),
		html_table_json(&d->losses), html_table_json(&d->marks));
}

static int write_head(struct html_data *d, FILE *out)
{
	json_t *head = head_json(d);
	__autofree char *text = head ? json_dumps(head, JSON_COMPACT) : NULL;
	size_t len = text ? strlen(text) : 0;

	json_decref(head);
	if (!text)
		return -ENOMEM;
	for (int i = 0; i < 4; i++)
		putc(len >> (8 * i) & 0xff, out);
	return fwrite(text, 1, len, out) == len ? 0 : -EIO;
}

int html_data_write(struct html_data *d, FILE *out)
{
	const struct html_table *const tables[] = { &d->requests, &d->subrequests, &d->commands,
						    &d->samples,  &d->losses,	   &d->marks };
	int rc;

	join_commands(d);
	rc = write_head(d, out);
	for (size_t i = 0; !rc && i < ARRAY_SIZE(tables); i++)
		rc = html_table_write(tables[i], out);
	return rc;
}
