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
	bool has_btf;	   /* the kernel has it: programs can attach through it */
	bool has_types;	   /* BTF is known, if only from a file */
	char build_id[48]; /* hex, empty: unknown */
	char srcversion[32];
};

enum symbol_state {
	SYMBOL_UNKNOWN = 0, /* not looked for, or addresses are hidden */
	SYMBOL_THERE,
	SYMBOL_COPIED,	/* there, and its callers have a part of it: .part */
	SYMBOL_CHANGED, /* only as .isra or .constprop: arguments may be others */
	SYMBOL_SPLIT,	/* only a piece of it: .part, .cold */
	SYMBOL_GONE,	/* inlined, or no such function */
};

struct target_fact {
	bool known;	/* BTF of its module has the tracepoint or function */
	bool ambiguous; /* ... more than once, with different arguments */
	bool classic;	/* tracefs has the tracepoint; looked at only without BTF in the kernel */
	enum symbol_state symbol; /* of a function */
	char symbol_name[64];	  /* of what there is of it */
	uint64_t addr;		  /* of that; 0: unknown */
	int btf_id;		  /* in its module's BTF: the FUNC, or the typedef btf_trace_NAME */
	int nr_args;  /* of the function, or of the tracepoint without its first void * */
	bool numbers; /* a tracepoint none of whose arguments is a pointer */
};

/* vmlinux stands behind the real modules; MODULE_REAL is how many those are */
enum { MODULE_NETFS, MODULE_CIFS, MODULE_VMLINUX, MODULE_MAX, MODULE_REAL = MODULE_VMLINUX };

struct btf;
struct ksyms;

/* BTF that the user gives, for what the kernel has none of; NULL: none. */
struct facts_options {
	const char *btf; /* of vmlinux */
	const char *btf_module[MODULE_REAL];
};

struct facts {
	char release[65];
	int uid;
	bool vmlinux_btf;   /* the kernel has BTF */
	bool cifs_on_netfs; /* cifs has cifs_io_subrequest: its I/O goes through netfs */
	struct module_fact module[MODULE_MAX];
	struct target_fact target[PROBE_MAX];
	struct btf *btf;		    /* vmlinux */
	struct btf *module_btf[MODULE_MAX]; /* split; NULL: none */
	int module_btf_fd[MODULE_MAX];	    /* what programs attach through; 0: vmlinux */
	int types_fd;	     /* all types as one file, if some are not the kernel's; 0 */
	struct ksyms *ksyms; /* NULL: they could not be read, and why: */
	struct err ksyms_err;
};

/*
 * Reads /sys, /proc/kallsyms and BTF; opts may be NULL. What is missing is a fact and no error; a
 * file of the user's that cannot be used is one.
 */
int facts_read(struct facts *f, const struct facts_options *opts, struct err *err);
/* BTF is tens of megabytes: let go of it once the probes are attached. */
void facts_free_btf(struct facts *f);
void facts_free(struct facts *f);

#endif
