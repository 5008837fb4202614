/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The credits of one connection, as the client counts them. What a fault withholds stays here and is granted
 * with the next response that no fault touches, so the client never has more than the server granted.
 */
#ifndef NETFSNOOP_PROVOKE_CREDITS_H
#define NETFSNOOP_PROVOKE_CREDITS_H

#include "base/base.h"

struct credits {
	int64_t client; /* what the client may still spend */
	uint64_t withheld;
	uint64_t waiting; /* requests without any response yet: each will bring a grant */
};

#define CREDITS_NO_LIMIT UINT64_MAX

void credits_init(struct credits *c);
/* A request of that CreditCharge (0 counts as 1) went by. */
void credits_spend(struct credits *c, uint16_t charge);
/*
 * A response with which the server grants that many; first: no other to its request came before. What to
 * grant to the client: limit at most, but so many that it holds keep, where nothing else is on its way that
 * could bring more and the server ever granted them.
 */
uint16_t credits_grant(struct credits *c, uint16_t server, uint64_t limit, uint64_t keep,
		       bool first);
/* The same of a response that must stay as it is. */
void credits_pass(struct credits *c, uint16_t server, bool first);

#endif
