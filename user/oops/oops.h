/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Crash reports of the kernel as text: oopses, BUG, WARN, hung tasks, lockups, KASAN and others, in
 * any dress they travel in (dmesg, journal, serial console, quoted and re-wrapped mail).
 */
#ifndef NETFSNOOP_OOPS_OOPS_H
#define NETFSNOOP_OOPS_OOPS_H

#include "sym/sym.h"

enum oops_kind {
	OOPS_BUG,	 /* kernel BUG at */
	OOPS_WARN,	 /* WARNING: */
	OOPS_NULL,	 /* NULL pointer dereference */
	OOPS_PAGE_FAULT, /* any other address */
	OOPS_GPF,	 /* general protection fault */
	OOPS_TRAP,	 /* any other trap: invalid opcode, stack segment, ... */
	OOPS_HUNG_TASK,
	OOPS_SOFT_LOCKUP,
	OOPS_HARD_LOCKUP,
	OOPS_RCU_STALL,
	OOPS_KASAN,
	OOPS_KFENCE,
	OOPS_KCSAN,
	OOPS_UBSAN,
	OOPS_LOCKDEP,
	OOPS_ATOMIC, /* sleeping or scheduling in atomic context */
	OOPS_PANIC,  /* a panic that nothing before explains */
	OOPS_OTHER,  /* another line that begins with BUG: */
	OOPS_STACK, /* a stack with no first line: sysrq, /proc/PID/stack, a debugger, a torn paste */
	OOPS_SLAB,   /* SLUB's: "BUG kmalloc-256 (taint): Redzone overwritten" */
	OOPS_DENTRY, /* BUG: Dentry still in use, and what follows it (fs/dcache.c, fs/super.c) */
	OOPS_LEAK,   /* kmemleak's unreferenced object */
	OOPS_ALLOC,  /* page allocation failure */
	OOPS_OOM,    /* invoked oom-killer */
	OOPS_WORKQUEUE, /* hogged CPU, lockup of a pool */
};

/* Which stack an entry is of. */
enum oops_stack {
	STACK_CALL,
	STACK_ALLOCATED,
	STACK_FREED,
	STACK_WORK,    /* who queued the work or the RCU callback */
	STACK_BLOCKER, /* of the task that holds what this one waits for */
	STACK_CHAIN,   /* how lockdep saw an order of locks */
	STACK_OTHER,
};

/* Stacks of one report are apart: sections, in order. */
struct oops_section {
	enum oops_stack stack;
	char label[160]; /* the line that it began with; "" Call Trace */
};

struct oops_entry {
	struct sym_ref at; /* symbol "" if the kernel printed an address only; size 0: no offset */
	uint64_t address;
	enum oops_stack stack;
	size_t section; /* of oops.section */
	bool reliable;	/* false: printed with ?, found on the stack but not on the path of calls */
	bool inlined;	/* "[inline]" of syzbot and decode_stacktrace.sh */
	char context[8]; /* "TASK", "IRQ", ... (dumpstack.c prints <IRQ>); "" not told */
	char file[160];	 /* where the text tells it; "" not told */
	uint32_t line;
};

struct oops_reg {
	char name[12];
	uint64_t value;
};

#define OOPS_MAX_REGS	  48
#define OOPS_MAX_ENTRIES  512
#define OOPS_MAX_MODULES  1024
#define OOPS_MAX_SECTIONS 32

/* Texts are as printed, not escaped: they may hold anything. */
struct oops {
	enum oops_kind kind;
	char title[256];     /* the line it began with */
	char detail[512];    /* what else was said: of WARN the message, of KASAN the access */
	char when[48];	     /* as the line was stamped: "228.573737", a date, "" */
	char test[64];	     /* xfstests' last "run fstests" before it */
	uint64_t first_line; /* of the input, from 1 */

	char file[256]; /* of BUG and WARN; "" not told */
	uint32_t line;
	struct sym_ref at; /* where: RIP, or what the headline named; symbol "": not told */
	bool at_rip;
	size_t above;	  /* entries above it: of the interrupt that found the CPU there */
	bool has_address; /* the address that could not be read or written */
	uint64_t address;
	char cache[64]; /* of the object that was touched or is damaged; "" not told */
	bool has_ino;	/* of the dentry that is in use */
	uint64_t ino;
	uint32_t seconds; /* of hung tasks and lockups */
	char die[96];	  /* "0000 [#1] PREEMPT SMP PTI" */

	bool has_cpu, has_pid, taint_known;
	uint32_t cpu, pid;
	char comm[64];
	char taint[32]; /* letters, as printed but without blanks; "" not tainted */
	char release[96];
	char version[96]; /* what follows the release: "#2", "#1 Debian 6.12.107-1" */
	char hardware[160];
	char workqueue[128];
	char panic[160]; /* "Kernel panic - not syncing: ..." after it */
	char caller[16]; /* printk's caller id, by which it was told from others; "" not told */
	bool sampled; /* of OOPS_STACK: what a CPU did when an NMI asked, which says of no fault */
	bool mixed; /* lines of another report stand between its own, with nothing to tell them by */

	char blocker[64]; /* of hung tasks: who holds what it waits for (6.16); "" not told */
	uint32_t blocker_pid;
	bool blocker_held_last;		       /* of a semaphore, which has no owner */
	char lock_wanted[200], lock_held[200]; /* of lockdep */
	char scenario[768];		       /* lockdep's table and the locks held, lines */

	struct oops_section section[OOPS_MAX_SECTIONS];
	size_t nr_sections;

	struct oops_reg reg[OOPS_MAX_REGS]; /* of the kernel, where it faulted */
	size_t nr_regs;
	struct oops_entry *entry; /* in order */
	size_t nr_entries;
	char (*module)[64]; /* without the flags in brackets */
	size_t nr_modules;
};

/* "BUG", "WARN", "hung-task", ... : also the JSON's words. */
const char *oops_kind_name(enum oops_kind kind);
/* What a letter of Tainted: means (kernel/panic.c, Documentation/admin-guide/tainted-kernels.rst);
 * NULL: none known. */
const char *oops_taint_text(char letter);
/* Whether it is of a CPU that did not get on: a lockup, a stall of RCU. */
bool oops_is_stall(const struct oops *o);
/* NULL: not printed */
const struct oops_reg *oops_reg(const struct oops *o, const char *name);
/*
 * Who called the function at o->at: the first entry of the call trace below the machinery of traps
 * and reports; NULL if there is none.
 */
const struct oops_entry *oops_caller(const struct oops *o);
/* Machinery of traps, reports and stack dumps: says nothing about the bug. */
bool oops_is_machinery(const char *symbol);
/* What allocates and frees memory for those that ask: its own stacks begin with it. */
bool oops_is_allocator(const char *symbol);
/*
 * Whose a symbol is, by module or, where that is built in, by name (functions.def): "cifs", "netfs",
 * "fscache", "cachefiles", "ksmbd", "smbdirect", "9p", "afs", "ceph"; NULL: nobody's of these.
 */
const char *oops_owner(const struct sym_ref *ref);
/* The same of a source file: "fs/smb/client/connect.c", with or without directories in front of it. */
const char *oops_file_owner(const char *file);
/* Whether that is cifs, netfs or fscache. */
bool oops_is_ours(const struct sym_ref *ref);
/* The same of an entry, and of the place of the report, whose source file may tell, too. */
bool oops_entry_is_ours(const struct oops_entry *e);
bool oops_place_is_ours(const struct oops *o);
/* Whether a symbol is that function, or a part or copy of it: "smb2_reconnect.part.0", "... .cold". */
bool oops_is_function(const char *symbol, const char *function);
/* Whether an entry repeats the faulting instruction itself (then it is no return address). */
bool oops_entry_is_fault(const struct oops *o, const struct oops_entry *e);

/*
 * Called for each whole line of the log that is no part of a report. line: its number; times: how often
 * the logger says that it was said.
 */
typedef void (*oops_line_sink)(void *ctx, const char *text, const char *when, uint64_t line,
			       uint64_t times);

/* Called for each report when it is over; the oops is the parser's. A value other than 0 stops. */
typedef int (*oops_sink)(void *ctx, const struct oops *o);

struct oops_parser;

int oops_parser_new(struct oops_parser **ret, oops_sink sink, void *ctx);
void oops_parser_free(struct oops_parser *p);

static inline void oops_parser_freep(struct oops_parser **p)
{
	oops_parser_free(*p);
}

void oops_parser_on_line(struct oops_parser *p, oops_line_sink sink, void *ctx);
/* What stood in front of the lines, see log_reader_stripped(). */
const char *oops_parser_stripped(const struct oops_parser *p, size_t i);
/* Bytes of a log in any pieces. 0, what the sink returned, or -ENOMEM. */
int oops_parser_feed(struct oops_parser *p, const char *data, size_t size);
/* Nothing more comes, for now: gives out the report that is open. */
int oops_parser_flush(struct oops_parser *p);

/* What the report means to netfs and cifs. */
struct oops_meaning {
	const char *id; /* "iter-revert", "unknown", ... */
	char title[160];
	char text[1536]; /* paragraphs, separated by \n */
};

void oops_explain(const struct oops *o, struct oops_meaning *ret);

#endif
