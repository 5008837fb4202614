/* SPDX-License-Identifier: GPL-2.0-only */
/* What every program file shares: maps, settings, and the way an event gets into the ring. */
#ifndef NETFSNOOP_COMMON_BPF_H
#define NETFSNOOP_COMMON_BPF_H

#include "../vmlinux/cifs.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "event.h"
#include "../tracepoints/probes.h"

/* what the thread is working on, so that events without an R get one */
struct work {
	u32 rreq;
	u32 sreq;
	u64 conn;
	u64 mid;
	u32 nested;    /* steps within a step: only the outermost ends the work */
	u32 synth;     /* rreq and sreq are of cifs_old.bpf.c, not netfs's */
	u64 subreq;    /* netfs_io_subrequest; may be freed by now: ask it for its ids first */
	u32 tid;       /* whose it is; 0: nobody's. Only of work_slots */
	u32 elsewhere; /* a thread that found this place taken may be in works */
};

/* a cifs_readdata or cifs_writedata of a cifs without netfs */
struct old_io {
	u32 rreq;
	u32 sreq;
	u8 origin; /* enum ev_io_origin */
	u8 pad[7];
};

struct comm {
	u64 word[EV_COMM_LEN / 8];
};

/* core.bpf.c defines the maps, the other files declare them */
#ifndef MAP
#define MAP extern
#endif

MAP struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* the recorder sets the size */
} ring_main SEC(".maps");

/* per-folio events have their own ring: their volume must not push life cycles out */
MAP struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring_folio SEC(".maps");

/*
 * For programs that run in the debug exception or in the int3 of a kprobe. The kernel takes these
 * for NMIs, which may not wait for a ring's lock: what they compete for, they lose.
 */
MAP struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring_nmi SEC(".maps");

MAP struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PROBE_MAX); /* times CPUs: index cpu * PROBE_MAX + probe */
	__type(key, u32);
	__type(value, struct probe_stat);
} probe_stats SEC(".maps");

MAP struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, struct comm);
} tasks SEC(".maps");

/*
 * By thread, without a hash: each has the place of its number. Only where another one is at work in
 * that place it is in `works`.
 */
#define WORK_SLOTS 1024
MAP struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WORK_SLOTS);
	__type(key, u32);
	__type(value, struct work);
} work_slots SEC(".maps");

MAP struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, struct work);
} works SEC(".maps");

MAP struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, u32);
} conns SEC(".maps");

/* by the address of the cifs_readdata or cifs_writedata, as long as it lives */
MAP struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct old_io);
} old_ios SEC(".maps");

/*
 * What made them: by the address of the cifs_aio_ctx, or by the thread that is in cifs_readahead or
 * cifs_writepages. rreq is 0 until there is a first unit, sreq is the last one's.
 */
MAP struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct old_io);
} old_calls SEC(".maps");

/* requests that passed the filter; used only when there is one */
MAP struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, u8);
} wanted SEC(".maps");

struct path_key {
	u64 ino;
	u32 dev;
	u32 pad;
};

/* what a file was called when its name was told: another name or directory is told again */
struct path_told {
	u64 parent;
	u64 hash_len;
};

MAP struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct path_key);
	__type(value, struct path_told);
} paths_told SEC(".maps");

/* A call of a function whose return is watched by a kretprobe: by thread and probe. */
struct call {
	u64 arg[5];
};

MAP struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct call);
} calls SEC(".maps");

extern const volatile __u64 wake_bytes; /* wake the reader once this much waits */
extern const volatile bool filtering;	/* any of the four below is set */
extern const volatile bool with_paths;	/* the user asked for names of files */
extern const volatile __u32 filter_dev;
extern const volatile __u32 filter_tgid;
extern const volatile __u64 filter_ino;
extern const volatile char filter_fs[EV_FSNAME_LEN];
extern const volatile __u8 nargs[PROBE_MAX]; /* of the probed function on this kernel, from BTF */
/*
 * By number of the thread: what task_mark() made of the one that was last found told. It spares the
 * look into `tasks`; two that share a place are looked up there, as before.
 */
#define TASK_SLOTS 1024
extern __u64 tasks_told[TASK_SLOTS];
/* In the same way by connection: id and instance. */
#define CONN_SLOTS 64
extern __u64 conns_told[CONN_SLOTS];
extern __u32 old_calls_made; /* cifs_readahead, cifs_writepages and cifs_aio_ctx with a unit */
extern bool asleep;	     /* the reader does not look by itself: the next record wakes it */
extern bool enabled; /* off until everything is attached, so that no request is seen by halves */

static __always_inline struct probe_stat *stat_of(u16 probe)
{
	u32 key = bpf_get_smp_processor_id() * PROBE_MAX + probe;

	return bpf_map_lookup_elem(&probe_stats, &key);
}

static __always_inline void count_lost(u16 probe)
{
	struct probe_stat *st = stat_of(probe);

	if (!st)
		return;
	st->last_lost_ns = bpf_ktime_get_ns(); /* first: who sees the count finds its time */
	__sync_fetch_and_add(&st->lost, 1);
}

/* The run of a program that makes no record: silence must be distinguishable from not attached. */
static __always_inline void count_hit(u16 probe)
{
	struct probe_stat *st = stat_of(probe);

	if (st)
		__sync_fetch_and_add(&st->hits, 1);
}

static __always_inline void fill_header_of(u64 id, struct ev_hdr *h, u16 probe, u8 kind, u8 flags,
					   u32 size)
{
	h->size = size;
	h->kind = kind;
	h->flags = flags;
	h->probe = probe;
	h->cpu = bpf_get_smp_processor_id();
	h->ts = bpf_ktime_get_ns();
	h->tid = (u32)id;
	h->tgid = id >> 32;
}

static __always_inline void fill_header(struct ev_hdr *h, u16 probe, u8 kind, u8 flags, u32 size)
{
	fill_header_of(bpf_get_current_pid_tgid(), h, probe, kind, flags, size);
}

/* Looks at one record in 16, by its time, whether it is worth waking the reader: that is enough. */
static __always_inline bool worth_waking(void *ring, const struct ev_hdr *ev, u64 bytes)
{
	return !(ev->ts & 0xf00) && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >= bytes;
}

static __always_inline void submit_at(void *ring, struct ev_hdr *ev, u64 bytes)
{
	bool wake = asleep || worth_waking(ring, ev, bytes);

	if (wake)
		asleep = false;
	bpf_ringbuf_submit(ev, wake ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

static __always_inline void submit(void *ring, struct ev_hdr *ev)
{
	submit_at(ring, ev, wake_bytes);
}

/* Thread and name in a number, never 0. Of the same thread no two names have the same but by chance. */
static __always_inline u64 task_mark(u32 tid, const struct comm *name)
{
	u64 mark = name->word[0] * 0x9e3779b97f4a7c15ULL; /* 2^64 / golden ratio */

	mark = ((mark ^ mark >> 32) + name->word[1]) * 0x9e3779b97f4a7c15ULL;
	mark = ((mark ^ mark >> 32) + tid) * 0x9e3779b97f4a7c15ULL;
	return mark ? mark : 1;
}

/* What is behind the end of the name may be anything. */
static __always_inline void read_comm(struct comm *ret)
{
#ifdef WITHOUT_BTF
	bpf_get_current_comm(ret, sizeof(*ret));
#else
	struct task_struct *t = bpf_get_current_task_btf();
	const u64 *words = (const void *)__builtin_preserve_access_index(&t->comm);

	ret->word[0] = words[0];
	ret->word[1] = words[1];
#endif
}

/*
 * Writes an EV_TASK if this thread is new or has a new name; later events carry only the tid. The
 * mark is kept if the name is told.
 */
int note_task(u64 mark);
int note_task_nmi(void); /* ... into ring_nmi */

static __always_inline void name_task(u32 tid)
{
	struct comm name;
	u64 mark;

	read_comm(&name);
	mark = task_mark(tid, &name);
	if (tasks_told[tid % TASK_SLOTS] != mark)
		note_task(mark);
}

/*
 * Writes an EV_PATH if the name of this inode was not told yet, or is another now; by this dentry,
 * or by the first of the inode if that is 0. Nothing without --paths. Addresses as numbers: the
 * verifier would not let a pointer into a global function.
 */
int note_path(u64 inode, u64 dentry);

/* Counts the hit and reserves a record, header filled in; NULL when off or lost. */
static __always_inline void *begin_in(void *ring, u16 probe, u8 kind, u8 flags, u32 size)
{
	struct probe_stat *st = stat_of(probe);
	void *ev;
	u64 id;

	if (!enabled || !st)
		return NULL;
	__sync_fetch_and_add(&st->hits, 1);
	id = bpf_get_current_pid_tgid();
	name_task((u32)id);
	ev = bpf_ringbuf_reserve(ring, size, 0);
	if (!ev) {
		count_lost(probe);
		return NULL;
	}
	fill_header_of(id, ev, probe, kind, flags, size);
	return ev;
}

#define begin(probe, kind, flags, type) \
	((struct type *)begin_in(&ring_main, probe, kind, flags, sizeof(struct type)))
#define commit(ev) submit(&ring_main, &(ev)->hdr)

static __always_inline struct work *work_slot(u32 tid)
{
	u32 slot = tid % WORK_SLOTS;

	return bpf_map_lookup_elem(&work_slots, &slot);
}

static __always_inline struct work *current_work(void)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();
	struct work *w = work_slot(tid);

	if (!w || w->tid == tid)
		return w;
	return w->elsewhere ? bpf_map_lookup_elem(&works, &tid) : NULL;
}

/* Its work is over; w is what current_work() said. */
static __always_inline void end_work(struct work *w)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();

	if (w->tid)
		w->tid = 0;
	else
		bpf_map_delete_elem(&works, &tid);
}

/* What the thread does from now on; the caller says whose ids they are. */
static __always_inline void put_work(const struct work *now)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();
	struct work *w = work_slot(tid);

	if (!w)
		return;
	if (w->tid != tid && w->elsewhere)
		bpf_map_delete_elem(&works, &tid);
	if (w->tid != tid && __sync_val_compare_and_swap(&w->tid, 0, tid)) {
		w->elsewhere = true;
		bpf_map_update_elem(&works, &tid, now, BPF_ANY);
		return;
	}
	w->rreq = now->rreq;
	w->sreq = now->sreq;
	w->conn = now->conn;
	w->mid = now->mid;
	w->nested = 0;
	w->synth = now->synth;
	w->subreq = now->subreq;
}

static __always_inline void set_work(u32 rreq, u32 sreq, u64 conn, u64 mid, const void *subreq)
{
	struct work w = {
		.rreq = rreq, .sreq = sreq, .conn = conn, .mid = mid, .subreq = (u64)subreq
	};

	put_work(&w);
}

static __always_inline void set_old_work(const struct old_io *io, u64 conn, u64 mid)
{
	struct work w = {
		.rreq = io->rreq, .sreq = io->sreq, .conn = conn, .mid = mid, .synth = true
	};

	put_work(&w);
}

/* Stamps the R of the thread's current subrequest into a record that starts with {rreq, sreq}. */
#define stamp_work(ev)                                \
	do {                                          \
		struct work *w_ = current_work();     \
		(ev)->rreq = w_ ? w_->rreq : 0;       \
		(ev)->sreq = w_ ? w_->sreq : 0;       \
		if (w_ && w_->synth)                  \
			(ev)->hdr.flags |= EVF_SYNTH; \
	} while (0)

/* Does the filter let events of this request through? Requests are listed when they start. */
static __always_inline bool want_rreq(u32 rreq)
{
	return !filtering || !rreq || bpf_map_lookup_elem(&wanted, &rreq);
}

static __always_inline void take_arguments(struct call *call, struct pt_regs *regs)
{
	call->arg[0] = PT_REGS_PARM1(regs);
	call->arg[1] = PT_REGS_PARM2(regs);
	call->arg[2] = PT_REGS_PARM3(regs);
	call->arg[3] = PT_REGS_PARM4(regs);
	call->arg[4] = PT_REGS_PARM5(regs);
}

static __always_inline u64 call_key(u64 probe)
{
	return probe << 32 | (u32)bpf_get_current_pid_tgid();
}

/* False: the call began before the recording. */
static __always_inline bool take_call(u16 probe, struct call *ret)
{
	u64 key = call_key(probe);
	struct call *call = bpf_map_lookup_elem(&calls, &key);

	if (!call)
		return false;
	*ret = *call;
	bpf_map_delete_elem(&calls, &key);
	return true;
}

#endif
