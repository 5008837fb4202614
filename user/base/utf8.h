/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of files and tasks may hold any byte; the views must know which are text. */
#ifndef NETFSNOOP_UTF8_H
#define NETFSNOOP_UTF8_H

#include "base/base.h"

/* Bytes of the valid UTF-8 character at p (NUL-terminated text), 0 if there is none. */
size_t utf8_length(const unsigned char *p);
/* C1 controls and the bidirectional overrides that can reorder a terminal's line. */
bool utf8_is_control(const unsigned char *p, size_t n);

#endif
