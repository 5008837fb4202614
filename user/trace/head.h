/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every file of one recording begins with, when the recording is spread over several: the
 * latest of each record that describes the recording, a thread, a connection or a run of tests.
 */
#ifndef NETFSNOOP_TRACE_HEAD_H
#define NETFSNOOP_TRACE_HEAD_H

#include "trace/trace.h"

struct trace_head;

int trace_head_new(struct trace_head **ret_h);
void trace_head_free(struct trace_head *h);
/* Keeps the record if a later file needs it. -ENOMEM */
int trace_head_note(struct trace_head *h, const struct ev_hdr *ev);
/* Appends what was kept to a file that has nothing yet. */
int trace_head_write(const struct trace_head *h, struct trace_writer *w);

#endif
