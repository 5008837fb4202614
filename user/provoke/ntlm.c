// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <nettle/arcfour.h>
#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/memops.h>

#include "provoke/ntlm.h"
#include "provoke/wire.h"

enum {
	CHALLENGE_AT = 24, /* of a CHALLENGE */
	NT_RESPONSE = 20,  /* fields of an AUTHENTICATE: length, maximum, offset */
	DOMAIN = 28,
	USER = 36,
	SESSION_KEY = 52,
	AUTH_FLAGS = 60,
	AUTH_SIZE = 64,
	PROOF_SIZE = 16,
	BLOB_LEAST = 28, /* what NTLMv2_CLIENT_CHALLENGE has before its pairs */
	HASH_SIZE = 16,
};

#define NEGOTIATE_KEY_EXCH 0x40000000u

struct field {
	const uint8_t *at;
	size_t size;
};

int ntlm_find(const uint8_t *blob, size_t size, const uint8_t **ret_msg, size_t *ret_size)
{
	static const char signature[] = "NTLMSSP"; /* with its NUL */
	const uint8_t *at = memmem(blob, size, signature, sizeof(signature));

	if (!at || size - (at - blob) < 12)
		return 0;
	*ret_msg = at;
	*ret_size = size - (at - blob);
	return get32(at + 8);
}

int ntlm_challenge(const uint8_t *msg, size_t size, uint8_t ret[NTLM_CHALLENGE_SIZE])
{
	if (size < CHALLENGE_AT + NTLM_CHALLENGE_SIZE)
		return -EBADMSG;
	memcpy(ret, msg + CHALLENGE_AT, NTLM_CHALLENGE_SIZE);
	return 0;
}

static int get_field(const uint8_t *msg, size_t size, size_t at, struct field *ret)
{
	size_t len = get16(msg + at), offset = get32(msg + at + 4);

	if (offset > size || len > size - offset)
		return -EBADMSG;
	*ret = (struct field){ .at = msg + offset, .size = len };
	return 0;
}

/* One character of UTF-8 that is whole and lawful; 0xfffd for others. */
static uint32_t next_character(const unsigned char **s)
{
	uint32_t c = *(*s)++;
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

	if (c < 0x80)
		return c;
	c &= 0x3f >> more;
	for (; more && (**s & 0xc0) == 0x80; more--)
		c = c << 6 | (*(*s)++ & 0x3f);
	return more || c < 0x80 ? 0xfffd : c;
}

/* MD4 of the password in UTF-16. */
static void nt_hash(const char *password, uint8_t ret[HASH_SIZE])
{
	const unsigned char *s = (const unsigned char *)password;
	struct md4_ctx md4;

	md4_init(&md4);
	while (*s) {
		uint32_t c = next_character(&s);
		uint8_t units[4];

		if (c >= 0x10000) {
			put16(units, 0xd800 + ((c - 0x10000) >> 10));
			put16(units + 2, 0xdc00 + ((c - 0x10000) & 0x3ff));
		} else {
			put16(units, c);
		}
		md4_update(&md4, c >= 0x10000 ? 4 : 2, units);
	}
	md4_digest(&md4, HASH_SIZE, ret);
}

/* 3.3.2 NTOWFv2. Only ASCII letters are made capitals: others would need tables, and the proof tells. */
static void nt_hash_v2(const char *password, const struct field *user, const struct field *domain,
		       uint8_t ret[HASH_SIZE])
{
	uint8_t key[HASH_SIZE];
	struct hmac_md5_ctx mac;

	nt_hash(password, key);
	hmac_md5_set_key(&mac, sizeof(key), key);
	for (size_t i = 0; i + 1 < user->size; i += 2) {
		uint16_t c = get16(user->at + i);
		uint8_t unit[2];

		put16(unit, c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
		hmac_md5_update(&mac, sizeof(unit), unit);
	}
	hmac_md5_update(&mac, domain->size, domain->at);
	hmac_md5_digest(&mac, HASH_SIZE, ret);
}

static void hmac_md5(const uint8_t *key, const uint8_t *a, size_t a_size, const uint8_t *b,
		     size_t b_size, uint8_t ret[HASH_SIZE])
{
	struct hmac_md5_ctx mac;

	hmac_md5_set_key(&mac, HASH_SIZE, key);
	hmac_md5_update(&mac, a_size, a);
	hmac_md5_update(&mac, b_size, b);
	hmac_md5_digest(&mac, HASH_SIZE, ret);
}

struct authenticate {
	struct field response, user, domain, key;
	bool exchanged; /* the session key is in it, encrypted */
};

static int parse(const uint8_t *msg, size_t size, struct authenticate *a, struct err *err)
{
	if (size < AUTH_SIZE || get_field(msg, size, NT_RESPONSE, &a->response) ||
	    get_field(msg, size, USER, &a->user) || get_field(msg, size, DOMAIN, &a->domain) ||
	    get_field(msg, size, SESSION_KEY, &a->key))
		return err_set(err, -EBADMSG, "its NTLM message is damaged");
	a->exchanged = get32(msg + AUTH_FLAGS) & NEGOTIATE_KEY_EXCH;
	if (!a->user.size)
		return err_set(err, -ENOTSUP, "it is anonymous");
	if (a->response.size < PROOF_SIZE + BLOB_LEAST)
		return err_set(err, -ENOTSUP, "it does not use NTLMv2");
	if (a->exchanged && a->key.size != SESSION_KEY_SIZE)
		return err_set(err, -EBADMSG, "its NTLM message is damaged");
	return 0;
}

int ntlm_session_key(const uint8_t *msg, size_t size, const uint8_t challenge[NTLM_CHALLENGE_SIZE],
		     const char *password, uint8_t ret[SESSION_KEY_SIZE], struct err *err)
{
	struct authenticate a = {};
	uint8_t hash[HASH_SIZE], proof[PROOF_SIZE], base[SESSION_KEY_SIZE];
	struct arcfour_ctx rc4;
	int rc = parse(msg, size, &a, err);

	if (rc)
		return rc;
	nt_hash_v2(password, &a.user, &a.domain, hash);
	hmac_md5(hash, challenge, NTLM_CHALLENGE_SIZE, a.response.at + PROOF_SIZE,
		 a.response.size - PROOF_SIZE, proof);
	if (!memeql_sec(proof, a.response.at, sizeof(proof)))
		return err_set(err, -EKEYREJECTED,
			       "the password of --credentials is not that of its user");
	hmac_md5(hash, proof, sizeof(proof), NULL, 0, base);
	if (!a.exchanged) {
		memcpy(ret, base, sizeof(base));
		return 0;
	}
	arcfour_set_key(&rc4, sizeof(base), base);
	arcfour_crypt(&rc4, SESSION_KEY_SIZE, ret, a.key.at);
	return 0;
}
