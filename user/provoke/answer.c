// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "provoke/flow_state.h"
#include "provoke/select.h"

__attribute__((format(printf, 5, 6))) static void say(struct flow *f, struct exchange *r,
						      struct rule *rule, const struct change *c,
						      const char *fmt, ...)
{
	struct subject s = flow_subject(f, r);
	struct change none = {};
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	journal_fault(f->p->journal, rule, &s, c ? c : &none, text);
}

static void skip(struct flow *f, struct exchange *r, const struct rule *rule, const char *why)
{
	struct subject s = flow_subject(f, r);

	journal_skipped(f->p->journal, rule, &s, why);
}

/* ---- what a response says ---- */

static int put_status(struct flow *f, struct message *m, struct exchange *r)
{
	const struct change c = { .status = r->status->value, .again = r->forgotten };
	uint32_t real = get32(m->at + HDR_STATUS);

	if (r->replaced &&
	    real != STATUS_OK) { /* not even the ECHO: that is what the client gets */
		skip(f, r, r->status_rule, "the server itself answered with an error");
		return body_to_error(m, r, real);
	}
	say(f, r, r->status_rule, &c, r->forgotten ? "%s, as before" : "%s", r->status->name);
	return body_to_error(m, r, r->status->value);
}

static void shorten(struct flow *f, struct message *m, struct exchange *r, struct rule *rule)
{
	struct change c = { .was = r->length, .became = r->written };
	bool ok = get32(m->at + HDR_STATUS) == STATUS_OK;
	bool is_read = rule->fault.id == FAULT_SHORT_READ;

	if (!ok)
		skip(f, r, rule, "the server answered with an error");
	else if (is_read && !body_shorten_read(m, &rule->fault, r, &c))
		skip(f, r, rule, "the response is not longer than that");
	else
		say(f, r, rule, &c,
		    is_read ? "returned %" PRIu64 " of %" PRIu64 " bytes"
			    : "wrote %" PRIu64 " of %" PRIu64 " bytes",
		    c.became, c.was);
}

static int body(struct flow *f, struct message *m, struct exchange *r)
{
	struct rule *rule = r->chosen[SLOT_BODY];

	if (r->status)
		return put_status(f, m, r);
	if (rule)
		shorten(f, m, r, rule);
	return 0;
}

/* ---- NEGOTIATE, SESSION_SETUP ---- */

static void limit_size(struct flow *f, struct message *m, struct exchange *r, enum slot slot,
		       size_t at)
{
	bool hashed = f->sessions.negotiated.dialect >= DIALECT_311;
	struct rule *rule = r->chosen[slot];
	struct change c;

	if (!rule)
		return;
	c = (struct change){ .was = get32(m->at + at), .became = rule->fault.value };
	if (hashed && !f->p->password) {
		skip(f, r, rule,
		     "SMB 3.1.1 protects its NEGOTIATE: give --credentials, or mount with vers=3.0");
	} else if (c.became >= c.was) {
		skip(f, r, rule, "the server does not offer more than that");
	} else {
		put32(m->at + at, c.became);
		m->changed = true;
		f->sessions.rekeyed = hashed;
		say(f, r, rule, &c, "%s is %s", fault_infos[rule->fault.id].name,
		    fmt_bytes(c.became).s);
	}
}

static void negotiated(struct flow *f, struct message *m, struct exchange *r)
{
	bool ok = m->size >= NEGOTIATED_SIZE && get32(m->at + HDR_STATUS) == STATUS_OK;

	sessions_hash(&f->sessions, SERVER, m);
	sessions_negotiated(&f->sessions, m);
	if (ok) {
		limit_size(f, m, r, SLOT_READ_SIZE, NEGOTIATED_MAX_READ);
		limit_size(f, m, r, SLOT_WRITE_SIZE, NEGOTIATED_MAX_WRITE);
		limit_size(f, m, r, SLOT_TRANSACT_SIZE, NEGOTIATED_MAX_TRANSACT);
	}
	sessions_hash(&f->sessions, CLIENT, m);
}

static const char *dialect_name(uint16_t dialect)
{
	switch (dialect) {
	case DIALECT_202:
		return "2.0.2";
	case DIALECT_210:
		return "2.1";
	case DIALECT_300:
		return "3.0";
	case DIALECT_302:
		return "3.0.2";
	case DIALECT_311:
		return "3.1.1";
	default:
		return "of an unknown dialect";
	}
}

static void say_session(struct flow *f, const struct session *s)
{
	const char *dialect = dialect_name(f->sessions.negotiated.dialect);
	json_t *more = json_pack("{s:i, s:s, s:b, s:b}", "session", s->nr, "dialect", dialect,
				 "sealed", s->sealed, "keys", s->keys_known);
	char text[sizeof(s->why.text) + 100], id[24];

	snprintf(id, sizeof(id), "0x%016" PRIx64, s->id);
	if (more)
		json_object_set_new(more, "session_id", json_string(id));
	if (more && !s->keys_known)
		json_object_set_new(more, "why", json_string(s->why.text));
	if (s->keys_known)
		snprintf(text, sizeof(text), "session %u, SMB %s%s: keys are known", s->nr, dialect,
			 s->sealed ? ", sealed" : "");
	else
		snprintf(text, sizeof(text), "session %u, SMB %s%s: keys are not known: %s", s->nr,
			 dialect, s->sealed ? ", sealed" : "", s->why.text);
	journal_event(f->p->journal, "session", f->connection, more, text);
}

static int began(struct flow *f, struct message *m, struct exchange *r)
{
	struct session *session = NULL;
	int rc = 0;

	if (r->command == SMB2_NEGOTIATE)
		negotiated(f, m, r);
	if (r->command == SMB2_SESSION_SETUP)
		rc = sessions_setup_response(&f->sessions, m, r->setup, &session);
	if (r->command == SMB2_SESSION_SETUP && get32(m->at + HDR_STATUS) == STATUS_OK)
		forgotten_renewed(&f->forgotten, get64(m->at + HDR_SESSION));
	if (session)
		say_session(f, session);
	return rc;
}

/* ---- credits ---- */

/*
 * The limit that holds for a response, and whose it is. What chose a request holds for all its responses, as an
 * interim one may come first; "for N" means N requests then.
 */
static uint64_t grant_limit(struct flow *f, const struct exchange *r, struct rule **ret_rule)
{
	struct rule *rule = r->chosen[SLOT_CREDITS];
	int64_t room;

	*ret_rule = rule;
	if (rule && rule->fault.id == FAULT_CEILING) {
		room = (int64_t)rule->fault.value - f->credits.client;
		return room > 0 ? room : 0;
	}
	if (rule && !r->answered) {
		f->grants = rule;
		f->grants_left = rule->fault.times - 1;
	} else if (!rule && f->grants_left) {
		*ret_rule = rule = f->grants;
		f->grants_left -= !r->answered;
	}
	if (!rule)
		return CREDITS_NO_LIMIT;
	if (!rule->fault.fewer)
		return rule->fault.value;
	return r->charge ? r->charge - 1 : 0;
}

/*
 * May the grant of a response be changed? Not what the preauth hash of 3.1.1 covers, of which nobody knows yet
 * whether there will be keys, and not what cannot be signed anew.
 */
static bool can_grant(const struct flow *f, const struct message *m, const struct exchange *r)
{
	const struct session *s = sessions_find(&f->sessions, get64(m->at + HDR_SESSION));
	bool is_signed = get32(m->at + HDR_FLAGS) & SMB2_FLAG_SIGNED;
	bool begins = r->command == SMB2_NEGOTIATE ||
		      (r->command == SMB2_SESSION_SETUP && get32(m->at + HDR_STATUS) != STATUS_OK);

	return !begins && (!is_signed || (s && s->keys_known));
}

static void grant(struct flow *f, struct message *m, struct exchange *r)
{
	uint16_t server = get16(m->at + HDR_CREDITS), given;
	struct rule *rule;
	uint64_t limit;
	struct change c;

	if (!can_grant(f, m, r)) {
		credits_pass(&f->credits, server, !r->answered);
		return;
	}
	limit = grant_limit(f, r, &rule);
	given = credits_grant(&f->credits, server, limit, rule ? rule->fault.keep : 1,
			      !r->answered);
	if (given == server)
		return;
	put16(m->at + HDR_CREDITS, given);
	m->changed = true;
	c = (struct change){ .was = server, .became = given };
	if (rule && given < server)
		say(f, r, rule, &c, "granted %u of %u credit%s%s", given, server, plural(server),
		    given > limit ? ", as it would have none" : "");
}

/* ---- when it comes, and whether ---- */

/* The interim response of 3.3.4.2, which is not signed; the credits go with it. */
static int put_pending(struct flow *f, struct envelope *e, struct message *m,
		       const struct exchange *r, struct passage *p)
{
	uint64_t async_id = UINT64_C(1) << 63 | ++f->async_ids;
	uint32_t flags = get32(m->at + HDR_FLAGS) | SMB2_FLAG_ASYNC;
	uint8_t text[ERROR_SIZE] = {};
	struct envelope interim = { .from = SERVER, .sealed = e->sealed };

	memcpy(text, m->at, HDR_SIGNATURE);
	put32(text + HDR_STATUS, STATUS_PENDING);
	put16(text + HDR_COMMAND, r->command);
	put32(text + HDR_FLAGS, flags & ~(uint32_t)SMB2_FLAG_SIGNED);
	put32(text + HDR_NEXT, 0);
	put64(text + HDR_ASYNC_ID, async_id);
	put16(text + HDR_SIZE, 9);
	put32(m->at + HDR_FLAGS, flags);
	put64(m->at + HDR_ASYNC_ID, async_id);
	put16(m->at + HDR_CREDITS, 0);
	m->changed = true;
	interim.frame.kind = FRAME_SMB2;
	interim.frame.nr = 1;
	interim.frame.msg[0] = (struct message){
		.at = text, .size = sizeof(text), .room = sizeof(text), .changed = true
	};
	return envelope_close(f, &interim, &p->first, &p->first_size);
}

static int pending(struct flow *f, struct envelope *e, struct message *m, struct exchange *r,
		   struct rule *rule, struct passage *p)
{
	bool by_server = get32(m->at + HDR_FLAGS) & SMB2_FLAG_ASYNC;
	struct change c = { .became = rule->fault.late_ns };

	if (r->command == SMB2_NEGOTIATE || r->command == SMB2_SESSION_SETUP) {
		skip(f, r, rule, "there is no such response before a session");
		return 0;
	}
	p->delay_ns = rule->fault.late_ns;
	say(f, r, rule, &c,
	    by_server ? "the server sent STATUS_PENDING itself; the response %s later"
		      : "STATUS_PENDING first, the response %s later",
	    fmt_ns(p->delay_ns).s);
	return by_server ? 0 : put_pending(f, e, m, r, p);
}

static void delay(struct flow *f, struct exchange *r, struct rule *rule, struct passage *p)
{
	const struct fault *fault = &rule->fault;
	struct change c = { .became = fault->id == FAULT_REORDER ? fault->behind : fault->value };

	if (fault->id == FAULT_DELAY) {
		p->delay_ns = fault->value;
		say(f, r, rule, &c, "held for %s", fmt_ns(fault->value).s);
	} else if (fault->id == FAULT_REORDER) {
		p->behind = fault->behind;
		say(f, r, rule, &c, "held until %" PRIu64 " later response%s passed it", p->behind,
		    plural(p->behind));
	} else {
		p->stall_ns = fault->value;
		say(f, r, rule, &c, "nothing moves for %s", fmt_ns(fault->value).s);
	}
}

static void cut(struct flow *f, struct exchange *r, struct rule *rule, struct passage *p)
{
	static const char *const texts[] = { [CUT_BEFORE] = "connection ended before the response",
					     [CUT_WITHIN] = "connection ended within the response",
					     [CUT_AFTER] = "connection ended after the response" };
	struct change c = { .became = rule->fault.refuse_ns };

	p->cut = rule->fault.where;
	p->reset = rule->fault.reset;
	p->refuse_ns = rule->fault.refuse_ns;
	if (p->refuse_ns)
		say(f, r, rule, &c, "%s; none is taken for %s", texts[p->cut],
		    fmt_ns(p->refuse_ns).s);
	else
		say(f, r, rule, NULL, "%s", texts[p->cut]);
}

static int timing(struct flow *f, struct envelope *e, struct message *m, struct exchange *r,
		  struct passage *p)
{
	struct rule *time = r->chosen[SLOT_TIME];
	int rc = 0;

	if (r->chosen[SLOT_LINK])
		cut(f, r, r->chosen[SLOT_LINK], p);
	if (time && time->fault.id == FAULT_PENDING)
		rc = pending(f, e, m, r, time, p);
	else if (time)
		delay(f, r, time, p);
	return rc;
}

void answer_sealed(struct flow *f, struct passage *p)
{
	struct asked asked = { .command = SMB2_COMMANDS, .connection = f->connection };
	struct rule *chosen[SLOTS];

	fault_plan_select(f->p->plan, &asked, chosen);
	for (enum slot slot = SLOT_BODY; slot < SLOT_LINK; slot++)
		if (chosen[slot] && (slot < SLOT_TIME || chosen[slot]->fault.id == FAULT_PENDING))
			skip(f, NULL, chosen[slot], "it is sealed, and the keys are not known");
	if (chosen[SLOT_TIME] && chosen[SLOT_TIME]->fault.id != FAULT_PENDING)
		delay(f, NULL, chosen[SLOT_TIME], p);
	if (chosen[SLOT_LINK])
		cut(f, NULL, chosen[SLOT_LINK], p);
}

int answer(struct flow *f, struct envelope *e, unsigned int i, struct passage *p)
{
	struct message *m = &e->frame.msg[i];
	struct exchange *r = flow_find(f, get64(m->at + HDR_MID));
	bool interim = get32(m->at + HDR_FLAGS) & SMB2_FLAG_ASYNC &&
		       get32(m->at + HDR_STATUS) == STATUS_PENDING;
	int rc = 0;

	if (!r || !(get32(m->at + HDR_FLAGS) & SMB2_FLAG_RESPONSE))
		return 0; /* a break, or not what we know of */
	if (!interim)
		rc = began(f, m, r);
	if (!rc && !interim)
		rc = body(f, m, r);
	if (!rc)
		grant(f, m, r);
	if (!rc && !interim)
		rc = timing(f, e, m, r, p);
	r->answered = true;
	if (interim)
		return rc;
	HASH_DEL(f->requests, r);
	exchange_free(r);
	return rc;
}
