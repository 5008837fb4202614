// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "provoke/flow_state.h"

static int unseal(struct flow *f, struct envelope *e, uint8_t *data, size_t size)
{
	struct session *s = sessions_find(&f->sessions, get64(data + SEAL_SESSION));
	__autofree uint8_t *plain = NULL;
	size_t inside;

	if (!s || !s->keys_known)
		return 0;
	plain = malloc(size);
	if (!plain)
		return -ENOMEM;
	if (keys_unseal(&s->keys[e->from], e->from, data, size, plain, &inside))
		return 0; /* passed on as it is: the other side says what it thinks of it */
	frame_parse(&e->frame, plain, inside);
	e->sealed = s;
	e->plain = TAKE(plain);
	return 0;
}

/* A related message has all ones, or zeros, in place of its session. */
static void name_sessions(struct envelope *e)
{
	for (unsigned int i = 0; i < e->frame.nr; i++) {
		const uint8_t *at = e->frame.msg[i].at;

		e->sessions[i] = i && get32(at + HDR_FLAGS) & SMB2_FLAG_RELATED &&
						 get64(at + HDR_SESSION) == UINT64_MAX
					 ? e->sessions[i - 1]
					 : get64(at + HDR_SESSION);
	}
}

int envelope_open(struct flow *f, struct envelope *e, enum side from, uint8_t *data, size_t size)
{
	int rc = 0;

	*e = (struct envelope){ .from = from };
	frame_parse(&e->frame, data, size);
	if (e->frame.kind == FRAME_SEALED)
		rc = unseal(f, e, data, size);
	name_sessions(e);
	return rc;
}

static void sign(struct flow *f, struct envelope *e, unsigned int i, enum side to)
{
	struct message *m = &e->frame.msg[i];
	const struct session *s = sessions_find(&f->sessions, e->sessions[i]);

	if (!(m->changed || f->sessions.rekeyed) ||
	    !(get32(m->at + HDR_FLAGS) & SMB2_FLAG_SIGNED) || !s || !s->keys_known)
		return;
	keys_sign(&s->keys[to], e->from, m->at, m->size);
	m->changed = true;
}

/* Never the same twice with a key: bytes of this connection's own, and a counter. */
static void next_nonce(struct flow *f, uint8_t nonce[16])
{
	memset(nonce, 0, 16);
	memcpy(nonce, f->nonce_base, 3);
	put64(nonce + 3, ++f->nonces ^ get64(f->nonce_base));
}

static int pack(struct flow *f, const struct envelope *e, enum side to, uint8_t **ret,
		size_t *ret_size)
{
	size_t inside = frame_total(&e->frame);
	size_t size = inside + (e->sealed ? SEAL_SIZE : 0);
	__autofree uint8_t *out = malloc(FRAME_HEAD + size + (e->sealed ? inside : 0));
	uint8_t nonce[16];

	if (!out)
		return -ENOMEM;
	frame_put_head(out, size);
	if (!e->sealed) {
		frame_copy(&e->frame, out + FRAME_HEAD);
	} else {
		/* what is to be sealed lies behind its place */
		uint8_t *plain = out + FRAME_HEAD + size;
		int rc;

		frame_copy(&e->frame, plain);
		next_nonce(f, nonce);
		rc = keys_seal(&e->sealed->keys[to], e->from, e->sealed->id, nonce, plain, inside,
			       out + FRAME_HEAD);
		if (rc)
			return rc;
	}
	*ret = TAKE(out);
	*ret_size = FRAME_HEAD + size;
	return 0;
}

int envelope_close(struct flow *f, struct envelope *e, uint8_t **ret, size_t *ret_size)
{
	enum side to = e->from == CLIENT ? SERVER : CLIENT;
	int rc = frame_link(&e->frame);

	*ret = NULL;
	if (rc)
		return rc;
	for (unsigned int i = 0; i < e->frame.nr; i++)
		sign(f, e, i, to);
	if (!frame_changed(&e->frame) && !(e->sealed && f->sessions.rekeyed))
		return 0;
	return pack(f, e, to, ret, ret_size);
}

void envelope_free(struct envelope *e)
{
	frame_free(&e->frame);
	free(e->plain);
}
