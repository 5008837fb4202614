/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole-file reads of /proc and /sys, whose sizes stat() does not know. */
#ifndef NETFSNOOP_FILE_H
#define NETFSNOOP_FILE_H

#include "base/base.h"

/*
 * Reads at most max bytes; *ret_data is NUL-terminated and the caller's to free, *ret_size (may be
 * NULL) does not count the NUL. -errno of open(2) or read(2).
 */
int file_read(const char *path, size_t max, char **ret_data, size_t *ret_size);
/* Writes all of it; -errno of write(2), EINTR handled. */
int fd_write_all(int fd, const void *data, size_t size);

#endif
