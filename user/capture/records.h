/* SPDX-License-Identifier: GPL-2.0-only */
/* The recorder's own records: what a trace needs to be understood on another machine. */
#ifndef NETFSNOOP_RECORDS_H
#define NETFSNOOP_RECORDS_H

#include "base/clock.h"
#include "capture/loader.h"
#include "trace/draft.h"

/* All return 0 or the sink's error; a file that cannot be read is left out. */
int records_meta(const struct record_sink *to, const char *key, const char *value);
/* What a reader has to know before the first event. */
int records_head(const struct record_sink *to, const char *cmdline, bool filtered);
int records_probes(const struct record_sink *to, const struct plan *plan);
int records_enums(const struct record_sink *to, const struct facts *facts);
int records_modules(const struct record_sink *to, const struct facts *facts, uint32_t epoch);
int records_mounts(const struct record_sink *to);
int records_snapshots(const struct record_sink *to);
int records_anchor(const struct record_sink *to);
int records_tick(const struct record_sink *to);
int records_mark(const struct record_sink *to, enum ev_mark mark, uint32_t value);
int records_lost(const struct record_sink *to, int probe, int cpu, uint64_t count, uint64_t from,
		 uint64_t until);
/* addr lies in sym, or just behind it */
int records_sym(const struct record_sink *to, uint64_t ts, uint64_t addr, const struct ksym *sym);
/* Who hangs: comm, and frames one a line, of the task tid; for request rreq. */
struct waiter {
	uint32_t tid, tgid, rreq, sreq;
	char state;
	bool synth; /* rreq is none of netfs */
	const char *comm, *frames;
};
int records_waiter(const struct record_sink *to, const struct waiter *s);
int records_hits(const struct record_sink *to, const struct loader *l);
/* Of one probe whose skipped runs cannot be counted. */
int records_hits_of(const struct record_sink *to, int probe, uint64_t hits, uint64_t lost);

#endif
