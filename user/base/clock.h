/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_BASE_CLOCK_H
#define NETFSNOOP_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_US  ((uint64_t)1000)
#define NS_PER_MS  ((uint64_t)1000000)
#define NS_PER_SEC ((uint64_t)1000000000)

/* ns of a clock; a clock that there is not is 0. */
uint64_t clock_ns(clockid_t id);

/* CLOCK_MONOTONIC, the clock of a trace's stream. */
static inline uint64_t monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

#endif
