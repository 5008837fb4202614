// SPDX-License-Identifier: GPL-2.0-only
/* The way of an error: from the server's answer to the subrequest, from there to the request. */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"
#include "check/other_error.h"

struct fault {
	uint32_t status; /* an error the server answered this attempt with; 0: none */
	int32_t error;	 /* of the last TERM */
	uint32_t terms;
	uint64_t status_ns, term_ns;
	uint64_t before;      /* transferred when the attempt began */
	bool asked;	      /* for a retry of this attempt */
	bool again;	      /* retried, or given up by a retry, since */
	bool eof;	      /* the server answered this attempt that the file ends before it */
	bool at_end;	      /* and that became an error of the subrequest */
	bool good;	      /* the server answered this attempt without an error */
	bool abandoned;	      /* since: its request has to tell the error */
	bool answered;	      /* this attempt, by the server */
	bool no_way;	      /* its preparation failed: there is nothing to retry with */
	bool short_of;	      /* it was short, and the kernel means to ask for the rest */
	bool taken_on;	      /* by a retry, since then */
	bool given_up;	      /* freed with ENOMEM, though its TERM had no error */
	uint64_t retry_len;   /* as RETRY said: what the attempt may be for */
	struct finding *held; /* until it is known whether it is sent again */
};

/* Of a request. */
struct retrying {
	bool begun; /* RESUBMT: its subrequests are looked through for what to ask again */
	bool parts; /* a retry was for less than it may have been: the rest took another subrequest */
};

/*
 * Where a kernel shows, in its request, that a subrequest failed for good. Direct writes do once
 * they are sent one by one, which came with INTR; before, the caller got what was written until
 * then. Writeback tells the mapping, not the request.
 */
static const struct {
	enum name_id with; /* 0: all */
	enum request_way way;
} shown[] = {
	{ NAME_UNKNOWN, WAY_READ_BUFFERED },
	{ NAME_UNKNOWN, WAY_READ_DIRECT },
	{ RREQ_INTR, WAY_WRITE_DIRECT },
};

/*
 * What a kernel tries again instead of handing it on. 6.12 goes by the error, and only for
 * writes. 7.x goes by who said that it is worth another try: the callback of a command that a
 * reconnect cut off always does; a failed send does on hard mounts alone, and then says I-RTR. On
 * 6.12 the callback of a read says so, too, and netfs does not look: a program gets EAGAIN unless the VFS
 * reads again, which it does after readahead.
 */
static const struct {
	unsigned int families;
	bool reads, asked, direct;
	int32_t error;
} retried[] = {
	{ FAMILY_DONATE, false, false, false, -EAGAIN },
	{ FAMILY_DONATE, true, true, true, -EAGAIN },
	{ FAMILY_COLLECT, true, true, false, -EAGAIN },
	{ FAMILY_COLLECT, true, true, false, -ECONNABORTED },
};

static void forget(struct check *c, void *state)
{
	struct fault *ft = state;

	(void)c;
	finding_free(ft->held);
}

static int swallowed(struct check *c, const struct seen *ce, struct fault *ft)
{
	struct finding *f = finding_new(c, "status-lost", ft->status_ns, ce->ev->ts);

	finding_request(f, c, ce->r, ce->sreq);
	finding_expected(f, "an error, as the server answered with status 0x%08x", ft->status);
	finding_observed(f, "error 0");
	finding_explain(
		f,
		"The server refused it, but the client treats it as done: the caller never gets the error.");
	if (!ce->s->write && ce->r->sized && ce->s->start + ft->before >= ce->r->i_size)
		finding_known(f, c, KNOWN_READ_ERROR_AT_END);
	finding_free(ft->held);
	ft->held = f;
	return f ? 0 : -ENOMEM;
}

/*
 * What the client may make of a good answer by itself: ENODATA of a read at the end of the file,
 * ENOSPC of a write that was short, EAGAIN of what it means to ask for again, and no memory.
 */
static bool is_made_lawfully(int32_t error)
{
	static const int32_t errors[] = { -ENODATA, -ENOSPC, -EAGAIN, -ENOMEM };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i] == error)
			return true;
	return false;
}

/* Not of a retry: 6.12 keeps the error of the attempt before. */
static int made_up(struct check *c, const struct seen *ce, const struct fault *ft)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	const struct conn *conn = model_conn(check_model(c), ce->s->conn);
	struct finding *f;

	if (!ft->good || !ev->error || ft->terms > 1 || ce->s->retries || ce->r->partial ||
	    is_made_lawfully(ev->error))
		return 0;
	f = finding_new(c, "error-made", ce->s->first_ns, ev->hdr.ts);
	finding_request(f, c, ce->r, ce->sreq);
	if (!ce->s->write && (!conn || conn->sign)) /* checked in the callback, by nobody else */
		finding_doubt(f, "the signature of the answer may have been wrong");
	finding_expected(f, "error 0, as the server answered with status 0x00000000");
	finding_observed(f, "error %d, %" PRIu64 " of %" PRIu64 " byte%s transferred", ev->error,
			 ev->transferred, ev->len, plural(ev->len));
	finding_explain(f, "The server executed it, but the caller gets an error.");
	return finding_raise(f, c);
}

static int not_sent_again(struct check *c, struct fault *ft, uint64_t ts)
{
	if (!ft->held || ft->abandoned)
		return 0;
	ft->held->until_ns = ts;
	return finding_raise(TAKE(ft->held), c);
}

static int on_term(struct check *c, const struct seen *ce, struct fault *ft)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	int rc = 0;

	ft->terms++;
	ft->error = ev->error;
	ft->term_ns = ev->hdr.ts;
	ft->again = ft->taken_on = false;
	ft->at_end = ft->eof && ev->error == -ENODATA;
	c->judged += ft->status != 0;
	if (ft->status && !ev->error)
		rc = swallowed(c, ce, ft);
	else if (ft->status && ft->terms == 1 && !ce->s->retries)
		rc = other_error_term(c, ce, ft->status, ft->status_ns);
	else
		rc = made_up(c, ce, ft);
	ft->status = 0;
	ft->good = ft->eof = false;
	return rc;
}

static void on_submit(struct check *c, const struct seen *ce, struct fault *ft)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	struct retrying *again = state_get(c, ce->r, NULL);

	finding_free(TAKE(ft->held));
	again->parts |= ft->retry_len && ev->len < ft->retry_len;
	ft->before = ev->transferred;
	ft->status = 0;
	ft->good = ft->eof = ft->at_end = ft->asked = ft->short_of = ft->answered = false;
	ft->again = ft->taken_on = true;
	ft->retry_len = 0;
}

static int on_sreq(struct check *c, const struct seen *ce, struct fault *ft)
{
	switch (ce->name) {
	case SREQ_TERMINATED:
	case SREQ_WRITE_TERM:
		return on_term(c, ce, ft);
	case SREQ_SUBMIT:
		on_submit(c, ce, ft);
		break;
	case SREQ_SHORT: /* of these, TERM follows */
	case SREQ_NEED_RETRY:
	case SREQ_PARTIAL_READ:
		ft->short_of = true;
		break;
	case SREQ_FREE:
		ft->given_up = ft->terms && !ft->error && !ft->taken_on &&
			       ((const struct ev_sreq *)ce->ev)->error == -ENOMEM;
		/* fallthrough */
	case SREQ_CONSUMED:
		return not_sent_again(c, ft, ce->ev->ts);
	case SREQ_IO_RETRY_NEEDED:
	case SREQ_IO_REQ_SUBMITTED:
		ft->asked = true;
		break;
	case SREQ_RETRY:
		ft->retry_len = ((const struct ev_sreq *)ce->ev)->len;
		/* fallthrough */
	case SREQ_DISCARD:
	case SREQ_SUPERFLUOUS:
		ft->taken_on = true;
		finding_free(TAKE(ft->held));
		ft->again = true;
		break;
	case SREQ_ABANDONED: /* by a retry that failed, or, on 7.x, as it failed for good */
		ft->again = true;
		ft->abandoned = true;
		break;
	case SREQ_PREP_FAILED:
	case SREQ_REPREP_FAILED:
		ft->no_way = true;
		break;
	default:
		break;
	}
	return 0;
}

static void on_response(struct fault *ft, const struct ev_rsp *ev)
{
	/* its thread may have to log on, or to open the file again, before it can send */
	if (ev->cmd != SMB2_READ && ev->cmd != SMB2_WRITE)
		return;
	ft->answered |= is_final(ev);
	ft->good = !ev->status;
	ft->eof = ev->status == STATUS_END_OF_FILE;
	if (!is_refusal(ev))
		return;
	ft->status = ev->status;
	ft->status_ns = ev->hdr.ts;
}

static void on_callback(struct fault *ft, const struct ev_callback *ev)
{
	ft->asked |= ev->mid_state == MID_RETRY;
	ft->good &= ev->mid_state == MID_RECEIVED && !ev->result;
}

static int on_event(struct check *c, const struct seen *ce)
{
	struct fault *ft;

	if (ce->ev->kind == EV_RREQ && ce->r)
		((struct retrying *)state_get(c, ce->r, NULL))->begun = true;
	if (!ce->s)
		return 0;
	ft = state_get(c, ce->r, ce->s);
	if (ce->ev->kind == EV_SREQ)
		return on_sreq(c, ce, ft);
	if (ce->ev->kind == EV_RSP)
		on_response(ft, (const void *)ce->ev);
	else if (!(ce->ev->flags & EVF_EXIT))
		on_callback(ft, (const void *)ce->ev);
	return 0;
}

static bool is_shown(const struct check *c, const struct request *r)
{
	enum request_way way = way_of(c, r);

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		if (shown[i].way == way &&
		    (!shown[i].with || names_has(check_names(c), shown[i].with)))
			return true;
	return false;
}

static bool is_retried(const struct check *c, const struct request *r, const struct subrequest *s,
		       const struct fault *ft)
{
	for (size_t i = 0; i < ARRAY_SIZE(retried); i++)
		if ((retried[i].families & check_family(c)) && retried[i].error == ft->error &&
		    (s->write || retried[i].reads) && (ft->asked || !retried[i].asked) &&
		    (!retried[i].direct || way_of(c, r) == WAY_READ_DIRECT))
			return true;
	return false;
}

static int lost(struct check *c, const struct request *r, const struct subrequest *s,
		const struct fault *ft)
{
	struct finding *f = finding_new(c, "error-lost", r->first_ns, r->last_ns);

	finding_request(f, c, r, s->index);
	finding_expected(f, "error %d of the subrequest in its request", ft->error);
	finding_observed(f, "error 0, %" PRIu64 " of %" PRIu64 " byte%s transferred",
			 r->transferred, r->len, plural(r->len));
	finding_explain(f,
			"The subrequest failed for good, and the request ended as if it had not.");
	return finding_raise(f, c);
}

static int returned(struct check *c, const struct request *r, const struct subrequest *s,
		    const struct fault *ft)
{
	struct finding *f = finding_new(c, "not-retried", r->first_ns, ft->term_ns);

	finding_request(f, c, r, s->index);
	finding_expected(f, "another attempt after error %d", ft->error);
	finding_observed(f, "none, in %u attempt%s", s->attempts, plural(s->attempts));
	finding_explain(
		f,
		"This kernel retries I/O that a reconnect aborted; here the caller got the error.");
	if (!s->write && check_family(c) == FAMILY_DONATE)
		finding_known(f, c, KNOWN_READ_NOT_RETRIED);
	return finding_raise(f, c);
}

/* Another that failed for good cancels the rest: those are not retried. */
static bool one_failed(struct check *c, const struct request *r)
{
	for_each_subrequest (r, s) {
		const struct fault *ft = state_find(c, r, s);

		if (ft && (ft->no_way || (ft->error && !is_retried(c, r, s, ft))))
			return true;
	}
	return false;
}

static int judge(struct check *c, const struct request *r)
{
	bool failed = one_failed(c, r);

	for_each_subrequest (r, s) {
		const struct fault *ft = state_find(c, r, s);

		if (!ft || !ft->error || ft->again || !s->attempts || s->stream)
			continue;
		c->judged++;
		if (is_retried(c, r, s, ft)) {
			if (!failed)
				return returned(c, r, s, ft);
		} else if (!r->error && is_shown(c, r)) {
			return lost(c, r, s, ft);
		}
	}
	return 0;
}

/* A program that writes until all is written asks again and again, and is told 0 each time. */
static int nothing_written(struct check *c, const struct request *r)
{
	const struct subrequest *first = NULL;
	struct finding *f;
	int32_t error = 0;

	if (way_of(c, r) != WAY_WRITE_DIRECT || r->error || r->transferred || !r->done_ns)
		return 0;
	for_each_subrequest (r, s) {
		const struct fault *ft = state_find(c, r, s);

		if (s->stream)
			continue;
		if (!ft || !ft->error || !ft->terms)
			return 0;
		error = first ? error : ft->error;
		first = first ? first : s;
	}
	if (!first)
		return 0;
	f = finding_new(c, "zero-for-error", r->first_ns, r->last_ns);
	finding_request(f, c, r, first->index);
	finding_expected(f, "error %d of its subrequests, as nothing was written", error);
	finding_observed(f, "error 0, 0 of %" PRIu64 " byte%s written", r->len, plural(r->len));
	finding_explain(
		f,
		"All subrequests of the write failed, but the caller gets 0 bytes and no error: a program that loops until all is written never ends.");
	finding_known(f, c, KNOWN_DIRECT_WRITE_ZERO);
	return finding_raise(f, c);
}

/*
 * read(2) at or beyond the end of a file is short, or 0: it never fails with ENODATA, which is how the client
 * calls the server's END_OF_FILE inside.
 */
static int end_as_error(struct check *c, const struct request *r)
{
	struct finding *f;

	if (r->error != -ENODATA || way_of(c, r) != WAY_READ_DIRECT)
		return 0;
	for_each_subrequest (r, s) {
		const struct fault *ft = state_find(c, r, s);

		if (!ft || !ft->at_end)
			continue;
		f = finding_new(c, "end-as-error", r->first_ns, r->last_ns);
		finding_request(f, c, r, s->index);
		finding_ends(f, c, r);
		finding_expected(f,
				 "a short read, as the server answered that the file ends there");
		finding_observed(f, "error %d, after %" PRIu64 " of %" PRIu64 " byte%s", r->error,
				 r->transferred, r->len, plural(r->len));
		finding_explain(
			f,
			"The end of the file became an error of the whole read: the caller does not get what was read before it.");
		return finding_raise(f, c);
	}
	return 0;
}

/*
 * netfs_retry_read_subrequests() looks for the next one that needs a retry and meets one that does not: it fails
 * what is left with ENOMEM; on 6.12 that one, too, which may be short as the file ends in it. It may lack
 * memory, too, for another subrequest of a retry that has to be sent in parts; and preparing one may fail.
 */
static const struct subrequest *left_behind(struct check *c, const struct request *r)
{
	const struct subrequest *left = NULL;

	for_each_subrequest (r, s) {
		const struct fault *ft = state_find(c, r, s);

		if (!ft || ft->error || ft->no_way || s->stream)
			return NULL;
		if (!left && ((ft->terms && ft->short_of && !ft->taken_on) ||
			      (ft->given_up && s->transferred < s->len)))
			left = s;
	}
	return left;
}

static void say_left(struct finding *f, const struct request *r, const struct subrequest *s,
		     const struct fault *ft)
{
	if (ft->short_of) {
		finding_expected(
			f, "a retry for the %" PRIu64 " of %" PRIu64 " byte%s that are missing",
			s->len - s->transferred, s->len, plural(s->len));
		finding_observed(f, "none, and error %d, though no subrequest failed", r->error);
		return;
	}
	finding_expected(f,
			 "error 0, as the answer was that the file ends after %" PRIu64
			 " of its %" PRIu64 " byte%s",
			 s->transferred, s->len, plural(s->len));
	finding_observed(f, "error %d, though no subrequest failed", r->error);
}

static int retry_given_up(struct check *c, const struct request *r)
{
	const struct retrying *again = state_find(c, r, NULL);
	const struct subrequest *s;
	struct finding *f;

	if (!again || !again->begun || r->error != -ENOMEM || way_of(c, r) != WAY_READ_DIRECT)
		return 0;
	s = left_behind(c, r);
	if (!s)
		return 0;
	c->judged++;
	f = finding_new(c, "retry-given-up", r->first_ns, r->last_ns);
	finding_request(f, c, r, s->index);
	if (again->parts)
		finding_doubt(f,
			      "a retry was sent in parts, for which there may have been no memory");
	say_left(f, r, s, state_find(c, r, s));
	finding_explain(
		f,
		"An answer was short, which is lawful, and the kernel began to ask for the rest; but it gave up, and the caller gets an error.");
	finding_known(f, c, KNOWN_RETRY_GIVEN_UP);
	return finding_raise(f, c);
}

/*
 * On 7.x smb2_reconnect() ends what was to be sent with EAGAIN, whether or not the connection is there again, and
 * smb2_async_readv() and smb2_async_writev() ask for another try on hard mounts alone, or within retrans=
 * (smb2_should_replay()). An error is what mount.cifs(8) says of soft mounts, so this breaks no rule.
 */
static int handed_on(struct check *c, const struct request *r)
{
	enum request_way way = way_of(c, r);
	struct finding *f;

	if (check_family(c) != FAMILY_COLLECT || r->error != -EAGAIN ||
	    (way != WAY_READ_DIRECT && way != WAY_WRITE_DIRECT))
		return 0;
	for_each_subrequest (r, s) {
		const struct fault *ft = state_find(c, r, s);

		if (!ft || ft->error != -EAGAIN || ft->asked || ft->answered || ft->taken_on ||
		    !s->attempts)
			continue;
		c->judged++;
		f = finding_new(c, "handed-on", r->first_ns, r->last_ns);
		finding_request(f, c, r, s->index);
		finding_note(f);
		finding_expected(f, "another attempt after error %d, as on a hard mount", -EAGAIN);
		finding_observed(f, "none after attempt %u, and the caller gets error %d",
				 s->attempts, r->error);
		finding_explain(
			f,
			"The attempt could not be sent, as the connection had ended. Unless it is a hard mount, the client gives up then, and the program gets EAGAIN.");
		return finding_raise(f, c);
	}
	return 0;
}

/* What its request told is not lost, nor what cannot be told by requests of its kind. */
static bool is_told(const struct check *c, const struct request *r, const struct fault *ft)
{
	return ft->abandoned && (r->error || !is_shown(c, r));
}

static int raise_held(struct check *c, const struct request *r)
{
	int rc = 0;

	for_each_subrequest (r, s) {
		struct fault *ft = state_find(c, r, s);

		if (!ft || !ft->held)
			continue;
		if (!s->freed || (ft->abandoned && !r->freed))
			finding_doubt(ft->held, "the recording ended before it was known whether "
						"it is sent again");
		if (!rc && !is_told(c, r, ft)) {
			ft->held->until_ns = r->last_ns;
			rc = finding_raise(TAKE(ft->held), c);
		}
		finding_free(TAKE(ft->held));
	}
	return rc;
}

static int on_request(struct check *c, const struct request *r)
{
	int rc = raise_held(c, r);

	if (rc || !r->freed || r->partial)
		return rc;
	rc = judge(c, r);
	if (!rc)
		rc = end_as_error(c, r);
	if (!rc)
		rc = retry_given_up(c, r);
	if (!rc)
		rc = handed_on(c, r);
	if (!rc)
		rc = other_error_request(c, r);
	if (!rc && !names_has(check_names(c), RREQ_INTR))
		rc = nothing_written(c, r); /* of the others, error-lost says so */
	return rc;
}

static const char *const needs[] = { "netfs_sreq",
				     "netfs_rreq",
				     "smb2_is_status_pending_enter",
				     "smb2_readv_callback_enter",
				     "smb2_writev_callback_enter",
				     NULL };

const struct check_ops check_error_map = {
	.id = "error-map",
	.severity = SEVERITY_CRITICAL,
	.title = "errors that are lost, or returned wrongly",
	.rule = "An I/O error reaches the request, and what this kernel retries is retried and not "
		"returned.",
	.why = "The program believes that data were written although the server refused them, or gets an error where a retry would have succeeded.",
	.next = "From the callback on: which function set the subrequest's error to 0, or failed to set NEED_RETRY?",
	.limits =
		"Not reported: EAGAIN of a buffered read, which 6.12 passes to the VFS; direct writes of kernels before 7.x, which return what was written before the error; NOWAIT and signals.",
	.bugs = "\"cifs: Fix handling of a beyond-EOF DIO/unbuffered read over SMB2\"; \"smb: client: set missing retry flag in smb2_writev_callback()\"; \"netfs: when "
		"subreq is "
		"marked for retry, do not check error\"; \"netfs: Fix unbuffered write error "
		"handling\"",
	.example = "error-map: R=0000000a[1]: The subrequest failed for good, and the request "
		   "ended as if it had not.\n"
		   "  verdict   violation, critical\n"
		   "  expected  error -13 of the subrequest in its request\n"
		   "  observed  error 0, 0 of 65536 bytes transferred\n"
		   "  when      [   27.971087], 2026-11-28 03:53:54.989 UTC\n"
		   "  task      dd (tid 337, pid 337)\n"
		   "  file      inode 2 on /mnt/smb (cifs)\n"
		   "  command   conn 0x1, mid 72; wireshark: smb2.msg_id == 72\n"
		   "    [   27.969601] cifsd-237: add_credits() 9 ifl=0\n"
		   "    [   27.969628] cifsd-237: callback done\n"
		   "    [   27.969824] kworker/0:2-66: TERM 0/65536 e=-13\n"
		   "    [   27.970014] kworker/0:2-66: FAILURE read e=-13\n"
		   "    [   27.970568] kworker/0:2-66: PUT CLEAR r=1\n"
		   "    [   27.970577] kworker/0:2-66: PUT TERM r=0\n"
		   "    [   27.970581] kworker/0:2-66: FREE 0/65536\n"
		   "    [   27.970595] kworker/0:2-66: free_subreq credits=0 rc=0\n",
	.judges = { "error", "errors" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.commands = true,
	.wants = WANTS(EV_SREQ, EV_RSP, EV_CALLBACK, EV_RREQ | SAYS(RREQ_RESUBMIT)),
	.request_state = sizeof(struct retrying),
	.subrequest_state = sizeof(struct fault),
	.event = on_event,
	.request = on_request,
	.forget_subrequest = forget,
};
