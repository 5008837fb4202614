/* SPDX-License-Identifier: GPL-2.0-only */
/* BTF from files, for kernels and modules that have none in memory. */
#ifndef NETFSNOOP_TYPES_H
#define NETFSNOOP_TYPES_H

#include "base/base.h"

struct btf;

/*
 * Types of a file: BTF alone, or an ELF file that has it, compressed or not. base is vmlinux's, for
 * a module whose BTF continues it. build_id (hex, or NULL) is that of what is loaded: an ELF file
 * of another one is refused with -ESTALE, as its offsets would be lies. Owned by the caller;
 * must not outlive base. -errno with the remedy in err.
 */
int types_read(const char *path, struct btf *base, const char *build_id, struct btf **ret_btf,
	       struct err *err);

/*
 * One BTF of all of them, since libbpf takes relocations from one file alone: an unnamed file that
 * /proc/self/fd leads to. Modules that are NULL are left out. -errno.
 */
int types_merge(const struct btf *vmlinux, struct btf *const *modules, int nr, int *ret_fd);

/* The first id that is a module's own and not of the BTF it continues. */
int types_first_own(const struct btf *btf);

#endif
