/* SPDX-License-Identifier: GPL-2.0-only */
/* Text through the importer, and the records that come out. */
#ifndef NETFSNOOP_IMPORT_UTIL_H
#define NETFSNOOP_IMPORT_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "event/kinds.h"
#include "import/import.h"
#include "import/line.h"
#include "tp/decode.h"

#define SREQ "netfs_sreq: R=0000002a[1] DOWN SUBMT f=102 s=1000 0/4000 s=1 e=0"

#define MAX_RECORDS 64

struct got {
	struct import_counts n;
	unsigned int nr, events;
	union {
		union decoded d;
		struct ev_task task;
		struct ev_lost lost;
	} record[MAX_RECORDS]; /* events, names of threads and losses, in the order of the stream */
	char meta[512];
	unsigned int on; /* probes */
	struct collect *c;
};

static inline int take(void *ctx, const struct ev_hdr *ev)
{
	struct got *g = ctx;

	if (ev->kind == EV_META) {
		strcat(strcat(g->meta, ev_text(ev, 0)), ";");
	} else if (ev->kind == EV_PROBE) {
		g->on += ((const struct ev_probe_rec *)ev)->state == EV_PROBE_ON;
	} else if (ev->kind < EV_META || ev->kind == EV_LOST) {
		assert_true(g->nr < MAX_RECORDS);
		memcpy(&g->record[g->nr++], ev, ev->size);
	}
	return 0;
}

static inline struct got import(const char *text)
{
	struct got g = {};
	struct record_sink to = { .add = take, .ctx = &g };
	FILE *in = fmemopen((void *)text, strlen(text), "r");
	uint64_t first, last;

	assert_non_null(in);
	assert_int_equal(collect_new(&g.c), 0);
	assert_int_equal(import_text(in, g.c, &g.n), 0);
	g.events = collect_events(g.c, &first, &last);
	assert_int_equal(collect_write(g.c, "not in it", &to), 0);
	collect_free(g.c);
	fclose(in);
	return g;
}

/* The same of more than MAX_RECORDS: what the counts say. */
static inline struct import_counts import_counted(const char *text)
{
	FILE *in = fmemopen((void *)text, strlen(text), "r");
	struct import_counts n;
	struct collect *c;

	assert_non_null(in);
	assert_int_equal(collect_new(&c), 0);
	assert_int_equal(import_text(in, c, &n), 0);
	collect_free(c);
	fclose(in);
	return n;
}

/* The n-th record of a kind. */
static inline const void *nth(const struct got *g, uint8_t kind, unsigned int n)
{
	for (unsigned int i = 0; i < g->nr; i++)
		if (g->record[i].d.hdr.kind == kind && !n--)
			return &g->record[i];
	fail_msg("no such record of kind %u", kind);
	return NULL;
}

static inline unsigned int count(const struct got *g, uint8_t kind)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < g->nr; i++)
		n += g->record[i].d.hdr.kind == kind;
	return n;
}

#endif
