/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints without BTF: one program on all of them, records decoded here by their formats. */
#ifndef NETFSNOOP_CLASSIC_H
#define NETFSNOOP_CLASSIC_H

#include "capture/loader.h"

struct classic;
struct bpf_map;

/*
 * Attaches every probe whose plan says MECH_CLASSIC; those it cannot become EV_PROBE_FAILED. 0 and
 * no object if the plan has none.
 */
int classic_new(struct classic **ret_c, struct plan *plan, const struct loader_options *opts,
		struct err *err);
void classic_free(struct classic *c);
void classic_enable(struct classic *c, bool on);
/* Its ring; hand each record to classic_record(), which calls fn with a typed one (EVF_TPONLY). */
const struct bpf_map *classic_ring(const struct classic *c);
int classic_record(struct classic *c, void *data, size_t size, record_fn fn, void *ctx);
const volatile struct probe_stat *classic_stat(const struct classic *c, int probe, int cpu);

#endif
