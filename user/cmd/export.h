/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_CMD_EXPORT_H
#define NETFSNOOP_CMD_EXPORT_H

#include "view/export.h"

/* Not a view: it writes the records themselves. */
extern const struct exporter_ops export_trace;

#endif
