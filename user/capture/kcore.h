/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's memory as /proc/kcore shows it. */
#ifndef NETFSNOOP_KCORE_H
#define NETFSNOOP_KCORE_H

#include "base/base.h"

/*
 * Reads size bytes at a kernel address; the caller frees *ret_data. path stands for /proc/kcore.
 * -EPERM where it is locked down, -ENOENT if the address is in none of its segments.
 */
int kcore_read(const char *path, uint64_t addr, size_t size, uint8_t **ret_data, struct err *err);

#endif
