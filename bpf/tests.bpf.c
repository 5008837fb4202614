// SPDX-License-Identifier: GPL-2.0-only
/*
 * The marks of an xfstests run: start marks from the kernel log, and what the processes below
 * `check` do. All targets are vmlinux's, so the object pins no module and stays attached while the
 * rest is parked; it is its own for that. Nothing is recorded of processes outside of a run.
 */
#include "../vmlinux/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "event.h"
#include "../tracepoints/probes.h"

char LICENSE[] SEC("license") = "GPL";

#define MAX_ANCESTORS 12
#define MARK	      "run fstests "
#define MARK_LEN      (sizeof(MARK) - 1)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} tests_ring SEC(".maps");

/* tgid -> tgid of its run's `check` */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, u32);
} tests_procs SEC(".maps");

bool enabled = false;
__u32 roots = 0; /* runs that are on: without one, forks and exits cost one comparison */
struct probe_stat stats[PROBE_MAX] = {};

static __always_inline void *begin(u16 probe, u8 kind, u32 size)
{
	struct ev_hdr *h = bpf_ringbuf_reserve(&tests_ring, size, 0);
	u64 id = bpf_get_current_pid_tgid();

	__sync_fetch_and_add(&stats[probe].hits, 1);
	if (!h) {
		__sync_fetch_and_add(&stats[probe].lost, 1);
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

static __always_inline u32 root_of(u32 tgid)
{
	u32 *root = roots ? bpf_map_lookup_elem(&tests_procs, &tgid) : NULL;

	return root ? *root : 0;
}

static __always_inline struct ev_proc *begin_proc(u16 probe, u8 event, const struct task_struct *p,
						  u32 root)
{
	struct ev_proc *ev = begin(probe, EV_PROC, sizeof(*ev));

	if (!ev)
		return NULL;
	ev->pid = p->tgid;
	ev->ppid = p->real_parent->tgid;
	ev->root = root;
	ev->status = 0;
	ev->cgroup_id = bpf_get_current_cgroup_id();
	ev->event = event;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	bpf_probe_read_kernel(ev->comm, sizeof(ev->comm), p->comm);
	__builtin_memset(ev->path, 0, sizeof(ev->path));
	return ev;
}

SEC("?tp_btf/sched_process_fork")
int test_fork(u64 *ctx)
{
	const struct task_struct *parent = (void *)ctx[0], *child = (void *)ctx[1];
	struct ev_proc *ev;
	u32 root, tgid;

	if (!roots || !parent || !child || child->tgid == parent->tgid)
		return 0;
	root = root_of(parent->tgid);
	if (!root)
		return 0;
	tgid = child->tgid;
	bpf_map_update_elem(&tests_procs, &tgid, &root, BPF_ANY);
	ev = begin_proc(P_test_fork, EV_PROC_FORK, child, root);
	if (ev)
		bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
	return 0;
}

/* The last bytes of a name, its NUL included. */
static __always_inline void read_tail(char *dst, const char *name)
{
	char start[256];
	long len = bpf_probe_read_kernel_str(start, sizeof(start), name);

	if (len > EV_PATH_LEN)
		name += len - EV_PATH_LEN;
	if (len > 0)
		bpf_probe_read_kernel_str(dst, EV_PATH_LEN, name);
}

SEC("?tp_btf/sched_process_exec")
int test_exec(u64 *ctx)
{
	const struct task_struct *p = (void *)ctx[0];
	const struct linux_binprm *bprm = (void *)ctx[2];
	struct ev_proc *ev;
	u32 root;

	if (!roots || !p || !bprm)
		return 0;
	root = root_of(p->tgid);
	ev = root ? begin_proc(P_test_exec, EV_PROC_EXEC, p, root) : NULL;
	if (!ev)
		return 0;
	read_tail(ev->path, bprm->filename);
	/* the recorder wants the environment of a test's script while it lives */
	bpf_ringbuf_submit(ev, BPF_RB_FORCE_WAKEUP);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int test_exit(u64 *ctx)
{
	const struct task_struct *p = (void *)ctx[0];
	struct ev_proc *ev;
	u32 root, tgid;

	if (!roots || !p || p->pid != p->tgid)
		return 0;
	tgid = p->tgid;
	root = root_of(tgid);
	if (!root)
		return 0;
	bpf_map_delete_elem(&tests_procs, &tgid);
	if (root == tgid)
		__sync_fetch_and_add(&roots, -1);
	ev = begin_proc(P_test_exit, EV_PROC_EXIT, p, root);
	if (!ev)
		return 0;
	ev->status = p->exit_code;
	bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
	return 0;
}

static __always_inline bool same(const char *a, const char *b, int len)
{
	for (int i = 0; i < len; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static __always_inline bool is_check(const struct task_struct *t)
{
	const char want[8] __attribute__((aligned(8))) = "check";
	u64 comm = 0;

	bpf_probe_read_kernel(&comm, sizeof(want) - 2, t->comm);
	return comm == *(const u64 *)want;
}

/*
 * The topmost `check` among the writer and its ancestors, else the writer. Each step through a pointer
 * that the verifier trusts makes it go through all types of the kernel four times (6.12), on each path
 * to it: a second for this loop. So it gets a number to start from, which it does not trust.
 */
static __always_inline u32 find_root(void)
{
	const struct task_struct *t = (void *)bpf_get_current_task();
	u32 tgid = BPF_CORE_READ(t, tgid), root = tgid;

	for (int i = 0; i < MAX_ANCESTORS; i++) {
		if (is_check(t))
			root = tgid;
		t = BPF_CORE_READ(t, real_parent);
		tgid = t ? BPF_CORE_READ(t, tgid) : 0;
		if (tgid <= 1)
			break;
	}
	return root;
}

static __always_inline void plant(u32 root)
{
	if (bpf_map_lookup_elem(&tests_procs, &root))
		return;
	if (!bpf_map_update_elem(&tests_procs, &root, &root, BPF_ANY))
		__sync_fetch_and_add(&roots, 1);
}

/* kdevops marks the begin and the end of a run as if these were tests. */
static __always_inline bool is_bracket(const char *name)
{
	return same(name, "fstestsstart", 12) || same(name, "fstestsdone/", 12);
}

SEC("?tp_btf/console")
int test_console(u64 *ctx)
{
	const char *text = (void *)ctx[0];
	char head[MARK_LEN + 12] = {};
	u64 len = ctx[1];
	struct ev_test *ev;

	if (!enabled || len <= MARK_LEN)
		return 0;
	bpf_probe_read_kernel(head, MARK_LEN, text);
	if (!same(head, MARK, MARK_LEN))
		return 0;
	bpf_probe_read_kernel(head, sizeof(head), text);
	ev = begin(P_test_console, EV_TEST, sizeof(*ev));
	if (!ev)
		return 0;
	ev->root = is_bracket(head + MARK_LEN) ? 0 : find_root();
	ev->pad = 0;
	__builtin_memset(ev->text, 0, sizeof(ev->text));
	if (len >= sizeof(ev->text))
		len = sizeof(ev->text) - 1;
	bpf_probe_read_kernel(ev->text, len, text);
	if (ev->root)
		plant(ev->root);
	bpf_ringbuf_submit(ev, BPF_RB_FORCE_WAKEUP);
	return 0;
}
