// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "view/export/json/hang_json.h"
#include "view/kit/json_value.h"
#include "view/text/hang_text.h"

#define MAX_ADVICE 8

/* Prints and frees line; NULL is no memory. */
static int put(FILE *out, json_t *line)
{
	int rc = 0;

	if (!line)
		return -ENOMEM;
	errno = 0;
	if (json_dumpf(line, out, JSON_COMPACT) < 0 || putc('\n', out) == EOF)
		rc = ferror(out) && errno ? -errno : -ENOMEM;
	json_decref(line);
	return rc;
}

static json_t *count_json(int64_t n)
{
	return json_signed_if(n >= 0, n);
}

static json_t *head_json(const struct hang_report *r)
{
	const struct hang_snap *s = r->last;
	const struct hang_stats *st = &s->stats;

	return json_pack(
		"{s:s, s:o, s:s, s:s, s:o, s:b, s:o, s:o, s:o, s:b, s:b, s:b, s:o, s:{s:o, s:o, s:o, s:o}}",
		"type", "hang", "hangs", r->unclear ? json_null() : json_boolean(r->hangs),
		"verdict", hang_verdict_id(r->verdict), "text", hang_verdict_text(r->verdict),
		"gap_ns", json_number_if(r->gap_ns, r->gap_ns), "one_look", r->one_look,
		"open_requests", json_number(s->nr_requests), "stuck_messages",
		json_number(r->nr_stuck_mids), "stuck_tasks", json_number(r->nr_stuck_tasks),
		"netfs", s->has_netfs, "cifs", s->has_cifs, "truncated",
		r->first->truncated || s->truncated || r->short_list, "unread_tasks",
		json_number_if(s->seen_tasks, s->unread_tasks), "stats", "requests",
		count_json(st->requests), "subrequests", count_json(st->subrequests),
		"retried_reads", count_json(st->retried_reads), "retried_writes",
		count_json(st->retried_writes));
}

static json_t *conn_json(const struct hang_conn_view *v)
{
	const struct hang_conn *c = v->c;

	return json_pack(
		"{s:s, s:o, s:b, s:s, s:o, s:o, s:o, s:o, s:s, s:b, s:o, s:i, s:o, s:o, s:o, s:i, s:i, s:o, s:o}",
		"type", "connection", "conn", json_id_if(true, c->id), "channel", c->channel,
		"verdict", hang_verdict_id(v->verdict), "server", json_name(c->host), "address",
		json_name(c->address), "share", json_name(c->share), "sesid",
		json_id_if(c->session_id, c->session_id), "tcp_status",
		hang_tcp_status_name(c->tcp_status), "disconnected", c->disconnected, "instance",
		json_number(c->instance), "in_flight", c->in_flight, "credits",
		json_signed_if(c->has_credits, c->credits), "echo_credits",
		json_signed_if(c->has_echo_credits, c->echo_credits), "oplock_credits",
		json_signed_if(c->has_echo_credits, c->oplock_credits), "in_send", c->in_send,
		"waiting_for_credits", c->waiters, "stuck_messages", json_number(v->stuck_mids),
		"cifsd", json_signed_if(v->cifsd, v->cifsd ? v->cifsd->tid : 0));
}

static json_t *mid_json(const struct hang_mid *m)
{
	const char *cmd = hang_command_name(m);

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:i, s:b}", "type", "message", "conn",
			 json_id_if(true, m->conn), "mid", json_id_if(true, m->mid), "cmd",
			 json_name(cmd), "cmd_number", json_number(m->cmd), "state",
			 hang_mid_state_name(m->state), "pid", m->pid, "stuck", m->stuck);
}

static json_t *request_json(const struct hang_request_view *v)
{
	const struct hang_request *q = v->r;

	return json_pack("{s:s, s:o, s:o, s:s, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
			 "type", "request", "rreq", json_rreq(q->id, false), "origin",
			 json_name(q->origin), "verdict", hang_verdict_id(v->verdict), "ref",
			 json_number(q->ref), "flags", json_id_if(true, q->flags), "error",
			 (json_int_t)q->error, "outstanding", json_number(q->ops), "start",
			 json_number(q->start), "submitted", json_number(q->submitted), "len",
			 json_number(q->len), "task",
			 json_signed_if(v->task, v->task ? v->task->tid : 0), "by_position",
			 v->by_position, "candidates", json_number(v->candidates));
}

static json_t *stack_json(const struct hang_task *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->nr_frames; i++)
		if (json_array_append_new(list, json_name(t->frame[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *task_json(const struct hang_task *t)
{
	char state[2] = { t->state };

	return json_pack("{s:s, s:i, s:i, s:o, s:s, s:b, s:b, s:s, s:b, s:o, s:o, s:o, s:o}",
			 "type", "task", "pid", t->pid, "tid", t->tid, "comm", json_name(t->comm),
			 "state", state, "kernel", t->kernel, "cifsd", t->cifsd, "waits_for",
			 hang_wait_id(t->wait), "stuck", t->stuck, "not_run_ns",
			 json_number_if(t->has_last_run, t->idle_ns), "path", json_name(t->path),
			 "position", json_number_if(t->has_pos, t->pos), "stack", stack_json(t));
}

static int put_advice(FILE *out, const struct hang_report *r)
{
	struct hang_advice a[MAX_ADVICE];
	size_t n = hang_advise(r, a, MAX_ADVICE);
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++)
		rc = put(out, json_pack("{s:s, s:s, s:o}", "type", "next", "why", a[i].why,
					"command", json_name(a[i].command)));
	return rc;
}

int hang_json_print(FILE *out, const struct hang_report *r)
{
	const struct hang_snap *s = r->last;
	int rc = put(out, head_json(r));

	for (size_t i = 0; i < s->nr_conns && !rc; i++)
		rc = put(out, conn_json(&r->conn[i]));
	for (size_t i = 0; i < s->nr_mids && !rc; i++)
		rc = put(out, mid_json(&s->mid[i]));
	for (size_t i = 0; i < s->nr_requests && !rc; i++)
		rc = put(out, request_json(&r->request[i]));
	for (size_t i = 0; i < s->nr_tasks && !rc; i++)
		rc = put(out, task_json(&s->task[i]));
	if (rc)
		return rc;
	return put_advice(out, r);
}
