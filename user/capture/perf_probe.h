/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs on addresses: kprobes and execution breakpoints, both through perf_event_open(2). */
#ifndef NETFSNOOP_PERF_PROBE_H
#define NETFSNOOP_PERF_PROBE_H

#include "base/base.h"

struct bpf_link;
struct bpf_program;

struct kprobe_place {
	uint64_t addr;	      /* of an instruction; 0: by name */
	const char *function; /* the kernel's first one of that name, where addr is 0 */
	bool on_return;	      /* of the function that begins there */
};

/*
 * A kprobe or kretprobe. The program gets the cookie. -errno of perf_event_open(2): -EINVAL a
 * function that may not be probed, -EILSEQ not the start of an instruction.
 */
int kprobe_attach(const struct bpf_program *prog, const struct kprobe_place *at, uint64_t cookie,
		  struct bpf_link **ret_link);

/* One execution breakpoint on every CPU that is online. x86-64 only: -ENOTSUP elsewhere. */
struct breakpoint;

int breakpoint_attach(struct breakpoint **ret_b, const struct bpf_program *prog, uint64_t addr);
void breakpoint_free(struct breakpoint *b);
/* Follows CPUs that went and came since. -errno if one that came takes no breakpoint. */
int breakpoint_follow_cpus(struct breakpoint *b);

#endif
