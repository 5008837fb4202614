/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is this call of iov_iter_revert() a bug? Decided before the kernel acts on it. An iterator keeps
 * no start, so each type has a rule of its own; where none applies, nothing is said.
 */
#ifndef NETFSNOOP_ITER_RULE_BPF_H
#define NETFSNOOP_ITER_RULE_BPF_H

#include "compat.bpf.h"

struct revert {
	const struct iov_iter *iter;
	u64 unroll, caller, site;
	u64 room, past;				  /* as in ev_revert */
	const struct netfs_io_subrequest *subreq; /* NULL: not known, or gone */
	u32 rreq, sreq;
	u8 knows, rule;
	u8 type; /* enum known_type */
};

/* the numbers are the kernel's own: these are ours */
enum known_type { TYPE_OTHER, TYPE_UBUF, TYPE_XARRAY, TYPE_DISCARD, TYPE_FOLIOQ, TYPE_BVEC };

extern const volatile __u32 page_bytes;

#define ROOM_ENOUGH (~0ULL)

/*
 * How much can be taken back by stepping over whole pages before the present one: ROOM_ENOUGH if
 * that is `want` bytes or takes too many steps to know. Global, so that the verifier looks at them
 * once; pointers as numbers, as it would not let them in otherwise.
 */
u64 room_in_queue(u64 folioq, u32 slot, u64 want);
u64 room_in_array(u64 bvec, u64 first, u64 want);

/* On a kernel that lacks the type, the number must not be asked for. */
#define TYPE_IS(type, name)                                  \
	(bpf_core_enum_value_exists(enum iter_type, name) && \
	 (type) == bpf_core_enum_value(enum iter_type, name))

static __always_inline u8 known_type(const struct iov_iter *iter)
{
	u8 type = BPF_CORE_READ(iter, iter_type);

	if (TYPE_IS(type, ITER_UBUF))
		return TYPE_UBUF;
	if (TYPE_IS(type, ITER_XARRAY))
		return TYPE_XARRAY;
	if (TYPE_IS(type, ITER_DISCARD))
		return TYPE_DISCARD;
	if (TYPE_IS(type, ITER_FOLIOQ))
		return TYPE_FOLIOQ;
	return TYPE_IS(type, ITER_BVEC) ? TYPE_BVEC : TYPE_OTHER;
}

static __always_inline u64 room_in_direct_bv(const struct revert *r, u64 want)
{
	const struct netfs_io_subrequest *subreq = r->subreq;
	const struct iov_iter *iter = r->iter;
	struct netfs_io_request *rreq = BPF_CORE_READ(subreq, rreq);
	u64 first;

	if (!bpf_core_field_exists(rreq->direct_bv))
		return ROOM_ENOUGH;
	first = (u64)BPF_CORE_READ(rreq, direct_bv);
	return first ? room_in_array((u64)BPF_CORE_READ(iter, bvec), first, want) : ROOM_ENOUGH;
}

/* Does it step out of the memory it is made of? */
static __always_inline bool leaves_memory(struct revert *r, u64 offset)
{
	const struct iov_iter *iter = r->iter;
	u64 want = r->unroll - offset, room = ROOM_ENOUGH;

	if (r->unroll <= offset)
		return false;
	if (r->type == TYPE_FOLIOQ && bpf_core_field_exists(iter->folioq)) {
		r->rule = EV_RULE_FOLIOQ;
		room = room_in_queue((u64)BPF_CORE_READ(iter, folioq),
				     BPF_CORE_READ(iter, folioq_slot), want);
	} else if (r->type == TYPE_BVEC && r->subreq) {
		r->rule = EV_RULE_DIRECT_BV;
		room = room_in_direct_bv(r, want);
	}
	if (room == ROOM_ENOUGH)
		return false;
	r->room = offset + room;
	return true;
}

/*
 * No iterator of a subrequest can hold more than the subrequest. What it held when it was
 * submitted is less after a retry, but only the stream has that.
 */
static __always_inline void judge_slice(struct revert *r)
{
	const struct netfs_io_subrequest *subreq = r->subreq;
	const struct iov_iter *iter = r->iter;
	u64 len, count;

	r->rule = EV_RULE_UNDECIDABLE;
	r->room = r->unroll;
	if (!subreq || r->type == TYPE_OTHER)
		return;
	len = BPF_CORE_READ(subreq, len);
	count = BPF_CORE_READ(iter, count);
	r->rule = EV_RULE_SLICE;
	r->room = len > count ? len - count : 0;
}

static __always_inline void judge_revert(struct revert *r)
{
	/* of its own: BPF_CORE_READ(r->iter, ...) would look for `struct revert` in the kernel */
	const struct iov_iter *iter = r->iter;
	u64 offset = BPF_CORE_READ(iter, iov_offset);
	u64 max = 0x7fffffffU & ~(page_bytes - 1); /* MAX_RW_COUNT */

	r->type = known_type(iter);
	if (r->unroll > max) {
		r->rule = EV_RULE_TOO_LARGE;
		r->room = max;
	} else if (r->type == TYPE_UBUF || r->type == TYPE_XARRAY) {
		r->rule = EV_RULE_EXACT;
		r->room = offset;
	} else if (r->type == TYPE_DISCARD) {
		r->room = r->unroll; /* has no start */
	} else if (!leaves_memory(r, offset)) {
		judge_slice(r);
	}
	r->past = r->unroll > r->room ? r->unroll - r->room : 0;
}

#endif
