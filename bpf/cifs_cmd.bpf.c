// SPDX-License-Identifier: GPL-2.0-only
/* SMB commands: from the mid to the response header; files, leases, connections. */
#include "compat.bpf.h"

#define TRANSFORM_HDR 52 /* bytes, MS-SMB2 2.2.41 */

static __always_inline int cmd_event(u64 *ctx, u16 probe, u8 event)
{
	struct ev_smb_cmd *ev = begin(probe, EV_SMB_CMD, EVF_RREQ, ev_smb_cmd);

	if (!ev)
		return 0;
	stamp_work(ev);
	ev->tid = ctx[0];
	ev->sesid = ctx[1];
	ev->cmd = ctx[2];
	ev->mid = ctx[3];
	ev->status = event == EV_CMD_ERR ? ctx[4] : 0;
	ev->rc = event == EV_CMD_ERR ? (s32)ctx[5] : 0;
	ev->event = event;
	ev->pad = 0;
	commit(ev);
	return 0;
}

#define CMD(name, event)                                \
	TRACEPOINT(name)                                \
	{                                               \
		return cmd_event(ctx, P_##name, event); \
	}
CMD(smb3_cmd_enter, EV_CMD_ENTER)
CMD(smb3_cmd_done, EV_CMD_DONE)
CMD(smb3_cmd_err, EV_CMD_ERR)
CMD(smb3_ses_expired, EV_CMD_SES_EXPIRED)

TRACEPOINT(smb3_slow_rsp)
{
	struct ev_slow_rsp *ev = begin(P_smb3_slow_rsp, EV_SLOW_RSP, 0, ev_slow_rsp);

	if (!ev)
		return 0;
	ev->cmd = ctx[0];
	ev->mid = ctx[1];
	ev->pid = ctx[2];
	ev->sent = ctx[3];
	ev->received = ctx[4];
	ev->pad = 0;
	commit(ev);
	return 0;
}

TRACEPOINT(smb3_eio)
{
	struct ev_eio *ev = begin(P_smb3_eio, EV_EIO, 0, ev_eio);

	if (!ev)
		return 0;
	ev->what = ctx[0];
	ev->info = ctx[1];
	ev->info2 = ctx[2];
	ev->pad = 0;
	commit(ev);
	return 0;
}

/* Where each argument of a file event stands, by prototype class (trace.h's DECLARE_EVENT_CLASSes).
 */
struct file_args {
	s32 xid, fid, tid, sesid, arg0, arg1, rc;
};
#define NO_ARG (-1)

static __always_inline u64 pick(u64 *ctx, s32 i)
{
	return i == NO_ARG ? 0 : ctx[i];
}

static __always_inline int file_event(u64 *ctx, u16 probe, const struct file_args a)
{
	struct ev_smb_file *ev = begin(probe, EV_SMB_FILE, 0, ev_smb_file);

	if (!ev)
		return 0;
	ev->xid = pick(ctx, a.xid);
	ev->fid = pick(ctx, a.fid);
	ev->tid = pick(ctx, a.tid);
	ev->sesid = pick(ctx, a.sesid);
	ev->arg[0] = pick(ctx, a.arg0);
	ev->arg[1] = pick(ctx, a.arg1);
	ev->rc = (s32)pick(ctx, a.rc);
	ev->pad = 0;
	commit(ev);
	return 0;
}

#define FILE_TP(name, ...)                                                           \
	TRACEPOINT(name)                                                             \
	{                                                                            \
		return file_event(ctx, P_##name, (struct file_args){ __VA_ARGS__ }); \
	}
#define FID(rc_) .xid = 0, .fid = 1, .tid = 2, .sesid = 3, .arg0 = NO_ARG, .arg1 = NO_ARG, .rc = rc_
#define LEASE(rc_) \
	.xid = NO_ARG, .fid = NO_ARG, .tid = 1, .sesid = 2, .arg0 = 0, .arg1 = 3, .rc = rc_
FILE_TP(smb3_open_enter, .xid = 0, .fid = NO_ARG, .tid = 1, .sesid = 2, .arg0 = 4, .arg1 = 5,
	.rc = NO_ARG)
FILE_TP(smb3_open_done, .xid = 0, .fid = 1, .tid = 2, .sesid = 3, .arg0 = 4, .arg1 = 5,
	.rc = NO_ARG)
FILE_TP(smb3_open_err, .xid = 0, .fid = NO_ARG, .tid = 1, .sesid = 2, .arg0 = 3, .arg1 = 4, .rc = 5)
FILE_TP(smb3_close_enter, FID(NO_ARG))
FILE_TP(smb3_close_done, FID(NO_ARG))
FILE_TP(smb3_close_err, FID(4))
FILE_TP(smb3_flush_enter, FID(NO_ARG))
FILE_TP(smb3_flush_done, FID(NO_ARG))
FILE_TP(smb3_flush_err, FID(4))
FILE_TP(smb3_oplock_not_found, FID(NO_ARG))
FILE_TP(smb3_lease_done, LEASE(NO_ARG))
FILE_TP(smb3_lease_err, LEASE(5))
FILE_TP(smb3_lease_ack_done, LEASE(NO_ARG))
FILE_TP(smb3_lease_ack_err, LEASE(5))

/* 7.x: (flags?, state, epoch, tid, sesid, key low, key high); before: (state, tid, sesid, key...)
 */
static __always_inline int lease_break_event(u64 *ctx, u16 probe)
{
	if (nargs[probe] >= 7)
		return file_event(ctx, probe,
				  (struct file_args){ .xid = NO_ARG,
						      .fid = NO_ARG,
						      .tid = 3,
						      .sesid = 4,
						      .arg0 = 0,
						      .arg1 = 5,
						      .rc = NO_ARG });
	return file_event(ctx, probe, (struct file_args){ LEASE(NO_ARG) });
}

TRACEPOINT(smb3_lease_not_found)
{
	return lease_break_event(ctx, P_smb3_lease_not_found);
}

TRACEPOINT(smb3_lease_break_enter)
{
	return lease_break_event(ctx, P_smb3_lease_break_enter);
}

/* 7.x: an open served by a deferred close's handle: (xid, tid, sesid, fid, flags, flags) */
FILE_TP(smb3_open_cached, .xid = 0, .fid = 3, .tid = 1, .sesid = 2, .arg0 = 4, .arg1 = 5,
	.rc = NO_ARG)

static __always_inline int conn_event(u16 probe, u64 conn, u64 mid, s32 rc)
{
	struct ev_reconnect *ev = begin(probe, EV_RECONNECT, 0, ev_reconnect);

	if (!ev)
		return 0;
	ev->conn = conn;
	ev->mid = mid;
	ev->rc = rc;
	ev->pad = 0;
	commit(ev);
	return 0;
}

#define CONN_TP(name, conn, mid, rc)                        \
	TRACEPOINT(name)                                    \
	{                                                   \
		return conn_event(P_##name, conn, mid, rc); \
	}
CONN_TP(smb3_reconnect, ctx[1], ctx[0], 0)
CONN_TP(smb3_partial_send_reconnect, ctx[1], ctx[0], 0)
CONN_TP(smb3_connect_done, ctx[1], 0, 0)
CONN_TP(smb3_connect_err, ctx[1], 0, (s32)ctx[3])
CONN_TP(smb3_ses_not_found, 0, ctx[0], 0)

static __always_inline int setup_exit(u64 ret, const struct mid_q_entry *mid, u16 probe,
				      const struct TCP_Server_Info *server, bool async)
{
	struct ev_setup *ev = begin(probe, EV_SETUP, EVF_RREQ | EVF_EXIT, ev_setup);

	if (!ev)
		return 0;
	stamp_work(ev);
	ev->conn = READ(server, conn_id);
	ev->rc = ret > -4096UL ? (s32)ret : 0; /* ERR_PTR */
	ev->mid = ev->rc ? 0 : READ(mid, mid);
	ev->cmd = ev->rc ? 0xffff : READ(mid, command);
	ev->credit_charge = ev->rc ? 0 : READ(mid, credits);
	ev->credit_request = 0;
	ev->async = async;
	ev->pad = 0;
	commit(ev);
	return 0;
}

ON_EXIT(smb2_setup_request_exit, smb2_setup_request)
{
	return setup_exit(ret, RETURNED(ctx, 3, ret), P_smb2_setup_request_exit, (void *)ctx[1],
			  false);
}

ON_EXIT(smb2_setup_async_request_exit, smb2_setup_async_request)
{
	return setup_exit(ret, RETURNED(ctx, 2, ret), P_smb2_setup_async_request_exit,
			  (void *)ctx[0], true);
}

static __always_inline int send_event(u16 probe, u8 flags, const struct TCP_Server_Info *server,
				      u32 nr, s32 rc)
{
	struct ev_send *ev = begin(probe, EV_SEND, EVF_RREQ | flags, ev_send);

	if (!ev)
		return 0;
	stamp_work(ev);
	ev->conn = READ(server, conn_id);
	ev->nr_rqst = nr;
	ev->rc = rc;
	commit(ev);
	return 0;
}

ON_ENTRY(__smb_send_rqst_enter, __smb_send_rqst)
{
	return send_event(P___smb_send_rqst_enter, 0, (void *)ctx[0], ctx[1], 0);
}

ON_EXIT(__smb_send_rqst_exit, __smb_send_rqst)
{
	return send_event(P___smb_send_rqst_exit, EVF_EXIT, (void *)ctx[0], ctx[1], ret);
}

/* Called with every response header, interim ones included, and nothing else has both mid and
 * grant. */
ON_ENTRY(smb2_is_status_pending_enter, smb2_is_status_pending)
{
	const struct TCP_Server_Info *server = (void *)ctx[1];
	struct smb2_hdr hdr = {};
	struct ev_rsp *ev;

	if (bpf_probe_read_kernel(&hdr, sizeof(hdr), (void *)ctx[0]))
		return 0;
	ev = begin(P_smb2_is_status_pending_enter, EV_RSP, 0, ev_rsp);
	if (!ev)
		return 0;
	ev->conn = READ(server, conn_id);
	ev->mid = hdr.MessageId;
	ev->sesid = hdr.SessionId;
	ev->status = hdr.Status;
	ev->smb_flags = hdr.Flags;
	ev->cmd = hdr.Command;
	ev->credits = hdr.CreditRequest;
	ev->pad = 0;
	commit(ev);
	return 0;
}

/* (rqst, server). What verifies is the rule, and makes no record. */
ON_EXIT(smb2_verify_signature_exit, smb2_verify_signature)
{
	const struct TCP_Server_Info *server = (void *)ctx[1];
	const struct smb_rqst *rqst = (void *)ctx[0];
	struct smb2_hdr hdr = {};
	struct ev_signature *ev;

	if (!enabled)
		return 0;
	if (!(s32)ret || bpf_probe_read_kernel(&hdr, sizeof(hdr), READ(rqst, rq_iov, iov_base))) {
		count_hit(P_smb2_verify_signature_exit);
		return 0;
	}
	ev = begin(P_smb2_verify_signature_exit, EV_SIGNATURE, EVF_EXIT, ev_signature);
	if (!ev)
		return 0;
	ev->conn = READ(server, conn_id);
	ev->mid = hdr.MessageId;
	ev->sesid = hdr.SessionId;
	ev->status = hdr.Status;
	ev->rc = ret;
	ev->cmd = hdr.Command;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	commit(ev);
	return 0;
}

static __always_inline int decrypt_event(u16 probe, u8 flags, u8 event,
					 const struct TCP_Server_Info *server, u64 buf, u64 mid,
					 s32 rc)
{
	struct ev_decrypt *ev = begin(probe, EV_DECRYPT, flags, ev_decrypt);

	if (!ev)
		return 0;
	ev->conn = READ(server, conn_id);
	ev->mid = mid;
	ev->buf = buf;
	ev->rc = rc;
	ev->cipher = READ(server, cipher_type);
	ev->event = event;
	ev->pad = 0;
	commit(ev);
	return 0;
}

/*
 * (server, mids, bufs, num_mids). A message that a work item is to decrypt stays in this buffer, and the connection
 * gets another one.
 */
ON_ENTRY(smb3_receive_transform_enter, smb3_receive_transform)
{
	const struct TCP_Server_Info *server = (void *)ctx[0];

	return decrypt_event(P_smb3_receive_transform_enter, 0, EV_DECRYPT_RECEIVE, server,
			     (u64)READ(server, smallbuf), 0, 0);
}

ON_EXIT(smb3_receive_transform_exit, smb3_receive_transform)
{
	return decrypt_event(P_smb3_receive_transform_exit, EVF_EXIT, EV_DECRYPT_RECEIVE,
			     (void *)ctx[0], 0, 0, ret);
}

/* (server, num_rqst, rqst, enc). What is encrypted is part of sending it. */
ON_ENTRY(crypt_message_enter, crypt_message)
{
	const struct smb_rqst *rqst = (void *)ctx[2];

	if (ctx[3] & 0xffffffff) {
		if (enabled)
			count_hit(P_crypt_message_enter);
		return 0;
	}
	return decrypt_event(P_crypt_message_enter, 0, EV_DECRYPT_CIPHER, (void *)ctx[0],
			     (u64)READ(rqst, rq_iov, iov_base), 0, 0);
}

/* In place: the message follows the header that said how to decrypt it. */
ON_EXIT(crypt_message_exit, crypt_message)
{
	const struct smb_rqst *rqst = (void *)ctx[2];
	struct smb2_hdr hdr = {};
	u64 buf;

	if (ctx[3] & 0xffffffff) {
		if (enabled)
			count_hit(P_crypt_message_exit);
		return 0;
	}
	buf = (u64)READ(rqst, rq_iov, iov_base);
	if ((s32)ret || bpf_probe_read_kernel(&hdr, sizeof(hdr), (void *)(buf + TRANSFORM_HDR)))
		hdr.MessageId = 0;
	return decrypt_event(P_crypt_message_exit, EVF_EXIT, EV_DECRYPT_CIPHER, (void *)ctx[0], buf,
			     hdr.MessageId, ret);
}
