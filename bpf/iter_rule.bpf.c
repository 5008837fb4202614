// SPDX-License-Identifier: GPL-2.0-only
/* How far back memory goes, walked as lib/iov_iter.c walks it. */
#include "iter_rule.bpf.h"

/* 4 MiB of small pages: whoever has that much before it is not at the start. */
#define MAX_STEPS 1024

const volatile __u32 page_bytes = 4096;

struct walk {
	u64 at;	   /* folio_queue or bio_vec */
	u64 first; /* bio_vec */
	u64 room, want;
	u32 slot;
	u32 ended;
};

/* iov_iter_folioq_revert() */
static long step_in_queue(u32 i, struct walk *w)
{
	struct folio_queue *q = (void *)w->at;
	u8 order = 0;

	if (!w->slot) {
		q = BPF_CORE_READ(q, prev);
		if (!q) {
			w->ended = 1;
			return 1;
		}
		w->at = (u64)q;
		w->slot = bpf_core_field_size(q->orders);
	}
	w->slot--;
	bpf_probe_read_kernel(&order, 1, (void *)q + bpf_core_field_offset(q->orders) + w->slot);
	w->room += (u64)page_bytes << (order & 31);
	return w->room >= w->want;
}

__noinline u64 room_in_queue(u64 folioq, u32 slot, u64 want)
{
	struct walk w = { .at = folioq, .slot = slot, .want = want };

	if (!bpf_core_type_exists(
		    struct folio_queue)) /* nobody calls this then, but it is looked at */
		return ROOM_ENOUGH;
	bpf_loop(MAX_STEPS, step_in_queue, &w, 0);
	return w.ended ? w.room : ROOM_ENOUGH;
}

/* iov_iter_revert() of an array */
static long step_in_array(u32 i, struct walk *w)
{
	u64 size = bpf_core_type_size(struct bio_vec);
	struct bio_vec *bv = (void *)w->at - size;

	if (w->at < w->first + size) {
		w->ended = 1;
		return 1;
	}
	w->at = (u64)bv;
	w->room += BPF_CORE_READ(bv, bv_len);
	return w->room >= w->want;
}

__noinline u64 room_in_array(u64 bvec, u64 first, u64 want)
{
	struct walk w = { .at = bvec, .first = first, .want = want };

	if (bvec < first) /* not that array */
		return ROOM_ENOUGH;
	bpf_loop(MAX_STEPS, step_in_array, &w, 0);
	return w.ended ? w.room : ROOM_ENOUGH;
}
