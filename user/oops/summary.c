// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "base/fnv.h"
#include "oops/parse.h"
#include "oops/summary.h"

/*
 * Of the source line and the functions of the call trace, which reports of one cause share. Without such a
 * trace the first line has to tell them apart, unless it differs in the time that a task hangs.
 */
static uint64_t cause_digest(const struct oops *o)
{
	uint64_t h = fnv(FNV_START, o->file, strlen(o->file));
	bool has_trace = false;

	h = fnv(h, &o->line, sizeof(o->line));
	for (size_t i = 0; i < o->nr_entries; i++)
		if (o->entry[i].stack == STACK_CALL && o->entry[i].reliable) {
			h = fnv(h, o->entry[i].at.symbol, strlen(o->entry[i].at.symbol));
			has_trace = true;
		}
	return has_trace || o->seconds ? h : fnv(h, o->title, strlen(o->title));
}

static bool is_same(const struct oops_group *g, const struct oops *o, uint64_t is)
{
	return g->kind == o->kind && g->pid == o->pid && g->digest == is &&
	       !strcmp(g->comm, o->comm) && !strcmp(g->at, o->at.symbol);
}

static bool waits(const struct oops *o)
{
	return o->kind == OOPS_HUNG_TASK || o->kind == OOPS_STACK;
}

static void copy(char *to, size_t room, const char *from)
{
	copy_text(to, room, from ? from : "", from ? strlen(from) : 0);
}

static void take_wait(struct oops_group *g, const struct oops *o)
{
	struct oops_wait w;

	oops_find_wait(o, STACK_CALL, &w);
	g->what = w.what;
	g->lock = w.lock;
	g->command = w.command;
	copy(g->function, sizeof(g->function), w.function);
	g->nr_held = w.nr_held;
	for (size_t i = 0; i < w.nr_held; i++) {
		g->held[i] = w.held[i];
		copy(g->holder[i], sizeof(g->holder[i]), w.holder[i]);
	}
	copy(g->blocker, sizeof(g->blocker), o->blocker);
	g->blocker_pid = o->blocker_pid;
	g->blocker_held_last = o->blocker_held_last;
}

/* With no first line to tell why it was printed, and nothing of ours in it. */
static bool is_nobodys(const struct oops *o)
{
	struct oops_meaning m;

	if (o->kind != OOPS_STACK)
		return false;
	oops_explain(o, &m);
	return !strcmp(m.id, "unknown");
}

bool oops_summary_is_aside(const struct oops_summary *s, const struct oops *o)
{
	return s->aside > 1 && is_nobodys(o);
}

struct oops_group *oops_summary_add(struct oops_summary *s, const struct oops *o)
{
	uint64_t is = cause_digest(o);
	struct oops_meaning meaning;
	struct oops_group *g;

	s->reports++;
	if (is_nobodys(o)) {
		s->aside++;
		return NULL;
	}
	for (size_t i = 0; i < s->nr; i++)
		if (is_same(&s->group[i], o, is)) {
			s->group[i].count++;
			copy(s->group[i].last, sizeof(s->group[i].last), o->when);
			return &s->group[i];
		}
	if (s->nr == OOPS_MAX_GROUPS) {
		s->more++;
		return NULL;
	}
	g = &s->group[s->nr++];
	oops_explain(o, &meaning);
	*g = (struct oops_group){ .kind = o->kind,
				  .pid = o->pid,
				  .digest = is,
				  .count = 1,
				  .first_line = o->first_line };
	copy(g->title, sizeof(g->title), o->title);
	copy(g->comm, sizeof(g->comm), o->comm);
	copy(g->first, sizeof(g->first), o->when);
	copy(g->at, sizeof(g->at), o->at.symbol);
	copy(g->meaning, sizeof(g->meaning), meaning.id);
	if (waits(o) && !o->mixed)
		take_wait(g, o);
	return g;
}

const struct oops_group *oops_summary_of(const struct oops_summary *s, const struct oops *o)
{
	uint64_t is = cause_digest(o);

	for (size_t i = 0; i < s->nr; i++)
		if (is_same(&s->group[i], o, is))
			return &s->group[i];
	return NULL;
}

/* ---- who waits for whom ---- */

static bool holds(const struct oops_group *g, const char *lock, size_t *ret)
{
	for (*ret = 0; *ret < g->nr_held; (*ret)++)
		if (!strcmp(g->held[*ret], lock))
			return true;
	return false;
}

__attribute__((format(printf, 3, 4))) static void add(char *to, size_t room, const char *fmt, ...)
{
	size_t n = strlen(to);
	va_list ap;

	va_start(ap, fmt);
	if (n < room)
		vsnprintf(to + n, room - n, fmt, ap);
	va_end(ap);
}

static void add_wait(char *to, size_t room, const struct oops_group *g)
{
	if (g->command)
		add(to, room, "the answer to %s", g->command);
	else
		add(to, room, "%s", g->what ? g->what : "something unknown to this tool");
}

static bool is_first_waiter(const struct oops_summary *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (s->group[k].lock && !strcmp(s->group[k].lock, s->group[i].lock))
			return false;
	return true;
}

static size_t add_waiters(char *to, size_t room, const struct oops_summary *s, const char *lock)
{
	size_t n = 0;

	for (size_t k = 0; k < s->nr; k++)
		if (s->group[k].lock && !strcmp(s->group[k].lock, lock))
			n++;
	add(to, room, n == 1 ? "%zu task waits for %s: " : "%zu tasks wait for %s: ", n, lock);
	n = 0;
	for (size_t k = 0; k < s->nr; k++)
		if (s->group[k].lock && !strcmp(s->group[k].lock, lock))
			add(to, room, "%s%s %" PRIu32, n++ ? ", " : "", s->group[k].comm,
			    s->group[k].pid);
	return n;
}

void oops_summary_chain(const struct oops_summary *s, size_t i, char *ret, size_t room)
{
	const struct oops_group *g = &s->group[i];
	size_t held, found = 0;

	*ret = '\0';
	if (!g->lock || !is_first_waiter(s, i))
		return;
	add_waiters(ret, room, s, g->lock);
	if (*g->blocker)
		add(ret, room, "; the kernel says that %s %" PRIu32 " likely %s", g->blocker,
		    g->blocker_pid, g->blocker_held_last ? "held it last" : "owns it");
	for (size_t k = 0; k < s->nr; k++) {
		const struct oops_group *other = &s->group[k];

		if (!holds(other, g->lock, &held))
			continue;
		add(ret, room, "; %s %" PRIu32 " holds one (%s() takes it) and waits for ",
		    other->comm, other->pid, other->holder[held]);
		add_wait(ret, room, other);
		found++;
	}
	if (!found && !*g->blocker)
		add(ret, room, "; no stack in this log shows who holds it");
}
