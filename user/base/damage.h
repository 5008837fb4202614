/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_DAMAGE_H
#define NETFSNOOP_DAMAGE_H

#include "base/base.h"

/* What the reader had to leave out. */
struct trace_damage {
	uint64_t torn_bytes;	   /* at the end of the file, after the last whole frame */
	uint64_t bad_frames;	   /* damaged frames skipped */
	uint64_t bad_records;	   /* of impossible size; the rest of their frame was dropped */
	uint64_t unknown_records;  /* of kinds this version does not know */
	uint64_t first_bad_offset; /* file offset of the first damage, UINT64_MAX: none */
};

#endif
