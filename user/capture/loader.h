/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF object: the only file that knows the skeleton. */
#ifndef NETFSNOOP_LOADER_H
#define NETFSNOOP_LOADER_H

#include "capture/collector.h"
#include "capture/filter.h"
#include "capture/revert.h"

struct loader_options {
	uint64_t ring_bytes; /* rounded up to a power of two of pages */
	uint64_t folio_ring_bytes;
	uint64_t wake_bytes; /* or a quarter of the ring, if that is less */
	struct capture_filter filter;
	bool paths; /* tell the names of files */
	enum revert_way revert;
	struct collector_options collector;
};

/* "1.1": of the library that is loaded, not of the one this was built with. */
const char *loader_libbpf_version(void);

/* A ring size libbpf takes: a power of two of pages, at least `want`. */
uint64_t loader_ring_size(uint64_t want);
uint64_t loader_wake_bytes(const struct loader_options *opts);

struct loader;

typedef int (*record_fn)(void *ctx, void *data, size_t size);

/* libbpf says nothing, unless NETFSNOOP_LIBBPF_LOG is set. Before anything else of it is used. */
void loader_log(void);
/*
 * facts' symbols have to live as long as the loader.
 * Loads what the plan has on and attaches it, one by one. A probe that cannot be loaded or attached
 * is marked EV_PROBE_FAILED with the reason; the rest goes on. Nothing is recorded before
 * loader_enable(). -errno with err if no program can be had at all.
 */
int loader_new(struct loader **ret_l, struct plan *plan, const struct facts *facts,
	       const struct loader_options *opts, struct err *err);
void loader_free(struct loader *l);
void loader_enable(struct loader *l, bool on);

/* The reader is about to wait for long: the next record of any ring wakes it, once. */
void loader_sleep(struct loader *l);
/*
 * Records, by way of the collector (capture/collector.h): all that is in the rings now is collected;
 * what was is marked; of that some is drained, fn's first nonzero return ends it and is returned.
 */
void loader_collect(struct loader *l);
uint64_t loader_bytes(const struct loader *l); /* collected, and not drained yet */
void loader_mark(struct loader *l);
int loader_drain(struct loader *l, record_fn fn, void *ctx, uint64_t *ret_ns);
/* Readable (edge) when a ring has passed its wake-up mark. */
int loader_fd(const struct loader *l);

/* The live counters of one probe on one CPU; probe 0 holds losses of task and connection names. */
const volatile struct probe_stat *loader_stat(const struct loader *l, int probe, int cpu);
int loader_nr_cpus(const struct loader *l);
/* The part of it that is about iov_iter_revert(); never NULL. */
struct revert *loader_revert(const struct loader *l);
/* How often somebody looked at the reference count of cifs or netfs since loading; 0 while unknown.
 */
uint64_t loader_refcount_asks(const struct loader *l);
/* Runs the kernel skipped because the program was already running on that CPU; -errno: unknown. */
int64_t loader_missed(const struct loader *l, int probe);

#endif
