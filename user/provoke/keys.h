/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keys of a session, and what is done with them: [MS-SMB2] 3.1.4.1 (signing), 3.1.4.2 (keys), 3.1.4.3
 * (sealing). Nothing here knows of connections.
 */
#ifndef NETFSNOOP_PROVOKE_KEYS_H
#define NETFSNOOP_PROVOKE_KEYS_H

#include "base/base.h"

enum { SESSION_KEY_SIZE = 16, SIGNATURE_SIZE = 16, PREAUTH_SIZE = 64, MAX_KEY_SIZE = 32 };

enum signing { SIGN_HMAC_SHA256, SIGN_AES_CMAC, SIGN_AES_GMAC }; /* as in 2.2.3.1.7 */

/* as in 2.2.3.1.2; 3.0 and 3.0.2 have the first only */
enum cipher {
	CIPHER_NONE,
	CIPHER_AES128_CCM,
	CIPHER_AES128_GCM,
	CIPHER_AES256_CCM,
	CIPHER_AES256_GCM
};

/* Who sends a message. */
enum side { CLIENT, SERVER };

/* What a connection negotiated. */
struct negotiated {
	uint16_t dialect; /* 0: not yet */
	enum signing signing;
	enum cipher cipher;
};

struct keys {
	enum signing signing;
	enum cipher cipher;
	uint8_t sign[SESSION_KEY_SIZE];
	uint8_t seal[2][MAX_KEY_SIZE]; /* of what a side sends */
};

/* The keys of a session from its session key; preauth only counts for 3.1.1. */
void keys_derive(struct keys *k, const struct negotiated *n,
		 const uint8_t session_key[SESSION_KEY_SIZE], const uint8_t preauth[PREAUTH_SIZE]);
/* Continues the preauth integrity hash with a message: 3.1.1, 3.2.5.2 and 3.2.5.3. */
void preauth_add(uint8_t hash[PREAUTH_SIZE], const uint8_t *msg, size_t size);

/*
 * Signs one SMB2 message of a compound (size reaches to the next one) as sent by that side, in place.
 * Its flags are the caller's.
 */
void keys_sign(const struct keys *k, enum side from, uint8_t *msg, size_t size);
/* Is its signature right? Does not look at its flags. */
bool keys_verify(const struct keys *k, enum side from, const uint8_t *msg, size_t size);

/*
 * What is inside a sealed message (2.2.41, the header included), into room for size bytes.
 * 0, -EBADMSG: not of this key, or damaged; -EINVAL: no cipher.
 */
int keys_unseal(const struct keys *k, enum side from, const uint8_t *msg, size_t size,
		uint8_t *ret_plain, size_t *ret_size);
/*
 * Seals plain into room for size + SEAL_SIZE bytes at ret, as a message of that session with that nonce
 * (16 bytes, of which the cipher takes what it needs). 0 or -EINVAL: no cipher.
 */
int keys_seal(const struct keys *k, enum side from, uint64_t session, const uint8_t nonce[16],
	      const uint8_t *plain, size_t size, uint8_t *ret);

#endif
