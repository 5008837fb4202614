// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMB commands and their answers. Who has the answer, or was cut off by a reconnect, has to be
 * called back; what the server never answers is the server's, and only told.
 */
#include <errno.h>
#include <inttypes.h>

#include "check/checks.h"
#include "check/inside.h"

#define CALLBACK_NS (5 * NS_PER_SEC)  /* from the answer's header to the callback */
#define CUT_NS	    (60 * NS_PER_SEC) /* from the reconnect to the callback */
#define SILENT_NS   (60 * NS_PER_SEC) /* without an answer while others get theirs */

struct sent {
	uint64_t conn, mid;
	uint32_t epoch, rreq, sreq, tid;
	uint64_t ts, answered_ns, cut_ns;
	bool synth;
};

/* of a connection */
struct answers {
	uint64_t latest; /* answer */
	uint64_t cut_ns; /* by a reconnect */
};

/* A send that broke off after a part: by thread, until it returns. */
struct broken {
	uint64_t ts;
};

struct command_state {
	struct table sent;  /* asynchronous ones of subrequests, by connection and mid */
	struct table conns; /* by connection */
	struct table broken;
};

/* May lawfully be unanswered for hours: MS-SMB2 3.2.4.19, 3.3.5.14, and what gets no answer at all.
 */
static const uint16_t patient[] = { SMB2_LOCK, SMB2_CHANGE_NOTIFY, SMB2_CANCEL, SMB2_OPLOCK_BREAK };

static void init(struct check *c)
{
	struct command_state *st = c->state;

	st->sent.size = sizeof(struct sent);
	st->conns.size = sizeof(struct answers);
	st->broken.size = sizeof(struct broken);
}

static void free_state(struct check *c)
{
	struct command_state *st = c->state;

	table_clear(&st->sent);
	table_clear(&st->conns);
	table_clear(&st->broken);
}

static bool is_patient(uint16_t cmd)
{
	for (size_t i = 0; i < ARRAY_SIZE(patient); i++)
		if (patient[i] == cmd)
			return true;
	return false;
}

static int on_setup(struct check *c, const struct seen *ce)
{
	const struct ev_setup *ev = (const void *)ce->ev;
	struct command_state *st = c->state;
	struct sent *s;

	if (ev->rc || !ev->async || !ev->rreq || (ev->cmd != SMB2_READ && ev->cmd != SMB2_WRITE))
		return 0;
	s = table_get(&st->sent, ev->conn, ev->mid);
	if (!s)
		return -ENOMEM;
	*s = (struct sent){ .conn = ev->conn,
			    .mid = ev->mid,
			    .epoch = model_recording(check_model(c))->epoch,
			    .rreq = ev->rreq,
			    .sreq = ev->sreq,
			    .synth = ev->hdr.flags & EVF_SYNTH,
			    .tid = ev->hdr.tid,
			    .ts = ev->hdr.ts };
	return 0;
}

/* A failed send takes its mid back, and its caller knows. */
static void on_send(struct command_state *st, const struct ev_send *ev)
{
	struct cell *cell, *next;

	if (!(ev->hdr.flags & EVF_EXIT) || ev->rc >= 0 || !ev->rreq)
		return;
	HASH_ITER (hh, st->sent.cells, cell, next) {
		const struct sent *s = (void *)cell->data;

		if (s->conn == ev->conn && s->rreq == ev->rreq && s->sreq == ev->sreq)
			table_del(&st->sent, s->conn, s->mid);
	}
}

/*
 * __smb_send_rqst() blocks signals, but not that of a kill, nor task work of io_uring: what is pending then
 * breaks a send off, and with a part of a message on its way the connection has to be rebuilt. It says
 * -ERESTARTSYS, or -ECONNABORTED whatever it was (6.12, 7.3), and the kernel log has the error.
 */
static int interrupted(struct check *c, const struct seen *ce)
{
	const struct ev_send *ev = (const void *)ce->ev;
	struct command_state *st = c->state;
	const struct broken *b = table_find(&st->broken, ev->hdr.tid, 0);
	bool is_signal = ev->rc == -KERNEL_ERESTARTSYS;
	struct finding *f;
	uint64_t from;

	if (!(ev->hdr.flags & EVF_EXIT) || !b)
		return 0;
	from = b->ts;
	table_del(&st->broken, ev->hdr.tid, 0);
	if (!is_signal && ev->rc != -ECONNABORTED)
		return 0;
	f = finding_new(c, is_signal ? "send-interrupted" : "send-broken-off", from, ev->hdr.ts);
	if (ce->r)
		finding_request(f, c, ce->r, ce->sreq);
	else
		finding_task(f, c, ev->hdr.tid);
	finding_conn(f, ev->conn);
	finding_event(f, c, ce->ev);
	finding_note(f);
	finding_expected(f, "a message that is sent whole");
	finding_observed(f, "error %d after a part of it", ev->rc);
	finding_explain(
		f,
		is_signal
			? "The client cut the connection itself, because a signal or task work was pending for a thread that was sending: all that was under way on it is sent again."
			: "The client rebuilds the connection. Why is in the kernel log, \"Error N sending data on socket to server\": -512 is a signal or task work of the thread that was sending, others are the network's.");
	return finding_raise(f, c);
}

static int note_broken(struct command_state *st, const struct ev_hdr *ev)
{
	struct broken *b = table_get(&st->broken, ev->tid, 0);

	if (!b)
		return -ENOMEM;
	b->ts = ev->ts;
	return 0;
}

static int on_response(struct check *c, const struct ev_rsp *ev)
{
	struct command_state *st = c->state;
	struct answers *a = table_get(&st->conns, ev->conn, 0);
	struct sent *s = table_find(&st->sent, ev->conn, ev->mid);

	if (!a)
		return -ENOMEM;
	a->latest = ev->hdr.ts;
	if (s && is_final(ev) && !s->answered_ns)
		s->answered_ns = ev->hdr.ts;
	return 0;
}

static int on_reconnect(struct command_state *st, uint64_t conn, uint64_t ts)
{
	struct answers *a = table_get(&st->conns, conn, 0);
	struct cell *cell, *next;

	if (!a)
		return -ENOMEM;
	a->cut_ns = ts;
	HASH_ITER (hh, st->sent.cells, cell, next) {
		struct sent *s = (void *)cell->data;

		if (s->conn == conn && !s->cut_ns)
			s->cut_ns = ts;
	}
	return 0;
}

/* The header of the answer is read before its callback runs, in the same thread or by whom hands it to this one. */
static int not_its_answer(struct check *c, const struct seen *ce, const struct sent *s)
{
	struct finding *f = finding_new(c, "not-its-answer", s->ts, ce->ev->ts);

	if (ce->r)
		finding_request(f, c, ce->r, s->sreq);
	finding_mid(f, s->conn, s->mid);
	finding_event(f, c, ce->ev);
	finding_expected(f, "the callback of mid %" PRIu64 " after its answer", s->mid);
	finding_observed(f, "the callback with an answer, and none to this message yet");
	finding_explain(
		f,
		"The command is ended by the answer to another: its data are another's, and so are its result and credits.");
	return finding_raise(f, c);
}

static int on_callback(struct check *c, const struct seen *ce)
{
	const struct ev_callback *ev = (const void *)ce->ev;
	struct command_state *st = c->state;
	const struct sent *s = table_find(&st->sent, ev->conn, ev->mid);
	int rc = 0;

	if (s && !(ev->hdr.flags & EVF_EXIT) && ev->mid_state == MID_RECEIVED && !s->answered_ns)
		rc = not_its_answer(c, ce, s);
	table_del(&st->sent, ev->conn, ev->mid);
	return rc;
}

static int on_event(struct check *c, const struct seen *ce)
{
	struct command_state *st = c->state;

	switch (ce->ev->kind) {
	case EV_SETUP:
		return on_setup(c, ce);
	case EV_SEND:
		on_send(st, (const void *)ce->ev);
		return interrupted(c, ce);
	case EV_RSP:
		return on_response(c, (const void *)ce->ev);
	case EV_CALLBACK:
		return on_callback(c, ce);
	case EV_RECONNECT:
		if (ce->probe == P_smb3_partial_send_reconnect)
			return note_broken(st, ce->ev);
		return on_reconnect(st, ((const struct ev_reconnect *)ce->ev)->conn, ce->ev->ts);
	default:
		return 0;
	}
}

static int no_callback(struct check *c, const struct sent *s, uint64_t now)
{
	bool answered = s->answered_ns != 0;
	uint64_t since = answered ? s->answered_ns : s->cut_ns;
	const struct request_key key = { .epoch = s->epoch, .rreq = s->rreq, .synth = s->synth };
	const struct request *r = model_request(check_model(c), &key);
	struct finding *f = finding_new(c, answered ? "no-callback" : "not-cut", s->ts, now);

	if (f) {
		f->epoch = s->epoch;
		f->rreq = s->rreq;
		f->sreq = s->sreq;
		f->synth = s->synth;
	}
	finding_task(f, c, s->tid);
	finding_mid(f, s->conn, s->mid);
	if (r)
		finding_evidence(f, c, r, s->sreq);
	finding_expected(f, "a callback after %s", answered ? "the answer" : "the reconnect");
	finding_observed(f, "none for %" PRIu64 " s", (now - since) / NS_PER_SEC);
	finding_explain(
		f,
		answered
			? "The answer was read and dropped: the subrequest is never told."
			: "The connection was rebuilt, but this command was forgotten: it will never end, and in_flight stays too high.");
	return finding_raise(f, c);
}

static int on_tick(struct check *c, uint64_t now)
{
	struct command_state *st = c->state;
	struct cell *cell, *next;
	int rc = 0;

	HASH_ITER (hh, st->sent.cells, cell, next) {
		const struct sent *s = (void *)cell->data;
		bool late = (s->answered_ns && check_progress(c, s->answered_ns) > CALLBACK_NS) ||
			    (s->cut_ns && check_progress(c, s->cut_ns) > CUT_NS);

		if (rc || !late)
			continue;
		rc = no_callback(c, s, now);
		table_del(&st->sent, s->conn, s->mid);
	}
	return rc;
}

/* At the end of the stream, or when its number is used again. */
static int on_command(struct check *c, const struct command *cmd)
{
	struct command_state *st = c->state;
	const struct answers *a = table_find(&st->conns, cmd->conn, 0);
	struct finding *f;

	c->judged += cmd->sent_ns && !is_patient(cmd->cmd);
	if (cmd->answered || cmd->failed || !cmd->sent_ns || is_patient(cmd->cmd) || !a ||
	    a->cut_ns >= cmd->enter_ns || a->latest < cmd->sent_ns + SILENT_NS)
		return 0;
	f = finding_new(c, "unanswered", cmd->enter_ns, a->latest);
	finding_task(f, c, cmd->thread);
	finding_mid(f, cmd->conn, cmd->mid);
	finding_doubt(f, "the server may not have answered");
	finding_expected(f, "an answer to %s", smb2_command_name(cmd->cmd));
	finding_observed(f, "none in %" PRIu64 " s, while others got theirs",
			 (a->latest - cmd->sent_ns) / NS_PER_SEC);
	finding_explain(f, "Either the server forgot the command, or the client its answer.");
	return finding_raise(f, c);
}

static const char *const needs[] = { "smb2_setup_async_request_exit",
				     "smb2_setup_request_exit",
				     "smb2_is_status_pending_enter",
				     "__smb_send_rqst_exit",
				     "smb3_cmd_enter",
				     "smb3_reconnect",
				     "smb2_readv_callback_enter",
				     "smb2_writev_callback_enter",
				     NULL };

const struct check_ops check_command = {
	.id = "command",
	.severity = SEVERITY_ERROR,
	.title = "commands and their answers",
	.rule = "Every SMB command sent gets an answer, a cancel or a reconnect, and its caller is told of that, after it came.",
	.why = "Its caller waits forever, and in_flight stays too high.",
	.next = "in_flight and the mid in the kernel's DebugData; the wire: `smb2.msg_id` of the mid.",
	.limits =
		"LOCK, CHANGE_NOTIFY, CANCEL and oplock acknowledgements may stay unanswered forever. No answer for 60 s while other commands get theirs is inconclusive.",
	.bugs = "\"cifs: fix mid leak during reconnection after timeout threshold\"; \"smb: client: fix mid_q_entry memleak leak with per-mid locking\"",
	.example =
		"command: R=0000000a[1]: The answer was read and dropped: the subrequest is never told.\n"
		"  verdict   violation, error\n"
		"  expected  a callback after the answer\n"
		"  observed  none for 5 s\n"
		"  when      [   29.378223], 2026-11-28 03:48:42.822 UTC\n"
		"  task      dd (tid 312, pid 312)\n"
		"  command   conn 0x1, mid 70; wireshark: smb2.msg_id == 70\n"
		"    [   24.142340] dd-312: cmd READ mid=70\n"
		"    [   24.142400] dd-312: set up mid=70 rc=0\n"
		"    [   24.142422] dd-312: send rc=0\n"
		"    [   24.142893] dd-312: sent rc=0\n"
		"    [   24.142922] dd-312: async done credits=0 rc=0\n"
		"    [   24.142938] dd-312: issue done credits=0 rc=0\n"
		"    [   24.155255] cifsd-236: response 00000000 +9\n"
		"    [   24.155277] cifsd-236: cmd done READ mid=70\n",
	.judges = { "command", "commands" },
	.needs = needs,
	.families = FAMILY_ANY,
	.commands = true,
	.wants =
		WANTS(EV_SETUP, EV_SEND, EV_RSP, EV_CALLBACK, EV_RECONNECT | FROM(P_smb3_reconnect),
		      EV_RECONNECT | FROM(P_smb3_partial_send_reconnect)),
	.state_size = sizeof(struct command_state),
	.init = init,
	.event = on_event,
	.command = on_command,
	.tick = on_tick,
	.free = free_state,
};
