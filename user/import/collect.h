/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an import found, on its way to a trace. Enums, probes and losses have to stand before the
 * events they concern but are complete only at the end, so the events wait in a temporary file.
 */
#ifndef NETFSNOOP_IMPORT_COLLECT_H
#define NETFSNOOP_IMPORT_COLLECT_H

#include "trace/draft.h"

struct collect;

int collect_new(struct collect **ret_c);
void collect_free(struct collect *c);

/* The number of an enumerator that is known by its text alone; the same text has the same number.
 * 0 or -ENOMEM; of more than a byte can count all share the last. */
int collect_intern(struct collect *c, const char *type, const char *text, uint8_t *ret_value);
/* An enumerator whose number is known. */
int collect_enum(struct collect *c, const char *type, int64_t value, const char *text);
bool collect_has_text(const struct collect *c, const char *type, const char *text);
/* The recording had this probe on, whether or not it ever fired. */
void collect_probe(struct collect *c, uint16_t probe);
/* The same of every tracepoint. */
void collect_all_probes(struct collect *c);
bool collect_has_probe(const struct collect *c, uint16_t probe);
/* A thread, before its events; written when it is new or has another name. comm NULL: unknown. */
int collect_task(struct collect *c, const struct ev_hdr *who, const char *comm);
/* One event, in the order of the stream. */
int collect_event(struct collect *c, const struct ev_hdr *ev);
/*
 * The first event with a time is to come. When those before it happened is not known, but not later: that
 * is where they are placed, and what was lost among them.
 */
void collect_starts(struct collect *c, uint64_t ts);
/* Records missing between two times; cpu may be EV_ANY_CPU. */
int collect_lost(struct collect *c, uint16_t cpu, uint64_t count, uint64_t from, uint64_t to);
int collect_meta(struct collect *c, const char *key, const char *value);
/* Number of events, and the times of the first and the last; 0 without events. */
uint64_t collect_events(const struct collect *c, uint64_t *ret_first, uint64_t *ret_last);
/* After the last event: is there room for all of them in the temporary file? -errno. */
int collect_flush(struct collect *c);
/* Everything, as a trace has it. off: why probes that were not on are off. */
int collect_write(struct collect *c, const char *off, const struct record_sink *to);

static inline void collect_freep(struct collect **c)
{
	collect_free(*c);
}

#endif
