// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "check/ranges.h"

/* Makes room for one at i. false: there is none. */
static bool open_gap(struct ranges *r, unsigned int i)
{
	if (r->nr == MAX_RANGES) {
		r->overflow = true;
		return false;
	}
	memmove(&r->range[i + 1], &r->range[i], (r->nr - i) * sizeof(r->range[0]));
	r->nr++;
	return true;
}

static void drop(struct ranges *r, unsigned int i)
{
	r->nr--;
	memmove(&r->range[i], &r->range[i + 1], (r->nr - i) * sizeof(r->range[0]));
}

void ranges_add(struct ranges *r, uint64_t from, uint64_t to)
{
	unsigned int i = 0;

	if (from >= to)
		return;
	while (i < r->nr && r->range[i].to < from)
		i++;
	while (i < r->nr && r->range[i].from <= to) {
		from = r->range[i].from < from ? r->range[i].from : from;
		to = r->range[i].to > to ? r->range[i].to : to;
		drop(r, i);
	}
	if (open_gap(r, i))
		r->range[i] = (struct byte_range){ from, to };
}

void ranges_remove(struct ranges *r, uint64_t from, uint64_t to)
{
	for (unsigned int i = 0; i < r->nr && from < to;) {
		struct byte_range *b = &r->range[i], old = *b;

		if (old.to <= from || old.from >= to) {
			i++;
			continue;
		}
		drop(r, i);
		if (old.from < from && open_gap(r, i))
			r->range[i++] = (struct byte_range){ old.from, from };
		if (old.to > to && open_gap(r, i))
			r->range[i++] = (struct byte_range){ to, old.to };
	}
}

uint64_t ranges_end(const struct ranges *r, uint64_t from)
{
	for (unsigned int i = 0; i < r->nr; i++)
		if (r->range[i].from <= from && from < r->range[i].to)
			return r->range[i].to;
	return from;
}

bool ranges_have(const struct ranges *r, uint64_t from, uint64_t to)
{
	return r->overflow || from >= to || ranges_end(r, from) >= to;
}
