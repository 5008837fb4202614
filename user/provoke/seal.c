// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <nettle/aes.h>
#include <nettle/ccm.h>
#include <nettle/gcm.h>
#include <nettle/memops.h>

#include "provoke/keys.h"
#include "provoke/wire.h"

enum { CCM_NONCE = 11, AAD_SIZE = SEAL_SIZE - SEAL_NONCE };

/* One sealed message: the same for both ways, as both modes are counters. */
struct text {
	const uint8_t *key, *nonce, *aad;
	const uint8_t *from;
	uint8_t *to;
	size_t size;
	uint8_t *tag; /* SIGNATURE_SIZE bytes */
	bool seal;
};

static void ccm(const struct text *t, const void *aes, nettle_cipher_func *f)
{
	struct ccm_ctx ctx;

	ccm_set_nonce(&ctx, aes, f, CCM_NONCE, t->nonce, AAD_SIZE, t->size, SIGNATURE_SIZE);
	ccm_update(&ctx, aes, f, AAD_SIZE, t->aad);
	if (t->seal)
		ccm_encrypt(&ctx, aes, f, t->size, t->to, t->from);
	else
		ccm_decrypt(&ctx, aes, f, t->size, t->to, t->from);
	ccm_digest(&ctx, aes, f, SIGNATURE_SIZE, t->tag);
}

static void gcm(const struct text *t, const void *aes, nettle_cipher_func *f)
{
	struct gcm_key key;
	struct gcm_ctx ctx;

	gcm_set_key(&key, aes, f);
	gcm_set_iv(&ctx, &key, GCM_IV_SIZE, t->nonce);
	gcm_update(&ctx, &key, AAD_SIZE, t->aad);
	if (t->seal)
		gcm_encrypt(&ctx, &key, aes, f, t->size, t->to, t->from);
	else
		gcm_decrypt(&ctx, &key, aes, f, t->size, t->to, t->from);
	gcm_digest(&ctx, &key, aes, f, SIGNATURE_SIZE, t->tag);
}

static int run(const struct keys *k, const struct text *t)
{
	nettle_cipher_func *f128 = (nettle_cipher_func *)aes128_encrypt;
	nettle_cipher_func *f256 = (nettle_cipher_func *)aes256_encrypt;
	struct aes128_ctx aes128;
	struct aes256_ctx aes256;

	aes128_set_encrypt_key(&aes128, t->key);
	aes256_set_encrypt_key(&aes256, t->key);
	switch (k->cipher) {
	case CIPHER_AES128_CCM:
		ccm(t, &aes128, f128);
		return 0;
	case CIPHER_AES128_GCM:
		gcm(t, &aes128, f128);
		return 0;
	case CIPHER_AES256_CCM:
		ccm(t, &aes256, f256);
		return 0;
	case CIPHER_AES256_GCM:
		gcm(t, &aes256, f256);
		return 0;
	case CIPHER_NONE:
		break;
	}
	return -EINVAL;
}

int keys_unseal(const struct keys *k, enum side from, const uint8_t *msg, size_t size,
		uint8_t *ret_plain, size_t *ret_size)
{
	uint8_t tag[SIGNATURE_SIZE];
	struct text t = { .key = k->seal[from],
			  .nonce = msg + SEAL_NONCE,
			  .aad = msg + SEAL_NONCE,
			  .from = msg + SEAL_SIZE,
			  .to = ret_plain,
			  .size = size - SEAL_SIZE,
			  .tag = tag };
	int rc;

	if (size < SEAL_SIZE || get32(msg + SEAL_SIZE_INSIDE) != t.size)
		return -EBADMSG;
	rc = run(k, &t);
	if (rc)
		return rc;
	if (!memeql_sec(tag, msg + SEAL_SIGNATURE, sizeof(tag)))
		return -EBADMSG;
	*ret_size = t.size;
	return 0;
}

int keys_seal(const struct keys *k, enum side from, uint64_t session, const uint8_t nonce[16],
	      const uint8_t *plain, size_t size, uint8_t *ret)
{
	size_t used = k->cipher == CIPHER_AES128_CCM || k->cipher == CIPHER_AES256_CCM
			      ? CCM_NONCE
			      : GCM_IV_SIZE;
	struct text t = { .key = k->seal[from],
			  .nonce = ret + SEAL_NONCE,
			  .aad = ret + SEAL_NONCE,
			  .from = plain,
			  .to = ret + SEAL_SIZE,
			  .size = size,
			  .tag = ret + SEAL_SIGNATURE,
			  .seal = true };

	memset(ret, 0, SEAL_SIZE);
	memcpy(ret, "\xfdSMB", 4);
	memcpy(ret + SEAL_NONCE, nonce, used);
	put32(ret + SEAL_SIZE_INSIDE, size);
	put16(ret + SEAL_FLAGS, 1); /* encrypted; before 3.1.1 the algorithm, AES-128-CCM: 1, too */
	put64(ret + SEAL_SESSION, session);
	return run(k, &t);
}
