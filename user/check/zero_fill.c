// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "base/fmt.h"
#include "check/zero_fill.h"

static uint64_t limit(const struct zero_fill *s)
{
	return s->zero_point < s->i_size ? s->zero_point : s->i_size;
}

/* The first word about a request that is read is netfs_read, before anything is decided. */
static void note_sizes(struct zero_fill *s, const struct ev_rreq *ev, bool first)
{
	if (first) {
		s->known = ev->sized && ev->event == EV_RREQ_READ;
		s->zero_point = ev->zero_point;
		s->i_size = ev->begin_size;
		return;
	}
	s->changed |= ev->zero_point != s->zero_point || ev->begin_size != s->i_size;
	s->seen_after |= s->filled != 0;
}

static void note_fill(struct zero_fill *s, const struct ev_sreq *ev)
{
	if (!s->known || s->filled || ev->start >= limit(s))
		return;
	s->filled = ev->sreq;
	s->start = ev->start;
	s->len = ev->len;
	s->ts = ev->hdr.ts;
}

static bool is_zeros(const struct check *c, const struct seen *ce)
{
	const struct ev_sreq *ev = (const void *)ce->ev;

	return ce->ev->kind == EV_SREQ && ce->s && ce->name == SREQ_SUBMIT &&
	       names_id(model_names(check_model(c)), NAMES_SOURCE, ev->source) ==
		       SOURCE_FILL_WITH_ZEROES;
}

void zero_fill_event(struct zero_fill *s, const struct check *c, const struct seen *ce)
{
	if (s->begun && is_zeros(c, ce))
		note_fill(s, (const void *)ce->ev);
	/* at the last PUT the inode may be gone */
	if (ce->ev->kind != EV_RREQ || ce->name == RREQ_FREE)
		return;
	note_sizes(s, (const void *)ce->ev, !s->begun);
	s->begun = true;
}

static int unasked(struct check *c, const struct request *r, const struct zero_fill *s)
{
	struct finding *f = finding_new(c, "zeros-unasked", r->first_ns, s->ts);

	finding_request(f, c, r, s->filled);
	finding_expected(f,
			 "asked of the server, as 0x%" PRIx64 " is below zero_point 0x%" PRIx64
			 " and i_size 0x%" PRIx64 ", which stayed so",
			 s->start, s->zero_point, s->i_size);
	finding_observed(f, "%" PRIu64 " byte%s at 0x%" PRIx64 " filled with zeros", s->len,
			 plural(s->len), s->start);
	finding_explain(f, "Bytes that the server may have were filled with zeros without asking "
			   "it: the reader gets zeros for data.");
	if (!s->seen_after)
		finding_doubt(f, "the recording ended before it was known whether the file's size "
				 "changed meanwhile");
	if (f)
		f->until_ns = r->last_ns;
	return finding_raise(f, c);
}

int zero_fill_request(const struct zero_fill *s, struct check *c, const struct request *r)
{
	return s->filled && !s->changed ? unasked(c, r, s) : 0;
}
