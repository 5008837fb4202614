// SPDX-License-Identifier: GPL-2.0-only
/* Headlines: kernel/panic.c, lib/bug.c, arch/x86/mm/fault.c, arch/x86/kernel/traps.c,
 * mm/kasan/report.c ... */
#include <ctype.h>
#include <string.h>

#include "oops/parse.h"

struct head {
	const char *prefix;
	enum oops_kind kind;
	/* what follows the prefix; false: not a headline after all. NULL: nothing to take */
	bool (*parse)(struct oops *o, const char *rest);
};

/* "func+0x1/0x2 [mod]", with its source or a bare module behind it where a tool put that */
static bool take_place(struct oops *o, const char *text)
{
	struct oops_entry e;

	if (!oops_frame(text, &e) && !oops_frame_of_tool(text, &e))
		return false;
	o->at = e.at;
	if (e.line && !*o->file) {
		memcpy(o->file, e.file, sizeof(e.file));
		o->line = e.line;
	}
	return *e.at.symbol;
}

/* "lib/iov_iter.c:582!", "fs/netfs/objects.c:192:7": returns what follows, NULL if it is none */
static const char *take_file(struct oops *o, const char *text)
{
	size_t n = strcspn(text, " !");
	const char *colon = memchr(text, ':', n);

	if (!colon || colon == text || !isdigit((unsigned char)colon[1]))
		return NULL;
	copy_text(o->file, sizeof(o->file), text, colon - text);
	o->line = strtoul(colon + 1, NULL, 10);
	return text + n;
}

static bool parse_bug(struct oops *o, const char *rest)
{
	if (*rest == '[') { /* the condition (CONFIG_DEBUG_BUGVERBOSE_DETAILED) */
		const char *end = strstr(rest, "] ");

		if (!end)
			return true;
		copy_text(o->detail, sizeof(o->detail), rest + 1, end - rest - 1);
		rest = end + 2;
	}
	if (!take_file(o, rest))
		take_place(o, rest);
	return true;
}

/* ", CPU#2: cifsd/4033" (7.x) */
static void take_cpu_comm(struct oops *o, const char *text)
{
	const char *p = strstr(text, "CPU#"), *colon = p ? strchr(p, ':') : NULL;
	const char *slash = colon ? strrchr(colon, '/') : NULL;

	if (!slash || colon[1] != ' ' || slash < colon + 2)
		return;
	o->cpu = strtoul(p + 4, NULL, 10);
	o->pid = strtoul(slash + 1, NULL, 10);
	o->has_cpu = o->has_pid = true;
	copy_text(o->comm, sizeof(o->comm), colon + 2, slash - colon - 2);
}

/* kernel/locking/lockdep.c: "possible circular locking dependency detected", "dd/12 still has locks held!" */
static bool is_lockdep(const char *rest)
{
	static const char *const begins[] = {
		"possible ",
		"bad unlock ",
		"bad contention ",
		"suspicious RCU ",
		"inconsistent lock ",
		"held lock freed",
		"lock held when returning",
		"Nested lock was not taken",
	};

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++)
		if (!strncmp(rest, begins[i], strlen(begins[i])))
			return true;
	return strstr(rest, "-unsafe lock order detected") ||
	       strstr(rest, " still has locks held!");
}

/*
 * "CPU: 2 PID: 4033 at fs/x.c:12 func+0x1/0x2 [mod]" until 6.18, "fs/x.c:12 at func+0x1/0x2 [mod],
 * CPU#2: cifsd/4033" later, with "[condition] " in front of the file where configured.
 */
static bool parse_warn(struct oops *o, const char *rest)
{
	unsigned int cpu, pid;
	int n = 0;

	if (is_lockdep(rest)) {
		o->kind = OOPS_LOCKDEP;
		return true;
	}
	if (sscanf(rest, "CPU: %9u PID: %9u at %n", &cpu, &pid, &n) == 2 && n) {
		o->cpu = cpu;
		o->pid = pid;
		o->has_cpu = o->has_pid = true;
		rest += n;
	}
	if (!strncmp(rest, "at ", 3)) {
		rest += 3;
	} else {
		const char *place;

		if (*rest == '[') {
			parse_bug(o, rest);
			rest = strstr(rest, "] ") ? strstr(rest, "] ") + 2 : rest;
		}
		place = take_file(o, rest);
		if (!place)
			return n != 0;
		rest = place + strspn(place, " ");
		rest = !strncmp(rest, "at ", 3) ? rest + 3 : rest;
	}
	take_place(o, rest);
	take_cpu_comm(o, rest);
	return true;
}

static void take_address(struct oops *o, const char *text)
{
	char *end;

	text += strspn(text, " :");
	if (!isxdigit((unsigned char)*text))
		return;
	o->address = strtoull(text, &end, 16);
	o->has_address = true;
}

static bool parse_fault(struct oops *o, const char *rest)
{
	const char *at = strstr(rest, "address");

	if (at)
		take_address(o, at + strlen("address"));
	else if ((at = strstr(rest, " at ")) != NULL) /* until 5.0 */
		take_address(o, at + 4);
	if (o->has_address && o->address < 4096)
		o->kind = OOPS_NULL;
	return true;
}

/* "task X:pid blocked for more than N seconds." */
static bool parse_hung(struct oops *o, const char *rest)
{
	const char *blocked = strstr(rest, " blocked for more than "), *colon;
	const char *more;

	if (!blocked)
		blocked = strstr(rest, " blocked in I/O wait for more than "); /* 7.1 */
	more = blocked ? strstr(blocked, " more than ") : NULL;
	if (!more)
		return false;
	colon = memrchr(rest, ':', blocked - rest);
	if (!colon || !isdigit((unsigned char)colon[1]))
		return false;
	copy_text(o->comm, sizeof(o->comm), rest, colon - rest);
	o->pid = strtoul(colon + 1, NULL, 10);
	o->has_pid = true;
	o->seconds = strtoul(more + strlen(" more than "), NULL, 10);
	return true;
}

/* "CPU#2 stuck for 26s! [kworker/2:1:1234]" */
static bool parse_soft_lockup(struct oops *o, const char *rest)
{
	const char *cpu = strstr(rest, "CPU#"), *stuck = strstr(rest, "stuck for ");
	const char *comm = strchr(rest, '['), *end = strrchr(rest, ']');
	const char *colon = comm && end > comm ? memrchr(comm, ':', end - comm) : NULL;

	if (cpu) {
		o->cpu = strtoul(cpu + 4, NULL, 10);
		o->has_cpu = true;
	}
	if (stuck)
		o->seconds = strtoul(stuck + strlen("stuck for "), NULL, 10);
	if (colon) {
		copy_text(o->comm, sizeof(o->comm), comm + 1, colon - comm - 1);
		o->pid = strtoul(colon + 1, NULL, 10);
		o->has_pid = true;
	}
	return true;
}

/* "slab-use-after-free in netfs_put_request+0x1/0x2 [netfs]" */
static bool parse_in(struct oops *o, const char *rest)
{
	const char *in = strstr(rest, " in ");

	if (in && !take_place(o, in + 4))
		take_file(o, in + 4);
	return true;
}

/* "BUG kmalloc-256 (Not tainted): Right Redzone overwritten" (mm/slub.c) */
static bool parse_slab(struct oops *o, const char *rest)
{
	const char *paren = strstr(rest, " ("), *end = paren ? strstr(paren, "): ") : NULL;

	if (!end || strcspn(rest, " ") != (size_t)(paren - rest))
		return false;
	copy_text(o->cache, sizeof(o->cache), rest, paren - rest);
	return true;
}

/* "Dentry ffff{i=1f,n=name} still in use (2) [unmount of cifs cifs]" */
static bool parse_dentry(struct oops *o, const char *rest)
{
	const char *ino = strstr(rest, "{i="), *used = strstr(rest, "still in use");
	unsigned long long n;

	/* umount_check() prints it with %lx, before the name, which may hold anything */
	o->has_ino = ino && used && ino < used && sscanf(ino, "{i=%llx,", &n) == 1;
	if (o->has_ino)
		o->ino = n;
	return used != NULL;
}

/* "CPU 0 Unable to handle kernel paging request at virtual address 0010, epc == ..." */
static bool parse_cpu_fault(struct oops *o, const char *rest)
{
	const char *what = rest + strspn(rest, "0123456789");

	if (what == rest || strncmp(what, " Unable to handle kernel ", 25) != 0)
		return false;
	o->cpu = strtoul(rest, NULL, 10);
	o->has_cpu = true;
	return parse_fault(o, what);
}

/* "mount.cifs: page allocation failure: order:4, ...", "cifsd invoked oom-killer: ..." */
static bool parse_memory(struct oops_draft *d, const char *text)
{
	const char *alloc = strstr(text, ": page allocation failure: order:");
	const char *oom = strstr(text, " invoked oom-killer: "), *end = alloc ? alloc : oom;

	if (!end || memchr(text, ' ', end - text))
		return false;
	d->o.kind = alloc ? OOPS_ALLOC : OOPS_OOM;
	copy_text(d->o.comm, sizeof(d->o.comm), text, end - text);
	copy_text(d->o.title, sizeof(d->o.title), text, strlen(text));
	return true;
}

/* "CPU7", "CPU 7" */
static bool is_cpu(const char *text)
{
	return !strncmp(text, "CPU", 3) && isdigit((unsigned char)text[3 + (text[3] == ' ')]);
}

/*
 * "Watchdog detected hard LOCKUP on cpu 3", since 6.5 with "CPU7: " in front; of powerpc "CPU 3 self-detected
 * hard LOCKUP @ func", "CPU 7 detected hard LOCKUP on other CPUs 3", and of each of these "CPU 3 Hard LOCKUP"
 */
static bool parse_hard_lockup(struct oops_draft *d, const char *text)
{
	const char *lockup = strstr(text, "ard LOCKUP"),
		   *on = lockup ? strstr(lockup, " on ") : NULL;
	const char *cpu = on ? on : text, *at = lockup ? strstr(lockup, " @ ") : NULL;

	if (!lockup || (!is_cpu(text) && strncmp(text, "Watchdog ", 9) != 0))
		return false;
	cpu += strcspn(cpu, "0123456789");
	d->o.kind = OOPS_HARD_LOCKUP;
	d->o.has_cpu = *cpu;
	d->o.cpu = strtoul(cpu, NULL, 10);
	copy_text(d->o.title, sizeof(d->o.title), text, strlen(text));
	if (at)
		take_place(&d->o, at + 3);
	return true;
}

/* "smb2_reconnect_server [cifs] hogged CPU for >10000us 4 times, consider switching ..." */
static bool parse_workqueue(struct oops *o, const char *rest)
{
	if (!strstr(rest, "hogged CPU"))
		return false;
	copy_text(o->workqueue, sizeof(o->workqueue), rest, strstr(rest, " hogged CPU") - rest);
	return true;
}

static bool parse_die(struct oops *o, const char *rest)
{
	const char *code = strstr(rest, "[#");

	if (!code)
		return false;
	if (strstr(rest, "general protection fault"))
		o->kind = OOPS_GPF;
	if (strstr(o->title, "address"))
		parse_fault(o, o->title);
	return true;
}

/* the longer prefix first */
static const struct head heads[] = {
	{ "kernel BUG at ", OOPS_BUG, parse_bug },
	{ "Kernel BUG at ", OOPS_BUG, parse_bug },
	{ "WARNING: ", OOPS_WARN, parse_warn },
	{ "BUG: kernel NULL pointer dereference", OOPS_NULL, parse_fault },
	{ "BUG: unable to handle kernel NULL pointer dereference", OOPS_NULL, parse_fault },
	{ "Unable to handle kernel NULL pointer dereference", OOPS_NULL, parse_fault },
	{ "BUG: unable to handle ", OOPS_PAGE_FAULT, parse_fault },
	{ "Unable to handle kernel ", OOPS_PAGE_FAULT, parse_fault },
	{ "BUG: Kernel NULL pointer dereference", OOPS_NULL, parse_fault },
	{ "BUG: Unable to handle kernel ", OOPS_PAGE_FAULT, parse_fault },
	{ "CPU ", OOPS_PAGE_FAULT, parse_cpu_fault },
	{ "BUG: Dentry ", OOPS_DENTRY, parse_dentry },
	{ "BUG: workqueue lockup", OOPS_WORKQUEUE, NULL },
	{ "BUG: KASAN: ", OOPS_KASAN, parse_in },
	{ "BUG: KFENCE: ", OOPS_KFENCE, parse_in },
	{ "BUG: KCSAN: ", OOPS_KCSAN, parse_in },
	{ "BUG: KMSAN: ", OOPS_OTHER, parse_in },
	{ "UBSAN: ", OOPS_UBSAN, parse_in },
	{ "BUG: soft lockup - ", OOPS_SOFT_LOCKUP, parse_soft_lockup },
	{ "INFO: task ", OOPS_HUNG_TASK, parse_hung },
	{ "INFO: rcu_", OOPS_RCU_STALL, NULL },
	{ "INFO: possible ", OOPS_LOCKDEP, NULL },
	{ "BUG: sleeping function called from invalid context", OOPS_ATOMIC, NULL },
	{ "BUG: scheduling while atomic", OOPS_ATOMIC, NULL },
	{ "[ BUG: ", OOPS_LOCKDEP, NULL },
	{ "[ INFO: possible ", OOPS_LOCKDEP, NULL },
	{ "BUG: Invalid wait context", OOPS_LOCKDEP, NULL },
	{ "BUG: ", OOPS_OTHER, NULL },
	{ "BUG ", OOPS_SLAB, parse_slab },
	{ "unreferenced object 0x", OOPS_LEAK, NULL },
	{ "general protection fault", OOPS_GPF, parse_die },
	{ "Oops: ", OOPS_TRAP, parse_die },
	{ "Oops [#", OOPS_TRAP, NULL },
	{ "Oops[#", OOPS_TRAP, NULL },
	{ "Internal error: ", OOPS_TRAP, parse_die },
	{ "invalid opcode: ", OOPS_TRAP, parse_die },
	{ "stack segment: ", OOPS_TRAP, parse_die },
	{ "divide error: ", OOPS_TRAP, parse_die },
	{ "Kernel panic - not syncing: ", OOPS_PANIC, NULL },
};

static const char *without_subsystem(const char *text)
{
	static const char *const names[] = { "watchdog: ", "rcu: ", "NMI watchdog: ",
					     "kmemleak: " };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(text, names[i], strlen(names[i])))
			return text + strlen(names[i]);
	return text;
}

bool oops_headline(struct oops_draft *d, const char *text)
{
	const char *t = without_subsystem(text), *wq = after(text, "workqueue: ");

	if (parse_memory(d, text) || parse_hard_lockup(d, t))
		return true;
	if (wq && parse_workqueue(&d->o, wq)) {
		d->o.kind = OOPS_WORKQUEUE;
		copy_text(d->o.title, sizeof(d->o.title), text, strlen(text));
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		const struct head *h = &heads[i];
		size_t n = strlen(h->prefix);

		if (strncmp(t, h->prefix, n) != 0)
			continue;
		d->o.kind = h->kind;
		copy_text(d->o.title, sizeof(d->o.title), t, strlen(t));
		return !h->parse || h->parse(&d->o, t + n);
	}
	return false;
}

/* ---- stacks without a headline ---- */

static bool headless_task(struct oops *o, const char *text)
{
	const char *state = strstr(text, " state:");

	if (!oops_take_task(o, text))
		return false;
	snprintf(o->title, sizeof(o->title), "Stack of task %.60s", o->comm);
	if (state) /* before 5.11 without a name */
		snprintf(o->title, sizeof(o->title), "Stack of task %.60s, state %c", o->comm,
			 state[7]);
	return true;
}

/* "PID: 1902     TASK: ffff9a1c03b2a400  CPU: 1    COMMAND: "kworker/1:2"" of crash */
static bool headless_crash(struct oops *o, const char *text)
{
	const char *pid = after(text, "PID: "), *task = pid ? strstr(pid, " TASK: ") : NULL;
	const char *comm = task ? strstr(task, "COMMAND: \"") : NULL, *cpu;

	if (!comm)
		return false;
	comm += strlen("COMMAND: \"");
	o->pid = strtoul(pid, NULL, 10);
	cpu = strstr(task, " CPU: ");
	o->has_pid = true;
	o->has_cpu = cpu != NULL;
	o->cpu = cpu ? strtoul(cpu + 6, NULL, 10) : 0;
	copy_text(o->comm, sizeof(o->comm), comm, strcspn(comm, "\""));
	snprintf(o->title, sizeof(o->title), "Stack of task %.60s, from crash", o->comm);
	return true;
}

/* The first line of what comes below a headline that is not there. */
static bool headless_rest(struct oops *o, const char *text)
{
	static const char *const starts[] = {
		"Call Trace:", "Call trace:", "RIP: 0010:", "RSP: 0018:", "PC is at ", "pc : ",
		"EIP: 0060:",  "[<0>] ",      "NIP [",	    "#0 [",	  "#0  "
	};
	struct oops_entry e;

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (!strncmp(text, starts[i], strlen(starts[i])) &&
		    (*text != '#' || oops_frame_of_tool(text, &e))) {
			snprintf(o->title, sizeof(o->title), "Stack without a first line");
			return true;
		}
	return false;
}

/* "CPU: 0 UID: 0 PID: 12 Comm: name ...": dump_stack() begins so */
static bool headless_cpu(struct oops *o, const char *text)
{
	const char *comm = strstr(text, " Comm: ");

	if (strncmp(text, "CPU: ", 5) != 0 || !strstr(text, " PID: ") || !comm)
		return false;
	comm += 7;
	snprintf(o->title, sizeof(o->title), "Stack dumped by task %.*s", (int)strcspn(comm, " "),
		 comm);
	return true;
}

static bool headless_nmi(struct oops *o, const char *text)
{
	long cpu = oops_cpu_of_nmi(text);

	if (cpu < 0)
		return false;
	o->cpu = cpu;
	o->has_cpu = o->sampled = true;
	snprintf(o->title, sizeof(o->title), "Stack of CPU %ld, asked by an NMI", cpu);
	return true;
}

bool oops_headless(struct oops_draft *d, const char *text)
{
	if (!headless_nmi(&d->o, text) && !headless_task(&d->o, text) &&
	    !headless_crash(&d->o, text) && !headless_rest(&d->o, text) &&
	    !headless_cpu(&d->o, text))
		return false;
	d->o.kind = OOPS_STACK;
	d->in_trace = *text == '#' || *text == '[' || !strncmp(text, "PID: ", 5);
	return true;
}
