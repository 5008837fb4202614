/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uthash, with a hash for the keys that are looked up here: a few numbers. uthash's own costs sixty
 * instructions for two of them, which made up a tenth of all that a replay does. Include this and
 * never <uthash.h>: a table is to be asked with the hash that it was filled with.
 */
#ifndef NETFSNOOP_HASH_H
#define NETFSNOOP_HASH_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t hash_word(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 by the golden ratio */
	return hash ^ hash >> 32;
}

static inline unsigned int hash_bytes(const void *key, size_t len)
{
	const unsigned char *p = key;
	uint64_t hash = len, word;

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = hash_word(hash, word);
	}
	if (len) {
		word = 0;
		memcpy(&word, p, len);
		hash = hash_word(hash, word);
	}
	return hash;
}

#define HASH_FUNCTION(key, len, hash) ((hash) = hash_bytes((key), (len)))

#include <uthash.h>

/*
 * HASH_ADD() with a result, 0 or -ENOMEM. Where memory for the table is lacking uthash leaves the item
 * out, shows that by the item's handle alone, and goes on.
 */
#define hash_add(hh, head, field, len, add)          \
	({                                           \
		HASH_ADD(hh, head, field, len, add); \
		(add)->hh.tbl ? 0 : -ENOMEM;         \
	})

/* The same with a key that is not in the item. */
#define hash_add_keyptr(hh, head, key, len, add)          \
	({                                                \
		HASH_ADD_KEYPTR(hh, head, key, len, add); \
		(add)->hh.tbl ? 0 : -ENOMEM;              \
	})

#endif
