/* SPDX-License-Identifier: GPL-2.0-only */
/* What is missing of each CPU's buffer, of each instance of ftrace: every instance has buffers of its own. */
#ifndef NETFSNOOP_IMPORT_BUFFERS_H
#define NETFSNOOP_IMPORT_BUFFERS_H

#include "import/collect.h"
#include "import/line.h"

struct buffers;

/* What is known of one buffer. */
struct buffer {
	bool lost;
	uint64_t count, from; /* lost since from; count 0: not known */
	uint64_t ts;	      /* of its last event; 0: none yet */
	struct line task;     /* function_graph: who runs */
};

int buffers_new(struct buffers **ret);
void buffers_free(struct buffers *b);
/* "" is the instance of lines that name none. NULL: no such CPU, or no memory. */
struct buffer *buffers_get(struct buffers *b, const char *instance, uint16_t cpu);
/* Events are lost, from the buffer's last one on, or from first if it has none yet. */
void buffer_lose(struct buffer *b, uint64_t count, uint64_t first);
/* An event: what was lost before it is over. */
int buffer_resume(struct buffer *b, struct collect *c, uint16_t cpu, uint64_t ts);
/* All losses that are not over are, at ts: the end, or the next text of another instance. */
int buffers_end(struct buffers *b, struct collect *c, uint64_t ts);

static inline void buffers_freep(struct buffers **b)
{
	buffers_free(*b);
}

#endif
