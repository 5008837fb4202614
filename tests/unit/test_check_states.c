// SPDX-License-Identifier: GPL-2.0-only
/* lifecycle, ref-balance, coverage; what a loss and a missing probe do to all checks. */
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

/* 6.12 sends the parts of a direct write all at once; 7.x one by one. */
static void test_sequence(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .write = true, .len = 4096 };
		struct io b = { .r = 1, .s = 2, .write = true, .start = 4096, .len = 4096 };
		struct rq r = {
			.r = 1, .origin = ORIGIN_DIO_WRITE, .len = 8192, .transferred = 8192
		};

		begin(q, &r);
		if (q->new) {
			io(q, &a);
			io(q, &b);
		} else {
			issue(q, &a);
			issue(q, &b);
			answer(q, &b);
			answer(q, &a);
			release(q, &a);
			release(q, &b);
		}
		end(q, &r);
		pass(q, SEC);
		silent(q, NULL);
	}
}

/* A put is told when its thread runs again: that may be after the FREE. */
static void test_late_put(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096
		};

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		q->now += 50 * MS;
		sref(q, 1, 1, SREF_PUT_TERMINATED, 1);
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
		for (int i = 0; i < (q->new ? 3 : 2); i++)
			rref(q, 1, RREF_PUT_RETURN, 0);
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

/*
 * Of four reads of one folio (6.12) the first is in flight, the second done and off the list, and the third gives
 * what it got to the one before it.
 */
struct given {
	bool chain;   /* the second had given all it had to the first */
	bool late;    /* the second is still in the list, as far as can be told */
	bool taken;   /* the second gave to the third, which gives both */
	bool retried; /* ranges have changed */
};

static void give(struct seq *q, const struct given *g)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 12288 };
	struct io part[] = {
		{ .r = 1, .s = 1, .len = 4096 },
		{ .r = 1, .s = 2, .start = 4096, .len = 4096 },
		{ .r = 1, .s = 3, .start = 8192, .len = 4096 },
	};
	struct io gone = { .r = 1, .s = 2, .start = 8192 },
		  all = { .r = 1, .s = 3, .start = 12288 };

	begin(q, &r);
	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		issue(q, &part[i]);
	if (g->retried)
		sreq(q, APP, &part[0], SREQ_RETRY, 0, 0);
	answer(q, &part[1]);
	if (g->chain)
		sreq(q, OTHER, &gone, SREQ_DONATE_TO_PREV, 0, 0);
	if (g->taken)
		sreq(q, OTHER, &part[1], SREQ_DONATE_TO_NEXT, 4096, 0);
	sref(q, 1, 2, SREF_PUT_CONSUMED, 1);
	if (!g->late)
		pass(q, 20 * MS);
	answer(q, &part[2]);
	if (g->taken) {
		part[2].start = 4096;
		part[2].len = 8192;
		sreq(q, OTHER, &part[2], SREQ_ADD_DONATIONS, 8192, 0);
	}
	sreq(q, OTHER, &all, SREQ_DONATE_TO_PREV, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		release(q, &part[i]);
	end(q, &r);
	pass(q, SEC);
}

static void test_donation(void **state)
{
	static const struct given lawful[] = {
		{ .chain = true }, { .late = true }, { .taken = true }, { .retried = true }
	};

	(void)state;
	for (size_t i = 0; i <= ARRAY_SIZE(lawful); i++) {
		struct seq *q = seq_new(K612);
		const struct finding *f;

		give(q, i < ARRAY_SIZE(lawful) ? &lawful[i] : &(struct given){ 0 });
		if (i < ARRAY_SIZE(lawful)) {
			silent(q, "coverage");
		} else {
			f = found(q, "coverage", "donated-over-gap");
			assert_int_equal(f->sreq, 3);
			assert_non_null(strstr(f->observed, "after [2] left the list"));
		}
		seq_free(q);
	}
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
		assert_int_equal(seq_check(q, "coverage")->judged, 0);
		assert_int_equal(seq_check(q, "lifecycle")->judged, 2);
	}
	BOTH (q) {
		two(q, ORIGIN_READAHEAD, 4096, 4096, false);
		silent(q, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminated),    cmocka_unit_test(test_failed_preparation),
		cmocka_unit_test(test_after_free),    cmocka_unit_test(test_sequence),
		cmocka_unit_test(test_late_put),      cmocka_unit_test(test_submit_after_done),
		cmocka_unit_test(test_partial),	      cmocka_unit_test(test_loss),
		cmocka_unit_test(test_not_evaluated), cmocka_unit_test(test_folding),
		cmocka_unit_test(test_refs),	      cmocka_unit_test(test_swapped_refs),
		cmocka_unit_test(test_leaked),	      cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_donation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
