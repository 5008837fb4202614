// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "base/kinds.h"
#include "base/fmt.h"
#include "base/damage.h"
#include "view/gate.h"
#include "view/json.h"
#include "view/json_moment.h"
#include "view/json_process.h"
#include "view/json_revert.h"
#include "view/json_value.h"
#include "view/run.h"
#include "view/test_json.h"
#include "view/totals.h"

#define JSON_VERSION 1

struct json_view {
	struct model_listener listener;
	FILE *out;
	const struct model *m;
	const struct request_filter *filter;
	struct totals *totals;
	struct processes *processes;
	struct gate *gate; /* for the commands */
	bool whole;	   /* the lines that only an export has, too */
	bool begun;	   /* the trace line is out */
};

/* ---- lines ---- */

static json_t *enum_text(const struct json_view *v, enum name_enum e, uint8_t value)
{
	return json_name(names_text(model_names(v->m), e, value));
}

int json_print(FILE *out, json_t *line)
{
	int rc = line ? 0 : -ENOMEM;

	errno = 0;
	if (line && (json_dumpf(line, out, JSON_COMPACT) < 0 || putc('\n', out) == EOF))
		rc = ferror(out) && errno ? -errno : -ENOMEM;
	json_decref(line);
	return rc;
}

static int put_line(struct json_view *v, json_t *line);

/* The head records have all been read once something else comes. */
static int begin(struct json_view *v)
{
	const struct recording *rec = model_recording(v->m);
	uint64_t start = recording_begin(rec), real = 0;
	bool dated = recording_realtime(rec, start, &real);

	if (v->begun)
		return 0;
	v->begun = true;
	return put_line(
		v, json_pack("{s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:b}", "type",
			     "trace", "version", JSON_VERSION, "run", recording_run(rec).s,
			     "release", json_name(rec->release), "machine", json_name(rec->machine),
			     "host", json_name(rec->host), "cmdline", json_name(rec->cmdline),
			     "start_realtime_ns", json_number_if(dated, real), "filtered",
			     rec->filtered, "saved", json_name(rec->saved), "paths", rec->paths));
}

/* Takes over line; NULL is a line there was no memory for. */
static int put_line(struct json_view *v, json_t *line)
{
	int rc = begin(v);

	if (!rc)
		return json_print(v->out, line);
	json_decref(line);
	return rc;
}

/* ---- requests ---- */

static json_t *task_of(const struct request *r)
{
	if (!r->tid && !r->tgid && !*r->comm)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "tid", json_number(r->tid), "tgid",
			 json_number(r->tgid), "comm", json_name(r->comm));
}

static json_t *failures_of(const struct json_view *v, const struct request *r)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < r->nr_failures && i < MAX_FAILURES; i++) {
		const struct failure *f = &r->failure[i];
		json_t *item =
			json_pack("{s:o, s:i, s:o}", "what", enum_text(v, NAMES_FAILURE, f->what),
				  "error", (int)f->error, "sreq", json_sreq(f->sreq));

		if (json_array_append_new(list, item) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *origin_of(const struct json_view *v, const struct request *r)
{
	if (!r->origin_known)
		return json_null();
	return json_name(request_origin(model_names(v->m), r->key.synth, r->origin));
}

static json_t *request_line(const struct json_view *v, const struct request *r)
{
	const struct mount *mnt = model_mount(v->m, r->dev);
	uint64_t latency = 0;
	bool done = request_latency(r, &latency);

	return json_pack(
		"{s:s, s:o, s:b, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i,"
		" s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
		"type", "request", "rreq", json_rreq(r->key.rreq, r->key.synth), "synthetic",
		(int)r->key.synth, "epoch", json_number(r->key.epoch), "origin", origin_of(v, r),
		"write", r->write, "fs", json_name(r->fs), "mount",
		json_name(mnt ? mnt->point : NULL), "dev", json_dev(r->dev), "ino",
		json_number_if(r->ino, r->ino), "start", json_number(r->start), "len",
		json_number(r->len), "transferred", json_number(r->transferred), "error",
		(int)r->error, "partial", r->partial, "complete", r->freed, "task", task_of(r),
		"time_ns", json_number(r->first_ns), "latency_ns", json_number_if(done, latency),
		"subrequests", json_number(r->nr_subrequests), "retries", json_number(r->retries),
		"failures", failures_of(v, r), "lost", r->lost, "path", json_name(r->path));
}

static json_t *stages_of(const struct subrequest *s)
{
	static const char *const keys[STAGE_MAX] = {
		[STAGE_PREPARE] = "prepare",   [STAGE_CREDIT_WAIT] = "credit_wait",
		[STAGE_SEND] = "send",	       [STAGE_WIRE] = "wire",
		[STAGE_CALLBACK] = "callback", [STAGE_COLLECT] = "collection",
	};
	json_t *stages = json_object();

	for (int i = 0; i < STAGE_MAX; i++) {
		uint64_t ns = s->stage_ns[i];

		if (json_object_set_new(stages, keys[i], json_number_if(ns != STAGE_UNKNOWN, ns)) <
		    0) {
			json_decref(stages);
			return NULL;
		}
	}
	return stages;
}

static json_t *subrequest_line(const struct json_view *v, const struct request *r,
			       const struct subrequest *s)
{
	json_t *source = r->key.synth ? json_null() : enum_text(v, NAMES_SOURCE, s->source);

	return json_pack(
		"{s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
		"type", "subrequest", "rreq", json_rreq(r->key.rreq, r->key.synth), "synthetic",
		(int)r->key.synth, "sreq", json_sreq(s->index), "epoch", json_number(r->key.epoch),
		"stream", json_number(s->stream), "source", source, "write", s->write, "start",
		json_number(s->start), "len", json_number(s->len), "transferred",
		json_number(s->transferred), "error", (int)s->error, "attempts",
		json_number(s->attempts), "conn", json_id_if(s->conn, s->conn), "mid",
		json_id_if(s->mid, s->mid), "credits", json_signed_if(s->credits >= 0, s->credits),
		"granted", json_signed_if(s->granted >= 0, s->granted), "freed", s->freed, "stages",
		stages_of(s));
}

json_t *json_request(const struct model *m, const struct request *r)
{
	struct json_view v = { .m = m };

	return json_in_test(request_line(&v, r), r->test);
}

/* ---- commands ---- */

/* As the kernel prints it: "0xc0000034". */
static json_t *json_status_if(bool known, uint32_t status)
{
	return known ? json_sprintf("0x%08x", status) : json_null();
}

json_t *json_command(const struct command *c)
{
	uint64_t start = command_begin(c), latency = 0;
	bool timed = command_latency(c, &latency);
	struct short_text name = command_text(c->cmd);

	json_t *line = json_pack(
		"{s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}",
		"type", "command", "conn", json_id_if(c->conn, c->conn), "mid",
		json_id_if(true, c->mid), "epoch", json_number(c->epoch), "cmd", name.s, "sesid",
		json_id_if(c->sesid, c->sesid), "tid", json_number(c->tid), "rreq",
		json_rreq(c->rreq, c->synth), "sreq", json_sreq(c->sreq), "status",
		json_status_if(c->answered || c->done_ns, c->status), "rc",
		json_signed_if(c->done_ns || c->failed, c->rc), "charge",
		json_number_if(c->setup_ns, c->charge), "granted",
		json_number_if(c->response_ns || c->interim, c->granted), "interim",
		json_number(c->interim), "time_ns", json_number_if(start, start), "latency_ns",
		json_number_if(timed, latency), "answered", c->answered);

	return json_in_test(line, c->test);
}

static int put_command(void *ctx, const struct command *c)
{
	return put_line(ctx, json_command(c));
}

/* ---- listening ---- */

static int put_request(struct json_view *v, const struct request *r)
{
	int rc = put_line(v, json_request(v->m, r));

	for_each_subrequest (r, s) {
		if (rc < 0)
			break;
		if (filter_subrequest(v->filter, s))
			rc = put_line(v, subrequest_line(v, r, s));
	}
	return rc;
}

static int on_request(void *ctx, const struct request *r)
{
	struct json_view *v = ctx;
	bool passed = filter_request(v->filter, v->m, r);
	int rc = 0;

	if (passed)
		rc = totals_request(v->totals, r, v->filter);
	if (rc == 0 && passed)
		rc = processes_request(v->processes, r);
	if (rc == 0 && passed)
		rc = put_request(v, r);
	return rc < 0 ? rc : gate_request(v->gate, r, passed);
}

static int on_command(void *ctx, const struct command *c)
{
	struct json_view *v = ctx;
	int rc = totals_command(v->totals, c);

	if (!rc && !filter_restricts(v->filter))
		rc = processes_command(v->processes, v->m, c);
	return rc < 0 ? rc : gate_command(v->gate, c);
}

static int on_event(void *ctx, const struct ev_hdr *ev, const struct request *owner)
{
	struct json_view *v = ctx;
	struct ledger_point p;
	struct moment mo;

	if (ev->kind == EV_REVERT)
		return filter_event(v->filter, v->m, ev, owner)
			       ? put_line(v, json_revert(v->m, (const void *)ev))
			       : 0;
	if (ev->kind == EV_KLOG && moment_of(v->m, ev, &mo))
		return put_line(v, json_moment(&mo));
	if (!v->whole)
		return 0;
	if (ledger_point(v->m, ev, &p))
		return filter_event(v->filter, v->m, ev, owner) ? put_line(v, json_credit(&p)) : 0;
	return moment_of(v->m, ev, &mo) ? put_line(v, json_moment(&mo)) : 0;
}

static int on_test(void *ctx, const struct test *t)
{
	struct json_view *v = ctx;
	int rc = begin(v);

	return rc < 0 || !filter_test(v->filter, v->m, t->ordinal) ? rc : put_line(v, json_test(t));
}

static int on_lost(void *ctx, const struct ev_lost *l)
{
	struct json_view *v = ctx;
	const struct probe_info *p = model_probe(v->m, l->hdr.probe);

	return put_line(v, json_pack("{s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "type", "lost",
				     "probe", json_name(p ? p->name : NULL), "cpu",
				     json_number(l->hdr.cpu), "count", json_number(l->count),
				     "at_least", (int)l->at_least, "from_ns", json_number(l->from),
				     "to_ns", json_number(l->to), "why",
				     json_name(lost_why_text(l->why))));
}

static int on_parked(void *ctx, const struct parked *p)
{
	struct json_view *v = ctx;
	int rc = begin(v);

	if (rc < 0)
		return rc;
	return put_line(v, json_pack("{s:s, s:o, s:o, s:o, s:b, s:b, s:b}", "type", "parked",
				     "from_ns", json_number(p->from), "to_ns", json_number(p->to),
				     "ns", json_number(p->to - p->from), "cifs_only",
				     (int)p->cifs_only, "asked", (int)p->asked, "to_the_end",
				     (int)p->open));
}

/* ---- the closing lines ---- */

static int put_connection(struct json_view *v, const struct conn *c)
{
	return put_line(
		v,
		json_pack(
			"{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			"type", "connection", "conn", json_id_if(true, c->id), "epoch",
			json_number(c->epoch), "host", json_name(c->host), "sign",
			c->seen ? json_boolean(c->sign) : json_null(), "instance",
			json_number_if(c->seen, c->instance), "reconnects",
			json_number(c->reconnects), "commands", json_number(c->commands), "granted",
			json_number(c->granted), "taken", json_number(c->taken), "returned",
			json_number(c->returned), "credits", json_signed_if(true, c->credits),
			"echo", json_signed_if(c->seen, c->echo), "oplock",
			json_signed_if(c->seen, c->oplock), "in_flight",
			json_signed_if(true, c->in_flight), "max_in_flight",
			json_signed_if(true, c->max_in_flight), "credit_waits",
			json_number(c->credit_waits)));
}

static int put_probe(struct json_view *v, const struct probe_info *p)
{
	bool missed = p->counted && p->missed != UINT64_MAX;

	return put_line(v,
			json_pack("{s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "type", "probe",
				  "name", json_name(p->name), "mechanism", json_name(p->mechanism),
				  "state", probe_state_text(p), "reason", json_name(p->reason),
				  "hits", json_number_if(p->counted, p->hits), "seen",
				  json_number(p->seen), "lost", json_number_if(p->counted, p->lost),
				  "missed", json_number_if(missed, p->missed)));
}

/* Two raw values can have one text ("?"), so rows add up. */
static int add_to(json_t *object, const char *key, uint64_t v)
{
	const json_t *old = json_object_get(object, key);

	return json_object_set_new(object, key, json_number(v + json_integer_value(old)));
}

static json_t *sub_object(json_t *object, const char *key)
{
	json_t *sub = json_object_get(object, key);

	if (sub)
		return sub;
	json_object_set_new(object, key, json_object());
	return json_object_get(object, key);
}

static json_t *sum_requests(const struct json_view *v)
{
	json_t *sums = json_object();
	int rc = 0;

	for (const struct request_row *row = v->totals->requests; row; row = row->next) {
		const char *origin = row->origin_known ? request_origin(model_names(v->m),
									row->synthetic, row->origin)
						       : "?";
		char key[64];
		json_t *sum = sub_object(sums, fmt_escape(key, sizeof(key), origin));

		rc |= add_to(sum, "count", row->count);
		rc |= add_to(sum, "bytes", row->bytes);
		rc |= add_to(sum, "errors", row->errors);
	}
	if (!rc)
		return sums;
	json_decref(sums);
	return NULL;
}

static json_t *sum_subrequests(const struct subrequest_row *row)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "count", json_number(row->count), "bytes",
			 json_number(row->bytes), "errors", json_number(row->errors), "retries",
			 json_number(row->retries));
}

static json_t *sum_commands(const struct json_view *v)
{
	json_t *sums = json_object();
	int rc = 0;

	for (int i = 0; i <= TOTALS_COMMANDS; i++) {
		const struct command_row *row = &v->totals->commands[i];
		struct short_text name = command_text(i);

		if (!row->count)
			continue;
		rc |= json_object_set_new(sums, i < TOTALS_COMMANDS ? name.s : "other",
					  json_pack("{s:o, s:o}", "count", json_number(row->count),
						    "errors", json_number(row->errors)));
	}
	if (!rc)
		return sums;
	json_decref(sums);
	return NULL;
}

static int put_summary(struct json_view *v, const struct trace_damage *damage)
{
	const struct recording *rec = model_recording(v->m);
	const struct totals *t = v->totals;
	bool damaged = damage && is_damaged(damage), timed;
	uint64_t ns;

	timed = recording_duration(rec, &ns);
	return put_line(
		v,
		json_pack(
			"{s:s, s:o, s:{s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}",
			"type", "summary", "requests", sum_requests(v), "subrequests", "read",
			sum_subrequests(&t->subrequests[0]), "write",
			sum_subrequests(&t->subrequests[1]), "commands", sum_commands(v), "records",
			json_number(rec->records), "lost", json_number(rec->lost), "late",
			json_number(rec->late), "torn_bytes",
			json_number(damage ? damage->torn_bytes : 0), "bad_frames",
			json_number(damage ? damage->bad_frames : 0), "damaged", (int)damaged,
			"open_requests", json_number(t->open), "duration_ns",
			json_number_if(timed, ns), "parked_ns", json_number(parked_ns(rec)),
			"events", json_number(rec->events), "nothing", json_name(rec->nothing)));
}

static int put_processes(struct json_view *v)
{
	bool commands = !filter_restricts(v->filter);
	int rc = 0;

	processes_sort(v->processes);
	for (const struct process_row *row = processes_first(v->processes); row && !rc;
	     row = row->hh.next)
		rc = put_line(v, json_process(row, commands));
	return rc;
}

int json_view_finish(struct json_view *v, const struct trace_damage *damage)
{
	int rc = begin(v);

	for (const struct mount *mnt = v->whole ? model_mounts(v->m) : NULL; mnt && rc == 0;
	     mnt = mnt->hh.next)
		rc = put_line(v, json_mount(mnt));
	for (const struct conn *c = model_conns(v->m); c && rc == 0; c = c->hh.next)
		rc = put_connection(v, c);
	for (uint32_t i = 0; i < model_recording(v->m)->nr_probes && rc == 0; i++) {
		const struct probe_info *p = model_probe(v->m, i);

		if (p && p->name)
			rc = put_probe(v, p);
	}
	if (rc == 0)
		rc = put_processes(v);
	if (rc == 0)
		rc = put_summary(v, damage);
	if (rc == 0 && fflush(v->out) == EOF)
		rc = -errno;
	return rc;
}

const struct model_listener *json_view_listener(struct json_view *v)
{
	return &v->listener;
}

int json_view_new(struct json_view **ret_v, FILE *out, const struct model *m,
		  const struct request_filter *f, bool whole)
{
	__free(json_view_freep) struct json_view *v = calloc(1, sizeof(*v));
	int rc = v ? totals_new(&v->totals) : -ENOMEM;

	if (!rc)
		rc = processes_new(&v->processes);
	if (!rc)
		rc = gate_new(&v->gate, m, f, put_command, v);
	if (rc < 0)
		return rc;
	v->whole = whole;
	v->out = out;
	v->m = m;
	v->filter = f;
	v->listener = (struct model_listener){
		.event = on_event,
		.request = on_request,
		.command = on_command,
		.lost = on_lost,
		.test = on_test,
		.parked = on_parked,
		.ctx = v,
	};
	*ret_v = TAKE(v);
	return 0;
}

void json_view_free(struct json_view *v)
{
	if (!v)
		return;
	gate_free(v->gate);
	totals_free(v->totals);
	processes_free(v->processes);
	free(v);
}
