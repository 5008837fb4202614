// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "base/damage.h"
#include "event/kinds.h"
#include "view/export/json/json.h"
#include "view/export/json/json_line.h"
#include "view/measure/gate.h"

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
	struct json_out line;
};

/* ---- lines ---- */

/* The head records have all been read once something else comes. */
static int begin(struct json_view *v)
{
	struct json_out first = {};

	if (v->begun)
		return 0;
	v->begun = true;
	line_trace(&first, model_recording(v->m));
	return jout_print_last(&first, v->out);
}

/* Ends and prints the line in hand. */
static int put_out(struct json_view *v)
{
	int rc = begin(v);

	if (rc)
		return rc;
	return jout_print(&v->line, v->out);
}

static int put_command(void *ctx, const struct command *c)
{
	struct json_view *v = ctx;

	line_command(&v->line, c);
	return put_out(v);
}

/* ---- listening ---- */

static int put_request(struct json_view *v, const struct request *r)
{
	int rc;

	line_request(&v->line, v->m, r);
	rc = put_out(v);
	for_each_subrequest (r, s) {
		if (rc < 0)
			break;
		if (!filter_subrequest(v->filter, s))
			continue;
		line_subrequest(&v->line, v->m, r, s);
		rc = put_out(v);
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

static int put_credit(struct json_view *v, const struct credit_point *p)
{
	line_credit(&v->line, p);
	return put_out(v);
}

static int put_revert(struct json_view *v, const struct ev_revert *ev)
{
	line_revert(&v->line, v->m, ev);
	return put_out(v);
}

static int put_fault(struct json_view *v, const struct seen *seen)
{
	line_fault(&v->line, v->m, seen);
	return put_out(v);
}

static int put_moment(struct json_view *v, const struct ev_hdr *ev)
{
	struct moment mo;

	if (!moment_of(v->m, ev, &mo))
		return 0;
	line_moment(&v->line, &mo);
	return put_out(v);
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	struct json_view *v = ctx;
	struct credit_point p;

	if (ev->kind == EV_REVERT)
		return filter_event(v->filter, v->m, seen) ? put_revert(v, (const void *)ev) : 0;
	if (ev->kind == EV_FAULT)
		return filter_event(v->filter, v->m, seen) ? put_fault(v, seen) : 0;
	if (ev->kind == EV_KLOG || ev->kind == EV_EIO || ev->kind == EV_SLOW_RSP)
		return put_moment(v, ev);
	if (!v->whole)
		return 0;
	if (credit_point_of(v->m, ev, &p))
		return filter_event(v->filter, v->m, seen) ? put_credit(v, &p) : 0;
	return put_moment(v, ev);
}

static const uint8_t kinds[] = { EV_REVERT, EV_CREDIT, EV_CREDIT_FN, EV_RECONNECT, EV_MARK,
				 EV_KLOG,   EV_EIO,    EV_SLOW_RSP,  EV_FAULT,	   0 };

static int on_test(void *ctx, const struct test *t)
{
	struct json_view *v = ctx;

	if (!filter_test(v->filter, v->m, t->ordinal))
		return begin(v);
	line_test(&v->line, t);
	return put_out(v);
}

static int on_lost(void *ctx, const struct ev_lost *l)
{
	struct json_view *v = ctx;

	line_loss(&v->line, v->m, l);
	return put_out(v);
}

static int on_parked(void *ctx, const struct parked *p)
{
	struct json_view *v = ctx;

	line_parked(&v->line, p);
	return put_out(v);
}

/* ---- the closing lines ---- */

static int put_surroundings(struct json_view *v)
{
	int rc = 0;

	for (const struct mount *mnt = v->whole ? model_mounts(v->m) : NULL; mnt && !rc;
	     mnt = mnt->hh.next) {
		line_mount(&v->line, mnt);
		rc = put_out(v);
	}
	for (const struct conn *c = model_conns(v->m); c && !rc; c = c->hh.next) {
		line_connection(&v->line, c);
		rc = put_out(v);
	}
	for (uint32_t i = 0; i < model_recording(v->m)->nr_probes && !rc; i++) {
		const struct probe_info *p = model_probe(v->m, i);

		if (!p || !p->name)
			continue;
		line_probe(&v->line, p);
		rc = put_out(v);
	}
	return rc;
}

static int put_processes(struct json_view *v)
{
	bool commands = !filter_restricts(v->filter);
	int rc = 0;

	processes_sort(v->processes);
	for (const struct process_row *row = processes_first(v->processes); row && !rc;
	     row = row->hh.next) {
		line_process(&v->line, row, commands);
		rc = put_out(v);
	}
	return rc;
}

int json_view_finish(struct json_view *v, const struct trace_damage *damage)
{
	int rc = put_surroundings(v);

	if (!rc)
		rc = put_processes(v);
	if (rc)
		return rc;
	line_summary(&v->line, v->m, v->totals, damage);
	rc = put_out(v);
	if (rc)
		return rc;
	return fflush(v->out) == EOF ? -errno : 0;
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
		.kinds = kinds,
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
	jout_free(&v->line);
	free(v);
}
