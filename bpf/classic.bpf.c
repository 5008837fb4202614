// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way in when a module, or the whole kernel, has no BTF: one program on every classic
 * tracepoint. It knows no layout at all; the recorder decodes the records by the formats that
 * tracefs shows. The object is its own and has no CO-RE relocation, so that it loads without any
 * BTF.
 */
#include "../vmlinux/kernel.h"
#include <bpf/bpf_helpers.h>
#include "raw.h"
#include "../tracepoints/probes.h"

char LICENSE[] SEC("license") = "GPL";

struct comm {
	u64 word[EV_COMM_LEN / 8];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* the recorder sets the size */
} classic_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PROBE_MAX); /* times CPUs */
	__type(key, u32);
	__type(value, struct probe_stat);
} classic_stats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, struct comm);
} classic_tasks SEC(".maps");

const volatile __u64 wake_bytes = 64 * 1024;
bool enabled = false;

static __always_inline struct probe_stat *stat_of(u16 probe)
{
	u32 key = bpf_get_smp_processor_id() * PROBE_MAX + probe;

	return bpf_map_lookup_elem(&classic_stats, &key);
}

static __always_inline void *reserve(u16 probe, u8 kind, u32 size)
{
	struct ev_hdr *h = bpf_ringbuf_reserve(&classic_ring, size, 0);
	struct probe_stat *st = stat_of(probe);
	u64 id = bpf_get_current_pid_tgid();

	if (!h) {
		if (st) {
			st->last_lost_ns = bpf_ktime_get_ns();
			__sync_fetch_and_add(&st->lost, 1);
		}
		return NULL;
	}
	h->size = size;
	h->kind = kind;
	h->flags = 0;
	h->probe = probe;
	h->cpu = bpf_get_smp_processor_id();
	h->ts = bpf_ktime_get_ns();
	h->tid = (u32)id;
	h->tgid = id >> 32;
	return h;
}

static __always_inline void submit(void *ev)
{
	u64 waiting = bpf_ringbuf_query(&classic_ring, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(ev, waiting >= wake_bytes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

/* As note_task() of core.bpf.c, less what takes BTF: start time and parent. */
static __always_inline void note_name(void)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();
	struct comm *old, now = {};
	struct ev_task *ev;

	bpf_get_current_comm(&now, sizeof(now));
	old = bpf_map_lookup_elem(&classic_tasks, &tid);
	if (old && old->word[0] == now.word[0] && old->word[1] == now.word[1])
		return;
	ev = reserve(PROBE_NONE, EV_TASK, sizeof(*ev));
	if (!ev)
		return;
	ev->start_ns = 0;
	ev->cgroup_id = bpf_get_current_cgroup_id();
	ev->ppid = 0;
	ev->pad = 0;
	__builtin_memcpy(ev->comm, &now, sizeof(now));
	submit(ev);
	bpf_map_update_elem(&classic_tasks, &tid, &now, BPF_ANY);
}

SEC("tp")
int classic(void *ctx)
{
	u16 probe = bpf_get_attach_cookie(ctx);
	struct probe_stat *st = stat_of(probe);
	struct raw_event *ev;

	if (!enabled || !st)
		return 0;
	__sync_fetch_and_add(&st->hits, 1);
	note_name();
	ev = reserve(probe, RAW_KIND, sizeof(*ev));
	if (!ev)
		return 0;
	bpf_probe_read_kernel(ev->bytes, sizeof(ev->bytes), ctx);
	submit(ev);
	return 0;
}
