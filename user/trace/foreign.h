/* SPDX-License-Identifier: GPL-2.0-only */
/* Names what a file is that was given to us as a trace and is none. */
#ifndef NETFSNOOP_TRACE_FOREIGN_H
#define NETFSNOOP_TRACE_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

/* "gzip data", "text" and so on, or NULL when nothing comes to mind. */
const char *foreign_name(const uint8_t *data, size_t len);

#endif
