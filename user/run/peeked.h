/* SPDX-License-Identifier: GPL-2.0-only */
/* An input of which the first bytes tell what it is, before it is read as a stream. It may be a pipe. */
#ifndef NETFSNOOP_RUN_PEEKED_H
#define NETFSNOOP_RUN_PEEKED_H

#include <stdio.h>

#include "run/progress.h"

struct peeked {
	int fd;
	char start[16];
	size_t len, at;	     /* of start: how much there is, and how much of it was read */
	bool is_file;	     /* it can be read twice */
	uint64_t size, done; /* bytes; size 0: unknown */
	struct progress *progress;
};

#define PEEKED_NONE ((struct peeked){ .fd = -1 })

/* "-" is standard input. -errno; to be closed in any case. */
int peeked_open(struct peeked *ret_p, const char *path);
void peeked_close(struct peeked *p);
/*
 * All of it, its first bytes too; p has to outlive it. It can be rewound if it is a file. progress, which is
 * borrowed, says how far it is. NULL: no memory
 */
FILE *peeked_stream(struct peeked *p, struct progress *progress);

#endif
