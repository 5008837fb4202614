// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least that a tracer of BPF can cost: a program on each of netfsnoop's probes that reserves a
 * record and submits it. Nothing is filled in, and nobody is woken.
 */
#include "../../vmlinux/cifs.h"
#include <bpf/bpf_helpers.h>

#define RECORD_BYTES 88 /* the mean of netfsnoop's, of the workload of this bench */

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 << 20);
} ring SEC(".maps");

bool enabled;

static __always_inline int one(void)
{
	void *record;

	if (!enabled)
		return 0;
	record = bpf_ringbuf_reserve(&ring, RECORD_BYTES, 0);
	if (record)
		bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 0;
}

#define FLOOR(program, section, target)                     \
	SEC("?" section "/" #target) int program(void *ctx) \
	{                                                   \
		return one();                               \
	}
#define FLOOR_TP(program, target)     FLOOR(program, "tp_btf", target)
#define FLOOR_FENTRY(program, target) FLOOR(program, "fentry", target)
#define FLOOR_FEXIT(program, target)  FLOOR(program, "fexit", target)
#define FLOOR_FUNCTION(program, target)
#define FLOOR_CALLSITE(program, target)
#define FLOOR_BREAKPOINT(program, target)

#define PROBE(program, how, target, module, group, without) PROBE_##group(program, how, target)
#define PROBE_CORE(program, how, target)		    FLOOR_##how(program, target)
#define PROBE_IO(program, how, target)			    FLOOR_##how(program, target)
#define PROBE_OLD_IO(program, how, target)
#define PROBE_FOLIO(program, how, target)
#define PROBE_TEST(program, how, target)
#include "../../tracepoints/probes.def"
