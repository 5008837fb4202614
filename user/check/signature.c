// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers whose signature does not verify. A client has to discard them (MS-SMB2 3.2.5.1.3); what this one does with
 * them is what the same thread traces next: smb2_check_receive() maps the status, smb2_readv_callback() tells what
 * was read.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "base/smb2.h"
#include "check/checks.h"
#include "check/inside.h"

/* The answer that a thread has just refused. */
struct refused {
	bool pending;
	uint64_t conn, mid, sesid, ts;
	uint32_t status;
	uint16_t cmd;
};

struct signature_state {
	struct table refused; /* by thread */
	uint64_t bad, taken, discarded;
};

static void init(struct check *c)
{
	((struct signature_state *)c->state)->refused.size = sizeof(struct refused);
}

static void free_state(struct check *c)
{
	table_clear(&((struct signature_state *)c->state)->refused);
}

/* A finding about this answer; what was done with it is to be added. */
static struct finding *about(struct check *c, const struct seen *ce, const struct refused *a,
			     const char *kind)
{
	struct finding *f = finding_new(c, kind, a->ts, ce->ev->ts);

	finding_conn(f, a->conn);
	if (ce->r)
		finding_request(f, c, ce->r, ce->s ? ce->s->index : 0);
	finding_mid(f, a->conn, a->mid);
	finding_event(f, c, ce->ev);
	finding_expected(f, "the answer to %s %" PRIu64 " discarded: its signature does not verify",
			 smb2_command_name(a->cmd), a->mid);
	return f;
}

static int data_taken(struct check *c, const struct seen *ce, const struct refused *a)
{
	const struct ev_smb_rw *ev = (const void *)ce->ev;
	struct finding *f = about(c, ce, a, "data-taken");

	finding_observed(f, "%" PRIu64 " byte%s of it handed on as read", (uint64_t)ev->len,
			 plural(ev->len));
	finding_explain(
		f,
		"Nobody vouches for these bytes: they may be the server's, or of whoever sits between.");
	finding_known(f, c, KNOWN_UNVERIFIED_DATA);
	return finding_raise(f, c);
}

static int answer_taken(struct check *c, const struct seen *ce, const struct refused *a)
{
	struct finding *f = about(c, ce, a, "answer-taken");

	finding_observed(f, "its status, 0x%08" PRIx32 ", became the command's result", a->status);
	finding_explain(
		f,
		"Nobody vouches for this answer: the server's may have been another one, or none.");
	finding_known(f, c, KNOWN_UNVERIFIED_ANSWER);
	return finding_raise(f, c);
}

/* As it should be; but somebody signs wrongly, and programs get errors of it. */
static int discarded(struct check *c, const struct seen *ce, const struct refused *a)
{
	struct finding *f = about(c, ce, a, "discarded");

	finding_observed(f, "the read failed");
	finding_explain(
		f,
		"The server, or something on the way, signs wrongly: the client is right to fail.");
	finding_note(f);
	return finding_raise(f, c);
}

static int on_bad(struct check *c, const struct seen *ce)
{
	const struct ev_signature *ev = (const void *)ce->ev;
	struct signature_state *st = c->state;
	struct refused *a = table_get(&st->refused, ev->hdr.tid, 0);

	if (!a)
		return -ENOMEM;
	st->bad++;
	*a = (struct refused){
		.pending = true,
		.conn = ev->conn,
		.mid = ev->mid,
		.sesid = ev->sesid,
		.ts = ev->hdr.ts,
		.status = ev->status,
		.cmd = ev->cmd,
	};
	return 0;
}

/* What a READ brought: the thread is in its callback, so its status was mapped before. */
static int on_read(struct check *c, const struct seen *ce, struct refused *a)
{
	const struct ev_smb_rw *ev = (const void *)ce->ev;
	struct signature_state *st = c->state;

	if (a->cmd != SMB2_READ)
		return 0;
	a->pending = false;
	if (ev->event == EV_RW_ERR) {
		st->discarded++;
		return discarded(c, ce, a);
	}
	st->taken++;
	return ev->len ? data_taken(c, ce, a) : answer_taken(c, ce, a);
}

static int on_command(struct check *c, const struct seen *ce, struct refused *a)
{
	const struct ev_smb_cmd *ev = (const void *)ce->ev;

	if (ev->mid != a->mid || ev->sesid != a->sesid)
		return 0;
	a->pending = false;
	((struct signature_state *)c->state)->taken++;
	return answer_taken(c, ce, a);
}

static int on_event(struct check *c, const struct seen *ce)
{
	struct signature_state *st = c->state;
	struct refused *a;

	if (ce->ev->kind == EV_SIGNATURE)
		return on_bad(c, ce);
	a = st->bad ? table_find(&st->refused, ce->ev->tid, 0) : NULL;
	if (!a || !a->pending)
		return 0;
	return ce->ev->kind == EV_SMB_RW ? on_read(c, ce, a) : on_command(c, ce, a);
}

/* How often the function ran is told at the end: each run looked at one answer. */
static int finish(struct check *c)
{
	const struct signature_state *st = c->state;
	uint64_t runs = check_probe_hits(c, "smb2_verify_signature_exit");

	c->judged = runs > st->bad ? runs : st->bad;
	if (st->bad)
		snprintf(c->note, sizeof(c->note),
			 "%" PRIu64 " bad: %" PRIu64 " taken, %" PRIu64 " discarded", st->bad,
			 st->taken, st->discarded);
	return 0;
}

static const char *const needs[] = { "smb2_verify_signature_exit", NULL };

const struct check_ops check_signature = {
	.id = "signature",
	.severity = SEVERITY_CRITICAL,
	.title = "answers whose signature does not verify are discarded",
	.rule = "An answer for which smb2_verify_signature() returns an error has no effect: no data of it is handed on, and its status is no result.",
	.why = "Signing is there so that nobody between can change what a server says; a client that goes on with such an answer has no signing.",
	.next = "The kernel log (\"sign fail cmd\"), the command's message id in a capture, and the server: ksmbd of 6.12 signs some answers wrongly.",
	.limits =
		"Only signed connections that are not sealed: encrypted answers are not verified by signature. Answers to NEGOTIATE and SESSION_SETUP, and all before a session is established, pass without being verified, and count as judged. What SMB 1 verifies is not seen.",
	.bugs = "none of its own; found with ksmbd of 6.12",
	.judges = { "answer", "answers" },
	.needs = needs,
	.families = FAMILY_ANY,
	.commands = true,
	.wants = WANTS(EV_SIGNATURE, EV_SMB_CMD | FROM(P_smb3_cmd_done),
		       EV_SMB_CMD | FROM(P_smb3_cmd_err), EV_SMB_RW | FROM(P_smb3_read_done),
		       EV_SMB_RW | FROM(P_smb3_read_err)),
	.state_size = sizeof(struct signature_state),
	.init = init,
	.event = on_event,
	.finish = finish,
	.free = free_state,
};
