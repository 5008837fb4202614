/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of the kernel's log that cifs, netfs or their caches wrote. */
#ifndef NETFSNOOP_BASE_KLOG_H
#define NETFSNOOP_BASE_KLOG_H

#include <stdbool.h>

/* What stands behind "CIFS: VFS: " and its like, in text; NULL: somebody else's. */
const char *klog_without_origin(const char *text);
/* The same, without "VFS: ", which others say too. */
bool klog_is_ours(const char *text);

/*
 * Takes back, in place, what /dev/kmsg makes of bytes that are not printable and of a backslash: \xNN
 * (msg_add_ext_text() of printk.c). The text stays one line.
 */
void klog_unescape(char *text);

#endif
