/* SPDX-License-Identifier: GPL-2.0-only */
/* One client's connection and the one to the server behind it, on libevent. */
#ifndef NETFSNOOP_PROVOKE_LINK_H
#define NETFSNOOP_PROVOKE_LINK_H

#include <event2/event.h>

#include "provoke/loop.h"

struct link;

/* What a link tells the loop. */
struct link_owner {
	struct event_base *base;
	struct proxy *proxy;
	struct address to;
	struct link *links; /* all there are */
	/* A fault has it that no new connection is taken for so long. */
	void (*refuse)(struct link_owner *o, uint64_t ns);
	int rc; /* -ENOMEM: what stopped the loop */
};

/* Takes fd over, from client. 0 or -ENOMEM. */
int link_new(struct link_owner *o, int fd, const struct address *client);
/* Closes all. */
void links_free(struct link_owner *o);

#endif
