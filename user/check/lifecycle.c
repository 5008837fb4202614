// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of a subrequest. Judged by what happened how often, and by order only where events are
 * further apart than two CPUs can swap them.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/collectors.h"
#include "check/inside.h"

#define MAX_FREED 4096 /* requests whose end is remembered */

struct life {
	uint32_t submits, terms, preps_failed;
	bool sent, over; /* the attempt: SUBMT, TERM */
	uint64_t submit_ns, term_ns, free_ns;
};

/* Of a request. */
struct whole {
	uint32_t open; /* attempts sent and not ended */
	struct collectors collectors;
};

struct freed {
	uint64_t id, ts;
};

struct life_state {
	struct table frees; /* by request, of those in the ring */
	struct freed ring[MAX_FREED];
	unsigned int next;
};

/* What an event of a subrequest counts as, for each family. */
enum step { STEP_NONE, STEP_SUBMIT, STEP_TERM, STEP_FAILED, STEP_FREE };

static const struct {
	unsigned int families;
	enum name_id name;
	enum step step;
} steps[] = {
	{ FAMILY_NETFS, SREQ_SUBMIT, STEP_SUBMIT },
	{ FAMILY_NETFS, SREQ_TERMINATED, STEP_TERM },
	{ FAMILY_NETFS, SREQ_WRITE_TERM, STEP_TERM },
	{ FAMILY_NETFS, SREQ_PREP_FAILED, STEP_FAILED },
	{ FAMILY_NETFS, SREQ_REPREP_FAILED, STEP_FAILED },
	{ FAMILY_NETFS, SREQ_FAIL, STEP_FAILED },
	{ FAMILY_COLLECT, SREQ_CANCEL, STEP_FAILED },
	{ FAMILY_NETFS, SREQ_FREE, STEP_FREE },
};

static enum step step_of(const struct check *c, enum name_id name)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].name == name && (steps[i].families & check_family(c)))
			return steps[i].step;
	return STEP_NONE;
}

static void init(struct check *c)
{
	struct life_state *st = c->state;

	st->frees.size = sizeof(uint64_t);
}

static void free_state(struct check *c)
{
	struct life_state *st = c->state;

	table_clear(&st->frees);
}

static int after(struct check *c, const struct seen *ce, const char *kind, uint64_t end,
		 const char *what)
{
	struct finding *f = finding_new(c, kind, end, ce->ev->ts);

	finding_request(f, c, ce->r, ce->sreq);
	finding_event(f, c, ce->ev);
	finding_expected(f, "nothing after %s", what);
	finding_observed(f, "an event %" PRIu64 " us after it", (ce->ev->ts - end) / 1000);
	finding_explain(f,
			"Something still uses it after %s: the memory may have been reused by now.",
			what);
	return finding_raise(f, c);
}

/* Kernels that know INTR send a direct write one by one, so that an error leaves no hole behind it.
 */
static int on_attempt(struct check *c, const struct seen *ce, bool ends)
{
	struct whole *l;
	struct finding *f;

	if (!names_has(check_names(c), RREQ_INTR) || way_of(c, ce->r) != WAY_WRITE_DIRECT)
		return 0;
	l = state_get(c, ce->r, NULL);
	if (ends)
		l->open -= l->open > 0;
	if (ends || l->open++ == 0 || ce->r->partial)
		return 0;
	f = finding_new(c, "out-of-sequence", ce->r->first_ns, ce->ev->ts);
	finding_request(f, c, ce->r, ce->sreq);
	finding_expected(f, "the subrequest before it to end first");
	finding_observed(f, "%u under way", l->open - 1);
	finding_explain(f, "If the previous one fails, what this one wrote is behind a hole.");
	return finding_raise(f, c);
}

/* Its file system could not even send it: cifs_issue_read() on a file that cannot be opened again. */
static bool ended_unsent(const struct check *c, const struct seen *ce, const struct life *l)
{
	if (l->sent || !((const struct ev_sreq *)ce->ev)->error)
		return false;
	return !l->over || left_out(c, ce->r) & LEFT_RETRY;
}

/* What the caller was told is done: its pages, and its answer comes into them all the same. */
static int ended_late(struct check *c, const struct seen *ce, const struct life *l)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	uint64_t done = ce->r->done_ns;
	struct finding *f;

	if (!done || !l->sent || l->over || ev->stream || ce->r->partial ||
	    l->submit_ns + HAIR_NS > done || ev->hdr.ts < done + HAIR_NS)
		return 0;
	f = finding_new(c, "done-before-end", l->submit_ns, ev->hdr.ts);
	finding_request(f, c, ce->r, ce->sreq);
	finding_event(f, c, ce->ev);
	finding_expected(f, "the request done after its last subrequest was terminated");
	finding_observed(f, "done at %s, and [%s] terminated at %s, %" PRIu64 " us later",
			 fmt_dmesg(done).s, fmt_index(ce->sreq).s, fmt_dmesg(ev->hdr.ts).s,
			 (ev->hdr.ts - done) / 1000);
	finding_explain(
		f,
		ce->s->write
			? "The caller had its result already, and may change data that are still being sent."
			: "The caller had its result already, and the answer arrived in memory that may have been reused by then.");
	return finding_raise(f, c);
}

static int on_sreq(struct check *c, const struct seen *ce)
{
	struct life *l = state_get(c, ce->r, ce->s);
	uint64_t ts = ce->ev->ts;
	int rc;

	if (l->free_ns && ts > l->free_ns + HAIR_NS)
		return after(c, ce, "sreq-after-free", l->free_ns, "the subrequest was freed");
	if (ce->name == SREQ_RETRY || ce->name == SREQ_SPLIT)
		l->sent = l->over = false;
	switch (step_of(c, ce->name)) {
	case STEP_SUBMIT:
		l->sent = true;
		l->over = false;
		l->submits++;
		l->submit_ns = ts;
		if (ce->r->done_ns && ts > ce->r->done_ns + HAIR_NS)
			return after(c, ce, "submit-after-done", ce->r->done_ns,
				     "the request was complete");
		return on_attempt(c, ce, false);
	case STEP_TERM:
		l->terms++;
		l->term_ns = ts;
		l->preps_failed += ended_unsent(c, ce, l);
		rc = ended_late(c, ce, l);
		l->over = true;
		if (rc)
			return rc;
		return on_attempt(c, ce, true);
	case STEP_FAILED:
		l->preps_failed++;
		l->over = true;
		break;
	case STEP_FREE:
		l->free_ns = ts;
		break;
	case STEP_NONE:
		break;
	}
	return 0;
}

static int note_freed(struct life_state *st, const struct request *r, uint64_t ts)
{
	struct freed *slot = &st->ring[st->next++ % MAX_FREED];
	uint64_t *when;

	if (slot->id)
		table_del(&st->frees, slot->id, 0);
	*slot = (struct freed){ request_id(r), ts };
	when = table_get(&st->frees, slot->id, 0);
	if (!when)
		return -ENOMEM;
	*when = ts;
	return 0;
}

static int on_event(struct check *c, const struct seen *ce)
{
	struct life_state *st = c->state;
	const uint64_t *freed;
	uint8_t kind = ce->ev->kind;

	/* What a put says comes when its thread runs again, long after others let go: no proof. */
	if (ce->r && kind == EV_REF && !ce->sreq && ce->name == RREF_NEW)
		table_del(&st->frees, request_id(ce->r), 0); /* numbers start again */
	if (!ce->r || (kind != EV_SREQ && kind != EV_RREQ && kind != EV_COLLECT))
		return 0;
	freed = table_find(&st->frees, request_id(ce->r), 0);
	if (freed && ce->ev->ts > *freed + HAIR_NS)
		return after(c, ce, "after-free", *freed, "the request was freed");
	if (kind == EV_RREQ && ((const struct ev_rreq *)ce->ev)->event == EV_RREQ_STATE &&
	    ce->name == RREQ_FREE)
		return note_freed(st, ce->r, ce->ev->ts);
	if (kind == EV_COLLECT)
		return collectors_event(&((struct whole *)state_get(c, ce->r, NULL))->collectors, c,
					ce);
	return kind == EV_SREQ && ce->s ? on_sreq(c, ce) : 0;
}

static int wrong_count(struct check *c, const struct request *r, const struct subrequest *s,
		       const struct life *l)
{
	bool more = l->terms > l->submits;
	struct finding *f = finding_new(c, more ? "terminated-twice" : "never-terminated",
					s->first_ns, s->last_ns);

	finding_request(f, c, r, s->index);
	finding_expected(f, "terminated once per attempt");
	finding_observed(f, "attempts: %u, terminations: %u, failed preparations: %u", l->submits,
			 l->terms, l->preps_failed);
	finding_explain(
		f,
		more ? "The same attempt was terminated twice: the second time counted a result that was not there, and dropped a reference that was not held."
		     : "The subrequest was freed although one of its attempts never ended: its response may still come.");
	return finding_raise(f, c);
}

static int on_request(struct check *c, const struct request *r)
{
	int rc = 0;

	for_each_subrequest (r, s) {
		const struct life *l = state_find(c, r, s);

		if (rc || !l || !l->free_ns || !r->freed || r->partial)
			continue;
		if (says_no_submit(c, r, s)) {
			check_leave(c, r);
			continue;
		}
		c->judged++;
		if (l->terms > l->submits + l->preps_failed || l->terms < l->submits)
			rc = wrong_count(c, r, s, l);
	}
	return rc;
}

static const char *const needs[] = { "netfs_sreq", "netfs_rreq", NULL };

const struct check_ops check_lifecycle = {
	.id = "lifecycle",
	.severity = SEVERITY_ERROR,
	.title = "states of requests and subrequests",
	.rule = "A subrequest that was submitted is terminated once per attempt and freed, and "
		"nothing "
		"happens to it or its request after that; one thread at a time collects.",
	.why = "A second termination drops a reference that is not held; a missing one leaves its waiters hanging; an event after the free is a use after free.",
	.next = "The evidence: which thread came second, and what ended the attempt the first "
		"time.",
	.limits =
		"Reads on 6.12 have no collector. Events less than 5 ms apart are not judged: those of two CPUs may be recorded in the wrong order. Nor are requests that began before the recording.",
	.bugs = "\"netfs: Fix double put of request\"; \"netfs: Fix read abandonment during "
		"retry\"; "
		"\"netfs: Fix setting NETFS_RREQ_ALL_QUEUED to be after all subreqs queued\"; \"netfs: Fix collection of results during pause when collection offloaded\"",
	.example =
		"lifecycle: R=0000000a[1]: The same attempt was terminated twice: the second time counted a result that was not there, and dropped a reference that was not held.\n"
		"  verdict   violation, error\n"
		"  expected  terminated once per attempt\n"
		"  observed  attempts: 1, terminations: 2, failed preparations: 0\n"
		"  when      [   37.632544], 2026-11-28 04:06:56.909 UTC\n"
		"  task      dd (tid 313, pid 313)\n"
		"  file      inode 2 on /mnt/smb (cifs)\n"
		"  command   conn 0x1, mid 71; wireshark: smb2.msg_id == 71\n"
		"    [   37.626531] cifsd-237: add_credits() 9 ifl=0\n"
		"    [   37.626561] cifsd-237: callback done\n"
		"    [   37.630443] kworker/1:2-207: TERM 65536/65536\n"
		"    [   37.630460] kworker/1:2-207: TERM 65536/65536\n"
		"    [   37.630681] kworker/1:2-207: PUT CLEAR r=1\n"
		"    [   37.630696] kworker/1:2-207: PUT TERM r=0\n"
		"    [   37.630700] kworker/1:2-207: FREE 65536/65536\n"
		"    [   37.632544] kworker/1:2-207: free_subreq credits=0 rc=0\n",
	.judges = { "subrequest", "subrequests" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_SREQ, EV_RREQ, EV_REF | SAYS(RREF_NEW), EV_COLLECT),
	.state_size = sizeof(struct life_state),
	.request_state = sizeof(struct whole),
	.subrequest_state = sizeof(struct life),
	.init = init,
	.event = on_event,
	.request = on_request,
	.free = free_state,
};
