// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "run/oops_trace.h"
#include "run/replay.h"
#include "run/screen.h"
#include "view/text/oops_join.h"
#include "view/text/timeline.h"

/* The clock of printk is not quite the recording's; a thread that died does nothing afterwards. */
#define CLOCKS_DIFFER_NS 1000000ULL

/* ---- what the thread did last ---- */

struct search {
	struct oops_join *j;
	const struct oops_said *said;
	const struct model *m;
};

static bool by_that_thread(const struct search *s, const struct ev_hdr *ev)
{
	const struct oops_join *j = s->j;

	return ev->tid == j->tid && (!j->report_ns || ev->ts <= j->report_ns + CLOCKS_DIFFER_NS);
}

static void note_command(const struct model *m, struct oops_join *j, const struct request *r)
{
	for_each_subrequest (r, s)
		if (s->index == j->sreq && s->conn) {
			j->conn = s->conn;
			j->mid = s->mid;
		}
	j->sealed = model_sealed(m, j->conn);
}

static void note_request(const struct search *s, const struct ev_hdr *ev, const struct request *r,
			 uint32_t sreq)
{
	struct oops_join *j = s->j;

	if (!sreq && r->key.rreq == j->rreq && r->key.epoch == j->epoch)
		sreq = j->sreq; /* of the request as a whole: the subrequest is still the same */
	j->found = j->in_trace = true;
	j->epoch = r->key.epoch;
	j->rreq = r->key.rreq;
	j->synth = r->key.synth;
	j->sreq = sreq;
	j->last_ns = ev->ts;
	note_command(s->m, j, r);
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	const struct request *owner = seen->r;
	const struct search *s = ctx;
	const struct task *t;

	s->j->end_ns = ev->ts > s->j->end_ns ? ev->ts : s->j->end_ns;
	if (s->said && s->said->rreq) {
		if (owner && !owner->key.synth && owner->key.rreq == s->said->rreq)
			note_request(s, ev, owner, s->said->sreq);
		return 0;
	}
	if (s->j->by_ino) {
		if (owner && owner->ino == s->j->ino)
			note_request(s, ev, owner, seen->sreq);
		return 0;
	}
	if (!by_that_thread(s, ev))
		return 0;
	t = seen->task;
	s->j->in_flight = t && t->rreq;
	if (owner)
		note_request(s, ev, owner, seen->sreq);
	return 0;
}

static int on_request(void *ctx, const struct request *r)
{
	const struct search *s = ctx;

	if (s->j->by_ino && r->ino == s->j->ino) {
		s->j->nr_of_ino++;
		s->j->open_of_ino += !r->freed;
	}
	return 0;
}

static int search(const char *path, struct search *s, struct err *err)
{
	__free(replay_close) struct replay r = {};
	const struct model_listener l = { .event = on_event, .request = on_request, .ctx = s };
	int rc = replay_open(&r, path, NULL, NULL, err);

	if (rc)
		return rc;
	s->m = r.m;
	rc = replay_listen(&r, &l);
	if (!rc)
		rc = replay_run(&r);
	replay_say_damage(&r);
	return replay_fail(&r, NULL, rc, err);
}

/* ---- its request ---- */

struct drawing {
	FILE *out;
	const struct oops_join *j;
	const struct model *m;
};

static bool keep(void *ctx, const struct request *r)
{
	const struct drawing *d = ctx;

	return r->key.rreq == d->j->rreq && r->key.epoch == d->j->epoch &&
	       r->key.synth == d->j->synth;
}

static int draw(void *ctx, const struct request *r)
{
	const struct drawing *d = ctx;
	const struct timeline_options opts = { .width = screen_width(0) };

	if (!r->events || !keep(ctx, r))
		return 0;
	fputc('\n', d->out);
	return timeline_print(d->out, d->m, r, &opts);
}

static int draw_request(FILE *out, const char *path, const struct oops_join *j, struct err *err)
{
	__free(replay_close) struct replay r = {};
	struct drawing d = { .out = out, .j = j };
	const struct model_options mo = { .keep = keep, .keep_ctx = &d };
	const struct model_listener l = { .request = draw, .ctx = &d };
	int rc = replay_open(&r, path, &mo, NULL, err);

	if (rc)
		return rc;
	d.m = r.m;
	r.prints = true;
	rc = replay_listen(&r, &l);
	if (!rc)
		rc = replay_run(&r);
	return replay_fail(&r, NULL, rc, err);
}

/* "228.573737"; a date says nothing here. */
static uint64_t stamp_ns(const char *when)
{
	unsigned long long sec, usec;
	char rest;

	return sscanf(when, "%llu.%6llu%c", &sec, &usec, &rest) == 2
		       ? sec * 1000000000 + usec * 1000
		       : 0;
}

int oops_trace_show(FILE *out, const char *path, const struct oops *o, const struct oops_said *said,
		    bool json, struct err *err)
{
	struct oops_join j = { .trace = path,
			       .tid = o->has_pid ? o->pid : 0,
			       .report_ns = stamp_ns(o->when),
			       .by_ino = o->has_ino,
			       .ino = o->ino };
	struct search s = { .j = &j, .said = said };
	int rc = search(path, &s, err);

	if (rc)
		return rc;
	if (said && said->rreq) {
		j.found = j.by_line = true;
		j.rreq = said->rreq;
		j.sreq = said->sreq;
	}
	rc = json ? oops_join_print_json(out, &j) : oops_join_print(out, &j);
	if (rc || json || !j.in_trace)
		return rc;
	return draw_request(out, path, &j, err);
}
