// SPDX-License-Identifier: GPL-2.0-only
/* The numbers of all summaries; text, JSON, HTML and diff read them. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "event/kinds.h"
#include "view/measure/totals.h"

#define NTSTATUS_ERROR 3 /* severity, the top two bits */

int totals_new(struct totals **ret_t)
{
	*ret_t = calloc(1, sizeof(**ret_t));
	return *ret_t ? 0 : -ENOMEM;
}

void totals_free(struct totals *t)
{
	struct request_row *r, *r2;
	struct status_row *s, *s2;
	struct loss_row *l, *l2;

	if (!t)
		return;
	LL_FOREACH_SAFE (t->requests, r, r2)
		free(r);
	LL_FOREACH_SAFE (t->statuses, s, s2)
		free(s);
	LL_FOREACH_SAFE (t->losses, l, l2)
		free(l);
	free(t);
}

bool request_latency(const struct request *r, uint64_t *ret_ns)
{
	if (!r->done_ns || r->partial || r->unbegun || r->untimed || r->done_ns < r->first_ns)
		return false;
	*ret_ns = r->done_ns - r->first_ns;
	return true;
}

static uint64_t sent_from(const struct command *c)
{
	return c->enter_ns ? c->enter_ns : c->setup_ns ? c->setup_ns : c->sent_ns;
}

uint64_t command_begin(const struct command *c)
{
	uint64_t begin = sent_from(c);

	return begin ? begin : c->response_ns;
}

bool command_latency(const struct command *c, uint64_t *ret_ns)
{
	uint64_t begin = sent_from(c);

	if (!begin || !c->answered || c->untimed || c->response_ns < begin)
		return false;
	*ret_ns = c->response_ns - begin;
	return true;
}

bool command_failed(const struct command *c)
{
	bool refused =
		c->status >> 30 == NTSTATUS_ERROR && c->status != STATUS_MORE_PROCESSING_REQUIRED;

	return c->failed || (refused && (c->answered || c->done_ns));
}

struct short_text command_text(uint16_t cmd)
{
	const char *name = smb2_command_name(cmd);
	struct short_text t;

	if (name && *name != '?')
		snprintf(t.s, sizeof(t.s), "%s", name);
	else
		snprintf(t.s, sizeof(t.s), "0x%04x", cmd);
	return t;
}

const char *probe_state_text(const struct probe_info *p)
{
	return p->state == EV_PROBE_ON ? "on" : p->state == EV_PROBE_OFF ? "off" : "failed";
}

bool recording_realtime(const struct recording *rec, uint64_t ns, uint64_t *ret_real)
{
	if (!rec->anchor_real)
		return false;
	*ret_real = rec->anchor_real + (ns - rec->anchor_mono);
	return true;
}

uint64_t recording_begin(const struct recording *rec)
{
	return rec->start_ns ? rec->start_ns : rec->first_ns;
}

uint64_t parked_ns(const struct recording *rec)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < rec->nr_parked; i++)
		sum += rec->parked[i].to - rec->parked[i].from;
	return sum;
}

uint64_t recording_end(const struct recording *rec)
{
	return rec->stop_ns ? rec->stop_ns : rec->now_ns;
}

bool recording_duration(const struct recording *rec, uint64_t *ret_ns)
{
	*ret_ns = recording_end(rec) - recording_begin(rec);
	return !rec->untimed;
}

/* ---- requests ---- */

static bool is_row(const struct request_row *row, const struct request *r)
{
	return !row->rest && row->origin_known == r->origin_known &&
	       row->synthetic == !!r->key.synth && (!r->origin_known || row->origin == r->origin) &&
	       !strcmp(row->fs, r->fs);
}

static struct request_row *get_row(struct totals *t, const struct request *r)
{
	struct request_row *row, *last = NULL;

	LL_FOREACH (t->requests, row) {
		if (is_row(row, r))
			return row;
		last = row;
	}
	if (t->nr_request_rows > TOTALS_MAX_ROWS)
		return last;
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	row->rest = t->nr_request_rows++ == TOTALS_MAX_ROWS;
	row->origin = r->origin;
	row->origin_known = r->origin_known && !row->rest;
	row->synthetic = r->key.synth;
	if (!row->rest)
		snprintf(row->fs, sizeof(row->fs), "%s", r->fs);
	LL_APPEND(t->requests, row);
	return row;
}

static void add_subrequest(struct totals *t, const struct subrequest *s)
{
	struct subrequest_row *row = &t->subrequests[s->write];

	row->count++;
	row->told |= s->moved;
	row->tried |= s->attempts || !s->rreq->unbegun;
	row->bytes += s->transferred;
	row->errors += s->error != 0;
	row->retries += s->retries;
	row->attempts += s->attempts;
	for (int i = 0; i < STAGE_MAX; i++)
		if (s->stage_ns[i] != STAGE_UNKNOWN)
			hist_add(&row->stage[i], s->stage_ns[i]);
}

static struct slow_request slow_of(const struct request *r, uint64_t latency_ns)
{
	struct slow_request slow = {
		.rreq = r->key.rreq,
		.dev = r->dev,
		.tid = r->tid,
		.origin = r->origin,
		.origin_known = r->origin_known,
		.synthetic = r->key.synth,
		.write = r->write,
		.lost = r->lost,
		.placed = r->placed,
		.moved = r->moved,
		.ino = r->ino,
		.start = r->start,
		.transferred = r->transferred,
		.first_ns = r->first_ns,
		.latency_ns = latency_ns,
		.error = r->error,
		.nr_subrequests = r->nr_subrequests,
		.retries = r->retries,
	};

	snprintf(slow.fs, sizeof(slow.fs), "%s", r->fs);
	snprintf(slow.comm, sizeof(slow.comm), "%s", r->comm);
	if (r->path)
		fmt_end(slow.path, sizeof(slow.path), r->path);
	for_each_subrequest (r, s)
		for (int i = 0; i < STAGE_MAX; i++)
			if (s->stage_ns[i] != STAGE_UNKNOWN)
				slow.stage_ns[i] += s->stage_ns[i];
	return slow;
}

static void rank(struct totals *t, const struct request *r, uint64_t latency_ns)
{
	unsigned int at = t->nr_slow;

	while (at && t->slow[at - 1].latency_ns < latency_ns)
		at--;
	if (at == TOTALS_SLOWEST)
		return;
	t->nr_slow += t->nr_slow < TOTALS_SLOWEST;
	memmove(&t->slow[at + 1], &t->slow[at], (t->nr_slow - at - 1) * sizeof(t->slow[0]));
	t->slow[at] = slow_of(r, latency_ns);
	if (t->why)
		t->slow[at].why = why_request(t->why, r);
}

int totals_request(struct totals *t, const struct request *r, const struct request_filter *f)
{
	struct request_row *row = get_row(t, r);
	uint64_t latency;

	if (!row)
		return -ENOMEM;
	row->count++;
	row->moved |= r->moved;
	row->judged |= request_outcome_known(r);
	row->tried |= r->retries || !r->unbegun;
	row->bytes += r->transferred;
	row->errors += request_outcome(r) != 0;
	row->retries += r->retries;
	if (request_latency(r, &latency)) {
		hist_add(&row->latency, latency);
		rank(t, r, latency);
	}
	t->nr_requests++;
	t->open += !r->freed;
	t->ends |= r->freed || r->ends;
	t->partial += r->partial;
	t->unreliable += r->lost;
	t->failures += r->nr_failures;
	for_each_subrequest (r, s)
		if (filter_subrequest(f, s))
			add_subrequest(t, s);
	return 0;
}

void totals_seen(struct totals *t, const struct request *r)
{
	t->synthetic += r->key.synth;
	t->cifs_requests += r->key.synth || !strcmp(r->fs, "cifs") || !strcmp(r->fs, "smb3");
}

/* ---- commands and losses ---- */

static bool command_replied(const struct command *c)
{
	return c->answered || c->done_ns;
}

static int add_status(struct totals *t, const struct command *c)
{
	bool answered = command_replied(c);
	struct status_row *row, *last = NULL;

	LL_FOREACH (t->statuses, row) {
		last = row;
		if (row->rest || (row->cmd == c->cmd && row->answered == answered &&
				  (!answered || row->status == c->status)))
			break;
	}
	if (!row && t->nr_status_rows <= TOTALS_MAX_ROWS) {
		row = calloc(1, sizeof(*row));
		if (!row)
			return -ENOMEM;
		row->rest = t->nr_status_rows++ == TOTALS_MAX_ROWS;
		row->cmd = c->cmd;
		row->answered = answered;
		row->status = c->status;
		LL_APPEND(t->statuses, row);
		last = row;
	}
	last->count++;
	return 0;
}

int totals_command(struct totals *t, const struct command *c)
{
	struct command_row *row = &t->commands[c->cmd < TOTALS_COMMANDS ? c->cmd : TOTALS_COMMANDS];
	uint64_t latency;

	t->nr_commands++;
	row->count++;
	row->errors += command_failed(c);
	row->heard |= c->heard || c->answered;
	row->unanswered += !c->answered && c->heard;
	row->interim_known |= c->counted || c->interim;
	row->interim += c->interim;
	row->charged += c->charge;
	row->charge_known |= c->setup_ns != 0;
	row->granted += c->granted;
	row->granted_known |= c->header;
	if (command_latency(c, &latency))
		hist_add(&row->latency, latency);
	return command_failed(c) ? add_status(t, c) : 0;
}

static struct loss_row *get_loss(struct totals *t, const struct ev_lost *l)
{
	struct loss_row *row, *last = NULL;

	LL_FOREACH (t->losses, row) {
		if (!row->rest && row->probe == l->hdr.probe && row->why == l->why)
			return row;
		last = row;
	}
	if (t->nr_loss_rows > TOTALS_MAX_NAMES)
		return last;
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	row->rest = t->nr_loss_rows++ == TOTALS_MAX_NAMES;
	row->probe = l->hdr.probe;
	row->why = l->why;
	row->from = UINT64_MAX;
	LL_APPEND(t->losses, row);
	return row;
}

int totals_lost(struct totals *t, const struct ev_lost *l)
{
	struct loss_row *row = get_loss(t, l);

	if (!row)
		return -ENOMEM;
	row->count += l->count;
	row->at_least |= lost_is_least(l);
	if (l->from < row->from)
		row->from = l->from;
	if (l->to > row->to)
		row->to = l->to;
	return 0;
}
