// SPDX-License-Identifier: GPL-2.0-only
/* What may sleep, called where nothing may: kernel/sched/core.c says how the task came to be atomic. */
#include <inttypes.h>
#include <string.h>

#include "oops/explain.h"

/* include/linux/preempt.h: how deep each may be nested */
#define PREEMPT_DEPTH 0xffu
#define SOFTIRQ_DEPTH 0xff00u
#define SOFTIRQ_RUNS  0x100u
#define HARDIRQ_DEPTH 0xf0000u
#define NMI_DEPTH     0xf00000u

static bool number_behind(const char *text, const char *word, int base, unsigned long *ret)
{
	const char *at = strstr(text, word);

	if (at)
		*ret = strtoul(at + strlen(word), NULL, base);
	return at;
}

/* "BUG: scheduling while atomic: dd/77/0x00000002": schedule() itself adds 1. False: not told */
static bool count_of(const struct oops *o, unsigned long *ret)
{
	const char *hex = strrchr(o->title, '/');

	if (!strstr(o->title, "scheduling while atomic"))
		return number_behind(o->detail, "preempt_count: ", 16, ret);
	if (!hex || strncmp(hex, "/0x", 3) != 0)
		return false;
	*ret = strtoul(hex + 1, NULL, 16);
	*ret -= (*ret & PREEMPT_DEPTH) != 0;
	return true;
}

/* Ordered: what explains more stands first. */
static const char *why_atomic(const struct oops *o)
{
	unsigned long count = 0, atomic = 0, off = 0, rcu = 0;
	bool counted = count_of(o, &count);

	number_behind(o->detail, "in_atomic(): ", 10, &atomic);
	number_behind(o->detail, "irqs_disabled(): ", 10, &off);
	number_behind(o->detail, "RCU nest depth: ", 10, &rcu);
	if (count & NMI_DEPTH)
		return "is in a non-maskable interrupt";
	if (count & HARDIRQ_DEPTH)
		return "is in an interrupt";
	if (count & SOFTIRQ_RUNS)
		return "is in a softirq";
	if (count & SOFTIRQ_DEPTH)
		return "has softirqs disabled (as spin_lock_bh() does)";
	if (count & PREEMPT_DEPTH)
		return "has preemption disabled (as each spinlock does)";
	if (atomic && !counted)
		return "has preemption disabled (as each spinlock does), or is in an interrupt";
	if (off)
		return "has interrupts disabled (as spin_lock_irqsave() does)";
	return rcu ? "is inside rcu_read_lock()" : "is where nothing may sleep";
}

static void say_places(const struct oops *o, struct oops_meaning *m)
{
	for (size_t i = 0; i < o->nr_entries; i++)
		if (o->entry[i].stack == STACK_OTHER && *o->entry[i].at.symbol)
			explain_say(m, "Preemption was disabled in %s.", o->entry[i].at.symbol);
	if (*o->lock_held)
		explain_say(m, "Locks held: %s", o->lock_held);
}

static bool is_check(const char *symbol)
{
	static const char *const parts[] = { "might_sleep", "might_resched", "might_fault",
					     "cant_sleep" };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(symbol, parts[i]))
			return true;
	symbol += strspn(symbol, "_");
	return !strncmp(symbol, "schedule", 8) || !strncmp(symbol, "io_schedule", 11) ||
	       !strncmp(symbol, "preempt_schedule", 16);
}

/* Who called the check or the scheduler. */
static const struct oops_entry *sleeper(const struct oops *o)
{
	bool checked = false;

	for (size_t i = 0; i < o->nr_entries; i++) {
		const struct oops_entry *e = &o->entry[i];

		if (e->stack != STACK_CALL || !e->reliable || !*e->at.symbol)
			continue;
		if (checked && !is_check(e->at.symbol))
			return e;
		checked |= is_check(e->at.symbol);
	}
	return NULL;
}

bool explain_atomic(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *ours = explain_first_ours(o, STACK_CALL), *e = sleeper(o);

	if (o->kind != OOPS_ATOMIC || !ours || !e)
		return false;
	explain_name(m, "atomic-sleep",
		     "a function that may sleep was called in netfs or cifs where nothing may");
	explain_say(m, "%s may sleep%s%s, but %s %s.", e->at.symbol, e == ours ? "" : " below ",
		    e == ours ? "" : ours->at.symbol, *o->comm ? o->comm : "the task",
		    why_atomic(o));
	say_places(o, m);
	explain_neighbours(o, m);
	return true;
}
