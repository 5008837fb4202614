// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "view/measure/gate.h"

struct held {
	struct command c;
	struct held *next;
};

/* What the filter says of a request, and its commands that came before it. */
struct gated {
	struct request_key key;
	bool known, passed;
	struct held *held, **tail;
	UT_hash_handle hh;
};

struct gate {
	const struct model *m;
	const struct request_filter *filter;
	int (*put)(void *ctx, const struct command *c);
	void *ctx;
	struct gated *requests;
};

int gate_new(struct gate **ret_g, const struct model *m, const struct request_filter *f,
	     int (*put)(void *ctx, const struct command *c), void *ctx)
{
	struct gate *g = calloc(1, sizeof(*g));

	if (!g)
		return -ENOMEM;
	*g = (struct gate){ .m = m, .filter = f, .put = put, .ctx = ctx };
	*ret_g = g;
	return 0;
}

/* Puts, if it is to, and frees what was held; goes on to free it all after an error. */
static int release(struct gate *g, struct gated *d, bool put)
{
	struct held *h;
	int rc = 0;

	while ((h = d->held)) {
		if (put && !rc)
			rc = g->put(g->ctx, &h->c);
		d->held = h->next;
		free(h);
	}
	d->tail = &d->held;
	return rc;
}

void gate_free(struct gate *g)
{
	struct gated *d, *d2;

	if (!g)
		return;
	HASH_ITER (hh, g->requests, d, d2) {
		HASH_DEL(g->requests, d);
		release(g, d, false);
		free(d);
	}
	free(g);
}

static struct gated *gated_get(struct gate *g, const struct request_key *key)
{
	struct gated *d;

	HASH_FIND(hh, g->requests, key, sizeof(*key), d);
	if (d)
		return d;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->key = *key;
	d->tail = &d->held;
	if (!hash_add(hh, g->requests, key, sizeof(d->key), d))
		return d;
	free(d);
	return NULL;
}

static int hold(struct gated *d, const struct command *c)
{
	struct held *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->c = *c;
	*d->tail = h;
	d->tail = &h->next;
	return 0;
}

int gate_command(struct gate *g, const struct command *c)
{
	struct request_key key = { .epoch = c->epoch, .rreq = c->rreq, .synth = c->synth };
	struct gated *d;

	if (!filter_restricts(g->filter))
		return g->put(g->ctx, c);
	if (!c->rreq && filter_test(g->filter, g->m, c->test))
		return g->put(g->ctx, c);
	if (!c->rreq || !filter_names(g->filter, c->rreq, c->synth) ||
	    (g->filter->sreq && g->filter->sreq != c->sreq))
		return 0;
	d = gated_get(g, &key);
	if (!d)
		return -ENOMEM;
	if (!d->known)
		return hold(d, c);
	return d->passed ? g->put(g->ctx, c) : 0;
}

/* It is kept for the commands that are still to come. */
int gate_request(struct gate *g, const struct request *r, bool passed)
{
	struct gated *d;

	if (!filter_restricts(g->filter))
		return 0;
	d = gated_get(g, &r->key);
	if (!d)
		return -ENOMEM;
	d->known = true;
	d->passed = passed;
	return release(g, d, passed);
}
