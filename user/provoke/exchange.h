/* SPDX-License-Identifier: GPL-2.0-only */
/* A request on its way: what of it is needed when its response comes. */
#ifndef NETFSNOOP_PROVOKE_EXCHANGE_H
#define NETFSNOOP_PROVOKE_EXCHANGE_H

#include "base/hash.h"
#include "provoke/frame.h"
#include "provoke/plan.h"

enum { FILE_ID_SIZE = 16 };

struct setup;

struct exchange {
	uint64_t mid;
	UT_hash_handle hh;
	unsigned int command;
	uint16_t charge;
	uint64_t session;
	uint32_t tree;
	bool is_signed, related, in_compound;
	bool has_file;
	uint8_t file[FILE_ID_SIZE];
	bool has_range; /* READ, WRITE */
	uint64_t offset;
	uint32_t length, minimum;
	bool answered; /* by an interim response */
	struct setup *setup;
	struct rule *chosen[SLOTS];
	const struct status_info *status; /* to be answered with it */
	struct rule *status_rule;	  /* whose doing that is */
	bool forgotten;			  /* because it names what an earlier fault has forgotten */
	bool replaced;			  /* the server got an ECHO in its place */
	uint32_t written;		  /* short-write: bytes that the server got */
};

/*
 * What a message asks. before: the one in front of it in its compound, or NULL, from which a related one takes
 * session, tree and file. *ret is the caller's to free with exchange_free(). 0 or -ENOMEM.
 */
int exchange_new(struct exchange **ret, const struct message *m, const struct exchange *before);
void exchange_free(struct exchange *r);

#endif
