/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a recording changes in the kernel's settings, and puts back. Old values are in a file below
 * /run before anything is changed, so that `doctor --restore` can put back what a killed recorder
 * could not. One process at a time owns the file; another one changes nothing.
 */
#ifndef NETFSNOOP_SETTINGS_H
#define NETFSNOOP_SETTINGS_H

#include "base/base.h"

struct settings_options {
	bool crash_safe;   /* ftrace is to be dumped on an oops, from a small buffer */
	const char *state; /* file of the old values; NULL: SETTINGS_STATE */
	const char *root;  /* of /proc and /sys, for tests; NULL: / */
};

#define SETTINGS_STATE "/run/netfsnoop.settings"
#define SETTINGS_MAX   8

struct setting {
	char path[128], old[64], now[64];
};

struct settings {
	char root[128], state[128];
	int lock; /* the state file, locked as long as we live; -1: not ours */
	struct setting item[SETTINGS_MAX];
	size_t nr;
	size_t nr_left;	  /* restored first: what a killed recorder had left */
	bool busy;	  /* another netfsnoop owns the settings */
	char in_use[128]; /* why the trace buffer was left as it is; "": it was free */
};

/*
 * Before programs are loaded: loading one that may print to the trace switches an event on
 * (bpf_get_trace_printk_proto()). With crash_safe, -errno and err set if ftrace_dump_on_oops cannot
 * be set; without, what cannot be read is left alone.
 */
int settings_take(struct settings *s, const struct settings_options *o, struct err *err);
/* Puts back what was changed, and removes the state file. */
void settings_restore(struct settings *s);
/* doctor --restore: how many were put back; -EBUSY: their recorder is running. */
int settings_restore_left(const struct settings_options *o, struct settings *ret, struct err *err);

#endif
