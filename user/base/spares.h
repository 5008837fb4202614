/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects of one size that are over, for those to come. Many are made and freed per event, and large:
 * the allocator takes 250 instructions for each, and 800 beyond a kilobyte.
 */
#ifndef NETFSNOOP_SPARES_H
#define NETFSNOOP_SPARES_H

#include <stdbool.h>
#include <stdlib.h>

struct spares {
	struct spare {
		struct spare *next;
	} * first;
};

/* AddressSanitizer does not see a use of what is kept here. */
#ifdef __SANITIZE_ADDRESS__
#define KEEP_SPARES false
#else
#define KEEP_SPARES true
#endif

/* Not zeroed; all of one list are of the same size, no smaller than a pointer. NULL: no memory. */
static inline void *spares_take(struct spares *s, size_t size)
{
	struct spare *object = s->first;

	if (!object)
		return malloc(size);
	s->first = object->next;
	return object;
}

static inline void spares_put(struct spares *s, void *object)
{
	struct spare *spare = object;

	if (!KEEP_SPARES) {
		free(object);
		return;
	}
	spare->next = s->first;
	s->first = spare;
}

static inline void spares_free(struct spares *s)
{
	while (s->first) {
		struct spare *object = s->first;

		s->first = object->next;
		free(object);
	}
}

#endif
