// SPDX-License-Identifier: GPL-2.0-only
#include "base/clock.h"

uint64_t clock_ns(clockid_t id)
{
	struct timespec ts = {};

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}
