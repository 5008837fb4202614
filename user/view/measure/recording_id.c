// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <inttypes.h>

#include "view/measure/recording_id.h"
#include "view/measure/totals.h"

/* A trace that names no boot (it was imported) has the wall clock, or else only its first time. */
struct recording_id recording_id(const struct recording *rec)
{
	uint64_t begin = recording_begin(rec), real;
	struct recording_id id;
	size_t n = 0;

	for (const char *p = rec->boot_id; p && *p && n < 8; p++)
		if (isxdigit((unsigned char)*p) || *p == '-')
			id.s[n++] = *p;
	if (!n)
		n = snprintf(id.s, sizeof(id.s), "unknown");
	if (!rec->boot_id && recording_realtime(rec, begin, &real))
		begin = real;
	snprintf(id.s + n, sizeof(id.s) - n, "-%" PRIx64, begin);
	return id;
}
