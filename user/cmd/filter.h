/* SPDX-License-Identifier: GPL-2.0-only */
/* --fs --mount --pid --inode --test: the same options, with the same meaning, live and on a file.
 */
#ifndef NETFSNOOP_CMD_FILTER_H
#define NETFSNOOP_CMD_FILTER_H

#include <argp.h>

#include "base/base.h"
#include "view/filter.h"

struct filter_args {
	const char *fs;
	const char *mount;
	uint32_t pid;
	uint64_t ino;
	const char *test;
};

/* A child parser whose input is a struct filter_args. */
extern const struct argp filter_argp;

/* The same for the views; its strings are borrowed from a. */
struct request_filter filter_of(const struct filter_args *a);

#endif
