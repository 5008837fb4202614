// SPDX-License-Identifier: GPL-2.0-only
/* What a slow request waited for. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "model/state.h"
#include "model/why.h"

#define PAST	    4096 /* commands that are remembered, the latest */
#define MAX_HOLDERS 64	 /* requests told apart among those that hold credits */
#define NAMED	    2	 /* of them in the text */

/* An answered command. */
struct past {
	uint64_t conn, enter, setup, sent, response;
	uint64_t there; /* the response, maybe still to be decrypted */
	uint32_t rreq, sreq, charge;
	uint16_t cmd;
	bool synth;
};

struct why {
	struct model_listener listener;
	const struct model *m;
	struct past past[PAST]; /* a ring, in order of their responses */
	uint64_t nr;
};

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_rsp *rsp = (const void *)seen->ev;
	const struct command *c = seen->command;
	struct why *w = ctx;

	if (seen->ev->kind != EV_RSP || rsp->status == STATUS_PENDING)
		return 0;
	if (!c || !c->sent_ns)
		return 0;
	w->past[w->nr++ % PAST] = (struct past){
		.conn = c->conn,
		.enter = c->enter_ns,
		.setup = c->setup_ns,
		.sent = c->sent_ns,
		.response = c->response_ns,
		.there = c->arrived_ns ? c->arrived_ns : c->response_ns,
		.rreq = c->rreq,
		.sreq = c->sreq,
		.charge = c->charge,
		.cmd = c->cmd,
		.synth = c->synth,
	};
	return 0;
}

static const uint8_t kinds[] = { EV_RSP, 0 };

#define for_each_past(w, p)                                                                       \
	for (const struct past *p = (w)->past; p < (w)->past + ((w)->nr < PAST ? (w)->nr : PAST); \
	     p++)

/* ---- parts of the time ---- */

enum part {
	PART_BEFORE, /* subrequests before the last one */
	PART_RETRY,
	PART_WAIT,
	PART_PREPARE,
	PART_SEND,
	PART_WIRE,
	PART_DECRYPT,
	PART_CALLBACK,
	PART_COLLECT,
	PART_MAX
};

static uint64_t span(uint64_t from, uint64_t to)
{
	return from && to > from ? to - from : 0;
}

static uint64_t result_ns(const struct subrequest *s)
{
	const struct attempt *a = &s->shown;

	return a->term ? a->term : a->callback_end ? a->callback_end : a->response;
}

/* Did each subrequest before s end before the next was sent? Only then do their times add up. */
static bool is_serial(const struct request *r, const struct subrequest *s)
{
	uint64_t ended = 0;

	for_each_subrequest (r, before) {
		if (before == s)
			return s->shown.sent >= ended;
		if (!before->shown.sent || !result_ns(before) || before->shown.sent < ended)
			return false;
		ended = result_ns(before);
	}
	return false;
}

/* Whose result came last; NULL: none was seen on its way. */
static const struct subrequest *last_one(const struct request *r)
{
	const struct subrequest *last = NULL;

	for_each_subrequest (r, s)
		if (s->shown.sent && s->shown.response && (!last || result_ns(s) > result_ns(last)))
			last = s;
	return last;
}

static enum part longest(const struct request *r, const struct subrequest *s, uint64_t *ret_ns)
{
	const struct attempt *a = &s->shown;
	uint64_t submit = a->submit ? a->submit : a->sent;
	uint64_t ready = a->callback_end ? a->callback_end : a->response;
	const uint64_t ns[PART_MAX] = {
		[PART_BEFORE] = span(r->first_ns, s->first_ns),
		[PART_RETRY] =
			s->attempts > 1 ? span(s->first_ns, a->begin ? a->begin : submit) : 0,
		[PART_WAIT] = a->wait_ns + a->late_wait_ns,
		[PART_PREPARE] = a->begin ? span(a->begin + a->wait_ns, submit) : 0,
		[PART_SEND] = span(submit + a->late_wait_ns, a->sent),
		[PART_WIRE] = span(a->sent, a->arrived ? a->arrived : a->response),
		[PART_DECRYPT] = span(a->arrived, a->response),
		[PART_CALLBACK] = span(a->response, ready),
		[PART_COLLECT] = span(ready, r->done_ns),
	};
	int top = 0;

	for (int i = 1; i < PART_MAX; i++)
		if (ns[i] > ns[top])
			top = i;
	*ret_ns = ns[top];
	return top;
}

/* ---- what it waited for ---- */

__attribute__((format(printf, 2, 3))) static void say(struct why_text *t, const char *fmt, ...)
{
	size_t len = strlen(t->s);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->s + len, sizeof(t->s) - len, fmt, ap);
	va_end(ap);
}

static bool is_of(const struct past *p, const struct request *r)
{
	return p->rreq == r->key.rreq && p->synth == !!r->key.synth;
}

struct holder {
	uint32_t rreq;
	bool synth;
	uint64_t credits;
};

static void hold(struct holder *list, int *n, const struct past *p)
{
	int i = 0;

	while (i < *n && (list[i].rreq != p->rreq || list[i].synth != p->synth))
		i++;
	if (i == MAX_HOLDERS)
		return;
	if (i == *n)
		list[(*n)++] = (struct holder){ .rreq = p->rreq, .synth = p->synth };
	list[i].credits += p->charge;
}

static void name_holders(struct why_text *t, struct holder *list, int n)
{
	for (int named = 0; named < NAMED; named++) {
		struct holder *top = NULL;

		for (int i = 0; i < n; i++)
			if (list[i].rreq && (!top || list[i].credits > top->credits))
				top = &list[i];
		if (!top || !top->credits)
			return;
		say(t, "%s%s (%" PRIu64 ")", named ? ", " : ", most by ",
		    fmt_request(top->synth, top->rreq, 0).s, top->credits);
		top->credits = 0;
	}
}

/* Who had the credits when the wait began: what was on its way then, and is answered by now. */
static void say_credits(struct why_text *t, const struct why *w, const struct subrequest *s)
{
	uint64_t from = s->shown.begin, credits = 0, commands = 0;
	struct holder list[MAX_HOLDERS];
	int n = 0;

	for_each_past(w, p)
	{
		if (p->conn != s->conn || p->enter > from || p->response <= from)
			continue;
		commands++;
		credits += p->charge;
		hold(list, &n, p);
	}
	say(t, ": %" PRIu64 " credit%s held by %" PRIu64 " command%s", credits, plural(credits),
	    commands, plural(commands));
	name_holders(t, list, n);
}

static const struct past *own_command(const struct why *w, const struct subrequest *s)
{
	const struct past *own = NULL;

	for_each_past(w, p) if (is_of(p, s->rreq) && p->sreq == s->index &&
				p->sent == s->shown.sent) own = p;
	return own;
}

static bool is_signed(const struct why *w, uint64_t id)
{
	for (const struct conn *c = model_conns(w->m); c; c = c->hh.next)
		if (c->id == id && c->epoch == model_recording(w->m)->epoch)
			return c->sign;
	return false;
}

/* The lock of the connection is held from smb3_cmd_enter until the socket has taken all. */
static void say_send(struct why_text *t, const struct why *w, const struct subrequest *s)
{
	const struct past *c = own_command(w, s);
	uint64_t lock, setup, socket;

	if (!c || !c->enter || !c->setup)
		return;
	lock = span(s->shown.submit, c->enter);
	setup = span(c->enter, c->setup);
	socket = span(c->setup, c->sent);
	if (lock >= setup && lock >= socket)
		say(t, ": %s waiting for its turn on the connection", fmt_ns(lock).s);
	else if (setup >= socket)
		say(t, ": %s to build%s the command", fmt_ns(setup).s,
		    is_signed(w, s->conn) ? " and sign" : "");
	else
		say(t, ": %s until the socket took it", fmt_ns(socket).s);
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The server or the network: was it slow for all, or for this one? */
static void say_wire(struct why_text *t, const struct why *w, const struct subrequest *s)
{
	uint16_t cmd = s->write ? SMB2_WRITE : SMB2_READ;
	uint64_t around[PAST];
	size_t n = 0;

	for_each_past(w, p)
	{
		if (p->conn != s->conn || p->response < s->shown.sent ||
		    p->sent > s->shown.response || p->cmd != cmd ||
		    (is_of(p, s->rreq) && p->sreq == s->index))
			continue;
		around[n++] = span(p->sent, p->there);
	}
	/* where that is not seen, what decrypts an answer comes before its header is read */
	say(t, ": server%s; ",
	    model_sealed(w->m, s->conn) && !s->shown.arrived ? ", network or decryption"
							     : " or network");
	if (!n) {
		say(t, "no other %s was in flight", smb2_command_name(cmd));
		return;
	}
	qsort(around, n, sizeof(*around), by_value);
	say(t, "%zu other %s%s took %s%s", n, smb2_command_name(cmd), plural(n),
	    fmt_ns(around[n / 2]).s, n > 1 ? " (median)" : "");
}

/* No number beside the index of a subrequest, which is hexadecimal. */
static void say_before(struct why_text *t, const struct subrequest *s)
{
	if (s == s->rreq->subrequests)
		say(t, " began: there was no subrequest yet");
	else if (is_serial(s->rreq, s))
		say(t, " began: each subrequest was sent only after the previous one had ended");
	else
		say(t, " began: others were prepared and sent before it");
}

static void say_callback(struct why_text *t, const struct why *w, const struct subrequest *s)
{
	const char *checked = is_signed(w, s->conn) ? " and check" : "";

	say(t, ": to receive%s %s", checked, s->write ? "the answer" : fmt_bytes(s->transferred).s);
}

static void say_part(struct why_text *t, const struct why *w, const struct subrequest *s,
		     enum part part)
{
	switch (part) {
	case PART_BEFORE:
		say_before(t, s);
		break;
	case PART_RETRY:
		say(t, ": %" PRIu32 " of %" PRIu32 " attempts failed", s->retries, s->attempts);
		break;
	case PART_WAIT:
		say_credits(t, w, s);
		break;
	case PART_SEND:
		say_send(t, w, s);
		break;
	case PART_WIRE:
		say_wire(t, w, s);
		break;
	case PART_CALLBACK:
		say_callback(t, w, s);
		break;
	case PART_COLLECT:
		say(t, ": all results were in, but netfs had not yet told the caller");
		break;
	default:
		break;
	}
}

struct why_text why_request(const struct why *w, const struct request *r)
{
	static const char *const names[PART_MAX] = {
		[PART_BEFORE] = "before",
		[PART_RETRY] = "in earlier attempts of",
		[PART_WAIT] = "waiting for credits of",
		[PART_PREPARE] = "preparing",
		[PART_SEND] = "sending",
		[PART_WIRE] = "on the wire with",
		[PART_DECRYPT] = "until the answer was decrypted to",
		[PART_CALLBACK] = "in the callback of",
		[PART_COLLECT] = "collecting after",
	};
	const struct subrequest *s = last_one(r);
	struct why_text t = { "" };
	enum part part;
	uint64_t ns;

	if (!s || !r->done_ns || r->partial || r->lost || r->untimed)
		return t;
	part = longest(r, s, &ns);
	say(&t, "%s of %s %s [%" PRIx32 "]", fmt_ns(ns).s, fmt_ns(span(r->first_ns, r->done_ns)).s,
	    names[part], s->index);
	say_part(&t, w, s, part);
	return t;
}

int why_new(struct why **ret_w, const struct model *m)
{
	struct why *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->m = m;
	w->listener = (struct model_listener){ .event = on_event, .kinds = kinds, .ctx = w };
	*ret_w = w;
	return 0;
}

void why_free(struct why *w)
{
	free(w);
}

const struct model_listener *why_listener(const struct why *w)
{
	return &w->listener;
}
