/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses to names, from /proc/kallsyms, the way the kernel itself prints them. */
#ifndef NETFSNOOP_KSYMS_H
#define NETFSNOOP_KSYMS_H

#include "base/base.h"

#define KSYMS_PATH    "/proc/kallsyms"
#define KSYMS_MODULES 2
#define KSYM_NAME_LEN 128 /* longer names are cut */

struct ksyms;

struct text_range {
	uint64_t start, end; /* 0: unknown */
};

/* What the kernel's %pS shows: symbol+off/size [module]; module is "" for vmlinux. */
struct ksym {
	char symbol[KSYM_NAME_LEN];
	char module[64];
	uint64_t start, size;
};

/*
 * Reads the symbols of these modules and the address of one function of vmlinux. path stands for
 * /proc/kallsyms; picked, which may be NULL, has lines of it, and is enough if it has any with an
 * address. -EACCES if the kernel hides the addresses, with the remedy in err.
 */
int ksyms_new(struct ksyms **ret_k, const char *path, FILE *picked,
	      const char *const modules[KSYMS_MODULES], const char *function, struct err *err);
void ksyms_free(struct ksyms *k);

/* Address of the function given to ksyms_new(); 0: the kernel has none. */
uint64_t ksyms_function(const struct ksyms *k);
/* From the first to the last function of the i-th module; a size is rounded up to pages. */
struct text_range ksyms_text(const struct ksyms *k, int i);
/* The range of a function of the i-th module. */
struct text_range ksyms_range(const struct ksyms *k, int i, const char *function);
/*
 * A function of the i-th module by its name, or what the compiler has made of it
 * ("smb2_set_credits.isra.0"): start, and the name in *ret_name, which lives as long as k. 0: there
 * is none, it was inlined or never existed.
 */
uint64_t ksyms_like(const struct ksyms *k, int i, const char *function, const char **ret_name);
/* The symbol an address lies in. Those of vmlinux are looked up in the file again. -ENOENT. */
int ksyms_find(const struct ksyms *k, uint64_t addr, struct ksym *ret);

static inline void ksyms_freep(struct ksyms **k)
{
	ksyms_free(*k);
}

#endif
