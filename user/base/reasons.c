// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/reasons.h"

bool reason_is_natural(const char *reason)
{
	/* as capture/plan.c and capture/revert.c begin them; tests/unit/test_plan.c compares */
	static const char *const natural[] = {
		"this kernel's ", "this kernel has no function ",	"per-folio events are off",
		"not needed: ",	  "the kernel refuses kprobes in lib/",
	};

	for (size_t i = 0; reason && i < ARRAY_SIZE(natural); i++)
		if (!strncmp(reason, natural[i], strlen(natural[i])))
			return true;
	return false;
}
