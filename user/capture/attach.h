/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The probes as a whole, attached or parked. Tracepoint and fentry programs pin their module, so
 * that it cannot be unloaded; while parked, nothing of ours is in the kernel.
 */
#ifndef NETFSNOOP_ATTACH_H
#define NETFSNOOP_ATTACH_H

#include "capture/loader.h"
#include "capture/records.h"
#include "capture/tests.h"

struct attach_options {
	struct facts_options facts;
	struct plan_options plan;
	struct loader_options loader;
};

struct attachment;

int attachment_new(struct attachment **ret_a);
void attachment_free(struct attachment *a);

/*
 * Reads the facts anew, loads and attaches, and writes what a reader needs to know of it (EV_PROBE,
 * EV_ENUM, EV_MODULE, with a new epoch if a module was loaded anew). Recording is off until
 * loader_enable(). without_cifs: leave the SMB client's probes out.
 */
int attachment_attach(struct attachment *a, const struct attach_options *opts, bool without_cifs,
		      const struct record_sink *to, struct err *err);
/* Writes EV_HITS and takes everything out of the kernel. */
int attachment_drop(struct attachment *a, const struct record_sink *to);
/* New losses since the last call become EV_LOST records. */
int attachment_note_losses(struct attachment *a, const struct record_sink *to);
/* So do runs the kernel skipped; asking costs a system call per probe. */
int attachment_note_misses(struct attachment *a, const struct record_sink *to);

/* The marks of xfstests runs, attached with the first attach or before; NULL: cannot be had. */
int attachment_tests(struct attachment *a, struct tests **ret_t);

/* NULL while parked. */
struct loader *attachment_loader(struct attachment *a);
const struct plan *attachment_plan(const struct attachment *a);
/* Records lost since the recording began. */
uint64_t attachment_lost(const struct attachment *a);
/* Was cifs or netfs loaded anew since the last attach? */
bool attachment_stale(const struct attachment *a);

#endif
