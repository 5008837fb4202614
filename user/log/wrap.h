/* SPDX-License-Identifier: GPL-2.0-only */
/* A log that was copied from a terminal, which broke its lines in the middle of words. */
#ifndef NETFSNOOP_LOG_WRAP_H
#define NETFSNOOP_LOG_WRAP_H

#include "base/base.h"

/*
 * Joins them, in place, if they were: no line is longer than a terminal's width, several are just so long,
 * and what follows each of these has no stamp of printk or of a logger, although most other lines have. In
 * a text without any stamp a symbol tells that was broken ("netfs_re", "ad+0x1f/0x90"). Returns the new size.
 */
size_t wrap_undo(char *text, size_t size);

#endif
