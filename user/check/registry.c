// SPDX-License-Identifier: GPL-2.0-only
#include "check/checks.h"

const struct check_ops *const checks[] = {
#define CHECK(name) &check_##name,
#include "check/checks.def"
#undef CHECK
	NULL,
};
