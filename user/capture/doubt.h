/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a recording has nothing, or will have nothing. */
#ifndef NETFSNOOP_DOUBT_H
#define NETFSNOOP_DOUBT_H

#include "capture/filter.h"

/*
 * Writes why no request can pass the filter, or "" if one may. dir is what the filter's device was
 * found by, NULL if it has none.
 */
void doubt_filter(char *dst, size_t size, const struct capture_filter *f, const char *dir);

struct nothing_facts {
	const char *doubt; /* of doubt_filter(); NULL or "": none */
	bool filtered;
	bool attached; /* at some time */
	bool mounted;  /* a file system that uses netfs, at some time */
};

/* Why there is nothing, in words that go on a sentence. */
const char *nothing_reason(const struct nothing_facts *f);

#endif
