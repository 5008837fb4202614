// SPDX-License-Identifier: GPL-2.0-only
/* Tasks that wait, locks that are used wrongly, work items that take too long. */
#include <inttypes.h>
#include <string.h>

#include "oops/explain.h"

/* ---- waits ---- */

static void say_wait(struct oops_meaning *m, const struct oops_wait *w, const char *who)
{
	if (w->command)
		explain_say(m, "%s waits for the answer to %s (%s).", who, w->command, w->function);
	else if (w->lock)
		explain_say(m, "%s waits for %s, which %s() takes.", who, w->lock, w->function);
	else
		explain_say(m, "%s waits for %s (%s).", who, w->what, w->function);
	if (w->look)
		explain_say(m, "%s", w->look);
	for (size_t i = 0; i < w->nr_held; i++)
		explain_say(m, "It holds %s: %s() takes it before it gets there.", w->held[i],
			    w->holder[i]);
}

static bool has_stack(const struct oops *o, enum oops_stack stack)
{
	for (size_t i = 0; i < o->nr_entries; i++)
		if (o->entry[i].stack == stack)
			return true;
	return false;
}

static void say_blocker(const struct oops *o, struct oops_meaning *m)
{
	struct oops_wait w;
	char who[160];

	if (!*o->blocker)
		return;
	snprintf(who, sizeof(who),
		 o->blocker_held_last
			 ? "%.60s, pid %" PRIu32 ", which held it last as far as the kernel knows,"
			 : "%.60s, pid %" PRIu32 ", which the kernel takes for the owner,",
		 o->blocker, o->blocker_pid);
	oops_find_wait(o, STACK_BLOCKER, &w);
	if (w.what)
		say_wait(m, &w, who);
	else if (has_stack(o, STACK_BLOCKER))
		explain_say(m, "%s waits for nothing that this tool knows.", who);
	else
		explain_say(m,
			    "%s has no stack here: if it hangs, too, it has a report of its own.",
			    who);
}

/* What is only in the stacks of those that ran: of a fault, a warning, dump_stack(). */
static bool was_running(const struct oops *o)
{
	static const char *const signs[] = {
		"__die",	  "die",	   "oops_end",	       "page_fault_oops",
		"exc_page_fault", "do_page_fault", "exc_invalid_op",   "exc_general_protection",
		"do_mem_abort",	  "el1_abort",	   "die_kernel_fault", "do_trap",
		"__warn",	  "report_bug",	   "dump_stack",       "dump_stack_lvl",
		"__crash_kexec"
	};

	if (*o->at.symbol)
		return !oops_is_machinery(o->at.symbol);
	for (size_t i = 0; i < o->nr_entries; i++)
		for (size_t k = 0; k < ARRAY_SIZE(signs); k++)
			if (!strcmp(o->entry[i].at.symbol, signs[k]))
				return true;
	return false;
}

bool explain_hung(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *ours = explain_first_ours(o, STACK_CALL);
	struct oops_wait w;

	if ((o->kind != OOPS_HUNG_TASK && o->kind != OOPS_STACK) ||
	    (o->kind == OOPS_STACK && was_running(o)) ||
	    (!ours && !explain_first_ours(o, STACK_BLOCKER)))
		return false;
	oops_find_wait(o, STACK_CALL, &w);
	if (!w.what && o->kind == OOPS_STACK)
		return false;
	if (w.idle)
		explain_name(m, "idle", "a thread of cifs that waits for work");
	else if (ours)
		explain_name(m, "stuck", "a task waits in netfs or cifs");
	else
		explain_name(m, "stuck", "a task waits for one that is in netfs or cifs");
	if (w.what)
		say_wait(m, &w, "It");
	else if (ours)
		explain_say(m, "It is blocked below %s, in a wait that this tool does not know.",
			    ours->at.symbol);
	explain_neighbours(o, m);
	say_blocker(o, m);
	return true;
}

/* ---- locks ---- */

/* "...{+.+.}-{3:3}, at: func+0x1/0x2 [cifs]", in any line of it */
static bool names_ours(const char *text)
{
	struct sym_ref ref;
	const char *end;

	for (const char *p = text; (p = strstr(p, " at: ")) != NULL;) {
		p += 5;
		if (!sym_ref_parse(p, &ref, &end) && oops_is_ours(&ref))
			return true;
	}
	return false;
}

static const struct {
	const char *in_title, *id, *title;
} lock_rules[] = {
	{ "suspicious RCU usage", "lock-use", "data that RCU protects were used without it" },
	{ "bad unlock balance", "lock-use", "a lock was released that the task does not hold" },
	{ "held lock freed", "lock-use", "memory was freed with a lock in it that is held" },
	{ "lock held when returning", "lock-use", "a lock is still held on the way to user space" },
	{ "still has locks held", "lock-use", "a lock is still held where none may be" },
	{ "inconsistent lock state", "lock-order",
	  "a lock is also taken in an interrupt, which can deadlock: netfs or cifs is in a stack of it" },
	{ "recursive locking", "lock-order",
	  "a lock is taken while one of its class is held: netfs or cifs is in a stack of it" },
	{ "nvalid wait context", "lock-use", "a lock that may sleep is taken where nothing may" },
	{ "Nested lock was not taken", "lock-use", "a lock is taken without the one it needs" },
};

static void name_rule(const struct oops *o, struct oops_meaning *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(lock_rules); i++)
		if (strstr(o->title, lock_rules[i].in_title)) {
			explain_name(m, lock_rules[i].id, lock_rules[i].title);
			return;
		}
	explain_name(
		m, "lock-order",
		"locks are taken in an order that can deadlock: netfs or cifs is in a stack of it");
}

bool explain_lockdep(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_LOCKDEP ||
	    (!explain_first_ours(o, STACK_CALL) && !explain_first_ours(o, STACK_CHAIN) &&
	     !oops_place_is_ours(o) && !names_ours(o->lock_wanted) && !names_ours(o->lock_held) &&
	     !names_ours(o->scenario)))
		return false;
	name_rule(o, m);
	if (*o->lock_wanted)
		explain_say(m, "Wanted: %s", o->lock_wanted);
	if (*o->lock_held)
		explain_say(m, "Held: %s", o->lock_held);
	if (*o->scenario)
		explain_say(m, "%s", o->scenario);
	return true;
}

/* The innermost function of a section that is no machinery; NULL: it has none. */
static const struct oops_entry *innermost(const struct oops *o, size_t section)
{
	for (size_t i = 0; i < o->nr_entries; i++) {
		const struct oops_entry *e = &o->entry[i];

		if (e->section == section && *e->at.symbol && !oops_is_machinery(e->at.symbol))
			return e;
	}
	return NULL;
}

/* KCSAN saw only one of the two: the other was no task's, or not compiled to be seen. */
static bool is_one_sided(const struct oops *o)
{
	return o->nr_sections && !strncmp(o->section[0].label, "race at unknown origin", 22);
}

bool explain_race(const struct oops *o, struct oops_meaning *m)
{
	if (o->kind != OOPS_KCSAN ||
	    (!oops_place_is_ours(o) && !explain_first_ours(o, STACK_CALL) &&
	     !explain_first_ours(o, STACK_OTHER)))
		return false;
	explain_name(
		m, "data-race",
		is_one_sided(o)
			? "memory changed while a task used it, and what changed it was not seen"
			: "two tasks touched the same memory at once, and no lock orders them");
	for (size_t i = 0; i < o->nr_sections; i++) {
		const struct oops_entry *e = innermost(o, i);

		if (e && *o->section[i].label)
			explain_say(m, "%s: %s", e->at.symbol, o->section[i].label);
	}
	explain_say(m,
		    is_one_sided(o)
			    ? "Whether that does harm depends on what the memory means."
			    : "Whether that does harm depends on what the memory means to both.");
	return true;
}

/* ---- work items ---- */

static bool is_work_of_ours(const char *work, struct sym_ref *ref)
{
	size_t n = strcspn(work, " ");

	*ref = (struct sym_ref){};
	if (n >= sizeof(ref->symbol))
		return false;
	memcpy(ref->symbol, work, n);
	return oops_is_ours(ref) || strstr(work, "[cifs]") || strstr(work, "[netfs]");
}

bool explain_hog(const struct oops *o, struct oops_meaning *m)
{
	struct sym_ref ref;

	if (o->kind != OOPS_WORKQUEUE || !strstr(o->title, "hogged CPU") ||
	    !is_work_of_ours(o->workqueue, &ref))
		return false;
	explain_name(m, "slow-work", "a work item of netfs or cifs kept its CPU for long");
	explain_say(
		m,
		"%s() ran longer than the workqueue tolerates: this costs latency, but is not a fault.",
		ref.symbol);
	return true;
}

/* "BUG: workqueue lockup - pool ...": o->detail has what of ours runs or waits in it. */
bool explain_pool(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *e = explain_first_ours(o, STACK_CALL);

	if (o->kind != OOPS_WORKQUEUE || strstr(o->title, "hogged CPU") || (!e && !*o->detail))
		return false;
	explain_name(m, "stuck-work",
		     "a pool of workers does not get on, and netfs or cifs is in it");
	if (*o->detail)
		explain_say(m, "%s", o->detail);
	if (e)
		explain_say(m, "A running worker is in %s.", e->at.symbol);
	explain_say(
		m,
		"Work items behind one that does not end, or that keeps the CPU, are not begun: answers, reconnects and writeback may wait for it.");
	return true;
}
