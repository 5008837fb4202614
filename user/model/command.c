// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMB commands. A command is entered with its session and mid (smb3_cmd_enter), gets its connection
 * when the same thread has set it up, is sent with what else that thread has pending (a compound),
 * and ends with the header of its final response.
 */
#include <errno.h>
#include <utlist.h>

#include "model/state.h"

struct ses_key {
	uint64_t mid, sesid;
};
struct conn_key {
	uint64_t conn, mid;
};
_Static_assert(offsetof(struct command, sesid) == offsetof(struct command, mid) + 8 &&
		       offsetof(struct command, mid) == offsetof(struct command, conn) + 8,
	       "the keys are made of neighbours");

const char *smb2_command_name(uint16_t cmd)
{
	const char *name = enum_word(WORDS_COMMAND, cmd);

	return name ? name : "?";
}

static struct command *find_ses(const struct model *m, uint64_t sesid, uint64_t mid)
{
	struct ses_key key = { .mid = mid, .sesid = sesid };
	struct command *c;

	HASH_FIND(hh_ses, m->by_ses, &key, sizeof(key), c);
	return c;
}

static struct command *find_conn(const struct model *m, uint64_t conn, uint64_t mid)
{
	struct conn_key key = { .conn = conn, .mid = mid };
	struct command *c;

	HASH_FIND(hh_conn, m->by_conn, &key, sizeof(key), c);
	return c;
}

const struct command *model_command(const struct model *m, uint64_t conn, uint64_t mid)
{
	return find_conn(m, conn, mid);
}

static void forget_ses(struct model *m, struct command *c)
{
	if (c->in_ses)
		HASH_DELETE(hh_ses, m->by_ses, c);
	c->in_ses = false;
}

static void forget_conn(struct model *m, struct command *c)
{
	if (c->in_conn)
		HASH_DELETE(hh_conn, m->by_conn, c);
	c->in_conn = false;
}

static void forget_unsent(struct model *m, struct command *c)
{
	struct task *t = (struct task *)model_task(m, c->thread);
	struct command *i, *next;

	if (!t)
		return;
	LL_FOREACH_SAFE2(t->unsent, i, next, next_unsent)
	if (i == c)
		LL_DELETE2(t->unsent, i, next_unsent);
}

void command_free(struct model *m, struct command *c)
{
	forget_ses(m, c);
	forget_conn(m, c);
	forget_unsent(m, c);
	spares_put(&m->spare.commands, c);
}

/*
 * The subrequest whose READ or WRITE it is. A thread that finds its session gone sends NEGOTIATE,
 * SESSION_SETUP, TREE_CONNECT or CREATE for it first (smb2_reconnect(), cifs_reopen_file()): those
 * carry the subrequest's stamp, and are none of its mids, credits or times.
 */
static struct subrequest *carried(const struct model *m, const struct command *c)
{
	struct request *r;

	if (!c->rreq || (c->cmd != SMB2_READ && c->cmd != SMB2_WRITE))
		return NULL;
	r = request_find(m, c->rreq, c->synth);
	return r ? subrequest_find(r, c->sreq) : NULL;
}

/*
 * Without BTF nothing stamps commands with an R, but smb2_async_readv and _writev trace the read or
 * write right before its command, in the same thread. Only those events have no stamp of their own.
 */
static void join_rw(struct model *m, struct task *t, const struct ev_smb_cmd *ev, struct command *c)
{
	struct subrequest *s;

	if (!(ev->hdr.flags & EVF_TPONLY) || !t->rw_rreq)
		return;
	c->rreq = t->rw_rreq;
	c->sreq = t->rw_sreq;
	t->rw_rreq = t->rw_sreq = 0;
	s = carried(m, c);
	if (s)
		s->mid = c->mid;
}

static struct command *command_new(struct model *m, const struct ev_smb_cmd *ev)
{
	struct command *c = object_new(&m->spare.commands, sizeof(*c), &(struct object_room){ 0 });

	if (!c)
		return NULL;
	c->untimed = m->rec.untimed || ev->hdr.flags & EVF_NOTIME;
	c->heard = m->rec.answers;
	c->counted = m->rec.headers;
	c->mid = ev->mid;
	c->sesid = ev->sesid;
	c->tid = ev->tid;
	c->cmd = ev->cmd;
	c->epoch = m->rec.epoch;
	if (hash_add(hh_ses, m->by_ses, mid, sizeof(struct ses_key), c)) {
		spares_put(&m->spare.commands, c);
		return NULL;
	}
	c->in_ses = true;
	return c;
}

/* mids start again after a reconnect, and sessions share them across channels: the newest one
 * counts. */
static int on_enter(struct model *m, struct task *t, const struct ev_smb_cmd *ev)
{
	struct command *old = find_ses(m, ev->sesid, ev->mid), *c;

	if (old) {
		forget_ses(m, old);
		if (!old->in_conn)
			retire_command(m, old, ev->hdr.ts);
	}
	c = command_new(m, ev);
	if (!c)
		return -ENOMEM;
	c->thread = ev->hdr.tid;
	c->rreq = ev->rreq;
	c->sreq = ev->sreq;
	c->synth = ev_synth_of(&ev->hdr);
	c->enter_ns = ev->hdr.ts;
	LL_APPEND2(t->unsent, c, next_unsent);
	join_rw(m, t, ev, c);
	test_command_begins(m, c, &ev->hdr);
	return 0;
}

static void fail(struct model *m, struct command *c, int rc, uint64_t ts)
{
	c->failed = true;
	c->failed_ns = ts;
	if (!c->rc)
		c->rc = rc;
	retire_command(m, c, ts);
}

static int on_setup(struct model *m, struct task *t, const struct ev_setup *ev)
{
	struct command *c, *old, *next;

	LL_FOREACH_SAFE2(t->unsent, c, next, next_unsent)
	{
		if (ev->rc ? c->setup_ns == 0 : c->mid == ev->mid && !c->setup_ns)
			break;
	}
	if (!c)
		return 0;
	if (ev->rc) {
		fail(m, c, ev->rc, ev->hdr.ts);
		return 0;
	}
	old = find_conn(m, ev->conn, ev->mid);
	if (old) {
		forget_conn(m, old);
		retire_command(m, old, ev->hdr.ts);
	}
	c->conn = ev->conn;
	c->setup_ns = ev->hdr.ts;
	c->charge = ev->credit_charge;
	if (hash_add(hh_conn, m->by_conn, conn, sizeof(struct conn_key), c))
		return -ENOMEM;
	c->in_conn = true;
	return 0;
}

/* A send of which no command is known was of the subrequest that it is stamped with. */
static void on_sent(struct model *m, const struct about *a, const struct ev_send *ev)
{
	struct task *t = a->t;
	struct subrequest *s = t->unsent ? NULL : a->s;
	struct command *c, *next;

	if (s)
		s->now.sent = ev->hdr.ts;
	LL_FOREACH_SAFE2(t->unsent, c, next, next_unsent)
	{
		if (c->conn && c->conn != ev->conn)
			continue;
		LL_DELETE2(t->unsent, c, next_unsent);
		c->sent_ns = ev->hdr.ts;
		s = carried(m, c);
		if (s)
			s->now.sent = ev->hdr.ts;
		if (ev->rc < 0)
			fail(m, c, ev->rc, ev->hdr.ts);
	}
}

static void on_response(struct model *m, const struct task *t, struct command *c,
			const struct ev_rsp *ev)
{
	bool final = ev->status != STATUS_PENDING;
	uint64_t arrived = unseal_arrived(t, ev->mid);
	struct subrequest *s;

	if (!c)
		return;
	c->granted += ev->credits;
	c->header = true;
	if (final) {
		c->answered = true;
		c->status = ev->status;
		c->response_ns = ev->hdr.ts;
		c->arrived_ns = arrived;
		retire_command(m, c, ev->hdr.ts);
	} else {
		c->interim++;
	}
	s = carried(m, c);
	if (s)
		subrequest_response(s, ev, arrived);
}

/*
 * Where no probe saw the response header, this is the answer; and of a command that was entered before such a
 * recording, or whose smb3_cmd_enter is not in it, all there is.
 */
static int on_done(struct model *m, struct command *c, const struct ev_smb_cmd *ev)
{
	if (!c && ev->hdr.flags & EVF_TPONLY) {
		c = command_new(m, ev);
		if (!c)
			return -ENOMEM;
	}
	if (!c)
		return 0;
	c->done_ns = ev->hdr.ts;
	c->rc = ev->rc;
	if (!c->answered)
		c->status = ev->status;
	if (!c->in_conn) {
		c->answered = true;
		c->response_ns = ev->hdr.ts;
		retire_command(m, c, ev->hdr.ts);
	}
	return 0;
}

int command_event(struct model *m, const struct about *a)
{
	const struct ev_hdr *ev = a->ev;
	const struct ev_smb_cmd *cmd = (const void *)ev;

	switch (ev->kind) {
	case EV_SMB_CMD:
		if (cmd->event == EV_CMD_ENTER)
			return on_enter(m, a->t, cmd);
		return cmd->event == EV_CMD_SES_EXPIRED ? 0 : on_done(m, a->c, cmd);
	case EV_SETUP:
		return on_setup(m, a->t, (const void *)ev);
	case EV_SEND:
		if (ev->flags & EVF_EXIT)
			on_sent(m, a, (const void *)ev);
		return 0;
	case EV_RSP:
		on_response(m, a->t, a->c, (const void *)ev);
		return 0;
	case EV_SIGNATURE:
		if (a->c)
			a->c->sign_rc = ((const struct ev_signature *)ev)->rc;
		return 0;
	default:
		return 0;
	}
}

/* The first SESSION_SETUP has no session yet, but its answer has. */
static struct command *find_logon(const struct model *m, const struct ev_smb_cmd *ev)
{
	struct command *c = ev->cmd == SMB2_SESSION_SETUP ? find_ses(m, 0, ev->mid) : NULL;

	return c && c->cmd == ev->cmd && !c->answered ? c : NULL;
}

struct command *command_of(const struct model *m, const struct ev_hdr *ev)
{
	const struct ev_smb_cmd *cmd = (const void *)ev;
	const struct ev_fault *fault = (const void *)ev;
	const struct ev_rsp *rsp = (const void *)ev;
	const struct ev_signature *sign = (const void *)ev;
	const struct ev_decrypt *dec = (const void *)ev;

	if (ev->kind == EV_DECRYPT)
		return dec->mid ? find_conn(m, dec->conn, dec->mid) : NULL;
	if (ev->kind == EV_SIGNATURE)
		return find_conn(m, sign->conn, sign->mid);
	if (ev->kind == EV_RSP)
		return find_conn(m, rsp->conn, rsp->mid);
	if (ev->kind == EV_SMB_CMD && cmd->event != EV_CMD_ENTER)
		return find_ses(m, cmd->sesid, cmd->mid) ?: find_logon(m, cmd);
	if (ev->kind == EV_FAULT && fault->cmd != EV_NO_COMMAND)
		return find_ses(m, fault->sesid, fault->mid);
	return NULL;
}

void command_reconnect(struct model *m, uint64_t conn, uint64_t ts)
{
	struct command *c, *next;

	HASH_ITER (hh_conn, m->by_conn, c, next)
		if (c->conn == conn && !c->answered && !c->retire_ns)
			fail(m, c, -ECONNABORTED, ts);
}
