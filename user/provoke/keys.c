// SPDX-License-Identifier: GPL-2.0-only
#include <nettle/hmac.h>
#include <nettle/sha2.h>

#include "provoke/keys.h"
#include "provoke/wire.h"

#define LABEL(text) (text), sizeof(text) /* with the NUL, which counts */

static void kdf_derive(const uint8_t *key, const char *label, size_t label_size,
		       const uint8_t *context, size_t context_size, uint8_t *ret, size_t size)
{
	static const uint8_t first[] = { 0, 0, 0, 1 }, zero[] = { 0 };
	uint8_t bits[4] = { 0, 0, size * 8 >> 8, (uint8_t)(size * 8) };
	struct hmac_sha256_ctx mac;

	hmac_sha256_set_key(&mac, SESSION_KEY_SIZE, key);
	hmac_sha256_update(&mac, sizeof(first), first);
	hmac_sha256_update(&mac, label_size, (const uint8_t *)label);
	hmac_sha256_update(&mac, sizeof(zero), zero);
	hmac_sha256_update(&mac, context_size, context);
	hmac_sha256_update(&mac, sizeof(bits), bits);
	hmac_sha256_digest(&mac, size, ret);
}

static size_t cipher_key_size(enum cipher c)
{
	return c == CIPHER_AES256_CCM || c == CIPHER_AES256_GCM ? 32 : 16;
}

static void derive_300(struct keys *k, const uint8_t *key)
{
	static const uint8_t sign[] = "SmbSign", in[] = "ServerIn ", out[] = "ServerOut";

	kdf_derive(key, LABEL("SMB2AESCMAC"), sign, sizeof(sign), k->sign, sizeof(k->sign));
	kdf_derive(key, LABEL("SMB2AESCCM"), in, sizeof(in), k->seal[CLIENT], SESSION_KEY_SIZE);
	kdf_derive(key, LABEL("SMB2AESCCM"), out, sizeof(out), k->seal[SERVER], SESSION_KEY_SIZE);
}

static void derive_311(struct keys *k, const uint8_t *key, const uint8_t *preauth)
{
	size_t size = cipher_key_size(k->cipher);

	kdf_derive(key, LABEL("SMBSigningKey"), preauth, PREAUTH_SIZE, k->sign, sizeof(k->sign));
	kdf_derive(key, LABEL("SMBC2SCipherKey"), preauth, PREAUTH_SIZE, k->seal[CLIENT], size);
	kdf_derive(key, LABEL("SMBS2CCipherKey"), preauth, PREAUTH_SIZE, k->seal[SERVER], size);
}

void keys_derive(struct keys *k, const struct negotiated *n,
		 const uint8_t session_key[SESSION_KEY_SIZE], const uint8_t preauth[PREAUTH_SIZE])
{
	*k = (struct keys){ .signing = n->signing, .cipher = n->cipher };
	if (n->dialect >= DIALECT_311)
		derive_311(k, session_key, preauth);
	else if (n->dialect >= DIALECT_300)
		derive_300(k, session_key);
	else
		memcpy(k->sign, session_key, sizeof(k->sign));
}

void preauth_add(uint8_t hash[PREAUTH_SIZE], const uint8_t *msg, size_t size)
{
	struct sha512_ctx sha;

	sha512_init(&sha);
	sha512_update(&sha, PREAUTH_SIZE, hash);
	sha512_update(&sha, size, msg);
	sha512_digest(&sha, PREAUTH_SIZE, hash);
}
