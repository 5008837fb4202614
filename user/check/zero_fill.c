// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

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
	s->seen_after |= s->filled || s->over;
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

static void note_over(struct zero_fill *s, const struct request *r, const struct ev_sreq *ev,
		      struct written *w)
{
	uint64_t end = ev->start + ev->len < s->i_size ? ev->start + ev->len : s->i_size;
	const struct own_file *f;

	if (!s->known || s->over || ev->start < limit(s) ||
	    !written_overlap(w, r, ev->start, end, &s->part))
		return;
	f = written_file(w, r);
	s->over = ev->sreq;
	s->ts = ev->hdr.ts;
	s->written_ns = f->last_ns;
	s->since_ns = f->begun_ns;
	s->grown = f->writer_ns > f->first_ns;
}

static bool is_zeros(const struct check *c, const struct seen *ce)
{
	const struct ev_sreq *ev = (const void *)ce->ev;

	return ce->ev->kind == EV_SREQ && ce->s && ce->name == SREQ_SUBMIT &&
	       names_id(model_names(check_model(c)), NAMES_SOURCE, ev->source) ==
		       SOURCE_FILL_WITH_ZEROES;
}

void zero_fill_event(struct zero_fill *s, const struct check *c, const struct seen *ce,
		     struct written *w)
{
	if (s->begun && is_zeros(c, ce)) {
		note_fill(s, (const void *)ce->ev);
		note_over(s, ce->r, (const void *)ce->ev, w);
	}
	/* at the last PUT the inode may be gone */
	if (ce->ev->kind != EV_RREQ || ce->name == RREQ_FREE)
		return;
	note_sizes(s, (const void *)ce->ev, !s->begun);
	s->begun = true;
}

static int raise(struct finding *f, struct check *c, const struct request *r,
		 const struct zero_fill *s)
{
	if (!s->seen_after)
		finding_doubt(f, "the recording ended before it was known whether the file's size "
				 "changed meanwhile");
	if (f)
		f->until_ns = r->last_ns;
	return finding_raise(f, c);
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
	return raise(f, c, r, s);
}

/* With cache=strict only who has a lease for it caches, and loses that by an oplock break. */
static bool is_strict(const struct check *c, const struct request *r)
{
	const struct mount *m = model_mount(check_model(c), r->dev);

	return m && m->options && strstr(m->options, "cache=strict");
}

static int over_written(struct check *c, const struct request *r, const struct zero_fill *s)
{
	struct finding *f = finding_new(c, "zeros-over-written", s->since_ns, s->ts);
	uint64_t len = s->part.to - s->part.from;

	finding_request(f, c, r, s->over);
	finding_expected(f,
			 "asked of the server, which has %" PRIu64 " byte%s at 0x%" PRIx64
			 " of this client's since %s",
			 len, plural(len), s->part.from, fmt_dmesg(s->written_ns).s);
	finding_observed(f, "filled with zeros, as zero_point was 0x%" PRIx64, s->zero_point);
	finding_explain(f, "zero_point is too low: the reader gets zeros in the place of what this "
			   "client has written there.");
	if (s->grown && !is_strict(c, r))
		finding_doubt(f, "another client may have cut the file before this one wrote to it "
				 "again");
	return raise(f, c, r, s);
}

/* What shows that a file was cut, or got a hole. */
static bool shows_changes(const struct check *c)
{
	return check_has_probe(c, "smb2_setup_request_exit") &&
	       check_has_probe(c, "smb2_is_status_pending_enter") &&
	       check_has_probe(c, "netfs_write_iter") && check_has_probe(c, "smb3_reconnect");
}

int zero_fill_request(const struct zero_fill *s, struct check *c, const struct request *r)
{
	int rc = s->filled && !s->changed ? unasked(c, r, s) : 0;

	if (!rc && s->over && !s->changed && shows_changes(c))
		rc = over_written(c, r, s);
	return rc;
}
