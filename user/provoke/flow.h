/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One connection between a client and a server, seen from the middle: what becomes of each frame. No sockets and
 * no clocks here: whoever has these does what a struct passage says.
 */
#ifndef NETFSNOOP_PROVOKE_FLOW_H
#define NETFSNOOP_PROVOKE_FLOW_H

#include "provoke/journal.h"
#include "provoke/plan.h"

/* What all connections of a run share. */
struct proxy {
	struct fault_plan *plan;
	struct journal *journal;
	const char *password; /* NULL: no keys */
	unsigned int sessions;
};

struct flow;

/* What to do with a frame; data and first are to be freed with passage_free(). */
struct passage {
	uint8_t *data; /* with its head; NULL: pass it on as it came */
	size_t size;
	uint8_t *first; /* a frame of its own that goes ahead of it; NULL: none */
	size_t first_size;
	uint64_t delay_ns; /* hold it for so long; later frames pass it */
	uint64_t behind;   /* hold it until so many later ones have passed */
	uint64_t stall_ns; /* then nothing moves for so long */
	enum where cut;	   /* end the connection there */
	bool reset;
	uint64_t refuse_ns; /* and take no new one for so long */
};

/* connection: its number, from 1. NULL: no memory. */
struct flow *flow_new(struct proxy *p, unsigned int connection);
void flow_free(struct flow *f);

/*
 * A frame from the client, or from the server: size bytes behind its head, which may be changed in place.
 * 0 or -errno: the connection cannot go on.
 */
int flow_request(struct flow *f, uint8_t *data, size_t size, struct passage *ret);
int flow_response(struct flow *f, uint8_t *data, size_t size, struct passage *ret);
void passage_free(struct passage *p);

#endif
