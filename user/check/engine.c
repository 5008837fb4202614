// SPDX-License-Identifier: GPL-2.0-only
/* Feeds the checks from the model, keeps what their findings need, folds and settles findings. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "check/engine.h"
#include "event/kinds.h"

/* A loss is put into the stream where it began, but a miss of the kernel's is known only later. */
#define SETTLE_NS (300 * NS_PER_MS)
#define TICK_NS	  NS_PER_SEC
/* Stacks are taken by the recorder's next tick, on a machine that may be busy. */
#define STACKS_NS (3 * NS_PER_SEC)

const char *severity_name(enum severity s)
{
	static const char *const names[] = { "warning", "error", "critical" };

	return names[s];
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "violation", "inconclusive", "known", "note" };

	return names[v];
}

const struct check_ops *check_find(const char *id)
{
	for (int i = 0; checks[i]; i++)
		if (!strcmp(checks[i]->id, id))
			return checks[i];
	return NULL;
}

const struct model *check_model(const struct check *c)
{
	return c->e->m;
}

const struct names *check_names(const struct check *c)
{
	return model_names(c->e->m);
}

enum family check_family(const struct check *c)
{
	return c->e->family;
}

uint64_t check_now(const struct check *c)
{
	return model_recording(c->e->m)->now_ns;
}

uint64_t check_progress(const struct check *c, uint64_t since)
{
	return pace_since(&c->e->pace, since, check_now(c));
}

/* ---- losses ---- */

static void note_gap(struct engine *e, uint64_t from, uint64_t to)
{
	struct gap *g = &e->gap[e->nr_gaps % MAX_GAPS];

	if (e->nr_gaps >= MAX_GAPS && g->to > e->forgotten_to)
		e->forgotten_to = g->to;
	*g = (struct gap){ from > HAIR_NS ? from - HAIR_NS : 0, to + HAIR_NS };
	e->nr_gaps++;
}

/* Per-folio events prove nothing here; names of tasks (probe 0) neither. */
static bool matters(const struct engine *e, const struct ev_lost *l)
{
	const struct probe_info *p = model_probe(e->m, l->hdr.probe);

	return l->hdr.probe && !(p && strstr(p->name, "folio"));
}

bool check_lost(const struct check *c, uint64_t from, uint64_t to)
{
	const struct engine *e = c->e;
	size_t n = e->nr_gaps < MAX_GAPS ? e->nr_gaps : MAX_GAPS;

	if (e->forgotten_to && from <= e->forgotten_to)
		return true;
	for (size_t i = 0; i < n; i++)
		if (from <= e->gap[i].to && to >= e->gap[i].from)
			return true;
	return false;
}

/* ---- settling ---- */

static bool same_cause(const struct finding *a, const struct finding *b)
{
	return a->check == b->check && a->verdict == b->verdict && !strcmp(a->kind, b->kind) &&
	       a->test == b->test && a->conn == b->conn && a->place_addr == b->place_addr;
}

static struct check *check_of(struct engine *e, const struct finding *f)
{
	for (size_t i = 0; i < e->nr; i++)
		if (e->check[i].ops == f->check)
			return &e->check[i];
	return NULL;
}

static void count(struct check *c, const struct finding *f)
{
	if (f->verdict == VERDICT_VIOLATION)
		c->violations++;
	else if (f->verdict == VERDICT_INCONCLUSIVE)
		c->inconclusive++;
	else if (f->verdict == VERDICT_KNOWN)
		c->known++;
	else
		c->notes++;
}

static int settle(struct engine *e, struct finding *f)
{
	struct check *c = check_of(e, f);
	struct finding *old;

	uint64_t until = f->until_ns > f->time_ns ? f->until_ns : f->time_ns;

	if (f->verdict == VERDICT_VIOLATION && check_lost(c, f->from_ns, until))
		finding_doubt(f, "records were lost or came late in that time");
	count(c, f);
	DL_FOREACH (e->findings, old)
		if (same_cause(old, f))
			break;
	if (old || e->nr_findings == MAX_FINDINGS) {
		if (old) {
			old->count++;
			old->bytes += f->bytes;
			old->last_ns = f->time_ns;
		} else {
			e->dropped++;
		}
		finding_free(f);
		return 0;
	}
	DL_APPEND(e->findings, f);
	e->nr_findings++;
	return e->opts.found ? e->opts.found(e->opts.ctx, f) : 0;
}

static int settle_until(struct engine *e, uint64_t now)
{
	int rc = 0;

	while (!rc && e->pending && e->pending->settle_ns <= now) {
		struct finding *f = e->pending;

		DL_DELETE(e->pending, f);
		rc = settle(e, f);
	}
	return rc;
}

/* It will be folded into one that has its stacks, or is to have them. */
static bool repeats(const struct engine *e, const struct finding *f)
{
	const struct finding *old;

	DL_FOREACH (e->findings, old)
		if (same_cause(old, f))
			return true;
	DL_FOREACH (e->pending, old)
		if (same_cause(old, f))
			return true;
	return false;
}

int finding_raise(struct finding *f, struct check *c)
{
	struct engine *e = c->e;

	if (!f)
		return -ENOMEM;
	c->judged += !c->judged; /* what is found was judged, whoever counts */
	finding_complete(f, c);
	if (!f->rreq) /* of a connection or a command: by its time */
		f->test = model_test_at(e->m, f->time_ns);
	f->wants_stacks = f->wants_stacks && !repeats(e, f);
	f->settle_ns = check_now(c) + (f->wants_stacks ? STACKS_NS : SETTLE_NS);
	DL_APPEND(e->pending, f);
	if (f->wants_stacks && e->opts.stacks)
		e->opts.stacks(e->opts.ctx, f);
	return 0;
}

static int take_stack(struct engine *e, const struct ev_waiter *ev, const struct request *r)
{
	struct finding *f;
	int rc = 0;

	DL_FOREACH (e->pending, f)
		if (!rc && r && f->wants_stacks && f->rreq == ev->rreq && f->epoch == r->key.epoch)
			rc = finding_add_stack(f, ev);
	return rc;
}

/* ---- listening ---- */

static int run_ticks(struct engine *e)
{
	uint64_t now = model_recording(e->m)->now_ns;
	int rc = 0;

	if (now < e->next_tick)
		return 0;
	for (size_t i = 0; !rc && e->next_tick && i < e->nr; i++)
		if (e->check[i].active && e->check[i].ops->tick)
			rc = e->check[i].ops->tick(&e->check[i], now);
	e->next_tick = now + TICK_NS;
	return rc;
}

static int feed(struct engine *e, const struct seen *ce)
{
	const struct calls *l = calls_of(e, ce);
	int rc = l ? 0 : -ENOMEM;

	if (ce->r)
		track_event(e, ce);
	if (!rc && ce->s)
		rc = places_event(e, ce);
	for (size_t i = 0; !rc && i < l->nr; i++)
		rc = l->check[i]->ops->event(l->check[i], ce);
	return rc;
}

/* A state that no kernel names so: the text was damaged there, or the kernel is newer. It may be the one that is missed. */
static bool is_unknown(const struct seen *ce)
{
	const struct ev_rreq *rreq = (const void *)ce->ev;
	uint8_t kind = ce->ev->kind;

	return ce->name == NAME_UNKNOWN && (kind == EV_SREQ || kind == EV_REF ||
					    (kind == EV_RREQ && rreq->event == EV_RREQ_STATE));
}

static int on_event(void *ctx, const struct seen *ce)
{
	struct engine *e = ctx;
	const struct ev_hdr *ev = ce->ev;
	const struct recording *rec = model_recording(e->m);
	int rc = 0;

	if (rec->late != e->late) {
		e->late = rec->late;
		note_gap(e, ev->ts, rec->now_ns);
	}
	if (rec->imported && is_unknown(ce))
		note_gap(e, ev->ts, ev->ts);
	if (pace_concerns(ce))
		pace_event(&e->pace, ev, ce->r);
	if (ev->kind == EV_PROBE || ev->kind == EV_ENUM)
		e->looked = false;
	if (event_counts(ev) || ev->kind == EV_FAULT) {
		if (!e->looked) {
			needs_look(e);
			calls_forget(e);
		}
		rc = feed(e, ce);
	} else if (ev->kind == EV_WAITER) {
		rc = take_stack(e, (const void *)ev, ce->r);
	}
	if (!rc)
		rc = run_ticks(e);
	if (rc || !e->pending || e->pending->settle_ns > rec->now_ns)
		return rc;
	return settle_until(e, rec->now_ns);
}

static void forget_state(struct check *c, const struct request *r, const struct subrequest *s,
			 void (*forget)(struct check *c, void *state))
{
	void *state = forget ? state_find(c, r, s) : NULL;

	if (state)
		forget(c, state);
}

static void forget_request(struct engine *e, const struct request *r)
{
	for (size_t i = 0; i < e->nr; i++) {
		struct check *c = &e->check[i];

		if (c->ops->request_state)
			forget_state(c, r, NULL, c->ops->forget_request);
		if (!c->ops->forget_subrequest)
			continue;
		for_each_subrequest (r, s)
			forget_state(c, r, s, c->ops->forget_subrequest);
	}
}

static int on_request(void *ctx, const struct request *r)
{
	struct engine *e = ctx;
	int rc = 0;

	for (size_t i = 0; !rc && i < e->nr; i++)
		if (e->check[i].active && e->check[i].ops->request)
			rc = e->check[i].ops->request(&e->check[i], r);
	forget_request(e, r);
	return rc;
}

static int on_command(void *ctx, const struct command *cmd)
{
	struct engine *e = ctx;
	int rc = 0;

	for (size_t i = 0; !rc && i < e->nr; i++)
		if (e->check[i].active && e->check[i].ops->command)
			rc = e->check[i].ops->command(&e->check[i], cmd);
	return rc;
}

static int on_lost(void *ctx, const struct ev_lost *l)
{
	struct engine *e = ctx;

	if (!matters(e, l))
		return 0;
	note_gap(e, l->from, l->to);
	/* whose finding it would doubt, its silence is doubtful too */
	for (size_t i = 0; i < e->nr; i++) {
		e->check[i].lost += l->count;
		e->check[i].lost_at_least |= lost_is_least(l);
	}
	return 0;
}

static int on_parked(void *ctx, const struct parked *p)
{
	note_gap(ctx, p->from, p->to);
	return 0;
}

/* ---- life ---- */

static bool named_in(const char *list, const char *id)
{
	size_t len = strlen(id);

	for (const char *s = list; *s; s += strcspn(s, ",")) {
		s += *s == ',';
		if (!strncmp(s, id, len) && (s[len] == ',' || !s[len]))
			return true;
	}
	return false;
}

static bool all_known(const char *list)
{
	for (const char *s = list; *s; s += strcspn(s, ",")) {
		char id[32];

		s += *s == ',';
		snprintf(id, sizeof(id), "%.*s", (int)strcspn(s, ","), s);
		if (!check_find(id))
			return false;
	}
	return *list;
}

/* Where this state begins; *room grows by it. */
static size_t place(size_t *room, size_t state)
{
	size_t at = *room;

	*room += state ? sizeof(struct state) + ((state + 7) & ~7UL) : 0;
	return at;
}

static int add_check(struct engine *e, struct check *c, const struct check_ops *ops,
		     struct model_room *room)
{
	c->ops = ops;
	c->e = e;
	c->wanted = !e->opts.only || named_in(e->opts.only, ops->id);
	c->state = calloc(1, ops->state_size ? ops->state_size : 1);
	if (!c->state)
		return -ENOMEM;
	c->at.request = place(&room->request.zeroed, ops->request_state);
	c->at.subrequest = place(&room->subrequest.zeroed, ops->subrequest_state);
	if (ops->init)
		ops->init(c);
	return 0;
}

static int add_checks(struct engine *e)
{
	const size_t raw = sizeof(struct track_events);
	struct model_room room = { { sizeof(struct track), raw }, { sizeof(struct track), raw } };
	int rc = 0;

	while (checks[e->nr])
		e->nr++;
	e->check = calloc(e->nr, sizeof(*e->check));
	if (!e->check)
		return -ENOMEM;
	for (size_t i = 0; !rc && i < e->nr; i++)
		rc = add_check(e, &e->check[i], checks[i], &room);
	e->events = (struct room_at){ room.request.zeroed, room.subrequest.zeroed };
	if (!rc)
		rc = model_reserve(e->m, &room);
	e->has_room = !rc;
	return rc;
}

int engine_new(struct engine **ret_e, struct model *m, const struct engine_options *opts)
{
	__free(engine_freep) struct engine *e = NULL;
	int rc;

	if (opts && opts->only && !all_known(opts->only))
		return -EINVAL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->m = m;
	if (opts)
		e->opts = *opts;
	e->places.size = sizeof(struct places);
	e->listener = (struct model_listener){ .event = on_event,
					       .request = on_request,
					       .command = on_command,
					       .lost = on_lost,
					       .parked = on_parked,
					       .ctx = e };
	rc = add_checks(e);
	if (rc)
		return rc;
	*ret_e = TAKE(e);
	return 0;
}

static void free_findings(struct finding *list)
{
	struct finding *f, *next;

	DL_FOREACH_SAFE (list, f, next)
		finding_free(f);
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	for (const struct request *r = e->has_room ? model_requests(e->m) : NULL; r; r = r->hh.next)
		forget_request(e, r);
	for (size_t i = 0; e->check && i < e->nr; i++) {
		struct check *c = &e->check[i];

		if (c->state && c->ops->free)
			c->ops->free(c);
		free(c->state);
	}
	free(e->check);
	free_findings(e->pending);
	free_findings(e->findings);
	calls_forget(e);
	table_clear(&e->places);
	free(e);
}

const struct model_listener *engine_listener(struct engine *e)
{
	return &e->listener;
}

int engine_finish(struct engine *e)
{
	int rc = 0;

	if (!e->looked)
		needs_look(e);
	for (size_t i = 0; !rc && i < e->nr; i++)
		if (e->check[i].active && e->check[i].ops->finish)
			rc = e->check[i].ops->finish(&e->check[i]);
	needs_finish(e);
	if (rc)
		return rc;
	return settle_until(e, UINT64_MAX);
}

const struct finding *engine_findings(const struct engine *e)
{
	return e->findings;
}

const struct check *engine_checks(const struct engine *e, size_t *ret_n)
{
	*ret_n = e->nr;
	return e->check;
}

uint64_t engine_dropped(const struct engine *e)
{
	return e->dropped;
}
