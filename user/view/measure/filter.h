/* SPDX-License-Identifier: GPL-2.0-only */
/* Which requests a view shows: the same meaning in every view. */
#ifndef NETFSNOOP_VIEW_FILTER_H
#define NETFSNOOP_VIEW_FILTER_H

#include "model/model.h"

/* NULL and 0 members pass everything. Strings are borrowed. */
struct request_filter {
	const char *fs; /* type, as the request or its mount has it */
	bool has_dev;
	uint32_t dev; /* major << 20 | minor */
	uint32_t tgid;
	uint64_t ino;
	const char *file; /* shell pattern, see filter_file() */
	uint32_t rreq;
	bool synthetic;	   /* rreq is one of ours, and no R */
	uint32_t sreq;	   /* requests that have it, and of those this subrequest alone */
	const char *mount; /* mount point, as recorded */
	const char *test;  /* "generic/306" or "generic/306#2" */
	bool (*wants)(void *ctx, const struct test *t); /* tests of several names; NULL: all */
	void *wants_ctx;
};

/*
 * Does the filter's pattern fit this path, as `record --paths` has it? One without a slash is of the
 * file's own name. A file whose name is not known (NULL) fits none.
 */
bool filter_file(const struct request_filter *f, const char *path);
/* Is it the one that the filter names, or does it name none? */
bool filter_names(const struct request_filter *f, uint32_t rreq, bool synthetic);
/* Does anything restrict? A NULL filter does not. */
bool filter_restricts(const struct request_filter *f);
/* A NULL filter passes what the recording was to hold. */
bool filter_request(const struct request_filter *f, const struct model *m, const struct request *r);
/* Is it the test that the filter names, or does it name none? */
bool filter_in_test(const struct request_filter *f, const struct model *m, uint32_t test);
/* Of what has a test and no request: passes where nothing but a test is asked for, and it is that.
 */
bool filter_test(const struct request_filter *f, const struct model *m, uint32_t test);
/*
 * An event, during the call of the listeners, by what is known of its request (may be NULL) now:
 * its verdict comes with its end. One of no request passes where nothing restricts but the test.
 */
bool filter_event(const struct request_filter *f, const struct model *m, const struct seen *seen);
/* Of a request that passed. */
bool filter_subrequest(const struct request_filter *f, const struct subrequest *s);

#endif
