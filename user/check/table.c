// SPDX-License-Identifier: GPL-2.0-only
#include "check/inside.h"

static struct cell *find(const struct table *t, uint64_t a, uint64_t b)
{
	struct cell probe = { .key = { a, b } }, *c;

	HASH_FIND(hh, t->cells, &probe.key, sizeof(probe.key), c);
	return c;
}

void *table_find(const struct table *t, uint64_t a, uint64_t b)
{
	struct cell *c = find(t, a, b);

	return c ? c->data : NULL;
}

void *table_get(struct table *t, uint64_t a, uint64_t b)
{
	struct cell *c = find(t, a, b);

	if (c)
		return c->data;
	c = calloc(1, sizeof(*c) + t->size);
	if (!c)
		return NULL;
	c->key.a = a;
	c->key.b = b;
	HASH_ADD(hh, t->cells, key, sizeof(c->key), c);
	if (c->hh.tbl)
		return c->data;
	free(c);
	return NULL;
}

static void drop(struct table *t, struct cell *c)
{
	HASH_DEL(t->cells, c);
	free(c);
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
}

void table_drop_request(struct table *t, const struct request *r)
{
	table_del(t, request_id(r), 0);
	for_each_subrequest (r, s)
		table_del(t, request_id(r), s->index);
}
