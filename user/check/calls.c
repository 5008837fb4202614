// SPDX-License-Identifier: GPL-2.0-only
/* Which checks an event is for. */
#include "check/engine.h"

static bool is_wanted(const struct check_ops *ops, const struct seen *ce)
{
	for (const uint32_t *w = ops->wants; w && *w; w++) {
		uint32_t probe = *w >> 8 & 0xfff, name = *w >> 20;

		if ((uint8_t)*w == ce->ev->kind && (!probe || probe == ce->probe) &&
		    (!name || name == ce->name))
			return true;
	}
	return false;
}

/* In the order of the checks: so findings of one event come. */
static struct calls *list_calls(const struct engine *e, const struct seen *ce)
{
	struct calls *l = calloc(1, sizeof(*l) + e->nr * sizeof(l->check[0]));

	if (!l)
		return NULL;
	l->kind = ce->ev->kind;
	l->probe = ce->probe;
	for (size_t i = 0; i < e->nr; i++)
		if (e->check[i].active && is_wanted(e->check[i].ops, ce))
			l->check[l->nr++] = &e->check[i];
	return l;
}

static unsigned int index_of(const struct seen *ce)
{
	const unsigned int probes = NAME_ID_MAX, kinds = probes + PROBE_MAX;

	if (ce->name)
		return ce->name;
	return ce->probe ? probes + ce->probe : kinds + ce->ev->kind;
}

const struct calls *calls_of(struct engine *e, const struct seen *ce)
{
	struct calls **l = &e->calls[index_of(ce)];

	if (*l && (*l)->kind == ce->ev->kind && (*l)->probe == ce->probe)
		return *l;
	free(*l);
	*l = list_calls(e, ce);
	return *l;
}

void calls_forget(struct engine *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(e->calls); i++) {
		free(e->calls[i]);
		e->calls[i] = NULL;
	}
}
