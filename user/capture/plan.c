// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "capture/plan.h"

#define HOW_OF_TP	  HOW_TP
#define HOW_OF_FENTRY	  HOW_FENTRY
#define HOW_OF_FEXIT	  HOW_FEXIT
#define HOW_OF_FUNCTION	  HOW_FUNCTION
#define HOW_OF_CALLSITE	  HOW_CALLSITE
#define HOW_OF_BREAKPOINT HOW_BREAKPOINT
#define MODULE_OF_netfs	  MODULE_NETFS
#define MODULE_OF_cifs	  MODULE_CIFS
#define MODULE_OF_vmlinux MODULE_VMLINUX

const struct probe_def probe_defs[PROBE_MAX] = {
#define PROBE(program, how_, target_, module_, group_, without_) \
	[P_##program] = {                                        \
		.name = #program,                                \
		.target = #target_,                              \
		.without = without_,                             \
		.how = HOW_OF_##how_,                            \
		.group = GROUP_##group_,                         \
		.module = MODULE_OF_##module_,                   \
	},
#include "tracepoints/probes.def"
#undef PROBE
};

const char *plan_mechanism(const struct plan *plan, int id)
{
	static const char *const by_btf[] = { "tp_btf", "fentry",   "fexit",
					      "kprobe", "callsite", "breakpoint" };
	static const char *const raw[] = { "raw_tp", "kprobe", "kretprobe" };
	enum probe_how how = probe_defs[id].how;

	switch (plan->probe[id].mechanism) {
	case MECH_CLASSIC:
		return "tracepoint";
	case MECH_NUMBERS:
	case MECH_RAW:
		return raw[how];
	default:
		return by_btf[how];
	}
}

const char *probe_category(const struct probe_def *def)
{
	static const char *const names[] = {
		[MODULE_NETFS] = "netfs", [MODULE_CIFS] = "cifs", [MODULE_VMLINUX] = "filemap"
	};

	return names[def->module];
}

__attribute__((format(printf, 2, 3))) static void off(struct plan_entry *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->reason, sizeof(e->reason), fmt, ap);
	va_end(ap);
	e->state = EV_PROBE_OFF;
}

/* A module built without BTF, or with BTF that does not fit: what tracefs describes still works. */
static void plan_without_types(struct plan_entry *e, const struct probe_def *def,
			       const struct facts *facts, const struct target_fact *target)
{
	const struct module_fact *module = &facts->module[def->module];

	if (def->how == HOW_TP && target->classic)
		e->mechanism = MECH_CLASSIC;
	else if (def->how == HOW_TP)
		off(e, "this kernel's %s has no such tracepoint", module->name);
	else if (!facts->vmlinux_btf && !facts->btf)
		off(e,
		    "the kernel has no BTF (set CONFIG_DEBUG_INFO_BTF=y, or give --btf and --btf-module)");
	else
		off(e,
		    "module %s has no BTF (set CONFIG_DEBUG_INFO_BTF_MODULES=y, which needs pahole, or give --btf-module %s=FILE)",
		    module->name, module->name);
}

/* BTF has no entry for it: why, as far as the symbols tell. */
static void plan_unknown(struct plan_entry *e, const struct probe_def *def,
			 const struct facts *facts, const struct target_fact *target)
{
	const char *module = facts->module[def->module].name;

	if (def->how == HOW_TP && target->classic)
		e->mechanism = MECH_CLASSIC;
	else if (def->how == HOW_TP)
		off(e, "this kernel's %s has no such tracepoint", module);
	else if (target->symbol == SYMBOL_THERE || target->symbol == SYMBOL_COPIED)
		off(e, "BTF of %s lacks its arguments (the compiler optimized the function)",
		    module);
	else if (target->symbol == SYMBOL_CHANGED || target->symbol == SYMBOL_SPLIT)
		off(e, "the compiler turned it into %s, whose arguments are unknown",
		    target->symbol_name);
	else
		off(e, "this kernel's %s has no such function", module);
}

/*
 * A function is where its name is. BTF describes one that is there only as .isra or .constprop if
 * its arguments are still in their places (pahole --btf_gen_optimized); fentry goes by the name and
 * does not find it, a kprobe by the address does.
 */
static void plan_function(struct plan_entry *e, const struct facts *facts,
			  const struct probe_def *def, const struct target_fact *target)
{
	const struct module_fact *module = &facts->module[def->module];

	if (target->symbol == SYMBOL_GONE)
		off(e, "the compiler inlined it everywhere in this kernel's %s", module->name);
	else if (target->symbol == SYMBOL_SPLIT)
		off(e, "the compiler inlined it, except for %s", target->symbol_name);
	else if (target->symbol == SYMBOL_CHANGED || !module->has_btf)
		e->mechanism = MECH_RAW;
	if (target->symbol == SYMBOL_COPIED)
		snprintf(e->reason, sizeof(e->reason),
			 "partly inlined (%s exists): calls from those callers are not seen",
			 target->symbol_name);
	if (target->symbol == SYMBOL_CHANGED)
		snprintf(e->reason, sizeof(e->reason), "as %s", target->symbol_name);
}

static void plan_target(struct plan_entry *e, int id, const struct facts *facts)
{
	const struct probe_def *def = &probe_defs[id];
	const struct module_fact *module = &facts->module[def->module];
	const struct target_fact *target = &facts->target[id];

	if (!module->has_types)
		plan_without_types(e, def, facts, target);
	else if (def->group == GROUP_IO && !facts->cifs_on_netfs)
		off(e, "this kernel's cifs does not go through netfs");
	else if (def->group == GROUP_OLD_IO && facts->cifs_on_netfs)
		off(e, "this kernel's cifs goes through netfs");
	else if (!target->known)
		plan_unknown(e, def, facts, target);
	else if (target->ambiguous)
		off(e, "BTF of %s has several functions of this name, with different arguments",
		    module->name);
	else if (def->how == HOW_FENTRY || def->how == HOW_FEXIT)
		plan_function(e, facts, def, target);
	else if (def->how == HOW_TP)
		e->mechanism = !module->has_btf	 ? MECH_RAW
			       : target->numbers ? MECH_NUMBERS
						 : MECH_BTF;
}

static void plan_probe(struct plan_entry *e, int id, const struct facts *facts,
		       const struct plan_options *opts)
{
	const struct probe_def *def = &probe_defs[id];
	const struct module_fact *module = &facts->module[def->module];

	e->state = EV_PROBE_ON;
	if (def->group == GROUP_FOLIO && !opts->folios)
		off(e, "per-folio events are off: --folios turns them on");
	else if (module->state == MODULE_ABSENT)
		off(e, "module %s is not loaded", module->name);
	else
		plan_target(e, id, facts);
}

void plan_make(struct plan *plan, const struct facts *facts, const struct plan_options *opts)
{
	memset(plan, 0, sizeof(*plan));
	for (int id = 1; id < PROBE_MAX; id++)
		plan_probe(&plan->probe[id], id, facts, opts);
}

int plan_privilege(int uid, struct err *err)
{
	return uid ? err_set(err, -EPERM,
			     "tracing needs root (CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN): run it with sudo")
		   : 0;
}

int plan_obstacle(const struct facts *facts, struct err *err)
{
	const struct module_fact *cifs = &facts->module[MODULE_CIFS];
	int rc = plan_privilege(facts->uid, err);

	if (rc)
		return rc;
	if (cifs->state == MODULE_ABSENT)
		return err_set(
			err, -ENODEV,
			"the cifs module is not loaded: mount a share first, or let --modprobe load it");
	if (!cifs->has_types && !facts->target[P_smb3_cmd_enter].classic)
		return err_set(
			err, -ENOTSUP,
			"cifs has neither BTF (set CONFIG_DEBUG_INFO_BTF_MODULES=y, which needs pahole, or give --btf-module cifs=FILE) nor tracepoints in tracefs (is it mounted on /sys/kernel/tracing?)");
	return 0;
}

static bool sees_netfs(int id)
{
	return probe_defs[id].module == MODULE_NETFS && probe_defs[id].group == GROUP_CORE;
}

static bool sees_old_cifs(int id)
{
	return id == P_old_readv_enter || id == P_old_writev_enter;
}

/* The first of these that failed, if no other is on; else 0. */
static int all_failed(const struct plan *plan, bool (*sees)(int))
{
	int failed = 0;

	for (int id = 1; id < PROBE_MAX; id++) {
		if (!sees(id))
			continue;
		if (plan->probe[id].state == EV_PROBE_ON)
			return 0;
		if (plan->probe[id].state == EV_PROBE_FAILED && !failed)
			failed = id;
	}
	return failed;
}

int plan_blind(const struct plan *plan, const char *fs, struct err *err)
{
	bool cifs = !*fs || !strcmp(fs, "cifs") || !strcmp(fs, "smb3");
	int id = all_failed(plan, sees_netfs);

	if (!id && cifs)
		id = all_failed(plan, sees_old_cifs);
	if (!id)
		return 0;
	return err_set(
		err, -ENOTSUP,
		"could not attach any probe that sees %s (%s: %s); NETFSNOOP_LIBBPF_LOG=1 shows the kernel's reason, `netfsnoop doctor` the probes",
		sees_netfs(id) ? "requests" : "requests of cifs", probe_defs[id].name,
		plan->probe[id].reason);
}
