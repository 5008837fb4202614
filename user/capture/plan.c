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
	static const char *const names[] = { "tp_btf", "fentry",   "fexit",
					     "kprobe", "callsite", "breakpoint" };

	return plan->probe[id].mechanism == MECH_CLASSIC ? "tracepoint" : names[probe_defs[id].how];
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
static void plan_without_btf(struct plan_entry *e, const struct probe_def *def,
			     const struct module_fact *module, const struct target_fact *target)
{
	if (def->how != HOW_TP)
		off(e, "module %s has no BTF (CONFIG_DEBUG_INFO_BTF_MODULES=y and pahole)",
		    module->name);
	else if (!target->classic)
		off(e, "this kernel's %s has no such tracepoint", module->name);
	else
		e->mechanism = MECH_CLASSIC;
}

static void plan_probe(struct plan_entry *e, int id, const struct facts *facts,
		       const struct plan_options *opts)
{
	const struct probe_def *def = &probe_defs[id];
	const struct module_fact *module = &facts->module[def->module];
	const char *what = def->how == HOW_TP ? "tracepoint" : "function";

	e->state = EV_PROBE_ON;
	e->reason[0] = '\0';
	if (def->group == GROUP_FOLIO && !opts->folios)
		off(e, "per-folio events are off: --folios turns them on");
	else if (module->state == MODULE_ABSENT)
		off(e, "module %s is not loaded", module->name);
	else if (!module->has_btf)
		plan_without_btf(e, def, module, &facts->target[id]);
	else if (def->group == GROUP_IO && !facts->cifs_on_netfs)
		off(e, "this kernel's cifs does not go through netfs");
	else if (def->group == GROUP_OLD_IO && facts->cifs_on_netfs)
		off(e, "this kernel's cifs goes through netfs");
	else if (!facts->target[id].known)
		off(e, "this kernel's %s has no such %s", module->name, what);
}

void plan_make(struct plan *plan, const struct facts *facts, const struct plan_options *opts)
{
	memset(plan, 0, sizeof(*plan));
	for (int id = 1; id < PROBE_MAX; id++)
		plan_probe(&plan->probe[id], id, facts, opts);
}

int plan_obstacle(const struct facts *facts, struct err *err)
{
	const struct module_fact *cifs = &facts->module[MODULE_CIFS];

	if (facts->uid)
		return err_set(err, -EPERM,
			       "tracing needs root (CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN): run it "
			       "with sudo");
	if (cifs->state == MODULE_ABSENT)
		return err_set(err, -ENODEV,
			       "the cifs module is not loaded: mount a share first, or let "
			       "--modprobe load it");
	if (!cifs->has_btf && !facts->target[P_smb3_cmd_enter].classic)
		return err_set(err, -ENOTSUP,
			       "cifs has neither BTF (CONFIG_DEBUG_INFO_BTF_MODULES=y, pahole) nor "
			       "tracepoints in tracefs (is it mounted on /sys/kernel/tracing?)");
	return 0;
}
