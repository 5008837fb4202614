// SPDX-License-Identifier: GPL-2.0-only
/* Requests (struct netfs_io_request), from NEW to FREE. */
#include <errno.h>
#include <string.h>

#include "model/state.h"

struct request *request_find(const struct model *m, uint32_t rreq, bool synth)
{
	struct request_key key = { .epoch = m->rec.epoch, .rreq = rreq, .synth = synth };
	struct request *r;

	HASH_FIND(hh, m->requests, &key, sizeof(key), r);
	return r;
}

static bool is_new(const struct model *m, const struct ev_hdr *ev)
{
	const struct ev_ref *ref = (const void *)ev;

	return ev->kind == EV_REF && !ref->sreq &&
	       names_id(m->names, NAMES_RREQ_REF, ref->what) == RREF_NEW;
}

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

struct request *request_get(struct model *m, const struct ev_hdr *ev, uint32_t rreq, bool synth,
			    int *ret_rc)
{
	struct request *r = request_find(m, rreq, synth);
	const struct task *t;

	if (r || !can_be_first(ev))
		return r;
	r = calloc(1, sizeof(*r));
	if (!r) {
		*ret_rc = -ENOMEM;
		return NULL;
	}
	r->key = (struct request_key){ .epoch = m->rec.epoch, .rreq = rreq, .synth = synth };
	r->first_ns = ev->ts;
	r->untimed = m->rec.untimed;
	r->partial = !synth && names_has(m->names, RREF_NEW) && !is_new(m, ev);
	r->tid = ev->tid;
	r->tgid = ev->tgid;
	r->events_tail = &r->events;
	t = model_task(m, ev->tid);
	if (t)
		memcpy(r->comm, t->comm, sizeof(r->comm));
	HASH_ADD(hh, m->requests, key, sizeof(r->key), r);
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

static void on_state(struct model *m, struct request *r, const struct ev_rreq *ev)
{
	switch (names_id(m->names, NAMES_RREQ_TRACE, ev->what)) {
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
	r->ino = ev->ino;
}

static void on_rreq(struct model *m, struct request *r, const struct ev_rreq *ev)
{
	r->described = true;
	if (ev->hdr.flags & EVF_TPONLY)
		take_tracepoint(m, r, ev);
	else
		take_request(m, r, ev);
	if (ev->transferred)
		r->transferred = ev->transferred;
	if (ev->event == EV_RREQ_STATE)
		on_state(m, r, ev);
}

static void on_failure(struct request *r, const struct ev_failure *ev)
{
	if (r->nr_failures < MAX_FAILURES)
		r->failure[r->nr_failures] =
			(struct failure){ .sreq = ev->sreq, .what = ev->what, .error = ev->error };
	r->nr_failures++;
}

static void on_ref(struct model *m, struct request *r, const struct ev_ref *ev)
{
	const char *text = names_text(m->names, NAMES_RREQ_REF, ev->what);
	bool new = names_id(m->names, NAMES_RREQ_REF, ev->what) == RREF_NEW;

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

bool request_jumps(const struct request *r)
{
	int32_t sum = r->refs.sum;

	return r->refs.from_new && sum != r->ref && sum != r->refs.before && sum != r->refs.lowest;
}

int request_event(struct model *m, struct request *r, struct task *t, const struct ev_hdr *ev)
{
	uint32_t index = ev_sreq_of(ev);
	struct subrequest *s;

	r->prev_ns = r->last_ns;
	if (ev->ts > r->last_ns)
		r->last_ns = ev->ts;
	if (ev->kind == EV_RREQ)
		on_rreq(m, r, (const void *)ev);
	else if (ev->kind == EV_FAILURE)
		on_failure(r, (const void *)ev);
	else if (ev->kind == EV_REF && !index)
		on_ref(m, r, (const void *)ev);
	if (!index && ev->kind == EV_CIFS_IO)
		cifs_io_event(m, r, NULL, t, (const void *)ev);
	if (!index)
		return path_take(m, r);
	r->described = true;
	s = subrequest_get(r, ev, index);
	if (!s)
		return -ENOMEM;
	subrequest_event(m, s, t, ev);
	return path_take(m, r);
}

int request_keep(struct model *m, struct request *r, const struct task *t, const struct ev_hdr *ev)
{
	const struct subrequest *s;
	struct kept_event *k;

	if (!m->opts.keep || !m->opts.keep(m->opts.keep_ctx, r))
		return 0;
	k = malloc(offsetof(struct kept_event, ev) + ev->size);
	if (!k)
		return -ENOMEM;
	k->next = NULL;
	k->sreq = command_sreq(m, t, ev);
	s = k->sreq ? subrequest_find(r, k->sreq) : NULL;
	k->stage = s ? subrequest_stage(s, t) : STAGE_MAX;
	memcpy(&k->ev, ev, ev->size);
	*r->events_tail = k;
	r->events_tail = &k->next;
	return 0;
}

void request_free(struct request *r)
{
	struct subrequest *s, *s2;

	HASH_ITER (hh, r->subrequests, s, s2) {
		HASH_DEL(r->subrequests, s);
		free(s);
	}
	while (r->events) {
		struct kept_event *k = r->events;

		r->events = k->next;
		free(k);
	}
	free(r->path);
	free(r);
}

/* The table is in order of appearance, and what is over stays in it for a fraction of a second. */
uint64_t model_open_since(const struct model *m)
{
	for (const struct request *r = m->requests; r; r = r->hh.next)
		if (!r->retire_ns)
			return r->first_ns;
	return UINT64_MAX;
}
