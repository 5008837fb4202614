/* SPDX-License-Identifier: GPL-2.0-only */
/* The name of a recording, for tables that hold many. */
#ifndef NETFSNOOP_VIEW_RECORDING_ID_H
#define NETFSNOOP_VIEW_RECORDING_ID_H

#include "model/model.h"

struct recording_id {
	char s[64];
};

/*
 * The same for the same recording, whenever and wherever it is read, and for no other: boot and
 * begin. Only letters, digits and dashes.
 */
struct recording_id recording_id(const struct recording *rec);

#endif
