// SPDX-License-Identifier: GPL-2.0-only
/* The way of one event through the model. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "event/kinds.h"
#include "model/state.h"

int model_new(struct model **ret_m, const struct model_options *opts)
{
	struct model *m = calloc(1, sizeof(*m));
	int rc;

	if (!m)
		return -ENOMEM;
	if (opts)
		m->opts = *opts;
	m->rec.epoch = 1;
	rc = names_new(&m->names);
	if (rc) {
		free(m);
		return rc;
	}
	*ret_m = m;
	return 0;
}

void model_free(struct model *m)
{
	struct request *r, *r2;
	struct command *c, *c2;

	if (!m)
		return;
	HASH_ITER (hh, m->requests, r, r2) {
		HASH_DEL(m->requests, r);
		request_free(m, r);
	}
	DL_FOREACH_SAFE (m->retire.commands, c, c2)
		command_free(m, c);
	HASH_ITER (hh_conn, m->by_conn, c, c2)
		if (!c->retire_ns)
			command_free(m, c);
	HASH_ITER (hh_ses, m->by_ses, c, c2)
		if (!c->retire_ns)
			command_free(m, c);
	conn_free_all(m);
	test_free_all(m);
	host_free(m);
	spares_free(&m->spare.requests);
	spares_free(&m->spare.subrequests);
	spares_free(&m->spare.commands);
	names_free(m->names);
	free(m);
}

int model_listen(struct model *m, const struct model_listener *l)
{
	if (m->nr_listeners == MAX_LISTENERS)
		return -ENOMEM;
	for (int kind = 0; l->event && !l->kinds && kind < 256; kind++)
		m->hears[kind] |= 1 << m->nr_listeners;
	for (const uint8_t *kind = l->event ? l->kinds : NULL; kind && *kind; kind++)
		m->hears[*kind] |= 1 << m->nr_listeners;
	m->listener[m->nr_listeners++] = l;
	return 0;
}

static void count(struct model *m, const struct ev_hdr *ev)
{
	struct recording *rec = &m->rec;

	rec->records++;
	if (!rec->first_ns)
		rec->first_ns = ev->ts;
	if (ev->ts < rec->now_ns)
		rec->late++;
	else if (
		!rec->stop_ns) /* what stands behind says of the probes, not of the stream's time */
		rec->now_ns = ev->ts;
	if (!ev_of_probe(ev))
		return;
	rec->events++;
	if (ev->probe < rec->nr_probes)
		rec->probes[ev->probe].seen++;
	rec->folio_events += ev->kind == EV_FOLIO;
}

/*
 * Between entry and exit of a step or a callback the thread works for that subrequest; steps nest.
 * The BPF side stamps most events with it; the credit tracepoints have no room for it.
 */
static void note_step(struct task *t, const struct ev_hdr *ev)
{
	bool same = t->rreq == ev_rreq_of(ev) && t->sreq == ev_sreq_of(ev) &&
		    t->synth == ev_synth_of(ev);

	if (!(ev->flags & EVF_EXIT)) {
		t->depth = same ? t->depth + 1 : 1;
		t->rreq = ev_rreq_of(ev);
		t->sreq = ev_sreq_of(ev);
		t->synth = ev_synth_of(ev);
	} else if (!same || t->depth <= 1) {
		t->rreq = t->sreq = t->depth = 0;
	} else {
		t->depth--;
	}
}

static bool is_step(const struct ev_hdr *ev)
{
	switch (ev->kind) {
	case EV_CALLBACK:
		return true;
	case EV_STEP:
		return ((const struct ev_step_rec *)ev)->step != EV_STEP_FREE;
	case EV_CIFS_IO:
		return ((const struct ev_cifs_io *)ev)->phase == EV_IO_SUBMIT;
	default:
		return false;
	}
}

/* A cifs without netfs waits for credits before it has made the unit that they are for. */
static void note_wait(struct task *t, const struct ev_credit_fn_rec *ev)
{
	if (ev->fn == EV_CFN_ADD)
		t->mtu_from = 0;
	if (ev->fn != EV_CFN_WAIT_MTU && ev->fn != EV_CFN_WAIT_FREE)
		return;
	if (ev->fn == EV_CFN_WAIT_MTU && ev->hdr.flags & EVF_EXIT) {
		t->mtu_from = ev->rc || ev_rreq_of(&ev->hdr) ? 0 : t->wait_from;
		t->mtu_ns = ev->hdr.ts - t->wait_from;
	}
	t->wait_from = ev->hdr.flags & EVF_EXIT ? 0 : ev->hdr.ts;
}

static void note_work(struct task *t, const struct ev_hdr *ev)
{
	if (is_step(ev))
		note_step(t, ev);
	if (ev->kind == EV_CREDIT_FN)
		note_wait(t, (const void *)ev);
	if (ev->kind == EV_SMB_RW && ((const struct ev_smb_rw *)ev)->event == EV_RW_ENTER) {
		t->rw_rreq = ev_rreq_of(ev);
		t->rw_sreq = ev_sreq_of(ev);
	}
}

/* Where it stands among the others is all that its time stamp says. */
static void drop_times(const struct about *a)
{
	if (a->c)
		a->c->untimed = true;
	if (!a->r || a->r->untimed)
		return;
	a->r->untimed = true;
	for (struct subrequest *s = a->r->subrequests; s; s = s->hh.next)
		for (int i = 0; i < STAGE_MAX; i++)
			s->stage_ns[i] = STAGE_UNKNOWN;
}

/* An event of a BPF program. */
static int on_probe_event(struct model *m, const struct ev_hdr *ev, struct about *a)
{
	int rc = resolve(m, ev, a);

	if (rc)
		return rc;
	if (ev->flags & EVF_NOTIME)
		drop_times(a);
	if (a->conn)
		conn_event(m, a);
	if (ev->kind == EV_CALLBACK)
		conn_callback(m, (const void *)ev);
	rc = command_event(m, a);
	if (!rc)
		rc = test_count(m, a);
	if (!rc && a->r)
		rc = request_event(m, a);
	if (!rc && (ev->kind == EV_EIO || ev->kind == EV_SLOW_RSP))
		rc = told_event(m, ev);
	if (a->s)
		a->r->moves++;
	note_work(a->t, ev);
	return !rc && a->r && m->opts.keep ? request_keep(m, a) : rc;
}

/* What a proxy showed the client. It met the command with that session and message id. */
static int on_fault(struct model *m, const struct ev_hdr *ev, struct about *a)
{
	int rc = resolve(m, ev, a);

	if (rc)
		return rc;
	m->rec.faults++;
	if (a->c)
		a->c->faults++;
	if (a->r)
		a->r->faults++;
	if (a->s)
		a->s->faults++;
	return a->r && m->opts.keep ? request_keep(m, a) : 0;
}

/* One of the recorder, or a name. Stacks say something of a request, and are no events of its. */
static int on_other(struct model *m, const struct ev_hdr *ev, struct seen *ret_seen)
{
	int rc = host_event(m, ev);

	*ret_seen = (struct seen){ .ev = ev, .sreq = ev_rreq_of(ev) ? ev_sreq_of(ev) : 0 };
	if (ev->kind == EV_WAITER)
		ret_seen->r = request_find(m, ev_rreq_of(ev), ev_synth_of(ev));
	ret_seen->task = resolve_task(m, ev->tid);
	if (rc)
		return rc;
	return test_event(m, ev);
}

static int tell_event(struct model *m, const struct seen *seen)
{
	int rc = 0;

	for (unsigned int left = m->hears[seen->ev->kind]; !rc && left; left &= left - 1) {
		const struct model_listener *l = m->listener[__builtin_ctz(left)];

		rc = l->event(l->ctx, seen);
	}
	return rc;
}

static int tell_lost(struct model *m, const struct ev_lost *ev)
{
	int rc = 0;

	for (int i = 0; !rc && i < m->nr_listeners; i++)
		if (m->listener[i]->lost)
			rc = m->listener[i]->lost(m->listener[i]->ctx, ev);
	return rc;
}

int model_feed(struct model *m, const struct ev_hdr *ev)
{
	union sight sight;
	int rc;

	count(m, ev);
	if (ev->kind == EV_LOST)
		loss_note(m, (const void *)ev);
	m->event_test = 0;
	m->event_claim = CLAIM_NONE;
	if (ev->kind == EV_FAULT)
		rc = on_fault(m, ev, &sight.about);
	else
		rc = event_counts(ev) ? on_probe_event(m, ev, &sight.about)
				      : on_other(m, ev, &sight.seen);
	if (!rc && m->hears[ev->kind])
		rc = tell_event(m, &sight.seen);
	if (!rc && ev->kind == EV_LOST)
		rc = tell_lost(m, (const void *)ev);
	return rc || !retire_concerns(m) ? rc : retire_due(m);
}

int model_reserve(struct model *m, const struct model_room *room)
{
	if (m->requests || m->room.request.zeroed || m->room.subrequest.zeroed)
		return -EBUSY;
	m->room = *room;
	return 0;
}

void *object_new(struct spares *spares, size_t size, const struct object_room *room)
{
	size_t zeroed = size + room->zeroed;
	void *object = spares_take(spares, zeroed + room->raw);

	return object ? memset(object, 0, zeroed) : NULL;
}

int model_settle(struct model *m)
{
	return retire_ended(m);
}

int model_finish(struct model *m)
{
	int rc = parking_finish(m);

	if (rc)
		return rc;
	return retire_all(m);
}

const struct recording *model_recording(const struct model *m)
{
	return &m->rec;
}

const struct request *model_requests(const struct model *m)
{
	return m->requests;
}

const struct names *model_names(const struct model *m)
{
	return m->names;
}
