// SPDX-License-Identifier: GPL-2.0-only
/* The way of one event through the model. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "base/kinds.h"
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
		request_free(r);
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
	names_free(m->names);
	free(m);
}

int model_listen(struct model *m, const struct model_listener *l)
{
	if (m->nr_listeners == MAX_LISTENERS)
		return -ENOMEM;
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

static uint32_t owner_rreq(const struct model *m, const struct task *t, const struct ev_hdr *ev,
			   bool *ret_synth)
{
	uint32_t rreq = ev_rreq_of(ev);
	const struct command *c;

	*ret_synth = rreq ? ev_synth_of(ev) : t->synth;
	if (rreq)
		return rreq;
	if (ev->kind == EV_CREDIT)
		return t->rreq;
	c = command_of(m, ev);
	*ret_synth = c && c->synth;
	return c ? c->rreq : 0;
}

static bool about_connection(const struct ev_hdr *ev)
{
	switch (ev->kind) {
	case EV_CONN:
	case EV_CREDIT:
	case EV_CREDIT_FN:
	case EV_RECONNECT:
	case EV_SETUP:
	case EV_RSP:
		return true;
	default:
		return false;
	}
}

/* An event of a BPF program; *ret_owner is the request it belongs to, or NULL. */
static int on_probe_event(struct model *m, const struct ev_hdr *ev, struct request **ret_owner)
{
	struct task *t = task_get(m, ev->tid);
	int rc = t ? 0 : -ENOMEM;
	uint32_t rreq;
	bool synth;

	if (!rc && about_connection(ev))
		rc = conn_event(m, t, ev);
	if (!rc)
		rc = command_event(m, t, ev);
	if (rc)
		return rc;
	rreq = owner_rreq(m, t, ev, &synth);
	*ret_owner = rreq ? request_get(m, ev, rreq, synth, &rc) : NULL;
	if (!rc)
		rc = test_count(m, ev, *ret_owner, command_of(m, ev));
	if (!rc && *ret_owner)
		rc = request_event(m, *ret_owner, t, ev);
	note_work(t, ev);
	if (!rc && *ret_owner)
		rc = request_keep(m, *ret_owner, t, ev);
	return rc;
}

static int tell_event(struct model *m, const struct ev_hdr *ev, const struct request *owner)
{
	int rc = 0;

	for (int i = 0; !rc && i < m->nr_listeners; i++) {
		const struct model_listener *l = m->listener[i];

		if (l->event)
			rc = l->event(l->ctx, ev, owner);
		if (!rc && ev->kind == EV_LOST && l->lost)
			rc = l->lost(l->ctx, (const void *)ev);
	}
	return rc;
}

int model_feed(struct model *m, const struct ev_hdr *ev)
{
	struct request *owner = NULL;
	int rc;

	count(m, ev);
	if (ev->kind == EV_LOST)
		loss_note(m, (const void *)ev);
	rc = host_event(m, ev);
	if (!rc)
		rc = test_event(m, ev);
	if (!rc && event_counts(ev))
		rc = on_probe_event(m, ev, &owner);
	else if (ev->kind == EV_WAITER) /* says something of it, and is no event of its */
		owner = request_find(m, ev_rreq_of(ev), ev_synth_of(ev));
	if (!rc)
		rc = tell_event(m, ev, owner);
	return rc ? rc : retire_due(m);
}

int model_settle(struct model *m)
{
	return retire_ended(m);
}

int model_finish(struct model *m)
{
	int rc = parking_finish(m);

	return rc ? rc : retire_all(m);
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

uint32_t model_sreq(const struct model *m, const struct ev_hdr *ev)
{
	const struct task *t = model_task(m, ev->tid);

	return t ? command_sreq(m, t, ev) : ev_sreq_of(ev);
}
