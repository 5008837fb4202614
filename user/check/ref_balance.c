// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reference counts. Events of two CPUs may come swapped, so a value is believed only as such; the
 * sum of all gets and puts, and FREE, say the rest.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <utlist.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"

/* From the last event of what is done to the put that never comes: at the end of the stream, and
 * while it goes on, where a busy machine may yet bring it. */
#define LEAK_NS	     (5 * NS_PER_SEC)
#define LIVE_LEAK_NS (10 * NS_PER_SEC)

#define MAX_WHATS 32 /* enumerators of netfs_rreq_ref_trace, netfs_sreq_ref_trace: 18 in 7.3 */

struct refs {
	int32_t sum;	     /* what is left by counting from NEW */
	int32_t initial;     /* the count that NEW began with */
	bool from_new, zero; /* zero: it got there, and cannot come back */
	bool reported;
	uint16_t times[MAX_WHATS]; /* by the kernel's number of the word */
	uint32_t waiter; /* who was not woken yet: it may still hold its reference; 0: nobody */
};

/* State of a subrequest: struct refs; and of a request: */
struct refs_own {
	struct refs refs;
	const struct request *r;
	struct refs_own *prev, *next; /* in order of appearance */
};

struct ref_state {
	struct refs_own *own;
};

static void forget(struct check *c, void *state)
{
	struct ref_state *st = c->state;
	struct refs_own *own = state;

	DL_DELETE(st->own, own);
}

static struct refs *refs_get(struct check *c, const struct seen *ce)
{
	struct refs_own *own = state_find(c, ce->r, NULL);
	struct ref_state *st = c->state;

	if (ce->s)
		return state_get(c, ce->r, ce->s);
	if (own)
		return &own->refs;
	own = state_get(c, ce->r, NULL);
	own->r = ce->r;
	DL_APPEND(st->own, own);
	return &own->refs;
}

/* s NULL: the request's own; NULL: none was seen. */
static const struct refs *refs_find(const struct check *c, const struct request *r,
				    const struct subrequest *s)
{
	const struct refs_own *own = s ? NULL : state_find(c, r, NULL);

	if (s)
		return state_find(c, r, s);
	return own ? &own->refs : NULL;
}

static const char *word_of(const struct check *c, bool sreq, uint8_t what)
{
	return names_text(check_names(c), sreq ? NAMES_SREQ_REF : NAMES_RREQ_REF, what);
}

/* The kernel's own names say which way: GET, PUT, SEE, NEW. */
static int direction(const char *word)
{
	if (!strncmp(word, "GET ", 4))
		return 1;
	return !strncmp(word, "PUT ", 4) ? -1 : 0;
}

static int below_zero(struct check *c, const struct seen *ce)
{
	const struct ev_ref *ev = (const void *)ce->ev;
	struct finding *f = finding_new(c, "negative", ev->hdr.ts, ev->hdr.ts);

	finding_request(f, c, ce->r, ce->sreq);
	finding_event(f, c, ce->ev);
	finding_expected(f, "a reference count of 0 or more");
	finding_observed(f, "%d", ev->ref);
	finding_explain(
		f,
		"The %s was put once more than it was taken: it may have been freed while in use.",
		ce->sreq ? "subrequest" : "request");
	return finding_raise(f, c);
}

static int on_ref(struct check *c, const struct seen *ce)
{
	const struct ev_ref *ev = (const void *)ce->ev;
	struct refs *r = refs_get(c, ce);
	int dir = direction(word_of(c, ev->sreq, ev->what));

	if (ce->name == RREF_NEW || ce->name == SREF_NEW)
		*r = (struct refs){ .sum = ev->ref, .initial = ev->ref, .from_new = true };
	r->sum += dir;
	if (dir && ev->what < MAX_WHATS)
		r->times[ev->what]++;
	r->zero |= ev->ref <= 0;
	return ev->ref < 0 ? below_zero(c, ce) : 0;
}

static int on_event(struct check *c, const struct seen *ce)
{
	int rc = ce->r && ce->ev->kind == EV_REF ? on_ref(c, ce) : 0;
	struct refs_own *own = rc || !ce->r ? NULL : state_find(c, ce->r, NULL);

	if (own)
		waiter_note(&own->refs.waiter, ce);
	return rc;
}

static void say(char *buf, size_t room, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void say(char *buf, size_t room, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	if (len < room)
		vsnprintf(buf + len, room - len, fmt, ap);
	va_end(ap);
}

/* "NEW with 1, 4 GET SUBREQ, 3 PUT SUBREQ, PUT RETURN: 1 left" */
static void say_counts(const struct check *c, const struct refs *refs, bool sreq, char *buf,
		       size_t room)
{
	*buf = 0;
	if (refs->from_new)
		say(buf, room, "NEW with %d", refs->initial);
	for (int way = 1; way >= -1; way -= 2)
		for (unsigned int i = 0; i < MAX_WHATS; i++) {
			const char *word = word_of(c, sreq, i);

			if (!refs->times[i] || direction(word) != way)
				continue;
			say(buf, room, "%s", *buf ? ", " : "");
			if (refs->times[i] > 1)
				say(buf, room, "%u ", refs->times[i]);
			say(buf, room, "%s", word);
		}
	if (refs->from_new)
		say(buf, room, ": %d left", refs->sum);
}

/* How often it was put for what this word got: PUT WORK, PUT WORK CP, PUT WORK NQ for GET WORK. */
static unsigned int puts_for(const struct check *c, const struct refs *refs, bool sreq,
			     const char *get)
{
	size_t len = strcspn(get + 4, " ");
	unsigned int n = 0;

	for (unsigned int i = 0; i < MAX_WHATS; i++) {
		const char *word = word_of(c, sreq, i);

		if (refs->times[i] && direction(word) < 0 && !strncmp(word + 4, get + 4, len) &&
		    (!word[4 + len] || word[4 + len] == ' '))
			n += refs->times[i];
	}
	return n;
}

/* "4 GET SUBREQ, but 3 PUT SUBREQ"; empty: each GET has its PUT, if by another word */
static void say_unpaired(const struct check *c, const struct refs *refs, bool sreq, char *buf,
			 size_t room)
{
	*buf = 0;
	for (unsigned int i = 0; i < MAX_WHATS && !*buf; i++) {
		const char *word = word_of(c, sreq, i);
		unsigned int puts;

		if (!refs->times[i] || direction(word) <= 0)
			continue;
		puts = puts_for(c, refs, sreq, word);
		if (puts < refs->times[i])
			say(buf, room, "%u %s, but %u PUT %s", refs->times[i], word, puts,
			    word + 4);
	}
	if (!*buf && refs->from_new && refs->sum > 0)
		say(buf, room, "%d of the %d that NEW began with", refs->sum, refs->initial);
}

static void explain_leak(struct finding *f, const struct check *c, const struct refs *refs,
			 bool sreq)
{
	const char *what = sreq ? "A reference to a subrequest was never put, and it holds the "
				  "request"
				: "A reference to the request was never put";
	char pair[80] = "";

	if (refs)
		say_unpaired(c, refs, sreq, pair, sizeof(pair));
	finding_explain(f, "%s%s%s.", what, *pair ? ": " : "", pair);
}

static int leaked(struct check *c, const struct request *r, uint64_t now)
{
	const struct subrequest *first = NULL;
	const struct refs *refs;
	uint32_t open = 0;
	char counts[160] = "";
	struct finding *f;

	for_each_subrequest (r, s)
		if (!s->freed) {
			open++;
			first = first ? first : s;
		}
	refs = refs_find(c, r, first);
	if (refs)
		say_counts(c, refs, first, counts, sizeof(counts));
	/* until now: a loss may have had the FREE */
	f = finding_new(c, open ? "subrequest-leaked" : "request-leaked", r->first_ns, now);
	finding_request(f, c, r, first ? first->index : 0);
	finding_expected(f, "freed soon after its result was out");
	finding_observed(f,
			 "not freed %" PRIu64 " ms after its last event: a count of %d, %u of %u "
			 "subrequest%s not freed%s%s",
			 (now - r->last_ns) / NS_PER_MS, r->ref, open, r->nr_subrequests,
			 plural(r->nr_subrequests),
			 *counts ? (open ? "; of the subrequest: " : "; ") : "", counts);
	explain_leak(f, c, refs, first != NULL);
	return finding_raise(f, c);
}

static int unbalanced(struct check *c, const struct request *r, const struct refs *refs)
{
	struct finding *f =
		finding_new(c, refs->sum < 0 ? "more-puts" : "more-gets", r->first_ns, r->last_ns);
	char counts[200];

	say_counts(c, refs, false, counts, sizeof(counts));
	finding_request(f, c, r, 0);
	finding_expected(f, "as many puts as gets when it is freed, with those of NEW");
	finding_observed(f, "%s", counts);
	finding_explain(
		f,
		refs->sum < 0
			? "The request was put more often than it was taken: it was freed while another holder still had a reference."
			: "The request was freed while references to it were still held.");
	return finding_raise(f, c);
}

/*
 * One at 0 is not leaked: a work item is to free it, whenever that gets its turn. Nor is one whose
 * waiter sleeps: it is stuck.
 */
static bool is_leaked(const struct check *c, const struct request *r, const struct refs *refs,
		      uint64_t patience)
{
	return !r->freed && r->done_ns && !(refs && (refs->zero || refs->waiter)) &&
	       check_progress(c, r->last_ns) > patience;
}

static int on_tick(struct check *c, uint64_t now)
{
	struct ref_state *st = c->state;
	struct refs_own *own;
	int rc = 0;

	DL_FOREACH (st->own, own) {
		struct refs *refs = &own->refs;

		if (rc || refs->reported || !is_leaked(c, own->r, refs, LIVE_LEAK_NS))
			continue;
		refs->reported = true;
		rc = leaked(c, own->r, now);
	}
	return rc;
}

/* Handed on without FREE: only at the end of the stream. */
static int on_request(struct check *c, const struct request *r)
{
	const struct refs *refs = refs_find(c, r, NULL);
	uint64_t now = check_now(c);
	int rc = 0;

	c->judged += r->freed ? refs && refs->from_new && !r->partial : r->done_ns != 0;
	if (r->freed && refs && refs->from_new && refs->sum && !r->partial)
		rc = unbalanced(c, r, refs);
	else if (!(refs && refs->reported) && is_leaked(c, r, refs, LEAK_NS))
		rc = leaked(c, r, now);
	return rc;
}

static const char *const needs[] = { "netfs_rreq_ref", "netfs_rreq", NULL };

const struct check_ops check_ref_balance = {
	.id = "ref-balance",
	.severity = SEVERITY_ERROR,
	.title = "references to requests and subrequests",
	.rule = "References to requests and subrequests return to 0, and never go below.",
	.why = "One too many leaks the request, pins its pages, and makes umount hang; one too few frees it while it is in use.",
	.next = "Pair GET and PUT of the same word in `netfsnoop report --timeline -R`: which get "
		"has no "
		"put?",
	.limits =
		"Values between NEW and FREE are not judged, because they may be recorded in the wrong order. A leak is reported 10 s after the last event of the request; at the end of the stream 5 s suffice.",
	.bugs = "\"netfs: Fix double put of request\"; \"netfs: Fix ref leak on inserted extra "
		"subreq in "
		"write retry\"; \"netfs: Fix a number of read-retry hangs\"",
	.example = "ref-balance: R=0000000a[1]: A reference to a subrequest was never put, and it "
		   "holds the request: 1 of the 2 that NEW began with.\n"
		   "  verdict   violation, error\n"
		   "  expected  freed soon after its result was out\n"
		   "  observed  not freed 10666 ms after its last event: a count of 1, 1 of 4 "
		   "subrequests not freed; of the subrequest: NEW with 2, PUT CLEAR: 1 left\n"
		   "  when      [   49.124925], 2026-11-28 04:05:45.978 UTC\n"
		   "  task      dd (tid 314, pid 314)\n"
		   "  file      inode 2 on /mnt/smb (cifs)\n"
		   "  command   conn 0x1, mid 71; wireshark: smb2.msg_id == 71\n"
		   "    [   38.386019] cifsd-238: rd-resp-clr +0 held=1\n"
		   "    [   38.386043] cifsd-238: I-OK 65536/65536\n"
		   "    [   38.386100] cifsd-238: rd-resp-add +0 held=0\n"
		   "    [   38.386133] cifsd-238: add_credits +0\n"
		   "    [   38.386158] cifsd-238: add_credits() 0 ifl=4\n"
		   "    [   38.386182] cifsd-238: callback done\n"
		   "    [   38.386306] kworker/0:1-11: TERM 65536/65536\n"
		   "    [   38.455494] kworker/0:1-11: PUT CLEAR r=1\n",
	.judges = { "request", "requests" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_REF, EV_RREQ),
	.state_size = sizeof(struct ref_state),
	.request_state = sizeof(struct refs_own),
	.subrequest_state = sizeof(struct refs),
	.event = on_event,
	.request = on_request,
	.tick = on_tick,
	.forget_request = forget,
};
