// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "base/fnv.h"
#include "event/kinds.h"
#include "view/export/export.h"
#include "view/export/perfetto/perfetto_export.h"
#include "view/measure/gate.h"
#include "view/measure/credit_point.h"
#include "view/measure/moment.h"
#include "view/measure/check_results.h"
#include "view/measure/totals.h"

/* ---- tracks ---- */

/* The packets that come before all others, once the head of the stream is known. */
static int begin(struct perfetto_export *x)
{
	const struct recording *rec = model_recording(x->job->m);
	uint64_t mono = rec->anchor_mono ? rec->anchor_mono : recording_begin(rec);
	char name[256];
	int rc;

	if (x->root)
		return 0;
	snprintf(name, sizeof(name), "netfsnoop: %s, %s", rec->host ? rec->host : "?",
		 rec->release ? rec->release : "?");
	rc = perfetto_clocks(&x->out, mono, rec->anchor_mono ? rec->anchor_boot : mono,
			     rec->anchor_real);
	if (rc)
		return rc;
	return perfetto_track(&x->out, 0, name, &x->root);
}

/* Makes the track if it is not there. */
static int need_track(struct perfetto_export *x, uint64_t parent, const char *name, uint64_t *track)
{
	int rc = begin(x);

	return rc || *track ? rc : perfetto_track(&x->out, parent ? parent : x->root, name, track);
}

/* A lane as a track of its own below parent. */
static int need_lane(struct perfetto_export *x, struct lanes *lanes, uint64_t parent,
		     const char *name, uint64_t from, uint64_t to, struct lane **ret_lane)
{
	*ret_lane = lanes_take(lanes, from, to);
	return *ret_lane ? need_track(x, parent, name, &(*ret_lane)->track) : -ENOMEM;
}

static struct group *group_get(struct perfetto_export *x, enum group_of what, uint64_t id,
			       uint64_t epoch)
{
	struct group_key key = { .what = what, .id = id, .epoch = epoch };
	struct group *g;

	HASH_FIND(hh, x->groups, &key, sizeof(key), g);
	if (g)
		return g;
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->key = key;
	if (!hash_add(hh, x->groups, key, sizeof(key), g))
		return g;
	free(g);
	return NULL;
}

static int need_mount(struct perfetto_export *x, uint32_t dev, struct group **ret_g)
{
	const struct mount *mnt = model_mount(x->job->m, dev);
	char name[256];

	*ret_g = group_get(x, GROUP_MOUNT, dev, 0);
	if (!*ret_g)
		return -ENOMEM;
	snprintf(name, sizeof(name), "%s (%s, %s)", mnt && mnt->point ? mnt->point : "mount",
		 mnt && mnt->fstype ? mnt->fstype : "?", fmt_dev(dev).s);
	return need_track(x, 0, name, &(*ret_g)->track);
}

static int need_connection(struct perfetto_export *x, uint64_t id, uint64_t epoch,
			   struct group **ret_g)
{
	const struct conn *c = id ? model_conn(x->job->m, id) : NULL;
	char name[128] = "no known connection";

	*ret_g = group_get(x, GROUP_CONNECTION, id, epoch);
	if (!*ret_g)
		return -ENOMEM;
	if (id)
		snprintf(name, sizeof(name), "connection 0x%" PRIx64 " %s", id, c ? c->host : "");
	return need_track(x, 0, name, &(*ret_g)->track);
}

/* ---- requests ---- */

/* Of what names a subrequest: its flow runs from the request through it to its commands. */
static uint64_t flow_of(uint32_t epoch, uint32_t rreq, bool synth, uint32_t sreq)
{
	const uint32_t words[] = { epoch, rreq, synth, sreq };

	return fnv(FNV_START, words, sizeof(words));
}

static int begin_request(struct perfetto_export *x, const struct request *r, uint64_t track,
			 const uint64_t *flows, size_t nr_flows)
{
	const char *origin =
		r->origin_known ? request_origin(model_names(x->job->m), r->key.synth, r->origin)
				: "?";
	const struct perfetto_note notes[] = {
		NOTE_TEXT("fs", r->fs),
		NOTE_NUMBER("inode", r->ino),
		NOTE_NUMBER_IF(r->placed, "start", r->start),
		NOTE_NUMBER_IF(r->placed, "len", r->len),
		NOTE_NUMBER_IF(r->own_error, "error", r->error),
		NOTE_NUMBER_IF(request_outcome_known(r), "outcome", request_outcome(r)),
		NOTE_NUMBER_IF(r->moved, "transferred", r->transferred),
		NOTE_TEXT("comm", r->comm),
		NOTE_NUMBER("tgid", r->tgid),
		NOTE_NUMBER("epoch", r->key.epoch),
		NOTE_NUMBER("retries", r->retries),
		NOTE_NUMBER("partial", r->partial),
		NOTE_NUMBER("lost", r->lost),
		NOTE_TEXT("path", r->path ? r->path : ""),
	};
	char name[64];

	snprintf(name, sizeof(name), "%s %s", fmt_request(r->key.synth, r->key.rreq, 0).s, origin);
	return perfetto_begin(&x->out, &(struct perfetto_event){ .track = track,
								 .time_ns = r->first_ns,
								 .name = name,
								 .category = "request",
								 .notes = notes,
								 .nr_notes = ARRAY_SIZE(notes),
								 .flows = flows,
								 .nr_flows = nr_flows });
}

static int put_slice(struct perfetto_export *x, const struct request *r, uint64_t track)
{
	__autofree uint64_t *flows = calloc(r->nr_subrequests + 1, sizeof(*flows));
	size_t n = 0;
	int rc;

	if (!flows)
		return -ENOMEM;
	for_each_subrequest (r, s)
		if (n < r->nr_subrequests && filter_subrequest(x->job->filter, s))
			flows[n++] = flow_of(r->key.epoch, r->key.rreq, r->key.synth, s->index);
	rc = begin_request(x, r, track, flows, n);
	if (rc)
		return rc;
	return perfetto_end(&x->out, track, r->last_ns);
}

static int put_request(struct perfetto_export *x, const struct request *r)
{
	struct group *g = NULL;
	struct lane *lane = NULL;
	int rc = need_mount(x, r->dev, &g);

	if (!rc)
		rc = need_lane(x, &g->lanes, g->track, "requests", r->first_ns, r->last_ns, &lane);
	if (!rc)
		rc = put_slice(x, r, lane->track);
	for_each_subrequest (r, s) {
		struct lane *below = NULL;
		uint64_t from, to;

		if (rc)
			break;
		if (!filter_subrequest(x->job->filter, s))
			continue;
		perfetto_span(s, &from, &to);
		rc = need_lane(x, &lane->below, lane->track, "subrequests", from, to, &below);
		if (!rc)
			rc = perfetto_subrequest(
				x, s, below->track,
				flow_of(r->key.epoch, r->key.rreq, r->key.synth, s->index));
	}
	return rc;
}

static int on_request(void *ctx, const struct request *r)
{
	struct perfetto_export *x = ctx;
	bool passed = filter_request(x->job->filter, x->job->m, r);
	int rc = passed ? put_request(x, r) : 0;

	if (rc)
		return rc;
	return gate_request(x->gate, r, passed);
}

/* ---- commands ---- */

static uint64_t command_end(const struct command *c, uint64_t from)
{
	uint64_t to = c->response_ns ? c->response_ns : c->done_ns;

	return to > from ? to : from;
}

static int begin_command(struct perfetto_export *x, const struct command *c, uint64_t track)
{
	uint64_t flow = flow_of(c->epoch, c->rreq, c->synth, c->sreq);
	char name[64], status[16] = "";
	const struct perfetto_note notes[] = {
		NOTE_TEXT("request", c->rreq ? fmt_request(c->synth, c->rreq, c->sreq).s : ""),
		NOTE_NUMBER("mid", c->mid),
		NOTE_NUMBER("epoch", c->epoch),
		NOTE_TEXT("status", status),
		NOTE_NUMBER_IF(c->done_ns || c->failed, "rc", c->rc),
		NOTE_NUMBER_IF(c->setup_ns, "charge", c->charge),
		NOTE_NUMBER_IF(c->header, "granted", c->granted),
		NOTE_NUMBER_IF(c->counted || c->interim, "interim", c->interim),
		NOTE_NUMBER_IF(c->heard || c->answered, "answered", c->answered),
		NOTE_NUMBER("failed", command_failed(c)),
	};

	if (c->answered || c->done_ns)
		snprintf(status, sizeof(status), "0x%08" PRIx32, c->status);
	snprintf(name, sizeof(name), "%s %" PRIu64, command_text(c->cmd).s, c->mid);
	return perfetto_begin(&x->out,
			      &(struct perfetto_event){ .track = track,
							.time_ns = command_begin(c),
							.name = name,
							.category = "command",
							.notes = notes,
							.nr_notes = ARRAY_SIZE(notes),
							.flows = &flow,
							.nr_flows = c->rreq && c->sreq ? 1 : 0 });
}

static int put_command(void *ctx, const struct command *c)
{
	struct perfetto_export *x = ctx;
	uint64_t from = command_begin(c), to = command_end(c, from);
	struct group *g = NULL;
	struct lane *lane = NULL;
	int rc = need_connection(x, c->conn, c->epoch, &g);

	if (rc)
		return rc;
	rc = need_lane(x, &g->lanes, g->track, "commands", from, to, &lane);
	if (rc)
		return rc;
	rc = begin_command(x, c, lane->track);
	if (rc)
		return rc;
	return perfetto_end(&x->out, lane->track, to);
}

static int on_command(void *ctx, const struct command *c)
{
	return gate_command(((struct perfetto_export *)ctx)->gate, c);
}

/* ---- what is about no request ---- */

/* Only what changes: most points repeat the values of the one before. */
static int put_value(struct perfetto_export *x, uint64_t parent, struct counter *c,
		     const char *name, uint64_t time_ns, int64_t value)
{
	int rc = c->track ? 0 : perfetto_counter_track(&x->out, parent, name, &c->track);

	if (rc || (c->known && c->value == value))
		return rc;
	c->known = true;
	c->value = value;
	return perfetto_counter(&x->out, c->track, time_ns, value);
}

static int put_credit(struct perfetto_export *x, const struct credit_point *p)
{
	struct group *g = NULL;
	int rc = need_connection(x, p->conn->id, p->conn->epoch, &g);

	if (rc)
		return rc;
	rc = put_value(x, g->track, &g->credits, "credits", p->time_ns, p->credits);
	if (rc)
		return rc;
	return put_value(x, g->track, &g->in_flight, "in flight", p->time_ns, p->in_flight);
}

static int put_parked(struct perfetto_export *x, uint64_t to)
{
	struct perfetto_event e = { .time_ns = x->parked_ns,
				    .name = "parked",
				    .category = "parked" };
	int rc = need_track(x, 0, "parked", &x->parked_track);

	e.track = x->parked_track;
	if (!rc)
		rc = perfetto_begin(&x->out, &e);
	x->parked_ns = 0;
	if (rc)
		return rc;
	return perfetto_end(&x->out, e.track, to);
}

static int put_moment(struct perfetto_export *x, const struct moment *mo)
{
	const struct perfetto_note notes[] = { NOTE_NUMBER("connection", mo->conn),
					       NOTE_NUMBER("value", mo->value) };
	struct perfetto_event e = { .time_ns = mo->time_ns,
				    .name = mo->text ? mo->text : mo->what,
				    .category = "moment",
				    .notes = notes,
				    .nr_notes = ARRAY_SIZE(notes) };
	int rc;

	if (!strcmp(mo->what, "parked") && !x->parked_ns)
		x->parked_ns = mo->time_ns;
	else if (!strcmp(mo->what, "attached") && x->parked_ns)
		return put_parked(x, mo->time_ns);
	rc = need_track(x, 0, "reconnects and marks", &x->moments);
	e.track = x->moments;
	if (rc)
		return rc;
	return perfetto_instant(&x->out, &e);
}

/* "! short-read R=0000000a[1]: returned 4096 of 65536 bytes" */
static int put_fault(struct perfetto_export *x, const struct seen *seen)
{
	const struct ev_fault *ev = (const void *)seen->ev;
	struct fault_name name = fault_name(seen);
	const struct perfetto_note notes[] = {
		NOTE_NUMBER("connection", seen->command ? seen->command->conn : 0),
		NOTE_NUMBER("mid", ev->mid), NOTE_NUMBER("plan line", ev->line)
	};
	struct perfetto_event e = { .time_ns = ev->hdr.ts,
				    .name = name.s,
				    .category = "fault",
				    .notes = notes,
				    .nr_notes = ARRAY_SIZE(notes) };
	int rc = need_track(x, 0, "reconnects and marks", &x->moments);

	e.track = x->moments;
	if (rc)
		return rc;
	return perfetto_instant(&x->out, &e);
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	struct perfetto_export *x = ctx;
	struct credit_point p;
	struct moment mo;

	if (credit_point_of(x->job->m, ev, &p))
		return filter_event(x->job->filter, x->job->m, seen) ? put_credit(x, &p) : 0;
	if (ev->kind == EV_FAULT)
		return filter_event(x->job->filter, x->job->m, seen) ? put_fault(x, seen) : 0;
	return moment_of(x->job->m, ev, &mo) ? put_moment(x, &mo) : 0;
}

static const uint8_t kinds[] = { EV_CREDIT, EV_CREDIT_FN, EV_RECONNECT, EV_MARK, EV_KLOG,
				 EV_EIO,    EV_SLOW_RSP,  EV_FAULT,	0 };

static int on_lost(void *ctx, const struct ev_lost *l)
{
	struct perfetto_export *x = ctx;
	const struct probe_info *p = model_probe(x->job->m, l->hdr.probe);
	uint64_t to = l->to > l->from ? l->to : l->from;
	const char *why = lost_why_text(l->why);
	const struct perfetto_note notes[] = { NOTE_NUMBER(l->at_least ? "count at least" : "count",
							   l->count),
					       NOTE_NUMBER("cpu", l->hdr.cpu) };
	struct perfetto_event e = { .time_ns = l->from,
				    .name = why ? why
					    : p ? p->name
						: "names",
				    .category = "loss",
				    .notes = notes,
				    .nr_notes = ARRAY_SIZE(notes) };
	struct lane *lane = NULL;
	int rc = need_track(x, 0, "LOST", &x->lost);

	if (!rc)
		rc = need_lane(x, &x->losses, x->lost, "LOST", l->from, to, &lane);
	if (rc)
		return rc;
	e.track = lane->track;
	rc = perfetto_begin(&x->out, &e);
	if (rc)
		return rc;
	return perfetto_end(&x->out, e.track, to);
}

/* ---- tests ---- */

static int on_test(void *ctx, const struct test *test)
{
	struct perfetto_export *x = ctx;
	uint64_t to = test->end_ns > test->mark_ns ? test->end_ns : test->mark_ns;
	const struct perfetto_note notes[] = {
		NOTE_TEXT("result", test->judged ? outcome_name(test->outcome) : ""),
		NOTE_NUMBER("requests", test->requests),
		NOTE_NUMBER("errors", test->errors),
	};
	struct perfetto_event e = { .time_ns = test->mark_ns,
				    .name = test->name,
				    .category = "test",
				    .notes = notes,
				    .nr_notes = ARRAY_SIZE(notes) };
	struct lane *lane = NULL;
	int rc = 0;

	if (!filter_test(x->job->filter, x->job->m, test->ordinal))
		return 0;
	rc = need_track(x, 0, "tests", &x->tests);
	if (!rc)
		rc = need_lane(x, &x->test_lanes, x->tests, "tests", test->mark_ns, to, &lane);
	if (rc)
		return rc;
	e.track = lane->track;
	rc = perfetto_begin(&x->out, &e);
	if (rc)
		return rc;
	return perfetto_end(&x->out, e.track, to);
}

/* ---- findings ---- */

static int put_finding(struct perfetto_export *x, const struct finding *f)
{
	uint64_t flow = flow_of(f->epoch, f->rreq, f->synth, f->sreq);
	const struct perfetto_note notes[] = {
		NOTE_TEXT("request", f->rreq ? fmt_request(f->synth, f->rreq, f->sreq).s : ""),
		NOTE_TEXT("verdict", verdict_name(f->verdict)),
		NOTE_TEXT("severity", severity_name(f->check->severity)),
		NOTE_TEXT("explanation", f->explanation),
		NOTE_TEXT("expected", f->expected),
		NOTE_TEXT("observed", f->observed),
		NOTE_TEXT("doubt", f->doubt ? f->doubt : ""),
		NOTE_TEXT("where", f->place),
		NOTE_TEXT("comm", f->comm),
		NOTE_NUMBER("count", f->count),
	};
	struct perfetto_event e = { .time_ns = f->time_ns,
				    .name = f->check->id,
				    .category = "finding",
				    .notes = notes,
				    .nr_notes = ARRAY_SIZE(notes),
				    .flows = &flow,
				    .nr_flows = f->rreq && f->sreq ? 1 : 0 };
	int rc = need_track(x, 0, "findings", &x->findings);

	e.track = x->findings;
	if (rc)
		return rc;
	return perfetto_instant(&x->out, &e);
}

static int perfetto_export_finish(void *ctx, struct err *err)
{
	struct perfetto_export *x = ctx;
	const struct export_job *job = x->job;
	int rc = begin(x);

	(void)err;
	if (!rc && x->parked_ns)
		rc = put_parked(x, recording_end(model_recording(job->m)));
	for (const struct finding *f = engine_findings(job->e); f && !rc; f = f->next)
		if (findings_pass(job->filter, job->m, f))
			rc = put_finding(x, f);
	return rc;
}

/* ---- creation ---- */

static void perfetto_export_free(void *ctx)
{
	struct perfetto_export *x = ctx;
	struct group *g, *g2;

	if (!x)
		return;
	HASH_ITER (hh, x->groups, g, g2) {
		HASH_DEL(x->groups, g);
		lanes_release(&g->lanes);
		free(g);
	}
	lanes_release(&x->losses);
	lanes_release(&x->test_lanes);
	perfetto_out_release(&x->out);
	gate_free(x->gate);
	free(x);
}

static int perfetto_export_create(void **ret_x, const struct export_job *job, struct err *err)
{
	struct perfetto_export *x = calloc(1, sizeof(*x));
	int rc = x ? gate_new(&x->gate, job->m, job->filter, put_command, x) : -ENOMEM;

	(void)err;
	if (rc) {
		perfetto_export_free(x);
		return rc;
	}
	x->job = job;
	x->out.out = job->out;
	x->listener = (struct model_listener){
		.event = on_event,
		.kinds = kinds,
		.request = on_request,
		.command = on_command,
		.lost = on_lost,
		.test = on_test,
		.ctx = x,
	};
	*ret_x = x;
	return 0;
}

static const struct model_listener *perfetto_export_listener(void *x)
{
	return &((struct perfetto_export *)x)->listener;
}

const struct exporter_ops export_perfetto = {
	.name = "perfetto",
	.summary = "a trace for ui.perfetto.dev: requests, commands, credits as tracks",
	.endings = "pftrace perfetto-trace",
	.binary = true,
	.create = perfetto_export_create,
	.listener = perfetto_export_listener,
	.finish = perfetto_export_finish,
	.free = perfetto_export_free,
};
