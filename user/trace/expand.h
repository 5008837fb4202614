/* SPDX-License-Identifier: GPL-2.0-only */
/* What a frame holds packed becomes records again, before anybody else sees it; for user/trace/ alone. */
#ifndef NETFSNOOP_TRACE_EXPAND_H
#define NETFSNOOP_TRACE_EXPAND_H

#include "trace/pack.h"

struct expander {
	struct unpacker unpacker;
	uint8_t *data; /* the records */
	size_t len, cap;
};

/* Is there anything packed in it? */
bool expand_concerns(const uint8_t *content, size_t len);
/* All of a frame's content, plain, in x->data; at most max bytes. -EBADMSG, -ENOMEM */
int expand(struct expander *x, const uint8_t *content, size_t len, size_t max);
void expander_release(struct expander *x);

#endif
