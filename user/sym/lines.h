/* SPDX-License-Identifier: GPL-2.0-only */
/* DWARF: where an address of a function comes from, with the calls inlined around it (libdw). */
#ifndef NETFSNOOP_SYM_LINES_H
#define NETFSNOOP_SYM_LINES_H

#include "sym/image.h"
#include "sym/sym.h"

struct lines;

/* img must outlive it. -ENODATA: no debug information that can be read. */
int lines_open(struct lines **ret, const struct image *img, struct err *err);
void lines_free(struct lines *l);

static inline void lines_freep(struct lines **l)
{
	lines_free(*l);
}

/* The place f+off; fills how, frame and nr_frames. -ENODATA: no line known for it. */
int lines_find(struct lines *l, const struct image_func *f, uint64_t off, struct sym_place *ret,
	       struct err *err);

#endif
