// SPDX-License-Identifier: GPL-2.0-only
/*
 * Do the subrequests of a stream make up the request? Their ranges are those of the first SUBMT:
 * what a retry splits, merges or moves on, and what 6.12 donates to a neighbour, changes them
 * later. Of donations, those to the one before.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"

/*
 * 6.12: a read that is done before the rest of its folio gives what it got to a neighbour, and leaves the list
 * (netfs_consume_read_data()).
 */
struct donation {
	uint64_t gone_ns; /* it left the list (PUT CONSUME); 0: it did not */
	uint64_t start;	  /* where it begins, with what was given to it */
	uint64_t given;	  /* where what it gave to the one before it begins */
	bool gives, all;  /* it did, and had nothing left */
};

struct range {
	uint64_t start, len;
	uint32_t index;
	uint8_t stream;
	bool submitted;
	bool reshaped; /* made, moved or given up by a retry */
	struct donation donation;
};

/* May there be room between the subrequests, and must they stay within what was asked for? */
static const struct {
	enum request_way way;
	bool gaps, bounded;
} rules[] = {
	{ WAY_READ_BUFFERED, false, true }, { WAY_READ_DIRECT, false, true },
	{ WAY_WRITE_DIRECT, false, true },  { WAY_WRITETHROUGH, false, false },
	{ WAY_WRITEBACK, true, false }, /* each run of dirty folios is one; its length is not known
					 */
	{ WAY_TO_CACHE, true, false },
};

static bool reshapes(enum name_id name)
{
	switch (name) {
	case SREQ_RETRY:
	case SREQ_SPLIT:
	case SREQ_DISCARD:
	case SREQ_SUPERFLUOUS:
	case SREQ_DOWNLOAD_INSTEAD:
		return true;
	default:
		return false;
	}
}

/* The one that ended at that place when it was sent; NULL: none, or a retry has changed some of them. */
static const struct range *ends_at(struct check *c, const struct request *r, uint64_t at)
{
	const struct range *found = NULL;

	for_each_subrequest (r, s) {
		const struct range *a = state_find(c, r, s);

		if (a && a->reshaped)
			return NULL;
		if (a && a->submitted && a->len && a->start + a->len == at)
			found = a;
	}
	return found;
}

static int donated_over(struct check *c, const struct seen *ce, const struct range *from,
			const struct range *gone)
{
	struct finding *f = finding_new(c, "donated-over-gap", ce->r->first_ns, ce->ev->ts);

	finding_request(f, c, ce->r, ce->sreq);
	finding_event(f, c, ce->ev);
	finding_expected(
		f, "no donation backwards, as [%s], which ends at 0x%" PRIx64 ", was done with",
		fmt_index(gone->index).s, gone->start + gone->len);
	finding_observed(f,
			 "[%s] from 0x%" PRIx64 " given to one before that, %" PRIu64
			 " us after [%s] left the list",
			 fmt_index(from->index).s, from->start,
			 (ce->ev->ts - gone->donation.gone_ns) / 1000, fmt_index(gone->index).s);
	finding_explain(
		f,
		"What was read counts for bytes that it does not follow: pages are taken for read that are not, and those that were are never unlocked.");
	return finding_raise(f, c);
}

/*
 * Who is before it in the list is not said; but it has to be the one that it follows, or one that was given all
 * that is between. What it follows has left the list otherwise: then it goes over a gap.
 */
static int on_donation(struct check *c, const struct seen *ce, struct range *from)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	struct donation *d = &from->donation;
	const struct range *before = NULL;

	if (!d->gives) {
		d->given = d->start;
		if (from->submitted && !from->reshaped && d->start == from->start)
			before = ends_at(c, ce->r, d->start);
	}
	d->gives = true;
	d->all |= !ev->len;
	while (before && before->donation.gone_ns &&
	       before->donation.gone_ns + HAIR_NS < ev->hdr.ts) {
		if (!before->donation.all)
			return ce->r->partial ? 0 : donated_over(c, ce, from, before);
		if (before->donation.given > before->start)
			break;
		before = ends_at(c, ce->r, before->donation.given);
	}
	return 0;
}

static int on_event(struct check *c, const struct seen *ce)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	struct range *r;

	if (!ce->s)
		return 0;
	r = state_get(c, ce->r, ce->s);
	switch (ce->name) {
	case SREF_PUT_CONSUMED:
		r->donation.gone_ns = ev->hdr.ts;
		return 0;
	case SREQ_ADD_DONATIONS:
		r->donation.start = ev->start;
		return 0;
	case SREQ_DONATE_TO_PREV:
		return on_donation(c, ce, r);
	default:
		break;
	}
	r->index = ce->sreq;
	r->stream = ev->stream;
	if (reshapes(ce->name)) {
		r->reshaped = true;
	} else if (!r->submitted) {
		r->submitted = true;
		r->start = r->donation.start = ev->start;
		r->len = ev->len;
	}
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->stream != y->stream)
		return x->stream < y->stream ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int overlap(struct check *c, const struct request *r, const struct range *a,
		   const struct range *b)
{
	struct finding *f = finding_new(c, "overlap", r->first_ns, r->last_ns);

	finding_request(f, c, r, b->index);
	finding_expected(f, "[%s] begins at or behind 0x%" PRIx64 ", where [%s] ends",
			 fmt_index(b->index).s, a->start + a->len, fmt_index(a->index).s);
	finding_observed(f, "[%s] begins at 0x%" PRIx64, fmt_index(b->index).s, b->start);
	finding_explain(
		f, "Two subrequests were sent for the same bytes: the one that ends last wins.");
	return finding_raise(f, c);
}

static int gap(struct check *c, const struct request *r, const struct range *a,
	       const struct range *b)
{
	struct finding *f = finding_new(c, "gap", r->first_ns, r->last_ns);

	finding_request(f, c, r, b->index);
	finding_expected(f, "[%s] begins at 0x%" PRIx64 ", where [%s] ends", fmt_index(b->index).s,
			 a->start + a->len, fmt_index(a->index).s);
	finding_observed(f, "[%s] begins at 0x%" PRIx64 ", after a gap of %" PRIu64 " byte%s",
			 fmt_index(b->index).s, b->start, b->start - a->start - a->len,
			 plural(b->start - a->start - a->len));
	finding_explain(f, "Bytes of the request were never requested or sent.");
	return finding_raise(f, c);
}

static int outside(struct check *c, const struct request *r, const struct range *a)
{
	struct finding *f = finding_new(c, "outside", r->first_ns, r->last_ns);

	finding_request(f, c, r, a->index);
	finding_expected(f, "within 0x%" PRIx64 "..0x%" PRIx64, r->start, r->start + r->len);
	finding_observed(f, "0x%" PRIx64 "..0x%" PRIx64, a->start, a->start + a->len);
	finding_explain(
		f,
		"A subrequest extends beyond the request: it transfers bytes that nobody asked for.");
	return finding_raise(f, c);
}

static int judge(struct check *c, const struct request *r, const struct range *list, size_t n,
		 bool gaps, bool bounded)
{
	const struct range *last = NULL; /* of those before, the one that reaches furthest */
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		const struct range *a = &list[i];

		if (last && last->stream != a->stream)
			last = NULL;
		if (bounded && r->len &&
		    (a->start < r->start || a->start + a->len > r->start + r->len))
			rc = outside(c, r, a);
		else if (last && a->start < last->start + last->len)
			rc = overlap(c, r, last, a);
		else if (last && !gaps && a->start > last->start + last->len)
			rc = gap(c, r, last, a);
		if (!last || a->start + a->len > last->start + last->len)
			last = a;
	}
	return rc;
}

/* Of the subrequests that were sent, if no retry has reshaped any; 0: there is nothing to judge. */
static size_t collect(struct check *c, const struct request *r, struct range *list)
{
	size_t n = 0;

	for_each_subrequest (r, s) {
		const struct range *range = state_find(c, r, s);

		if (says_no_submit(c, r, s)) {
			check_leave(c, r);
			return 0;
		}
		if (range && range->reshaped)
			return 0;
		if (range && range->submitted && range->len)
			list[n++] = *range;
	}
	return n;
}

static int on_request(struct check *c, const struct request *r)
{
	__autofree struct range *list = NULL;
	enum request_way way = way_of(c, r);
	int rc = 0;
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(rules) && !rc; i++) {
		if (rules[i].way != way || !r->freed || r->partial || !r->nr_subrequests)
			continue;
		list = calloc(r->nr_subrequests, sizeof(*list));
		if (!list)
			return -ENOMEM;
		n = collect(c, r, list);
		c->judged += n > 0;
		qsort(list, n, sizeof(*list), by_start);
		rc = judge(c, r, list, n, rules[i].gaps, rules[i].bounded);
		break;
	}
	return rc;
}

static const char *const needs[] = { "netfs_sreq", "netfs_rreq", NULL };

const struct check_ops check_coverage = {
	.id = "coverage",
	.severity = SEVERITY_ERROR,
	.title = "what subrequests cover",
	.rule = "The subrequests of a stream do not overlap and stay within their request, and leave no gap except in writeback; what one gives to the one before it follows that.",
	.why = "An overlap transfers bytes twice, in undefined order; a gap leaves old data in the page cache or the file.",
	.next = "LIMIT and PREP of the two subrequests: who computed the start of the second?",
	.limits =
		"Requests reshaped by a retry are not judged. Writeback may leave holes, and has no length.",
	.bugs = "\"netfs: Fix non-contiguous donation between completed reads\"; \"netfs: Fix missing iterator reset on retry of short read\"",
	.example = "coverage: R=0000000a[2]: Bytes of the request were never requested or sent.\n"
		   "  verdict   violation, error\n"
		   "  expected  [2] begins at 0x10000, where [1] ends\n"
		   "  observed  [2] begins at 0x10200, after a gap of 512 bytes\n"
		   "  when      [   43.723515], 2026-11-28 04:36:57.486 UTC\n"
		   "  task      dd (tid 313, pid 313)\n"
		   "  file      inode 2 on /mnt/smb (cifs)\n"
		   "  command   conn 0x1, mid 73; wireshark: smb2.msg_id == 73\n"
		   "    [   43.677122] cifsd-237: add_credits +9\n"
		   "    [   43.677127] cifsd-237: add_credits() 9 ifl=2\n"
		   "    [   43.677131] cifsd-237: callback done\n"
		   "    [   43.677256] kworker/1:1-46: TERM 65536/65536\n"
		   "    [   43.677257] kworker/1:1-46: PUT TERM r=1\n"
		   "    [   43.719173] kworker/1:1-46: PUT CLEAR r=0\n"
		   "    [   43.719174] kworker/1:1-46: FREE 65536/65536\n"
		   "    [   43.719176] kworker/1:1-46: free_subreq credits=0 rc=0\n",
	.judges = { "request", "requests" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_SREQ | SAYS(SREQ_SUBMIT), EV_SREQ | SAYS(SREQ_RETRY),
		       EV_SREQ | SAYS(SREQ_SPLIT), EV_SREQ | SAYS(SREQ_DISCARD),
		       EV_SREQ | SAYS(SREQ_SUPERFLUOUS), EV_SREQ | SAYS(SREQ_DOWNLOAD_INSTEAD),
		       EV_SREQ | SAYS(SREQ_DONATE_TO_PREV), EV_SREQ | SAYS(SREQ_ADD_DONATIONS),
		       EV_REF | SAYS(SREF_PUT_CONSUMED)),
	.subrequest_state = sizeof(struct range),
	.event = on_event,
	.request = on_request,
};
