/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_RUN_EXPORT_H
#define NETFSNOOP_RUN_EXPORT_H

#include "run/replay.h"
#include "view/export/export.h"

/* Not a view: it writes the records themselves. */
extern const struct exporter_ops export_trace;

/* One exporter, from its creation to the end of its output. 0 or -errno, with err set where that
 * says more. */
int export_replay(const struct exporter_ops *to, struct replay *r, struct export_job *job,
		  struct err *err);

#endif
