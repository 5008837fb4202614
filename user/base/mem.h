/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that grows, and a stream into it that knows when there was no memory. open_memstream(3) of glibc does
 * not tell: what does not fit is lost, and fclose() returns 0.
 */
#ifndef NETFSNOOP_MEM_H
#define NETFSNOOP_MEM_H

#include "base/base.h"

struct mem {
	char *text; /* of a stream NUL-terminated; NULL: nothing was written */
	size_t len, room;
	bool failed; /* no memory: text lacks something */
};

/* Does what mem_more() does where there is not enough. */
char *mem_grow(struct mem *m, size_t n);

/* Where n more bytes can be put, which then add to len. NULL: no memory, and it has failed */
static inline char *mem_more(struct mem *m, size_t n)
{
	return m->room - m->len >= n ? m->text + m->len : mem_grow(m, n);
}

/* Appends to m, which is the caller's, as soon as the stream is flushed. NULL: no memory */
FILE *mem_open(struct mem *m);
/* Closes it (NULL: it was never open). 0, -ENOMEM: something is missing */
int mem_close(FILE *f, const struct mem *m);
void mem_free(struct mem *m);

#endif
