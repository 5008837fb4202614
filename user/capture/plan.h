/* SPDX-License-Identifier: GPL-2.0-only */
/* Which probes to attach, and why the others not: a pure function of facts and options. */
#ifndef NETFSNOOP_PLAN_H
#define NETFSNOOP_PLAN_H

#include "capture/facts.h"
#include "bpf/event.h"

/* the last three are for capture/revert.c */
enum probe_how { HOW_TP, HOW_FENTRY, HOW_FEXIT, HOW_FUNCTION, HOW_CALLSITE, HOW_BREAKPOINT };
enum probe_group { GROUP_CORE, GROUP_IO, GROUP_OLD_IO, GROUP_FOLIO, GROUP_TEST };

/* tracepoints/probes.def as data */
struct probe_def {
	const char *name;
	const char *target;
	const char *without; /* what its absence disables */
	enum probe_how how;
	enum probe_group group;
	int module;
};

/* Indexed by enum probe_id; [0] is empty. */
extern const struct probe_def probe_defs[PROBE_MAX];

struct plan_options {
	bool folios;
};

/*
 * The rungs: through the kernel's BTF (tp_btf, fentry, fexit; raw_tp with the same program, where all
 * arguments are numbers: to load that, the kernel does not go through all its types, 6 ms of it at
 * 500 MIPS); with types from elsewhere (raw_tp, kprobe, kretprobe); a tracepoint by what tracefs says
 * of its record.
 */
enum probe_mech { MECH_BTF, MECH_NUMBERS, MECH_RAW, MECH_CLASSIC };

struct plan_entry {
	enum probe_mech mechanism;
	enum ev_probe_state state; /* EV_PROBE_ON until an attach proves otherwise */
	char reason[160];	   /* why off or failed; when on: what is special */
};

struct plan {
	struct plan_entry probe[PROBE_MAX];
};

/* "tp_btf", "tracepoint", "fentry", "callsite" and so on: what the probe attaches with. */
/* tracefs's directory of its tracepoint: "netfs", "cifs", "filemap"; static */
const char *probe_category(const struct probe_def *def);
const char *plan_mechanism(const struct plan *plan, int id);
void plan_make(struct plan *plan, const struct facts *facts, const struct plan_options *opts);
/* -EPERM with err set, unless uid, an effective one, may trace. */
int plan_privilege(int uid, struct err *err);
/* Why nothing can be recorded at all (0: it can): privilege, BTF, modules; err names the remedy. */
int plan_obstacle(const struct facts *facts, struct err *err);
/*
 * After the attach: -ENOTSUP with err set if every probe that sees requests failed, netfs's or those of
 * a cifs without it. fs: the file system that is asked for, "" for any.
 */
int plan_blind(const struct plan *plan, const char *fs, struct err *err);

#endif
