/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log of a `netfsnoop provoke` that runs beside the recording: its lines about faults become records. A
 * file, as it loses nothing, however late it is read, and the proxy need not know who reads.
 */
#ifndef NETFSNOOP_FAULTS_H
#define NETFSNOOP_FAULTS_H

#include "capture/records.h"

struct faults;

/* From the end of the file on; it must be there. 0, or -errno with err set. The caller's to free. */
int faults_open(struct faults **ret_f, const char *path, struct err *err);
void faults_free(struct faults *f); /* NULL is fine */
/*
 * The whole lines that came since become EV_FAULT records, with the proxy's times. 0, -ENOMEM or the sink's
 * error. A file that cannot be read any more tells nothing.
 */
int faults_read(struct faults *f, const struct record_sink *to);

#endif
