/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_CHECKS_H
#define NETFSNOOP_CHECKS_H

#include "check/check.h"

#define CHECK(name) extern const struct check_ops check_##name;
#include "check/checks.def"
#undef CHECK

#endif
