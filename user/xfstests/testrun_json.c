// SPDX-License-Identifier: GPL-2.0-only
/* A test, and the run, as one JSON object each (docs/xfstests.md). */
#include "view/export/json/findings_json.h"
#include "view/export/json/json_line.h"
#include "view/measure/check_results.h"
#include "xfstests/testrun_inside.h"

#define RUN_VERSION 2

static void put_findings(struct json_out *o, const struct testrun *r, uint32_t test)
{
	struct json_out finding = {};

	jout_open(o, "findings", JOUT_LIST);
	for_each_finding_of(r, f, test)
	{
		line_finding(&finding, "finding", f);
		jout_add(o, NULL, &finding);
	}
	jout_close(o, JOUT_LIST);
	jout_free(&finding);
}

/* Events of its time, whoever owns them: what ftrace counts between two start marks. */
static void put_window(struct json_out *o, const struct testrun *r, const struct test *t)
{
	jout_open(o, "window", JOUT_OBJECT);
	for (uint32_t i = 1; i < t->nr_window_probes; i++) {
		const struct probe_info *p = model_probe(r->m, i);

		if (p && t->window_by_probe[i])
			jout_number_named(o, p->name, t->window_by_probe[i]);
	}
	jout_close(o, JOUT_OBJECT);
}

/* What docs/json.md has of a test, and the two verdicts. */
static void line_testrun_test(struct json_out *o, const struct testrun *r, const struct test *t)
{
	struct test_verdict v = test_verdict(r->m, r->e, t);

	line_test(o, t);
	jout_word(o, "verdict", io_verdict_name(v.io));
	jout_name(o, "why", v.why);
	jout_number(o, "violations", v.violations);
	jout_number(o, "inconclusive", v.inconclusive);
	jout_name(o, "result_dir", t->result_dir);
	jout_word(o, "files", test_slug(t).s);
	put_findings(o, r, t->ordinal);
	put_window(o, r, t);
}

static void put_request(struct json_out *o, const struct testrun *r, const struct request_line *row)
{
	static const char *const claims[] = { "none", "process", "time", "ambiguous" };

	jout_open(o, NULL, JOUT_OBJECT);
	jout_rreq(o, "rreq", row->rreq, row->synth);
	jout_number(o, "epoch", row->epoch);
	jout_name(o, "origin",
		  row->origin_known ? request_origin(model_names(r->m), row->synth, row->origin)
				    : NULL);
	jout_bool(o, "write", row->write);
	jout_big_if(o, "ino", row->ino, row->ino);
	jout_number(o, "start", row->start);
	jout_number(o, "len", row->len);
	jout_number(o, "transferred", row->transferred);
	jout_signed(o, "error", row->error);
	jout_number(o, "subrequests", row->nr_subrequests);
	jout_number(o, "retries", row->retries);
	jout_number(o, "time_ns", row->first_ns);
	jout_number_if(o, "latency_ns", row->latency_ns, row->latency_ns);
	jout_bool(o, "lost", row->lost);
	jout_word(o, "claim", claims[row->claim]);
	jout_name(o, "comm", row->comm);
	jout_name(o, "path", row->path);
	jout_close(o, JOUT_OBJECT);
}

int testrun_json(FILE *out, const struct testrun *r, const struct test *t)
{
	const struct page *p = page_of(r, t->ordinal);
	struct json_out o = {};

	line_testrun_test(&o, r, t);
	jout_open(&o, "requests", JOUT_LIST);
	for (size_t i = 0; p && i < p->nr_rows; i++)
		put_request(&o, r, &p->rows[i]);
	jout_close(&o, JOUT_LIST);
	jout_number(&o, "requests_left_out", p ? p->rows_left_out : 0);
	return jout_print_last(&o, out);
}

static void put_tests(struct json_out *o, const struct testrun *r)
{
	struct json_out test = {};

	jout_open(o, "tests", JOUT_LIST);
	for (uint32_t i = 1; i <= model_nr_tests(r->m); i++) {
		line_testrun_test(&test, r, model_test(r->m, i));
		jout_add(o, NULL, &test);
	}
	jout_close(o, JOUT_LIST);
	jout_free(&test);
}

int testrun_run_json(FILE *out, const struct testrun *r, const struct testrun_info *info)
{
	struct json_out o = {};

	jout_begin(&o);
	jout_word(&o, "format", "xfstests");
	jout_number(&o, "version", RUN_VERSION);
	jout_name(&o, "command", info->command);
	jout_name(&o, "kernel", info->release);
	jout_name(&o, "host", info->host);
	jout_bool(&o, "finished", info->finished);
	jout_signed_if(&o, "exit_status", info->finished, info->status);
	jout_bool(&o, "interrupted", info->interrupted);
	jout_lost(&o, "lost", info->lost, info->lost_at_least);
	jout_number(&o, "ambiguous", model_events_ambiguous(r->m));
	jout_number(&o, "outside", model_events_outside(r->m));
	jout_open(&o, "traces", JOUT_LIST);
	for (const char *const *name = info->traces; *name; name++)
		jout_name(&o, NULL, *name);
	jout_close(&o, JOUT_LIST);
	put_tests(&o, r);
	put_findings(&o, r, 0);
	return jout_print_last(&o, out);
}
