/* SPDX-License-Identifier: GPL-2.0-only */
/* Standard output, and whether what was printed got there. */
#ifndef NETFSNOOP_RUN_STDOUT_H
#define NETFSNOOP_RUN_STDOUT_H

#include <stdio.h>

#include "base/base.h"

/* Flushes out: 0, or why it cannot be written, whenever that happened. */
int stream_error(FILE *out);
/* -errno with err set, if standard output cannot be written. */
int stdout_flush(struct err *err);
/* rc of what printed, or of printing its rest: then err says that it was standard output. */
int stdout_written(int rc, struct err *err);

/* rc, with err saying that an input cannot be read, and why. */
int err_unreadable(const char *name, int rc, struct err *err);

#endif
