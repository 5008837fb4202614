// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/random.h>

#include "provoke/flow_state.h"

struct flow *flow_new(struct proxy *p, unsigned int connection)
{
	struct flow *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->p = p;
	f->connection = connection;
	f->sessions.password = p->password;
	f->sessions.next_nr = &p->sessions;
	credits_init(&f->credits);
	if (getrandom(f->nonce_base, sizeof(f->nonce_base), 0) != sizeof(f->nonce_base)) {
		free(f);
		return NULL;
	}
	return f;
}

void flow_free(struct flow *f)
{
	struct exchange *r, *next;

	if (!f)
		return;
	HASH_ITER (hh, f->requests, r, next) {
		HASH_DEL(f->requests, r);
		exchange_free(r);
	}
	sessions_free(&f->sessions);
	forgotten_free(&f->forgotten);
	free(f);
}

void passage_free(struct passage *p)
{
	free(p->data);
	free(p->first);
	*p = (struct passage){};
}

struct exchange *flow_find(const struct flow *f, uint64_t mid)
{
	struct exchange *found;

	HASH_FIND(hh, f->requests, &mid, sizeof(mid), found);
	return found;
}

struct subject flow_subject(const struct flow *f, const struct exchange *r)
{
	const struct session *s = r ? sessions_find(&f->sessions, r->session) : NULL;

	return (struct subject){ .connection = f->connection, .session = s ? s->nr : 0, .r = r };
}

bool flow_can_change(const struct flow *f, const struct exchange *r, const char **ret_why)
{
	const struct session *s = sessions_find(&f->sessions, r->session);

	if (!r->is_signed || (s && s->keys_known))
		return true;
	if (ret_why)
		*ret_why = "it is signed, and the keys are not known";
	return false;
}

static int requests(struct flow *f, struct envelope *e)
{
	struct exchange *before = NULL;
	int rc = 0;

	for (unsigned int i = 0; !rc && i < e->frame.nr; i++)
		rc = ask(f, e, i, before, &before);
	return rc;
}

int flow_request(struct flow *f, uint8_t *data, size_t size, struct passage *ret)
{
	__free(envelope_free) struct envelope e;
	int rc = envelope_open(f, &e, CLIENT, data, size);

	*ret = (struct passage){};
	if (rc)
		return rc;
	rc = requests(f, &e);
	if (rc)
		return rc;
	return envelope_close(f, &e, &ret->data, &ret->size);
}

static void say_sealed(struct flow *f)
{
	if (!f->said_sealed)
		journal_event(
			f->p->journal, "sealed", f->connection, NULL,
			"messages are sealed and the keys are not known: only faults of time and of the connection, on any, can be shown");
	f->said_sealed = true;
}

int flow_response(struct flow *f, uint8_t *data, size_t size, struct passage *ret)
{
	__free(envelope_free) struct envelope e;
	int rc = envelope_open(f, &e, SERVER, data, size);

	*ret = (struct passage){};
	if (!rc && e.frame.kind == FRAME_SEALED) {
		say_sealed(f);
		answer_sealed(f, ret);
	}
	for (unsigned int i = 0; !rc && i < e.frame.nr; i++)
		rc = answer(f, &e, i, ret);
	if (rc)
		return rc;
	return envelope_close(f, &e, &ret->data, &ret->size);
}
