// SPDX-License-Identifier: GPL-2.0-only
/* What one recording has to compare. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "view/measure/diff.h"
#include "view/measure/check_results.h"

static int add_subrequest(struct diff_samples *d, const struct subrequest *s)
{
	int rc = s->len ? samples_add(&d->size, s->len) : 0;

	for (int i = 0; !rc && i < STAGE_MAX; i++)
		if (s->stage_ns[i] != STAGE_UNKNOWN)
			rc = samples_add(&d->stage[i], s->stage_ns[i]);
	return rc;
}

static int on_request(void *ctx, const struct request *r)
{
	struct diff_side *s = ctx;
	uint64_t latency;
	int rc;

	if (!filter_request(s->filter, s->m, r))
		return 0;
	rc = totals_request(s->totals, r, s->filter);
	if (!rc && request_latency(r, &latency))
		rc = samples_add(&s->samples[r->write].latency, latency);
	for_each_subrequest (r, sub)
		if (!rc && filter_subrequest(s->filter, sub))
			rc = add_subrequest(&s->samples[sub->write], sub);
	return rc;
}

static int on_command(void *ctx, const struct command *c)
{
	struct diff_side *s = ctx;
	uint64_t latency;
	int rc = 0;

	if ((c->cmd == SMB2_READ || c->cmd == SMB2_WRITE) && command_latency(c, &latency))
		rc = samples_add(&s->samples[c->cmd == SMB2_WRITE].wire, latency);
	if (rc)
		return rc;
	return totals_command(s->totals, c);
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	struct diff_side *s = ctx;

	/* per-folio events are recorded on demand only */
	s->events += ev->kind < EV_META && ev->kind != EV_TASK && ev->kind != EV_PATH &&
		     ev->kind != EV_FOLIO;
	return 0;
}

int diff_side_new(struct diff_side **ret_s, const char *path, const struct model *m,
		  const struct request_filter *filter)
{
	struct diff_side *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->m = m;
	s->filter = filter;
	s->path = strdup(path);
	s->listener = (struct model_listener){
		.event = on_event, .request = on_request, .command = on_command, .ctx = s
	};
	if (!s->path || totals_new(&s->totals)) {
		diff_side_free(s);
		return -ENOMEM;
	}
	*ret_s = s;
	return 0;
}

static void release_samples(struct diff_samples *d)
{
	samples_release(&d->latency);
	samples_release(&d->size);
	samples_release(&d->wire);
	for (int i = 0; i < STAGE_MAX; i++)
		samples_release(&d->stage[i]);
}

void diff_side_free(struct diff_side *s)
{
	struct diff_finding *f, *next;

	if (!s)
		return;
	LL_FOREACH_SAFE (s->findings, f, next)
		free(f);
	release_samples(&s->samples[0]);
	release_samples(&s->samples[1]);
	totals_free(s->totals);
	free(s->path);
	free(s);
}

/* Findings of one rule and verdict are one here, whatever request they are about. */
static int add_finding(struct diff_side *s, const struct finding *f)
{
	struct diff_finding *d;

	LL_FOREACH (s->findings, d)
		if (d->check == f->check && d->verdict == f->verdict && !strcmp(d->kind, f->kind))
			break;
	if (!d) {
		d = calloc(1, sizeof(*d));
		if (!d)
			return -ENOMEM;
		d->check = f->check;
		d->kind = f->kind;
		d->verdict = f->verdict;
		snprintf(d->what, sizeof(d->what), "%s", f->explanation);
		LL_APPEND(s->findings, d);
	}
	d->count += f->count;
	return 0;
}

static void add_connections(struct diff_side *s)
{
	bool ledger = false;

	for (const struct conn *c = model_conns(s->m); c; c = c->hh.next) {
		s->reconnects += c->reconnects;
		ledger = ledger || c->ledger;
		s->credit_waits += c->credit_waits;
	}
	if (!ledger)
		s->credit_waits = UINT64_MAX;
}

int diff_side_finish(struct diff_side *s, const struct engine *e)
{
	const struct recording *rec = model_recording(s->m);
	const struct check *c;
	size_t n;
	int rc = 0;

	snprintf(s->release, sizeof(s->release), "%s", rec->release ? rec->release : "");
	snprintf(s->host, sizeof(s->host), "%s", rec->host ? rec->host : "");
	s->timed = recording_duration(rec, &s->duration_ns);
	s->lost = rec->lost;
	s->lost_at_least = rec->lost_at_least;
	add_connections(s);
	for (const struct finding *f = engine_findings(e); f && !rc; f = f->next)
		if (findings_pass(s->filter, s->m, f))
			rc = add_finding(s, f);
	c = engine_checks(e, &n);
	for (size_t i = 0; i < n; i++)
		s->not_evaluated += !c[i].active;
	s->m = NULL;
	s->filter = NULL;
	return rc;
}
