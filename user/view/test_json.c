// SPDX-License-Identifier: GPL-2.0-only
#include "view/test_json.h"

static json_t *phases_of(const struct test *t)
{
	bool body = t->script_ns && t->script_end_ns;
	uint64_t post = t->script_end_ns ? t->script_end_ns : t->mark_ns;

	return json_pack("{s:o, s:o, s:o}", "setup_ns",
			 json_number_if(t->script_ns, t->script_ns - t->mark_ns), "body_ns",
			 json_number_if(body, t->script_end_ns - t->script_ns), "post_ns",
			 json_number_if(body && t->end_ns, t->end_ns - post));
}

static json_t *slowest_of(const struct test *t)
{
	if (!t->slowest.ns)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "rreq", json_rreq(t->slowest.rreq, t->slowest.synth),
			 "epoch", json_number(t->slowest.epoch), "latency_ns",
			 json_number(t->slowest.ns));
}

static json_t *events_of(const struct test *t)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "own", json_number(t->events), "by_process",
			 json_number(t->events - t->by_time), "by_time", json_number(t->by_time),
			 "ambiguous", json_number(t->ambiguous), "in_window",
			 json_number(t->in_window));
}

static json_t *counts_of(const struct test *t)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "requests",
			 json_number(t->requests), "partial", json_number(t->partial), "read_bytes",
			 json_number(t->read_bytes), "written_bytes", json_number(t->written_bytes),
			 "errors", json_number(t->errors), "retries", json_number(t->retries),
			 "commands", json_number(t->commands), "command_errors",
			 json_number(t->command_errors), "credit_waits",
			 json_number(t->credit_waits), "credit_wait_ns",
			 json_number(t->credit_wait_ns), "lost", json_number(t->lost), "open",
			 json_number(t->open));
}

json_t *json_test(const struct test *t)
{
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o}",
		"type", "test", "test", json_number(t->ordinal), "name", json_name(t->name), "run",
		json_number(t->repeat), "section", json_name(t->section), "pid",
		json_number_if(t->pid, t->pid), "time_ns", json_number(t->mark_ns), "script_ns",
		json_number_if(t->script_ns, t->script_ns), "script_end_ns",
		json_number_if(t->script_end_ns, t->script_end_ns), "end_ns",
		json_number_if(t->end_ns, t->end_ns), "phases", phases_of(t), "status",
		json_signed_if(t->script_end_ns, t->status), "shared", t->shared, "result",
		t->judged ? json_string(outcome_name(t->outcome)) : json_null(), "events",
		events_of(t), "counts", counts_of(t), "slowest", slowest_of(t));
}

json_t *json_in_test(json_t *object, uint32_t test)
{
	if (object && test && json_object_set_new(object, "test", json_number(test)) < 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}
