/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The records of a block, by columns. Those of one probe differ in a few bytes, so each byte of a record stands
 * beside the same byte of the next of its shape, as the difference of the two; bytes that never differ are left out.
 * That halves the file, and quarters what zstd has to do. docs/format.md has the layout; for user/trace/ alone.
 */
#ifndef NETFSNOOP_TRACE_PACK_H
#define NETFSNOOP_TRACE_PACK_H

#include "trace/block.h"

/* Of len bytes of records. It cannot become more: a number for each record, which has 24 bytes, and a mask for
 * each 8 bytes. */
#define PACKED_MAX(len) ((len) + (len) / 4 + 64)

struct packer;

/* For blocks of up to BLOCK_SIZE. -ENOMEM */
int packer_new(struct packer **ret_p);
void packer_free(struct packer *p);
/* Whole records, len bytes of them; out has room for PACKED_MAX(len). Its length. */
size_t pack(struct packer *p, const uint8_t *records, size_t len, uint8_t *out);

/* Room to work in, kept from block to block. */
struct unpacker {
	uint32_t *at;
	size_t cap;
};

void unpacker_release(struct unpacker *u);
/* Makes exactly plain bytes of whole records again, of whatever in holds. -EBADMSG: it does not hold that; -ENOMEM */
int unpack(struct unpacker *u, const uint8_t *in, size_t len, uint8_t *out, size_t plain);

#endif
