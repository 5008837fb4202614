/* SPDX-License-Identifier: GPL-2.0-only */
/* Every difference between kernels that the programs have to know, one accessor each. */
#ifndef NETFSNOOP_COMPAT_BPF_H
#define NETFSNOOP_COMPAT_BPF_H

#include "program.bpf.h"

/* error: short in 6.1, long from 6.12 on; a direct load cannot change its width by relocation */
static __always_inline s32 rreq_error(const struct netfs_io_request *rreq)
{
	u32 size = bpf_core_field_size(rreq->error);
	s16 narrow = 0;

	if (size == sizeof(s64))
		return READ(rreq, error);
	if (size == sizeof(s16))
		bpf_probe_read_kernel(&narrow, size, __builtin_preserve_access_index(&rreq->error));
	return narrow;
}

/* transferred: 6.12+ */
static __always_inline u64 rreq_transferred(const struct netfs_io_request *rreq)
{
	return bpf_core_field_exists(rreq->transferred) ? READ(rreq, transferred) : 0;
}

/* Where from on the server has nothing; false: a netfs that does not know. */
static __always_inline bool inode_zero_point(const struct inode *inode, u64 *ret)
{
	const struct netfs_inode *ni =
		(void *)inode - bpf_core_field_offset(struct netfs_inode, inode);

	*ret = 0;
	if (bpf_core_field_exists(ni->_zero_point))
		*ret = BPF_CORE_READ(ni, _zero_point);
	else if (bpf_core_field_exists(ni->zero_point))
		*ret = BPF_CORE_READ(ni, zero_point);
	else
		return false;
	return true;
}

/* The subrequest that credits were taken for, 0 none; false: before 6.12 they do not say. */
static __always_inline bool credits_owner(const struct cifs_credits *credits, u32 *ret_rreq,
					  u32 *ret_sreq)
{
	if (!bpf_core_field_exists(credits->rreq_debug_id))
		return false;
	*ret_rreq = READ(credits, rreq_debug_id);
	*ret_sreq = READ(credits, rreq_debug_index);
	return true;
}

/* Since 6.12 they count from 1; 6.1's first one is 0, which is our "none". */
static __always_inline u32 sreq_number(u32 debug_index)
{
	return debug_index ? debug_index : EV_SREQ_ZERO;
}

static __always_inline u32 sreq_index(const struct netfs_io_subrequest *s)
{
	return sreq_number(READ(s, debug_index));
}

/* stream_nr and io_iter: 6.12+; retry_count: 7.x (before: a flag) */
static __always_inline void sreq_newer_fields(const struct netfs_io_subrequest *s,
					      struct ev_sreq *ev)
{
	ev->stream = bpf_core_field_exists(s->stream_nr) ? READ(s, stream_nr) : 0;
	ev->retries = bpf_core_field_exists(s->retry_count) ? READ(s, retry_count) : 0;
	ev->iter_type = 0;
	ev->iter_count = 0;
	ev->iter_offset = 0;
	if (bpf_core_field_exists(s->io_iter)) {
		ev->iter_type = READ(s, io_iter.iter_type);
		ev->iter_count = READ(s, io_iter.count);
		ev->iter_offset = READ(s, io_iter.iov_offset);
	}
}

/* d_alias: in d_u until 6.x, in a union without a name in 7.x */
static __always_inline const struct dentry *first_dentry(const struct inode *inode)
{
	u64 node = (u64)BPF_CORE_READ(inode, i_dentry.first);
	const struct dentry *d = NULL;

	if (!node)
		return NULL;
	if (bpf_core_field_exists(d->d_u.d_alias))
		return (void *)(node - bpf_core_field_offset(d->d_u.d_alias));
	return (void *)(node - bpf_core_field_offset(d->d_alias));
}

/* smb2_*_callback(mid) until 6.x, (server, mid) from 7.x on, when mid lost its server */
static __always_inline struct mid_q_entry *callback_mid(u64 *ctx)
{
	struct mid_q_entry *mid = NULL;

	if (bpf_core_field_exists(mid->server))
		return (struct mid_q_entry *)ctx[0];
	return (struct mid_q_entry *)ctx[1];
}

static __always_inline struct TCP_Server_Info *callback_server(u64 *ctx)
{
	struct mid_q_entry *mid = (struct mid_q_entry *)ctx[0];

	if (bpf_core_field_exists(mid->server))
		return READ(mid, server);
	return (struct TCP_Server_Info *)ctx[0];
}

/* 6.1's cifs does not use netfs: its callback data are cifs_readdata and cifs_writedata */
static __always_inline bool cifs_on_netfs(void)
{
	return bpf_core_type_exists(struct cifs_io_subrequest);
}

/* size and *num of smb2_wait_mtu_credits(): unsigned int without netfs, size_t with it */
static __always_inline u32 mtu_size_bytes(void)
{
	return cifs_on_netfs() ? sizeof(u64) : sizeof(u32);
}

/* fields of a cifs_readdata or cifs_writedata, by its address */
#define OLD_READ(io, ...)  BPF_CORE_READ((struct cifs_readdata *)(io), __VA_ARGS__)
#define OLD_WRITE(io, ...) BPF_CORE_READ((struct cifs_writedata *)(io), __VA_ARGS__)
#define OLD_IO_READ(io, write, ...) \
	((write) ? OLD_WRITE(io, __VA_ARGS__) : OLD_READ(io, __VA_ARGS__))

/* smb3_{read,write}_{enter,done} begin with R and index since 6.12 (8 arguments, 6 before) */
static __always_inline bool rw_has_rreq(void)
{
	return nargs[P_smb3_read_enter] >= 8;
}

#endif
