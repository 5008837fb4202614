// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "provoke/session.h"

void sessions_free(struct sessions *s)
{
	struct session *it, *next;

	HASH_ITER (hh, s->table, it, next) {
		HASH_DEL(s->table, it);
		free(it);
	}
}

struct session *sessions_find(const struct sessions *s, uint64_t id)
{
	struct session *found;

	HASH_FIND(hh, s->table, &id, sizeof(id), found);
	return found;
}

void sessions_hash(struct sessions *s, enum side side, const struct message *m)
{
	preauth_add(s->preauth[side], m->at, m->size);
}

void sessions_negotiate_request(struct sessions *s, const struct message *m)
{
	memset(s->preauth, 0, sizeof(s->preauth));
	s->rekeyed = false;
	sessions_hash(s, CLIENT, m);
	sessions_hash(s, SERVER, m);
}

/* The one that the server chose: 2.2.4.1.2, 2.2.4.1.7. */
static void take_context(struct negotiated *n, uint16_t type, const uint8_t *data, size_t size)
{
	if (size < 4 || get16(data) != 1)
		return;
	if (type == CONTEXT_CIPHERS && get16(data + 2) <= CIPHER_AES256_GCM)
		n->cipher = get16(data + 2);
	if (type == CONTEXT_SIGNING && get16(data + 2) <= SIGN_AES_GMAC)
		n->signing = get16(data + 2);
}

static void take_contexts(struct negotiated *n, const struct message *m)
{
	size_t at = get32(m->at + NEGOTIATED_CONTEXT_AT);

	for (unsigned int left = get16(m->at + NEGOTIATED_CONTEXTS); left; left--) {
		size_t size;

		if (at < NEGOTIATED_SIZE || at + 8 > m->size)
			return;
		size = get16(m->at + at + 2);
		if (size > m->size - at - 8)
			return;
		take_context(n, get16(m->at + at), m->at + at + 8, size);
		at += (8 + size + 7) & ~(size_t)7;
	}
}

void sessions_negotiated(struct sessions *s, const struct message *m)
{
	struct negotiated *n = &s->negotiated;

	if (m->size < NEGOTIATED_SIZE || get32(m->at + HDR_STATUS) != STATUS_OK)
		return;
	*n = (struct negotiated){ .dialect = get16(m->at + NEGOTIATED_DIALECT) };
	if (n->dialect < DIALECT_300 || n->dialect > DIALECT_311)
		return;
	n->signing = SIGN_AES_CMAC;
	n->cipher = n->dialect < DIALECT_311 ? CIPHER_AES128_CCM : CIPHER_NONE;
	if (n->dialect == DIALECT_311)
		take_contexts(n, m);
}

static void hash_both(uint8_t preauth[2][PREAUTH_SIZE], const struct message *m)
{
	preauth_add(preauth[CLIENT], m->at, m->size);
	preauth_add(preauth[SERVER], m->at, m->size);
}

/* The NTLM message of a blob whose offset and size are at those places; its type, 0: none. */
static int find_ntlm(const struct message *m, size_t at, size_t size_at, const uint8_t **ret,
		     size_t *ret_size)
{
	size_t offset = get16(m->at + at), size = get16(m->at + size_at);

	if (offset > m->size || size > m->size - offset)
		return 0;
	return ntlm_find(m->at + offset, size, ret, ret_size);
}

static void take_authenticate(struct sessions *s, struct session *it, const struct message *m)
{
	const uint8_t *ntlm;
	size_t size;

	if (find_ntlm(m, SETUP_BLOB_AT, SETUP_BLOB_SIZE, &ntlm, &size) != 3 || !it->has_challenge)
		return;
	it->has_key = !ntlm_session_key(ntlm, size, it->challenge, s->password, it->key, &it->why);
}

int sessions_setup_request(struct sessions *s, const struct message *m, struct setup **ret_setup)
{
	struct session *it = sessions_find(s, get64(m->at + HDR_SESSION));
	bool binding = m->size >= SETUP_SIZE && m->at[SETUP_FLAGS] & SETUP_BINDING;
	struct setup *setup;

	*ret_setup = NULL;
	if (it) {
		/* the keys stay those of its beginning when it is renewed */
		if (!it->established)
			hash_both(it->preauth, m);
		if (!it->established && s->password && m->size >= SETUP_SIZE)
			take_authenticate(s, it, m);
		return 0;
	}
	setup = calloc(1, sizeof(*setup));
	if (!setup)
		return -ENOMEM;
	memcpy(setup->preauth, s->preauth, sizeof(setup->preauth));
	hash_both(setup->preauth, m);
	setup->binding = binding;
	*ret_setup = setup;
	return 0;
}

static struct session *add(struct sessions *s, uint64_t id, const struct setup *setup)
{
	struct session *it = calloc(1, sizeof(*it));

	if (!it)
		return NULL;
	it->id = id;
	it->nr = ++*s->next_nr;
	memcpy(it->preauth, setup->preauth, sizeof(it->preauth));
	err_set(&it->why, 0, "%s",
		!s->password	 ? "there is no --credentials"
		: setup->binding ? "it is another channel of a session"
				 : "it does not use NTLM");
	if (!hash_add(hh, s->table, id, sizeof(it->id), it))
		return it;
	free(it);
	return NULL;
}

static void take_challenge(struct session *it, const struct message *m)
{
	const uint8_t *ntlm;
	size_t size;

	if (m->size < SETUP_DONE_SIZE ||
	    find_ntlm(m, SETUP_DONE_BLOB_AT, SETUP_DONE_BLOB_SIZE, &ntlm, &size) != 2)
		return;
	it->has_challenge = !ntlm_challenge(ntlm, size, it->challenge);
}

/* The server signs the last response, if it can: that proves the keys. */
static void establish(struct sessions *s, struct session *it, const struct message *m)
{
	bool is_signed = get32(m->at + HDR_FLAGS) & SMB2_FLAG_SIGNED;
	uint16_t flags = m->size >= SETUP_DONE_SIZE ? get16(m->at + SETUP_DONE_FLAGS) : 0;

	it->established = true;
	it->sealed = flags & SETUP_DONE_SEALED;
	if (flags & (SETUP_DONE_GUEST | SETUP_DONE_ANONYMOUS))
		err_set(&it->why, 0, "it is that of a guest");
	else if (it->has_key)
		it->keys_known = true;
	if (!it->keys_known)
		return;
	for (int side = CLIENT; side <= SERVER; side++)
		keys_derive(&it->keys[side], &s->negotiated, it->key, it->preauth[side]);
	if (is_signed && !keys_verify(&it->keys[SERVER], SERVER, m->at, m->size)) {
		it->keys_known = false;
		err_set(&it->why, 0, "its keys do not fit its signatures");
	}
}

int sessions_setup_response(struct sessions *s, const struct message *m, const struct setup *setup,
			    struct session **ret_session)
{
	uint32_t status = get32(m->at + HDR_STATUS);
	uint64_t id = get64(m->at + HDR_SESSION);
	struct session *it = sessions_find(s, id);

	*ret_session = NULL;
	if ((status != STATUS_OK && status != STATUS_MORE_PROCESSING) || (it && it->established))
		return 0;
	if (!it && setup)
		it = add(s, id, setup);
	if (!it)
		return setup ? -ENOMEM : 0;
	if (status == STATUS_OK) {
		establish(s, it, m);
		*ret_session = it;
		return 0;
	}
	hash_both(it->preauth, m);
	take_challenge(it, m);
	return 0;
}
