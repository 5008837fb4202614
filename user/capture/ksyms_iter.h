/* SPDX-License-Identifier: GPL-2.0-only */
/* The few lines of /proc/kallsyms that are wanted, picked by the kernel. */
#ifndef NETFSNOOP_KSYMS_ITER_H
#define NETFSNOOP_KSYMS_ITER_H

#include "capture/ksyms.h"

/*
 * Those of symbols of these modules and of one function of vmlinux, names of up to 15 bytes; the caller
 * closes it. NULL: not to be had (before Linux 6.0, or without BTF), the file has them.
 */
FILE *ksyms_iter_open(const char *const modules[KSYMS_MODULES], const char *function);

#endif
