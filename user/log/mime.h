/* SPDX-License-Identifier: GPL-2.0-only */
/* A mail's text as it was before it was encoded for the way (RFC 2045 6.7 and 6.8). */
#ifndef NETFSNOOP_LOG_MIME_H
#define NETFSNOOP_LOG_MIME_H

#include "base/base.h"

/* One quoted-printable line, in place, without its newline. True: it goes on with the next one. */
bool mime_decode_quoted(char *line);
/*
 * All parts of the mails in *text whose header says that they are base64 or quoted-printable; attachments in
 * gzip, xz or zstd are taken out of it, and of text that is told twice, plain and as HTML, the HTML is left
 * out. What is no mail stays as it is. *text, which ends with a NUL, is replaced. max, ret_cut: as
 * log_file_read() has them. 0, -ENOMEM.
 */
int mime_decode(char **text, size_t *size, size_t max, bool *ret_cut);

#endif
