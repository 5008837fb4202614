// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "base/fmt.h"
#include "view/export/perfetto/perfetto_export.h"

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t attempt_end(const struct attempt *a)
{
	const uint64_t times[] = { a->submit,	    a->sent, a->response, a->callback,
				   a->callback_end, a->term, a->end };
	uint64_t end = a->begin;

	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		end = larger(end, times[i]);
	return end;
}

void perfetto_span(const struct subrequest *s, uint64_t *ret_from, uint64_t *ret_to)
{
	*ret_from = s->first_ns;
	*ret_to = larger(s->first_ns, s->last_ns);
	for (uint32_t i = 0; i < s->nr_tried && i < MAX_TRIED; i++)
		*ret_to = larger(*ret_to, attempt_end(&s->tried[i]));
}

/* Times of several CPUs may be swapped by a hair: a slice never begins before the last one ended.
 */
static int put_stage(struct perfetto_export *x, uint64_t track, const char *name, uint64_t from,
		     uint64_t to, uint64_t *at)
{
	struct perfetto_event e = {
		.track = track, .time_ns = larger(from, *at), .name = name, .category = "stage"
	};
	int rc;

	if (!from || !to)
		return 0;
	*at = larger(to, e.time_ns);
	rc = perfetto_begin(&x->out, &e);
	if (rc)
		return rc;
	return perfetto_end(&x->out, track, *at);
}

static int put_stages(struct perfetto_export *x, const struct attempt *a, uint64_t track,
		      uint64_t *at)
{
	const struct {
		const char *name;
		uint64_t from, to;
	} stages[] = {
		{ "prepare", a->begin, a->submit },
		{ "send", a->submit, a->sent },
		{ "on the wire", a->sent, a->arrived ? a->arrived : a->response },
		{ "decryption", a->arrived, a->response },
		{ "callback", a->response, a->callback_end },
		{ "collection", a->callback_end, a->end },
	};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(stages) && !rc; i++)
		rc = put_stage(x, track, stages[i].name, stages[i].from, stages[i].to, at);
	return rc;
}

static int put_attempt(struct perfetto_export *x, const struct attempt *a, uint32_t nr,
		       uint64_t track, uint64_t *at)
{
	const struct perfetto_note notes[] = { NOTE_NUMBER("credit wait ns",
							   a->wait_ns + a->late_wait_ns) };
	struct perfetto_event e = { .track = track,
				    .time_ns = larger(a->begin ? a->begin : a->submit, *at),
				    .category = "attempt",
				    .notes = notes,
				    .nr_notes = a->waited };
	char name[32];
	int rc;

	snprintf(name, sizeof(name), "attempt %" PRIu32, nr);
	e.name = name;
	*at = e.time_ns;
	rc = perfetto_begin(&x->out, &e);
	if (!rc)
		rc = put_stages(x, a, track, at);
	*at = larger(*at, attempt_end(a));
	if (rc)
		return rc;
	return perfetto_end(&x->out, track, *at);
}

static int begin_subrequest(struct perfetto_export *x, const struct subrequest *s, uint64_t track,
			    uint64_t flow)
{
	const struct request *r = s->rreq;
	const struct perfetto_note notes[] = {
		NOTE_NUMBER_IF(s->told, "start", s->start),
		NOTE_NUMBER_IF(s->told, "len", s->len),
		NOTE_NUMBER_IF(s->moved, "transferred", s->transferred),
		NOTE_NUMBER_IF(s->moved || s->error, "error", s->error),
		NOTE_NUMBER_IF(s->attempts || !r->unbegun, "attempts", s->attempts),
		NOTE_NUMBER("write", s->write),
		NOTE_NUMBER("mid", s->mid),
		NOTE_NUMBER("credits", s->credits),
		NOTE_NUMBER("stream", s->stream),
	};

	return perfetto_begin(&x->out,
			      &(struct perfetto_event){
				      .track = track,
				      .time_ns = s->first_ns,
				      .name = fmt_request(r->key.synth, r->key.rreq, s->index).s,
				      .category = "subrequest",
				      .notes = notes,
				      .nr_notes = ARRAY_SIZE(notes),
				      .flows = &flow,
				      .nr_flows = 1 });
}

int perfetto_subrequest(struct perfetto_export *x, const struct subrequest *s, uint64_t track,
			uint64_t flow)
{
	uint64_t at = s->first_ns, from, to;
	int rc = begin_subrequest(x, s, track, flow);

	for (uint32_t i = 0; i < s->nr_tried && i < MAX_TRIED && !rc; i++)
		rc = put_attempt(x, &s->tried[i], i + 1 < MAX_TRIED ? i + 1 : s->nr_tried, track,
				 &at);
	perfetto_span(s, &from, &to);
	if (rc)
		return rc;
	return perfetto_end(&x->out, track, larger(at, to));
}
