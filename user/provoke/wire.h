/* SPDX-License-Identifier: GPL-2.0-only */
/* What [MS-SMB2] 2.2 puts on the wire: numbers, offsets within one SMB2 message, and access to its fields. */
#ifndef NETFSNOOP_PROVOKE_WIRE_H
#define NETFSNOOP_PROVOKE_WIRE_H

#include <endian.h>
#include <string.h>

#include "base/base.h"
#include "base/smb2.h"

/* the header, 2.2.1 */
enum {
	HDR_CHARGE = 6,
	HDR_STATUS = 8, /* of a request: channel sequence */
	HDR_COMMAND = 12,
	HDR_CREDITS = 14,
	HDR_FLAGS = 16,
	HDR_NEXT = 20,
	HDR_MID = 24,
	HDR_ASYNC_ID = 32,
	HDR_TREE = 36, /* without SMB2_FLAG_ASYNC */
	HDR_SESSION = 40,
	HDR_SIGNATURE = 48,
	HDR_SIZE = 64,
};

enum {
	SMB2_FLAG_RESPONSE = 1,
	SMB2_FLAG_ASYNC = 2,
	SMB2_FLAG_RELATED = 4,
	SMB2_FLAG_SIGNED = 8,
};

#define SMB2_NO_MID UINT64_MAX /* of what the server sends unasked: a break */

/* bodies: offsets from the header's start */
enum {
	NEGOTIATED_DIALECT = 68,
	NEGOTIATED_CONTEXTS = 70, /* how many, 3.1.1 */
	NEGOTIATED_MAX_TRANSACT = 92,
	NEGOTIATED_MAX_READ = 96,
	NEGOTIATED_MAX_WRITE = 100,
	NEGOTIATED_CONTEXT_AT = 124,
	NEGOTIATED_SIZE = 128,
	SETUP_FLAGS = 66,
	SETUP_BLOB_AT = 76,
	SETUP_BLOB_SIZE = 78,
	SETUP_SIZE = 88,
	SETUP_DONE_FLAGS = 66,
	SETUP_DONE_BLOB_AT = 68,
	SETUP_DONE_BLOB_SIZE = 70,
	SETUP_DONE_SIZE = 72,
	READ_LENGTH = 68,
	READ_OFFSET = 72,
	READ_FILE = 80,
	READ_MINIMUM = 96,
	READ_SIZE = 112,
	READ_DONE_AT = 66, /* of the data, one byte */
	READ_DONE_LENGTH = 68,
	READ_DONE_REMAINING = 72,
	READ_DONE_SIZE = 80,
	WRITE_AT = 66, /* of the data */
	WRITE_LENGTH = 68,
	WRITE_OFFSET = 72,
	WRITE_FILE = 80,
	WRITE_REMAINING = 100,
	WRITE_SIZE = 112,
	CREATE_DONE_FILE = 128,
	CREATE_DONE_SIZE = 152,
	ERROR_SIZE = 73, /* with one byte of no meaning */
	ECHO_SIZE = 68,
};

enum {
	SETUP_BINDING = 1,	  /* SETUP_FLAGS: another channel of a session */
	SETUP_DONE_GUEST = 1,	  /* SETUP_DONE_FLAGS */
	SETUP_DONE_ANONYMOUS = 2, /* "null session" */
	SETUP_DONE_SEALED = 4,
};

enum {
	CONTEXT_CIPHERS = 2,
	CONTEXT_SIGNING = 8,
};

/* SMB2 TRANSFORM_HEADER, 2.2.41: what a sealed message begins with */
enum {
	SEAL_SIGNATURE = 4,
	SEAL_NONCE = 20,
	SEAL_SIZE_INSIDE = 36,
	SEAL_FLAGS = 42,
	SEAL_SESSION = 44,
	SEAL_SIZE = 52,
};

enum {
	DIALECT_202 = 0x0202,
	DIALECT_210 = 0x0210,
	DIALECT_300 = 0x0300,
	DIALECT_302 = 0x0302,
	DIALECT_311 = 0x0311,
};

#define STATUS_OK	       0x00000000u
#define STATUS_PENDING	       0x00000103u
#define STATUS_MORE_PROCESSING 0xc0000016u
#define STATUS_END_OF_FILE     0xc0000011u
#define STATUS_BUFFER_OVERFLOW 0x80000005u

static inline uint16_t get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return le16toh(v);
}

static inline uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static inline void put16(uint8_t *p, uint16_t v)
{
	v = htole16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void put32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void put64(uint8_t *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof(v));
}

#endif
