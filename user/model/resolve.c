// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an event is about. It is looked up here, once, for the model and for all who listen; most of
 * it is what one of the last events was about, so a short memory is asked before the tables.
 */
#include <errno.h>
#include <string.h>

#include "model/state.h"

#define SLOT(nr) ((nr) % NEAR)

/* ---- the short memory ---- */

struct task *resolve_task(const struct model *m, uint32_t tid)
{
	struct task *t = m->near.task[SLOT(tid)];

	if (t && t->tid == tid)
		return t;
	HASH_FIND(hh, m->tasks, &tid, sizeof(tid), t);
	return t;
}

static struct request *request_search(const struct model *m, uint32_t rreq, bool synth)
{
	struct request_key key = { .epoch = m->rec.epoch, .rreq = rreq, .synth = synth };
	struct request *r;

	HASH_FIND(hh, m->requests, &key, sizeof(key), r);
	return r;
}

static inline struct request *request_near(const struct model *m, uint32_t rreq, bool synth)
{
	struct request *r = m->near.request[SLOT(rreq)];

	return r && r->key.rreq == rreq && r->key.epoch == m->rec.epoch && r->key.synth == synth
		       ? r
		       : request_search(m, rreq, synth);
}

struct request *request_find(const struct model *m, uint32_t rreq, bool synth)
{
	return request_near(m, rreq, synth);
}

struct conn *resolve_conn(const struct model *m, uint64_t id)
{
	const struct {
		uint64_t id, epoch;
	} key = { .id = id, .epoch = m->rec.epoch };
	struct conn *c = m->near.conn[SLOT(id)];

	_Static_assert(offsetof(struct conn, epoch) == offsetof(struct conn, id) + 8, "the key");
	if (c && c->id == id && c->epoch == key.epoch)
		return c;
	HASH_FIND(hh, m->conns, &key, sizeof(key), c);
	return c;
}

void resolve_forget_tasks(struct model *m)
{
	memset(m->near.task, 0, sizeof(m->near.task));
}

void resolve_forget_request(struct model *m, const struct request *r)
{
	struct request **slot = &m->near.request[SLOT(r->key.rreq)];

	if (*slot == r)
		*slot = NULL;
}

static void remember(struct model *m, const struct about *a)
{
	m->near.task[SLOT(a->t->tid)] = a->t;
	if (a->r)
		m->near.request[SLOT(a->r->key.rreq)] = a->r;
	if (a->conn)
		m->near.conn[SLOT(a->conn->id)] = a->conn;
}

/* ---- an event ---- */

static enum probe_id probe_of(const struct model *m, const struct ev_hdr *ev)
{
	return ev->probe < m->rec.nr_probes ? m->rec.probes[ev->probe].id : PROBE_NONE;
}

static enum name_id name_of(const struct names *n, const struct ev_hdr *ev)
{
	const struct ev_rreq *rreq = (const void *)ev;
	const struct ev_ref *ref = (const void *)ev;

	switch (ev->kind) {
	case EV_RREQ:
		return names_id(n,
				rreq->event == EV_RREQ_STATE  ? NAMES_RREQ_TRACE
				: rreq->event == EV_RREQ_READ ? NAMES_READ_TRACE
							      : NAMES_WRITE_TRACE,
				rreq->what);
	case EV_SREQ:
		return names_id(n, NAMES_SREQ_TRACE, ((const struct ev_sreq *)ev)->what);
	case EV_REF:
		return names_id(n, ref->sreq ? NAMES_SREQ_REF : NAMES_RREQ_REF, ref->what);
	case EV_FAILURE:
		return names_id(n, NAMES_FAILURE, ((const struct ev_failure *)ev)->what);
	case EV_RW_CREDITS:
		return names_id(n, NAMES_RW_CREDITS, ((const struct ev_rw_credits *)ev)->what);
	case EV_REVERT:
		return names_id(n, NAMES_ITER_TYPE, ((const struct ev_revert *)ev)->iter_type);
	default:
		return NAME_UNKNOWN;
	}
}

/* Records of these kinds begin with the connection, some after {rreq, sreq}. */
static uint64_t conn_id_of(const struct ev_hdr *ev)
{
	switch (ev->kind) {
	case EV_CONN:
	case EV_CREDIT:
	case EV_CREDIT_FN:
	case EV_RECONNECT:
	case EV_SETUP:
	case EV_RSP:
	case EV_SIGNATURE:
	case EV_DECRYPT:
		return ev->flags & EVF_RREQ ? ((const struct ev_credit_fn_rec *)ev)->conn
					    : ((const struct ev_credit *)ev)->conn;
	default:
		return 0;
	}
}

/* Its request and its subrequest: by stamp; of the credit tracepoints, which have no room for one,
 * by thread; else by command. */
static uint32_t owner_of(struct about *a, bool *ret_synth)
{
	const struct ev_hdr *ev = a->ev;
	uint32_t rreq = ev_rreq_of(ev);

	*ret_synth = false;
	if (rreq) {
		*ret_synth = ev_synth_of(ev);
		a->sreq = ev_sreq_of(ev);
		return rreq;
	}
	if (ev->kind == EV_CREDIT) {
		*ret_synth = a->t->synth;
		a->sreq = a->t->sreq;
		return a->t->rreq;
	}
	if (!a->c)
		return 0;
	*ret_synth = a->c->synth;
	a->sreq = a->c->sreq;
	return a->c->rreq;
}

int resolve(struct model *m, const struct ev_hdr *ev, struct about *a)
{
	uint64_t conn = conn_id_of(ev);
	uint32_t rreq;
	bool synth;
	int rc = 0;

	*a = (struct about){ .ev = ev, .t = task_get(m, ev->tid) };
	if (!a->t)
		return -ENOMEM;
	a->probe = probe_of(m, ev);
	a->name = name_of(m->names, ev);
	a->conn = conn ? conn_get(m, conn) : NULL;
	if (conn && !a->conn)
		return -ENOMEM;
	a->c = command_of(m, ev);
	if (a->c && ev->kind == EV_FAULT)
		a->conn = resolve_conn(m, a->c->conn);
	rreq = owner_of(a, &synth);
	a->r = rreq ? request_near(m, rreq, synth) : NULL;
	if (rreq && !a->r)
		a->r = request_begin(m, a, rreq, synth, &rc);
	a->s = a->r && a->sreq ? subrequest_find(a->r, a->sreq) : NULL;
	remember(m, a);
	return rc;
}
