/* SPDX-License-Identifier: GPL-2.0-only */
/* What this kernel offers: read once, so that the plan can be a pure function of it. */
#ifndef NETFSNOOP_FACTS_H
#define NETFSNOOP_FACTS_H

#include "base/base.h"
#include "tracepoints/probes.h"

enum module_state { MODULE_ABSENT, MODULE_LOADED, MODULE_BUILTIN };

struct module_fact {
	const char *name;
	enum module_state state;
	bool has_btf;
	char build_id[48]; /* hex, empty: unknown */
	char srcversion[32];
};

struct target_fact {
	bool known;   /* BTF of its module has the tracepoint or function */
	bool classic; /* tracefs has the tracepoint; looked at only without BTF */
	int btf_id;   /* in its module's BTF: the FUNC, or the typedef btf_trace_NAME */
	int nr_args;  /* of the function, or of the tracepoint without its first void * */
};

/* vmlinux stands behind the real modules; MODULE_REAL is how many those are */
enum { MODULE_NETFS, MODULE_CIFS, MODULE_VMLINUX, MODULE_MAX, MODULE_REAL = MODULE_VMLINUX };

struct btf;

struct facts {
	char release[65];
	int uid;
	bool vmlinux_btf;
	bool cifs_on_netfs; /* cifs has cifs_io_subrequest: its I/O goes through netfs */
	struct module_fact module[MODULE_MAX];
	struct target_fact target[PROBE_MAX];
	struct btf *btf;		    /* vmlinux */
	struct btf *module_btf[MODULE_MAX]; /* split; NULL: none */
	int module_btf_fd[MODULE_MAX];	    /* what programs attach through; 0: vmlinux */
};

/* Reads /sys and BTF. Only -ENOMEM is an error: what is missing is a fact. */
int facts_read(struct facts *f);
void facts_free(struct facts *f);

#endif
