/* SPDX-License-Identifier: GPL-2.0-only */
/* The record kinds of bpf/event.h as data. */
#ifndef NETFSNOOP_KINDS_H
#define NETFSNOOP_KINDS_H

#include "base/base.h"
#include "bpf/event.h"

struct ev_kind_info {
	uint8_t kind;
	const char *name;
	uint16_t min_size; /* sizeof the struct, without flexible tail */
	bool text;	   /* ends in `char text[]` that must be NUL-terminated */
};

/* NULL for a kind this version does not know. */
const struct ev_kind_info *ev_kind_info(uint8_t kind);
const struct ev_kind_info *ev_kind_table(size_t *ret_n);
/* Is it an event of a probe? Else it is the recorder's own, or the name of a task or connection. */
bool ev_of_probe(const struct ev_hdr *ev);
/* The n-th NUL-separated string of a text record the reader gave out; "" if it is not there. */
const char *ev_text(const struct ev_hdr *ev, unsigned int n);

/* Why records are not there, from enum ev_lost_why; NULL: the recorder could not write them. */
const char *lost_why_text(uint8_t why);

/* The starts of all payloads with EVF_RREQ. */
struct ev_rreq_prefix {
	struct ev_hdr hdr;
	uint32_t rreq, sreq;
};

static inline uint32_t ev_rreq_of(const struct ev_hdr *ev)
{
	return ev->flags & EVF_RREQ ? ((const struct ev_rreq_prefix *)ev)->rreq : 0;
}

static inline bool ev_synth_of(const struct ev_hdr *ev)
{
	return ev->flags & EVF_RREQ && ev->flags & EVF_SYNTH;
}

static inline uint32_t ev_sreq_of(const struct ev_hdr *ev)
{
	return ev->flags & EVF_RREQ ? ((const struct ev_rreq_prefix *)ev)->sreq : 0;
}

#endif
