/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_DAMAGE_H
#define NETFSNOOP_DAMAGE_H

#include "base/base.h"

/* What the reader had to leave out. */
struct trace_damage {
	uint64_t torn_bytes;	   /* at the end of the file, after the last whole frame */
	uint64_t bad_frames;	   /* damaged frames skipped */
	uint64_t bad_records;	   /* of impossible size; the rest of their frame was dropped */
	uint64_t missing_blocks;   /* by the numbers of those that are there */
	uint64_t misplaced_blocks; /* there twice, or behind later ones; left out */
	uint64_t foreign_blocks;   /* of another trace; left out */
	uint64_t short_blocks;	   /* fewer records than they say */
	uint64_t altered_blocks;   /* other bytes than were written, and the same records */
	bool second_trace;	   /* another trace begins in the file; left out */
	bool no_end;		   /* what the writer closes a file with is not there */
	uint64_t unknown_records;  /* of kinds this version does not know */
	uint64_t first_bad_offset; /* file offset of the first damage, UINT64_MAX: none */
};

static inline bool is_damaged(const struct trace_damage *d)
{
	return d->torn_bytes || d->bad_frames || d->bad_records || d->missing_blocks ||
	       d->misplaced_blocks || d->foreign_blocks || d->short_blocks || d->altered_blocks ||
	       d->second_trace || d->no_end;
}

#endif
