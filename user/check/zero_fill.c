// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "check/zero_fill.h"

/* Of one request. Sizes change under it: what is not the same at both ends is not judged. */
struct sizes {
	uint64_t zero_point, i_size; /* as its first event had them; i_size is the request's own */
	bool known;		     /* from the request's begin on */
	bool changed;
	bool seen_after; /* a later event than `filled` had them */
	uint32_t filled; /* the first subrequest of zeros below both; 0: none */
	uint64_t start, len, ts;
};

void zero_fill_init(struct zero_fill *z)
{
	z->sizes.size = sizeof(struct sizes);
}

void zero_fill_clear(struct zero_fill *z)
{
	table_clear(&z->sizes);
}

static uint64_t limit(const struct sizes *s)
{
	return s->zero_point < s->i_size ? s->zero_point : s->i_size;
}

/* The first word about a request that is read is netfs_read, before anything is decided. */
static void note_sizes(struct sizes *s, const struct ev_rreq *ev, bool first)
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

static void note_fill(struct sizes *s, const struct ev_sreq *ev)
{
	if (!s->known || s->filled || ev->start >= limit(s))
		return;
	s->filled = ev->sreq;
	s->start = ev->start;
	s->len = ev->len;
	s->ts = ev->hdr.ts;
}

static bool is_zeros(struct check *c, const struct check_event *ce)
{
	const struct ev_sreq *ev = (const void *)ce->ev;

	return ce->ev->kind == EV_SREQ && ce->s && ce->name == SREQ_SUBMIT &&
	       names_id(model_names(check_model(c)), NAMES_SOURCE, ev->source) ==
		       SOURCE_FILL_WITH_ZEROES;
}

int zero_fill_event(struct zero_fill *z, struct check *c, const struct check_event *ce)
{
	struct sizes *s = ce->r ? table_find(&z->sizes, request_id(ce->r), 0) : NULL;
	bool first = !s;

	if (s && is_zeros(c, ce))
		note_fill(s, (const void *)ce->ev);
	/* at the last PUT the inode may be gone */
	if (!ce->r || ce->ev->kind != EV_RREQ || ce->name == RREQ_FREE)
		return 0;
	if (first)
		s = table_get(&z->sizes, request_id(ce->r), 0);
	if (!s)
		return -ENOMEM;
	note_sizes(s, (const void *)ce->ev, first);
	return 0;
}

static int unasked(struct check *c, const struct request *r, const struct sizes *s)
{
	struct finding *f = finding_new(c, "zeros-unasked", r->first_ns, s->ts);

	finding_request(f, c, r, s->filled);
	finding_expected(f,
			 "asked of the server, as 0x%" PRIx64 " is below zero_point 0x%" PRIx64
			 " and i_size 0x%" PRIx64 ", which stayed so",
			 s->start, s->zero_point, s->i_size);
	finding_observed(f, "%" PRIu64 " bytes at 0x%" PRIx64 " filled with zeros", s->len,
			 s->start);
	finding_explain(f, "Bytes that the server may have were filled with zeros without asking "
			   "it: the reader gets zeros for data.");
	if (!s->seen_after)
		finding_doubt(f, "the recording ended before it was known whether the file's size "
				 "changed meanwhile");
	if (f)
		f->until_ns = r->last_ns;
	return finding_raise(f, c);
}

int zero_fill_request(struct zero_fill *z, struct check *c, const struct request *r)
{
	const struct sizes *s = table_find(&z->sizes, request_id(r), 0);
	int rc = 0;

	if (s && s->filled && !s->changed)
		rc = unasked(c, r, s);
	table_drop_request(&z->sizes, r);
	return rc;
}
