// SPDX-License-Identifier: GPL-2.0-only
/* SMB reads and writes: tracepoints, the stages of a subrequest, and the response callbacks. */
#include "compat.bpf.h"

/*
 * ctx[i] that clang cannot move: it would compute ctx + (cond ? 2 : 0), and before 7.x the verifier
 * refuses loads through a moved ctx.
 */
#define PINNED_ARG(ctx, i)                                                                  \
	({                                                                                  \
		u64 v_;                                                                     \
		asm volatile("%0 = *(u64 *)(%1 + %2)" : "=r"(v_) : "r"(ctx), "i"(8 * (i))); \
		v_;                                                                         \
	})

/* at: index of xid in the tracepoint's arguments */
#define FILL_RW(ev, ctx, at, failed)                                      \
	do {                                                              \
		(ev)->xid = PINNED_ARG(ctx, (at));                        \
		(ev)->fid = PINNED_ARG(ctx, (at) + 1);                    \
		(ev)->tid = PINNED_ARG(ctx, (at) + 2);                    \
		(ev)->sesid = PINNED_ARG(ctx, (at) + 3);                  \
		(ev)->offset = PINNED_ARG(ctx, (at) + 4);                 \
		(ev)->len = PINNED_ARG(ctx, (at) + 5);                    \
		(ev)->rc = (failed) ? (s32)PINNED_ARG(ctx, (at) + 6) : 0; \
	} while (0)

static __always_inline int rw_event(u64 *ctx, u16 probe, u8 event, bool write)
{
	u32 rreq = rw_has_rreq() ? ctx[0] : 0;
	u32 sreq = rw_has_rreq() ? ctx[1] : 0;
	struct ev_smb_rw *ev;

	if (!want_rreq(rreq))
		return 0;
	ev = begin(probe, EV_SMB_RW, EVF_RREQ, ev_smb_rw);
	if (!ev)
		return 0;
	ev->rreq = rreq;
	ev->sreq = sreq;
	ev->event = event;
	ev->write = write;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	if (rw_has_rreq()) {
		FILL_RW(ev, ctx, 2, event == EV_RW_ERR);
	} else {
		FILL_RW(ev, ctx, 0, event == EV_RW_ERR);
		stamp_work(ev);
	}
	commit(ev);
	return 0;
}

#define RW(name, event, write)                                \
	TRACEPOINT(name)                                      \
	{                                                     \
		return rw_event(ctx, P_##name, event, write); \
	}
RW(smb3_read_enter, EV_RW_ENTER, false)
RW(smb3_read_done, EV_RW_DONE, false)
RW(smb3_read_err, EV_RW_ERR, false)
RW(smb3_write_enter, EV_RW_ENTER, true)
RW(smb3_write_done, EV_RW_DONE, true)
RW(smb3_write_err, EV_RW_ERR, true)

/*
 * Most functions take it as a netfs_io_subrequest, and beyond that the verifier allows no direct
 * load. `typed`: this one takes it as what it is.
 */
#define IO_READ(io, typed, ...) ((typed) ? READ(io, __VA_ARGS__) : BPF_CORE_READ(io, __VA_ARGS__))

/* Both numbers at once, where they are neighbours. */
static __always_inline void step_credits(struct ev_step_rec *ev,
					 const struct cifs_io_subrequest *io, bool typed)
{
	u32 both[2] = {};

	if (typed || bpf_core_field_offset(io->credits.instance) !=
			     bpf_core_field_offset(io->credits.value) + sizeof(u32)) {
		ev->credits = IO_READ(io, typed, credits.value);
		ev->instance = IO_READ(io, typed, credits.instance);
		return;
	}
	bpf_probe_read_kernel(both, sizeof(both),
			      __builtin_preserve_access_index(&io->credits.value));
	ev->credits = both[0];
	ev->instance = both[1];
}

static __always_inline int step_event(u16 probe, const struct cifs_io_subrequest *io, u8 step,
				      bool typed, u64 conn)
{
	struct ev_step_rec *ev = begin(probe, EV_STEP, EVF_RREQ, ev_step_rec);

	if (!ev)
		return 0;
	ev->rreq = READ(io, subreq.rreq, debug_id);
	ev->sreq = READ(io, subreq.debug_index);
	ev->conn = conn;
	ev->got_bytes = IO_READ(io, typed, got_bytes);
	step_credits(ev, io, typed);
	ev->rc = 0;
	ev->step = step;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	commit(ev);
	return 0;
}

/* While a step lasts, the thread's credit, command and send events are its subrequest's. */
static __always_inline int step_enter(u64 *ctx, u16 probe, u8 step, bool typed)
{
	const struct cifs_io_subrequest *io = (void *)ctx[0];
	struct work *outer = current_work();
	u32 rreq, sreq;
	u64 conn;

	if (!cifs_on_netfs())
		return 0;
	rreq = READ(io, subreq.rreq, debug_id);
	sreq = READ(io, subreq.debug_index);
	if (!want_rreq(rreq)) /* nor shall its credits and commands carry its R */
		return 0;
	conn = IO_READ(io, typed, server, conn_id);
	if (outer && outer->rreq == rreq && outer->sreq == sreq)
		outer->nested++;
	else
		set_work(rreq, sreq, conn, 0, &io->subreq);
	return step_event(probe, io, step, typed, conn);
}

static __always_inline void leave_work(struct work *w)
{
	if (w->nested)
		w->nested--;
	else
		end_work(w);
}

/* The subrequest may be gone by now (its response came, or it failed): report from the stash. */
static __always_inline int step_exit(u16 probe, u8 step, s32 rc)
{
	struct work *w = current_work();
	struct ev_step_rec *ev;

	if (!w)
		return 0;
	ev = begin(probe, EV_STEP, EVF_RREQ | EVF_EXIT, ev_step_rec);
	if (ev) {
		ev->rreq = w->rreq;
		ev->sreq = w->sreq;
		ev->conn = w->conn;
		ev->got_bytes = 0;
		ev->credits = 0;
		ev->instance = 0;
		ev->rc = rc;
		ev->step = step;
		__builtin_memset(ev->pad, 0, sizeof(ev->pad));
		commit(ev);
	}
	leave_work(w);
	return 0;
}

#define STEP(func, step, typed)                                        \
	ON_ENTRY(func##_enter, func)                                   \
	{                                                              \
		return step_enter(ctx, P_##func##_enter, step, typed); \
	}                                                              \
	ON_EXIT(func##_exit, func)                                     \
	{                                                              \
		return step_exit(P_##func##_exit, step, ret);          \
	}

STEP(cifs_prepare_read, EV_STEP_PREPARE_READ, false)
STEP(cifs_prepare_write, EV_STEP_PREPARE_WRITE, false)
STEP(cifs_issue_read, EV_STEP_ISSUE_READ, false)
STEP(cifs_issue_write, EV_STEP_ISSUE_WRITE, false)
STEP(smb2_async_readv, EV_STEP_ASYNC_READ, true)
STEP(smb2_async_writev, EV_STEP_ASYNC_WRITE, true)

/* Often called inside a callback of the same subrequest, whose work it must not end. */
ON_ENTRY(cifs_free_subrequest_enter, cifs_free_subrequest)
{
	const struct cifs_io_subrequest *io = (void *)ctx[0];

	if (!cifs_on_netfs() || !want_rreq(READ(io, subreq.rreq, debug_id)))
		return 0;
	return step_event(P_cifs_free_subrequest_enter, io, EV_STEP_FREE, false,
			  BPF_CORE_READ(io, server, conn_id));
}

static __always_inline struct ev_callback *callback_begin(u16 probe, u8 flags, bool write)
{
	struct ev_callback *ev = begin(probe, EV_CALLBACK, EVF_RREQ | flags, ev_callback);

	if (!ev)
		return NULL;
	ev->rreq = 0;
	ev->sreq = 0;
	ev->got_bytes = 0;
	ev->result = 0;
	ev->mid_state = 0;
	ev->credits = 0;
	ev->write = write;
	ev->decrypted = 0;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	return ev;
}

/* A unit that the filter left out, or that began before the recording, has no id. */
static __always_inline void callback_old_io(struct ev_callback *ev, struct mid_q_entry *mid,
					    bool write)
{
	u64 key = (u64)READ(mid, callback_data);
	struct old_io *io = bpf_map_lookup_elem(&old_ios, &key);

	if (!io)
		return;
	ev->hdr.flags |= EVF_SYNTH;
	ev->rreq = io->rreq;
	ev->sreq = io->sreq;
	ev->result = OLD_IO_READ(key, write, result);
	ev->credits = OLD_IO_READ(key, write, credits.value);
	if (!write)
		ev->got_bytes = OLD_READ(key, got_bytes);
	set_old_work(io, ev->conn, ev->mid);
}

/* what callback_data points at since 6.12; probe_read, as void * carries no type */
static __always_inline void callback_subrequest(struct ev_callback *ev,
						struct cifs_io_subrequest *io)
{
	ev->rreq = BPF_CORE_READ(io, subreq.rreq, debug_id);
	ev->sreq = BPF_CORE_READ(io, subreq.debug_index);
	ev->got_bytes = BPF_CORE_READ(io, got_bytes);
	ev->result = BPF_CORE_READ(io, result);
	ev->credits = BPF_CORE_READ(io, credits.value);
}

/* At entry everything is alive; at exit mid and subrequest may be freed: stash, keyed by thread. */
static __always_inline int callback_enter(u64 *ctx, u16 probe, bool write)
{
	struct mid_q_entry *mid = callback_mid(ctx);
	struct TCP_Server_Info *server = callback_server(ctx);
	struct ev_callback *ev = callback_begin(probe, 0, write);
	struct cifs_io_subrequest *io;

	if (!ev)
		return 0;
	ev->conn = READ(server, conn_id);
	ev->mid = READ(mid, mid);
	ev->mid_state = READ(mid, mid_state);
	ev->decrypted = BPF_CORE_READ_BITFIELD_PROBED(mid, decrypted);
	if (!cifs_on_netfs()) {
		callback_old_io(ev, mid, write);
		commit(ev);
		return 0;
	}
	io = READ(mid, callback_data);
	callback_subrequest(ev, io);
	if (want_rreq(ev->rreq)) {
		set_work(ev->rreq, ev->sreq, ev->conn, ev->mid, io);
		commit(ev);
	} else {
		bpf_ringbuf_discard(ev, BPF_RB_NO_WAKEUP);
	}
	return 0;
}

static __always_inline int callback_exit(u16 probe, bool write)
{
	struct work *w = current_work();
	struct ev_callback *ev;

	if (!w)
		return 0;
	ev = callback_begin(probe, EVF_EXIT, write);
	if (ev) {
		ev->hdr.flags |= w->synth ? EVF_SYNTH : 0;
		ev->rreq = w->rreq;
		ev->sreq = w->sreq;
		ev->conn = w->conn;
		ev->mid = w->mid;
		commit(ev);
	}
	end_work(w);
	return 0;
}

#define CALLBACK(func, write)                                        \
	ON_ENTRY(func##_enter, func)                                 \
	{                                                            \
		return callback_enter(ctx, P_##func##_enter, write); \
	}                                                            \
	ON_EXIT(func##_exit, func)                                   \
	{                                                            \
		return callback_exit(P_##func##_exit, write);        \
	}
CALLBACK(smb2_readv_callback, false)
CALLBACK(smb2_writev_callback, true)
