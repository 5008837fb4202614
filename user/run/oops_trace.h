/* SPDX-License-Identifier: GPL-2.0-only */
/* oops --trace: which request a thread that crashed was working for. */
#ifndef NETFSNOOP_RUN_OOPS_TRACE_H
#define NETFSNOOP_RUN_OOPS_TRACE_H

#include "oops/oops.h"
#include "oops/said.h"

/*
 * Reads the trace twice: for what the thread did last before the report, and for that request,
 * whose timeline follows. said is what our line in the log says of it, or NULL. -errno with err
 * set.
 */
int oops_trace_show(FILE *out, const char *path, const struct oops *o, const struct oops_said *said,
		    bool json, struct err *err);

#endif
