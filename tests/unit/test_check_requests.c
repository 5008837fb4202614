// SPDX-License-Identifier: GPL-2.0-only
/*
 * lifecycle, ref-balance, coverage, transfer, error-map, retry-loop, retry-rules, stuck, command:
 * what must be found, and what must not.
 */
#include "check_util.h"

/* ---- lifecycle ---- */

static void test_terminated(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q, .term_twice = true);
		found(q, "lifecycle", "terminated-twice");
	}
	BOTH (q) {
		ONE_READ(q, .no_term = true);
		const struct finding *f = found(q, "lifecycle", "never-terminated");

		assert_int_equal(f->rreq, 1);
		assert_int_equal(f->sreq, 1);
	}
}

/* A preparation that failed ends a subrequest that was never sent. */
static void test_failed_preparation(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .write = true, .len = 4096, .error = -5 };
		struct rq r = { .r = 1, .origin = ORIGIN_DIO_WRITE, .len = 4096, .error = -5 };

		begin(q, &r);
		rref(q, 1, RREF_GET_SUBREQ, 3);
		sreq(q, APP, &a, SREQ_PREP_FAILED, 0, -5);
		sreq(q, APP, &a, SREQ_TERMINATED, 0, -5);
		release(q, &a);
		end(q, &r);
		pass(q, SEC);
		silent(q, NULL);
	}
}

static void test_after_free(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096
		};

		begin(q, &r);
		io(q, &a);
		q->now += 50 * MS;
		sreq(q, OTHER, &a, SREQ_TERMINATED, 4096, 0);
		end(q, &r);
		found(q, "lifecycle", "sreq-after-free");
	}
	BOTH (q) {
		struct rq r = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096
		};

		ONE_READ(q);
		rreq(q, &r, RREQ_COLLECT);
		found(q, "lifecycle", "after-free");
	}
	BOTH (q) { /* two CPUs swapped them by a hair */
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096
		};

		begin(q, &r);
		io(q, &a);
		sreq(q, OTHER, &a, SREQ_PROGRESS, 4096, 0);
		end(q, &r);
		pass(q, SEC);
		silent(q, NULL);
	}
}

static void test_submit_after_done(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 },
			  b = { .r = 1, .s = 2, .start = 4096, .len = 4096 };
		struct rq r = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 8192, .transferred = 4096
		};

		begin(q, &r);
		io(q, &a);
		rreq(q, &r, q->new ? RREQ_COMPLETE : RREQ_DONE);
		q->now += 50 * MS;
		io(q, &b);
		end(q, &r);
		found(q, "lifecycle", "submit-after-done");
	}
}

/* Begun before the recording: what is missing may have been there. */
static void test_partial(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096
		};

		q->in_flight = 1;
		answer(q, &a);
		release(q, &a);
		end(q, &r);
		pass(q, 20 * SEC);
		silent(q, NULL);
	}
}

/* ---- losses ---- */

static void lose(struct seq *q, uint64_t from, uint64_t to)
{
	FEED(q, 0, ev_lost, EV_LOST, 0, P_netfs_sreq, .count = 3, .from = from, .to = to);
}

static void test_loss(void **state)
{
	(void)state;
	BOTH (q) {
		uint64_t from = q->now;

		ONE_READ(q, .term_twice = true);
		lose(q, from, q->now);
		seq_finish(q);
		const struct finding *f = seq_finding(q, "lifecycle", "terminated-twice");

		assert_non_null(f);
		assert_int_equal(f->verdict, VERDICT_INCONCLUSIVE);
		assert_non_null(f->doubt);
	}
	BOTH (q) { /* long before */
		lose(q, q->now, q->now + MS);
		pass(q, 10 * SEC);
		ONE_READ(q, .term_twice = true);
		found(q, "lifecycle", "terminated-twice");
	}
}

/* ---- probes ---- */

static void test_not_evaluated(void **state)
{
	(void)state;
	BOTH (q) {
		seq_probe(q, P_netfs_rreq_ref, EV_PROBE_OFF);
		ONE_READ(q, .term_twice = true);
		found(q, "lifecycle", "terminated-twice");
		const struct check *c = seq_check(q, "ref-balance");

		assert_false(c->active);
		assert_non_null(strstr(c->missing, "netfs_rreq_ref"));
		assert_non_null(strstr(c->missing, "because"));
	}
	BOTH (q) { /* one of three is enough */
		seq_probe(q, P_iov_iter_revert_callsite, EV_PROBE_OFF);
		seq_probe(q, P_iov_iter_revert_kprobe, EV_PROBE_FAILED);
		ONE_READ(q);
		silent(q, "iter-revert");
	}
}

static void test_folding(void **state)
{
	(void)state;
	BOTH (q) {
		for (uint32_t r = 1; r <= 5; r++) {
			struct io a = { .r = r, .s = 1, .len = 4096, .term_twice = true };
			struct rq rq = {
				.r = r, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096
			};

			begin(q, &rq);
			io(q, &a);
			end(q, &rq);
			pass(q, SEC);
		}
		const struct finding *f = found(q, "lifecycle", "terminated-twice");

		assert_int_equal(f->count, 5);
		assert_int_equal(f->rreq, 1);
		assert_true(f->last_ns > f->time_ns);
		assert_int_equal(seq_check(q, "lifecycle")->violations, 5);
	}
}

/* ---- ref-balance ---- */

static void test_refs(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = { .r = 1,
				.origin = ORIGIN_READAHEAD,
				.len = 4096,
				.transferred = 4096,
				.extra_refs = -1 };

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		pass(q, SEC);
		found(q, "ref-balance", "more-puts");
	}
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = { .r = 1,
				.origin = ORIGIN_READAHEAD,
				.len = 4096,
				.transferred = 4096,
				.extra_refs = 1 };

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		pass(q, SEC);
		found(q, "ref-balance", "more-gets");
	}
	BOTH (q) {
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };

		begin(q, &r);
		rref(q, 1, RREF_PUT_RETURN, -1);
		found(q, "ref-balance", "negative");
	}
}

/* Put by another CPU, the last two may come swapped. */
static void test_swapped_refs(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = { .r = 1,
				.origin = ORIGIN_READAHEAD,
				.len = 4096,
				.transferred = 4096,
				.no_free = true };

		begin(q, &r);
		issue(q, &a);
		answer(q, &a);
		end(q, &r);
		rref(q, 1, RREF_PUT_RETURN, 0);
		rref(q, 1, RREF_PUT_SUBREQ, 1);
		sreq(q, APP, &a, SREQ_FREE, 4096, 0);
		rreq(q, &r, RREQ_FREE);
		pass(q, SEC);
		silent(q, NULL);
	}
}

static void test_leaked(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = { .r = 1,
				.origin = ORIGIN_READAHEAD,
				.len = 4096,
				.transferred = 4096,
				.no_free = true };

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		pass(q, 20 * SEC);
		found(q, "ref-balance", "request-leaked");
	}
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096, .keep = true };
		struct rq r = { .r = 1,
				.origin = ORIGIN_READAHEAD,
				.len = 4096,
				.transferred = 4096,
				.no_free = true };

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		pass(q, 20 * SEC);
		found(q, "ref-balance", "subrequest-leaked");
	}
	BOTH (q) { /* the recording ended before it could be freed */
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = { .r = 1,
				.origin = ORIGIN_READAHEAD,
				.len = 4096,
				.transferred = 4096,
				.no_free = true };

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		silent(q, NULL);
	}
}

/* ---- coverage ---- */

static void two(struct seq *q, enum name_id origin, uint64_t start, uint64_t len, bool retried)
{
	bool write = origin == ORIGIN_WRITEBACK || origin == ORIGIN_DIO_WRITE;
	struct io a = { .r = 1, .s = 1, .write = write, .len = 4096 };
	struct io b = { .r = 1, .s = 2, .write = write, .start = start, .len = len };
	struct rq r = { .r = 1, .origin = origin, .len = 8192, .transferred = 4096 };

	begin(q, &r);
	io(q, &a);
	if (retried)
		sreq(q, APP, &b, SREQ_SPLIT, 0, 0);
	io(q, &b);
	end(q, &r);
	pass(q, SEC);
}

static void test_coverage(void **state)
{
	(void)state;
	BOTH (q) {
		two(q, ORIGIN_READAHEAD, 2048, 4096, false);
		found(q, "coverage", "overlap");
	}
	BOTH (q) {
		two(q, ORIGIN_READAHEAD, 6144, 2048, false);
		found(q, "coverage", "gap");
	}
	BOTH (q) {
		two(q, ORIGIN_DIO_READ, 4096, 8192, false);
		found(q, "coverage", "outside");
	}
	BOTH (q) {
		two(q, ORIGIN_WRITEBACK, 2048, 4096, false);
		found(q, "coverage", "overlap");
	}
	BOTH (q) { /* holes between dirty folios */
		two(q, ORIGIN_WRITEBACK, 1 << 20, 4096, false);
		silent(q, NULL);
	}
	BOTH (q) { /* a retry reshapes */
		two(q, ORIGIN_READAHEAD, 2048, 2048, true);
		silent(q, "coverage");
	}
	BOTH (q) {
		two(q, ORIGIN_READAHEAD, 4096, 4096, false);
		silent(q, NULL);
	}
}

/* ---- transfer ---- */

static void direct(struct seq *q, struct io a, uint64_t total, int error)
{
	struct rq r = {
		.r = 1, .origin = ORIGIN_DIO_READ, .len = 8192, .transferred = total, .error = error
	};

	begin(q, &r);
	io(q, &a);
	end(q, &r);
	pass(q, SEC);
}

static void test_transfer(void **state)
{
	(void)state;
	BOTH (q) {
		direct(q,
		       (struct io){ .r = 1, .s = 1, .len = 8192, .got = 8192, .transferred = 8704 },
		       8192, 0);
		found(q, "transfer", "overread");
	}
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 8192, .no_callback = true, .keep = true };
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 8192 };

		begin(q, &r);
		io(q, &a);
		sreq(q, CIFSD, &a, SREQ_TERMINATED, 8704, 0);
		found(q, "transfer", "overread");
	}
	BOTH (q) {
		direct(q, (struct io){ .r = 1, .s = 1, .len = 8192, .got = 5, .transferred = 8192 },
		       8192, 0);
		found(q, "transfer", "short-as-full");
	}
	BOTH (q) {
		ONE_READ(q, .got = 4096, .transferred = 100, .clear_zero = true);
		found(q, "transfer", "data-dropped");
	}
	BOTH (q) {
		direct(q, (struct io){ .r = 1, .s = 1, .len = 8192, .got = 5 }, 8192, 0);
		found(q, "transfer", "total");
	}
	BOTH (q) { /* 6.12 zero-fills first, and then says TERM */
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };
		struct io a = { .r = 1, .s = 1, .len = 4096 };

		begin(q, &r);
		issue(q, &a);
		response(q, 65, 8, 0, 10);
		callback(q, &a, 0, 4096);
		sreq(q, CIFSD, &a, SREQ_IO_PROGRESS, 2048, 0);
		sreq(q, OTHER, &a, SREQ_CLEAR, 4096, 0);
		sreq(q, OTHER, &a, SREQ_TERMINATED, 4096, 0);
		found(q, "transfer", "data-dropped");
	}
	BOTH (q) { /* short at the end of the file, and zero-filled in the page cache */
		direct(q, (struct io){ .r = 1, .s = 1, .len = 8192, .got = 5 }, 5, 0);
		silent(q, "transfer");
	}
	BOTH (q) {
		ONE_READ(q, .got = 100, .clear_zero = true);
		silent(q, NULL);
	}
	BOTH (q) { /* a bad signature drops the bytes, with an error */
		ONE_READ(q, .got = 4096, .transferred = 1, .error = -13);
		silent(q, "transfer");
	}
}

/* ---- error-map ---- */

static void test_error_map(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q, .status = 0xc0000022);
		found(q, "error-map", "status-lost");
	}
	BOTH (q) {
		ONE_READ(q, .status = 0xc0000022, .error = -13, .none = true);
		silent(q, NULL);
	}
	BOTH (q) { /* the end of the file is none */
		ONE_READ(q, .status = 0xc0000011, .none = true, .clear_zero = true);
		silent(q, NULL);
	}
	BOTH (q) {
		struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096 };
		struct io a = { .r = 1, .s = 1, .len = 4096, .error = -5, .none = true };

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		pass(q, SEC);
		found(q, "error-map", "error-lost");
	}
	BOTH (q) { /* writeback tells the mapping */
		struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK, .len = 4096 };
		struct io a = { .r = 1,
				.s = 1,
				.write = true,
				.len = 4096,
				.error = -28,
				.none = true,
				.status = 0xc000007f };

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		pass(q, SEC);
		silent(q, "error-map");
	}
}

static void cut_off(struct seq *q, bool write)
{
	struct io a = { .r = 1,
			.s = 1,
			.write = write,
			.len = 4096,
			.error = -11,
			.none = true,
			.mid_state = 8 };
	struct rq r = { .r = 1,
			.origin = write ? ORIGIN_WRITEBACK : ORIGIN_READAHEAD,
			.len = 4096,
			.error = write ? 0 : -11 };

	begin(q, &r);
	io(q, &a);
	end(q, &r);
	pass(q, SEC);
}

/* 6.12 hands what a reconnect cut off to the reader; 7.x reads again. Both write again. */
static void test_not_retried(void **state)
{
	(void)state;
	BOTH (q) {
		cut_off(q, true);
		found(q, "error-map", "not-retried");
	}
	BOTH (q) {
		cut_off(q, false);
		if (q->new)
			found(q, "error-map", "not-retried");
		else
			silent(q, "error-map");
	}
	BOTH (q) {
		struct io a = { .r = 1,
				.s = 1,
				.write = true,
				.len = 4096,
				.error = -11,
				.none = true,
				.mid_state = 8,
				.keep = true };
		struct io b = {
			.r = 1, .s = 1, .write = true, .len = 4096, .retry = true, .mid = 99
		};
		struct rq r = {
			.r = 1, .origin = ORIGIN_WRITEBACK, .len = 4096, .transferred = 4096
		};

		begin(q, &r);
		io(q, &a);
		io(q, &b);
		end(q, &r);
		pass(q, SEC);
		silent(q, NULL);
	}
}

/* ---- retry-rules ---- */

static void twice(struct seq *q, bool no_take, bool no_mark)
{
	struct io a = { .r = 1, .s = 1, .len = 4096, .got = 1024, .keep = true };
	struct io b = { .r = 1,
			.s = 1,
			.len = 4096,
			.before = 1024,
			.retry = true,
			.no_take = no_take,
			.no_mark = no_mark,
			.mid = 99 };
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096 };

	begin(q, &r);
	io(q, &a);
	io(q, &b);
	end(q, &r);
	pass(q, SEC);
}

static void test_retry_rules(void **state)
{
	(void)state;
	BOTH (q) {
		twice(q, true, false);
		found(q, "retry-rules", "not-renegotiated");
	}
	BOTH (q) {
		twice(q, false, true);
		found(q, "retry-rules", "not-marked");
	}
	BOTH (q) { /* the rest of a short read */
		twice(q, false, false);
		silent(q, NULL);
	}
}

/* ---- retry-loop ---- */

static void again(struct seq *q, int times, uint64_t per_time, bool reconnects)
{
	struct rq r = {
		.r = 1, .origin = ORIGIN_WRITEBACK, .len = 1 << 20, .transferred = 1 << 20
	};

	begin(q, &r);
	for (int i = 0; i < times; i++) {
		struct io a = { .r = 1,
				.s = 1,
				.write = true,
				.len = 1 << 20,
				.before = i * per_time,
				.transferred = (i + 1) * per_time,
				.none = !per_time,
				.retry = i > 0,
				.keep = true,
				.mid = 1000 + i,
				.mid_state = reconnects ? 8 : 0 };

		issue(q, &a);
		if (reconnects)
			reconnect(q);
		answer(q, &a);
	}
}

static void test_retry_loop(void **state)
{
	(void)state;
	BOTH (q) {
		again(q, 9, 0, false);
		const struct finding *f = found(q, "retry-loop", "no-progress");

		assert_int_equal(f->rreq, 1);
		assert_non_null(strstr(f->observed, "9 attempts"));
	}
	BOTH (q) {
		again(q, 8, 0, false);
		silent(q, "retry-loop");
	}
	BOTH (q) {
		again(q, 50, 4096, false);
		silent(q, "retry-loop");
	}
	BOTH (q) {
		again(q, 50, 0, true);
		silent(q, "retry-loop");
	}
}

static void test_wait_loop(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096, .keep = true };
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };

		begin(q, &r);
		issue(q, &a);
		for (int i = 0; i < 2000; i++)
			rreq(q, &r, RREQ_WAIT_IP);
		found(q, "retry-loop", "wait-loop");
	}
	BOTH (q) {
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 << 10 };

		begin(q, &r);
		for (uint32_t i = 0; i < 800; i++) {
			struct io a = { .r = 1, .s = 1 + i, .start = i << 12, .len = 4096 };

			io(q, &a);
			for (int j = 0; j < 5; j++)
				rreq(q, &r, RREQ_WAKE_IP);
		}
		silent(q, "retry-loop");
	}
}

/* ---- stuck, command ---- */

static void hang(struct seq *q, struct io a)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };

	begin(q, &r);
	issue(q, &a);
	answer(q, &a);
	pass(q, 30 * SEC);
}

static void test_stuck(void **state)
{
	(void)state;
	BOTH (q) {
		hang(q, (struct io){ .r = 1, .s = 1, .len = 4096, .no_term = true });
		found(q, "stuck", "not-terminated");
	}
	BOTH (q) {
		hang(q, (struct io){ .r = 1, .s = 1, .len = 4096 });
		found(q, "stuck", "not-collected");
	}
	BOTH (q) { /* the server is slow */
		hang(q, (struct io){ .r = 1,
				     .s = 1,
				     .len = 4096,
				     .no_response = true,
				     .no_callback = true });
		silent(q, "stuck");
		silent(q, "command");
	}
	BOTH (q) { /* very slow */
		hang(q, (struct io){ .r = 1,
				     .s = 1,
				     .len = 4096,
				     .no_response = true,
				     .no_callback = true });
		pass(q, 200 * SEC);
		seq_finish(q);
		const struct finding *f = seq_finding(q, "stuck", "silence");

		assert_non_null(f);
		assert_int_equal(f->verdict, VERDICT_INCONCLUSIVE);
	}
}

static void test_command(void **state)
{
	(void)state;
	BOTH (q) {
		hang(q, (struct io){ .r = 1, .s = 1, .len = 4096, .no_callback = true });
		const struct finding *f = found(q, "command", "no-callback");

		assert_int_equal(f->mid, 65);
	}
	BOTH (q) {
		hang(q, (struct io){ .r = 1,
				     .s = 1,
				     .len = 4096,
				     .no_callback = true,
				     .no_response = true });
		reconnect(q);
		pass(q, 100 * SEC);
		found(q, "command", "not-cut");
	}
	BOTH (q) { /* forgotten, by whom cannot be told */
		command(q, APP, 5, 9, 0, 0);
		pass(q, 100 * SEC);
		command(q, APP, 5, 10, 0, 0);
		response(q, 10, 5, 0, 0);
		seq_finish(q);
		const struct finding *f = seq_finding(q, "command", "unanswered");

		assert_non_null(f);
		assert_int_equal(f->verdict, VERDICT_INCONCLUSIVE);
	}
	BOTH (q) { /* a lock that waits, and a notification */
		command(q, APP, 10, 9, 0, 0);
		command(q, APP, 15, 8, 0, 0);
		pass(q, 1000 * SEC);
		command(q, APP, 5, 10, 0, 0);
		response(q, 10, 5, 0, 0);
		silent(q, "command");
	}
}

/* ---- iter-revert ---- */

#define CALLER 0xffffffffc0001234ULL

static void revert(struct seq *q, enum name_id type, uint64_t offset, uint64_t count,
		   uint64_t unroll, bool known)
{
	struct ev_sym sym = { .hdr.kind = EV_SYM, .addr = CALLER, .off = 0x50f, .size = 0x5b0 };

	feed_text(q, &sym.hdr, sizeof(sym), "smb2_readv_callback", "cifs", "", "");
	FEED(q, CIFSD, ev_revert, EV_REVERT, EVF_RREQ, P_iov_iter_revert_callsite,
	     .rreq = known ? 1 : 0, .sreq = known ? 1 : 0, .offset = offset, .count = count,
	     .unroll = unroll, .caller = CALLER, .iter_type = raw(q, NAMES_ITER_TYPE, type),
	     .knows = known ? EV_KNOWS_WORK : EV_KNOWS_NOTHING);
}

static void read_and_revert(struct seq *q, enum name_id type, uint64_t offset, uint64_t count,
			    uint64_t unroll, bool known)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };
	struct io a = { .r = 1, .s = 1, .len = 4096 };

	begin(q, &r);
	issue(q, &a);
	revert(q, type, offset, count, unroll, known);
	seq_finish(q);
}

static void test_revert_exact(void **state)
{
	static const enum name_id exact[] = { ITER_UBUF, ITER_XARRAY };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(exact); i++) {
		BOTH (q) {
			read_and_revert(q, exact[i], 511, 1, 512, false);
			const struct finding *f = found(q, "iter-revert", "exact");

			assert_string_equal(f->place, "smb2_readv_callback+0x50f/0x5b0 [cifs]");
			assert_non_null(strstr(f->explanation, "BUG"));
			assert_int_equal(f->tid, CIFSD);
		}
		BOTH (q) {
			read_and_revert(q, exact[i], 512, 1, 512, false);
			silent(q, "iter-revert");
		}
	}
}

/* The historical one: wound back to the start, and then once more by what was received. */
static void test_revert_slice(void **state)
{
	static const enum name_id types[] = { ITER_FOLIOQ, ITER_BVEC, ITER_KVEC };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		BOTH (q) {
			read_and_revert(q, types[i], 0, 4096, 512, true);
			const struct finding *f = found(q, "iter-revert", "slice");

			assert_int_equal(f->rreq, 1);
			assert_int_equal(f->sreq, 1);
			assert_non_null(strstr(f->observed, "4608"));
		}
		BOTH (q) { /* within memory, and yet before the subrequest */
			read_and_revert(q, types[i], 1 << 20, 4096, 512, true);
			found(q, "iter-revert", "slice");
		}
		BOTH (q) { /* back to the start exactly, as netfs_reset_iter() does */
			read_and_revert(q, types[i], 0, 3584, 512, true);
			silent(q, "iter-revert");
		}
		BOTH (q) { /* of nobody's: it is counted, not judged */
			read_and_revert(q, types[i], 0, 4096, 512, false);
			silent(q, "iter-revert");
			assert_string_equal(seq_check(q, "iter-revert")->note,
					    "1 reverts, 1 not decidable");
		}
	}
}

/* Of its own iterator, before it is sent: the length it was prepared with is the limit. */
static void test_revert_early(void **state)
{
	(void)state;
	for (uint64_t count = 0; count <= 4096; count += 4096) {
		BOTH (q) {
			struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };
			struct io a = { .r = 1, .s = 1, .len = 4096 };

			begin(q, &r);
			sreq(q, APP, &a, SREQ_PREPARE, 0, 0);
			FEED(q, APP, ev_revert, EV_REVERT, EVF_RREQ, P_iov_iter_revert_callsite,
			     .rreq = 1, .sreq = 1, .count = count, .unroll = 4096,
			     .iter_type = raw(q, NAMES_ITER_TYPE, ITER_FOLIOQ),
			     .knows = EV_KNOWS_ITER);
			if (count)
				found(q, "iter-revert", "slice");
			else
				silent(q, "iter-revert");
		}
	}
}

static void test_revert_large(void **state)
{
	(void)state;
	BOTH (q) {
		read_and_revert(q, ITER_FOLIOQ, 0, 0, -22ULL, false);
		found(q, "iter-revert", "too-large");
	}
	BOTH (q) {
		read_and_revert(q, ITER_DISCARD, 0, 0, 4096, false);
		silent(q, "iter-revert");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminated),    cmocka_unit_test(test_failed_preparation),
		cmocka_unit_test(test_after_free),    cmocka_unit_test(test_submit_after_done),
		cmocka_unit_test(test_partial),	      cmocka_unit_test(test_loss),
		cmocka_unit_test(test_not_evaluated), cmocka_unit_test(test_folding),
		cmocka_unit_test(test_refs),	      cmocka_unit_test(test_swapped_refs),
		cmocka_unit_test(test_leaked),	      cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_transfer),      cmocka_unit_test(test_error_map),
		cmocka_unit_test(test_not_retried),   cmocka_unit_test(test_retry_rules),
		cmocka_unit_test(test_retry_loop),    cmocka_unit_test(test_wait_loop),
		cmocka_unit_test(test_stuck),	      cmocka_unit_test(test_command),
		cmocka_unit_test(test_revert_exact),  cmocka_unit_test(test_revert_slice),
		cmocka_unit_test(test_revert_early),  cmocka_unit_test(test_revert_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
