// SPDX-License-Identifier: GPL-2.0-only
/* Objects that are over wait until stragglers have had their time, then go to the listeners. */
#include <utlist.h>

#include "model/state.h"

void retire_request(struct model *m, struct request *r, uint64_t ts)
{
	if (r->retire_ns)
		return;
	r->retire_ns = ts + RETIRE_NS;
	DL_APPEND(m->retire.requests, r);
}

void retire_command(struct model *m, struct command *c, uint64_t ts)
{
	if (c->retire_ns)
		return;
	c->retire_ns = ts + RETIRE_NS;
	DL_APPEND(m->retire.commands, c);
}

void loss_span(struct model *m, uint64_t from, uint64_t to)
{
	struct loss_span *slot = &m->loss[m->nr_loss % MAX_LOSS_SPANS];

	if (m->nr_loss >= MAX_LOSS_SPANS && slot->to > m->forgotten_to)
		m->forgotten_to = slot->to;
	*slot = (struct loss_span){ .from = from, .to = to };
	m->nr_loss++;
}

/* Losses of names (probe 0) leave no hole in any request. */
void loss_note(struct model *m, const struct ev_lost *ev)
{
	m->rec.lost += ev->count;
	m->rec.lost_at_least |= lost_is_least(ev);
	if (ev->hdr.probe)
		loss_span(m, ev->from, ev->to);
}

static bool overlaps_loss(const struct model *m, const struct request *r)
{
	size_t n = m->nr_loss < MAX_LOSS_SPANS ? m->nr_loss : MAX_LOSS_SPANS;

	if (r->first_ns <= m->forgotten_to)
		return true;
	for (size_t i = 0; i < n; i++)
		if (r->first_ns <= m->loss[i].to && r->last_ns >= m->loss[i].from)
			return true;
	return false;
}

static bool loss_before(const struct model *m, uint64_t ts)
{
	size_t n = m->nr_loss < MAX_LOSS_SPANS ? m->nr_loss : MAX_LOSS_SPANS;

	if (m->forgotten_to)
		return true;
	for (size_t i = 0; i < n; i++)
		if (m->loss[i].from <= ts)
			return true;
	return false;
}

/* A request without a NEW ran before recording began, or its NEW was lost; after a loss, who knows.
 */
static void settle_loss(const struct model *m, struct request *r)
{
	r->lost = overlaps_loss(m, r) || request_jumps(r);
	if (r->partial && loss_before(m, r->first_ns)) {
		r->lost = true;
		r->partial = false;
	}
}

/* Where no event told where it is, where its subrequests are. */
static void settle_place(struct request *r)
{
	uint64_t start = UINT64_MAX;

	for_each_subrequest (r, s)
		if (s->told && s->start < start)
			start = s->start;
	if (!r->placed && start != UINT64_MAX)
		r->start = start;
	r->placed |= start != UINT64_MAX;
}

/* Whether it ended with its request, but no event says how: the recording left that out. */
static bool end_is_missing(const struct request *r, const struct subrequest *s)
{
	return (r->freed || r->done_ns) && !s->transferred && !s->error && !s->freed &&
	       !s->shown.term;
}

/* Where no event told what it moved, what its subrequests did, if that is known of all. */
static void settle_moved(struct request *r)
{
	bool told = false, missing = false;

	for_each_subrequest (r, s) {
		told |= s->told;
		missing |= s->told && !s->moved;
	}
	r->moved |= told && !missing;
}

/*
 * Without a total from the kernel (6.1), what the subrequests of the first stream moved; without a
 * length (writeback has none until it is over), where the last one ended.
 */
static void settle_request(struct model *m, struct request *r)
{
	uint64_t sum = 0, end;
	struct subrequest *s, *next;

	settle_place(r);
	end = r->start;
	HASH_ITER (hh, r->subrequests, s, next) {
		subrequest_fold(s);
		s->moved = s->told && !end_is_missing(r, s);
		if (!s->stream)
			sum += s->transferred;
		if (s->start + s->len > end)
			end = s->start + s->len;
		if (!r->origin_known)
			r->write |= s->write;
	}
	settle_moved(r);
	if (!r->transferred)
		r->transferred = sum;
	if (!r->len)
		r->len = end - r->start;
	settle_loss(m, r);
}

static int hand_on_request(struct model *m, struct request *r)
{
	int rc = 0;

	settle_request(m, r);
	test_request_ends(m, r);
	for (int i = 0; !rc && i < m->nr_listeners; i++)
		if (m->listener[i]->request)
			rc = m->listener[i]->request(m->listener[i]->ctx, r);
	resolve_forget_request(m, r);
	HASH_DEL(m->requests, r);
	request_free(m, r);
	return rc;
}

static int hand_on_command(struct model *m, struct command *c)
{
	int rc = 0;

	test_command_ends(m, c);
	for (int i = 0; !rc && i < m->nr_listeners; i++)
		if (m->listener[i]->command)
			rc = m->listener[i]->command(m->listener[i]->ctx, c);
	command_free(m, c);
	return rc;
}

/* Requests first: their commands may still be asked for. */
static int retire_until(struct model *m, uint64_t now)
{
	struct retire_list *l = &m->retire;
	int rc = 0;

	while (!rc && l->requests && l->requests->retire_ns <= now) {
		struct request *r = l->requests;

		DL_DELETE(l->requests, r);
		rc = hand_on_request(m, r);
	}
	while (!rc && l->commands && l->commands->retire_ns <= now) {
		struct command *c = l->commands;

		DL_DELETE(l->commands, c);
		rc = hand_on_command(m, c);
	}
	return rc;
}

int retire_due(struct model *m)
{
	int rc = retire_until(m, m->rec.now_ns);

	if (rc)
		return rc;
	return test_retire(m);
}

int retire_ended(struct model *m)
{
	return retire_until(m, UINT64_MAX);
}

int retire_all(struct model *m)
{
	struct request *r, *r2;
	struct command *c, *c2;
	int rc = retire_until(m, UINT64_MAX);

	HASH_ITER (hh, m->requests, r, r2) {
		if (!rc)
			rc = hand_on_request(m, r);
	}
	HASH_ITER (hh_conn, m->by_conn, c, c2) {
		if (!rc)
			rc = hand_on_command(m, c);
	}
	HASH_ITER (hh_ses, m->by_ses, c, c2) {
		if (!rc)
			rc = hand_on_command(m, c);
	}
	if (rc)
		return rc;
	return test_retire_all(m);
}
