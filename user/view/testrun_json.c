// SPDX-License-Identifier: GPL-2.0-only
/* A test, and the run, as one JSON object each (docs/xfstests.md). */
#include <errno.h>

#include "view/findings.h"
#include "view/test_json.h"
#include "view/testrun_inside.h"

#define RUN_VERSION 1

static int dump(FILE *out, json_t *object)
{
	int rc = object ? 0 : -ENOMEM;

	if (!rc && json_dumpf(object, out, JSON_INDENT(1)) < 0)
		rc = ferror(out) ? -EIO : -ENOMEM;
	if (!rc && putc('\n', out) == EOF)
		rc = -EIO;
	json_decref(object);
	return rc;
}

/* Appends; a NULL list or item makes the result NULL. */
static json_t *append(json_t *list, json_t *item)
{
	if (list && json_array_append_new(list, item) == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *findings_of(const struct testrun *r, uint32_t test)
{
	json_t *list = json_array();

	for_each_finding_of(r, f, test) list = append(list, finding_json("finding", f));
	return list;
}

/* Events of its time, whoever owns them: what ftrace counts between two start marks. */
static json_t *window_of(const struct testrun *r, const struct test *t)
{
	json_t *object = json_object();

	for (uint32_t i = 1; object && i < t->nr_window_probes; i++) {
		const struct probe_info *p = model_probe(r->m, i);

		if (p && t->window_by_probe[i] &&
		    json_object_set_new(object, p->name, json_number(t->window_by_probe[i])) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/* What docs/json.md has of a test, and the two verdicts. */
json_t *testrun_test_json(const struct testrun *r, const struct test *t)
{
	struct test_verdict v = test_verdict(r->m, r->e, t);
	struct test_slug slug = test_slug(t);
	json_t *object = json_test(t), *more;

	more = json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "reason",
			 json_name(t->reason), "verdict", io_verdict_name(v.io), "why",
			 json_name(v.why), "violations", json_number(v.violations), "inconclusive",
			 json_number(v.inconclusive), "result_dir", json_name(t->result_dir),
			 "files", slug.s, "findings", findings_of(r, t->ordinal), "window",
			 window_of(r, t));
	if (object && more && json_object_update(object, more) == 0) {
		json_decref(more);
		return object;
	}
	json_decref(object);
	json_decref(more);
	return NULL;
}

static json_t *row_of(const struct testrun *r, const struct request_line *row)
{
	static const char *const claims[] = { "none", "process", "time", "ambiguous" };

	return json_pack(
		"{s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:b,"
		" s:s, s:o, s:o}",
		"rreq", json_rreq(row->rreq, row->synth), "epoch", json_number(row->epoch),
		"origin",
		row->origin_known
			? json_name(request_origin(model_names(r->m), row->synth, row->origin))
			: json_null(),
		"write", row->write, "ino", json_number(row->ino), "start", json_number(row->start),
		"len", json_number(row->len), "transferred", json_number(row->transferred), "error",
		(int)row->error, "subrequests", json_number(row->nr_subrequests), "retries",
		json_number(row->retries), "time_ns", json_number(row->first_ns), "latency_ns",
		json_number_if(row->latency_ns, row->latency_ns), "lost", row->lost, "claim",
		claims[row->claim], "comm", json_name(row->comm), "path", json_name(row->path));
}

int testrun_json(FILE *out, const struct testrun *r, const struct test *t)
{
	const struct page *p = page_of(r, t->ordinal);
	json_t *object = testrun_test_json(r, t), *rows = json_array();

	for (size_t i = 0; p && i < p->nr_rows; i++)
		rows = append(rows, row_of(r, &p->rows[i]));
	if (object && (json_object_set_new(object, "requests", rows) < 0 ||
		       json_object_set_new(object, "requests_left_out",
					   json_number(p ? p->rows_left_out : 0)) < 0)) {
		json_decref(object);
		object = NULL;
	} else if (!object) {
		json_decref(rows);
	}
	return dump(out, object);
}

int testrun_run_json(FILE *out, const struct testrun *r, const struct testrun_info *info)
{
	json_t *tests = json_array(), *traces = json_array();

	for (uint32_t i = 1; i <= model_nr_tests(r->m); i++)
		tests = append(tests, testrun_test_json(r, model_test(r->m, i)));
	for (const char *const *name = info->traces; *name; name++)
		traces = append(traces, json_name(*name));
	return dump(
		out,
		json_pack("{s:s, s:i, s:o, s:o, s:o, s:b, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}",
			  "format", "xfstests", "version", RUN_VERSION, "command",
			  json_name(info->command), "release", json_name(info->release), "host",
			  json_name(info->host), "finished", info->finished, "exit_status",
			  json_signed_if(info->finished, info->status), "interrupted",
			  info->interrupted, "lost", json_number(info->lost), "ambiguous",
			  json_number(model_events_ambiguous(r->m)), "outside",
			  json_number(model_events_outside(r->m)), "traces", traces, "tests", tests,
			  "findings", findings_of(r, 0)));
}
