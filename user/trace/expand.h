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
/* What few bytes may become: a frame of 16 MiB, as `zstd` makes one of a whole trace, hardly has more. */
#define EXPAND_MAX (128u << 20)
/*
 * All of a frame's content, plain, in x->data. Of a later block that is impossible only the number is there, so that
 * its records are missed, and nothing behind it. -EBADMSG: the first is impossible; -ENOMEM
 */
int expand(struct expander *x, const uint8_t *content, size_t len);
void expander_release(struct expander *x);

#endif
