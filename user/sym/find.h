/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the files of a module may be: given ones, a debug directory, the system's. */
#ifndef NETFSNOOP_SYM_FIND_H
#define NETFSNOOP_SYM_FIND_H

#include "sym/sym.h"

/* Whether text can stand in a path as one component: it comes from an oops. */
bool find_safe_name(const char *text);
/* "cifs" of "dir/cifs.ko.xz", with _ for -; "" of a vmlinux */
void find_module_of(const char *path, char *ret, size_t room);

/* Returns a value other than 0 to stop. */
typedef int (*find_visit)(void *ctx, const char *path);

/*
 * Calls visit for each file that may be the module's ("": the kernel's), best first. Returns what
 * visit returned, or -errno.
 */
int find_files(const struct sym_options *o, const char *module, find_visit visit, void *ctx);
/* The same for the directories of build-ids (.build-id/xx/yyyy.debug). */
int find_build(const struct sym_options *o, const char *build_id, find_visit visit, void *ctx);

#endif
