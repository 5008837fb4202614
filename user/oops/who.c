// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who: the lines of lib/dump_stack.c with the CPU, the task, the taint and the release; of
 * kernel/sched/core.c with a task; of kernel/workqueue.c with what runs and waits in a pool.
 */
#include <ctype.h>
#include <string.h>

#include "oops/parse.h"

/* "G            E  6.8.0-rc3+ #2", RHEL's "G  OE  --------- -  - 4.18.0": up to the first other word */
static const char *take_taint(struct oops *o, const char *p)
{
	size_t at = 0;

	o->taint_known = true;
	while (*p) {
		size_t n = word(p);

		for (size_t i = 0; i < n; i++)
			if (!isupper((unsigned char)p[i]) && p[i] != '-')
				return p;
		for (size_t i = 0; i < n && *p != '-' && at + 1 < sizeof(o->taint); i++)
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

int oops_cpu(struct oops_draft *d, const char *rest)
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

/* "Pid: 2801, comm: ls Not tainted 2.6.32-754.el6.x86_64 #1": until 3.9 */
int oops_pid(struct oops_draft *d, const char *rest)
{
	const char *comm = strstr(rest, ", comm: "), *end;

	if (!isdigit((unsigned char)*rest) || !comm)
		return 0;
	comm += strlen(", comm: ");
	end = strstr(comm, " Not tainted");
	if (!end)
		end = strstr(comm, " Tainted:");
	d->o.pid = strtoul(rest, NULL, 10);
	d->o.has_pid = true;
	copy_text(d->o.comm, sizeof(d->o.comm), comm, end ? (size_t)(end - comm) : word(comm));
	take_release(&d->o, rest);
	return 1;
}

int oops_taint(struct oops_draft *d, const char *text)
{
	return take_release(&d->o, text);
}

/* A number that ends before end: where it begins, or NULL */
static const char *number_before(const char *text, const char *end, unsigned int base)
{
	const char *set = base == 16 ? "0123456789abcdef" : "0123456789", *p;

	while (end > text && end[-1] == ' ')
		end--;
	for (p = end; p > text && strchr(set, p[-1]); p--)
		;
	return p < end && p > text && p[-1] == ' ' ? p : NULL;
}

/* Until 5.10: "rsync           D    0  2011   1990 0x00000080", until 4.8 with an address behind the D */
static bool take_old_task(struct oops *o, const char *text)
{
	const char *flags = strstr(text, " 0x"), *p = flags, *pid, *address;
	size_t n = flags ? strspn(flags + 3, "0123456789abcdef") : 0;

	if ((n != 8 && n != 16) || flags[3 + n])
		return false;
	p = number_before(text, p, 10);
	pid = p ? number_before(text, p, 10) : NULL;
	p = pid ? number_before(text, pid, 10) : NULL;
	if (!p)
		return false;
	address = number_before(text, p, 16);
	if (address && p - address > 16)
		p = address;
	while (p > text && p[-1] == ' ')
		p--;
	if (p - text > 12 && !strncmp(p - 12, "running task", 12))
		for (p -= 12; p > text && p[-1] == ' '; p--)
			;
	if (p - text < 3 || p[-2] != ' ' || !strchr("RSDTtZXxKWPI", p[-1]))
		return false;
	for (p -= 2; p > text && p[-1] == ' '; p--)
		;
	copy_text(o->comm, sizeof(o->comm), text, p - text);
	o->pid = strtoul(pid, NULL, 10);
	o->has_pid = true;
	return *o->comm;
}

bool oops_is_task(const char *text)
{
	struct oops o;

	return !strncmp(text, "task:", 5) || take_old_task(&o, text);
}

/* "task:cp              state:D stack:0     pid:2810  tgid:2810  ppid:2700" */
bool oops_take_task(struct oops *o, const char *text)
{
	const char *comm = after(text, "task:"), *state = comm ? strstr(comm, " state:") : NULL;
	const char *pid = state ? strstr(state, " pid:") : NULL;
	size_t n;

	if (!state)
		return take_old_task(o, text);
	for (n = state - comm; n && comm[n - 1] == ' '; n--)
		;
	copy_text(o->comm, sizeof(o->comm), comm, n);
	if (pid) {
		o->pid = strtoul(pid + 5, NULL, 10);
		o->has_pid = true;
	}
	return true;
}

/* "3-....: (20998 ticks this GP) idle=..." of RCU */
int oops_stalled_cpu(struct oops_draft *d, const char *rest)
{
	size_t n = strspn(rest, "0123456789");

	if (d->o.kind != OOPS_RCU_STALL)
		return 0;
	if (!n || rest[n] != '-' || !strstr(rest, ": ("))
		return 0;
	if (!d->o.has_cpu)
		d->o.cpu = strtoul(rest, NULL, 10);
	d->o.has_cpu = true;
	return 1;
}

long oops_cpu_of_nmi(const char *text)
{
	const char *cpu = after(text, "NMI backtrace for cpu ");
	size_t n = cpu ? strspn(cpu, "0123456789") : 0;

	return n && n < 7 && !cpu[n] ? strtol(cpu, NULL, 10) : -1;
}

bool oops_is_of_other_cpu(const struct oops_draft *d, const char *text)
{
	long cpu = oops_cpu_of_nmi(text);
	const struct oops *o = &d->o;
	bool is_due = oops_is_stall(o) && !o->at_rip && (!o->nr_entries || d->stack == STACK_OTHER);

	return cpu >= 0 && !(is_due && (!o->has_cpu || (long)o->cpu == cpu));
}

int oops_nmi(struct oops_draft *d, const char *rest)
{
	(void)rest;
	d->stack = STACK_CALL;
	d->in_trace = false;
	return 1;
}

/* That of a hung task is known from its headline; of a pool's workers the first is told. */
int oops_task_line(struct oops_draft *d, const char *text)
{
	if ((d->o.kind == OOPS_WORKQUEUE || d->o.kind == OOPS_RCU_STALL) && !d->o.has_pid &&
	    d->stack == STACK_CALL)
		oops_take_task(&d->o, text);
	return 1;
}

int oops_take_dumped(struct oops_draft *d, const char *text)
{
	return d->o.kind == OOPS_RCU_STALL && oops_is_task(text) ? oops_task_line(d, text) : 0;
}

/* One of "812:smb2_reconnect_server [cifs] for 40s", "*77:func", "cifs_oplock_break [cifs]" */
static bool is_ours(const char *item)
{
	struct sym_ref ref = {};
	size_t n, all = strcspn(item, ",");

	item += strspn(item, " *:0123456789");
	n = strcspn(item, " ,(");
	if (!n || n >= sizeof(ref.symbol))
		return false;
	copy_text(ref.symbol, sizeof(ref.symbol), item, n);
	return oops_is_ours(&ref) || memmem(item, all, "[cifs]", 6) ||
	       memmem(item, all, "[netfs]", 7);
}

/* "in-flight: ITEM, ITEM ...", "pending: ..." */
int oops_pool_work(struct oops_draft *d, const char *text)
{
	if (d->o.kind != OOPS_WORKQUEUE)
		return 0;
	for (const char *p = strchr(text, ':'); p; p = strchr(p + 1, ','))
		if (is_ours(p + 1)) {
			append_detail(&d->o, text);
			break;
		}
	return 1;
}

/* "workqueue cifsiod: flags=0xc", "  pwq 6: cpus=1 node=0 ...", "pool 6: ..." */
int oops_pool(struct oops_draft *d, const char *rest)
{
	(void)rest;
	return d->o.kind == OOPS_WORKQUEUE;
}
