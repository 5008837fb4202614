// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "oops/oops.h"

const char *oops_kind_name(enum oops_kind kind)
{
	static const char *const names[] = {
		[OOPS_BUG] = "bug",
		[OOPS_WARN] = "warning",
		[OOPS_NULL] = "null-dereference",
		[OOPS_PAGE_FAULT] = "page-fault",
		[OOPS_GPF] = "protection-fault",
		[OOPS_TRAP] = "trap",
		[OOPS_HUNG_TASK] = "hung-task",
		[OOPS_SOFT_LOCKUP] = "soft-lockup",
		[OOPS_HARD_LOCKUP] = "hard-lockup",
		[OOPS_RCU_STALL] = "rcu-stall",
		[OOPS_KASAN] = "kasan",
		[OOPS_KFENCE] = "kfence",
		[OOPS_KCSAN] = "kcsan",
		[OOPS_UBSAN] = "ubsan",
		[OOPS_LOCKDEP] = "lockdep",
		[OOPS_ATOMIC] = "atomic-sleep",
		[OOPS_PANIC] = "panic",
		[OOPS_OTHER] = "other",
		[OOPS_STACK] = "stack",
		[OOPS_SLAB] = "slab",
		[OOPS_DENTRY] = "busy-dentry",
		[OOPS_LEAK] = "memory-leak",
		[OOPS_ALLOC] = "allocation-failure",
		[OOPS_OOM] = "out-of-memory",
		[OOPS_WORKQUEUE] = "workqueue",
	};

	return kind < ARRAY_SIZE(names) ? names[kind] : "other";
}

const char *oops_taint_text(char letter)
{
	static const char *const texts[128] = {
		['P'] = "proprietary module",
		['G'] = "no proprietary module",
		['F'] = "module loaded by force",
		['S'] = "CPU out of specification",
		['R'] = "module unloaded by force",
		['M'] = "machine check happened",
		['B'] = "bad page seen",
		['U'] = "requested by a user",
		['D'] = "died before (oops or BUG)",
		['A'] = "ACPI table overridden",
		['W'] = "warned before",
		['C'] = "staging driver",
		['I'] = "firmware bug worked around",
		['O'] = "out-of-tree module",
		['E'] = "unsigned module",
		['L'] = "soft lockup before",
		['K'] = "live patched",
		['X'] = "distribution's own flag",
		['T'] = "built with struct randomisation",
		['N'] = "in-kernel test run",
		['J'] = "fwctl changed a device",
	};

	return (unsigned char)letter < ARRAY_SIZE(texts) ? texts[(unsigned char)letter] : NULL;
}

bool oops_is_stall(const struct oops *o)
{
	return o->kind == OOPS_SOFT_LOCKUP || o->kind == OOPS_HARD_LOCKUP ||
	       o->kind == OOPS_RCU_STALL;
}

const struct oops_reg *oops_reg(const struct oops *o, const char *name)
{
	for (size_t i = 0; i < o->nr_regs; i++)
		if (!strcmp(o->reg[i].name, name))
			return &o->reg[i];
	return NULL;
}

/* a name that ends in * is a prefix */
static bool in_list(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = strlen(list[i]);

		if (list[i][k - 1] == '*' ? !strncmp(name, list[i], k - 1) : !strcmp(name, list[i]))
			return true;
	}
	return false;
}

bool oops_is_machinery(const char *symbol)
{
	static const char *const names[] = {
		"show_regs*",
		"show_trace_log_lvl*",
		"show_stack*",
		"dump_stack*",
		"__dump_stack",
		"die",
		"__die*",
		"die_addr",
		"do_trap*",
		"do_error_trap",
		"exc_*",
		"asm_exc_*",
		"asm_sysvec_*",
		"__warn",
		"__warn.cold",
		"warn_slowpath*",
		"__warn_printk",
		"report_bug*",
		"__report_bug*",
		"handle_bug",
		"page_fault_oops",
		"no_context",
		"kernelmode_fixup_or_oops*",
		"do_user_addr_fault",
		"do_kern_addr_fault",
		"__bad_area*",
		"bad_area*",
		"async_page_fault",
		"page_fault",
		"invalid_op",
		"general_protection",
		"do_invalid_op",
		"search_bpf_extables",
		"search_module_extables",
		"fixup_exception*",
		"print_report",
		"print_address_description*",
		"kasan_*",
		"__kasan_*",
		"__asan_*",
		"refcount_warn_saturate",
		"panic",
		"vpanic",
		"oops_end",
		"oops_exit",
		"rcu_is_watching",
		"_printk",
		"vprintk*",
		"srso_*",
		"__pfx_*",
	};

	return in_list(symbol, names, ARRAY_SIZE(names));
}

bool oops_is_allocator(const char *symbol)
{
	static const char *const names[] = {
		"kmem_cache_*", "__kmem_cache_*", "kmalloc*",	 "__kmalloc*", "__do_kmalloc*",
		"__do_kmem*",	"kzalloc*",	  "krealloc*",	 "kmemdup*",   "kstrdup*",
		"kstrndup*",	"kvmalloc*",	  "__kvmalloc*", "kvzalloc*",  "mempool_*",
		"slab_*",	"___slab_alloc*", "__slab_*",	 "kfree",      "kfree_sensitive",
		"kfree_const",	"kzfree",	  "kvfree",	 "kvfree_*",   "save_stack*",
		"set_track*",	"stack_trace_*",  "kmemleak_*",	 "kfence_*",   "__kfence_*",
		"__kcsan_*",	"do_slab_free*",  "__asan_*",	 "__hwasan_*",
	};

	return in_list(symbol, names, ARRAY_SIZE(names)) || oops_is_machinery(symbol);
}

bool oops_is_function(const char *symbol, const char *function)
{
	size_t n = strlen(function);

	return !strncmp(symbol, function, n) && (!symbol[n] || symbol[n] == '.');
}

bool oops_entry_is_fault(const struct oops *o, const struct oops_entry *e)
{
	return *o->at.symbol && e->stack == STACK_CALL && e->at.off == o->at.off &&
	       e->at.size == o->at.size && !strcmp(e->at.symbol, o->at.symbol);
}

/* The entry of the exception's stub, or the last that repeats RIP: what is below, called. */
static size_t below_trap(const struct oops *o)
{
	size_t from = o->above;

	for (size_t i = from; i < o->nr_entries && o->entry[i].stack == STACK_CALL; i++) {
		const char *symbol = o->entry[i].at.symbol;

		if (!strncmp(symbol, "asm_exc_", 8) || oops_entry_is_fault(o, &o->entry[i]))
			from = i + 1;
	}
	return from;
}

/* What the interrupt that took a backtrace has put on top of it. */
static bool is_of_backtrace(const struct oops *o, const struct oops_entry *e)
{
	return (oops_is_stall(o) || o->sampled) && !strcmp(e->context, "NMI");
}

const struct oops_entry *oops_caller(const struct oops *o)
{
	for (size_t i = below_trap(o); i < o->nr_entries; i++) {
		const struct oops_entry *e = &o->entry[i];

		if (e->stack != STACK_CALL)
			break;
		if (*e->at.symbol && !oops_is_machinery(e->at.symbol) && !is_of_backtrace(o, e) &&
		    strcmp(e->at.symbol, o->at.symbol) != 0)
			return e;
	}
	return NULL;
}
