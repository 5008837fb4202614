// SPDX-License-Identifier: GPL-2.0-only
/* Events that a trace has no record for, by name: who reads what was left out can judge whether it matters. */
#include <string.h>

#include "import/import.h"

void import_count_other(struct import_counts *n, const char *name, size_t len)
{
	struct import_other *o = n->other;

	n->others++;
	len = len < sizeof(o->name) ? len : sizeof(o->name) - 1;
	while (o < n->other + n->nr_others && (strncmp(o->name, name, len) || o->name[len]))
		o++;
	if (o == n->other + n->nr_others) {
		if (n->nr_others == IMPORT_OTHERS)
			return;
		n->nr_others++;
		memcpy(o->name, name, len);
	}
	o->count++;
}
