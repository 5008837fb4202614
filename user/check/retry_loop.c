// SPDX-License-Identifier: GPL-2.0-only
/* The same range sent again and again. */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"

#define MAX_VAIN  8    /* attempts that get nowhere, without a reconnect in between */
#define MAX_WAITS 2000 /* waits of a request during which nothing happens to its subrequests */

struct loop {
	uint64_t at;   /* start + transferred at the last SUBMT: how far it has come */
	uint64_t len;  /* what was left then */
	uint32_t vain; /* SUBMTs in a row that had come no further */
	uint64_t first_ns;
};

/* of the request itself */
struct waits {
	uint64_t n, first_ns;
	uint64_t moves; /* request.moves, at the last of them */
};

struct loop_state {
	uint64_t reconnect_ns;
};

static int in_vain(struct check *c, const struct seen *ce, const struct loop *l)
{
	struct finding *f = finding_new(c, "no-progress", l->first_ns, ce->ev->ts);
	const struct ev_sreq *ev = (const void *)ce->ev;

	finding_request(f, c, ce->r, ce->sreq);
	finding_expected(f, "progress, an error, or a reconnect after a retry");
	finding_observed(f,
			 "%u attempts in a row at offset 0x%" PRIx64 " with %" PRIu64
			 " byte%s to go, in %" PRIu64 " ms",
			 l->vain + 1, l->at, ev->len - ev->transferred,
			 plural(ev->len - ev->transferred), (ce->ev->ts - l->first_ns) / NS_PER_MS);
	finding_explain(
		f,
		"The same bytes are requested again and again: the transfer makes no progress, and the caller never gets an error.");
	return finding_raise(f, c);
}

static int on_submit(struct check *c, const struct seen *ce)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	struct loop_state *st = c->state;
	struct loop *l = state_get(c, ce->r, ce->s);
	uint64_t at = ev->start + ev->transferred;

	c->judged += l->first_ns != 0;
	/* fewer credits give a shorter piece, a reconnect a new try: neither is a loop */
	if (!l->first_ns || at != l->at || ev->len - ev->transferred != l->len ||
	    st->reconnect_ns > l->first_ns) {
		*l = (struct loop){ .at = at,
				    .len = ev->len - ev->transferred,
				    .first_ns = ev->hdr.ts };
		return 0;
	}
	l->vain++;
	return l->vain % MAX_VAIN ? 0 : in_vain(c, ce, l);
}

static bool is_wait(enum name_id name)
{
	switch (name) {
	case RREQ_WAIT_IP:
	case RREQ_WAIT_PAUSE:
	case RREQ_WAIT_QUIESCE:
	case RREQ_WAKE_QUEUE:
	case RREQ_WAKE_IP:
	case RREQ_RECOLLECT:
	case RREQ_COLLECT:
		return true;
	default:
		return false;
	}
}

static int spinning(struct check *c, const struct seen *ce, const struct waits *w)
{
	struct finding *f = finding_new(c, "wait-loop", w->first_ns, ce->ev->ts);

	finding_request(f, c, ce->r, 0);
	finding_expected(f, "something happens to a subrequest between waits");
	finding_observed(f, "%" PRIu64 " waits and wakes in %" PRIu64 " ms without any", w->n,
			 (ce->ev->ts - w->first_ns) / NS_PER_MS);
	finding_explain(
		f,
		"The wait returns at once and is entered again: it burns a CPU without waiting for anything.");
	return finding_raise(f, c);
}

static int on_rreq(struct check *c, const struct seen *ce)
{
	struct waits *w;

	if (((const struct ev_rreq *)ce->ev)->event != EV_RREQ_STATE || !is_wait(ce->name))
		return 0;
	w = state_get(c, ce->r, NULL);
	if (!w->n || w->moves != ce->r->moves)
		*w = (struct waits){ .first_ns = ce->ev->ts, .moves = ce->r->moves };
	w->n++;
	c->judged++;
	return w->n % MAX_WAITS ? 0 : spinning(c, ce, w);
}

static int on_event(struct check *c, const struct seen *ce)
{
	struct loop_state *st = c->state;

	if (ce->ev->kind == EV_RECONNECT)
		st->reconnect_ns = ce->ev->ts;
	if (!ce->r)
		return 0;
	if (ce->ev->kind == EV_SREQ)
		return ce->s ? on_submit(c, ce) : 0;
	return ce->ev->kind == EV_RREQ ? on_rreq(c, ce) : 0;
}

static const char *const needs[] = { "netfs_sreq", "netfs_rreq", "smb3_reconnect", NULL };

const struct check_ops check_retry_loop = {
	.id = "retry-loop",
	.severity = SEVERITY_ERROR,
	.title = "retries without progress",
	.rule = "No range is retried again and again without progress, and no wait is entered again and again with nothing to wait for.",
	.why = "The process hangs in the kernel, and the server gets the same request forever.",
	.next = "The error of each TERM in the evidence: why does netfs retry after it?",
	.limits =
		"A program that itself reads or writes the same range again and again makes new requests: not found.",
	.bugs = "\"netfs: Work around recursion by abandoning retry if nothing read\"; \"netfs: Fix looping in wait functions\"",
	.example =
		"retry-loop: R=0000000a[1]: The same bytes are requested again and again: the transfer makes no progress, and the caller never gets an error.\n"
		"  verdict   violation, error\n"
		"  expected  progress, an error, or a reconnect after a retry\n"
		"  observed  9 attempts in a row at offset 0x0 with 65536 bytes to go, in 163 ms\n"
		"  when      [   24.439242], 2026-11-28 03:58:31.032 UTC\n"
		"  found     37 times, the last at [   30.415836]\n"
		"  task      dd (tid 305, pid 305)\n"
		"  file      inode 2 on /mnt/smb (cifs)\n"
		"  command   conn 0x1, mid 77; wireshark: smb2.msg_id == 77\n"
		"    [   24.439115] kworker/1:0-28: wait_credits -1\n"
		"    [   24.439131] kworker/1:0-28: wait_mtu done 1 ifl=1\n"
		"    [   24.439144] kworker/1:0-28: rd-submit +0 held=1\n"
		"    [   24.439157] kworker/1:0-28: prepare done credits=0 rc=0\n"
		"    [   24.439182] kworker/1:0-28: GET RESUBMT r=3\n"
		"    [   24.439208] kworker/1:0-28: issue credits=1 rc=0\n"
		"    [   24.439230] kworker/1:0-28: adjust() 0 ifl=1\n"
		"    [   24.439242] kworker/1:0-28: SUBMT 0/65536\n",
	.judges = { "retry or wait", "retries or waits" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_SREQ | SAYS(SREQ_SUBMIT), EV_RREQ, EV_RECONNECT),
	.state_size = sizeof(struct loop_state),
	.request_state = sizeof(struct waits),
	.subrequest_state = sizeof(struct loop),
	.event = on_event,
};
