// SPDX-License-Identifier: GPL-2.0-only
/* Does what is said to be transferred add up with what was received? */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"
#include "check/short_tail.h"
#include "check/zero_fill.h"

struct moved {
	uint64_t start, len;  /* at the first SUBMT */
	uint64_t before;      /* transferred when the attempt began */
	uint64_t transferred; /* as last said */
	uint64_t end_len;
	uint64_t got; /* by the callback of this attempt */
	uint64_t got_ns;
	int32_t result;
	bool submitted, received, retried, reported;
	bool acknowledged; /* a WRITE, by the server */
	uint64_t reach;	   /* where what was received ends in the file */
	struct short_tail tail;
	struct finding *held; /* until it is known whether a retry reads the bytes again */
};

/* State of a subrequest: struct moved; and of a request: */
struct moved_all {
	uint64_t transferred; /* as last said */
	bool told;	      /* it was */
	uint64_t asked;	      /* by the call that made it, bytes */
	uint64_t i_size;      /* of the file, as last said */
	bool noted;	      /* what it wrote */
	struct zero_fill zeros;
};

/* Of the check. */
struct transfer_state {
	struct short_tails tails;
	struct written written;
};

static void forget(struct check *c, void *state)
{
	struct moved *m = state;

	(void)c;
	finding_free(m->held);
}

static struct finding *start(struct check *c, const struct seen *ce, const char *kind)
{
	struct finding *f = finding_new(c, kind, ce->s->first_ns, ce->ev->ts);

	finding_request(f, c, ce->r, ce->sreq);
	return f;
}

static int too_much(struct check *c, const struct seen *ce, struct moved *m)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	struct finding *f = start(c, ce, "overread");

	finding_expected(f, "transferred <= len %" PRIu64, ev->len);
	finding_observed(f, "transferred %" PRIu64, ev->transferred);
	finding_explain(
		f,
		"More bytes count as transferred than were requested: bytes beyond the subrequest are treated as done.");
	m->reported = true;
	return finding_raise(f, c);
}

/* The client may mean to read it again: then nothing of this attempt counts. */
static int not_counted(struct check *c, const struct seen *ce, struct moved *m,
		       uint64_t transferred)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	bool more = transferred > m->before + m->got;
	struct finding *f = start(c, ce, more ? "short-as-full" : "data-dropped");

	finding_expected(f, "transferred %" PRIu64 " (%" PRIu64 " before, %" PRIu64 " received)",
			 m->before + m->got, m->before, m->got);
	finding_observed(f, "transferred %" PRIu64 ", error 0", transferred);
	finding_explain(
		f,
		more ? "A short read counts as a longer one: the rest of the buffer is whatever was there before."
		     : "Bytes that were received are dropped without an error; the reader gets "
		       "zeros or a short read.");
	m->reach = ev->start + m->before + m->got;
	m->held = f;
	return f ? 0 : -ENOMEM;
}

/* No retry reads them again. */
static int not_read_again(struct check *c, struct moved *m, uint64_t ts)
{
	if (!m->held)
		return 0;
	m->held->until_ns = ts;
	m->reported = true;
	return finding_raise(TAKE(m->held), c);
}

static void excuse(struct moved *m)
{
	finding_free(TAKE(m->held));
}

/* It is sent again: from no later than where the bytes ended that were received? */
static int on_submit(struct check *c, const struct ev_sreq *ev, struct moved *m)
{
	int rc = 0;

	if (ev->start + ev->transferred <= m->reach)
		excuse(m);
	else
		rc = not_read_again(c, m, ev->hdr.ts);
	if (!m->submitted) {
		m->start = ev->start;
		m->len = ev->len;
	}
	m->submitted = true;
	m->before = ev->transferred;
	m->received = false;
	return rc;
}

/* What counts as transferred once the callback is through with it. */
static int compare(struct check *c, const struct seen *ce, struct moved *m, uint64_t transferred)
{
	const struct ev_sreq *ev = (const void *)ce->ev;

	if (!m->received || m->reported || ev->error || m->result)
		return 0;
	m->received = false;
	return transferred == m->before + m->got ? 0 : not_counted(c, ce, m, transferred);
}

static int on_sreq(struct check *c, const struct seen *ce, struct moved *m)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	int rc = 0;

	switch (ce->name) {
	case SREQ_SUBMIT:
		rc = on_submit(c, ev, m);
		break;
	case SREQ_DISCARD: /* another's retry reads its range */
	case SREQ_SUPERFLUOUS:
		excuse(m);
		m->retried = true;
		return 0;
	case SREQ_ABANDONED: /* its request fails */
		excuse(m);
		break;
	case SREQ_RETRY:
	case SREQ_SPLIT:
		m->retried = true;
		return 0;
	case SREQ_CONSUMED:
	case SREQ_FREE:
		if (ev->error)
			excuse(m);
		rc = not_read_again(c, m, ev->hdr.ts);
		break;
	case SREQ_TERMINATED:
	case SREQ_WRITE_TERM:
		c->judged++;
		rc = compare(c, ce, m, ev->transferred);
		break;
	case SREQ_CLEAR:
		/* 6.12 zero-fills before TERM: the word before this one counts; 7.x when the
		 * collector has it, and then it is not read again */
		if (m->got_ns && !m->result)
			short_tail_cleared(&m->tail, ev, m->transferred);
		rc = m->held ? not_read_again(c, m, ev->hdr.ts) : compare(c, ce, m, m->transferred);
		break;
	case SREQ_ADD_DONATIONS:
	case SREQ_DONATE_TO_NEXT:
	case SREQ_DONATE_TO_PREV:
	case SREQ_PROGRESS:
		m->received = false;
		break;
	default:
		break;
	}
	m->transferred = ev->transferred;
	m->end_len = ev->len;
	if (!rc && ev->transferred > ev->len && !m->reported)
		rc = too_much(c, ce, m);
	return rc;
}

static void on_callback(struct moved *m, const struct ev_callback *ev)
{
	if ((ev->hdr.flags & EVF_EXIT) || ev->write || ev->mid_state != MID_RECEIVED)
		return;
	m->received = true;
	m->got = ev->got_bytes;
	m->result = ev->result;
	m->got_ns = ev->hdr.ts;
	m->tail.ended = !m->got && (!m->result || m->result == -ENODATA);
	if (m->got && !m->result)
		m->tail.data_to = m->start + m->before + m->got;
}

static void on_rreq(struct moved_all *all, const struct ev_rreq *ev)
{
	all->transferred = ev->transferred;
	all->i_size = ev->i_size;
	all->told = true;
	if (ev->event == EV_RREQ_READ)
		all->asked = ev->arg_len;
}

/* What is on the server now. Pages that a truncate took away while they were written are no data. */
static int note_written(struct check *c, const struct request *r, struct moved_all *all)
{
	struct transfer_state *st = c->state;
	uint64_t limit = way_of(c, r) == WAY_WRITE_DIRECT ? UINT64_MAX : all->i_size;
	int rc = 0;

	if (all->noted || !r->write || !r->done_ns || r->partial)
		return 0;
	all->noted = true;
	for_each_subrequest (r, s) {
		const struct moved *m = state_find(c, r, s);

		if (!rc && m && m->acknowledged && !s->stream && !s->error)
			rc = written_add(&st->written, r, s, limit);
	}
	return rc;
}

static int on_subrequest(struct check *c, const struct seen *ce)
{
	const struct ev_smb_rw *rw = (const void *)ce->ev;
	struct moved *m = state_get(c, ce->r, ce->s);

	if (ce->ev->kind == EV_SREQ)
		return on_sreq(c, ce, m);
	if (ce->ev->kind == EV_CALLBACK)
		on_callback(m, (const void *)ce->ev);
	else if (ce->ev->kind == EV_SMB_RW)
		m->acknowledged |= rw->event == EV_RW_DONE && rw->write;
	return 0;
}

static int on_event(struct check *c, const struct seen *ce)
{
	struct transfer_state *st = c->state;
	struct moved_all *all;
	int rc;

	written_event(&st->written, ce->ev);
	if (!ce->r)
		return 0;
	if (ce->r->write)
		short_tail_write(&st->tails, ce->r->dev);
	all = state_get(c, ce->r, NULL);
	zero_fill_event(&all->zeros, c, ce, &st->written);
	if (ce->ev->kind == EV_RREQ)
		on_rreq(all, (const void *)ce->ev);
	rc = note_written(c, ce->r, all);
	return rc || !ce->s ? rc : on_subrequest(c, ce);
}

/* ---- the request's total ---- */

static int by_start(const void *a, const void *b)
{
	const struct moved *x = *(const struct moved *const *)a;
	const struct moved *y = *(const struct moved *const *)b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Up to the first that is short or missing. */
static uint64_t contiguous(const struct request *r, struct moved **list, size_t n)
{
	uint64_t at = r->start;

	qsort(list, n, sizeof(*list), by_start);
	for (size_t i = 0; i < n; i++) {
		if (list[i]->start != at)
			break;
		at += list[i]->transferred;
		if (list[i]->transferred < list[i]->end_len)
			break;
	}
	return at - r->start;
}

static int wrong_total(struct check *c, const struct request *r, uint64_t total, uint64_t sum)
{
	struct finding *f = finding_new(c, "total", r->first_ns, r->last_ns);

	finding_request(f, c, r, 0);
	finding_ends(f, c, r);
	finding_expected(f, "at most %" PRIu64 " byte%s, as the subrequests moved without a gap",
			 sum, plural(sum));
	finding_observed(f, "%" PRIu64 " byte%s returned to the caller", total, plural(total));
	finding_explain(
		f,
		"The caller gets a larger count than was transferred: a program that relies on it uses bytes that nobody wrote, or never sees the end of the file.");
	return finding_raise(f, c);
}

/* The rest was moved, and nobody says so: a program reads or writes it again. */
static int short_total(struct check *c, const struct request *r, uint64_t total, uint64_t sum)
{
	struct finding *f = finding_new(c, "total-short", r->first_ns, r->last_ns);

	finding_request(f, c, r, 0);
	finding_ends(f, c, r);
	finding_expected(f,
			 "%" PRIu64 " byte%s, as the subrequests moved without a gap or an error",
			 sum, plural(sum));
	finding_observed(f, "%" PRIu64 " byte%s returned to the caller", total, plural(total));
	finding_explain(
		f,
		"The caller gets a smaller count than was transferred: it believes that the file ends there, or repeats the rest.");
	return finding_raise(f, c);
}

/* All of it went well, and the end of the file, or a signal, does not explain what is missing. */
static bool is_whole(const struct request *r, uint64_t total)
{
	if (r->error || r->nr_failures || (r->sized && !r->write && r->start + total >= r->i_size))
		return false;
	for_each_subrequest (r, s)
		if (s->error || s->transferred != s->len || !s->freed)
			return false;
	return true;
}

static int judge_total(struct check *c, const struct request *r)
{
	__autofree struct moved **list = calloc(r->nr_subrequests, sizeof(*list));
	const struct moved_all *all = state_get(c, r, NULL);
	uint64_t sum;
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for_each_subrequest (r, s) {
		struct moved *m = state_find(c, r, s);

		if (m && m->retried)
			return 0;
		if (says_no_submit(c, r, s)) {
			check_leave(c, r);
			return 0;
		}
		if (m && m->submitted && !s->stream)
			list[n++] = m;
	}
	c->judged++;
	sum = contiguous(r, list, n);
	if (all->told && all->transferred < sum && r->done_ns && is_whole(r, all->transferred))
		return short_total(c, r, all->transferred, sum);
	return all->told && all->transferred > sum ? wrong_total(c, r, all->transferred, sum) : 0;
}

static int raise_held(struct check *c, const struct request *r)
{
	int rc = 0;

	for_each_subrequest (r, s) {
		struct moved *m = state_find(c, r, s);

		if (!m || !m->held)
			continue;
		if (!s->freed)
			finding_doubt(m->held, "the recording ended before it was known whether it "
					       "is read again");
		if (!rc)
			rc = not_read_again(c, m, r->last_ns);
		else
			excuse(m);
	}
	return rc;
}

/*
 * netfs_extract_user_iter() got none of the caller's pages, which it does not call an error; the kernel logs
 * "Zero-sized read", and read(2) fails with EIO.
 */
static int nothing_left(struct check *c, const struct request *r, const struct moved_all *all)
{
	struct finding *f;

	if (way_of(c, r) != WAY_READ_DIRECT || !r->freed || r->partial || r->nr_subrequests ||
	    !all->asked || r->len)
		return 0;
	f = finding_new(c, "nothing-left", r->first_ns, r->last_ns);
	finding_request(f, c, r, 0);
	finding_note(f);
	finding_expected(f, "a read of %" PRIu64 " byte%s", all->asked, plural(all->asked));
	finding_observed(f, "a request of 0 bytes, and no subrequest");
	finding_explain(
		f,
		"None of the caller's pages could be had, as when it is being killed: the read fails with EIO before anything is asked of the server.");
	return finding_raise(f, c);
}

static const struct short_tail *tail_of(const struct check *c, const struct request *r,
					const struct subrequest *s)
{
	const struct moved *m = state_find(c, r, s);

	return m ? &m->tail : NULL;
}

static int on_request(struct check *c, const struct request *r)
{
	const struct moved_all *all = state_get(c, r, NULL);
	struct transfer_state *st = c->state;
	enum request_way way = way_of(c, r);
	int rc = raise_held(c, r), rc2 = zero_fill_request(&all->zeros, c, r);

	if (!rc)
		rc = rc2;
	if (!rc)
		rc = short_tail_request(c, r, &st->tails, tail_of);
	if (!rc && (way == WAY_READ_DIRECT || way == WAY_WRITE_DIRECT) && r->freed && !r->partial &&
	    r->nr_subrequests)
		rc = judge_total(c, r);
	if (rc)
		return rc;
	return nothing_left(c, r, all);
}

static void init(struct check *c)
{
	struct transfer_state *st = c->state;

	written_init(&st->written);
}

static void free_state(struct check *c)
{
	struct transfer_state *st = c->state;

	short_tails_free(&st->tails);
	written_free(&st->written);
}

static const char *const needs[] = { "netfs_sreq", "netfs_rreq", "smb2_readv_callback_enter",
				     NULL };

const struct check_ops check_transfer = {
	.id = "transfer",
	.severity = SEVERITY_CRITICAL,
	.title = "what was transferred",
	.rule = "A subrequest transfers at most its length, what was received is what counts as transferred, a direct request returns no more than its contiguous parts, data that the server may have are not replaced by zeros without asking it, least of all what this client has written, nor what a short answer left out while the file goes on behind it.",
	.why = "Silent corruption: the reader gets bytes that did not come from the server, or "
	       "zeros in "
	       "their place.",
	.next = "The callback's byte count against the I-OK, TERM and CLEAR that follow it.",
	.limits =
		"How much of a write the server stored is not seen, nor are data that are complete but wrong. Zeros are not judged if zero_point or i_size changes meanwhile, nor what this client has written before a SET_INFO, an IOCTL, a reconnect or an oplock break, nor short answers with nothing read behind them.",
	.bugs = "\"netfs,cifs: Fix handling of short DIO read\"; \"netfs: Fix setting of "
		"transferred bytes "
		"with short DIO reads\"; \"netfs: Fix unbuffered write error handling\"",
	.example =
		"transfer: R=0000000a[1]: More bytes count as transferred than were requested: bytes beyond the subrequest are treated as done.\n"
		"  verdict   violation, critical\n"
		"  expected  transferred <= len 65536\n"
		"  observed  transferred 66048\n"
		"  when      [   24.512873], 2026-11-28 04:07:37.995 UTC\n"
		"  task      dd (tid 295, pid 295)\n"
		"  file      inode 2 on /mnt/smb (cifs)\n"
		"  command   conn 0x1, mid 70; wireshark: smb2.msg_id == 70\n"
		"    [   24.497094] dd-295: async done credits=0 rc=0\n"
		"    [   24.497112] dd-295: issue done credits=0 rc=0\n"
		"    [   24.503913] cifsd-235: response 00000000 +9\n"
		"    [   24.503989] cifsd-235: cmd done READ mid=70\n"
		"    [   24.507704] cifsd-235: callback 65536 rc=0 st=4\n"
		"    [   24.512558] cifsd-235: READ done 65536 rc=0\n"
		"    [   24.512578] cifsd-235: rd-resp-clr +0 held=1\n"
		"    [   24.512873] cifsd-235: I-OK 66048/65536\n",
	.judges = { "transfer", "transfers" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_SREQ, EV_RREQ, EV_CALLBACK, EV_SMB_RW, EV_WRITE_ITER, EV_SETUP, EV_RSP,
		       EV_RECONNECT | FROM(P_smb3_reconnect)),
	.state_size = sizeof(struct transfer_state),
	.request_state = sizeof(struct moved_all),
	.subrequest_state = sizeof(struct moved),
	.init = init,
	.event = on_event,
	.request = on_request,
	.forget_subrequest = forget,
	.free = free_state,
};
