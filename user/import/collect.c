// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "import/collect.h"
#include "tracepoints/probes.h"

#define MAX_VALUE    255       /* the kernel's trace enums are bytes */
#define FTRACE_PROBE PROBE_MAX /* stands for ftrace's buffer: losses are its */

struct enumerator {
	struct enumerator *next;
	const char *type; /* static */
	int64_t value;
	char text[];
};

struct thread {
	uint32_t tid;
	struct ev_task task;
	UT_hash_handle hh;
};

struct span {
	uint64_t from, to, count;
	uint16_t cpu;
};

struct meta {
	struct meta *next;
	char *key, *value;
};

struct collect {
	FILE *spool;
	struct enumerator *enums, **enums_tail;
	struct thread *threads;
	struct meta *metas, **metas_tail;
	struct span *spans;
	size_t nr_spans, room;
	bool on[PROBE_MAX];
	uint64_t events, first, last;
	uint64_t spooled; /* records */
	uint64_t leading; /* of them: before the first with a time */
	uint64_t starts;  /* ns, when that one was */
};

static const struct {
	const char *name, *target, *without;
	bool tracepoint;
} defs[PROBE_MAX] = {
#define TP	   true
#define FENTRY	   false
#define FEXIT	   false
#define FUNCTION   false
#define CALLSITE   false
#define BREAKPOINT false
#define PROBE(program, how, target, module, group, without) \
	[P_##program] = { #program, #target, without, how },
#include "tracepoints/probes.def"
#undef PROBE
};

int collect_new(struct collect **ret_c)
{
	__free(collect_freep) struct collect *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->enums_tail = &c->enums;
	c->metas_tail = &c->metas;
	c->spool = tmpfile();
	if (!c->spool)
		return -errno;
	*ret_c = TAKE(c);
	return 0;
}

void collect_free(struct collect *c)
{
	struct thread *t, *t2;

	if (!c)
		return;
	while (c->enums) {
		struct enumerator *e = c->enums;

		c->enums = e->next;
		free(e);
	}
	while (c->metas) {
		struct meta *m = c->metas;

		c->metas = m->next;
		free(m->key);
		free(m->value);
		free(m);
	}
	HASH_ITER (hh, c->threads, t, t2) {
		HASH_DEL(c->threads, t);
		free(t);
	}
	free(c->spans);
	if (c->spool)
		fclose(c->spool);
	free(c);
}

int collect_enum(struct collect *c, const char *type, int64_t value, const char *text)
{
	struct enumerator *e = calloc(1, sizeof(*e) + strlen(text) + 1);

	if (!e)
		return -ENOMEM;
	e->type = type;
	e->value = value;
	strcpy(e->text, text);
	*c->enums_tail = e;
	c->enums_tail = &e->next;
	return 0;
}

int collect_intern(struct collect *c, const char *type, const char *text, uint8_t *ret_value)
{
	unsigned int n = 0;

	for (const struct enumerator *e = c->enums; e; e = e->next) {
		if (strcmp(e->type, type))
			continue;
		n++;
		*ret_value = e->value;
		if (!strcmp(e->text, text))
			return 0;
	}
	if (n > MAX_VALUE)
		return 0;
	*ret_value = n;
	return collect_enum(c, type, n, text);
}

bool collect_has_text(const struct collect *c, const char *type, const char *text)
{
	for (const struct enumerator *e = c->enums; e; e = e->next)
		if (!strcmp(e->type, type) && !strcmp(e->text, text))
			return true;
	return false;
}

void collect_probe(struct collect *c, uint16_t probe)
{
	if (probe < PROBE_MAX)
		c->on[probe] = true;
}

void collect_all_probes(struct collect *c)
{
	for (uint16_t id = 1; id < PROBE_MAX; id++)
		c->on[id] = c->on[id] || defs[id].tracepoint;
}

bool collect_has_probe(const struct collect *c, uint16_t probe)
{
	return probe < PROBE_MAX && c->on[probe];
}

static int spool(struct collect *c, const struct ev_hdr *ev)
{
	errno = 0;
	c->spooled++;
	if (fwrite(ev, ev->size, 1, c->spool) == 1)
		return 0;
	return errno ? -errno : -EIO;
}

int collect_task(struct collect *c, const struct ev_hdr *who, const char *comm)
{
	struct ev_task now = { .hdr = *who };
	struct thread *t;

	HASH_FIND(hh, c->threads, &who->tid, sizeof(who->tid), t);
	if (!comm && t)
		return 0;
	snprintf(now.comm, sizeof(now.comm), "%s", comm ? comm : "<...>");
	if (t && !strcmp(t->task.comm, now.comm) && t->task.hdr.tgid == who->tgid)
		return 0;
	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t)
			return -ENOMEM;
		t->tid = who->tid;
		if (hash_add(hh, c->threads, tid, sizeof(t->tid), t)) {
			free(t);
			return -ENOMEM;
		}
	}
	now.hdr.size = sizeof(now);
	now.hdr.kind = EV_TASK;
	now.hdr.flags = 0;
	now.hdr.probe = PROBE_NONE;
	t->task = now;
	return spool(c, &now.hdr);
}

int collect_event(struct collect *c, const struct ev_hdr *ev)
{
	if (!c->events++ || ev->ts < c->first)
		c->first = ev->ts;
	if (ev->ts > c->last)
		c->last = ev->ts;
	collect_probe(c, ev->probe);
	return spool(c, ev);
}

void collect_starts(struct collect *c, uint64_t ts)
{
	c->leading = c->spooled;
	c->first = c->last = c->starts = ts;
	for (size_t i = 0; i < c->nr_spans; i++)
		c->spans[i].from = c->spans[i].to = ts;
}

uint64_t collect_events(const struct collect *c, uint64_t *ret_first, uint64_t *ret_last)
{
	*ret_first = c->first;
	*ret_last = c->last;
	return c->events;
}

int collect_lost(struct collect *c, uint16_t cpu, uint64_t count, uint64_t from, uint64_t to)
{
	if (c->nr_spans == c->room) {
		size_t room = c->room ? 2 * c->room : 64;
		struct span *more = reallocarray(c->spans, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		c->spans = more;
		c->room = room;
	}
	c->spans[c->nr_spans++] = (struct span){
		.from = from < to ? from : to, /* clocks may step back */
		.to = from < to ? to : from,
		.count = count,
		.cpu = cpu,
	};
	return 0;
}

int collect_meta(struct collect *c, const char *key, const char *value)
{
	struct meta *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	*c->metas_tail = m;
	c->metas_tail = &m->next;
	m->key = strdup(key);
	m->value = strdup(value);
	return m->key && m->value ? 0 : -ENOMEM;
}

int collect_flush(struct collect *c)
{
	return fflush(c->spool) ? -errno : 0;
}

/* ---- writing ---- */

static int write_probe(const struct collect *c, uint32_t id, const char *off,
		       const struct record_sink *to)
{
	__autofree struct draft *d = draft_make(EV_PROBE, sizeof(struct ev_probe_rec), c->first);
	bool buffer = id == FTRACE_PROBE;
	bool on = buffer || c->on[id];

	if (!d)
		return -ENOMEM;
	d->probe.id = id;
	d->probe.state = on ? EV_PROBE_ON : EV_PROBE_OFF;
	draft_string(d, buffer ? "ftrace" : defs[id].name);
	draft_string(d, on ? "ftrace" : "none");
	draft_string(d, buffer ? "ftrace" : defs[id].target);
	draft_string(d, on ? ""
			: defs[id].tracepoint
				? off
				: "imported from ftrace, which has events of tracepoints only");
	draft_string(d, buffer ? "" : defs[id].without);
	return draft_emit(d, to);
}

static int write_head(const struct collect *c, const char *off, const struct record_sink *to)
{
	int rc = record_kinds(to, c->first);

	for (const struct meta *m = c->metas; m && !rc; m = m->next)
		rc = record_meta(to, c->first, m->key, m->value);
	for (uint32_t id = 1; !rc && id <= FTRACE_PROBE; id++)
		rc = write_probe(c, id, off, to);
	for (const struct enumerator *e = c->enums; e && !rc; e = e->next) {
		char text[128];

		snprintf(text, sizeof(text), "=%s", e->text);
		rc = record_enum(to, c->first, e->type, e->value, text);
	}
	return rc;
}

static int write_span(const struct collect *c, const struct span *s, const struct record_sink *to)
{
	struct ev_lost e = {
		.hdr = { .size = sizeof(e), .kind = EV_LOST, .probe = FTRACE_PROBE, .cpu = s->cpu },
		.count = s->count,
		.from = s->from,
		.to = s->to
	};

	e.hdr.ts = s->from < c->first ? c->first : s->from;
	return to->add(to->ctx, &e.hdr);
}

/* How much it was in all: the views tell a buffer that was read from one that never was. */
static int write_hits(const struct collect *c, const struct record_sink *to)
{
	struct ev_hits h = {
		.hdr = { .size = sizeof(h), .kind = EV_HITS, .probe = FTRACE_PROBE, .ts = c->last },
		.hits = c->events,
		.missed = UINT64_MAX
	};

	for (size_t i = 0; i < c->nr_spans; i++)
		h.lost += c->spans[i].count;
	return to->add(to->ctx, &h.hdr);
}

static int by_time(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

int collect_write(struct collect *c, const char *off, const struct record_sink *to)
{
	union {
		struct ev_hdr hdr;
		unsigned char bytes[256];
	} ev;
	size_t next = 0, nr = 0;
	int rc = write_head(c, off, to);

	if (c->nr_spans)
		qsort(c->spans, c->nr_spans, sizeof(*c->spans), by_time);
	rewind(c->spool);
	while (!rc && fread(&ev.hdr, sizeof(ev.hdr), 1, c->spool) == 1) {
		if (ev.hdr.size > sizeof(ev) ||
		    fread(ev.bytes + sizeof(ev.hdr), ev.hdr.size - sizeof(ev.hdr), 1, c->spool) !=
			    1)
			return -EIO;
		if (nr++ < c->leading)
			ev.hdr.ts = c->starts;
		while (!rc && next < c->nr_spans && c->spans[next].from <= ev.hdr.ts)
			rc = write_span(c, &c->spans[next++], to);
		if (!rc)
			rc = to->add(to->ctx, &ev.hdr);
	}
	while (!rc && next < c->nr_spans)
		rc = write_span(c, &c->spans[next++], to);
	if (rc)
		return rc;
	return ferror(c->spool) ? -EIO : write_hits(c, to);
}
