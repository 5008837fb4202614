// SPDX-License-Identifier: GPL-2.0-only
/* Settings and licence: the one file that defines what the others declare. */
#define MAP
#include "program.bpf.h"

char LICENSE[] SEC("license") = "GPL";

const volatile __u64 wake_bytes = 64 * 1024;
const volatile bool filtering = false;
const volatile bool with_paths = false;
const volatile __u32 filter_dev = 0;
const volatile __u32 filter_tgid = 0;
const volatile __u64 filter_ino = 0;
const volatile char filter_fs[EV_FSNAME_LEN] = {};
const volatile __u8 nargs[PROBE_MAX] = {};
__u64 tasks_told[TASK_SLOTS] = {};
__u64 conns_told[CONN_SLOTS] = {};
__u32 old_calls_made = 0;
bool asleep = false;
bool enabled = false;
__u64 refcount_asks = 0; /* how often somebody looked at the reference count of cifs or netfs */

/* True: the name is told, now or before. */
static __always_inline bool note_task_in(void *ring)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();
	struct task_struct *t;
	struct ev_task *ev;
	struct comm *old, now = {};

	bpf_get_current_comm(&now, sizeof(now));
	old = bpf_map_lookup_elem(&tasks, &tid);
	if (old && old->word[0] == now.word[0] && old->word[1] == now.word[1])
		return true;
	ev = bpf_ringbuf_reserve(ring, sizeof(*ev), 0);
	if (!ev) {
		count_lost(PROBE_NONE);
		return false;
	}
	t = (void *)bpf_get_current_task();
	fill_header(&ev->hdr, PROBE_NONE, EV_TASK, 0, sizeof(*ev));
	ev->start_ns = BPF_CORE_READ(t, start_time);
	ev->cgroup_id = bpf_get_current_cgroup_id();
	ev->ppid = BPF_CORE_READ(t, real_parent, tgid);
	ev->pad = 0;
	__builtin_memcpy(ev->comm, &now, sizeof(now));
	submit(ring, &ev->hdr);
	bpf_map_update_elem(&tasks, &tid, &now, BPF_ANY);
	return true;
}

/* Global, so that the verifier looks at it once and not in every program. */
__noinline int note_task(u64 mark)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();

	if (note_task_in(&ring_main))
		tasks_told[tid % TASK_SLOTS] = mark;
	return 0;
}

__noinline int note_task_nmi(void)
{
	note_task_in(&ring_nmi);
	return 0;
}

/*
 * Before a kretprobe: the arguments, for its program; the cookie is the probe. A call that is still
 * there has returned unseen: the kernel has only so many kretprobes to wait with.
 */
SEC("?kprobe")
int call_begin(struct pt_regs *regs)
{
	u64 probe = bpf_get_attach_cookie(regs), key = call_key(probe);
	struct call call;

	if (!enabled)
		return 0;
	if (bpf_map_lookup_elem(&calls, &key))
		count_lost(probe);
	take_arguments(&call, regs);
	bpf_map_update_elem(&calls, &key, &call, BPF_ANY);
	return 0;
}

/*
 * rmmod(8), lsmod(8) and whoever waits for a module to become free read /sys/module/NAME/refcnt
 * before anything else: a hint that the recorder should let go. The function is vmlinux's, so this
 * pins nothing. It is not module_refcount(), which compilers put into this one.
 */
static __always_inline int refcount_asked(const struct module_kobject *mk)
{
	const struct module *mod = NULL;
	u64 name = 0;

	bpf_probe_read_kernel(&mod, sizeof(mod), __builtin_preserve_access_index(&mk->mod));
	bpf_probe_read_kernel(&name, sizeof(name), __builtin_preserve_access_index(&mod->name));
	name &= 0xffffffffffULL; /* the first five bytes, as this machine orders them */
	if (name == 0x0073666963ULL /* "cifs" */ || name == 0x736674656eULL /* "netfs" */)
		__sync_fetch_and_add(&refcount_asks, 1);
	return 0;
}

SEC("?probe_entry/show_refcnt")
int show_refcnt_enter(u64 *ctx)
{
	return refcount_asked((void *)ctx[1]);
}

/* core.bpf.c is compiled once, see program.bpf.h */
SEC("?kprobe/show_refcnt")
int show_refcnt_enter_raw(struct pt_regs *regs)
{
	return refcount_asked((void *)PT_REGS_PARM2(regs));
}
