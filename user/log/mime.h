/* SPDX-License-Identifier: GPL-2.0-only */
/* A mail's text as it was before it was encoded for the way (RFC 2045 6.7 and 6.8). */
#ifndef NETFSNOOP_LOG_MIME_H
#define NETFSNOOP_LOG_MIME_H

#include "base/base.h"

/* One quoted-printable line, in place, without its newline. True: it goes on with the next one. */
bool mime_decode_quoted(char *line);
/*
 * All parts of the mails in text whose header says that they are base64 or quoted-printable, in place; what
 * is no mail stays as it is. The text ends with a NUL before and after. Returns its new size.
 */
size_t mime_decode(char *text, size_t size);

#endif
