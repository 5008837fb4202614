/* SPDX-License-Identifier: GPL-2.0-only */
/* A record under construction: its fixed part, then strings, then padding. */
#ifndef NETFSNOOP_TRACE_DRAFT_H
#define NETFSNOOP_TRACE_DRAFT_H

#include "base/base.h"
#include "bpf/event.h"

/* Where finished records go; add() copies. */
struct record_sink {
	int (*add)(void *ctx, const struct ev_hdr *hdr);
	void *ctx;
};

struct draft {
	size_t size;
	union {
		struct ev_hdr hdr;
		struct ev_meta meta;
		struct ev_kind_rec kind;
		struct ev_probe_rec probe;
		struct ev_enum_rec enumerator;
		struct ev_module module;
		struct ev_mount mount;
		struct ev_snapshot snapshot;
		struct ev_sym sym;
		struct ev_waiter stack;
		struct ev_klog klog;
		struct ev_fault fault;
		unsigned char bytes[EV_MAX_SIZE];
	};
};

/* fixed bytes, zeroed but for the header; the caller's to free. NULL: no memory. */
struct draft *draft_make(uint8_t kind, size_t fixed, uint64_t ts);
/* Appends text and a NUL; what does not fit is cut. */
void draft_text(struct draft *d, const char *text, size_t len);
void draft_string(struct draft *d, const char *text);
/* Pads it and hands it on; what the sink returns. */
int draft_emit(struct draft *d, const struct record_sink *to);

/* Whole records; all return 0, -ENOMEM or what the sink does. */
int record_meta(const struct record_sink *to, uint64_t ts, const char *key, const char *value);
/* The table of kinds, as they are now. */
int record_kinds(const struct record_sink *to, uint64_t ts);
/* name as BTF spells it, or "=TEXT": what the kernel prints for it. */
int record_enum(const struct record_sink *to, uint64_t ts, const char *type, int64_t value,
		const char *name);

#endif
