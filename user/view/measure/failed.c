// SPDX-License-Identifier: GPL-2.0-only
#include "base/fmt.h"
#include "view/measure/failed.h"
#include "view/measure/totals.h"

static bool is_of(const struct failed_command *c, const struct failed_request *q)
{
	return c->epoch == q->key.epoch && c->synth == q->key.synth && c->rreq == q->key.rreq &&
	       c->sreq == q->sreq;
}

static void find_command(const struct failed *f, struct failed_request *q)
{
	unsigned int nr =
		f->nr_recent < ARRAY_SIZE(f->recent) ? f->nr_recent : ARRAY_SIZE(f->recent);

	/* the latest of a subrequest that was tried several times */
	for (unsigned int i = 0; i < nr && !q->told; i++) {
		const struct failed_command *c =
			&f->recent[(f->nr_recent - 1 - i) % ARRAY_SIZE(f->recent)];

		q->told = is_of(c, q);
		if (q->told)
			q->by = *c;
	}
}

static void add_subrequest(struct failed_request *q, const struct subrequest *s)
{
	if (!subrequest_outcome(s))
		return;
	if (!q->nr_failed++) {
		q->sreq = s->index;
		q->mid = s->mid;
		q->start = s->start;
		q->end = s->start + s->len;
	}
	q->start = s->start < q->start ? s->start : q->start;
	q->end = s->start + s->len > q->end ? s->start + s->len : q->end;
	q->missing += s->transferred < s->len ? s->len - s->transferred : 0;
}

void failed_take_request(struct failed *f, const struct request *r)
{
	struct failed_request *q;

	if (!request_outcome(r) || f->nr++ >= FAILED_SHOWN)
		return;
	q = &f->list[f->nr - 1];
	*q = (struct failed_request){ .key = r->key,
				      .origin = r->origin,
				      .origin_known = r->origin_known,
				      .write = r->write,
				      .lost = r->lost,
				      .dev = r->dev,
				      .tid = r->tid,
				      .ino = r->ino,
				      .first_ns = r->first_ns,
				      .outcome = request_outcome(r),
				      .own = r->error != 0,
				      .ended = r->own_error && (r->freed || r->done_ns),
				      .placed = r->placed,
				      .nr_subrequests = r->nr_subrequests,
				      .start = r->start,
				      .end = r->start + r->len };
	snprintf(q->comm, sizeof(q->comm), "%s", r->comm);
	fmt_end(q->path, sizeof(q->path), r->path ? r->path : "");
	for_each_subrequest (r, s)
		add_subrequest(q, s);
	if (q->nr_failed)
		find_command(f, q);
	else
		q->missing = r->transferred < r->len ? r->len - r->transferred : 0;
}

void failed_take_command(struct failed *f, const struct command *c)
{
	struct failed_command *to = &f->recent[f->nr_recent % ARRAY_SIZE(f->recent)];

	if (!c->rreq || !command_failed(c))
		return;
	*to = (struct failed_command){
		.epoch = c->epoch,
		.rreq = c->rreq,
		.sreq = c->sreq,
		.mid = c->mid,
		.cmd = c->cmd,
		.synth = c->synth,
		.answered = !c->failed,
		.status = c->status,
	};
	f->nr_recent++;
	for (uint64_t i = 0; i < f->nr && i < FAILED_SHOWN; i++)
		if (f->list[i].nr_failed && is_of(to, &f->list[i])) {
			f->list[i].told = true;
			f->list[i].by = *to;
		}
}
