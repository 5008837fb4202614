// SPDX-License-Identifier: GPL-2.0-only
/*
 * Credits, twice: the tracepoints, which the kernel emits under req_lock but not for every change,
 * and the functions that make the changes, whose pools are read without the lock.
 */
#include "compat.bpf.h"

static __always_inline int credit_event(u64 *ctx, u16 probe)
{
	struct ev_credit *ev = begin(probe, EV_CREDIT, 0, ev_credit);

	if (!ev)
		return 0;
	ev->mid = ctx[0];
	ev->conn = ctx[1];
	ev->credits = ctx[3];
	ev->change = ctx[4];
	ev->in_flight = ctx[5];
	ev->pad = 0;
	commit(ev);
	return 0;
}

#define CREDIT_TP(name)                             \
	TRACEPOINT(name)                            \
	{                                           \
		return credit_event(ctx, P_##name); \
	}
CREDIT_TP(smb3_add_credits)
CREDIT_TP(smb3_adj_credits)
CREDIT_TP(smb3_hdr_credits)
CREDIT_TP(smb3_nblk_credits)
CREDIT_TP(smb3_pend_credits)
CREDIT_TP(smb3_wait_credits)
CREDIT_TP(smb3_waitff_credits)
CREDIT_TP(smb3_set_credits)
CREDIT_TP(smb3_overflow_credits)
CREDIT_TP(smb3_too_many_credits)
CREDIT_TP(smb3_insufficient_credits)
CREDIT_TP(smb3_credit_timeout)
CREDIT_TP(smb3_reconnect_detected)
CREDIT_TP(smb3_reconnect_with_invalid_credits)

TRACEPOINT(smb3_rw_credits)
{
	struct ev_rw_credits *ev;

	if (!want_rreq(ctx[0]))
		return 0;
	ev = begin(P_smb3_rw_credits, EV_RW_CREDITS, EVF_RREQ, ev_rw_credits);
	if (!ev)
		return 0;
	ev->rreq = ctx[0];
	ev->sreq = ctx[1];
	ev->held = ctx[2];
	ev->pool = ctx[3];
	ev->in_flight = ctx[4];
	ev->change = ctx[5];
	ev->what = ctx[6];
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	commit(ev);
	return 0;
}

/* Names the connection once per reconnect instance. */
static __always_inline void note_conn(const struct TCP_Server_Info *server)
{
	u32 instance = READ(server, reconnect_instance), *seen;
	u64 id = READ(server, conn_id);
	u64 mark = id << 32 | (instance + 1), *told = &conns_told[id % CONN_SLOTS];
	struct ev_conn *ev;

	if (*told == mark)
		return;
	seen = bpf_map_lookup_elem(&conns, &id);
	if (seen && *seen == instance) {
		*told = mark;
		return;
	}
	ev = bpf_ringbuf_reserve(&ring_main, sizeof(*ev), 0);
	if (!ev) {
		count_lost(PROBE_NONE);
		return;
	}
	__builtin_memset(ev, 0, sizeof(*ev));
	fill_header(&ev->hdr, PROBE_NONE, EV_CONN, 0, sizeof(*ev));
	ev->conn = id;
	ev->instance = instance;
	ev->status = READ(server, tcpStatus);
	ev->sign = READ(server, sign);
	ev->max_credits = READ(server, max_credits);
	ev->smb1 = READ(server, vals, protocol_id) == SMB10_PROT_ID;
	bpf_probe_read_kernel_str(ev->hostname, sizeof(ev->hostname), READ(server, hostname));
	commit(ev);
	bpf_map_update_elem(&conns, &id, &instance, BPF_ANY);
	*told = mark;
}

/* Reserves a ledger record with the pools as they are now; the caller adds the rest and commits. */
static __always_inline struct ev_credit_fn_rec *ledger_begin(u16 probe, u8 flags, u8 fn,
							     const struct TCP_Server_Info *server)
{
	struct ev_credit_fn_rec *ev;

	if (!enabled)
		return NULL;
	note_conn(server);
	ev = begin(probe, EV_CREDIT_FN, EVF_RREQ | flags, ev_credit_fn_rec);
	if (!ev)
		return NULL;
	stamp_work(ev);
	ev->conn = READ(server, conn_id);
	ev->mid = 0;
	ev->value = 0;
	ev->value_instance = 0;
	ev->rc = 0;
	ev->optype = 0;
	ev->credits = READ(server, credits);
	ev->echo = READ(server, echo_credits);
	ev->oplock = READ(server, oplock_credits);
	ev->in_flight = READ(server, in_flight);
	ev->instance = READ(server, reconnect_instance);
	ev->fn = fn;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	ev->size = 0;
	return ev;
}

/* (server, size, *num, *credits); size was unsigned int before 6.12 */
ON_ENTRY(smb2_wait_mtu_credits_enter, smb2_wait_mtu_credits)
{
	struct ev_credit_fn_rec *ev =
		ledger_begin(P_smb2_wait_mtu_credits_enter, 0, EV_CFN_WAIT_MTU, (void *)ctx[0]);

	if (!ev)
		return 0;
	ev->size = mtu_size_bytes() == sizeof(u32) ? (u32)ctx[1] : ctx[1];
	commit(ev);
	return 0;
}

ON_EXIT(smb2_wait_mtu_credits_exit, smb2_wait_mtu_credits)
{
	const struct cifs_credits *credits = (void *)ctx[3];
	struct ev_credit_fn_rec *ev;

	ev = ledger_begin(P_smb2_wait_mtu_credits_exit, EVF_EXIT, EV_CFN_WAIT_MTU, (void *)ctx[0]);
	if (!ev)
		return 0;
	ev->rc = ret;
	ev->value = READ(credits, value);
	ev->value_instance = READ(credits, instance);
	bpf_probe_read_kernel(&ev->size, mtu_size_bytes(), (void *)ctx[2]);
	commit(ev);
	return 0;
}

/* (server, num_credits, timeout, flags, *instance) */
ON_ENTRY(wait_for_free_credits_enter, wait_for_free_credits)
{
	struct ev_credit_fn_rec *ev =
		ledger_begin(P_wait_for_free_credits_enter, 0, EV_CFN_WAIT_FREE, (void *)ctx[0]);

	if (!ev)
		return 0;
	ev->value = ctx[1];
	ev->optype = ctx[3];
	commit(ev);
	return 0;
}

ON_EXIT(wait_for_free_credits_exit, wait_for_free_credits)
{
	struct ev_credit_fn_rec *ev;

	ev = ledger_begin(P_wait_for_free_credits_exit, EVF_EXIT, EV_CFN_WAIT_FREE, (void *)ctx[0]);
	if (!ev)
		return 0;
	ev->rc = ret;
	ev->value = ctx[1];
	ev->optype = ctx[3];
	commit(ev);
	return 0;
}

/* The thread may be at work for another subrequest, and free the one of these credits on its way. */
static __always_inline void stamp_owner(struct ev_credit_fn_rec *ev,
					const struct cifs_credits *credits)
{
	u32 rreq, sreq;

	if (!credits_owner(credits, &rreq, &sreq))
		return;
	if (rreq && !want_rreq(rreq))
		rreq = 0;
	ev->rreq = rreq;
	ev->sreq = rreq ? sreq : 0;
}

/* (server, *credits, optype) */
ON_EXIT(smb2_add_credits_exit, smb2_add_credits)
{
	const struct cifs_credits *credits = (void *)ctx[1];
	struct ev_credit_fn_rec *ev;

	ev = ledger_begin(P_smb2_add_credits_exit, EVF_EXIT, EV_CFN_ADD, (void *)ctx[0]);
	if (!ev)
		return 0;
	stamp_owner(ev, credits);
	ev->value = READ(credits, value);
	ev->value_instance = READ(credits, instance);
	ev->optype = ctx[2];
	commit(ev);
	return 0;
}

/* (server, *credits, size) until 6.1, (server, *subreq, trace) later: only the pools are read */
ON_EXIT(smb2_adjust_credits_exit, smb2_adjust_credits)
{
	struct ev_credit_fn_rec *ev;

	ev = ledger_begin(P_smb2_adjust_credits_exit, EVF_EXIT, EV_CFN_ADJUST, (void *)ctx[0]);
	if (!ev)
		return 0;
	ev->rc = ret;
	commit(ev);
	return 0;
}

/* (server, val) */
ON_EXIT(smb2_set_credits_exit, smb2_set_credits)
{
	struct ev_credit_fn_rec *ev;

	ev = ledger_begin(P_smb2_set_credits_exit, EVF_EXIT, EV_CFN_SET, (void *)ctx[0]);
	if (!ev)
		return 0;
	ev->value = ctx[1];
	commit(ev);
	return 0;
}

/* (*buffer, server) */
ON_EXIT(smb2_add_credits_from_hdr_exit, smb2_add_credits_from_hdr)
{
	struct ev_credit_fn_rec *ev;
	struct smb2_hdr hdr = {};

	ev = ledger_begin(P_smb2_add_credits_from_hdr_exit, EVF_EXIT, EV_CFN_ADD_FROM_HDR,
			  (void *)ctx[1]);
	if (!ev)
		return 0;
	if (!bpf_probe_read_kernel(&hdr, sizeof(hdr), (void *)ctx[0])) {
		ev->mid = hdr.MessageId;
		ev->value = hdr.CreditRequest;
	}
	commit(ev);
	return 0;
}
