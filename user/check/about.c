// SPDX-License-Identifier: GPL-2.0-only
/* What a finding is about: its latest events, and the places that the stream knows it by. */
#include <errno.h>
#include <string.h>

#include "check/engine.h"

/* ---- events ---- */

static int pin_of(const struct check_event *ce)
{
	switch (ce->ev->kind) {
	case EV_SREQ:
		if (ce->name == SREQ_SUBMIT)
			return PIN_BEGIN;
		return ce->name == SREQ_TERMINATED || ce->name == SREQ_WRITE_TERM ? PIN_END : -1;
	case EV_REF:
		return !ce->sreq && ce->name == RREF_NEW ? PIN_BEGIN : -1;
	case EV_RREQ:
		return ce->name == RREQ_DONE || ce->name == RREQ_WRITE_DONE ? PIN_END : -1;
	case EV_RSP:
		return is_final((const void *)ce->ev) ? PIN_RESPONSE : -1;
	case EV_CALLBACK:
		return ce->ev->flags & EVF_EXIT ? -1 : PIN_CALLBACK;
	default:
		return -1;
	}
}

static void keep(struct kept *k, const struct ev_hdr *ev)
{
	memcpy(k, ev, ev->size < sizeof(*k) ? ev->size : sizeof(*k));
}

int track_event(struct table *tracks, const struct check_event *ce)
{
	struct track *t = table_get(tracks, request_id(ce->r), ce->sreq);
	int pin = pin_of(ce);

	if (!t)
		return -ENOMEM;
	if (pin == PIN_BEGIN)
		memset(t->pin, 0, sizeof(t->pin));
	if (pin >= 0)
		keep(&t->pin[pin], ce->ev);
	keep(&t->kept[t->n++ % MAX_LATEST], ce->ev);
	return 0;
}

void finding_evidence(struct finding *f, struct check *c, uint64_t id, uint32_t sreq)
{
	const struct track *t = table_find(&c->e->tracks, id, sreq);
	unsigned int first = t && t->n > MAX_LATEST ? t->n - MAX_LATEST : 0;

	if (!f || !t)
		return;
	for (int i = 0; i < NR_PINS; i++)
		if (t->pin[i].hdr.ts && t->pin[i].hdr.ts < t->kept[first % MAX_LATEST].hdr.ts)
			finding_event(f, c, &t->pin[i].hdr);
	for (unsigned int i = first; i < t->n; i++)
		finding_event(f, c, &t->kept[i % MAX_LATEST].hdr);
}

void finding_ends(struct finding *f, struct check *c, const struct request *r)
{
	for_each_subrequest (r, s) {
		const struct track *t = table_find(&c->e->tracks, request_id(r), s->index);

		if (f && t && t->pin[PIN_END].hdr.ts)
			finding_event(f, c, &t->pin[PIN_END].hdr);
	}
}

/* ---- places ---- */

int places_event(struct table *places, const struct check_event *ce)
{
	uint32_t dev = ce->r->dev;
	struct places *p;

	if (!ce->s->conn || !dev)
		return 0;
	p = table_get(places, ce->s->conn, ce->r->key.epoch);
	if (!p)
		return -ENOMEM;
	for (unsigned int i = 0; i < p->nr && i < MAX_PLACES; i++)
		if (p->dev[i] == dev)
			return 0;
	if (p->nr < MAX_PLACES)
		p->dev[p->nr] = dev;
	p->nr += p->nr <= MAX_PLACES;
	return 0;
}

static const struct request *request_of(const struct model *m, const struct finding *f)
{
	for (const struct request *r = model_requests(m); r; r = r->hh.next)
		if (r->key.rreq == f->rreq && r->key.epoch == f->epoch &&
		    !r->key.synth == !f->synth)
			return r;
	return NULL;
}

static void take_command(struct finding *f, const struct model *m)
{
	const struct command *cmd = model_command(m, f->conn, f->mid);

	if (!cmd || !cmd->rreq)
		return;
	f->epoch = cmd->epoch;
	f->rreq = cmd->rreq;
	f->sreq = cmd->sreq;
	f->synth = cmd->synth;
}

/* A connection may serve several mounts: then it is about all of them. */
static void take_places(struct finding *f, const struct check *c)
{
	const struct model *m = check_model(c);
	const struct places *p = table_find(&c->e->places, f->conn, model_recording(m)->epoch);
	const struct mount *mnt;

	if (!p)
		return;
	memcpy(f->places, p->dev, sizeof(f->places));
	f->nr_places = p->nr;
	if (p->nr != 1)
		return;
	f->dev = p->dev[0];
	mnt = model_mount(m, f->dev);
	snprintf(f->mount, sizeof(f->mount), "%s", mnt && mnt->point ? mnt->point : "");
	snprintf(f->fs, sizeof(f->fs), "%s", mnt && mnt->fstype ? mnt->fstype : "");
}

/* The one connection that all its subrequests went over; 0: several, or none. */
static uint64_t conn_of(const struct request *r)
{
	uint64_t conn = 0;

	for_each_subrequest (r, s) {
		if (s->conn && conn && s->conn != conn)
			return 0;
		conn = s->conn ? s->conn : conn;
	}
	return conn;
}

/* Events of a request and of its subrequests were added one after the other. */
static void sort_evidence(struct finding *f)
{
	for (unsigned int i = 1; i < f->nr_evidence; i++)
		for (unsigned int k = i; k && f->evidence[k - 1].ts > f->evidence[k].ts; k--) {
			struct mark later = f->evidence[k - 1];

			f->evidence[k - 1] = f->evidence[k];
			f->evidence[k] = later;
		}
}

void finding_complete(struct finding *f, struct check *c)
{
	const struct model *m = check_model(c);
	const struct request *r;

	sort_evidence(f);
	if (!f->rreq && f->has_mid)
		take_command(f, m);
	r = f->rreq ? request_of(m, f) : NULL;
	if (r && !f->dev)
		finding_file(f, c, r);
	if (r && !f->conn)
		f->conn = conn_of(r);
	if (!f->dev && f->conn)
		take_places(f, c);
}

/* ---- who waits ---- */

void waiter_note(uint32_t *tid, const struct check_event *ce)
{
	if (ce->sreq || (ce->ev->kind != EV_RREQ && ce->ev->kind != EV_REF))
		return;
	switch (ce->name) {
	case RREQ_WAIT_IP:
		*tid = ce->ev->tid;
		break;
	case RREQ_WAITED_IP:
	case RREF_PUT_RETURN:
	case RREF_PUT_FAILED:
		if (ce->ev->tid == *tid)
			*tid = 0;
		break;
	default:
		break;
	}
}
