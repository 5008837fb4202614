// SPDX-License-Identifier: GPL-2.0-only
/* Requests (struct netfs_io_request), from NEW to FREE. */
#include <errno.h>
#include <string.h>

#include "model/state.h"

/*
 * Credits, commands and sends may come after a request is over; were they to make one, it would be
 * a ghost. 6.1 has no NEW, so there a request's first event says nothing of whether it was cut.
 */
static bool can_be_first(const struct ev_hdr *ev)
{
	switch (ev->kind) {
	case EV_RREQ:
	case EV_SREQ:
	case EV_REF:
	case EV_FAILURE:
	case EV_COLLECT:
	case EV_SMB_RW:
	case EV_STEP:
	case EV_CALLBACK:
	case EV_CIFS_IO:
		return true;
	default:
		return false;
	}
}

/* netfs_read or netfs_write: the first of a request but for its NEW, which 6.1 has not */
static bool is_call(const struct ev_hdr *ev)
{
	return ev->kind == EV_RREQ && ((const struct ev_rreq *)ev)->event != EV_RREQ_STATE;
}

/* Is it what a request begins with? */
static bool begins(const struct about *a, bool synth)
{
	const struct ev_cifs_io *io = (const void *)a->ev;

	if (synth)
		return a->ev->kind == EV_CIFS_IO && io->phase == EV_IO_SUBMIT &&
		       !(a->ev->flags & EVF_EXIT);
	return a->name == RREF_NEW || is_call(a->ev);
}

struct request *request_begin(struct model *m, const struct about *a, uint32_t rreq, bool synth,
			      int *ret_rc)
{
	const struct ev_hdr *ev = a->ev;
	struct request *r;

	if (!can_be_first(ev))
		return NULL;
	r = object_new(&m->spare.requests, sizeof(*r), &m->room.request);
	if (!r) {
		*ret_rc = -ENOMEM;
		return NULL;
	}
	r->room = r + 1;
	r->key = (struct request_key){ .epoch = m->rec.epoch, .rreq = rreq, .synth = synth };
	r->first_ns = ev->ts;
	r->untimed = m->rec.untimed;
	r->sends = m->rec.sends;
	r->ends = !m->rec.endless || synth;
	r->unbegun = !begins(a, synth);
	r->partial = !synth && names_has(m->names, RREF_NEW) && a->name != RREF_NEW;
	r->events_tail = &r->events;
	if (!r->unbegun) { /* else whoever came next is not who made it */
		r->tid = ev->tid;
		r->tgid = ev->tgid;
		memcpy(r->comm, a->t->comm, sizeof(r->comm));
	}
	*ret_rc = hash_add(hh, m->requests, key, sizeof(r->key), r);
	if (*ret_rc) {
		spares_put(&m->spare.requests, r);
		return NULL;
	}
	test_request_begins(m, r, ev);
	return r;
}

static bool origin_writes(enum name_id origin)
{
	switch (origin) {
	case ORIGIN_WRITEBACK:
	case ORIGIN_WRITEBACK_SINGLE:
	case ORIGIN_WRITETHROUGH:
	case ORIGIN_UNBUFFERED_WRITE:
	case ORIGIN_DIO_WRITE:
	case ORIGIN_PGPRIV2_COPY_TO_CACHE:
		return true;
	default:
		return false;
	}
}

static void on_state(struct model *m, struct request *r, const struct ev_rreq *ev,
		     enum name_id name)
{
	switch (name) {
	case RREQ_DONE:
	case RREQ_WRITE_DONE:
	case RREQ_COMPLETE:
		if (!r->done_ns)
			r->done_ns = ev->hdr.ts;
		break;
	case RREQ_FREE:
		r->freed = true;
		retire_request(m, r, ev->hdr.ts);
		break;
	default:
		break;
	}
}

static void take_origin(const struct model *m, struct request *r, uint8_t origin)
{
	r->origin = origin;
	r->origin_known = true;
	r->write = origin_writes(names_id(m->names, NAMES_ORIGIN, origin));
}

static void take_request(const struct model *m, struct request *r, const struct ev_rreq *ev)
{
	take_origin(m, r, ev->origin);
	r->start = ev->start;
	r->len = ev->len;
	r->error = ev->error;
	r->placed = r->moved = r->own_error = true;
	r->dev = ev->dev;
	r->ino = ev->ino;
	r->i_size = ev->i_size;
	r->sized = true;
	memcpy(r->fs, ev->fs, sizeof(ev->fs));
}

/* Records of classic tracepoints: netfs_rreq knows the origin, netfs_read and netfs_write the
 * range. */
static void take_tracepoint(const struct model *m, struct request *r, const struct ev_rreq *ev)
{
	if (ev->event == EV_RREQ_STATE) {
		take_origin(m, r, ev->origin);
		return;
	}
	r->start = ev->start;
	r->len = ev->len;
	r->placed = true;
	r->ino = ev->ino;
}

static void on_rreq(struct model *m, struct request *r, const struct ev_rreq *ev, enum name_id name)
{
	r->described = true;
	if (ev->hdr.flags & EVF_TPONLY)
		take_tracepoint(m, r, ev);
	else
		take_request(m, r, ev);
	if (ev->transferred)
		r->transferred = ev->transferred;
	if (ev->event == EV_RREQ_STATE)
		on_state(m, r, ev, name);
}

static void on_failure(struct request *r, const struct ev_failure *ev)
{
	if (r->nr_failures < MAX_FAILURES)
		r->failure[r->nr_failures] =
			(struct failure){ .sreq = ev->sreq, .what = ev->what, .error = ev->error };
	r->nr_failures++;
}

static void on_ref(struct model *m, struct request *r, const struct ev_ref *ev, bool new)
{
	const char *text = names_text(m->names, NAMES_RREQ_REF, ev->what);

	r->refs.before = new ? ev->ref : r->ref;
	r->ref = ev->ref;
	if (new) {
		r->refs.sum = r->refs.lowest = ev->ref;
		r->refs.from_new = true;
		return;
	}
	r->refs.sum += !strncmp(text, "GET", 3) ? 1 : !strncmp(text, "PUT", 3) ? -1 : 0;
	if (ev->ref < r->refs.lowest)
		r->refs.lowest = ev->ref;
}

int32_t subrequest_outcome(const struct subrequest *s)
{
	return s->error == -ENODATA ? 0 : s->error;
}

int32_t request_outcome(const struct request *r)
{
	int32_t error = r->error;

	for_each_subrequest (r, s)
		if (!error)
			error = subrequest_outcome(s);
	return error;
}

bool request_outcome_known(const struct request *r)
{
	bool ended = r->freed || r->done_ns;

	if (request_outcome(r) || r->own_error)
		return true;
	for_each_subrequest (r, s)
		ended = ended && s->told && (s->freed || s->shown.term);
	return ended && r->nr_subrequests && !r->unbegun && !r->partial;
}

bool request_jumps(const struct request *r)
{
	int32_t sum = r->refs.sum;

	return r->refs.from_new && sum != r->ref && sum != r->refs.before && sum != r->refs.lowest;
}

static void on_own(struct model *m, const struct about *a)
{
	if (a->ev->kind == EV_RREQ)
		on_rreq(m, a->r, (const void *)a->ev, a->name);
	else if (a->ev->kind == EV_FAILURE)
		on_failure(a->r, (const void *)a->ev);
	else if (a->ev->kind == EV_REF && !ev_sreq_of(a->ev))
		on_ref(m, a->r, (const void *)a->ev, a->name == RREF_NEW);
	else if (a->ev->kind == EV_CIFS_IO && !ev_sreq_of(a->ev))
		cifs_io_event(m, a->r, NULL, a->t, (const void *)a->ev);
}

int request_event(struct model *m, struct about *a)
{
	uint32_t index = ev_sreq_of(a->ev);
	struct request *r = a->r;

	r->prev_ns = r->last_ns;
	if (a->ev->ts > r->last_ns)
		r->last_ns = a->ev->ts;
	on_own(m, a);
	if (!index)
		return path_take(m, r);
	r->described = true;
	if (a->s && a->s->index == index)
		r->recent[index % RECENT] = a->s;
	else
		a->s = subrequest_get(m, r, a->ev, index);
	if (!a->s)
		return -ENOMEM;
	subrequest_event(m, a);
	return path_take(m, r);
}

int request_keep(struct model *m, const struct about *a)
{
	struct request *r = a->r;
	struct kept_event *k;

	if (!m->opts.keep(m->opts.keep_ctx, r))
		return 0;
	k = malloc(offsetof(struct kept_event, ev) + a->ev->size);
	if (!k)
		return -ENOMEM;
	k->next = NULL;
	k->sreq = a->sreq;
	k->stage = a->s ? subrequest_stage(a->s, a->t) : STAGE_MAX;
	memcpy(&k->ev, a->ev, a->ev->size);
	*r->events_tail = k;
	r->events_tail = &k->next;
	return 0;
}

void request_free(struct model *m, struct request *r)
{
	struct subrequest *s, *s2;

	HASH_ITER (hh, r->subrequests, s, s2) {
		HASH_DEL(r->subrequests, s);
		spares_put(&m->spare.subrequests, s);
	}
	while (r->events) {
		struct kept_event *k = r->events;

		r->events = k->next;
		free(k);
	}
	free(r->path);
	spares_put(&m->spare.requests, r);
}

const struct request *model_request(const struct model *m, const struct request_key *key)
{
	struct request *r;

	HASH_FIND(hh, m->requests, key, sizeof(*key), r);
	return r;
}

/* The table is in order of appearance, and what is over stays in it for a fraction of a second. */
uint64_t model_open_since(const struct model *m)
{
	for (const struct request *r = m->requests; r; r = r->hh.next)
		if (!r->retire_ns)
			return r->first_ns;
	return UINT64_MAX;
}
