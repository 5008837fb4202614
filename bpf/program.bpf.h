/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One body, two programs. The files of probes are compiled twice: as they are, for modules whose
 * BTF the kernel has (tp_btf, fentry, fexit; pointers can be followed), and with WITHOUT_BTF, for
 * those of which only the recorder has BTF (raw tracepoints, kprobes, kretprobes; an argument is a
 * number, and every field is asked for). The second kind's names end in _raw.
 *
 *	TRACEPOINT(name) { ... ctx[0] ... }		arguments from ctx[0] on
 *	ON_ENTRY(program, function) { ... ctx[0] ... }
 *	ON_EXIT(program, function) { ... ctx[0] ... ret ... }	arguments as they were at entry
 *
 * READ(p, a, b) is p->a->b in both.
 */
#ifndef NETFSNOOP_PROGRAM_BPF_H
#define NETFSNOOP_PROGRAM_BPF_H

#include "common.bpf.h"

#ifndef WITHOUT_BTF

#define TRACEPOINT(name)                              \
	static __always_inline int name##_(u64 *ctx); \
	SEC("?probe_tp/" #name) int name(u64 *ctx)    \
	{                                             \
		return name##_(ctx);                  \
	}                                             \
	static __always_inline int name##_(u64 *ctx)

#define ON_ENTRY(program, function)                          \
	static __always_inline int program##_(u64 *ctx);     \
	SEC("?probe_entry/" #function) int program(u64 *ctx) \
	{                                                    \
		return program##_(ctx);                      \
	}                                                    \
	static __always_inline int program##_(u64 *ctx)

#define ON_EXIT(program, function)                                \
	static __always_inline int program##_(u64 *ctx, u64 ret); \
	SEC("?probe_exit/" #function) int program(u64 *ctx)       \
	{                                                         \
		u64 ret = 0;                                      \
		bpf_get_func_ret(ctx, &ret);                      \
		return program##_(ctx, ret);                      \
	}                                                         \
	static __always_inline int program##_(u64 *ctx, u64 ret)

/* What a function with so many arguments returned, as a pointer that can be followed. */
#define RETURNED(ctx, nr_args, ret) ((void *)(ctx)[nr_args])

#define READ_1(p, a)		((p)->a)
#define READ_2(p, a, b)		((p)->a->b)
#define READ_3(p, a, b, c)	((p)->a->b->c)
#define READ_N(a, b, c, n, ...) READ_##n
#define READ_(a, b, c, n, ...)	READ_N(a, b, c, n)
#define READ(p, ...)		READ_(__VA_ARGS__, 3, 2, 1)(p, __VA_ARGS__)

#else

#define TRACEPOINT(name)                               \
	static __always_inline int name##_(u64 *ctx);  \
	SEC("?raw_tp/" #name) int name##_raw(u64 *ctx) \
	{                                              \
		return name##_(ctx);                   \
	}                                              \
	static __always_inline int name##_(u64 *ctx)

#define ON_ENTRY(program, function)                                       \
	static __always_inline int program##_(u64 *ctx);                  \
	SEC("?kprobe/" #function) int program##_raw(struct pt_regs *regs) \
	{                                                                 \
		struct call call;                                         \
		take_arguments(&call, regs);                              \
		return program##_(call.arg);                              \
	}                                                                 \
	static __always_inline int program##_(u64 *ctx)

/* The registers of the arguments are gone by then: call_begin() of core.bpf.c has kept them. */
#define ON_EXIT(program, function)                                           \
	static __always_inline int program##_(u64 *ctx, u64 ret);            \
	SEC("?kretprobe/" #function) int program##_raw(struct pt_regs *regs) \
	{                                                                    \
		struct call call;                                            \
		if (!take_call(P_##program, &call))                          \
			return 0;                                            \
		return program##_(call.arg, PT_REGS_RC(regs));               \
	}                                                                    \
	static __always_inline int program##_(u64 *ctx, u64 ret)

#define RETURNED(ctx, nr_args, ret) ((void *)(ret))

#define READ(p, ...) BPF_CORE_READ(p, __VA_ARGS__)

#endif
#endif
