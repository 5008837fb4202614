// SPDX-License-Identifier: GPL-2.0-only
#include "check/inside.h"

static struct cell *find(struct table *t, uint64_t a, uint64_t b)
{
	struct cell probe = { .key = { a, b } }, *c;

	HASH_FIND(hh, t->cells, &probe.key, sizeof(probe.key), c);
	if (c)
		*table_near(t, a, b) = c;
	return c;
}

void *table_search(struct table *t, uint64_t a, uint64_t b)
{
	struct cell *c = find(t, a, b);

	return c ? c->data : NULL;
}

void *table_make(struct table *t, uint64_t a, uint64_t b)
{
	struct cell *c = spares_take(&t->spares, sizeof(*c) + t->size);

	if (!c)
		return NULL;
	memset(c, 0, sizeof(*c) + t->size);
	c->key.a = a;
	c->key.b = b;
	if (!hash_add(hh, t->cells, key, sizeof(c->key), c))
		return c->data;
	spares_put(&t->spares, c);
	return NULL;
}

static void drop(struct table *t, struct cell *c)
{
	struct cell **near = table_near(t, c->key.a, c->key.b);

	if (*near == c)
		*near = NULL;
	HASH_DEL(t->cells, c);
	spares_put(&t->spares, c);
}

void table_del(struct table *t, uint64_t a, uint64_t b)
{
	struct cell *c = find(t, a, b);

	if (c)
		drop(t, c);
}

void table_clear(struct table *t)
{
	struct cell *c, *next;

	HASH_ITER (hh, t->cells, c, next)
		drop(t, c);
	spares_free(&t->spares);
}

void state_drop(const struct check *c, const struct request *r, const struct subrequest *s)
{
	struct state *st = state_at(c, r, s);

	if (!st->made)
		return;
	memset(st->data, 0, s ? c->ops->subrequest_state : c->ops->request_state);
	st->made = 0;
}
