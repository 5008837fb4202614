/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who owes credits to a connection. Whoever receives a response (cifsd, or a worker that decrypts)
 * adds what it granted, in the same thread: so a response without an addition, and an addition
 * without a response, can be told.
 */
#ifndef NETFSNOOP_CHECK_GRANTS_H
#define NETFSNOOP_CHECK_GRANTS_H

#include "check/inside.h"

#define MAX_GRANTS 16 /* a compound has up to 10, all read before the first is added */

struct grant {
	uint64_t conn, mid, ts;
	uint64_t since; /* from when on every header of its thread has to be in the stream */
	uint32_t rreq, sreq;
	uint32_t credits;
	bool interim;
	bool void_; /* its connection was rebuilt since: nothing to expect */
};

/* of one receiving thread */
struct grants {
	struct grant grant[MAX_GRANTS];
	unsigned int nr;
	uint64_t empty_ns; /* an addition left none */
};

enum grant_result {
	GRANT_NONE,    /* the event is no addition by a receiving thread */
	GRANT_RIGHT,   /* what a response granted */
	GRANT_WRONG,   /* a response's, but not that many */
	GRANT_EXTRA,   /* no response granted it */
	GRANT_UNKNOWN, /* cannot be told */
};

/* Tables: by (thread, 0), data struct grants. */
/* A response header was read; 0 or -ENOMEM. */
int grants_response(struct table *t, const struct seen *ce);
/* An EV_CREDIT_FN or EV_CREDIT; *ret_g is the response it belongs to, if any. */
enum grant_result grants_event(struct table *t, const struct seen *ce, struct grant *ret_g);
/* The connection was lost: responses of the old one are owed nothing. */
void grants_forget_conn(struct table *t, uint64_t conn);
/* Has a thread read the header of this response, and not added what it granted? */
bool grants_has(struct table *t, uint32_t tid, uint64_t conn, uint64_t mid);
/* Takes the grant of (conn, mid) out of a thread's list; false: it is not there. */
bool grants_take(struct table *t, uint32_t tid, uint64_t conn, uint64_t mid, struct grant *ret_g);
/* The oldest grant of any thread, if it was read that much progress ago; false: none. */
bool grants_overdue(struct table *t, const struct check *c, uint64_t ns, struct grant *ret_g,
		    uint32_t *ret_tid);

#endif
