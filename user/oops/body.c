// SPDX-License-Identifier: GPL-2.0-only
/* The lines of a report: arch/x86/kernel/dumpstack.c, process_64.c, lib/dump_stack.c,
 * kernel/module/main.c */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "oops/parse.h"

void copy_text(char *dst, size_t room, const char *from, size_t n)
{
	if (n >= room)
		n = room - 1;
	memcpy(dst, from, n);
	dst[n] = '\0';
}

void append_detail(struct oops *o, const char *text)
{
	size_t n = strlen(o->detail);

	if (n + 3 < sizeof(o->detail))
		snprintf(o->detail + n, sizeof(o->detail) - n, "%s%s", n ? "; " : "", text);
}

const char *after(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) ? NULL : text + n + strspn(text + n, " \t");
}

/* ---- places ---- */

/* A frame, or only its symbol, into a place. */
static bool take_place(struct oops *o, const char *text)
{
	struct oops_entry e;

	if (!oops_frame(text, &e) && !oops_frame_of_tool(text, &e))
		return false;
	if (!*e.at.symbol)
		return false;
	o->at = e.at;
	if (e.line && !*o->file) {
		memcpy(o->file, e.file, sizeof(e.file));
		o->line = e.line;
	}
	return true;
}

/* Where a stall was found, the trace is the interrupt's down to the registers of what ran. */
static bool is_interrupted(const struct oops_draft *d)
{
	return oops_is_stall(&d->o) && d->stack == STACK_CALL;
}

static int take_rip(struct oops_draft *d, const char *rest)
{
	bool again = d->o.at_rip && !d->inlined; /* behind the end of the trace */

	if (again || d->o.nr_regs || (d->in_trace && !is_interrupted(d))) {
		d->regs_open = false;
		return 1;
	}
	d->regs_open = true;
	d->o.above = d->o.nr_entries;
	d->o.at_rip = take_place(&d->o, rest);
	d->inlined = strstr(rest, "[inline]") != NULL; /* the place itself comes on the next line */
	return 1;
}

/* "0010:iov_iter_revert+0x114/0x120", "0033:0x7f..." of the user's code, "0010:[<f>] [<f>] func" */
static int body_rip(struct oops_draft *d, const char *rest)
{
	if (!strncmp(rest, "0033:", 5)) {
		d->regs_open = false;
		return 1;
	}
	if (!strncmp(rest, "0010:", 5) || !strncmp(rest, "0060:", 5))
		rest += 5;
	return take_rip(d, rest);
}

/* "800000000 func+0x1/0x2 [mod]", "0704c0018 000003ff801 (func+0x1/0x2 [mod])": mips, s390 */
static int body_pc(struct oops_draft *d, const char *rest)
{
	struct oops_entry e;
	const char *p = rest;

	while (isxdigit((unsigned char)*p) && strspn(p, "0123456789abcdef") >= 8)
		p = next_word(p);
	if (p == rest || !*p)
		return oops_frame(rest, &e) ? take_rip(d, rest) : 0;
	p += *p == '(';
	return oops_frame(p, &e) ? take_rip(d, p) : 0;
}

/* "[c00800000a1b2c3c] func+0x4bc/0x660 [cifs]" (arch/powerpc): the line of registers is another */
static int body_nip(struct oops_draft *d, const char *rest)
{
	return *rest == '[' ? take_rip(d, rest) : 0;
}

/* "[exception RIP: smb2_readv_callback+0x50f]" of crash: no size, so nothing to check it by */
static int body_exception(struct oops_draft *d, const char *rest)
{
	size_t n = strcspn(rest, "+]");

	copy_text(d->o.at.symbol, sizeof(d->o.at.symbol), rest, n);
	d->o.at.off = rest[n] == '+' ? strtoull(rest + n + 1, NULL, 16) : 0;
	d->o.at_rip = d->regs_open = true;
	return 1;
}

/* ---- the stack ---- */

static void *grow(void *array, size_t n, size_t size)
{
	return n & (n - 1) ? array : reallocarray(array, n ? 2 * n : 1, size);
}

int oops_begin_stack(struct oops_draft *d, enum oops_stack stack, const char *label)
{
	struct oops *o = &d->o;

	d->stack = stack;
	d->in_trace = true;
	d->regs_open = false;
	d->trace_over = false;
	*d->context = '\0';
	if (o->nr_sections < OOPS_MAX_SECTIONS)
		o->nr_sections++;
	o->section[o->nr_sections - 1].stack = stack;
	copy_text(o->section[o->nr_sections - 1].label, sizeof(o->section[0].label), label,
		  strlen(label));
	*d->heading = '\0';
	return 1;
}

static int add_entry(struct oops_draft *d, struct oops_entry *e)
{
	struct oops *o = &d->o;
	struct oops_entry *bigger;

	if (o->nr_entries == OOPS_MAX_ENTRIES)
		return 1;
	if (!o->nr_sections)
		oops_begin_stack(d, STACK_CALL, "");
	if (*d->heading)
		oops_begin_stack(d, STACK_OTHER, d->heading);
	e->stack = d->stack;
	e->section = o->nr_sections - 1;
	memcpy(e->context, d->context, sizeof(e->context));
	bigger = grow(o->entry, o->nr_entries, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	o->entry = bigger;
	o->entry[o->nr_entries++] = *e;
	return 1;
}

/* The innermost function of arm32's stacks stands only in front of the first "from". */
static int add_callee(struct oops_draft *d, const char *text)
{
	struct oops *o = &d->o;
	struct oops_entry e;

	if (o->nr_entries && o->entry[o->nr_entries - 1].section + 1 == o->nr_sections)
		return 1;
	return oops_frame_callee(text, &e) ? add_entry(d, &e) : 1;
}

static int body_entry(struct oops_draft *d, const char *text)
{
	struct oops_entry e;
	int rc;

	if (oops_frame(text, &e)) {
		rc = strstr(text, " from ") ? add_callee(d, text) : 1;
		return rc < 0 ? rc : add_entry(d, &e);
	}
	return d->in_trace && oops_frame_of_tool(text, &e) ? add_entry(d, &e) : 0;
}

/* "<TASK>", "</IRQ>"; until 4.9 "<IRQ>  [<ffffffff8100>] func", "<EOI>  ...", "<<EOE>>  ..." */
static int body_context(struct oops_draft *d, const char *line)
{
	const char *text = line + (line[0] == '<' && line[1] == '<');
	bool over = text[1] == '/';
	const char *name = text + 1 + over, *end = strchr(text, '>');
	int rc;

	if (*text != '<' || !end || !isupper((unsigned char)*name) || end - name > 6)
		return 0;
	d->trace_over |=
		over && d->stack == STACK_CALL && d->o.nr_entries && !strncmp(name, "TASK", 4);
	over |= !strncmp(name, "EO", 2);
	copy_text(d->context, sizeof(d->context), name, over ? 0 : end - name);
	rc = body_entry(d, end + strspn(end, "> "));
	return rc < 0 ? rc : 1;
}

/* A second one is the blocker's, if a line said so. */
static int body_call_trace(struct oops_draft *d, const char *rest)
{
	(void)rest;
	if (d->stack == STACK_BLOCKER && !d->in_trace)
		return oops_begin_stack(d, STACK_BLOCKER, d->o.blocker);
	if (d->stack == STACK_OTHER && !d->in_trace) /* a line has begun it */
		return 1;
	return oops_begin_stack(d, STACK_CALL, "");
}

static int body_allocated(struct oops_draft *d, const char *text)
{
	return oops_begin_stack(d, STACK_ALLOCATED, text);
}

static int body_freed(struct oops_draft *d, const char *text)
{
	return oops_begin_stack(d, STACK_FREED, text);
}

static int body_work(struct oops_draft *d, const char *text)
{
	return oops_begin_stack(d, STACK_WORK, text);
}

/* "Allocated in func+0x1/0x2 age=1 cpu=1 pid=902" (mm/slub.c), until 5.11 "INFO: Freed in ..." */
static int body_slub_track(struct oops_draft *d, const char *text)
{
	return oops_begin_stack(d, strstr(text, "Freed in ") ? STACK_FREED : STACK_ALLOCATED, text);
}

/* "which belongs to the cache kmalloc-256 of size 256" (mm/kasan/report.c) */
static int body_cache(struct oops_draft *d, const char *rest)
{
	copy_text(d->o.cache, sizeof(d->o.cache), rest, word(rest));
	return 1;
}

/* "kfence-#117: 0x...-0x..., size=448, cache=cifs_small_rq" */
static int body_kfence(struct oops_draft *d, const char *rest)
{
	const char *cache = strstr(rest, ", cache=");

	return cache ? body_cache(d, cache + strlen(", cache=")) : 0;
}

/* The kthread that waits for the stalled CPU. */
static int body_kthread(struct oops_draft *d, const char *text)
{
	if (d->o.kind != OOPS_RCU_STALL)
		return 0;
	oops_begin_stack(d, STACK_OTHER, text);
	d->in_trace = false;
	return 1;
}

/* "read to 0xffff of 8 bytes by task 12 on cpu 1:", "write (marked) to ..." (kernel/kcsan) */
static int body_kcsan(struct oops_draft *d, const char *text)
{
	if (d->o.kind != OOPS_KCSAN || !strstr(text, " by "))
		return 0;
	return oops_begin_stack(d, d->o.nr_sections ? STACK_OTHER : STACK_CALL, text);
}

/* ---- the rest ---- */

static int add_module(struct oops *o, const char *name, size_t n)
{
	char(*bigger)[64];

	if (o->nr_modules == OOPS_MAX_MODULES)
		return 0;
	bigger = grow(o->module, o->nr_modules, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	o->module = bigger;
	copy_text(o->module[o->nr_modules++], sizeof(*bigger), name, n);
	return 0;
}

/* "cmac(E) nls_utf8(E) cifs(E) ... [last unloaded: foo(E)]" */
static int body_modules(struct oops_draft *d, const char *rest)
{
	d->regs_open = false;
	d->in_modules = true;
	for (const char *p = rest; *p && *p != '['; p = next_word(p)) {
		size_t n = strcspn(p, " \t(");

		if (n && add_module(&d->o, p, n))
			return -ENOMEM;
	}
	return 1;
}

static int body_hardware(struct oops_draft *d, const char *rest)
{
	copy_text(d->o.hardware, sizeof(d->o.hardware), rest, strlen(rest));
	return 1;
}

static int body_workqueue(struct oops_draft *d, const char *rest)
{
	if (d->stack != STACK_BLOCKER) /* whose is another */
		copy_text(d->o.workqueue, sizeof(d->o.workqueue), rest, strlen(rest));
	return 1;
}

static int body_panic(struct oops_draft *d, const char *rest)
{
	copy_text(d->o.panic, sizeof(d->o.panic), rest, strlen(rest));
	return 1;
}

/* "Oops: 0000 [#1] PREEMPT SMP PTI", "invalid opcode: 0000 [#1] ..." */
static int body_die(struct oops_draft *d, const char *rest)
{
	if (!strstr(rest, "[#"))
		return 0;
	if (!*d->o.die)
		copy_text(d->o.die, sizeof(d->o.die), rest, strlen(rest));
	return 1;
}

static int body_detail(struct oops_draft *d, const char *text)
{
	append_detail(&d->o, text);
	return 1;
}

/* 6.16: "INFO: task X:pid is blocked on a mutex likely owned by task Y:pid.", of a semaphore "likely last
 * held by task Y:pid", then Y's stack */
static int body_blocker(struct oops_draft *d, const char *text)
{
	const char *owner = strstr(text, "owned by task "), *last = strstr(text, "held by task ");
	const char *by = owner ? owner : last, *colon = by ? strrchr(by, ':') : NULL;

	if (d->o.kind != OOPS_HUNG_TASK || !strstr(text, " blocked on "))
		return 0;
	append_detail(&d->o, text);
	d->ended = !colon;
	if (!colon)
		return 1;
	d->o.blocker_held_last = !owner;
	by = strstr(by, "task ") + strlen("task ");
	copy_text(d->o.blocker, sizeof(d->o.blocker), by, colon - by);
	d->o.blocker_pid = strtoul(colon + 1, NULL, 10);
	d->stack = STACK_BLOCKER;
	d->in_trace = d->trace_over = false;
	return 1;
}

/* "Preemption disabled at:", then the place, on the same line until 5.7 */
static int body_disabled(struct oops_draft *d, const char *text)
{
	int rc = oops_begin_stack(d, STACK_OTHER, "Preemption disabled at:");

	return rc < 0 || !*text ? rc : body_entry(d, text);
}

/* "#0: ffff888103a2c330 (&server->req_lock){+.+.}-{2:2}, at: func+0xcf/0x200 [cifs]" */
static int body_held(struct oops_draft *d, const char *text)
{
	const char *lock = strchr(text, '('), *at = lock ? strstr(lock, ", at: ") : NULL;
	size_t n = strlen(d->o.lock_held);

	if (d->o.kind != OOPS_ATOMIC || !at)
		return 0;
	snprintf(d->o.lock_held + n, sizeof(d->o.lock_held) - n, "%s%.*s%s", n ? "; " : "",
		 (int)strcspn(lock, "{"), lock, at + 1);
	return 1;
}

/* "Failing address: 0000000000000000 TEID: 0000000000000483" (arch/s390/mm/fault.c) */
static int body_failing(struct oops_draft *d, const char *rest)
{
	d->o.address = strtoull(rest, NULL, 16);
	d->o.has_address = true;
	if (d->o.kind == OOPS_PAGE_FAULT && d->o.address < 4096)
		d->o.kind = OOPS_NULL;
	return 1;
}

/* "comm "mount.cifs", pid 902, jiffies 1" (mm/kmemleak.c) */
static int body_kmemleak(struct oops_draft *d, const char *rest)
{
	const char *end = *rest == '"' ? strrchr(rest, '"') : NULL;
	const char *pid = end ? strstr(end, ", pid ") : NULL;

	if (d->o.kind != OOPS_LEAK || !pid)
		return 0;
	copy_text(d->o.comm, sizeof(d->o.comm), rest + 1, end - rest - 1);
	d->o.pid = strtoul(pid + 6, NULL, 10);
	d->o.has_pid = true;
	return 1;
}

static int body_backtrace(struct oops_draft *d, const char *rest)
{
	(void)rest;
	return oops_begin_stack(d, d->o.kind == OOPS_LEAK ? STACK_ALLOCATED : STACK_CALL, "");
}

static int body_end(struct oops_draft *d, const char *rest)
{
	(void)rest;
	d->ended = d->o.kind != OOPS_DENTRY; /* a second and a third report follow, of the same */
	return 1;
}

static int body_nothing(struct oops_draft *d, const char *rest)
{
	(void)d, (void)rest;
	return 1;
}

/* The place that the faulting function returns to: the trace has it too. */
static int body_pc_of_caller(struct oops_draft *d, const char *rest)
{
	(void)d;
	return isxdigit((unsigned char)*rest) || strstr(rest, "+0x");
}

/* A stack that is no call trace: s390's single frame behind it, the page's of KASAN */
static int body_other(struct oops_draft *d, const char *text)
{
	return oops_begin_stack(d, STACK_OTHER, text);
}

struct body {
	const char *prefix;
	int (*take)(struct oops_draft *d, const char *rest);
	bool whole; /* give it the line with its prefix */
};

static const struct body bodies[] = {
	{ "CPU: ", oops_cpu, false },
	{ "Pid: ", oops_pid, false },
	{ "Tainted: ", oops_taint, true },
	{ "Not tainted", oops_taint, true },
	{ "Hardware name: ", body_hardware, false },
	{ "Workqueue: ", body_workqueue, false },
	{ "RIP: ", body_rip, false },
	{ "EIP: ", body_rip, false },
	{ "EIP is at ", body_rip, false },
	{ "PC is at ", body_rip, false },
	{ "TPC: <", body_rip, false },
	{ "IAOQ[0]: ", body_rip, false },
	{ "pc : ", body_rip, false },
	{ "epc : ", body_pc, false },
	{ "epc   : ", body_pc, false },
	{ "ERA: ", body_pc, false },
	{ "Krnl PSW : ", body_pc, false },
	{ "NIP ", body_nip, false },
	{ "[exception RIP: ", body_exception, false },
	{ "LR is at ", body_nothing, false },
	{ "lr : ", body_nothing, false },
	{ "ra : ", body_pc_of_caller, false },
	{ "ra    : ", body_pc_of_caller, false },
	{ "ra: ", body_pc_of_caller, false },
	{ "LR [", body_nothing, false },
	{ "Call Trace (unreliable)", body_call_trace, false },
	{ "Call Trace:", body_call_trace, false },
	{ "Call trace:", body_call_trace, false },
	{ "Backtrace:", body_backtrace, false },
	{ "backtrace", body_backtrace, false },
	{ "Last Breaking-Event-Address:", body_other, true },
	{ "page last allocated via order ", body_other, true },
	{ "Allocated by task ", body_allocated, true },
	{ "allocated by task ", body_allocated, true },
	{ "Freed by task ", body_freed, true },
	{ "freed by task ", body_freed, true },
	{ "Allocated in ", body_slub_track, true },
	{ "Freed in ", body_slub_track, true },
	{ "INFO: Allocated in ", body_slub_track, true },
	{ "INFO: Freed in ", body_slub_track, true },
	{ "Last potentially related work creation", body_work, true },
	{ "Second to last potentially related work creation", body_work, true },
	{ "read ", body_kcsan, true },
	{ "write ", body_kcsan, true },
	{ "race at unknown origin, with ", body_kcsan, true },
	{ "comm ", body_kmemleak, false },
	{ "in_atomic(): ", body_detail, true },
	{ "preempt_count: ", body_detail, true },
	{ "RCU nest depth: ", body_detail, true },
	{ "Preemption disabled at:", body_disabled, false },
	{ "#", body_held, false },
	{ "Failing address: ", body_failing, false },
	{ "Modules linked in:", body_modules, false },
	{ "---[ end trace", body_end, false },
	{ "Kernel panic - not syncing: ", body_panic, false },
	{ "Oops: ", body_die, false },
	{ "Oops [#", body_die, true },
	{ "Oops[#", body_die, true },
	{ "Internal error: ", body_die, false },
	{ "invalid opcode: ", body_die, true },
	{ "INFO: task ", body_blocker, true },
	{ "Blocked by ", body_detail, true },
	{ "VFS: Busy inodes after unmount", body_detail, true },
	{ "#PF: ", body_detail, true },
	{ "Read of size ", body_detail, true },
	{ "Write of size ", body_detail, true },
	{ "Free of addr ", body_detail, true },
	{ "KASAN: ", body_detail, true },
	{ "Code: ", body_nothing, false },
	{ "PGD ", body_nothing, false },
	{ "task:", oops_task_line, true },
	{ "NMI backtrace for cpu ", oops_nmi, false },
	{ "RCU grace-period kthread stack dump:", body_kthread, true },
	{ "rcu: RCU grace-period kthread stack dump:", body_kthread, true },
	{ "rcu: ", oops_stalled_cpu, false },
	{ "in-flight: ", oops_pool_work, true },
	{ "pending: ", oops_pool_work, true },
	{ "workqueue ", oops_pool, false },
	{ "pwq ", oops_pool, false },
	{ "pool ", oops_pool, false },
	{ "The buggy address ", body_nothing, false },
	{ "which belongs to the cache ", body_cache, false },
	{ "kfence-#", body_kfence, false },
	{ "freed ", body_nothing, false },
	{ "The physical address", body_nothing, false },
	{ "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs", body_nothing, false },
};

/* " hv_vmbus(E)": the rest of a list of modules that was longer than a line may be */
static bool is_more_modules(const struct oops_draft *d, const char *text)
{
	return d->in_modules && *text &&
	       strspn(text,
		      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+() ") ==
		       strlen(text);
}

/* "index 3 is out of range for type '__u8 [1]'": lib/ubsan.c has one line before who it was */
static bool is_about_headline(const struct oops_draft *d)
{
	return d->o.kind == OOPS_UBSAN && !*d->o.detail && !d->o.has_cpu && !d->o.nr_sections;
}

/* "Uninit was created at:", "[ffffc90002c18000, ffffc90002c21000) created by:": frames below are of it */
static void take_heading(struct oops_draft *d, const char *text)
{
	size_t n = strlen(text);

	if (d->o.nr_entries && n && text[n - 1] == ':')
		copy_text(d->heading, sizeof(d->heading), text, n);
}

static int take_line(struct oops_draft *d, const char *text)
{
	bool more = is_more_modules(d, text);
	int rc;

	d->in_modules = false;

	rc = d->o.kind == OOPS_LOCKDEP ? oops_lockdep(d, text) : 0;
	for (size_t i = 0; i < ARRAY_SIZE(bodies) && !rc; i++) {
		const char *rest = after(text, bodies[i].prefix);

		if (rest)
			rc = bodies[i].take(d, bodies[i].whole ? text : rest);
	}
	if (!rc && more)
		rc = body_modules(d, text);
	if (!rc && *text && is_about_headline(d))
		rc = body_detail(d, text);
	if (!rc)
		rc = oops_stalled_cpu(d, text);
	if (!rc)
		rc = oops_take_dumped(d, text);
	if (!rc)
		rc = body_entry(d, text);
	if (!rc)
		rc = body_context(d, text);
	if (!rc && d->in_trace && d->o.nr_entries)
		rc = oops_frame_source(text, &d->o.entry[d->o.nr_entries - 1]);
	return rc ? rc : oops_registers(d, text);
}

int oops_body(struct oops_draft *d, const char *text)
{
	int rc = take_line(d, text);

	if (!rc)
		take_heading(d, text);
	return rc;
}
