// SPDX-License-Identifier: GPL-2.0-only
/* CPUs that did not get on, and CPUs that were only asked where they are. */
#include <string.h>

#include "oops/explain.h"

static bool spins(const char *symbol)
{
	return strstr(symbol, "spin_lock") || strstr(symbol, "queued_read_lock") ||
	       strstr(symbol, "queued_write_lock");
}

/* Where the CPU was: the innermost function, and the one of netfs or cifs above which it stands. */
static void say_where(const struct oops *o, struct oops_meaning *m)
{
	const struct oops_entry *ours = explain_first_ours(o, STACK_CALL);

	if (!*o->at.symbol)
		explain_say(m, "%s is in its stack.", ours->at.symbol);
	else if (ours && !oops_place_is_ours(o))
		explain_say(m, "It was in %s, below %s.", o->at.symbol, ours->at.symbol);
	else
		explain_say(m, "It was in %s.", o->at.symbol);
	if (spins(o->at.symbol))
		explain_say(m, "It spins for a lock: look for who holds it.");
}

static bool is_in_ours(const struct oops *o)
{
	return oops_place_is_ours(o) || explain_first_ours(o, STACK_CALL);
}

bool explain_stall(const struct oops *o, struct oops_meaning *m)
{
	if (!oops_is_stall(o) || !is_in_ours(o))
		return false;
	if (o->kind == OOPS_SOFT_LOCKUP)
		explain_name(m, "stall", "a CPU let no other task run, and was in netfs or cifs");
	else if (o->kind == OOPS_HARD_LOCKUP)
		explain_name(m, "stall", "a CPU took no interrupts, and was in netfs or cifs");
	else
		explain_name(m, "stall", "RCU waits for a CPU or a task that was in netfs or cifs");
	say_where(o, m);
	explain_say(m, "That is where it was when it was looked at: %s.",
		    spins(o->at.symbol) ? "it may not be the only place"
					: "it may loop there, or only be slow");
	explain_neighbours(o, m);
	return true;
}

bool explain_sample(const struct oops *o, struct oops_meaning *m)
{
	if (!o->sampled || !is_in_ours(o))
		return false;
	explain_name(m, "sample", "where a CPU was when it was asked: no fault");
	say_where(o, m);
	explain_say(
		m,
		"An NMI asks what a CPU does, because of a lockup elsewhere or of sysrq-l: it may have gone on since.");
	return true;
}
