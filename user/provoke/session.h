/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a connection negotiated, and its sessions with their keys: [MS-SMB2] 3.2.5.2, 3.2.5.3. There are two
 * sets of keys, as after a changed NEGOTIATE of 3.1.1 client and server hash different messages.
 */
#ifndef NETFSNOOP_PROVOKE_SESSION_H
#define NETFSNOOP_PROVOKE_SESSION_H

#include "base/hash.h"
#include "provoke/frame.h"
#include "provoke/keys.h"
#include "provoke/ntlm.h"

struct session {
	uint64_t id;
	UT_hash_handle hh;
	unsigned int nr; /* of all connections, from 1 */
	bool established, sealed, has_key, has_challenge;
	bool keys_known;
	struct err why;	     /* the keys are not known */
	struct keys keys[2]; /* as this side knows them */
	uint8_t key[SESSION_KEY_SIZE];
	uint8_t challenge[NTLM_CHALLENGE_SIZE];
	uint8_t preauth[2][PREAUTH_SIZE];
};

struct sessions {
	struct session *table;
	struct negotiated negotiated;
	uint8_t preauth[2][PREAUTH_SIZE];
	const char *password;  /* NULL: no keys */
	unsigned int *next_nr; /* of the run */
	bool rekeyed; /* NEGOTIATE was changed under 3.1.1: the sides have different keys */
};

/* What has to be kept of the first SESSION_SETUP of a session until its answer names the session. */
struct setup {
	uint8_t preauth[2][PREAUTH_SIZE];
	bool binding; /* another channel of a session that is on another connection */
};

void sessions_free(struct sessions *s);
struct session *sessions_find(const struct sessions *s, uint64_t id);

void sessions_negotiate_request(struct sessions *s, const struct message *m);
/* Its response as the server sent it: what was negotiated. */
void sessions_negotiated(struct sessions *s, const struct message *m);
/* A message of NEGOTIATE as that side knows it. */
void sessions_hash(struct sessions *s, enum side side, const struct message *m);

/* *ret_setup is the caller's to free, and to give to sessions_setup_response(); NULL for later ones. 0 or -ENOMEM. */
int sessions_setup_request(struct sessions *s, const struct message *m, struct setup **ret_setup);
/* *ret_session: the session that is established by it, else NULL. 0 or -ENOMEM. */
int sessions_setup_response(struct sessions *s, const struct message *m, const struct setup *setup,
			    struct session **ret_session);

#endif
