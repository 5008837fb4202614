/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_VIEW_NTSTATUS_H
#define NETFSNOOP_VIEW_NTSTATUS_H

#include "base/base.h"

/* "OBJECT_NAME_NOT_FOUND", without its STATUS_; "" for one that is not common in SMB2. */
const char *ntstatus_name(uint32_t status);
/*
 * An error by its severity, and yet an answer that programs get every day: no such name, end of
 * file, not supported, locked by somebody else.
 */
bool ntstatus_is_answer(uint32_t status);

#endif
