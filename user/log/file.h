/* SPDX-License-Identifier: GPL-2.0-only */
/* A log as a file holds it: plain, compressed, in UTF-16, in a mail, copied from a terminal. */
#ifndef NETFSNOOP_LOG_FILE_H
#define NETFSNOOP_LOG_FILE_H

#include "base/base.h"

/*
 * Reads path whole, takes it out of gzip, xz or zstd, makes UTF-16 UTF-8, decodes mails and joins lines
 * that a terminal broke. *ret is the caller's,
 * *ret_size bytes and a NUL. What is beyond max bytes of text is left out, and *ret_cut says so.
 * -errno of reading; -EBADMSG damaged (*ret has what came before the damage), -ENOMEM.
 */
int log_file_read(const char *path, size_t max, char **ret, size_t *ret_size, bool *ret_cut);

/*
 * The same of bytes that were read, without joining lines: *data is replaced, and ends with a NUL before
 * and after.
 */
int log_decode(char **data, size_t *size, size_t max, bool *ret_cut);

#endif
