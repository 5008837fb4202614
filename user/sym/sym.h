/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "symbol+0xoff/0xsize [module]", as the kernel prints code addresses (%pS and %pB,
 * lib/vsprintf.c), to function, inlined calls and file:line; without debug information at least to
 * the function that is called there.
 *
 * ELF and DWARF files are hostile input, and libdw was not written for that. So all of it is read
 * in a child process that sym_resolve() starts when it is needed: a file that crashes or hangs the
 * reader costs its answer, not the tool.
 */
#ifndef NETFSNOOP_SYM_H
#define NETFSNOOP_SYM_H

#include "base/base.h"

#define SYM_MAX_INLINES 12

/* Strings are the caller's and must outlive the sym. */
struct sym_options {
	const char *const *files; /* modules, debug files or a vmlinux to look into first */
	size_t nr_files;
	const char *debug_dir; /* searched recursively; may be NULL */
	const char *release;   /* uname -r of the kernel the symbols are of; may be NULL */
	const char *root;      /* in front of the system's directories; NULL: "" */
};

/* How much of an answer there is. */
enum sym_how {
	SYM_NONE, /* see why */
	SYM_CALL, /* no line, but the instruction before the return address calls `callee` */
	SYM_LINE, /* function and line */
};

struct sym_frame {
	char function[128];
	char file[256]; /* relative to the kernel's source where the debug information tells it */
	uint32_t line;	/* 0: not known */
};

struct sym_place {
	enum sym_how how;
	/* SYM_LINE: the code's own place first, then who inlined it, last the function itself */
	struct sym_frame frame[SYM_MAX_INLINES];
	uint32_t nr_frames;
	char callee[128];  /* SYM_CALL */
	char from[256];	   /* the file that gave the answer */
	char why[512];	   /* SYM_NONE and SYM_CALL: why there is no line, and what would help */
	char caution[256]; /* "" or a reason to doubt the answer */
};

struct sym;

int sym_open(struct sym **ret, const struct sym_options *o);
void sym_free(struct sym *s);

static inline void sym_freep(struct sym **s)
{
	sym_free(*s);
}

/*
 * The build-id (hex) the kernel printed for a module (CONFIG_STACKTRACE_BUILD_ID): a file with
 * another one is refused. 0 or -ENOMEM.
 */
int sym_expect_build(struct sym *s, const char *module, const char *build_id);

/*
 * module: as the kernel prints it, NULL or "" for the kernel itself. size: 0 if not known, else it
 * has to be that of the symbol in the file, or the file is of another build. is_return: off is a
 * return address (an entry of a call trace), so what is looked up is the call before it; false for
 * RIP. 0 with *ret filled, also where it could not be resolved; -ENOMEM or what fork(2) gave.
 */
int sym_resolve(struct sym *s, const char *module, const char *symbol, uint64_t off, uint64_t size,
		bool is_return, struct sym_place *ret);

/* "symbol+0x50f/0x5b0", also with " [module]", "[module build-id]" or "module:" in front. */
struct sym_ref {
	char symbol[256];
	char module[64];
	char build_id[48];
	uint64_t off, size;
};

/*
 * Parses the reference text begins with; *ret_end (may be NULL) is what follows it. Returns 0 or
 * -EINVAL. The offset is needed, the size is not (0).
 */
int sym_ref_parse(const char *text, struct sym_ref *ret, const char **ret_end);

#endif
