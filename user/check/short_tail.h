/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Part of `transfer`: zeros in the place of what a short READ answer left out. A server may answer with less than it was
 * asked for ([MS-SMB2] 3.3.5.12, MinimumCount); only where the file ends there is the rest zeros. That it goes on is
 * known from another answer, with data from behind it.
 */
#ifndef NETFSNOOP_CHECK_SHORT_TAIL_H
#define NETFSNOOP_CHECK_SHORT_TAIL_H

#include "check/inside.h"

/* Of one subrequest, in bytes of the file. */
struct short_tail {
	uint64_t from, to; /* was zeroed; from == to: nothing */
	uint64_t data_to;  /* where the data end that the server sent; 0: none */
	bool ended;	   /* the server had nothing for it: the file ends at or before its start */
};

enum { SHORT_TAILS = 32, SHORT_TAIL_DEVS = 16 };

/* Of the check. */
struct short_tails {
	/* file systems to which this client has written: there a file may have grown between two answers */
	uint32_t written[SHORT_TAIL_DEVS];
	unsigned int nr_written;
	/* the latest below the end of their file as the client knows it, until data from behind are seen */
	struct waiting_tail {
		uint32_t dev;
		uint64_t ino, from, to;
		struct finding *f;
	} waiting[SHORT_TAILS];
	unsigned int next;
};

typedef const struct short_tail *(*short_tail_of)(const struct check *c, const struct request *r,
						  const struct subrequest *s);

void short_tail_write(struct short_tails *st, uint32_t dev);
/* CLEAR of a subrequest that the server has answered; @transferred is as last said before it. */
void short_tail_cleared(struct short_tail *t, const struct ev_sreq *ev, uint64_t transferred);
/* The request is over. @tail_of finds what is known of a subrequest, or NULL. 0 or -ENOMEM. */
int short_tail_request(struct check *c, const struct request *r, struct short_tails *st,
		       short_tail_of tail_of);
void short_tails_free(struct short_tails *st);

#endif
