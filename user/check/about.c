// SPDX-License-Identifier: GPL-2.0-only
/* What a finding is about: its latest events, and the places that the stream knows it by. */
#include <errno.h>
#include <string.h>

#include "check/engine.h"

/* ---- events ---- */

static int pin_of(const struct seen *ce)
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

/* It is the first in the room. */
static struct track *track_of(const struct request *r, const struct subrequest *s)
{
	return s ? s->room : r->room;
}

static struct track_events *events_of(const struct engine *e, const struct request *r,
				      const struct subrequest *s)
{
	char *room = s ? s->room : r->room;

	return (void *)(room + (s ? e->events.subrequest : e->events.request));
}

void track_event(const struct engine *e, const struct seen *ce)
{
	struct track_events *te;
	struct track *t;
	int pin;

	if (ce->sreq && !ce->s) /* of one that nothing else is known of */
		return;
	t = track_of(ce->r, ce->s);
	te = events_of(e, ce->r, ce->s);
	pin = pin_of(ce);
	if (pin == PIN_BEGIN)
		memset(t->pinned, 0, sizeof(t->pinned));
	if (pin >= 0) {
		t->pinned[pin] = true;
		keep(&te->pin[pin], ce->ev);
	}
	keep(&te->kept[t->n++ % MAX_LATEST], ce->ev);
}

void finding_evidence(struct finding *f, struct check *c, const struct request *r, uint32_t sreq)
{
	const struct subrequest *s = model_subrequest(r, sreq);
	const struct track_events *te;
	const struct track *t;
	unsigned int first;

	if (!f || (sreq && !s))
		return;
	t = track_of(r, s);
	te = events_of(c->e, r, s);
	first = t->n > MAX_LATEST ? t->n - MAX_LATEST : 0;
	for (int i = 0; i < NR_PINS; i++)
		if (t->pinned[i] && te->pin[i].hdr.ts < te->kept[first % MAX_LATEST].hdr.ts)
			finding_event(f, c, &te->pin[i].hdr);
	for (unsigned int i = first; i < t->n; i++)
		finding_event(f, c, &te->kept[i % MAX_LATEST].hdr);
}

void finding_ends(struct finding *f, struct check *c, const struct request *r)
{
	for_each_subrequest (r, s) {
		const struct track *t = track_of(r, s);

		if (f && t->pinned[PIN_END])
			finding_event(f, c, &events_of(c->e, r, s)->pin[PIN_END].hdr);
	}
}

bool finding_last_event(const struct check *c, const struct request *r, const struct subrequest *s,
			struct mark *ret_mark)
{
	const struct track_events *te = events_of(c->e, r, s);
	const struct track *t = track_of(r, s);

	for (unsigned int i = t->n; i && i + MAX_LATEST > t->n; i--)
		if (mark_event(ret_mark, check_model(c), &te->kept[(i - 1) % MAX_LATEST].hdr))
			return true;
	return false;
}

/* ---- places ---- */

static int book_place(struct engine *e, const struct seen *ce, struct track *t)
{
	uint32_t dev = ce->r->dev;
	struct places *p;

	t->conn = ce->s->conn;
	t->dev = dev;
	if (!t->conn || !dev)
		return 0;
	p = table_get(&e->places, t->conn, ce->r->key.epoch);
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

int places_event(struct engine *e, const struct seen *ce)
{
	struct track *t = track_of(ce->r, ce->s);

	if (t->conn == ce->s->conn && t->dev == ce->r->dev)
		return 0;
	return book_place(e, ce, t);
}

static const struct request *request_of(const struct model *m, const struct finding *f)
{
	const struct request_key key = { .epoch = f->epoch, .rreq = f->rreq, .synth = f->synth };

	return model_request(m, &key);
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
	struct places *p = table_find(&c->e->places, f->conn, model_recording(m)->epoch);
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

void waiter_note(uint32_t *tid, const struct seen *ce)
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
