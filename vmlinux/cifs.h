/* SPDX-License-Identifier: GPL-2.0-only */
/* Types of cifs.ko that the probes read; see README.md for the rules. */
#ifndef NETFSNOOP_VMLINUX_CIFS_H
#define NETFSNOOP_VMLINUX_CIFS_H

#include "netfs.h"

#define SMB10_PROT_ID 0x00

enum statusEnum { statusEnum_unused };

/* a 64-byte wire header (MS-SMB2 2.2.1.2): its layout is fixed, so no relocation */
struct smb2_hdr {
	__le32 ProtocolId;
	__le16 StructureSize;
	__le16 CreditCharge;
	__le32 Status;
	__le16 Command;
	__le16 CreditRequest;
	__le32 Flags;
	__le32 NextCommand;
	__le64 MessageId;
	__le64 AsyncId;
	__le64 SessionId;
	__u8 Signature[16];
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct smb_version_values {
	u16 protocol_id;
};

struct TCP_Server_Info {
	struct smb_version_values *vals;
	u64 conn_id;
	enum statusEnum tcpStatus;
	char *hostname;
	int credits; /* unsigned in 6.1 */
	unsigned int max_credits;
	unsigned int in_flight;
	bool sign;
	__le16 cipher_type;
	char *smallbuf;
	int echo_credits;
	int oplock_credits;
	u32 reconnect_instance;
};

struct cifs_credits {
	unsigned int value;
	unsigned int instance;
	unsigned int rreq_debug_id;    /* since 6.11; 0: of no request */
	unsigned int rreq_debug_index; /* since 6.11 */
};

struct smb_rqst {
	struct kvec *rq_iov;
};

struct mid_q_entry {
	struct TCP_Server_Info *server; /* until 6.x; the callback's first argument in 7.x */
	u64 mid;
	u16 credits;
	void *callback_data;
	int mid_state;
	__le16 command;
	bool decrypted : 1;
};

/* 6.12+: callback_data of READ and WRITE mids */
struct cifs_io_subrequest {
	struct netfs_io_subrequest subreq;
	long got_bytes;
	int result;
	struct TCP_Server_Info *server;
	struct cifs_credits credits;
};

/* until 6.9: callback_data of READ and WRITE mids, when cifs did its I/O without netfs */
struct cifsFileInfo {
	struct dentry *dentry;
};

/* one read(2) or write(2) that is not cached: groups the units it was cut into */
struct cifs_aio_ctx {
	struct kref refcount;
	long rc;
	unsigned int len;
	bool direct_io;
};

struct cifs_readdata {
	struct kref refcount;
	struct cifsFileInfo *cfile;
	struct cifs_aio_ctx *ctx; /* NULL: pages of the page cache */
	u64 offset;
	unsigned int bytes;
	unsigned int got_bytes;
	int result;
	struct work_struct work;
	struct TCP_Server_Info *server;
	struct cifs_credits credits;
};

struct cifs_writedata {
	struct kref refcount;
	struct work_struct work;
	struct cifsFileInfo *cfile;
	struct cifs_aio_ctx *ctx;
	u64 offset;
	unsigned int bytes;
	int result;
	struct TCP_Server_Info *server;
	struct cifs_credits credits;
};

#pragma clang attribute pop
#endif
