/* SPDX-License-Identifier: GPL-2.0-only */
/* Why probes are off: what the plan says, and what it means. */
#ifndef NETFSNOOP_REASONS_H
#define NETFSNOOP_REASONS_H

#include "base/base.h"

/*
 * Is a probe that is off for this reason missed by nobody: as the kernel has not what it would see,
 * as another one sees the same, or as it was not asked for?
 */
bool reason_is_natural(const char *reason);

#endif
