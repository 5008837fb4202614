// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "provoke/flow_state.h"
#include "provoke/select.h"

/* What belongs to a connection's or session's beginning. */
static int begin(struct flow *f, const struct message *m, struct exchange *r)
{
	if (r->command == SMB2_NEGOTIATE)
		sessions_negotiate_request(&f->sessions, m);
	if (r->command == SMB2_SESSION_SETUP)
		return sessions_setup_request(&f->sessions, m, &r->setup);
	return 0;
}

static void select_faults(struct flow *f, struct exchange *r)
{
	const struct session *s = sessions_find(&f->sessions, r->session);
	struct asked asked = { .command = r->command,
			       .connection = f->connection,
			       .session = s ? s->nr : 0,
			       .has_range = r->has_range,
			       .offset = r->offset,
			       .size = r->length };

	fault_plan_select(f->p->plan, &asked, r->chosen);
}

/* The choice comes to nothing. */
static void skip(struct flow *f, struct exchange *r, enum slot slot, const char *why)
{
	struct subject s = flow_subject(f, r);

	journal_skipped(f->p->journal, r->chosen[slot], &s, why);
	r->chosen[slot] = NULL;
}

/*
 * What names something forgotten is still done, if it is the client's way to let go of it: the real server has
 * it and shall not keep it.
 */
static bool lets_go(const struct exchange *r)
{
	return r->command == SMB2_CLOSE || r->command == SMB2_TREE_DISCONNECT ||
	       r->command == SMB2_LOGOFF;
}

/* Does the next message of the compound rest on message i? */
static bool is_base(const struct frame *frame, unsigned int i)
{
	return i + 1 < frame->nr && get32(frame->msg[i + 1].at + HDR_FLAGS) & SMB2_FLAG_RELATED;
}

/* r is not to be done, but answered with a status: by its own fault, or as what it rests on was not done. */
static void decide_status(struct flow *f, const struct frame *frame, unsigned int i,
			  struct exchange *r, const struct exchange *before)
{
	struct rule *rule = r->chosen[SLOT_BODY];
	bool chosen = rule && rule->fault.id == FAULT_STATUS;

	if (r->related && before && before->replaced) {
		r->status = before->status;
		r->status_rule = before->status_rule;
		r->forgotten = r->replaced = true;
	} else if (forgotten_find(&f->forgotten, r)) {
		r->replaced = !lets_go(r) && !(r->related && before);
		/* in the middle of a compound only what the first is answered with can be lawful */
		if (r->related && before && !r->replaced && !lets_go(r))
			r->status = NULL;
	} else if (chosen && (r->related || (is_base(frame, i) && r->command != SMB2_CREATE))) {
		skip(f, r, SLOT_BODY, "it is a part of a compound that rests on it");
	} else if (chosen) {
		r->status = rule->fault.status;
		r->status_rule = rule;
		r->replaced = !lets_go(r);
	}
	if (r->status && r->status_rule != rule)
		r->chosen[SLOT_BODY] = NULL;
}

/* The faults that change messages, where those may be changed. */
static int change(struct flow *f, struct message *m, struct exchange *r)
{
	const struct rule *rule = r->chosen[SLOT_BODY];

	if (r->status && !r->forgotten) {
		int rc = forgotten_add(&f->forgotten, r);

		if (rc)
			return rc;
	}
	if (r->replaced)
		return body_to_echo(m, r);
	if (rule && rule->fault.id == FAULT_SHORT_WRITE &&
	    !body_shorten_write(m, &rule->fault, &r->written))
		skip(f, r, SLOT_BODY, "the WRITE is not longer than that");
	return 0;
}

static void drop_impossible(struct flow *f, struct exchange *r, unsigned int nr)
{
	struct rule *time = r->chosen[SLOT_TIME];
	const char *why;

	if (!flow_can_change(f, r, &why)) {
		if (r->chosen[SLOT_BODY])
			skip(f, r, SLOT_BODY, why);
		if (r->chosen[SLOT_CREDITS])
			skip(f, r, SLOT_CREDITS, why);
		if (time && time->fault.id == FAULT_PENDING)
			skip(f, r, SLOT_TIME, why);
	} else if (time && time->fault.id == FAULT_PENDING && nr > 1) {
		skip(f, r, SLOT_TIME, "it is in a compound");
	}
}

static int remember(struct flow *f, struct exchange *r)
{
	struct exchange *old = flow_find(f, r->mid);

	if (old) {
		HASH_DEL(f->requests, old);
		exchange_free(old);
	}
	return hash_add(hh, f->requests, mid, sizeof(r->mid), r);
}

int ask(struct flow *f, struct envelope *e, unsigned int i, struct exchange *before,
	struct exchange **ret)
{
	struct message *m = &e->frame.msg[i];
	struct exchange *r;
	int rc;

	*ret = NULL;
	if (get16(m->at + HDR_COMMAND) == SMB2_CANCEL ||
	    get32(m->at + HDR_FLAGS) & SMB2_FLAG_RESPONSE)
		return 0; /* no credits, no response */
	rc = exchange_new(&r, m, before);
	if (rc)
		return rc;
	rc = remember(f, r);
	if (rc) {
		exchange_free(r);
		return rc;
	}
	*ret = r;
	credits_spend(&f->credits, r->charge);
	e->sessions[i] = r->session;
	rc = begin(f, m, r);
	if (rc)
		return rc;
	select_faults(f, r);
	drop_impossible(f, r, e->frame.nr);
	decide_status(f, &e->frame, i, r, before);
	return change(f, m, r);
}
