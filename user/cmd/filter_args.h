/* SPDX-License-Identifier: GPL-2.0-only */
/* --fs --mount --pid --inode --file --test: the same options, with the same meaning, live and on a file.
 */
#ifndef NETFSNOOP_CMD_FILTER_ARGS_H
#define NETFSNOOP_CMD_FILTER_ARGS_H

#include <argp.h>

#include "base/base.h"
#include "view/measure/filter.h"

struct filter_args {
	const char *fs;
	const char *mount;
	uint32_t pid;
	uint64_t ino;
	const char *file;
	const char *test;
};

/* A child parser whose input is a struct filter_args. */
extern const struct argp filter_argp;

/* The same for the views; its strings are borrowed from a. */
struct request_filter filter_of(const struct filter_args *a);

/* What a filter lets through, counted. */
struct filter_hits {
	struct model_listener listener;
	const struct model *m;
	const struct request_filter *filter;
	uint64_t requests;
};

/* m and f are borrowed; h->listener has to hear the stream. */
void filter_hits_init(struct filter_hits *h, const struct model *m, const struct request_filter *f);
/* err says that path has nothing of it. */
void filter_nothing(const struct filter_hits *h, const char *path, struct err *err);
/* After the stream: was something asked for that path has not? Then err says so. */
bool filter_hit_nothing(const struct filter_hits *h, const char *path, struct err *err);

#endif
