// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cifs that does its I/O without netfs (until 6.9). Its unit is the cifs_readdata or
 * cifs_writedata: one SMB READ or WRITE. The kernel has no ids for them, nor for the calls that cut
 * their range into units, so they are counted here: a call is {EV_SYNTH_RREQ | count}, its units
 * are 1, 2, 3...
 */
#include "compat.bpf.h"

static __always_inline bool passes(const struct inode *inode, u32 rreq)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	char fs[EV_FSNAME_LEN] = {};
	u8 yes = 1;

	if (!filtering || bpf_map_lookup_elem(&wanted, &rreq))
		return true;
	if ((filter_tgid && filter_tgid != tgid) ||
	    (filter_ino && filter_ino != BPF_CORE_READ(inode, i_ino)) ||
	    (filter_dev && filter_dev != BPF_CORE_READ(inode, i_sb, s_dev)))
		return false;
	bpf_probe_read_kernel_str(fs, sizeof(fs), BPF_CORE_READ(inode, i_sb, s_type, name));
	for (int i = 0; filter_fs[0] && i < EV_FSNAME_LEN; i++)
		if (fs[i] != filter_fs[i])
			return false;
	bpf_map_update_elem(&wanted, &rreq, &yes, BPF_ANY);
	return true;
}

static __always_inline const struct inode *inode_of(u64 addr, bool write)
{
	return OLD_IO_READ(addr, write, cfile, dentry, d_inode);
}

static __always_inline u64 got_bytes(u64 addr, bool write)
{
	if (write)
		return OLD_WRITE(addr, result) ? 0 : OLD_WRITE(addr, bytes);
	return OLD_READ(addr, got_bytes);
}

static __always_inline void fill_inode(struct ev_cifs_io *ev, const struct inode *inode)
{
	ev->ino = BPF_CORE_READ(inode, i_ino);
	ev->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	bpf_probe_read_kernel_str(ev->fs, sizeof(ev->fs), BPF_CORE_READ(inode, i_sb, s_type, name));
}

static __always_inline struct ev_cifs_io *io_begin(u16 probe, u8 flags, u8 phase,
						   const struct old_io *io, bool write)
{
	struct ev_cifs_io *ev = begin(probe, EV_CIFS_IO, EVF_RREQ | EVF_SYNTH | flags, ev_cifs_io);

	if (!ev)
		return NULL;
	__builtin_memset((char *)ev + sizeof(ev->hdr), 0, sizeof(*ev) - sizeof(ev->hdr));
	ev->rreq = io->rreq;
	ev->sreq = io->sreq;
	ev->origin = io->origin;
	ev->phase = phase;
	ev->write = write;
	return ev;
}

static __always_inline int unit_event(u16 probe, u8 phase, const struct old_io *io, u64 addr,
				      bool write)
{
	u64 ctx = (u64)OLD_IO_READ(addr, write, ctx);
	struct ev_cifs_io *ev = io_begin(probe, 0, phase, io, write);

	if (!ev)
		return 0;
	ev->start = OLD_IO_READ(addr, write, offset);
	ev->len = OLD_IO_READ(addr, write, bytes);
	ev->got = phase == EV_IO_SUBMIT ? 0 : got_bytes(addr, write);
	ev->conn = OLD_IO_READ(addr, write, server, conn_id);
	ev->call_len = ctx ? BPF_CORE_READ((struct cifs_aio_ctx *)ctx, len) : 0;
	ev->result = phase == EV_IO_SUBMIT ? 0 : OLD_IO_READ(addr, write, result);
	ev->credits = OLD_IO_READ(addr, write, credits.value);
	ev->instance = OLD_IO_READ(addr, write, credits.instance);
	fill_inode(ev, inode_of(addr, write));
	commit(ev);
	return 0;
}

/* ---- calls ---- */

static __always_inline u64 thread_key(void)
{
	return (u32)bpf_get_current_pid_tgid();
}

static __always_inline int call_enter(u16 probe, u8 origin)
{
	struct old_io call = { .origin = origin };
	u64 key = thread_key();

	if (!enabled)
		return 0;
	count_hit(probe);
	bpf_map_update_elem(&old_calls, &key, &call, BPF_ANY);
	return 0;
}

static __always_inline int call_end(u16 probe, u8 flags, u8 phase, u64 key, s32 result)
{
	struct old_io *found = bpf_map_lookup_elem(&old_calls, &key), call;
	struct ev_cifs_io *ev;

	if (!found)
		return 0;
	call = *found;
	bpf_map_delete_elem(&old_calls, &key);
	call.sreq = 0;
	if (!call.rreq || !want_rreq(call.rreq))
		return 0;
	ev = io_begin(probe, flags, phase, &call, call.origin & 1);
	if (!ev)
		return 0;
	ev->result = result;
	commit(ev);
	return 0;
}

#define CALL(name, func, origin)                                                                 \
	ON_ENTRY(old_##name##_enter, func)                                                       \
	{                                                                                        \
		return call_enter(P_old_##name##_enter, origin);                                 \
	}                                                                                        \
	ON_EXIT(old_##name##_exit, func)                                                         \
	{                                                                                        \
		return call_end(P_old_##name##_exit, EVF_EXIT, EV_IO_CALL_END, thread_key(), 0); \
	}
CALL(readahead, cifs_readahead, EV_IO_READAHEAD)
CALL(writepages, cifs_writepages, EV_IO_WRITEPAGES)

ON_ENTRY(old_aio_ctx_release_enter, cifs_aio_ctx_release)
{
	u64 addr = ctx[0] - bpf_core_field_offset(struct cifs_aio_ctx, refcount);

	return call_end(P_old_aio_ctx_release_enter, 0, EV_IO_CTX_END, addr,
			BPF_CORE_READ((struct cifs_aio_ctx *)addr, rc));
}

static __always_inline u8 origin_of(u64 ctx, bool write)
{
	if (!ctx)
		return EV_IO_READ + write;
	if (BPF_CORE_READ((struct cifs_aio_ctx *)ctx, direct_io))
		return EV_IO_DIRECT_READ + write;
	return EV_IO_UNCACHED_READ + write;
}

/* The next unit of its call; a unit whose call is not probed is a call of its own. */
static __always_inline struct old_io unit_new(u64 addr, bool write)
{
	u64 ctx = (u64)OLD_IO_READ(addr, write, ctx), key = ctx ? ctx : thread_key();
	struct old_io *known = bpf_map_lookup_elem(&old_calls, &key), call = {};
	bool kept = ctx;

	/* not `known || ctx` below: clang 19 makes one number of the two, which no verifier lets it */
	if (known) {
		call = *known;
		kept = true;
	} else {
		call.origin = origin_of(ctx, write);
	}
	if (!call.rreq)
		call.rreq = EV_SYNTH_RREQ | (__sync_fetch_and_add(&old_calls_made, 1) + 1);
	call.sreq++;
	if (kept)
		bpf_map_update_elem(&old_calls, &key, &call, BPF_ANY);
	return call;
}

/* ---- units ---- */

/* The one of this address, if that is not left over from a unit whose end was not seen. */
static __always_inline struct old_io *unit_again(u64 addr, bool write)
{
	u64 ctx = (u64)OLD_IO_READ(addr, write, ctx);
	struct old_io *known = bpf_map_lookup_elem(&old_ios, &addr);
	struct old_io *call = bpf_map_lookup_elem(&old_calls, &ctx);

	return known && call && known->rreq == call->rreq ? known : NULL;
}

/* Only an uncached unit is sent again as it is, after a reconnect. */
static __always_inline int submit_enter(u64 *ctx, u16 probe, bool write)
{
	u64 addr = ctx[0], conn;
	struct old_io *known, io;

	if (!enabled)
		return 0;
	known = unit_again(addr, write);
	io = known ? *known : unit_new(addr, write);
	if (!passes(inode_of(addr, write), io.rreq))
		return 0;
	if (!known)
		bpf_map_update_elem(&old_ios, &addr, &io, BPF_ANY);
	conn = OLD_IO_READ(addr, write, server, conn_id);
	if (with_paths)
		note_path((u64)inode_of(addr, write), (u64)OLD_IO_READ(addr, write, cfile, dentry));
	set_old_work(&io, conn, 0);
	return unit_event(probe, EV_IO_SUBMIT, &io, addr, write);
}

/* The unit may be gone by now: report from the stash. */
static __always_inline int submit_exit(u16 probe, bool write, s32 rc)
{
	struct work *w = current_work();
	struct ev_cifs_io *ev;
	struct old_io io = {};

	if (!w || !w->synth)
		return 0;
	io.rreq = w->rreq;
	io.sreq = w->sreq;
	ev = io_begin(probe, EVF_EXIT, EV_IO_SUBMIT, &io, write);
	if (ev) {
		ev->result = rc;
		commit(ev);
	}
	end_work(w);
	return 0;
}

#define SUBMIT(name, func, write)                                      \
	ON_ENTRY(old_##name##_enter, func)                             \
	{                                                              \
		return submit_enter(ctx, P_old_##name##_enter, write); \
	}                                                              \
	ON_EXIT(old_##name##_exit, func)                               \
	{                                                              \
		return submit_exit(P_old_##name##_exit, write, ret);   \
	}
SUBMIT(readv, smb2_async_readv, false)
SUBMIT(writev, smb2_async_writev, true)

static __always_inline int unit_after(u16 probe, u8 phase, u64 addr, bool write)
{
	struct old_io *found = bpf_map_lookup_elem(&old_ios, &addr), io;

	if (!found)
		return 0;
	io = *found;
	if (phase == EV_IO_RELEASE)
		bpf_map_delete_elem(&old_ios, &addr);
	return unit_event(probe, phase, &io, addr, write);
}

#define AFTER(name, func, phase, type, member, write)                                          \
	ON_ENTRY(old_##name##_enter, func)                                                     \
	{                                                                                      \
		return unit_after(P_old_##name##_enter, phase,                                 \
				  ctx[0] - bpf_core_field_offset(struct type, member), write); \
	}
AFTER(uncached_readv_complete, cifs_uncached_readv_complete, EV_IO_COMPLETE, cifs_readdata, work,
      false)
AFTER(uncached_writev_complete, cifs_uncached_writev_complete, EV_IO_COMPLETE, cifs_writedata, work,
      true)
AFTER(uncached_readdata_release, cifs_uncached_readdata_release, EV_IO_RELEASE, cifs_readdata,
      refcount, false)
AFTER(uncached_writedata_release, cifs_uncached_writedata_release, EV_IO_RELEASE, cifs_writedata,
      refcount, true)

/* ---- the end of a unit of the page cache: its release is inlined, so the return of this ---- */

static __always_inline u64 completing_key(void)
{
	return 1ULL << 32 | thread_key();
}

static __always_inline int complete_enter(u16 probe, u64 addr, bool write)
{
	struct old_io *found = bpf_map_lookup_elem(&old_ios, &addr), io;
	u64 key = completing_key();

	if (!found)
		return 0;
	io = *found;
	bpf_map_delete_elem(&old_ios, &addr);
	bpf_map_update_elem(&old_calls, &key, &io, BPF_ANY);
	return unit_event(probe, EV_IO_COMPLETE, &io, addr, write);
}

static __always_inline int complete_exit(u16 probe, bool write)
{
	u64 key = completing_key();
	struct old_io *found = bpf_map_lookup_elem(&old_calls, &key), io;
	struct ev_cifs_io *ev;

	if (!found)
		return 0;
	io = *found;
	bpf_map_delete_elem(&old_calls, &key);
	ev = io_begin(probe, EVF_EXIT, EV_IO_RELEASE, &io, write);
	if (ev)
		commit(ev);
	return 0;
}

#define COMPLETE(name, func, type, write)                                                        \
	ON_ENTRY(old_##name##_enter, func)                                                       \
	{                                                                                        \
		return complete_enter(P_old_##name##_enter,                                      \
				      ctx[0] - bpf_core_field_offset(struct type, work), write); \
	}                                                                                        \
	ON_EXIT(old_##name##_exit, func)                                                         \
	{                                                                                        \
		return complete_exit(P_old_##name##_exit, write);                                \
	}
COMPLETE(readv_complete, cifs_readv_complete, cifs_readdata, false)
COMPLETE(writev_complete, cifs_writev_complete, cifs_writedata, true)
