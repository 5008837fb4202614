// SPDX-License-Identifier: GPL-2.0-only
/*
 * iov_iter_revert(iter, unroll). lib/ is compiled without ftrace, so there is no fentry; three
 * other ways lead to the same event.
 */
#include "iter_rule.bpf.h"

struct text_range {
	u64 start, end;
};

const volatile struct text_range revert_callers[2] = {}; /* netfs and cifs; {0}: all callers */
const volatile struct text_range revert_reset = {};	 /* netfs_reset_iter */
__u32 lines_said = 0;
__u64 reverts_elsewhere = 0; /* seen by the breakpoint, and none of our business */

/*
 * What kind of instruction a site is, in the high byte of its link's cookie; the rest is its
 * address, whose own high byte is all ones.
 */
#define SITE_CALL 0x00
#define SITE_JMP  0x01
#define SITE_JCC  0x80 /* or'ed with the condition code */
#define HIGH_BYTE (0xffULL << 56)
#define CALL_SIZE 5

static __always_inline bool within(const volatile struct text_range *r, u64 addr)
{
	return addr > r->start && addr <= r->end; /* a return address may lie just behind */
}

static __always_inline bool from_us(u64 caller)
{
	return !revert_callers[0].end || within(&revert_callers[0], caller) ||
	       within(&revert_callers[1], caller);
}

/* Linked both ways: no memory that is something else looks like this by chance. */
static __always_inline bool on_list(struct netfs_io_subrequest *s)
{
	u64 self = (u64)s + bpf_core_field_offset(s->rreq_link);

	return (u64)BPF_CORE_READ(s, rreq_link.next, prev) == self &&
	       (u64)BPF_CORE_READ(s, rreq_link.prev, next) == self &&
	       BPF_CORE_READ(s, transferred) <= BPF_CORE_READ(s, len);
}

/* Is the iterator a subrequest's own? Copies of it, on some stack, are not. */
static __always_inline bool find_around_iter(struct revert *r)
{
	struct netfs_io_subrequest *s = NULL;
	bool reset = within(&revert_reset, r->caller);
	u32 rreq, sreq;

	if (!bpf_core_field_exists(s->io_iter))
		return false;
	s = (void *)r->iter - bpf_core_field_offset(s->io_iter);
	if (!reset && !on_list(s))
		return false;
	rreq = BPF_CORE_READ(s, rreq, debug_id);
	sreq = BPF_CORE_READ(s, debug_index);
	if (!rreq || !sreq)
		return false;
	r->rreq = rreq;
	r->sreq = sreq;
	r->subreq = s;
	r->knows = reset ? EV_KNOWS_RESET : EV_KNOWS_ITER;
	return true;
}

/* The memory of one that was freed may be another's by now. */
static __always_inline bool is_still(const struct netfs_io_subrequest *s, const struct work *w)
{
	return !w->synth && s && bpf_core_field_exists(s->debug_index) &&
	       BPF_CORE_READ(s, debug_index) == w->sreq &&
	       BPF_CORE_READ(s, rreq, debug_id) == w->rreq;
}

static __always_inline void find_subrequest(struct revert *r)
{
	struct work *w;

	if (find_around_iter(r))
		return;
	w = current_work();
	if (!w || !w->rreq)
		return;
	r->rreq = w->rreq;
	r->sreq = w->sreq;
	r->knows = EV_KNOWS_WORK;
	/* a work whose end was missed must not judge the user's iterator in netfs_perform_write */
	if (within(&revert_callers[1], r->caller) && is_still((void *)w->subreq, w))
		r->subreq = (void *)w->subreq;
}

/* A bug in a loop must not push out what else is in the buffer. */
#define MAX_LINES 100

/*
 * What a kernel that dies now can still leave on its console (record --crash-safe). None of the
 * words that test suites look for in the log.
 */
static __always_inline void say_revert(const struct revert *r)
{
	static const char types[8][16] = { "ITER",	   "ITER_UBUF",	  "ITER_XARRAY",
					   "ITER_DISCARD", "ITER_FOLIOQ", "ITER_BVEC" };

	if (__sync_fetch_and_add(&lines_said, 1) >= MAX_LINES)
		return;
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_trace_vprintk))
		bpf_printk("netfsnoop: iter-revert R=%08x[%x] %pB unroll=%llu past=%llu %s",
			   r->rreq, r->sreq, r->caller, r->unroll, r->past, types[r->type & 7]);
	else
		bpf_printk("netfsnoop: iter-revert R=%08x[%x] %pB", r->rreq, r->sreq, r->caller);
}

static __always_inline struct ev_revert *revert_begin(u16 probe)
{
	struct probe_stat *st = stat_of(probe);
	struct ev_revert *ev;

	if (!st)
		return NULL;
	__sync_fetch_and_add(&st->hits, 1);
	note_task_nmi();
	ev = bpf_ringbuf_reserve(&ring_nmi, sizeof(*ev), 0);
	if (!ev) {
		count_lost(probe);
		return NULL;
	}
	fill_header(&ev->hdr, probe, EV_REVERT, EVF_RREQ, sizeof(*ev));
	return ev;
}

static __always_inline int revert_event(u16 probe, u8 via, struct revert *r)
{
	const struct iov_iter *iter = r->iter;
	struct ev_revert *ev;

	find_subrequest(r);
	if (!want_rreq(r->rreq))
		return 0;
	judge_revert(r);
	if (r->past)
		say_revert(r);
	ev = revert_begin(probe);
	if (!ev)
		return 0;
	ev->rreq = r->rreq;
	ev->sreq = r->sreq;
	ev->iter = (u64)iter;
	ev->offset = BPF_CORE_READ(iter, iov_offset);
	ev->count = BPF_CORE_READ(iter, count);
	ev->unroll = r->unroll;
	ev->segs = BPF_CORE_READ(iter, nr_segs);
	ev->caller = r->caller;
	ev->site = r->site;
	ev->iter_type = BPF_CORE_READ(iter, iter_type);
	ev->via = via;
	ev->knows = r->knows;
	ev->rule = r->rule;
	ev->room = r->room;
	ev->past = r->past;
	__builtin_memset(ev->pad, 0, sizeof(ev->pad));
	__builtin_memset(ev->pad2, 0, sizeof(ev->pad2));
	if (r->past) /* the kernel may be about to die: the reader has to be quick */
		bpf_ringbuf_submit(ev, BPF_RB_FORCE_WAKEUP);
	else
		submit_at(&ring_nmi, &ev->hdr, wake_bytes / 4); /* its ring is small */
	return 0;
}

#if defined(__TARGET_ARCH_x86)
/* A conditional jump is hit whether it is taken or not: Intel SDM vol. 1, appendix B. */
static __always_inline bool taken(u8 cc, u64 flags)
{
	bool cf = flags & 0x001, pf = flags & 0x004, zf = flags & 0x040;
	bool sf = flags & 0x080, of = flags & 0x800, is;

	switch (cc >> 1) {
	case 0:
		is = of;
		break;
	case 1:
		is = cf;
		break;
	case 2:
		is = zf;
		break;
	case 3:
		is = cf || zf;
		break;
	case 4:
		is = sf;
		break;
	case 5:
		is = pf;
		break;
	case 6:
		is = sf != of;
		break;
	default:
		is = zf || sf != of;
		break;
	}
	return is != (cc & 1);
}
#define FLAGS(regs) ((regs)->eflags)
/* at a function's first instruction, and at a jump to one */
static __always_inline u64 return_address(u64 sp)
{
	u64 addr = 0;

	bpf_probe_read_kernel(&addr, sizeof(addr), (void *)sp);
	return addr;
}
#define RETURN_ADDRESS(regs) return_address(PT_REGS_SP(regs))
#else
/* only the plain kprobe is for these: user space offers no other */
#define taken(cc, flags)     true
#define FLAGS(regs)	     0
#define RETURN_ADDRESS(regs) PT_REGS_RET(regs)
#endif

/* Only where the kernel allows kprobes on functions without an ftrace site. */
SEC("?kprobe/iov_iter_revert")
int iov_iter_revert_kprobe(struct pt_regs *ctx)
{
	struct revert r = { .iter = (void *)PT_REGS_PARM1(ctx), .unroll = PT_REGS_PARM2(ctx) };

	if (!r.unroll || !enabled)
		return 0;
	r.caller = RETURN_ADDRESS(ctx);
	if (!from_us(r.caller)) {
		__sync_fetch_and_add(&reverts_elsewhere, 1);
		return 0;
	}
	return revert_event(P_iov_iter_revert_kprobe, EV_VIA_KPROBE, &r);
}

/* At the call (or tail call) in cifs or netfs: the arguments are in place. */
SEC("?kprobe/iov_iter_revert")
int iov_iter_revert_callsite(struct pt_regs *ctx)
{
	struct revert r = { .iter = (void *)PT_REGS_PARM1(ctx), .unroll = PT_REGS_PARM2(ctx) };
	u64 cookie = bpf_get_attach_cookie(ctx);
	u8 kind = cookie >> 56;

	if (!r.unroll || !enabled || ((kind & SITE_JCC) && !taken(kind & 15, FLAGS(ctx))))
		return 0;
	r.site = cookie | HIGH_BYTE;
	r.caller = kind == SITE_CALL ? r.site + CALL_SIZE : RETURN_ADDRESS(ctx);
	return revert_event(P_iov_iter_revert_callsite, EV_VIA_CALLSITE, &r);
}

SEC("?perf_event")
int iov_iter_revert_breakpoint(struct bpf_perf_event_data *ctx)
{
	struct revert r = { .iter = (void *)PT_REGS_PARM1(&ctx->regs),
			    .unroll = PT_REGS_PARM2(&ctx->regs) };

	if (!r.unroll || !enabled)
		return 0;
	r.caller = RETURN_ADDRESS(&ctx->regs);
	if (!from_us(r.caller)) {
		__sync_fetch_and_add(&reverts_elsewhere, 1);
		return 0;
	}
	return revert_event(P_iov_iter_revert_breakpoint, EV_VIA_BREAKPOINT, &r);
}
