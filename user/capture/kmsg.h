/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's log while it is written, from /dev/kmsg: what cifs and netfs say, and start marks of tests
 * where the printk tracepoint cannot be had.
 */
#ifndef NETFSNOOP_KMSG_H
#define NETFSNOOP_KMSG_H

#include "capture/records.h"

struct kmsg {
	int fd;		   /* to be polled; -1: there is none */
	bool marks;	   /* start marks are wanted */
	uint64_t next_seq; /* of the record behind the last one that was read; 0: none yet */
	uint64_t lost;	   /* overwritten before they were read, since the last EV_KLOG */
};

/* Stands at the end of the log. 0 or -errno, then fd is -1. */
int kmsg_open(struct kmsg *k);
void kmsg_close(struct kmsg *k);
/*
 * What came since: messages of cifs and netfs become EV_KLOG records, start marks EV_TEST_LINE, stamped with
 * the time of reading, as the log's own stamps are of another clock. 0 or the sink's error.
 */
int kmsg_read(struct kmsg *k, const struct record_sink *to);
/* One record as read(2) gives it, with its NUL; for tests, too. */
int kmsg_take(struct kmsg *k, char *record, const struct record_sink *to);

#endif
