// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers of sealed connections: when they were there, and when they could be read. cifsd receives and decrypts them;
 * with esize= it leaves long ones, in the buffer they are in, to a work item.
 */
#include "model/state.h"

static struct arrival *arrival(struct conn *c, uint64_t buf)
{
	return &c->arrived[(buf >> 6) %
			   ARRAY_SIZE(c->arrived)]; /* of small buffers, cache lines apart */
}

static void on_receive(struct conn *c, struct unsealing *u, const struct ev_decrypt *ev)
{
	if (!(ev->hdr.flags & EVF_EXIT)) {
		u->receiving = ev->buf;
		/* of the message before: its worker may have been faster than what told of it */
		arrival(c, ev->buf)->buf = 0;
		return;
	}
	if (u->receiving)
		*arrival(c, u->receiving) = (struct arrival){ u->receiving, ev->hdr.ts };
	u->receiving = 0;
}

static void on_cipher(struct conn *c, struct unsealing *u, const struct ev_decrypt *ev)
{
	struct arrival *at = arrival(c, ev->buf);

	if (!(ev->hdr.flags & EVF_EXIT)) {
		u->arrived_ns = ev->hdr.ts;
		u->mid = 0;
		if (!u->receiving && at->buf == ev->buf) { /* another thread has received it */
			u->arrived_ns = at->ns;
			at->buf = 0;
		}
		return;
	}
	u->mid = ev->mid;
	if (ev->rc)
		return;
	c->sealed = true;
	c->cipher = ev->cipher;
}

void unseal_event(struct conn *c, struct task *t, const struct ev_decrypt *ev)
{
	if (ev->event == EV_DECRYPT_RECEIVE)
		on_receive(c, &t->unsealing, ev);
	else
		on_cipher(c, &t->unsealing, ev);
}

uint64_t unseal_arrived(const struct task *t, uint64_t mid)
{
	return mid && t->unsealing.mid == mid ? t->unsealing.arrived_ns : 0;
}
