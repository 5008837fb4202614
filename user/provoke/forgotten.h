/* SPDX-License-Identifier: GPL-2.0-only */
/* Handles, trees and sessions that a server has forgotten, as a fault had it: it answers all that names them so. */
#ifndef NETFSNOOP_PROVOKE_FORGOTTEN_H
#define NETFSNOOP_PROVOKE_FORGOTTEN_H

#include "provoke/exchange.h"

struct forgotten {
	struct lost *lost;
	size_t nr;
};

/* A rule had r answered with a status: if that forgets something, it is noted. 0 or -ENOMEM. */
int forgotten_add(struct forgotten *f, const struct exchange *r);
/* Sets status and status_rule of a request that names something forgotten, and returns true. */
bool forgotten_find(const struct forgotten *f, struct exchange *r);
/* A SESSION_SETUP succeeded: a session that had expired goes on (3.3.5.5.2). */
void forgotten_renewed(struct forgotten *f, uint64_t session);
void forgotten_free(struct forgotten *f);

#endif
