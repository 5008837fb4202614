// SPDX-License-Identifier: GPL-2.0-only
/* Spans in which the probes were out of the kernel, so that a module could be unloaded. */
#include <errno.h>

#include "model/state.h"

#define MAX_PARKED 4096

static int tell(struct model *m, const struct parked *p)
{
	int rc = 0;

	for (int i = 0; !rc && i < m->nr_listeners; i++)
		if (m->listener[i]->parked)
			rc = m->listener[i]->parked(m->listener[i]->ctx, p);
	return rc;
}

static int open_span(struct model *m, const struct parked *span)
{
	struct recording *r = &m->rec;
	struct parked *p;

	if (r->nr_parked == MAX_PARKED)
		return 0;
	p = realloc(r->parked, (r->nr_parked + 1) * sizeof(*p));
	if (!p)
		return -ENOMEM;
	r->parked = p;
	p[r->nr_parked] = *span;
	p[r->nr_parked++].open = true;
	return 0;
}

/* What was under way meanwhile has lost records. */
static int close_span(struct model *m, uint64_t to, bool back)
{
	struct recording *r = &m->rec;
	struct parked *p = r->nr_parked ? &r->parked[r->nr_parked - 1] : NULL;

	if (!p || !p->open || p->to)
		return 0;
	p->to = to > p->from ? to : p->from;
	p->open = !back;
	loss_span(m, p->from, p->to);
	return tell(m, p);
}

int parking_event(struct model *m, const struct ev_mark_rec *ev)
{
	struct parked span = { .from = ev->hdr.ts };
	int rc;

	switch (ev->mark) {
	case EV_MARK_PARKED:
		span.asked = ev->value == EV_PARKED_ASKED;
		rc = close_span(m, ev->hdr.ts, true);
		if (rc)
			return rc;
		return open_span(m, &span);
	case EV_MARK_ATTACHED:
		span.cifs_only = ev->value == EV_ATTACHED_WITHOUT_CIFS;
		rc = close_span(m, ev->hdr.ts, true);
		return rc || !span.cifs_only ? rc : open_span(m, &span);
	case EV_MARK_STOP:
		return close_span(m, ev->hdr.ts, false);
	default:
		return 0;
	}
}

int parking_finish(struct model *m)
{
	return close_span(m, m->rec.now_ns, false);
}
