/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Part of `transfer`: what this client has written and the server has acknowledged, by file, as long as nothing
 * may have taken it away: a file that became shorter, a hole, another client.
 */
#ifndef NETFSNOOP_CHECK_WRITTEN_H
#define NETFSNOOP_CHECK_WRITTEN_H

#include "check/inside.h"
#include "check/ranges.h"

/* Of one file. */
struct own_file {
	uint64_t begun_ns;  /* the first of these writes */
	uint64_t first_ns;  /* when the first was over, and */
	uint64_t last_ns;   /* the last */
	uint64_t writer_ns; /* when a program last began to write */
	struct ranges ranges;
};

/* Of the check. */
struct written {
	struct table files; /* by file system and inode */
	uint64_t
		changed_ns; /* the last command or event that may have changed any file otherwise */
	uint64_t
		created_ns; /* the last CREATE: it may have been one that cuts its file to nothing */
};

void written_init(struct written *w);
void written_free(struct written *w);
/* An event of no request. */
void written_event(struct written *w, const struct ev_hdr *ev);
/*
 * This subrequest's bytes are on the server; its request, which is over, was for no more than @limit bytes of the
 * file. 0 or -ENOMEM.
 */
int written_add(struct written *w, const struct request *r, const struct subrequest *s,
		uint64_t limit);
/* The first part of from..to that was written before @r began; false: none, as far as is known. */
bool written_overlap(struct written *w, const struct request *r, uint64_t from, uint64_t to,
		     struct byte_range *ret);
/* The file, if written_overlap() was true just now. */
const struct own_file *written_file(struct written *w, const struct request *r);

#endif
