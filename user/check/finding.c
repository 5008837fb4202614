// SPDX-License-Identifier: GPL-2.0-only
/* Putting a finding together. */
#include <errno.h>
#include <string.h>

#include "check/engine.h"

struct finding *finding_new(struct check *c, const char *kind, uint64_t from, uint64_t ts)
{
	struct finding *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->check = c->ops;
	f->kind = kind;
	f->from_ns = from < ts ? from : ts;
	f->time_ns = f->last_ns = ts;
	f->count = 1;
	return f;
}

void finding_free(struct finding *f)
{
	while (f && f->stacks) {
		struct finding_stack *s = f->stacks;

		f->stacks = s->next;
		free(s);
	}
	if (f)
		free(f->path);
	free(f);
}

int finding_add_stack(struct finding *f, const struct ev_waiter *ev)
{
	struct finding_stack **at = &f->stacks, *s;

	if (f->nr_stacks == MAX_STACKS)
		return 0;
	s = malloc(offsetof(struct finding_stack, ev) + ev->hdr.size);
	if (!s)
		return -ENOMEM;
	s->next = NULL;
	memcpy(&s->ev, ev, ev->hdr.size);
	while (*at)
		at = &(*at)->next;
	*at = s;
	f->nr_stacks++;
	return 0;
}

static void copy(char *dst, size_t room, const char *src)
{
	snprintf(dst, room, "%s", src ? src : "");
}

void finding_file(struct finding *f, struct check *c, const struct request *r)
{
	const struct mount *mnt = model_mount(check_model(c), r->dev);

	f->test = r->test;
	f->dev = r->dev;
	f->ino = r->ino;
	free(f->path);
	f->path = r->path ? strdup(r->path) : NULL; /* without memory: not known */
	copy(f->fs, sizeof(f->fs), r->fs);
	copy(f->mount, sizeof(f->mount), mnt ? mnt->point : NULL);
	if (f->tid)
		return;
	f->tid = r->tid;
	f->tgid = r->tgid;
	copy(f->comm, sizeof(f->comm), r->comm);
}

static void take_request(struct finding *f, struct check *c, const struct request *r, uint32_t sreq)
{
	f->epoch = r->key.epoch;
	f->rreq = r->key.rreq;
	f->synth = r->key.synth;
	f->sreq = sreq;
	finding_file(f, c, r);
	for_each_subrequest (r, s)
		if (s->index == sreq && s->conn) {
			f->conn = s->conn;
			f->mid = s->mid;
			f->has_mid = s->mid != 0;
		}
	finding_evidence(f, c, r, sreq);
}

void finding_request(struct finding *f, struct check *c, const struct request *r, uint32_t sreq)
{
	if (!f)
		return;
	take_request(f, c, r, sreq);
	/* its begin may be what was lost */
	if (r->first_ns < f->from_ns || r->partial)
		f->from_ns = r->partial ? 0 : r->first_ns;
	if (r->lost || request_jumps(r))
		finding_doubt(f, request_jumps(r) ? "events of this request are missing: its "
						    "reference count jumps"
						  : "records of this request were lost");
}

void finding_subrequest(struct finding *f, struct check *c, const struct request *r,
			const struct subrequest *s)
{
	if (!f)
		return;
	take_request(f, c, r, s->index);
	if (s->first_ns < f->from_ns || r->partial)
		f->from_ns = r->partial ? 0 : s->first_ns;
	if (request_jumps(r))
		finding_doubt(f, "events of this request are missing: its reference count jumps");
}

void finding_conn(struct finding *f, uint64_t conn)
{
	if (f)
		f->conn = conn;
}

void finding_mid(struct finding *f, uint64_t conn, uint64_t mid)
{
	if (!f)
		return;
	f->conn = conn;
	f->mid = mid;
	f->has_mid = true;
}

void finding_inode(struct finding *f, const struct check *c, const struct ev_wb_err *ev)
{
	const struct mount *mnt = model_mount(check_model(c), ev->dev);
	const char *path;

	if (!f)
		return;
	f->dev = ev->dev;
	f->ino = ev->ino;
	path = model_path(check_model(c), ev->dev, ev->ino);
	f->path = path ? strdup(path) : NULL; /* without memory: not known */
	copy(f->fs, sizeof(f->fs), ev->fs);
	copy(f->mount, sizeof(f->mount), mnt ? mnt->point : NULL);
}

void finding_task(struct finding *f, const struct check *c, uint32_t tid)
{
	const struct task *t = model_task(check_model(c), tid);

	if (!f)
		return;
	f->tid = tid;
	f->tgid = t ? t->tgid : 0;
	copy(f->comm, sizeof(f->comm), t ? t->comm : NULL);
}

void finding_place(struct finding *f, const struct check *c, uint64_t addr)
{
	if (!f)
		return;
	f->place_addr = addr;
	copy(f->place, sizeof(f->place), model_symbol(check_model(c), addr));
}

void finding_doubt(struct finding *f, const char *doubt)
{
	if (!f)
		return;
	f->verdict = VERDICT_INCONCLUSIVE;
	if (!f->doubt)
		f->doubt = doubt;
}

void finding_note(struct finding *f)
{
	if (f && f->verdict == VERDICT_VIOLATION)
		f->verdict = VERDICT_NOTE;
}

void finding_bytes(struct finding *f, uint64_t lost)
{
	if (f)
		f->bytes = lost;
}

#define FILL(field, fmt)                                         \
	do {                                                     \
		va_list ap_;                                     \
		if (!f)                                          \
			return;                                  \
		va_start(ap_, fmt);                              \
		vsnprintf(f->field, sizeof(f->field), fmt, ap_); \
		va_end(ap_);                                     \
	} while (0)

void finding_expected(struct finding *f, const char *fmt, ...)
{
	FILL(expected, fmt);
}

void finding_observed(struct finding *f, const char *fmt, ...)
{
	FILL(observed, fmt);
}

void finding_explain(struct finding *f, const char *fmt, ...)
{
	FILL(explanation, fmt);
}

/* Later ones push out the one before the last: the first and the latest say most. */
static struct mark *new_mark(struct finding *f)
{
	if (f->nr_evidence < MAX_EVIDENCE)
		return &f->evidence[f->nr_evidence++];
	memmove(&f->evidence[1], &f->evidence[2], (MAX_EVIDENCE - 2) * sizeof(f->evidence[0]));
	return &f->evidence[MAX_EVIDENCE - 1];
}

void finding_event(struct finding *f, struct check *c, const struct ev_hdr *ev)
{
	struct mark mark;

	if (!f)
		return;
	for (unsigned int i = 0; i < f->nr_evidence; i++)
		if (f->evidence[i].ts == ev->ts && f->evidence[i].tid == ev->tid)
			return;
	if (mark_event(&mark, check_model(c), ev))
		*new_mark(f) = mark;
}

static void add_step(struct finding *f, struct check *c, const struct request *r,
		     const struct subrequest *s)
{
	struct last_step *step = &f->step[f->nr_steps < MAX_STEPS ? f->nr_steps : 0];

	if (f->nr_steps++ >= MAX_STEPS)
		return;
	*step = (struct last_step){ .sreq = s->index, .waits = subrequest_waits(s) };
	finding_last_event(c, r, s, &step->mark);
}

void finding_hang(struct finding *f, struct check *c, const struct request *r)
{
	if (!f)
		return;
	f->wants_stacks = true;
	for_each_subrequest (r, s)
		if (!s->freed)
			add_step(f, c, r, s);
}
