// SPDX-License-Identifier: GPL-2.0-only
/* How far back memory goes, walked as lib/iov_iter.c walks it. */
#include "iter_rule.bpf.h"

/* 1 MiB of small pages: whoever has that much before it is not at the start. */
#define MAX_STEPS 256

const volatile __u32 page_bytes = 4096;

/* iov_iter_folioq_revert() */
__noinline u64 room_in_queue(u64 folioq, u32 slot, u64 want)
{
	struct folio_queue *q = (void *)folioq;
	u64 room = 0;
	u8 order = 0;

	for (int i = 0; i < MAX_STEPS; i++) {
		if (!slot) {
			q = BPF_CORE_READ(q, prev);
			if (!q)
				return room;
			slot = bpf_core_field_size(q->orders);
		}
		slot--;
		bpf_probe_read_kernel(&order, 1,
				      (void *)q + bpf_core_field_offset(q->orders) + slot);
		room += (u64)page_bytes << (order & 31);
		if (room >= want)
			return ROOM_ENOUGH;
	}
	return ROOM_ENOUGH;
}

/* iov_iter_revert() of an array that begins at `first` */
__noinline u64 room_in_array(u64 bvec, u64 first, u64 want)
{
	struct bio_vec *bv = (void *)bvec;
	u64 size = bpf_core_type_size(struct bio_vec), room = 0;

	if (bvec < first) /* not that array */
		return ROOM_ENOUGH;
	for (int i = 0; i < MAX_STEPS; i++) {
		if ((u64)bv < first + size)
			return room;
		bv = (void *)bv - size;
		room += BPF_CORE_READ(bv, bv_len);
		if (room >= want)
			return ROOM_ENOUGH;
	}
	return ROOM_ENOUGH;
}
