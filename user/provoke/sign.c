// SPDX-License-Identifier: GPL-2.0-only
#include <nettle/cmac.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "provoke/keys.h"
#include "provoke/wire.h"

/* A message as it is signed: with a signature of zeros, whatever is in its place. */
struct parts {
	const uint8_t *head; /* HDR_SIGNATURE bytes */
	uint8_t zeros[SIGNATURE_SIZE];
	const uint8_t *tail;
	size_t tail_size;
};

static void by_hmac(const struct keys *k, const struct parts *m, uint8_t *ret)
{
	struct hmac_sha256_ctx mac;

	hmac_sha256_set_key(&mac, sizeof(k->sign), k->sign);
	hmac_sha256_update(&mac, HDR_SIGNATURE, m->head);
	hmac_sha256_update(&mac, sizeof(m->zeros), m->zeros);
	hmac_sha256_update(&mac, m->tail_size, m->tail);
	hmac_sha256_digest(&mac, SIGNATURE_SIZE, ret);
}

static void by_cmac(const struct keys *k, const struct parts *m, uint8_t *ret)
{
	struct cmac_aes128_ctx mac;

	cmac_aes128_set_key(&mac, k->sign);
	cmac_aes128_update(&mac, HDR_SIGNATURE, m->head);
	cmac_aes128_update(&mac, sizeof(m->zeros), m->zeros);
	cmac_aes128_update(&mac, m->tail_size, m->tail);
	cmac_aes128_digest(&mac, SIGNATURE_SIZE, ret);
}

/* 3.1.4.1: the nonce is the message id, and who sends, and whether it is a CANCEL. */
static void by_gmac(const struct keys *k, enum side from, const struct parts *m, uint8_t *ret)
{
	uint8_t nonce[GCM_IV_SIZE] = {};
	struct gcm_aes128_ctx mac;

	memcpy(nonce, m->head + HDR_MID, 8);
	nonce[8] = (from == SERVER ? 1 : 0) | (get16(m->head + HDR_COMMAND) == SMB2_CANCEL ? 2 : 0);
	gcm_aes128_set_key(&mac, k->sign);
	gcm_aes128_set_iv(&mac, sizeof(nonce), nonce);
	/* each piece but the last has to be whole blocks: 48, 16 */
	gcm_aes128_update(&mac, HDR_SIGNATURE, m->head);
	gcm_aes128_update(&mac, sizeof(m->zeros), m->zeros);
	gcm_aes128_update(&mac, m->tail_size, m->tail);
	gcm_aes128_digest(&mac, SIGNATURE_SIZE, ret);
}

static void signature(const struct keys *k, enum side from, const uint8_t *msg, size_t size,
		      uint8_t *ret)
{
	struct parts m = { .head = msg, .tail = msg + HDR_SIZE, .tail_size = size - HDR_SIZE };

	if (k->signing == SIGN_AES_GMAC)
		by_gmac(k, from, &m, ret);
	else if (k->signing == SIGN_AES_CMAC)
		by_cmac(k, &m, ret);
	else
		by_hmac(k, &m, ret);
}

void keys_sign(const struct keys *k, enum side from, uint8_t *msg, size_t size)
{
	signature(k, from, msg, size, msg + HDR_SIGNATURE);
}

bool keys_verify(const struct keys *k, enum side from, const uint8_t *msg, size_t size)
{
	uint8_t right[SIGNATURE_SIZE];

	signature(k, from, msg, size, right);
	return memeql_sec(right, msg + HDR_SIGNATURE, sizeof(right));
}
