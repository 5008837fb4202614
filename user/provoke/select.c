// SPDX-License-Identifier: GPL-2.0-only
#include "provoke/select.h"

static bool within(uint64_t n, const struct range *r)
{
	return n >= r->from && n <= r->to;
}

static bool fits(const struct rule *r, const struct asked *a)
{
	bool seen = a->command < SMB2_COMMANDS;

	if (seen ? !(r->commands & 1u << a->command) : !r->any)
		return false;
	if (r->positions &&
	    !(a->has_range && within(a->offset, &r->offset) && within(a->size, &r->size)))
		return false;
	return within(a->connection, &r->connection) && within(a->session, &r->session);
}

/* SplitMix64: neighbours have nothing in common. */
static uint64_t mixed(uint64_t n)
{
	n += UINT64_C(0x9e3779b97f4a7c15);
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

static bool has_luck(const struct fault_plan *p, const struct rule *r)
{
	return mixed(mixed(p->seed ^ mixed(r->line)) ^ r->counted) % 1000000 < r->share_ppm;
}

static bool chooses(const struct fault_plan *p, const struct rule *r)
{
	if (!within(r->counted, &r->nth) || (r->times && r->chosen >= r->times))
		return false;
	if (r->every && r->counted % r->every)
		return false;
	return !r->share_ppm || has_luck(p, r);
}

void fault_plan_select(struct fault_plan *p, const struct asked *a, struct rule *chosen[SLOTS])
{
	for (int slot = 0; slot < SLOTS; slot++)
		chosen[slot] = NULL;
	for (size_t i = 0; i < p->nr; i++) {
		struct rule *r = &p->rules[i];
		enum slot slot = fault_infos[r->fault.id].slot;

		if (!fits(r, a))
			continue;
		r->counted++;
		if (!chooses(p, r))
			continue;
		r->chosen++;
		if (!chosen[slot])
			chosen[slot] = r;
	}
}
