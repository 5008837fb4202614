/* SPDX-License-Identifier: GPL-2.0-only */
/* FNV-1a, 64 bits: tells texts and records apart, protects nothing. */
#ifndef NETFSNOOP_FNV_H
#define NETFSNOOP_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_START 0xcbf29ce484222325

/* Goes on from hash over len more bytes. */
static inline uint64_t fnv(uint64_t hash, const void *data, size_t len)
{
	const uint8_t *p = data, *end = p + len;

	/* half the instructions, and a trace is hashed as a whole */
#pragma GCC unroll 8
	while (p < end)
		hash = (hash ^ *p++) * 0x100000001b3;
	return hash;
}

#endif
