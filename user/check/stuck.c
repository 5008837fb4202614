// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that neither end nor move. What waits for the server waits lawfully, for hours if the
 * mount is hard; what has its answer and still does not end is stuck.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <utlist.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"

#define STUCK_NS  (10 * NS_PER_SEC)
#define SILENT_NS (120 * NS_PER_SEC) /* without a word from the server; echoes go every 60 s */

/* of a request */
struct open {
	struct open *prev, *next; /* in order of appearance */
	const struct request *r;
	uint32_t waiter; /* thread that waits for it to be done; 0: none is known */
	bool reported, reported_silent;
};

/* Of a subrequest: the last sign of a retry before it is sent, RETRY or the end of its preparation. */
struct again {
	uint64_t ts;
};

/* A response callback that a thread is in. */
struct receiver {
	const struct request *r; /* the model keeps it until it hands it on */
	uint32_t sreq, tid;
	uint64_t conn, mid, ts; /* since when */
	bool reported;
};

struct stuck_state {
	struct open *open;
	struct table receivers; /* by thread */
};

enum waits {
	WAITS_TO_BE_WOKEN, /* the request is done, and its waiter sleeps */
	WAITS_FOR_NOTHING, /* every subrequest has ended */
	WAITS_FOR_TERM,	   /* one has its answer and was not terminated */
	WAITS_FOR_RETRY,   /* one is about to be sent again, and nobody does */
	WAITS_FOR_OTHERS,  /* the server, credits, a reconnect, the socket */
};

static void init(struct check *c)
{
	struct stuck_state *st = c->state;

	st->receivers.size = sizeof(struct receiver);
}

static void free_state(struct check *c)
{
	struct stuck_state *st = c->state;

	table_clear(&st->receivers);
}

static int on_callback(struct check *c, const struct seen *ce)
{
	const struct ev_callback *ev = (const void *)ce->ev;
	struct stuck_state *st = c->state;
	struct receiver *rcv;

	if (ev->hdr.flags & EVF_EXIT) {
		table_del(&st->receivers, ev->hdr.tid, 0);
		return 0;
	}
	rcv = table_get(&st->receivers, ev->hdr.tid, 0);
	if (!rcv)
		return -ENOMEM;
	*rcv =
		(struct receiver){ ce->r,   ce->sreq,	ev->hdr.tid, ev->conn,
				   ev->mid, ev->hdr.ts, false };
	return 0;
}

static void forget(struct check *c, void *state)
{
	struct stuck_state *st = c->state;
	struct open *o = state;

	DL_DELETE(st->open, o);
}

static struct open *open_get(struct check *c, const struct request *r)
{
	struct open *o = state_find(c, r, NULL);
	struct stuck_state *st = c->state;

	if (o)
		return o;
	o = state_get(c, r, NULL);
	o->r = r;
	DL_APPEND(st->open, o);
	return o;
}

/*
 * Can nothing wait without an event from RETRY to SUBMT? cifs_prepare_write() may open the file again, which
 * its probe shows; 9p has no code of its own there. Others are not known, nor is writing to a cache.
 */
static bool goes_on(const struct check *c, const struct request *r, const struct subrequest *s)
{
	if (s->stream)
		return false;
	if (!strcmp(r->fs, "9p"))
		return s->write;
	return (!strcmp(r->fs, "cifs") || !strcmp(r->fs, "smb3")) &&
	       check_has_probe(c,
			       s->write ? "cifs_prepare_write_enter" : "cifs_prepare_read_enter");
}

static void note_retry(struct check *c, const struct seen *ce)
{
	const struct ev_step_rec *step = (const void *)ce->ev;
	bool prepared = ce->ev->kind == EV_STEP && (ce->ev->flags & EVF_EXIT) && !step->rc &&
			ce->s->attempts && !ce->s->now.submit &&
			(step->step == EV_STEP_PREPARE_READ || step->step == EV_STEP_PREPARE_WRITE);

	if ((ce->name == SREQ_RETRY || prepared) && goes_on(c, ce->r, ce->s))
		((struct again *)state_get(c, ce->r, ce->s))->ts = ce->ev->ts;
}

static int on_event(struct check *c, const struct seen *ce)
{
	struct open *o;

	if (!ce->r || !ce->r->described)
		return 0;
	if (ce->ev->kind == EV_CALLBACK && on_callback(c, ce))
		return -ENOMEM;
	if (ce->s)
		note_retry(c, ce);
	o = state_find(c, ce->r, NULL);
	if (!o && ce->r->done_ns)
		return 0;
	o = o ? o : open_get(c, ce->r);
	waiter_note(&o->waiter, ce);
	if (ce->r->freed || (ce->r->done_ns && !o->waiter)) {
		forget(c, o);
		state_drop(c, ce->r, NULL);
	}
	return 0;
}

/* ---- threads that read answers ---- */

static bool is_stuck(const struct check *c, const struct receiver *rcv)
{
	return check_progress(c, rcv->ts) > STUCK_NS / 2;
}

/* Is it in the callback of this subrequest that its thread is stuck? */
static bool in_callback(const struct check *c, const struct request *r, const struct subrequest *s)
{
	const struct stuck_state *st = c->state;
	struct cell *cell, *next;

	HASH_ITER (hh, st->receivers.cells, cell, next) {
		const struct receiver *rcv = (void *)cell->data;

		if (rcv->r == r && rcv->sreq == s->index && is_stuck(c, rcv))
			return true;
	}
	return false;
}

/* Does a stuck thread read the answers of a connection that this request waits for? */
static bool behind_receiver(const struct check *c, const struct request *r)
{
	const struct stuck_state *st = c->state;
	struct cell *cell, *next;

	HASH_ITER (hh, st->receivers.cells, cell, next) {
		const struct receiver *rcv = (void *)cell->data;

		for_each_subrequest (r, s)
			if (!s->freed && s->conn == rcv->conn && is_stuck(c, rcv))
				return true;
	}
	return false;
}

static int never_left(struct check *c, struct receiver *rcv, uint64_t now)
{
	struct finding *f = finding_new(c, "receiver", rcv->ts, now);

	rcv->reported = true;
	if (rcv->r)
		finding_request(f, c, rcv->r, rcv->sreq);
	if (rcv->r)
		finding_hang(f, c, rcv->r);
	finding_mid(f, rcv->conn, rcv->mid);
	finding_task(f, c, rcv->tid);
	finding_expected(f, "the thread that reads the connection's answers to come back");
	finding_observed(f, "in the callback of mid %" PRIu64 " since %s, for %" PRIu64 " s",
			 rcv->mid, fmt_dmesg(rcv->ts).s, (now - rcv->ts) / NS_PER_SEC);
	finding_explain(
		f,
		"It entered a callback and never returned: nobody reads what the server sends, and everything that waits for this connection is blocked.");
	return finding_raise(f, c);
}

static int look_at_receivers(struct check *c, uint64_t now)
{
	struct stuck_state *st = c->state;
	struct cell *cell, *next;
	int rc = 0;

	HASH_ITER (hh, st->receivers.cells, cell, next) {
		struct receiver *rcv = (void *)cell->data;

		if (!rc && !rcv->reported && check_progress(c, rcv->ts) > STUCK_NS)
			rc = never_left(c, rcv, now);
	}
	return rc;
}

/* *ret_s is the subrequest that says so. */
static enum waits waits_for(const struct check *c, const struct request *r,
			    const struct subrequest **ret_s)
{
	enum waits worst = r->done_ns ? WAITS_TO_BE_WOKEN : WAITS_FOR_NOTHING;

	*ret_s = NULL;
	if (r->done_ns)
		return worst;
	for_each_subrequest (r, s) {
		const struct attempt *a = &s->now;
		const struct again *again = state_find(c, r, s);
		enum waits w = s->freed				  ? WAITS_FOR_NOTHING
			       : again && again->ts == s->last_ns ? WAITS_FOR_RETRY
			       : a->term			  ? WAITS_FOR_NOTHING
			       : a->response || a->callback	  ? WAITS_FOR_TERM
								  : WAITS_FOR_OTHERS;

		if (w >= worst) {
			worst = w;
			*ret_s = s;
		}
	}
	return worst;
}

static bool same_file(const struct request *a, const struct request *b)
{
	return (a->dev == b->dev && a->ino == b->ino) || !a->ino || !b->ino;
}

/*
 * Of 7.x a direct write of AIO waits for the server in a work item, and collectors and the freeing
 * of requests are behind it in the same queue (system_dfl_wq).
 */
static bool holds_a_worker(const struct check *c, const struct request *r)
{
	return check_family(c) == FAMILY_COLLECT && way_of(c, r) == WAY_WRITE_DIRECT;
}

/* Something else that waits lawfully may be what this one waits for; NULL: nothing. */
static const char *others_wait(const struct check *c, const struct request *r)
{
	const struct stuck_state *st = c->state;
	const struct subrequest *s;
	const struct open *o;

	DL_FOREACH (st->open, o) {
		if (o->r == r || waits_for(c, o->r, &s) != WAITS_FOR_OTHERS)
			continue;
		if (same_file(o->r, r))
			return "another request of the file waits for the server, and this one may "
			       "wait for its pages";
		if (holds_a_worker(c, o->r))
			return "a direct write waits for the server in the workqueue that this one "
			       "may need";
	}
	return NULL;
}

/* What has come already is in the evidence: an interim answer, those to earlier attempts. */
static void explain_wait(struct finding *f, const struct request *r, const struct subrequest *s)
{
	unsigned int ended = 0, attempt = s->attempts ? s->attempts : 1;

	for_each_subrequest (r, t)
		ended += t->freed || t->now.term || t->now.response || t->now.callback;
	if (!s->now.sent)
		finding_explain(
			f,
			"Attempt %u of it was not sent; answered: %u of the request's %u subrequest%s.",
			attempt, ended, r->nr_subrequests, plural(r->nr_subrequests));
	else
		finding_explain(
			f,
			"No final answer has come to attempt %u of it; answered: %u of the request's %u subrequest%s.",
			attempt, ended, r->nr_subrequests, plural(r->nr_subrequests));
}

/* What it may wait for lawfully, or behind what else; NULL: nothing. */
static const char *doubt_of(const struct check *c, const struct request *r, enum waits w)
{
	if (w == WAITS_TO_BE_WOKEN)
		return NULL;
	if (behind_receiver(c, r))
		return "the thread that reads its connection's answers is stuck in a callback";
	return w == WAITS_FOR_OTHERS ? "it waits for the server, credits or a reconnect"
				     : others_wait(c, r);
}

static int hangs(struct check *c, const struct open *o, const struct subrequest *s, enum waits w,
		 uint64_t now)
{
	static const char *const what[] = {
		"it is done, and its waiter was not woken",
		"all subrequests have ended",
		"the answer is there and the subrequest is not terminated",
		"its retry was begun, and nothing was sent",
		NULL, /* depends */
	};
	static const char *const kinds[] = { "not-woken", "not-collected", "not-terminated",
					     "retry-stopped", "silence" };
	struct finding *f = finding_new(c, kinds[w], o->r->first_ns, now);
	const char *others = doubt_of(c, o->r, w);

	finding_request(f, c, o->r, s ? s->index : 0);
	if (w == WAITS_TO_BE_WOKEN)
		finding_task(f, c, o->waiter);
	finding_hang(f, c, o->r);
	if (others)
		finding_doubt(f, others);
	finding_expected(f, "the request to end or to move");
	finding_observed(f, "no event for %" PRIu64 " s; %s", (now - o->r->last_ns) / NS_PER_SEC,
			 what[w] ? what[w] : subrequest_waits(s));
	if (w == WAITS_TO_BE_WOKEN)
		finding_explain(
			f,
			"It and its subrequests are done, but the task that waits for it was not woken and keeps its reference.");
	else if (w == WAITS_FOR_OTHERS)
		explain_wait(f, o->r, s);
	else if (w == WAITS_FOR_RETRY)
		finding_explain(
			f,
			"Nothing waits between the begin of a retry and its send: the thread that did it hangs or is dead, and the request never ends.");
	else
		finding_explain(
			f, "Nothing is outstanding that could wake it: its waiters wait forever.");
	return finding_raise(f, c);
}

static int look_at(struct check *c, struct open *o, uint64_t now)
{
	const struct request *r = o->r;
	const struct subrequest *s = NULL;
	enum waits w;

	if (r->partial || !r->subrequests || check_progress(c, r->last_ns) <= STUCK_NS)
		return 0;
	w = waits_for(c, r, &s);
	if (w == WAITS_FOR_TERM && in_callback(c, r, s))
		return 0; /* the thread in there is the finding */
	if (w == WAITS_FOR_OTHERS) {
		if (o->reported_silent || check_progress(c, r->last_ns) <= SILENT_NS)
			return 0;
		o->reported_silent = true;
	} else {
		if (o->reported)
			return 0;
		o->reported = true;
	}
	return hangs(c, o, s, w, now);
}

static int on_tick(struct check *c, uint64_t now)
{
	struct stuck_state *st = c->state;
	int rc = look_at_receivers(c, now);
	struct open *o;

	DL_FOREACH (st->open, o)
		if (!rc)
			rc = look_at(c, o, now);
	return rc;
}

static int on_request(struct check *c, const struct request *r)
{
	struct stuck_state *st = c->state;

	struct cell *cell, *next;

	c->judged += !r->partial && r->subrequests;
	HASH_ITER (hh, st->receivers.cells, cell, next) {
		struct receiver *rcv = (void *)cell->data;

		if (rcv->r == r)
			rcv->r = NULL;
	}
	return 0;
}

static const char *const needs[] = { "netfs_sreq", "netfs_rreq", "__smb_send_rqst_exit",
				     "smb2_is_status_pending_enter", NULL };

const struct check_ops check_stuck = {
	.id = "stuck",
	.severity = SEVERITY_ERROR,
	.title = "requests that hang",
	.rule = "A request ends, or moves on, once nothing is outstanding for it.",
	.why = "The process hangs in uninterruptible sleep, and umount hangs too.",
	.next = "The last events of the subrequest: what should have come next? Then the stacks of "
		"its "
		"process and of the kworkers.",
	.limits =
		"A request that waits for the server, for credits or for a reconnect is reported after 120 s, as inconclusive; so is one that may wait for the pages of such a request. There are stacks only if the checks ran while it hung.",
	.bugs = "\"netfs: Fix hang due to missing case in final DIO read result collection\"; "
		"\"cifs: Fix "
		"the smb1 readv callback to correctly call netfs\"; \"netfs: Fix a number of "
		"read-retry "
		"hangs\"",
	.example =
		"stuck: R=0000000a[1]: Nothing is outstanding that could wake it: its waiters wait forever.\n"
		"  verdict   violation, error\n"
		"  expected  the request to end or to move\n"
		"  observed  no event for 11 s; the answer is there and the subrequest is not terminated\n"
		"  when      [   35.223555], 2026-11-28 03:56:52.503 UTC\n"
		"  task      dd (tid 307, pid 307)\n"
		"  file      inode 2 on /mnt/smb (cifs)\n"
		"  command   conn 0x1, mid 70; wireshark: smb2.msg_id == 70\n"
		"    [   23.769073] cifsd-237: callback 65536 rc=0 st=4\n"
		"    [   23.771039] cifsd-237: READ done 65536 rc=0\n"
		"    [   23.771065] cifsd-237: rd-resp-clr +0 held=1\n"
		"    [   23.771087] cifsd-237: I-OK 65536/65536\n"
		"    [   23.771206] cifsd-237: rd-resp-add +9 held=0\n"
		"    [   23.771241] cifsd-237: add_credits +9\n"
		"    [   23.771266] cifsd-237: add_credits() 9 ifl=3\n"
		"    [   23.771295] cifsd-237: callback done\n"
		"  open      [1] has its answer, but is not terminated; last callback done at [   23.771295] by 237\n"
		"            [2] ended, but not freed; last PUT TERM r=1 at [   23.777736] by 288\n"
		"            [3] ended, but not freed; last PUT TERM r=1 at [   23.788438] by 288\n"
		"            [4] ended, but not freed; last PUT TERM r=1 at [   23.791281] by 288\n"
		"  stack     dd (tid 307, pid 307, state D)\n"
		"    netfs_unbuffered_read_iter_locked+0x522/0x6c0 [netfs]\n"
		"    netfs_unbuffered_read_iter+0x53/0x70 [netfs]\n"
		"    vfs_read+0x24d/0x370\n"
		"    ksys_read+0x6d/0xf0\n"
		"    do_syscall_64+0x87/0x1b0\n"
		"    entry_SYSCALL_64_after_hwframe+0x76/0x7e\n",
	.judges = { "request", "requests" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_RREQ, EV_SREQ, EV_STEP, EV_REF | SAYS(RREF_PUT_RETURN),
		       EV_REF | SAYS(RREF_PUT_FAILED), EV_CALLBACK, EV_CIFS_IO),
	.state_size = sizeof(struct stuck_state),
	.request_state = sizeof(struct open),
	.subrequest_state = sizeof(struct again),
	.init = init,
	.event = on_event,
	.request = on_request,
	.tick = on_tick,
	.forget_request = forget,
	.free = free_state,
};
