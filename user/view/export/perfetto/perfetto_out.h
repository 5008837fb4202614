/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets of Perfetto's trace format, one after the other into a stream. */
#ifndef NETFSNOOP_VIEW_PERFETTO_OUT_H
#define NETFSNOOP_VIEW_PERFETTO_OUT_H

#include "base/base.h"

struct perfetto_out {
	FILE *out; /* borrowed */
	uint64_t last_track;
	uint8_t *buffer;
	size_t room;
};

/* What is shown of a slice when it is clicked; texts that are "" are left out. */
struct perfetto_note {
	const char *name;
	const char *text; /* any bytes; NULL: it is a number */
	int64_t number;
};

#define NOTE_TEXT(n, t)	  ((struct perfetto_note){ .name = (n), .text = (t) }) /* no NULL */
#define NOTE_NUMBER(n, v) ((struct perfetto_note){ .name = (n), .number = (int64_t)(v) })
/* an empty text is left out */
#define NOTE_NUMBER_IF(known, n, v) ((known) ? NOTE_NUMBER(n, v) : NOTE_TEXT(n, ""))
#define PERFETTO_NOTES		    16

/* A slice that begins, or an instant. Times are CLOCK_MONOTONIC ns. */
struct perfetto_event {
	uint64_t track, time_ns;
	const char *name; /* any bytes */
	const char *category;
	const struct perfetto_note *notes; /* at most PERFETTO_NOTES */
	size_t nr_notes;
	const uint64_t *flows; /* events of one flow are joined by arrows, in order of time */
	size_t nr_flows;
};

void perfetto_out_release(struct perfetto_out *p);
/* The three clocks at one moment; times of all else are CLOCK_MONOTONIC. All return 0 or -errno. */
int perfetto_clocks(struct perfetto_out *p, uint64_t mono, uint64_t boot, uint64_t real);
/* A new track below parent (0: none); *ret_uuid names it. */
int perfetto_track(struct perfetto_out *p, uint64_t parent, const char *name, uint64_t *ret_uuid);
int perfetto_counter_track(struct perfetto_out *p, uint64_t parent, const char *name,
			   uint64_t *ret_uuid);
/* Slices of one track must nest. */
int perfetto_begin(struct perfetto_out *p, const struct perfetto_event *e);
int perfetto_end(struct perfetto_out *p, uint64_t track, uint64_t time_ns);
int perfetto_instant(struct perfetto_out *p, const struct perfetto_event *e);
int perfetto_counter(struct perfetto_out *p, uint64_t track, uint64_t time_ns, int64_t value);

#endif
