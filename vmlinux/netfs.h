/* SPDX-License-Identifier: GPL-2.0-only */
/* Types of netfs.ko that the probes read; see README.md for the rules. */
#ifndef NETFSNOOP_VMLINUX_NETFS_H
#define NETFSNOOP_VMLINUX_NETFS_H

#include "kernel.h"

#define BYTE_ENUM(name) enum name { name##_unused } __attribute__((mode(byte)))

BYTE_ENUM(netfs_io_origin);
BYTE_ENUM(netfs_io_source);

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct netfs_inode {
	struct inode inode;
	u64 zero_point;	 /* 6.9+ */
	u64 _zero_point; /* the same in 7.x */
};

struct netfs_io_request {
	struct inode *inode;
	u32 debug_id;
	u64 start;
	u64 len;       /* size_t in 6.1 */
	u64 submitted; /* size_t in 6.1 */
	unsigned long flags;
	unsigned long transferred; /* 6.12+ */
	u64 collected_to;	   /* 6.12+ */
	long error;		   /* short in 6.1 */
	enum netfs_io_origin origin;
	s64 i_size;
	struct bio_vec *direct_bv;    /* 6.12+ */
	unsigned int direct_bv_count; /* 6.12+ */
};

struct netfs_io_subrequest {
	struct netfs_io_request *rreq;
	struct list_head rreq_link;
	struct iov_iter io_iter; /* 6.12+ */
	u64 start;
	unsigned long len;
	unsigned long transferred;
	short error;
	unsigned short debug_index;
	enum netfs_io_source source;
	unsigned char stream_nr;   /* 6.12+ */
	unsigned char retry_count; /* 7.x */
	unsigned long flags;
};

struct netfs_io_stream {
	u64 collected_to;
	unsigned long transferred;
	unsigned char stream_nr;
};

#pragma clang attribute pop
#endif
