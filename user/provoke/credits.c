// SPDX-License-Identifier: GPL-2.0-only
#include "provoke/credits.h"

void credits_init(struct credits *c)
{
	*c = (struct credits){ .client = 1 }; /* 3.2.1.2: for its NEGOTIATE */
}

void credits_spend(struct credits *c, uint16_t charge)
{
	c->client -= charge ? charge : 1;
	c->waiting++;
}

static void answered(struct credits *c, bool first)
{
	if (first && c->waiting)
		c->waiting--;
}

void credits_pass(struct credits *c, uint16_t server, bool first)
{
	answered(c, first);
	c->client += server;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint16_t credits_grant(struct credits *c, uint16_t server, uint64_t limit, uint64_t keep,
		       bool first)
{
	uint64_t there = c->withheld + server;
	uint64_t give = least(least(there, limit), UINT16_MAX);
	int64_t lacks = (int64_t)keep - c->client;

	answered(c, first);
	if (!c->waiting && lacks > 0 && give < (uint64_t)lacks)
		give = least(least(there, lacks), UINT16_MAX);
	c->withheld = there - give;
	c->client += give;
	return give;
}
