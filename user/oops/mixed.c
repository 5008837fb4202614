// SPDX-License-Identifier: GPL-2.0-only
/* Whether lines are of a report: those of two may be mixed, where no caller id tells them apart. */
#include <string.h>

#include "oops/parse.h"

/* Printed within a second of each other, as far as stamps tell. */
static bool is_same_moment(const char *a, const char *b)
{
	char *end_a, *end_b;
	double sec_a = strtod(a, &end_a), sec_b = strtod(b, &end_b);

	if (end_a == a || *end_a || end_b == b || *end_b)
		return !strcmp(a, b);
	return sec_b - sec_a < 1 && sec_a - sec_b < 1;
}

static bool is_die(const struct oops *o)
{
	return o->kind == OOPS_BUG || (o->kind >= OOPS_NULL && o->kind <= OOPS_TRAP);
}

bool oops_is_prose(const struct oops_draft *d)
{
	const struct oops *o = &d->o;

	return !d->stamped && (o->kind == OOPS_OTHER || o->kind == OOPS_PAGE_FAULT) &&
	       !strncmp(o->title, "BUG: ", 5) && !o->nr_entries && !o->nr_regs && !*o->at.symbol &&
	       !o->has_address && !o->has_cpu && !o->has_pid && !*o->release && !*o->detail &&
	       !*o->die && !o->nr_modules;
}

bool oops_cuts_off(const struct oops_draft *d, const char *when)
{
	const struct oops *o = &d->o;

	if (d->ended || oops_is_prose(d) || !is_same_moment(o->when, when))
		return false;
	if (o->nr_entries) /* between <TASK> and </TASK> */
		return *when && *d->context && (is_die(o) || o->kind == OOPS_HUNG_TASK);
	return is_die(o) && !o->at_rip;
}

bool oops_may_cut_off(const struct oops_draft *d, const struct oops_draft *next, const char *when)
{
	return d->o.kind == OOPS_HUNG_TASK && next->o.kind == OOPS_HUNG_TASK && !d->ended &&
	       !d->o.nr_entries && is_same_moment(d->o.when, when);
}

bool oops_is_of_another(const struct oops_draft *d, const char *text)
{
	const char *cpu = after(text, "CPU: "), *pid = cpu ? strstr(cpu, " PID: ") : NULL;
	struct oops o = {};

	if (!d->o.has_pid || d->ended)
		return false;
	if (pid)
		return (is_die(&d->o) || d->o.kind == OOPS_WARN) &&
		       strtoul(pid + strlen(" PID: "), NULL, 10) != d->o.pid;
	return d->o.kind == OOPS_HUNG_TASK && d->stack != STACK_BLOCKER && !d->o.nr_entries &&
	       oops_is_task(text) && oops_take_task(&o, text) && o.has_pid && o.pid != d->o.pid;
}
