/* SPDX-License-Identifier: GPL-2.0-only */
/* The name of a recording, for tables that hold many. */
#ifndef NETFSNOOP_VIEW_RUN_H
#define NETFSNOOP_VIEW_RUN_H

#include "model/model.h"

struct run_id {
	char s[64];
};

/*
 * The same for the same recording, whenever and wherever it is read, and for no other: boot and
 * begin. Only letters, digits and dashes.
 */
struct run_id recording_run(const struct recording *rec);

#endif
