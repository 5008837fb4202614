/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of a flow: for flow.c, envelope.c, ask.c and answer.c. */
#ifndef NETFSNOOP_PROVOKE_FLOW_STATE_H
#define NETFSNOOP_PROVOKE_FLOW_STATE_H

#include "provoke/credits.h"
#include "provoke/flow.h"
#include "provoke/forgotten.h"
#include "provoke/frame.h"
#include "provoke/exchange.h"
#include "provoke/session.h"

struct flow {
	struct proxy *p;
	unsigned int connection;
	struct sessions sessions;
	struct exchange *requests; /* by message id, until their last response */
	struct credits credits;
	struct forgotten forgotten;
	struct rule *grants; /* whose limit holds for grants_left responses more; NULL: none */
	uint64_t grants_left;
	uint64_t async_ids; /* given so far */
	uint64_t nonces;
	uint8_t nonce_base[8];
	bool said_sealed;
};

/* A frame that was opened, with what closing it needs. */
struct envelope {
	struct frame frame;
	enum side from;
	struct session *sealed;		 /* whose keys opened it; NULL: it was open */
	uint8_t *plain;			 /* what was inside; the frame's messages are views of it */
	uint64_t sessions[MAX_COMPOUND]; /* of each message, as a related one does not say */
};

/* envelope.c: unseals, and seals and signs anew */

/* frame.kind FRAME_SMB2: it can be seen. 0 or -ENOMEM. */
int envelope_open(struct flow *f, struct envelope *e, enum side from, uint8_t *data, size_t size);
/* What goes on, if anything was changed: *ret with its head, the caller's to free; else NULL. 0 or -errno. */
int envelope_close(struct flow *f, struct envelope *e, uint8_t **ret, size_t *ret_size);
void envelope_free(struct envelope *e);

/* ask.c: message i from the client; before is the one in front of it, or NULL. *ret is the flow's own. 0 or -ENOMEM. */
int ask(struct flow *f, struct envelope *e, unsigned int i, struct exchange *before,
	struct exchange **ret);

/* answer.c: a message from the server. 0 or -ENOMEM. */
int answer(struct flow *f, struct envelope *e, unsigned int i, struct passage *p);

/* What faults can be shown to a response that cannot be seen. */
void answer_sealed(struct flow *f, struct passage *p);

/* body.c: what messages become */

/* A request becomes an ECHO with the same message id and charge, which keeps the server's books right. */
int body_to_echo(struct message *m, const struct exchange *r);
/* A response becomes an error to r. 0 or -ENOMEM. */
int body_to_error(struct message *m, const struct exchange *r, uint32_t status);
/* A WRITE gets shorter; false: it cannot. */
bool body_shorten_write(struct message *m, const struct fault *fault, uint32_t *ret_left);
/* So does what a READ returns. */
bool body_shorten_read(struct message *m, const struct fault *fault, const struct exchange *r,
		       struct change *ret);

/* May a message be changed? Not if it is signed and the keys are not known. *ret_why, if not NULL: why not. */
bool flow_can_change(const struct flow *f, const struct exchange *r, const char **ret_why);
struct exchange *flow_find(const struct flow *f, uint64_t mid);
struct subject flow_subject(const struct flow *f, const struct exchange *r);

#endif
