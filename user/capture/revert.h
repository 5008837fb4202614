/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Getting control at iov_iter_revert(): it has no ftrace site, so no fentry. A ladder of three
 * ways: a plain kprobe where the kernel allows it, kprobes on the calls in netfs and cifs, a
 * hardware breakpoint.
 */
#ifndef NETFSNOOP_REVERT_H
#define NETFSNOOP_REVERT_H

#include "capture/callsites.h"
#include "capture/plan.h"

enum revert_way {
	REVERT_AUTO,
	REVERT_KPROBE,
	REVERT_CALLSITE,
	REVERT_BREAKPOINT,
	REVERT_OFF,
	REVERT_ALL, /* each that works, for doctor and tests: every revert is seen several times */
};

struct bpf_program;
struct revert;

/* "auto" and so on; -EINVAL */
int revert_way_parse(const char *text, enum revert_way *ret);

/*
 * Looks up addresses and call sites, and marks off in the plan what this way does not need. What
 * cannot be found is a reason in the plan, not an error: -ENOMEM only.
 */
int revert_new(struct revert **ret_r, const struct facts *facts, enum revert_way way,
	       struct plan *plan);
void revert_free(struct revert *r);

/* Attaches what the plan still has on; the plan then says what works and why the rest does not. */
void revert_attach(struct revert *r, struct bpf_program *const prog[PROBE_MAX], struct plan *plan);
/* Once a second: CPUs come and go. */
void revert_poll(struct revert *r);

/* For the programs: code of the i-th module (MODULE_NETFS, MODULE_CIFS), and netfs_reset_iter. */
struct text_range revert_text(const struct revert *r, int i);
struct text_range revert_reset_iter(const struct revert *r);

/* Known calls, and what told of them ("" if nobody could). */
const struct callsites *revert_sites(const struct revert *r);
const char *revert_sites_from(const struct revert *r, int module);
/* 1 if this is the first time somebody asks for this address, 0 if not, -ENOMEM. */
int revert_first_use(struct revert *r, uint64_t addr);
/* NULL: the kernel hides its symbols, or they are not needed. */
const struct ksyms *revert_ksyms(const struct revert *r);

#endif
