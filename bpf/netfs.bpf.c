// SPDX-License-Identifier: GPL-2.0-only
/* The netfs library's tracepoints. Since 6.12 their pointers may be NULL to the verifier: test
 * first. */
#include "compat.bpf.h"

static __always_inline bool fs_matches(const struct super_block *sb)
{
	char name[EV_FSNAME_LEN] = {};

	if (!filter_fs[0])
		return true;
	bpf_probe_read_kernel_str(name, sizeof(name), READ(sb, s_type, name));
	for (int i = 0; i < EV_FSNAME_LEN; i++)
		if (name[i] != filter_fs[i])
			return false;
	return true;
}

/* A request is wanted for good once it passed; kworkers touch it later under another tgid. */
static __always_inline bool passes(const struct netfs_io_request *rreq)
{
	u32 id = READ(rreq, debug_id), tgid = bpf_get_current_pid_tgid() >> 32;
	const struct inode *inode;
	u8 yes = 1;

	if (!filtering || bpf_map_lookup_elem(&wanted, &id))
		return true;
	inode = READ(rreq, inode);
	if (!inode || (filter_tgid && filter_tgid != tgid) ||
	    (filter_ino && filter_ino != READ(inode, i_ino)) ||
	    (filter_dev && filter_dev != READ(inode, i_sb, s_dev)) ||
	    !fs_matches(READ(inode, i_sb)))
		return false;
	bpf_map_update_elem(&wanted, &id, &yes, BPF_ANY);
	return true;
}

static __always_inline void fill_inode(struct ev_rreq *ev, const struct inode *inode)
{
	ev->ino = 0;
	ev->dev = 0;
	ev->i_size = 0;
	ev->sized = 0;
	ev->zero_point = 0;
	__builtin_memset(ev->fs, 0, sizeof(ev->fs));
	if (!inode)
		return;
	ev->ino = READ(inode, i_ino);
	ev->i_size = READ(inode, i_size);
	ev->dev = READ(inode, i_sb, s_dev);
	bpf_probe_read_kernel_str(ev->fs, sizeof(ev->fs), READ(inode, i_sb, s_type, name));
	ev->sized = inode_zero_point(inode, &ev->zero_point);
}

static __always_inline int rreq_event(u16 probe, const struct netfs_io_request *rreq, u8 event,
				      u8 what, u64 start, u64 len)
{
	struct ev_rreq *ev;

	if (!rreq || !passes(rreq))
		return 0;
	if (with_paths)
		note_path((u64)BPF_CORE_READ(rreq, inode), 0);
	ev = begin(probe, EV_RREQ, EVF_RREQ, ev_rreq);
	if (!ev)
		return 0;
	ev->rreq = READ(rreq, debug_id);
	ev->sreq = 0;
	ev->start = READ(rreq, start);
	ev->len = READ(rreq, len);
	ev->transferred = rreq_transferred(rreq);
	ev->submitted = READ(rreq, submitted);
	ev->arg_start = start;
	ev->arg_len = len;
	ev->flags = READ(rreq, flags);
	ev->error = rreq_error(rreq);
	ev->origin = READ(rreq, origin);
	ev->what = what;
	ev->event = event;
	ev->begin_size = READ(rreq, i_size);
	fill_inode(ev, READ(rreq, inode));
	commit(ev);
	return 0;
}

TRACEPOINT(netfs_read)
{
	return rreq_event(P_netfs_read, (void *)ctx[0], EV_RREQ_READ, ctx[3], ctx[1], ctx[2]);
}

TRACEPOINT(netfs_write)
{
	const struct netfs_io_request *rreq = (void *)ctx[0];

	if (!rreq)
		return 0;
	return rreq_event(P_netfs_write, rreq, EV_RREQ_WRITE, ctx[1], READ(rreq, start),
			  READ(rreq, len));
}

TRACEPOINT(netfs_rreq)
{
	return rreq_event(P_netfs_rreq, (void *)ctx[0], EV_RREQ_STATE, ctx[1], 0, 0);
}

TRACEPOINT(netfs_sreq)
{
	const struct netfs_io_subrequest *s = (void *)ctx[0];
	struct ev_sreq *ev;

	if (!s || !passes(READ(s, rreq)))
		return 0;
	ev = begin(P_netfs_sreq, EV_SREQ, EVF_RREQ, ev_sreq);
	if (!ev)
		return 0;
	ev->rreq = READ(s, rreq, debug_id);
	ev->sreq = sreq_index(s);
	ev->start = READ(s, start);
	ev->len = READ(s, len);
	ev->transferred = READ(s, transferred);
	ev->error = READ(s, error);
	ev->flags = READ(s, flags);
	ev->what = ctx[1];
	ev->source = READ(s, source);
	sreq_newer_fields(s, ev);
	commit(ev);
	return 0;
}

static __always_inline int ref_event(u16 probe, u32 rreq, u32 sreq, s32 ref, u8 what)
{
	struct ev_ref *ev;

	/* A request's first event is NEW, before its inode can be known: keep it, it is one record.
	 */
	if (sreq && !want_rreq(rreq))
		return 0;
	ev = begin(probe, EV_REF, EVF_RREQ, ev_ref);
	if (!ev)
		return 0;
	ev->rreq = rreq;
	ev->sreq = sreq;
	ev->ref = ref;
	ev->what = what;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	commit(ev);
	return 0;
}

TRACEPOINT(netfs_rreq_ref)
{
	return ref_event(P_netfs_rreq_ref, ctx[0], 0, ctx[1], ctx[2]);
}

TRACEPOINT(netfs_sreq_ref)
{
	return ref_event(P_netfs_sreq_ref, ctx[0], sreq_number(ctx[1]), ctx[2], ctx[3]);
}

TRACEPOINT(netfs_failure)
{
	const struct netfs_io_request *rreq = (void *)ctx[0]; /* NULL from netfs_write_begin */
	const struct netfs_io_subrequest *s = (void *)ctx[1];
	struct ev_failure *ev;

	if (rreq && !passes(rreq))
		return 0;
	ev = begin(P_netfs_failure, EV_FAILURE, EVF_RREQ, ev_failure);
	if (!ev)
		return 0;
	ev->rreq = rreq ? READ(rreq, debug_id) : 0;
	ev->sreq = s ? sreq_index(s) : 0;
	ev->start = s ? READ(s, start) : rreq ? READ(rreq, start) : 0;
	ev->len = s ? READ(s, len) : rreq ? READ(rreq, len) : 0;
	ev->transferred = s ? READ(s, transferred) : 0;
	ev->error = ctx[2];
	ev->flags = s ? READ(s, flags) : 0;
	ev->what = ctx[3];
	ev->source = s ? READ(s, source) : 0;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	commit(ev);
	return 0;
}

static __always_inline struct ev_collect *
collect_begin(u16 probe, const struct netfs_io_request *rreq, u8 event)
{
	struct ev_collect *ev;

	if (!rreq || !passes(rreq))
		return NULL;
	ev = begin(probe, EV_COLLECT, EVF_RREQ, ev_collect);
	if (!ev)
		return NULL;
	ev->rreq = READ(rreq, debug_id);
	ev->sreq = 0;
	ev->start = READ(rreq, start);
	ev->len = READ(rreq, len);
	ev->transferred = READ(rreq, transferred);
	ev->collected_to = READ(rreq, collected_to);
	ev->notes = 0;
	ev->event = event;
	ev->stream = 0;
	ev->type = 0;
	ev->pad = 0;
	return ev;
}

TRACEPOINT(netfs_collect)
{
	struct ev_collect *ev = collect_begin(P_netfs_collect, (void *)ctx[0], EV_COLLECT_REQ);

	if (ev)
		commit(ev);
	return 0;
}

TRACEPOINT(netfs_collect_sreq)
{
	const struct netfs_io_subrequest *s = (void *)ctx[1];
	struct ev_collect *ev;

	if (!s)
		return 0;
	ev = collect_begin(P_netfs_collect_sreq, (void *)ctx[0], EV_COLLECT_SREQ);
	if (!ev)
		return 0;
	ev->sreq = sreq_index(s);
	ev->start = READ(s, start);
	ev->len = READ(s, len);
	ev->transferred = READ(s, transferred);
	ev->stream = READ(s, stream_nr);
	commit(ev);
	return 0;
}

TRACEPOINT(netfs_collect_state)
{
	struct ev_collect *ev =
		collect_begin(P_netfs_collect_state, (void *)ctx[0], EV_COLLECT_STATE);

	if (!ev)
		return 0;
	ev->collected_to = ctx[1];
	ev->notes = ctx[2];
	commit(ev);
	return 0;
}

TRACEPOINT(netfs_collect_gap)
{
	const struct netfs_io_stream *st = (void *)ctx[1];
	struct ev_collect *ev;

	if (!st)
		return 0;
	ev = collect_begin(P_netfs_collect_gap, (void *)ctx[0], EV_COLLECT_GAP);
	if (!ev)
		return 0;
	ev->start = READ(st, collected_to);
	ev->collected_to = ctx[2];
	ev->type = ctx[3];
	ev->stream = READ(st, stream_nr);
	commit(ev);
	return 0;
}

TRACEPOINT(netfs_collect_stream)
{
	const struct netfs_io_stream *st = (void *)ctx[1];
	struct ev_collect *ev;

	if (!st)
		return 0;
	ev = collect_begin(P_netfs_collect_stream, (void *)ctx[0], EV_COLLECT_STREAM);
	if (!ev)
		return 0;
	ev->collected_to = READ(st, collected_to);
	ev->transferred = READ(st, transferred);
	ev->stream = READ(st, stream_nr);
	commit(ev);
	return 0;
}

TRACEPOINT(netfs_write_iter)
{
	const struct kiocb *iocb = (void *)ctx[0];
	const struct iov_iter *from = (void *)ctx[1];
	const struct inode *inode;
	struct ev_write_iter *ev;

	if (!iocb || !from)
		return 0;
	if (with_paths)
		note_path((u64)BPF_CORE_READ(iocb, ki_filp, f_inode), 0);
	ev = begin(P_netfs_write_iter, EV_WRITE_ITER, 0, ev_write_iter);
	if (!ev)
		return 0;
	inode = READ(iocb, ki_filp, f_inode);
	ev->start = READ(iocb, ki_pos);
	ev->len = READ(from, count);
	ev->ki_flags = READ(iocb, ki_flags);
	ev->ino = READ(inode, i_ino);
	ev->dev = READ(inode, i_sb, s_dev);
	commit(ev);
	return 0;
}

static __always_inline int folio_event(u16 probe, const struct folio *folio, u8 what)
{
	const struct inode *inode;
	struct ev_folio *ev;

	if (!folio)
		return 0;
	ev = begin_in(&ring_folio, probe, EV_FOLIO, 0, sizeof(*ev));
	if (!ev)
		return 0;
	inode = READ(folio, mapping) ? READ(folio, mapping, host) : NULL;
	ev->ino = inode ? READ(inode, i_ino) : 0;
	ev->dev = inode ? READ(inode, i_sb, s_dev) : 0;
	ev->index = READ(folio, index);
	ev->what = what;
	ev->order = 0;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	submit(&ring_folio, &ev->hdr);
	return 0;
}

TRACEPOINT(netfs_folio)
{
	return folio_event(P_netfs_folio, (void *)ctx[0], ctx[1]);
}

TRACEPOINT(netfs_collect_folio)
{
	return folio_event(P_netfs_collect_folio, (void *)ctx[1], 0xff);
}

/* The file systems that netfs serves on some kernel; others' errors are none of ours. */
static __always_inline bool fs_on_netfs(const char *name)
{
	static const char known[][EV_FSNAME_LEN] = { "cifs", "smb3", "9p",  "afs",
						     "ceph", "nfs",  "nfs4" };
	u64 word = *(const u64 *)name;

	for (int i = 0; i < (int)(sizeof(known) / sizeof(known[0])); i++)
		if (word == *(const u64 *)known[i])
			return true;
	return false;
}

static __always_inline bool wants_inode(const struct inode *inode)
{
	return (!filter_ino || filter_ino == READ(inode, i_ino)) &&
	       (!filter_dev || filter_dev == READ(inode, i_sb, s_dev)) &&
	       fs_matches(READ(inode, i_sb));
}

/* An errseq_t: errno in its low bits, so that a file can tell whether it has seen it. */
static __always_inline s32 errseq_error(u32 seq)
{
	return -(s32)(seq & 4095); /* MAX_ERRNO, lib/errseq.c 6.1 to 7.3 */
}

static __always_inline int wb_err_event(u16 probe, const struct address_space *mapping, u8 event,
					s32 error, u32 seq, u32 old)
{
	char fs[EV_FSNAME_LEN] __attribute__((aligned(8))) = {};
	const struct inode *inode = READ(mapping, host);
	struct ev_wb_err *ev;

	if (!inode)
		return 0;
	bpf_probe_read_kernel_str(fs, sizeof(fs), READ(inode, i_sb, s_type, name));
	if (!fs_on_netfs(fs) || (filtering && !wants_inode(inode)))
		return 0;
	if (with_paths)
		note_path((u64)BPF_CORE_READ(mapping, host), 0);
	ev = begin(probe, EV_WB_ERR, 0, ev_wb_err);
	if (!ev)
		return 0;
	ev->ino = READ(inode, i_ino);
	ev->dev = READ(inode, i_sb, s_dev);
	ev->error = error;
	ev->seq = seq;
	ev->old = old;
	ev->event = event;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	__builtin_memcpy(ev->fs, fs, sizeof(fs));
	commit(ev);
	return 0;
}

/* ctx[1] is what errseq_set() returns: the value before, unless that was the same error unseen. */
TRACEPOINT(filemap_set_wb_err)
{
	const struct address_space *mapping = (void *)ctx[0];
	u32 seq;

	if (!mapping)
		return 0;
	seq = READ(mapping, wb_err);
	return wb_err_event(P_filemap_set_wb_err, mapping, EV_WB_ERR_SET, errseq_error(seq), seq,
			    ctx[1]);
}

TRACEPOINT(file_check_and_advance_wb_err)
{
	const struct file *file = (void *)ctx[0];
	u32 seq;

	if (!file)
		return 0;
	seq = READ(file, f_wb_err);
	return wb_err_event(P_file_check_and_advance_wb_err, READ(file, f_mapping), EV_WB_ERR_READ,
			    errseq_error(seq), seq, ctx[1]);
}

/* What the mapping has and the file has seen, as fsync() begins and ends. */
static __always_inline int fsync_event(u16 probe, const struct file *file, u8 event, s32 rc)
{
	const struct address_space *mapping;

	if (!file)
		return 0;
	mapping = READ(file, f_mapping);
	return wb_err_event(probe, mapping, event, rc, READ(mapping, wb_err), READ(file, f_wb_err));
}

#define FSYNC(func)                                                                          \
	ON_ENTRY(func##_enter, func)                                                         \
	{                                                                                    \
		return fsync_event(P_##func##_enter, (void *)ctx[0], EV_WB_ERR_FSYNC, 0);    \
	}                                                                                    \
	ON_EXIT(func##_exit, func)                                                           \
	{                                                                                    \
		return fsync_event(P_##func##_exit, (void *)ctx[0], EV_WB_ERR_FSYNCED, ret); \
	}

FSYNC(cifs_fsync)
FSYNC(cifs_strict_fsync)
