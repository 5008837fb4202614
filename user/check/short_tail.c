// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/short_tail.h"

/* One more than fit are as if they were all. */
void short_tail_write(struct short_tails *st, uint32_t dev)
{
	for (unsigned int i = 0; i < st->nr_written && i < SHORT_TAIL_DEVS; i++)
		if (st->written[i] == dev)
			return;
	if (st->nr_written < SHORT_TAIL_DEVS)
		st->written[st->nr_written] = dev;
	if (st->nr_written <= SHORT_TAIL_DEVS)
		st->nr_written++;
}

static bool was_written(const struct short_tails *st, uint32_t dev)
{
	for (unsigned int i = 0; i < st->nr_written && i < SHORT_TAIL_DEVS; i++)
		if (st->written[i] == dev)
			return true;
	return st->nr_written > SHORT_TAIL_DEVS;
}

void short_tail_cleared(struct short_tail *t, const struct ev_sreq *ev, uint64_t transferred)
{
	if (transferred >= ev->len)
		return;
	t->from = ev->start + transferred;
	t->to = ev->start + ev->len;
}

static struct finding *zeroed(struct check *c, const struct request *r, const struct subrequest *s,
			      const struct short_tail *t)
{
	struct finding *f = finding_new(c, "short-zeroed", s->first_ns, r->last_ns);

	finding_request(f, c, r, s->index);
	finding_bytes(f, t->to - t->from);
	finding_observed(f, "zeros in the place of 0x%" PRIx64 "..0x%" PRIx64 ", and error 0",
			 t->from, t->to);
	finding_explain(
		f,
		"The answer was shorter than asked for, which is lawful, but not the end of the file: the reader gets zeros for data.");
	return f;
}

static int raise(struct check *c, struct finding *f, const struct short_tails *st, uint32_t dev,
		 uint64_t data_to)
{
	if (was_written(st, dev))
		finding_doubt(f, "this client wrote to the file system, and the file may have been "
				 "shorter when the answer was made");
	finding_expected(f, "the rest read again, as the server has data up to 0x%" PRIx64,
			 data_to);
	finding_known(f, c, KNOWN_SHORT_ZEROED);
	return finding_raise(f, c);
}

/* Those of this file that end before data which the server has sent now. */
static int raise_waiting(struct check *c, const struct request *r, struct short_tails *st,
			 uint64_t data_to)
{
	int rc = 0;

	for (unsigned int i = 0; i < SHORT_TAILS && !rc; i++) {
		struct waiting_tail *w = &st->waiting[i];

		if (!w->f || w->dev != r->dev || w->ino != r->ino || w->to >= data_to)
			continue;
		finding_doubt(w->f, "data from behind came with a later request: another client "
				    "may have written them in between");
		rc = raise(c, TAKE(w->f), st, r->dev, data_to);
	}
	return rc;
}

/* Where the farthest answer without a byte was for; 0: there was none. */
static uint64_t last_end(struct check *c, const struct request *r, short_tail_of tail_of)
{
	uint64_t end = 0;

	for_each_subrequest (r, s) {
		const struct short_tail *t = tail_of(c, r, s);

		if (t && t->ended && s->start > end)
			end = s->start;
	}
	return end;
}

/* The file ended behind what these got: the zeros were right. */
static void forget_ended(const struct request *r, struct short_tails *st, uint64_t end)
{
	for (unsigned int i = 0; i < SHORT_TAILS; i++) {
		struct waiting_tail *w = &st->waiting[i];

		if (w->f && w->dev == r->dev && w->ino == r->ino && end >= w->from)
			finding_free(TAKE(w->f));
	}
}

static int wait_for_data(struct check *c, const struct request *r, struct short_tails *st,
			 const struct subrequest *s, const struct short_tail *t)
{
	struct waiting_tail *w = &st->waiting[st->next++ % SHORT_TAILS];

	finding_free(w->f);
	*w = (struct waiting_tail){
		.dev = r->dev, .ino = r->ino, .from = t->from, .to = t->to, .f = zeroed(c, r, s, t)
	};
	return w->f ? 0 : -ENOMEM;
}

static uint64_t data_end(struct check *c, const struct request *r, short_tail_of tail_of)
{
	uint64_t data_to = 0;

	for_each_subrequest (r, s) {
		const struct short_tail *t = tail_of(c, r, s);

		if (t && t->data_to > data_to)
			data_to = t->data_to;
	}
	return data_to;
}

int short_tail_request(struct check *c, const struct request *r, struct short_tails *st,
		       short_tail_of tail_of)
{
	uint64_t data_to = r->write ? 0 : data_end(c, r, tail_of);
	uint64_t end = last_end(c, r, tail_of);
	int rc;

	forget_ended(r, st, end);
	if (!data_to)
		return 0;
	rc = raise_waiting(c, r, st, data_to);
	for_each_subrequest (r, s) {
		const struct short_tail *t = tail_of(c, r, s);

		if (rc || r->error || s->stream || !t || t->from == t->to || !r->sized ||
		    t->from >= r->i_size || end >= t->from)
			continue;
		if (t->to < data_to)
			return raise(c, zeroed(c, r, s, t), st, r->dev, data_to);
		rc = wait_for_data(c, r, st, s, t);
	}
	return rc;
}

void short_tails_free(struct short_tails *st)
{
	for (unsigned int i = 0; i < SHORT_TAILS; i++)
		finding_free(st->waiting[i].f);
}
