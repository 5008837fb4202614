// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bugs that netfs and cifs had: what each left in the stream, and the check that finds it. The ones
 * that leave nothing are in docs/checks.md, with the reason.
 */
#include "check_util.h"

#define READ_4K(...)                                     \
	(struct io)                                      \
	{                                                \
		.r = 1, .s = 1, .len = 4096, __VA_ARGS__ \
	}
#define WRITE_4K(...)                                                   \
	(struct io)                                                     \
	{                                                               \
		.r = 1, .s = 1, .write = true, .len = 4096, __VA_ARGS__ \
	}

static void whole(struct seq *q, enum name_id origin, struct io a, uint64_t total)
{
	struct rq r = { .r = 1,
			.origin = origin,
			.len = a.len,
			.transferred = total,
			.error = a.write ? 0 : a.error };

	begin(q, &r);
	io(q, &a);
	end(q, &r);
	pass(q, 20 * SEC);
}

static void hang(struct seq *q, struct io a)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = a.len };

	begin(q, &r);
	issue(q, &a);
	answer(q, &a);
	pass(q, 30 * SEC);
}

static void retry(struct seq *q, struct io second)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096 };

	begin(q, &r);
	io(q, &READ_4K(.got = 1024, .keep = true));
	second.retry = true;
	second.before = 1024;
	second.mid = 99;
	io(q, &second);
	end(q, &r);
	pass(q, SEC);
}

static void wrong_channel(struct seq *q)
{
	q->in_flight = -1;
	credit(q, CIFSD, P_smb3_add_credits, 10);
}

static void added_twice(struct seq *q)
{
	whole(q, ORIGIN_READAHEAD, READ_4K(.add_twice = true), 4096);
}

static void not_renegotiated(struct seq *q)
{
	retry(q, READ_4K(.no_take = true));
}

static void overread(struct seq *q)
{
	whole(q, ORIGIN_DIO_READ, READ_4K(.transferred = 4608), 4096);
}

static void iterator_not_reset(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };
	struct io a = READ_4K(.got = 1024, .keep = true);

	begin(q, &r);
	io(q, &a);
	sreq(q, APP, &a, SREQ_RETRY, 1024, 0);
	take(q, 1, 1, 1);
	rwc(q, APP, 1, 1, RWC_READ_SUBMIT, 1, 0);
	FEED(q, APP, ev_sreq, EV_SREQ, EVF_RREQ, P_netfs_sreq, .rreq = 1, .sreq = 1, .len = 4096,
	     .transferred = 1024, .what = raw(q, NAMES_SREQ_TRACE, SREQ_SUBMIT),
	     .iter_count = 4096);
}

/* Beyond the end of the file: ENODATA is the client's own word for it, and not the caller's. */
static void beyond_end(struct seq *q)
{
	whole(q, ORIGIN_DIO_READ, READ_4K(.error = -61, .none = true, .status = 0xc0000011u), 0);
}

static void reverted(struct seq *q, uint64_t count, uint64_t unroll)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };
	struct io a = READ_4K();

	begin(q, &r);
	issue(q, &a);
	FEED(q, CIFSD, ev_revert, EV_REVERT, EVF_RREQ, P_iov_iter_revert_breakpoint, .rreq = 1,
	     .sreq = 1, .count = count, .unroll = unroll,
	     .iter_type = raw(q, NAMES_ITER_TYPE, ITER_FOLIOQ), .knows = EV_KNOWS_ITER);
}

static void reverted_by_asked(struct seq *q)
{
	reverted(q, 4096 - 100, 4096); /* received 100, took back what was asked for */
}

static void reverted_by_len(struct seq *q)
{
	reverted(q, 4096, 1024); /* len - count of an iterator that had been shortened */
}

static void no_progress(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };

	begin(q, &r);
	for (uint64_t i = 0; i < 10; i++)
		io(q, &READ_4K(.none = true, .retry = i > 0, .keep = true, .mid = 100 + i));
}

static void sreq_leaked(struct seq *q)
{
	struct rq r = { .r = 1,
			.origin = ORIGIN_READAHEAD,
			.len = 4096,
			.transferred = 4096,
			.no_free = true };

	begin(q, &r);
	io(q, &READ_4K(.keep = true));
	end(q, &r);
	pass(q, 20 * SEC);
}

static void submitted_late(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 8192, .transferred = 4096 };

	begin(q, &r);
	io(q, &READ_4K());
	rreq(q, &r, q->new ? RREQ_COMPLETE : RREQ_DONE);
	q->now += 50 * MS;
	io(q, &(struct io){ .r = 1, .s = 2, .start = 4096, .len = 4096 });
}

static void never_terminated(struct seq *q)
{
	hang(q, READ_4K(.no_term = true));
}

static void wrong_sum(struct seq *q)
{
	whole(q, ORIGIN_DIO_READ, READ_4K(.got = 5), 4096);
}

static void not_collected(struct seq *q)
{
	hang(q, READ_4K());
}

/* The thread that retries dies: a NULL prepare_write(), freed folios in netfs_limit_iter(). */
static void retry_dies(struct seq *q, enum name_id origin, bool prepared)
{
	struct rq r = { .r = 1, .origin = origin, .len = 4096 };
	struct io a = WRITE_4K(.error = -11, .none = true, .keep = true);

	begin(q, &r);
	io(q, &a);
	sreq(q, OTHER, &a, SREQ_RETRY, 0, 0);
	if (prepared) {
		step(q, &a, 0, EV_STEP_PREPARE_WRITE);
		take(q, 1, 1, 1);
		step(q, &a, EVF_EXIT, EV_STEP_PREPARE_WRITE);
	}
	pass(q, 30 * SEC);
}

static void no_prepare(struct seq *q)
{
	retry_dies(q, ORIGIN_DIO_WRITE, false);
}

static void folios_freed(struct seq *q)
{
	retry_dies(q, ORIGIN_WRITEBACK, true);
}

static void put_twice(struct seq *q)
{
	struct rq r = { .r = 1,
			.origin = ORIGIN_DIO_READ,
			.len = 4096,
			.transferred = 4096,
			.extra_refs = -1 };

	begin(q, &r);
	io(q, &READ_4K());
	end(q, &r);
	pass(q, SEC);
}

static void wait_storm(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096 };

	begin(q, &r);
	issue(q, &READ_4K());
	for (int i = 0; i < 1000; i++) {
		rreq(q, &r, RREQ_WAIT_IP);
		rreq(q, &r, RREQ_WAKE_IP);
	}
}

static void no_retry_flag(struct seq *q)
{
	whole(q, ORIGIN_WRITEBACK, WRITE_4K(.error = -11, .none = true, .mid_state = 8), 0);
}

static void long_max(struct seq *q)
{
	whole(q, ORIGIN_DIO_WRITE, WRITE_4K(.error = -28, .none = true, .status = 0xc000007f),
	      INT64_MAX);
}

static void mid_forgotten(struct seq *q)
{
	hang(q, READ_4K(.no_callback = true, .no_response = true));
	reconnect(q);
	pass(q, 100 * SEC);
}

/* The pool is below 0, as a number without a sign is large. */
static void unsigned_credits(struct seq *q)
{
	q->pool = -1;
	take(q, 1, 1, 1);
}

static void collects(struct seq *q, uint32_t tid, uint8_t event)
{
	q->now += 10 * MS;
	FEED(q, tid, ev_collect, EV_COLLECT, EVF_RREQ, P_netfs_collect, .rreq = 1, .event = event);
}

/* The reader, which waits for room, and the work item. */
static void two_collectors(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };

	begin(q, &r);
	issue(q, &READ_4K());
	collects(q, APP, EV_COLLECT_REQ);
	collects(q, APP, EV_COLLECT_SREQ);
	collects(q, OTHER, EV_COLLECT_REQ);
	collects(q, APP, EV_COLLECT_SREQ);
	collects(q, APP, EV_COLLECT_STATE);
}

/* Cut off, called back, and smb2_add_credits() left out: in_flight stays. */
static void async_credit_leak(struct seq *q)
{
	whole(q, ORIGIN_READAHEAD, READ_4K(), 4096);
	take(q, 2, 1, 2);
	q->pool--;
	credit(q, APP, P_smb3_waitff_credits, -1);
	pass(q, 20 * SEC);
}

static void idle_wait(struct seq *q)
{
	credit_fn(q, APP, 0, 0, P_wait_for_free_credits_enter, 0, EV_CFN_WAIT_FREE, 1);
	pass(q, 60 * SEC);
	credit_fn(q, APP, 0, 0, P_wait_for_free_credits_exit, EVF_EXIT, EV_CFN_WAIT_FREE, 1);
}

static void channel_dry(struct seq *q)
{
	q->now += 100 * SEC;
	for (int i = 0; i < 10; i++)
		credit(q, APP, P_smb3_insufficient_credits, 3);
}

/* STATUS_PENDING freed the mid: the answer finds nobody. */
static void interim_frees(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096 };

	begin(q, &r);
	issue(q, &READ_4K());
	response(q, 65, 8, STATUS_PENDING, 10);
	credit(q, CIFSD, P_smb3_pend_credits, 10);
	response(q, 65, 8, 0, 0);
	pass(q, 30 * SEC);
}

static void aborted_not_retried(struct seq *q)
{
	whole(q, ORIGIN_DIO_READ, READ_4K(.error = -103, .none = true, .mid_state = 8), 0);
}

static void counted_twice(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };

	begin(q, &r);
	issue(q, &READ_4K());
	for (uint8_t n = 1; n <= 3; n += 2)
		FEED(q, APP, ev_sreq, EV_SREQ, EVF_RREQ, P_netfs_sreq, .rreq = 1, .sreq = 1,
		     .len = 4096, .retries = n, .what = raw(q, NAMES_SREQ_TRACE, SREQ_RETRY));
}

static void stale_sreq(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };
	struct io a = READ_4K();

	begin(q, &r);
	io(q, &a);
	q->now += 50 * MS;
	sreq(q, OTHER, &a, SREQ_TERMINATED, 0, -12);
}

static void out_of_sequence(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_WRITE, .len = 8192 };

	begin(q, &r);
	issue(q, &WRITE_4K());
	issue(q, &(struct io){ .r = 1, .s = 2, .write = true, .start = 4096, .len = 4096 });
}

/* io_uring has task work for the thread: the send breaks off, and the connection is cut. */
static void break_off(struct seq *q, int rc)
{
	FEED(q, APP, ev_send, EV_SEND, 0, P___smb_send_rqst_enter, .conn = CONN, .nr_rqst = 1);
	FEED(q, APP, ev_reconnect, EV_RECONNECT, 0, P_smb3_partial_send_reconnect, .conn = CONN);
	FEED(q, APP, ev_send, EV_SEND, EVF_EXIT, P___smb_send_rqst_exit, .conn = CONN, .rc = rc,
	     .nr_rqst = 1);
}

static void send_interrupted(struct seq *q)
{
	break_off(q, -512);
}

/* As 6.12 and 7.3 have it. */
static void send_broken_off(struct seq *q)
{
	break_off(q, -ECONNABORTED);
}

/* netfs_extract_user_iter() got no page, and calls that 0. */
static void zero_sized(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096 };

	begin(q, &r);
	r.len = 0;
	end(q, &r);
	pass(q, SEC);
}

/* The first is in flight, the second is done with its folio, and the third gives to the one before it. */
static void donated_over_gap(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 12288 };
	struct io part[] = {
		READ_4K(),
		{ .r = 1, .s = 2, .start = 4096, .len = 4096 },
		{ .r = 1, .s = 3, .start = 8192, .len = 4096 },
	};

	begin(q, &r);
	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		issue(q, &part[i]);
	answer(q, &part[1]);
	sref(q, 1, 2, SREF_PUT_CONSUMED, 1);
	pass(q, 20 * MS);
	answer(q, &part[2]);
	part[2].start += part[2].len;
	part[2].len = 0;
	sreq(q, OTHER, &part[2], SREQ_DONATE_TO_PREV, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		release(q, &part[i]);
	end(q, &r);
	pass(q, SEC);
}

static void noted(struct seq *q, const char *check, const char *kind)
{
	const struct finding *f = seq_finding(q, check, kind);

	assert_non_null(f);
	assert_int_equal(f->verdict, VERDICT_NOTE);
}

enum {
	ON_612 = 1,
	ON_7X = 2,
	ON_BOTH = 3,
	TOLD = 4, /* nothing breaks a rule: it is a note */
};

/* Numbers as in docs/checks.md. */
static const struct bug {
	int nr;
	int on;
	void (*leaves)(struct seq *q);
	const char *check, *kind;
} bugs[] = {
	{ 1, ON_BOTH, wrong_channel, "inflight", "negative" },
	{ 2, ON_BOTH, added_twice, "credit-double", "no-response" },
	{ 3, ON_BOTH, not_renegotiated, "retry-rules", "not-renegotiated" },
	{ 4, ON_BOTH, not_renegotiated, "retry-rules", "not-renegotiated" },
	{ 5, ON_BOTH, overread, "transfer", "overread" },
	{ 6, ON_BOTH, beyond_end, "error-map", "end-as-error" },
	{ 7, ON_BOTH, iterator_not_reset, "retry-rules", "iterator" },
	{ 8, ON_BOTH, reverted_by_asked, "iter-revert", "slice" },
	{ 9, ON_BOTH, reverted_by_len, "iter-revert", "slice" },
	{ 11, ON_612, donated_over_gap, "coverage", "donated-over-gap" },
	{ 12, ON_BOTH, no_progress, "retry-loop", "no-progress" },
	{ 13, ON_BOTH, sreq_leaked, "ref-balance", "subrequest-leaked" },
	{ 14, ON_BOTH, submitted_late, "lifecycle", "submit-after-done" },
	{ 15, ON_BOTH, two_collectors, "lifecycle", "two-collectors" },
	{ 16, ON_BOTH, never_terminated, "stuck", "not-terminated" },
	{ 17, ON_BOTH, wrong_sum, "transfer", "total" },
	{ 18, ON_BOTH, not_collected, "stuck", "not-collected" },
	{ 19, ON_BOTH, put_twice, "ref-balance", "more-puts" },
	{ 20, ON_BOTH, wait_storm, "retry-loop", "wait-loop" },
	{ 21, ON_BOTH, sreq_leaked, "ref-balance", "subrequest-leaked" },
	{ 22, ON_BOTH, no_retry_flag, "error-map", "not-retried" },
	{ 23, ON_BOTH, long_max, "transfer", "total" },
	{ 24, ON_BOTH, unsigned_credits, "credit-double", "overdrawn" },
	{ 25, ON_BOTH, mid_forgotten, "command", "not-cut" },
	{ 26, ON_BOTH, async_credit_leak, "inflight", "left-over" },
	{ 27, ON_BOTH, idle_wait, "credit-starved", "idle-wait" },
	{ 28, ON_BOTH, channel_dry, "credit-starved", "refused" },
	{ 30, ON_BOTH, interim_frees, "command", "no-callback" },
	{ 31, ON_BOTH | TOLD, send_interrupted, "command", "send-interrupted" },
	{ 31, ON_BOTH | TOLD, send_broken_off, "command", "send-broken-off" },
	{ 32, ON_7X, aborted_not_retried, "error-map", "not-retried" },
	{ 33, ON_7X, counted_twice, "retry-rules", "counted-twice" },
	{ 34, ON_7X, out_of_sequence, "lifecycle", "out-of-sequence" },
	{ 35, ON_BOTH, stale_sreq, "lifecycle", "sreq-after-free" },
	{ 36, ON_BOTH, no_prepare, "stuck", "retry-stopped" },
	{ 37, ON_BOTH, folios_freed, "stuck", "retry-stopped" },
	{ 39, ON_BOTH | TOLD, zero_sized, "transfer", "nothing-left" },
	{ 40, ON_BOTH, not_collected, "stuck", "not-collected" },
};

static void test_bugs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bugs); i++) {
		BOTH (q) {
			if (!(bugs[i].on & (q->new ? ON_7X : ON_612)))
				continue;
			print_message("bug %d, %s\n", bugs[i].nr, bugs[i].check);
			bugs[i].leaves(q);
			if (bugs[i].on & TOLD)
				noted(q, bugs[i].check, bugs[i].kind);
			else
				found(q, bugs[i].check, bugs[i].kind);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bugs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
