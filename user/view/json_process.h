/* SPDX-License-Identifier: GPL-2.0-only */
/* What a process did as JSON (docs/json.md, "process"). */
#ifndef NETFSNOOP_VIEW_JSON_PROCESS_H
#define NETFSNOOP_VIEW_JSON_PROCESS_H

#include "view/json_value.h"
#include "view/processes.h"

/* commands: its commands were counted. NULL: no memory. */
json_t *json_process(const struct process_row *row, bool commands);

#endif
