// SPDX-License-Identifier: GPL-2.0-only
/* What a retry has to do before it sends again. */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"
#include "check/ranges.h"

struct attempts {
	uint32_t submits;
	bool by_credits;    /* its first attempt took some: it is one of the SMB client's */
	bool taken, marked; /* since the last SUBMT */
	bool failed;	    /* its preparation: it may be sent without, to fail */
	uint64_t submit_ns;
	uint8_t retries; /* the kernel's own count, at the last RETRY (7.x) */
	bool counted;
};

/* State: of a subrequest its struct attempts, of a request the struct ranges that attempts have left
 * undone. */

/* What says, in each family, that an attempt is a retry. */
static const struct {
	unsigned int families;
	enum name_id name;
} retry_marks[] = {
	{ FAMILY_NETFS, SREQ_RETRY },
	{ FAMILY_NETFS, SREQ_SPLIT },
};

static bool is_mark(const struct check *c, enum name_id name)
{
	for (size_t i = 0; i < ARRAY_SIZE(retry_marks); i++)
		if (retry_marks[i].name == name && (retry_marks[i].families & check_family(c)))
			return true;
	return false;
}

static int broken(struct check *c, const struct seen *ce, const struct attempts *a,
		  const char *kind, const char *expected, const char *explain)
{
	struct finding *f = finding_new(c, kind, a->submit_ns, ce->ev->ts);

	finding_request(f, c, ce->r, ce->sreq);
	finding_expected(f, "%s between two attempts", expected);
	finding_observed(f, "none before attempt %u", a->submits + 1);
	finding_explain(f, "%s", explain);
	return finding_raise(f, c);
}

/* A retry sends what is left: no more, and not from where the first attempt stopped reading. */
static int wrong_iterator(struct check *c, const struct seen *ce, const struct attempts *a)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	struct finding *f = finding_new(c, "iterator", a->submit_ns, ev->hdr.ts);

	finding_request(f, c, ce->r, ce->sreq);
	finding_expected(f, "an iterator over the %" PRIu64 " byte%s left",
			 ev->len - ev->transferred, plural(ev->len - ev->transferred));
	finding_observed(f, "%" PRIu64 " byte%s in it", ev->iter_count, plural(ev->iter_count));
	finding_explain(
		f,
		"The iterator was not reset for the retry: it covers other bytes than the subrequest.");
	return finding_raise(f, c);
}

static int counted_twice(struct check *c, const struct seen *ce, const struct attempts *a)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	struct finding *f = finding_new(c, "counted-twice", a->submit_ns, ev->hdr.ts);

	finding_request(f, c, ce->r, ce->sreq);
	finding_expected(f, "retry_count %u", (uint8_t)(a->retries + 1));
	finding_observed(f, "%u", ev->retries);
	finding_explain(f,
			"One retry was counted more than once, so the kernel gives up too early.");
	if (ce->s->write)
		finding_known(f, c, KNOWN_RETRY_COUNTED_TWICE);
	return finding_raise(f, c);
}

static int on_retry(struct check *c, const struct seen *ce, struct attempts *a)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	uint8_t more = ev->retries - a->retries;
	int rc = 0;

	a->marked = true;
	if (ce->name != SREQ_RETRY)
		return 0;
	/* no count (6.12), one that begins again, or 255 + 1: it is a byte */
	a->counted &= ev->retries || a->retries == UINT8_MAX;
	if (a->counted && more > 1)
		rc = counted_twice(c, ce, a);
	a->retries = ev->retries;
	a->counted |= ev->retries != 0;
	return rc;
}

/* The first byte that is sent again though no attempt has left it; to is the end. */
static uint64_t first_done(const struct ranges *left, uint64_t from, uint64_t to)
{
	uint64_t end = ranges_end(left, from);

	return end < to ? end : to;
}

static int not_left(struct check *c, const struct seen *ce, const struct ranges *left)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	uint64_t from = ev->start + ev->transferred, to = ev->start + ev->len;
	struct finding *f = finding_new(c, "not-left", ce->r->first_ns, ev->hdr.ts);

	finding_request(f, c, ce->r, ce->sreq);
	if (left && left->nr)
		finding_expected(f,
				 "a retry of what earlier attempts have left: 0x%" PRIx64
				 "..0x%" PRIx64 "%s",
				 left->range[0].from, left->range[0].to,
				 left->nr > 1 ? " and more" : "");
	else
		finding_expected(f, "no retry: earlier attempts have left nothing");
	finding_observed(f,
			 "0x%" PRIx64 "..0x%" PRIx64 " is sent again, of which 0x%" PRIx64
			 " and on was not left",
			 from, to, left ? first_done(left, from, to) : from);
	finding_explain(
		f,
		"The retry covers other bytes than those that are missing: finished or neighbouring bytes are transferred again, and the missing ones never are.");
	return finding_raise(f, c);
}

/*
 * What is left of an attempt when it ends; of a direct write of kernels that know INTR all to the
 * end of the request, as its next attempt may be for more (netfs_unbuffered_write(), 7.0).
 */
static void note_left(struct check *c, const struct seen *ce)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	uint64_t from = ev->start + ev->transferred, to = ev->start + ev->len;

	if (from >= to || ev->stream)
		return;
	if (names_has(check_names(c), RREQ_INTR) && way_of(c, ce->r) == WAY_WRITE_DIRECT &&
	    ce->r->start + ce->r->len > to)
		to = ce->r->start + ce->r->len;
	ranges_add(state_get(c, ce->r, NULL), from, to);
}

static int take_left(struct check *c, const struct seen *ce, const struct attempts *a)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	struct ranges *left = state_find(c, ce->r, NULL);
	uint64_t from = ev->start + ev->transferred, to = ev->start + ev->len;
	int rc = 0;

	if (ev->stream || ce->r->partial)
		return 0;
	if (a->by_credits && (a->marked || a->submits) && !(left && ranges_have(left, from, to)))
		rc = not_left(c, ce, left);
	if (left)
		ranges_remove(left, from, to);
	return rc;
}

static int on_submit(struct check *c, const struct seen *ce, struct attempts *a)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	int rc = 0;

	if (a->submits && a->by_credits && !a->failed) {
		c->judged++;
		if (!a->taken)
			rc = broken(
				c, ce, a, "not-renegotiated", "rd-submit or wr-prepare",
				"The retry uses credits that the first attempt has already spent: the server refuses it with INVALID_PARAMETER.");
		else if (!a->marked)
			rc = broken(
				c, ce, a, "not-marked", "RETRY",
				"The subrequest was sent again without the flag that marks a replay: the server may execute it twice.");
	}
	if (!rc && a->submits && a->by_credits && !a->failed && !(ev->hdr.flags & EVF_TPONLY) &&
	    ev->iter_count != ev->len - ev->transferred)
		rc = wrong_iterator(c, ce, a);
	if (!rc)
		rc = take_left(c, ce, a);
	a->submits++;
	a->submit_ns = ce->ev->ts;
	a->taken = a->marked = a->failed = false;
	return rc;
}

static int on_event(struct check *c, const struct seen *ce)
{
	struct attempts *a;

	if (!ce->s)
		return 0;
	a = state_get(c, ce->r, ce->s);
	if (ce->name == RWC_READ_SUBMIT || ce->name == RWC_WRITE_PREPARE)
		a->taken = a->by_credits = true;
	else if (ce->name == SREQ_REPREP_FAILED || ce->name == SREQ_PREP_FAILED)
		a->failed = true;
	else if (is_mark(c, ce->name))
		return on_retry(c, ce, a);
	else if (ce->name == SREQ_SUBMIT)
		return on_submit(c, ce, a);
	else if (ce->name == SREQ_TERMINATED || ce->name == SREQ_WRITE_TERM)
		note_left(c, ce);
	return 0;
}

static int never_sent_again(struct check *c, const struct request *r, const struct ranges *left)
{
	uint64_t from = left->range[0].from, to = left->range[0].to;
	struct finding *f = finding_new(c, "left-out", r->first_ns, r->last_ns);

	finding_request(f, c, r, 0);
	finding_bytes(f, to - from);
	finding_expected(
		f, "0x%" PRIx64 "..0x%" PRIx64 " to be sent again, as the attempt for it failed",
		from, to);
	finding_observed(f, "no retry for it, and all subrequests are done, error 0");
	finding_explain(f, "Bytes were left out of the retries: they were never written.");
	return finding_raise(f, c);
}

/* Of writes: what a read has left may be behind the end of the file. */
static bool all_written(const struct request *r)
{
	for_each_subrequest (r, s)
		if (!s->write || s->error || s->transferred < s->len)
			return false;
	return r->nr_subrequests && !r->error && r->done_ns && !r->partial;
}

static int on_request(struct check *c, const struct request *r)
{
	const struct ranges *left = state_find(c, r, NULL);
	int rc = 0;

	if (left && left->nr && !left->overflow && all_written(r))
		rc = never_sent_again(c, r, left);
	return rc;
}

static const char *const needs[] = { "netfs_sreq", "smb3_rw_credits", NULL };

const struct check_ops check_retry_rules = {
	.id = "retry-rules",
	.severity = SEVERITY_ERROR,
	.title = "what a retry has to do first",
	.rule = "A retry negotiates credits again, carries the kernel's retry flag, is counted once, covers exactly what earlier attempts left, and has an iterator over exactly that.",
	.why = "Without credits the server refuses it; without the flag a write can be executed twice.",
	.next = "The path from TERM to the second SUBMT: netfs_retry_reads(), netfs_retry_writes(), or a resend of the client's own?",
	.limits =
		"Only subrequests that took credits for their first attempt are judged: other file systems have no such rules. Retries after a failed preparation are not judged.",
	.bugs = "\"netfs: Fix missing iterator reset on retry of short read\"; \"netfs: avoid double increment of retry_count in subreq\"; \"cifs: Fix lack of credit renegotiation on read retry\"; \"cifs: Fix credit handling\"; \"smb: client: set missing retry flag in smb2_writev_callback()\"",
	.example =
		"retry-rules: R=0000000a[1]: The retry uses credits that the first attempt has already spent: the server refuses it with INVALID_PARAMETER.\n"
		"  verdict   violation, error\n"
		"  expected  rd-submit or wr-prepare between two attempts\n"
		"  observed  none before attempt 2\n"
		"  when      [   25.599337], 2026-11-28 03:57:53.280 UTC\n"
		"  task      dd (tid 305, pid 305)\n"
		"  file      inode 4 on /mnt/smb (cifs)\n"
		"  command   conn 0x1, mid 72; wireshark: smb2.msg_id == 72\n"
		"    [   25.598186] cifsd-235: add_credits() 9 ifl=0\n"
		"    [   25.598208] cifsd-235: callback done\n"
		"    [   25.598971] kworker/u8:11-135: RETRY 0/65536 e=-11\n"
		"    [   25.599065] kworker/u8:11-135: prepare credits=0 rc=0\n"
		"    [   25.599125] kworker/u8:11-135: prepare done credits=0 rc=0\n"
		"    [   25.599255] kworker/u8:11-135: GET RESUBMT r=2\n"
		"    [   25.599337] kworker/u8:11-135: SUBMT 0/65536 e=-11\n",
	.judges = { "retry", "retries" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_SREQ, EV_RW_CREDITS | SAYS(RWC_READ_SUBMIT),
		       EV_RW_CREDITS | SAYS(RWC_WRITE_PREPARE)),
	.request_state = sizeof(struct ranges),
	.subrequest_state = sizeof(struct attempts),
	.event = on_event,
	.request = on_request,
};
