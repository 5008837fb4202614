// SPDX-License-Identifier: GPL-2.0-only
#include "view/text/lanes.h"

struct lane *lanes_take(struct lanes *l, uint64_t begin, uint64_t end)
{
	struct lane *best = NULL, *more;

	for (size_t i = 0; i < l->n; i++)
		if (l->lane[i].end <= begin && (!best || l->lane[i].end > best->end))
			best = &l->lane[i];
	if (!best) {
		more = realloc(l->lane, (l->n + 1) * sizeof(*more));
		if (!more)
			return NULL;
		l->lane = more;
		best = &more[l->n++];
		*best = (struct lane){};
	}
	best->end = end;
	return best;
}

void lanes_release(struct lanes *l)
{
	for (size_t i = 0; i < l->n; i++)
		lanes_release(&l->lane[i].below);
	free(l->lane);
	*l = (struct lanes){};
}
