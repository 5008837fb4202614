/* SPDX-License-Identifier: GPL-2.0-only */
/* The proxy at work: listens, connects, and passes frames on, until a signal or the end of a command. */
#ifndef NETFSNOOP_PROVOKE_LOOP_H
#define NETFSNOOP_PROVOKE_LOOP_H

#include <sys/socket.h>

#include "base/fmt.h"
#include "provoke/flow.h"

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};

struct loop_options {
	struct proxy proxy;
	struct address listen, to;
	/* It listens. 0 or -errno with err set: stop. */
	int (*ready)(void *ctx, struct err *err);
	/* A child of this process changed its state; true: stop. NULL: there are no children. */
	bool (*child)(void *ctx);
	/* SIGINT or SIGTERM came; true: stop. */
	bool (*signal)(void *ctx, int sig);
	void *ctx;
};

/* "127.0.0.1:445", "[::1]:445": a numeric address with a port from 1 to 65535. 0 or -EINVAL. */
int address_parse(const char *text, struct address *ret);
/* As it is parsed. */
struct long_text address_text(const struct address *a);

/* Is it built in? Without libevent it is not. */
bool loop_is_there(void);
/*
 * Runs until it is stopped. -EADDRINUSE and the like, -ECONNREFUSED and the like if there is no server,
 * -ENOTSUP without libevent, -ENOMEM; with err set.
 */
int loop_run(struct loop_options *o, struct err *err);

#endif
