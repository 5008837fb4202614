// SPDX-License-Identifier: GPL-2.0-only
/* Connections and their credits. */
#include <errno.h>
#include <string.h>

#include "model/state.h"

const struct conn *model_conn(const struct model *m, uint64_t id)
{
	return resolve_conn(m, id);
}

bool model_has_smb1(const struct model *m)
{
	for (const struct conn *c = m->conns; c; c = c->hh.next)
		if (c->smb1)
			return true;
	return false;
}

bool model_sealed(const struct model *m, uint64_t conn)
{
	const struct conn *c = resolve_conn(m, conn);

	return c && c->sealed;
}

static bool is_on(const struct model *m, enum probe_id id)
{
	for (uint32_t i = 0; i < m->rec.nr_probes; i++)
		if (m->rec.probes[i].id == id && m->rec.probes[i].state == EV_PROBE_ON)
			return true;
	return false;
}

struct conn *conn_get(struct model *m, uint64_t id)
{
	struct conn *c = resolve_conn(m, id);

	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->id = id;
	c->epoch = m->rec.epoch;
	c->verified = is_on(m, P_smb2_verify_signature_exit);
	if (!hash_add(hh, m->conns, id, sizeof(c->id) + sizeof(c->epoch), c))
		return c;
	free(c);
	return NULL;
}

const struct conn *model_conns(const struct model *m)
{
	return m->conns;
}

static void note_pool(struct conn *c, int32_t credits, int32_t in_flight)
{
	c->pooled = true;
	c->credits = credits;
	c->in_flight = in_flight;
	if (in_flight > c->max_in_flight)
		c->max_in_flight = in_flight;
}

static void on_conn(struct conn *c, const struct ev_conn *ev)
{
	c->seen = true;
	c->instance = ev->instance;
	c->sign = ev->sign;
	c->smb1 = ev->smb1;
	memcpy(c->host, ev->hostname, sizeof(ev->hostname));
}

#define CIFS_TIMEOUT_MASK 0x3 /* cifsglob.h, 6.1 to 7.3 */
#define CIFS_BLOCKING_OP  0x1 /* a lock that may wait for hours takes no credit */

static bool took_credits(const struct ev_credit_fn_rec *ev)
{
	if (ev->rc)
		return false;
	if (ev->fn == EV_CFN_WAIT_FREE)
		return (ev->optype & CIFS_TIMEOUT_MASK) != CIFS_BLOCKING_OP;
	return ev->fn == EV_CFN_WAIT_MTU;
}

/*
 * smb2_add_credits books what a response granted, in the thread that received it; and it takes back
 * what was taken for something that was then not sent, like the credits of a readahead for which
 * there was no page. A thread that takes credits has no response at hand.
 */
static void on_add(struct conn *c, struct task *t, const struct ev_credit_fn_rec *ev)
{
	bool current = !ev->value_instance || ev->value_instance == ev->instance;

	if (t->owed) {
		t->owed--;
	} else if (c->responses && current) {
		c->returned += ev->value;
		c->taken -= ev->value;
	}
}

/*
 * smb2_wait_mtu_credits leaves value 0 where credits are short; the send then takes one itself,
 * through wait_for_free_credits.
 */
static void on_ledger(struct conn *c, struct task *t, const struct ev_credit_fn_rec *ev)
{
	bool is_wait = ev->fn == EV_CFN_WAIT_MTU || ev->fn == EV_CFN_WAIT_FREE;

	c->seen = true;
	c->instance = ev->instance;
	c->echo = ev->echo;
	c->oplock = ev->oplock;
	note_pool(c, ev->credits, ev->in_flight);
	if (!(ev->hdr.flags & EVF_EXIT)) {
		c->credit_waits++;
		t->owed = 0;
		return;
	}
	if (is_wait && t->wait_from && ev->hdr.ts >= t->wait_from)
		c->credit_wait_ns += ev->hdr.ts - t->wait_from;
	if (took_credits(ev))
		c->taken += ev->value;
	if (ev->fn == EV_CFN_ADD)
		on_add(c, t, ev);
	else if (ev->fn == EV_CFN_ADD_FROM_HDR && t->owed)
		t->owed--;
}

static void on_response(struct conn *c, struct task *t, const struct ev_rsp *ev)
{
	c->responses++;
	c->granted += ev->credits;
	t->owed += ev->status != STATUS_PENDING;
}

/* Without the functions and the response headers (no BTF) the tracepoints have to do. */
static void on_credit(enum probe_id probe, struct conn *c, const struct ev_credit *ev)
{
	bool takes = probe == P_smb3_wait_credits || probe == P_smb3_waitff_credits;
	bool grants = probe == P_smb3_add_credits || probe == P_smb3_pend_credits ||
		      probe == P_smb3_hdr_credits;

	note_pool(c, ev->credits, ev->in_flight);
	c->takes |= takes;
	c->grants |= grants;
	if (probe == P_smb3_adj_credits || (takes && !c->ledger)) /* adj: unused, back again */
		c->taken -= ev->change;
	if (grants && !c->headers)
		c->granted += ev->change;
}

void conn_callback(struct model *m, const struct ev_callback *ev)
{
	struct conn *c = ev->conn ? resolve_conn(m, ev->conn) : NULL;

	if (!c || ev->hdr.flags & EVF_EXIT || ev->mid_state != MID_RECEIVED)
		return;
	c->sealed |= ev->decrypted;
	c->plain |= !ev->decrypted;
}

void conn_event(struct model *m, const struct about *a)
{
	const struct ev_hdr *ev = a->ev;
	struct conn *c = a->conn;

	switch (ev->kind) {
	case EV_CONN:
		on_conn(c, (const void *)ev);
		break;
	case EV_CREDIT:
		on_credit(a->probe, c, (const void *)ev);
		break;
	case EV_CREDIT_FN:
		c->ledger = true;
		on_ledger(c, a->t, (const void *)ev);
		break;
	case EV_RECONNECT:
		if (a->probe != P_smb3_reconnect)
			break;
		c->reconnects++;
		command_reconnect(m, c->id, ev->ts);
		break;
	case EV_RSP:
		c->headers = true;
		if (!strcmp(a->t->comm, "cifsd")) /* workers decrypt, and read headers then */
			c->receiver = a->t->tid;
		on_response(c, a->t, (const void *)ev);
		break;
	case EV_DECRYPT:
		unseal_event(c, a->t, (const void *)ev);
		break;
	case EV_SIGNATURE:
		c->bad_signatures++;
		break;
	case EV_SETUP:
		c->commands += !((const struct ev_setup *)ev)->rc;
		break;
	}
}

void conn_free_all(struct model *m)
{
	struct conn *c, *c2;

	HASH_ITER (hh, m->conns, c, c2) {
		HASH_DEL(m->conns, c);
		free(c);
	}
}
