// SPDX-License-Identifier: GPL-2.0-only
/* transfer, error-map, retry-rules, retry-loop, stuck, command: what must be found, and what must
 * not. */
#include "check_util.h"

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
		release(q, &a);
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

/* What a retry reads again was not dropped: known once the retry is there, or cannot come. */
static void test_transfer_retry(void **state)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 8192, .transferred = 8192 };
	struct io first = {
		.r = 1, .s = 1, .len = 8192, .got = 8192, .forget = true, .keep = true
	};
	struct io again = { .r = 1, .s = 1, .len = 8192, .retry = true };

	(void)state;
	BOTH (q) {
		begin(q, &r);
		io(q, &first);
		io(q, &again);
		end(q, &r);
		pass(q, SEC);
		silent(q, NULL);
	}
	BOTH (q) { /* it goes on behind what was received and not counted */
		again.start = 8193;
		begin(q, &r);
		io(q, &first);
		io(q, &again);
		end(q, &r);
		pass(q, SEC);
		found(q, "transfer", "data-dropped");
		again.start = 0;
	}
	BOTH (q) { /* no retry comes */
		begin(q, &r);
		io(q, &first);
		release(q, &first);
		end(q, &r);
		pass(q, SEC);
		found(q, "transfer", "data-dropped");
	}
	BOTH (q) { /* and here that is not known */
		begin(q, &r);
		io(q, &first);
		assert_int_equal(seq_finding(q, "transfer", "data-dropped")->verdict,
				 VERDICT_INCONCLUSIVE);
	}
}

/* ---- error-map ---- */

static void test_error_map_retry(void **state)
{
	struct io refused = {
		.r = 1, .s = 1, .len = 4096, .status = 0xc0000205, .none = true, .keep = true
	};
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .transferred = 4096 };

	(void)state;
	BOTH (q) { /* the error is forgotten, and it is asked for again */
		begin(q, &r);
		io(q, &refused);
		io(q, &(struct io){ .r = 1, .s = 1, .len = 4096, .retry = true });
		end(q, &r);
		pass(q, SEC);
		silent(q, NULL);
	}
}

/* 7.x abandons what failed for good: its request has to tell. */
static void abandoned(struct seq *q, int error)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .error = error };
	struct io a = {
		.r = 1, .s = 1, .len = 4096, .status = 0xc0000054, .none = true, .keep = true
	};

	begin(q, &r);
	io(q, &a);
	sreq(q, APP, &a, SREQ_ABANDONED, 0, 0);
	release(q, &a);
	end(q, &r);
	pass(q, SEC);
}

static void test_error_map_abandoned(void **state)
{
	struct seq *q = seq_new(K73);

	(void)state;
	abandoned(q, 0);
	found(q, "error-map", "status-lost");
	seq_free(q);
	q = seq_new(K73);
	abandoned(q, -12);
	silent(q, NULL);
	seq_free(q);
}

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
}

static void test_error_map_writes(void **state)
{
	(void)state;
	BOTH (q) { /* a direct write: once they are sent one by one */
		struct rq r = { .r = 1, .origin = ORIGIN_DIO_WRITE, .len = 4096 };
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
		if (q->new)
			found(q, "error-map", "error-lost");
		else /* write() says 0 */
			assert_non_null(seq_finding(q, "error-map", "zero-for-error"));
	}
	BOTH (q) { /* cut off by a reconnect, which tells its caller otherwise */
		command(q, APP, 5, 9, 0, 0);
		reconnect(q);
		pass(q, 100 * SEC);
		command(q, APP, 5, 10, 0, 0);
		response(q, 10, 5, 0, 0);
		silent(q, "command");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transfer_retry),
		cmocka_unit_test(test_error_map_retry),
		cmocka_unit_test(test_transfer),
		cmocka_unit_test(test_error_map),
		cmocka_unit_test(test_error_map_abandoned),
		cmocka_unit_test(test_error_map_writes),
		cmocka_unit_test(test_not_retried),
		cmocka_unit_test(test_retry_rules),
		cmocka_unit_test(test_retry_loop),
		cmocka_unit_test(test_wait_loop),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
