/* SPDX-License-Identifier: GPL-2.0-only */
/* Start marks of tests from /dev/kmsg, where the printk tracepoint cannot be had. */
#ifndef NETFSNOOP_KMSG_H
#define NETFSNOOP_KMSG_H

#include "capture/records.h"

/* A descriptor that is at the end of the log, to be polled; -errno. */
int kmsg_open(void);
/*
 * Start marks that came since become EV_TEST_LINE records, stamped with the time of reading: the
 * log's own stamps are of another clock. 0 or the sink's error.
 */
int kmsg_read(int fd, const struct record_sink *to);

#endif
