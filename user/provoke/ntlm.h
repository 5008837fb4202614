/* SPDX-License-Identifier: GPL-2.0-only */
/* NTLMv2 as far as a session key needs it: [MS-NLMP] 2.2.1 (messages), 3.3.2 and 3.4.5 (keys). */
#ifndef NETFSNOOP_PROVOKE_NTLM_H
#define NETFSNOOP_PROVOKE_NTLM_H

#include "base/base.h"
#include "provoke/keys.h"

enum { NTLM_CHALLENGE_SIZE = 8 };

/*
 * Looks for an NTLM message in a security blob (SPNEGO's or bare): *ret_msg and *ret_size are what is
 * left of the blob from there on. Its type (1, 2, 3), or 0: none.
 */
int ntlm_find(const uint8_t *blob, size_t size, const uint8_t **ret_msg, size_t *ret_size);

/* The server's challenge of a CHALLENGE message. 0 or -EBADMSG. */
int ntlm_challenge(const uint8_t *msg, size_t size, uint8_t ret[NTLM_CHALLENGE_SIZE]);

/*
 * The session key of an AUTHENTICATE message, for that password (UTF-8).
 * -EBADMSG: the message is damaged; -ENOTSUP: not NTLMv2, or an anonymous session; -EKEYREJECTED: the
 * password is not that user's, as the proof in the message shows. All with err set.
 */
int ntlm_session_key(const uint8_t *msg, size_t size, const uint8_t challenge[NTLM_CHALLENGE_SIZE],
		     const char *password, uint8_t ret[SESSION_KEY_SIZE], struct err *err);

#endif
