// SPDX-License-Identifier: GPL-2.0-only
/* The JSON object of the HTML page, and all that html_data.c has collected, as one stream. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "model/test.h"
#include "view/export/html/html_data_inside.h"
#include "view/export/json/findings_json.h"
#include "view/export/json/json_line.h"
#include "view/kit/ntstatus.h"
#include "view/measure/check_results.h"

#define HTML_VERSION 2

static json_t *recording_json(const struct html_data *d)
{
	const struct recording *rec = model_recording(d->m);
	uint64_t begin = recording_begin(rec), real = 0, ns;
	bool dated = recording_realtime(rec, begin, &real), timed = recording_duration(rec, &ns);

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
		"netfsnoop", json_name(rec->netfsnoop), "host", json_name(rec->host), "kernel",
		json_name(rec->release), "machine", json_name(rec->machine), "cmdline",
		json_name(rec->cmdline), "filtered", rec->filtered, "ended", rec->stop_ns != 0,
		"start_ns", json_number(begin), "duration_ns", json_number_if(timed, ns),
		"start_realtime_ns", json_big_if(dated, real), "records", json_number(rec->records),
		"lost", json_lost(rec->lost, rec->lost_at_least), "late", json_number(rec->late),
		"restricted", filter_restricts(d->job->filter), "events", json_number(rec->events));
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

		list = json_add(list,
				json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "origin",
					  json_name(origin), "fs", json_name(row->fs), "count",
					  json_number(row->count), "bytes",
					  json_number_if(row->moved, row->bytes), "errors",
					  json_number_if(row->judged || row->errors, row->errors),
					  "retries", json_number_if(row->tried, row->retries),
					  "timed", json_number(row->latency.count), "ns",
					  quantiles(&row->latency)));
	}
	return list;
}

static json_t *subrequest_rows(const struct html_data *d)
{
	json_t *list = json_array();

	for (int w = 0; w < 2; w++) {
		const struct subrequest_row *row = &d->totals->subrequests[w];
		bool told = row->told || !row->count, tried = row->tried || !row->count;
		json_t *stages = json_array();

		for (int i = 0; i < STAGE_MAX; i++)
			stages = json_add(stages,
					  json_pack("{s:s, s:o, s:o}", "stage", stage_name(i),
						    "count", json_number(row->stage[i].count), "ns",
						    quantiles(&row->stage[i])));
		list = json_add(list, json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "write", w,
						"count", json_number(row->count), "bytes",
						json_number_if(told, row->bytes), "errors",
						json_number_if(told || row->errors, row->errors),
						"retries", json_number_if(tried, row->retries),
						"attempts", json_number_if(tried, row->attempts),
						"stages", stages));
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
		list = json_add(
			list, json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "cmd",
					i < TOTALS_COMMANDS ? name.s : "others", "count",
					json_number(row->count), "errors",
					json_number_if(row->heard || row->errors, row->errors),
					"unanswered", json_number_if(row->heard, row->unanswered),
					"interim", json_number_if(row->interim_known, row->interim),
					"charged", json_number_if(row->charge_known, row->charged),
					"granted", json_number_if(row->granted_known, row->granted),
					"ns", quantiles(&row->latency)));
	}
	return list;
}

static json_t *status_rows(const struct html_data *d)
{
	json_t *list = json_array();

	for (const struct status_row *row = d->totals->statuses; row; row = row->next) {
		json_t *status = row->answered && !row->rest ? json_sprintf("0x%08x", row->status)
							     : json_null();

		list = json_add(list,
				json_pack("{s:s, s:o, s:s, s:o}", "cmd",
					  row->rest ? "others" : command_text(row->cmd).s, "status",
					  status, "status_name",
					  row->rest	  ? ""
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

/* Lists of the same rows as JSON lines are written, not built: jansson's parser does not survive a lack of memory. */
struct put_list {
	FILE *f;
	int rc;
	bool comma;
};

static void list_open(struct put_list *l, const char *key)
{
	fprintf(l->f, ",\"%s\":[", key);
	l->comma = false;
}

static void list_add(struct put_list *l, struct json_out *o)
{
	int rc;

	if (l->comma)
		putc(',', l->f);
	l->comma = true;
	rc = jout_print_last(o, l->f);
	l->rc = l->rc ? l->rc : rc;
}

static void list_close(struct put_list *l)
{
	putc(']', l->f);
}

static void put_conns(const struct html_data *d, struct put_list *l)
{
	list_open(l, "connections");
	for (const struct html_conn *c = d->conns; c; c = c->hh.next) {
		const struct conn unknown = { .id = c->key.id, .epoch = c->key.epoch };
		struct json_out o = {};

		line_connection(&o, find_conn(d, &c->key) ?: &unknown);
		list_add(l, &o);
	}
	list_close(l);
}

/* Names are numbers of texts: 0 where they are not known. */
static json_t *mounts_json(struct html_data *d)
{
	json_t *list = json_array();

	for (int64_t i = 0; i < d->nr_mounts; i++) {
		struct html_mount *mnt = &d->mounts[i];

		if (!mnt->named)
			html_data_name_mount(d, mnt);
		list = json_add(list,
				json_pack("{s:o, s:I, s:I, s:I, s:I}", "dev", json_dev(mnt->dev),
					  "fs", (json_int_t)mnt->fs, "source",
					  (json_int_t)mnt->source, "point", (json_int_t)mnt->point,
					  "options", (json_int_t)mnt->options));
	}
	return list;
}

static void put_probes(const struct html_data *d, struct put_list *l)
{
	list_open(l, "probes");
	for (uint32_t i = 0; i < model_recording(d->m)->nr_probes; i++) {
		const struct probe_info *p = model_probe(d->m, i);
		struct json_out o = {};

		if (!p || !p->name)
			continue;
		line_probe(&o, p);
		list_add(l, &o);
	}
	list_close(l);
}

static void put_tests(const struct html_data *d, struct put_list *l)
{
	list_open(l, "tests");
	for (uint32_t i = 1; i <= model_nr_tests(d->m); i++) {
		const struct test *t = model_test(d->m, i);
		struct json_out o = {};

		if (!t)
			continue;
		line_test(&o, t);
		list_add(l, &o);
	}
	list_close(l);
}

/* ---- findings ---- */

static void put_findings(struct html_data *d, struct put_list *l)
{
	const struct export_job *job = d->job;

	list_open(l, "findings");
	for (const struct finding *f = engine_findings(job->e); f; f = f->next) {
		const struct html_key *k = html_data_key(d, f->epoch, f->rreq, f->synth);
		struct json_out o = {};

		if (!findings_pass(job->filter, d->m, f))
			continue;
		line_finding(&o, "finding", f);
		jout_number_if(&o, "request", f->rreq && k, k ? k->row : 0);
		list_add(l, &o);
	}
	list_close(l);
}

static void put_checks(const struct html_data *d, struct put_list *l)
{
	size_t n;
	const struct check *all = engine_checks(d->job->e, &n);

	list_open(l, "checks");
	for (size_t i = 0; i < n; i++) {
		struct json_out o = {};

		if (!all[i].wanted)
			continue;
		line_check_result(&o, &all[i]);
		jout_name(&o, "rule", all[i].ops->rule);
		jout_name(&o, "why", all[i].ops->why);
		jout_name(&o, "next", all[i].ops->next);
		list_add(l, &o);
	}
	list_close(l);
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

		html_table_at(&d->commands, i)[CM_request] = k ? k->row + 1 : 0;
	}
}

static json_t *head_json(struct html_data *d)
{
	json_t *mounts = mounts_json(d); /* may add to the texts */

	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:[o, o, o, o, o, o]}", "version",
			 HTML_VERSION, "trace", recording_json(d), "texts",
			 html_texts_json(d->texts), "mounts", mounts, "totals", totals_json(d),
			 "damage", damage_json(d), "tables", html_table_json(&d->requests),
			 html_table_json(&d->subrequests), html_table_json(&d->commands),
			 html_table_json(&d->credits), html_table_json(&d->losses),
			 html_table_json(&d->moments));
}

/* jansson 2.14 goes on when a key could not be written: the stream knows. */
static int put_head(struct html_data *d, FILE *f)
{
	struct put_list l = { .f = f };
	json_t *head = head_json(d);
	int rc;

	if (!head)
		return -ENOMEM;
	putc('{', f);
	rc = json_dumpf(head, f, JSON_COMPACT | JSON_EMBED) ? -ENOMEM : 0;
	json_decref(head);
	put_conns(d, &l);
	put_findings(d, &l);
	put_checks(d, &l);
	put_probes(d, &l);
	put_tests(d, &l);
	putc('}', f);
	if (rc)
		return rc;
	return l.rc;
}

static int write_head(struct html_data *d, FILE *out)
{
	__free(mem_free) struct mem text = {};
	FILE *f = mem_open(&text);
	int rc = f ? put_head(d, f) : -ENOMEM;

	if (mem_close(f, &text) || rc)
		return -ENOMEM;
	for (int i = 0; i < 4; i++)
		putc(text.len >> (8 * i) & 0xff, out);
	return fwrite(text.text, 1, text.len, out) == text.len ? 0 : -EIO;
}

int html_data_write(struct html_data *d, FILE *out)
{
	const struct html_table *const tables[] = { &d->requests, &d->subrequests, &d->commands,
						    &d->credits,  &d->losses,	   &d->moments };
	int rc;

	join_commands(d);
	rc = write_head(d, out);
	for (size_t i = 0; !rc && i < ARRAY_SIZE(tables); i++)
		rc = html_table_write(tables[i], out);
	return rc;
}
