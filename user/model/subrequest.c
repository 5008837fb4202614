// SPDX-License-Identifier: GPL-2.0-only
/* Subrequests (struct netfs_io_subrequest) and the stages of their attempts. */
#include "model/state.h"

const char *stage_name(enum stage s)
{
	static const char *const names[STAGE_MAX] = { "prepare",     "credit wait", "send",
						      "on the wire", "decryption",  "callback",
						      "collection" };

	return names[s];
}

struct subrequest *subrequest_find(const struct request *r, uint32_t index)
{
	struct subrequest *s = r->recent[index % RECENT];

	if (s && s->index == index)
		return s;
	HASH_FIND(hh, r->subrequests, &index, sizeof(index), s);
	return s;
}

const struct subrequest *model_subrequest(const struct request *r, uint32_t index)
{
	return index ? subrequest_find(r, index) : NULL;
}

struct subrequest *subrequest_get(struct model *m, struct request *r, const struct ev_hdr *ev,
				  uint32_t index)
{
	struct subrequest *s = subrequest_find(r, index);

	if (s) {
		r->recent[index % RECENT] = s;
		return s;
	}
	s = object_new(&m->spare.subrequests, sizeof(*s), &m->room.subrequest);
	if (!s)
		return NULL;
	s->room = s + 1;
	s->index = index;
	s->rreq = r;
	s->partial = r->partial;
	s->write = r->write;
	s->credits = s->granted = -1;
	s->first_ns = ev->ts;
	for (int i = 0; i < STAGE_MAX; i++)
		s->stage_ns[i] = STAGE_UNKNOWN;
	if (hash_add(hh, r->subrequests, index, sizeof(s->index), s)) {
		spares_put(&m->spare.subrequests, s);
		return NULL;
	}
	r->recent[index % RECENT] = s;
	r->nr_subrequests++;
	return s;
}

static void book(struct subrequest *s, enum stage stage, uint64_t ns)
{
	if (s->rreq->untimed)
		return;
	if (s->stage_ns[stage] == STAGE_UNKNOWN)
		s->stage_ns[stage] = 0;
	s->stage_ns[stage] += ns;
}

/* Two points of different CPUs may come out swapped by a hair: that is 0, not a huge number. */
static void book_span(struct subrequest *s, enum stage stage, uint64_t from, uint64_t to,
		      uint64_t less)
{
	if (from && to)
		book(s, stage, to > from + less ? to - from - less : 0);
}

void subrequest_fold(struct subrequest *s)
{
	const struct attempt *a = &s->now;

	book_span(s, STAGE_PREPARE, a->begin, a->submit, a->wait_ns);
	if (a->waited)
		book(s, STAGE_CREDIT_WAIT, a->wait_ns + a->late_wait_ns);
	book_span(s, STAGE_SEND, a->submit, a->sent, a->late_wait_ns);
	book_span(s, STAGE_WIRE, a->sent, a->arrived ? a->arrived : a->response, 0);
	book_span(s, STAGE_DECRYPT, a->arrived, a->response, 0);
	book_span(s, STAGE_CALLBACK, a->response, a->callback_end, 0);
	book_span(s, STAGE_COLLECT, a->callback_end, a->end, 0);
	if (a->submit) {
		s->shown = *a;
		s->tried[s->nr_tried < MAX_TRIED ? s->nr_tried : MAX_TRIED - 1] = *a;
		s->nr_tried++;
	}
	s->now = (struct attempt){ 0 };
}

enum stage subrequest_stage(const struct subrequest *s, const struct task *t)
{
	const struct attempt *a = &s->now;

	if (a->callback_end || (a->term && !a->callback))
		return STAGE_COLLECT;
	if (a->response || a->callback)
		return STAGE_CALLBACK;
	if (a->sent)
		return STAGE_WIRE;
	if (t->wait_from && t->sreq == s->index)
		return STAGE_CREDIT_WAIT;
	return a->submit ? (s->rreq->sends ? STAGE_SEND : STAGE_MAX) : STAGE_PREPARE;
}

/* A retry starts a new attempt; so does a second SUBMT on kernels that do not say RETRY. */
static void new_attempt(struct subrequest *s, uint64_t ts)
{
	subrequest_fold(s);
	s->now.begin = ts;
	s->credits = s->granted = -1;
}

void subrequest_submit(struct subrequest *s, uint64_t ts)
{
	if (s->now.submit) {
		new_attempt(s, ts);
		s->now.begin = 0; /* nothing said so: it is not known */
	}
	s->now.submit = ts;
	s->attempts++;
	if (s->attempts > 1) {
		s->retries++;
		s->rreq->retries++;
	}
}

static void take_source(const struct model *m, struct subrequest *s, uint8_t raw)
{
	enum name_id source = names_id(m->names, NAMES_SOURCE, raw);

	s->source = raw;
	s->sourced = true;
	s->write = s->write || source == SOURCE_UPLOAD_TO_SERVER || source == SOURCE_WRITE_TO_CACHE;
}

/* Where no netfs_sreq tells what became of it. */
static void take_error(struct subrequest *s, int32_t error)
{
	if (!s->told && error)
		s->error = error;
}

static void on_failure(const struct model *m, struct subrequest *s, const struct ev_failure *ev)
{
	take_source(m, s, ev->source);
	take_error(s, ev->error);
}

static void on_rw(struct subrequest *s, const struct ev_smb_rw *ev)
{
	s->write = s->write || ev->write;
	if (ev->event == EV_RW_ERR)
		take_error(s, ev->rc);
}

static void on_sreq(struct model *m, struct subrequest *s, const struct ev_sreq *ev,
		    enum name_id name)
{
	s->told = true;
	s->start = ev->start;
	s->len = ev->len;
	s->transferred = ev->transferred;
	s->error = ev->error;
	s->stream = ev->stream;
	take_source(m, s, ev->source);
	switch (name) {
	case SREQ_SUBMIT:
		subrequest_submit(s, ev->hdr.ts);
		break;
	case SREQ_RETRY:
		if (s->now.submit)
			new_attempt(s, ev->hdr.ts);
		break;
	case SREQ_TERMINATED:
	case SREQ_WRITE_TERM:
		s->now.term = ev->hdr.ts;
		break;
	case SREQ_FREE:
		s->freed = true;
		s->now.end = ev->hdr.ts;
		break;
	default:
		break;
	}
}

static void on_step(struct subrequest *s, const struct ev_step_rec *ev)
{
	/* what it holds once cifs_issue_* has adjusted it is what this attempt takes to the server
	 */
	bool settled = ev->step == EV_STEP_ASYNC_READ || ev->step == EV_STEP_ASYNC_WRITE;

	if (ev->step == EV_STEP_PREPARE_WRITE || ev->step == EV_STEP_ASYNC_WRITE)
		s->write = true;
	if (ev->conn)
		s->conn = ev->conn;
	if (settled && !(ev->hdr.flags & EVF_EXIT))
		s->credits = ev->credits;
}

static void on_ledger(struct subrequest *s, struct task *t, const struct ev_credit_fn_rec *ev)
{
	if (ev->fn != EV_CFN_WAIT_MTU && ev->fn != EV_CFN_WAIT_FREE)
		return;
	s->conn = ev->conn;
	if (!(ev->hdr.flags & EVF_EXIT) || !t->wait_from)
		return;
	s->now.waited = true;
	if (s->now.submit)
		s->now.late_wait_ns += ev->hdr.ts - t->wait_from;
	else
		s->now.wait_ns += ev->hdr.ts - t->wait_from;
}

static void on_callback(struct subrequest *s, const struct ev_callback *ev)
{
	if (ev->hdr.flags & EVF_EXIT) {
		s->now.callback_end = ev->hdr.ts;
		return;
	}
	s->now.callback = ev->hdr.ts;
	s->conn = ev->conn;
	s->mid = ev->mid;
}

/* A reconnect that its thread makes first is none of its commands. */
static void on_setup(struct subrequest *s, const struct ev_setup *ev)
{
	if (ev->cmd == SMB2_READ || ev->cmd == SMB2_WRITE)
		s->mid = ev->mid;
}

/*
 * The first sign of an attempt, but SUBMT is its end, and of a request that was cut only some are signs. A
 * synthetic one begins with the wait for its credits, if that was seen.
 */
static bool is_begin(const struct about *a)
{
	if (a->s->rreq->unbegun && a->ev->flags & EVF_TPONLY)
		return a->name == SREQ_PREPARE || a->name == SREQ_ADDED || a->name == SREF_NEW;
	return a->ev->kind != EV_CIFS_IO && a->name != SREQ_SUBMIT;
}

void subrequest_event(struct model *m, const struct about *a)
{
	const struct ev_hdr *ev = a->ev;
	struct subrequest *s = a->s;

	if (!s->now.begin && !s->now.submit && is_begin(a))
		s->now.begin = ev->ts;
	if (ev->ts > s->last_ns)
		s->last_ns = ev->ts;
	switch (ev->kind) {
	case EV_SREQ:
		on_sreq(m, s, (const void *)ev, a->name);
		break;
	case EV_FAILURE:
		on_failure(m, s, (const void *)ev);
		break;
	case EV_SMB_RW:
		on_rw(s, (const void *)ev);
		break;
	case EV_STEP:
		on_step(s, (const void *)ev);
		break;
	case EV_CREDIT_FN:
		on_ledger(s, a->t, (const void *)ev);
		break;
	case EV_SETUP:
		on_setup(s, (const void *)ev);
		break;
	case EV_CALLBACK:
		on_callback(s, (const void *)ev);
		break;
	case EV_CIFS_IO:
		cifs_io_event(m, s->rreq, s, a->t, (const void *)ev);
		break;
	}
}

void subrequest_response(struct subrequest *s, const struct ev_rsp *ev, uint64_t arrived)
{
	s->granted = (s->granted < 0 ? 0 : s->granted) + ev->credits;
	if (ev->status == STATUS_PENDING)
		return;
	s->now.response = ev->hdr.ts;
	s->now.arrived = arrived;
}

const char *subrequest_waits(const struct subrequest *s)
{
	const struct attempt *a = &s->now;

	if (a->term)
		return "ended, but not freed";
	if (a->response || a->callback)
		return "has its answer, but is not terminated";
	return a->sent ? "waits for the server" : "waits for credits, a reconnect or the socket";
}
