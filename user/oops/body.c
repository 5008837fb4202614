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

static size_t word(const char *p)
{
	return strcspn(p, " \t");
}

static const char *next_word(const char *p)
{
	p += word(p);
	return p + strspn(p, " \t");
}

/* ---- CPU:, Tainted: ---- */

/* "G            E  6.8.0-rc3+ #2": letters up to the first word that has other things in it */
static const char *take_taint(struct oops *o, const char *p)
{
	size_t at = 0;

	o->taint_known = true;
	while (*p) {
		size_t n = word(p);

		for (size_t i = 0; i < n; i++)
			if (!isupper((unsigned char)p[i]))
				return p;
		for (size_t i = 0; i < n && at + 1 < sizeof(o->taint); i++)
			o->taint[at++] = p[i];
		o->taint[at] = '\0';
		p = next_word(p);
	}
	return p;
}

/* "Tainted: ... RELEASE VERSION" or "Not tainted RELEASE VERSION", anywhere in the line */
static bool take_release(struct oops *o, const char *text)
{
	const char *p = strstr(text, "Not tainted"), *t = strstr(text, "Tainted: ");

	if (p) {
		o->taint_known = true;
		p += strlen("Not tainted");
		p += strspn(p, " \t");
	} else if (t) {
		if (t[strlen("Tainted: ")] == '[') /* 6.12: the letters again, with their names */
			return true;
		p = take_taint(o, t + strlen("Tainted: "));
	} else {
		return false;
	}
	if (!isdigit((unsigned char)*p) || *o->release)
		return true;
	copy_text(o->release, sizeof(o->release), p, word(p));
	p = next_word(p);
	copy_text(o->version, sizeof(o->version), p, strlen(p));
	return true;
}

static void take_comm(struct oops *o, const char *text)
{
	const char *comm = strstr(text, "Comm: "), *end;

	if (!comm || *o->comm)
		return;
	comm += strlen("Comm: ");
	end = strstr(comm, " Kdump:");
	if (!end)
		end = strstr(comm, " Not tainted");
	if (!end)
		end = strstr(comm, " Tainted:");
	copy_text(o->comm, sizeof(o->comm), comm, end ? (size_t)(end - comm) : word(comm));
}

static int body_cpu(struct oops_draft *d, const char *rest)
{
	struct oops *o = &d->o;
	const char *pid = strstr(rest, "PID: ");

	if (!isdigit((unsigned char)*rest))
		return 0;
	if (!o->has_cpu)
		o->cpu = strtoul(rest, NULL, 10);
	o->has_cpu = true;
	if (pid && !o->has_pid) {
		o->pid = strtoul(pid + strlen("PID: "), NULL, 10);
		o->has_pid = true;
	}
	take_comm(o, rest);
	take_release(o, rest);
	return 1;
}

static int body_taint(struct oops_draft *d, const char *text)
{
	return take_release(&d->o, text);
}

/* ---- registers ---- */

static const char *const reg_names[] = {
	"RAX", "RBX", "RCX", "RDX", "RSI",    "RDI", "RBP", "RSP", "R08", "R09", "R10", "R11",
	"R12", "R13", "R14", "R15", "EFLAGS", "CR0", "CR2", "CR3", "CR4", "FS",	 "GS",	"ORIG_RAX",
};

static bool is_reg_name(const char *p, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(reg_names); i++)
		if (strlen(reg_names[i]) == n && !memcmp(p, reg_names[i], n))
			return true;
	return false;
}

static void add_reg(struct oops *o, const char *name, size_t n, uint64_t value)
{
	char text[sizeof(o->reg[0].name)];

	copy_text(text, sizeof(text), name, n);
	if (o->nr_regs == OOPS_MAX_REGS || oops_reg(o, text))
		return;
	memcpy(o->reg[o->nr_regs].name, text, sizeof(text));
	o->reg[o->nr_regs++].value = value;
}

/* "RAX: ffff... RBX: ffff...", "RSP: 0018:ffff...  EFLAGS: 00010246" */
static int body_regs(struct oops_draft *d, const char *text)
{
	const char *colon = strchr(text, ':'), *p = text;

	if (!colon || !is_reg_name(text, colon - text))
		return 0;
	while (d->regs_open && *p) {
		size_t n = strcspn(p, ": \t");
		const char *value = p + n + strspn(p + n, ": \t");
		bool segment = isxdigit((unsigned char)value[0]) &&
			       strspn(value, "0123456789abcdef") == 4 && value[4] == ':';

		if (p[n] == ':' && is_reg_name(p, n) && isxdigit((unsigned char)*value))
			add_reg(&d->o, p, n, strtoull(value + 5 * segment, NULL, 16));
		p = next_word(p);
	}
	return 1;
}

static int take_rip(struct oops_draft *d, const char *rest)
{
	if (d->o.at_rip || d->o.nr_regs || d->in_trace) { /* again, behind the end of the trace */
		d->regs_open = false;
		return 1;
	}
	d->regs_open = true;
	if (!sym_ref_parse(rest, &d->o.at, NULL))
		d->o.at_rip = true;
	return 1;
}

/* "0010:iov_iter_revert+0x114/0x120", "0033:0x7f..." of the user's code */
static int body_rip(struct oops_draft *d, const char *rest)
{
	if (!strncmp(rest, "0010:", 5))
		return take_rip(d, rest + 5);
	if (!strncmp(rest, "0033:", 5)) {
		d->regs_open = false;
		return 1;
	}
	return take_rip(d, rest);
}

/* ---- the stack ---- */

/* "? func+0x1/0x2 [mod]", "[<ffffffff8100>] ? func+0x1/0x2", "0xffffffffc0123456" */
static bool parse_entry(const char *text, struct oops_entry *e)
{
	const char *p = text;
	char *end;

	memset(e, 0, sizeof(*e));
	e->reliable = true;
	if (!strncmp(p, "[<", 2)) {
		e->address = strtoull(p + 2, &end, 16);
		if (strncmp(end, ">]", 2) != 0)
			return false;
		p = end + 2 + strspn(end + 2, " \t");
	}
	if (*p == '?') {
		e->reliable = false;
		p += 1 + strspn(p + 1, " \t");
	}
	if (!sym_ref_parse(p, &e->at, NULL))
		return e->at.size != 0;
	if (strncmp(p, "0xffff", 6) != 0 || strspn(p + 2, "0123456789abcdef") != 16)
		return false;
	e->address = strtoull(p, NULL, 16);
	return true;
}

bool is_trace_entry(const char *text)
{
	struct oops_entry e;

	return parse_entry(text, &e);
}

static void *grow(void *array, size_t n, size_t size)
{
	return n & (n - 1) ? array : reallocarray(array, n ? 2 * n : 1, size);
}

static int body_entry(struct oops_draft *d, const char *text)
{
	struct oops *o = &d->o;
	struct oops_entry e, *bigger;

	if (!parse_entry(text, &e))
		return 0;
	if (o->nr_entries == OOPS_MAX_ENTRIES)
		return 1;
	e.stack = d->stack;
	memcpy(e.context, d->context, sizeof(e.context));
	bigger = grow(o->entry, o->nr_entries, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	o->entry = bigger;
	o->entry[o->nr_entries++] = e;
	return 1;
}

/* "<TASK>", "</IRQ>" */
static int body_context(struct oops_draft *d, const char *text)
{
	bool over = text[1] == '/';
	const char *name = text + 1 + over, *end = strchr(text, '>');

	if (*text != '<' || !end || !isupper((unsigned char)*name) || end - name > 6)
		return 0;
	copy_text(d->context, sizeof(d->context), name, over ? 0 : end - name);
	return 1;
}

static int begin_stack(struct oops_draft *d, enum oops_stack stack)
{
	d->stack = stack;
	d->in_trace = true;
	d->regs_open = false;
	*d->context = '\0';
	return 1;
}

static int body_call_trace(struct oops_draft *d, const char *rest)
{
	(void)rest;
	return begin_stack(d, STACK_CALL);
}

static int body_allocated(struct oops_draft *d, const char *rest)
{
	(void)rest;
	return begin_stack(d, STACK_ALLOCATED);
}

static int body_freed(struct oops_draft *d, const char *rest)
{
	(void)rest;
	return begin_stack(d, STACK_FREED);
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

/* 6.16: "INFO: task X:pid is blocked on a mutex likely owned by task Y:pid.", then Y's stack */
static int body_blocker(struct oops_draft *d, const char *text)
{
	if (d->o.kind != OOPS_HUNG_TASK || !strstr(text, " blocked on "))
		return 0;
	append_detail(&d->o, text);
	d->ended = true;
	return 1;
}

static int body_end(struct oops_draft *d, const char *rest)
{
	(void)rest;
	d->ended = true;
	return 1;
}

static int body_nothing(struct oops_draft *d, const char *rest)
{
	(void)d, (void)rest;
	return 1;
}

struct body {
	const char *prefix;
	int (*take)(struct oops_draft *d, const char *rest);
	bool whole; /* give it the line with its prefix */
};

static const struct body bodies[] = {
	{ "CPU: ", body_cpu, false },
	{ "Tainted: ", body_taint, true },
	{ "Not tainted", body_taint, true },
	{ "Hardware name: ", body_hardware, false },
	{ "Workqueue: ", body_workqueue, false },
	{ "RIP: ", body_rip, false },
	{ "pc : ", body_rip, false },
	{ "Call Trace:", body_call_trace, false },
	{ "Call trace:", body_call_trace, false },
	{ "Allocated by task ", body_allocated, false },
	{ "Freed by task ", body_freed, false },
	{ "Modules linked in:", body_modules, false },
	{ "---[ end trace", body_end, false },
	{ "Kernel panic - not syncing: ", body_panic, false },
	{ "Oops: ", body_die, false },
	{ "invalid opcode: ", body_die, true },
	{ "INFO: task ", body_blocker, true },
	{ "#PF: ", body_detail, true },
	{ "Read of size ", body_detail, true },
	{ "Write of size ", body_detail, true },
	{ "KASAN: ", body_detail, true },
	{ "Code: ", body_nothing, false },
	{ "PGD ", body_nothing, false },
	{ "task:", body_nothing, false },
	{ "Call Trace (unreliable)", body_nothing, false },
	{ "The buggy address ", body_nothing, false },
	{ "which belongs to ", body_nothing, false },
	{ "freed ", body_nothing, false },
	{ "The physical address", body_nothing, false },
	{ "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs", body_nothing, false },
};

/* " hv_vmbus(E)": the rest of a list of modules that was longer than a line may be */
static bool is_more_modules(const struct oops_draft *d, const char *text)
{
	return d->in_modules && *text &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_-+() ") == strlen(text);
}

int oops_body(struct oops_draft *d, const char *text)
{
	bool more = is_more_modules(d, text);
	int rc;

	d->in_modules = false;

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		const char *rest = after(text, bodies[i].prefix);

		if (rest)
			return bodies[i].take(d, bodies[i].whole ? text : rest);
	}
	if (more)
		return body_modules(d, text);
	rc = body_entry(d, text);
	if (!rc)
		rc = body_context(d, text);
	return rc ? rc : body_regs(d, text);
}
