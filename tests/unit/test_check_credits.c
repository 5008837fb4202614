// SPDX-License-Identifier: GPL-2.0-only
/* credit-leak, credit-double, credit-starved, inflight: what must be found, and what must not. */
#include "check_util.h"

static void test_healthy(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q);
		ONE_READ(q, .interim = true);
		ONE_READ(q, .grant = 1);
		pass(q, 20 * SEC);
		silent(q, NULL);
		for (int i = 0; checks[i]; i++)
			assert_true(seq_check(q, checks[i]->id)->active);
	}
}

static void test_healthy_write(void **state)
{
	(void)state;
	BOTH (q) {
		struct rq r = {
			.r = 1, .origin = ORIGIN_WRITEBACK, .len = 8192, .transferred = 8192
		};
		struct io a = { .r = 1, .s = 1, .write = true, .len = 4096 };
		struct io b = { .r = 1, .s = 2, .write = true, .start = 4096, .len = 4096 };

		begin(q, &r);
		issue(q, &a);
		issue(q, &b);
		answer(q, &b);
		answer(q, &a);
		release(q, &a);
		release(q, &b);
		end(q, &r);
		pass(q, 20 * SEC);
		silent(q, NULL);
	}
}

/* ---- credit-leak (a) ---- */

static void test_taken_twice(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096
		};

		begin(q, &r);
		take(q, 1, 1, 2);
		rwc(q, APP, 1, 1, RWC_READ_SUBMIT, 2, 0);
		io(q, &a);
		end(q, &r);
		found(q, "credit-leak", "taken-twice");
	}
}

static void test_taken_again_after_return(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096
		};

		begin(q, &r);
		take(q, 1, 1, 2);
		rwc(q, APP, 1, 1, RWC_READ_SUBMIT, 2, 0);
		step(q, &a, 0, EV_STEP_ISSUE_READ);
		add(q, APP, 1, 1, 2); /* the issue failed */
		step(q, &a, EVF_EXIT, EV_STEP_ISSUE_READ);
		io(q, &a);
		end(q, &r);
		silent(q, NULL);
	}
}

static void test_held_at_free(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q, .no_clear = true);
		found(q, "credit-leak", "held-at-free");
	}
}

static void test_free_returns(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .error = -5 };

		begin(q, &r);
		rref(q, 1, RREF_GET_SUBREQ, 3);
		take(q, 1, 1, 2);
		rwc(q, APP, 1, 1, RWC_READ_SUBMIT, 2, 0);
		rwc(q, APP, 1, 1, RWC_FREE_SUBREQ, 2, -2);
		add(q, APP, 0, 0, 2);
		release(q, &a);
		end(q, &r);
		pass(q, SEC);
		silent(q, "credit-leak");
	}
}

/* A write whose send failed: *-resp-clr with -2, then the credits go back, or not. */
static void failed_send(struct seq *q, bool returned)
{
	struct io a = { .r = 1, .s = 1, .write = true, .len = 4096, .error = -5 };
	struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK, .len = 4096 };

	begin(q, &r);
	rref(q, 1, RREF_GET_SUBREQ, 3);
	take(q, 1, 1, 2);
	rwc(q, APP, 1, 1, RWC_WRITE_PREPARE, 2, 2);
	sreq(q, APP, &a, SREQ_SUBMIT, 0, 0);
	step(q, &a, 0, EV_STEP_ISSUE_WRITE);
	rwc(q, APP, 1, 1, RWC_WRITE_RESPONSE_CLEAR, 2, -2);
	if (returned)
		add(q, APP, 1, 1, 2);
	step(q, &a, EVF_EXIT, EV_STEP_ISSUE_WRITE);
	sreq(q, APP, &a, SREQ_TERMINATED, 0, -5);
	release(q, &a);
	end(q, &r);
	pass(q, SEC);
}

static void test_failed_send(void **state)
{
	(void)state;
	BOTH (q) {
		failed_send(q, false);
		found(q, "credit-leak", "not-returned");
	}
	BOTH (q) {
		failed_send(q, true);
		silent(q, "credit-leak");
		silent(q, "credit-double");
	}
}

/* ---- (b) ---- */

static void test_grant_lost(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q, .no_add = true);
		const struct finding *f = found(q, "credit-leak", "grant-lost");

		assert_int_equal(f->rreq, 1);
		assert_int_equal(f->sreq, 1);
		assert_int_equal(f->mid, 65);
		assert_int_equal(f->conn, CONN);
		assert_true(f->nr_evidence > 2);
	}
}

/* A command of nobody's: nothing says when its callback is over, so time has to. */
static void test_grant_lost_command(void **state)
{
	(void)state;
	BOTH (q) {
		command(q, APP, 5, 9, 0, 0);
		response(q, 9, 5, 0, 10);
		pass(q, 10 * SEC);
		found(q, "credit-leak", "grant-lost");
	}
	BOTH (q) {
		command(q, APP, 5, 9, 0, 0);
		q->in_flight = 1;
		response(q, 9, 5, 0, 10);
		add(q, CIFSD, 0, 0, 10);
		pass(q, 10 * SEC);
		silent(q, "credit-leak");
	}
}

static void test_interim_grant(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q, .interim = true, .added = 3);
		found(q, "credit-leak", "grant-misread");
	}
	BOTH (q) {
		response(q, 9, 10, STATUS_PENDING, 10);
		pass(q, 10 * SEC);
		found(q, "credit-leak", "interim-grant-lost");
	}
	BOTH (q) { /* nothing granted, nothing to add */
		response(q, 9, 10, STATUS_PENDING, 0);
		pass(q, 10 * SEC);
		silent(q, "credit-leak");
	}
}

static void test_grant_misread(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q, .grant = 10, .added = 1);
		found(q, "credit-leak", "grant-misread");
	}
}

/* The parts of an encrypted compound are all read before the first is added. */
static void test_compound(void **state)
{
	(void)state;
	BOTH (q) {
		q->in_flight = 3;
		for (int i = 0; i < 3; i++)
			command(q, APP, 5, 10 + i, 0, 0);
		for (int i = 0; i < 3; i++)
			response(q, 10 + i, 5, 0, 5 + i);
		for (int i = 0; i < 3; i++)
			add(q, CIFSD, 0, 0, 5 + i);
		pass(q, 10 * SEC);
		silent(q, NULL);
	}
}

/* What was granted on a connection that is no more is owed to nobody. */
static void test_reconnect_voids(void **state)
{
	(void)state;
	BOTH (q) {
		command(q, APP, 5, 9, 0, 0);
		response(q, 9, 5, 0, 10);
		reconnect(q);
		pass(q, 10 * SEC);
		silent(q, "credit-leak");
	}
}

static void test_cut_off(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q, .mid_state = 8, .error = -11, .none = true);
		silent(q, "credit-leak");
		silent(q, "credit-double");
	}
}

/* ---- (c) ---- */

static void ledger(struct seq *q, int missing)
{
	for (int i = 0; i < 20; i++) {
		q->in_flight = 1;
		if (i == 5)
			q->pool -= missing;
		response(q, 100 + i, 5, 0, 0);
		add(q, CIFSD, 0, 0, 0);
		pass(q, 100 * MS);
	}
}

static void test_ledger(void **state)
{
	(void)state;
	BOTH (q) {
		ledger(q, 3);
		found(q, "credit-leak", "ledger-short");
	}
	BOTH (q) {
		ledger(q, -3);
		found(q, "credit-leak", "ledger-over");
	}
	BOTH (q) {
		ledger(q, 0);
		silent(q, NULL);
	}
}

/* One look that does not fit is a race; what stays is a leak. */
static void test_ledger_race(void **state)
{
	(void)state;
	BOTH (q) {
		ledger(q, 0);
		q->pool -= 2;
		q->in_flight = 1;
		add(q, CIFSD, 0, 0, 0);
		q->pool += 2;
		ledger(q, 0);
		silent(q, "credit-leak");
	}
}

/* ---- credit-double ---- */

static void test_added_twice(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q, .add_twice = true);
		found(q, "credit-double", "no-response");
	}
	BOTH (q) {
		ONE_READ(q, .resp_add_twice = true);
		found(q, "credit-double", "response-added-twice");
	}
	BOTH (q) { /* the header of the second response was not seen, as on 7.2 with seal */
		ONE_READ(q, .mid = 65);
		ONE_READ(q, .no_response = true, .mid = 99);
		silent(q, "credit-double");
		silent(q, "credit-leak");
	}
}

/* The collector may take credits for a retry before the first callback is over. */
static void test_retry_overtakes(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = {
			.r = 1, .s = 1, .write = true, .len = 4096, .error = -11, .keep = true
		};
		struct io b = {
			.r = 1, .s = 1, .write = true, .len = 4096, .retry = true, .mid = 99
		};
		struct rq r = {
			.r = 1, .origin = ORIGIN_WRITEBACK, .len = 4096, .transferred = 4096
		};

		begin(q, &r);
		issue(q, &a);
		response(q, 65, 9, 0, 10);
		callback(q, &a, 0, 0);
		rwc(q, CIFSD, 1, 1, RWC_WRITE_RESPONSE_CLEAR, 2, 0);
		sreq(q, CIFSD, &a, SREQ_TERMINATED, 0, -11);
		issue(q, &b);
		rwc(q, CIFSD, 1, 1, RWC_WRITE_RESPONSE_ADD, 0, 10);
		add(q, CIFSD, 1, 1, 10);
		callback(q, &a, EVF_EXIT, 0);
		answer(q, &b);
		release(q, &b);
		end(q, &r);
		pass(q, SEC);
		silent(q, "credit-double");
		silent(q, "credit-leak");
	}
}

static void test_returned_not_held(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096, .keep = true };
		struct rq r = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096
		};

		begin(q, &r);
		io(q, &a);
		step(q, &a, 0, EV_STEP_ISSUE_READ);
		add(q, APP, 1, 1, 2);
		step(q, &a, EVF_EXIT, EV_STEP_ISSUE_READ);
		release(q, &a);
		end(q, &r);
		found(q, "credit-double", "not-held");
	}
}

/* Where credits are short the send takes one itself, and gives it back if it fails. */
static void test_low_credit_send(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .error = -11 };

		begin(q, &r);
		rref(q, 1, RREF_GET_SUBREQ, 3);
		take(q, 1, 1, 0);
		rwc(q, APP, 1, 1, RWC_READ_SUBMIT, 0, 0);
		sreq(q, APP, &a, SREQ_SUBMIT, 0, 0);
		step(q, &a, 0, EV_STEP_ISSUE_READ);
		credit_fn(q, APP, 1, 1, P_wait_for_free_credits_enter, 0, EV_CFN_WAIT_FREE, 1);
		q->pool--;
		q->in_flight++;
		credit_fn(q, APP, 1, 1, P_wait_for_free_credits_exit, EVF_EXIT, EV_CFN_WAIT_FREE,
			  1);
		add(q, APP, 1, 1, 1);
		step(q, &a, EVF_EXIT, EV_STEP_ISSUE_READ);
		sreq(q, APP, &a, SREQ_TERMINATED, 0, -5);
		release(q, &a);
		end(q, &r);
		pass(q, SEC);
		silent(q, "credit-double");
		silent(q, "credit-leak");
	}
}

/* ---- credit-starved ---- */

static void test_timeout(void **state)
{
	(void)state;
	BOTH (q) {
		q->in_flight = 0;
		credit(q, APP, P_smb3_credit_timeout, 3);
		found(q, "credit-starved", "timeout");
	}
	BOTH (q) { /* the server may hang */
		q->in_flight = 4;
		credit(q, APP, P_smb3_credit_timeout, 3);
		seq_finish(q);
		const struct finding *f = seq_finding(q, "credit-starved", "timeout");

		assert_non_null(f);
		assert_int_equal(f->verdict, VERDICT_INCONCLUSIVE);
	}
}

static void wait_free(struct seq *q, int in_flight, uint64_t ns)
{
	q->in_flight = in_flight;
	credit_fn(q, APP, 0, 0, P_wait_for_free_credits_enter, 0, EV_CFN_WAIT_FREE, 1);
	pass(q, ns);
	q->in_flight++;
	q->pool--;
	credit_fn(q, APP, 0, 0, P_wait_for_free_credits_exit, EVF_EXIT, EV_CFN_WAIT_FREE, 1);
}

static void test_idle_wait(void **state)
{
	(void)state;
	BOTH (q) {
		wait_free(q, 0, 60 * SEC);
		found(q, "credit-starved", "idle-wait");
	}
	BOTH (q) {
		wait_free(q, 2, 60 * SEC);
		wait_free(q, 0, SEC);
		silent(q, "credit-starved");
	}
}

static void test_refused(void **state)
{
	(void)state;
	BOTH (q) {
		for (int i = 0; i < 10; i++)
			credit(q, APP, P_smb3_insufficient_credits, 3);
		silent(q, "credit-starved"); /* the stream begins: perhaps just connected */
	}
	BOTH (q) {
		q->now += 100 * SEC;
		for (int i = 0; i < 10; i++)
			credit(q, APP, P_smb3_insufficient_credits, 3);
		found(q, "credit-starved", "refused");
	}
	BOTH (q) {
		q->now += 100 * SEC;
		reconnect(q);
		for (int i = 0; i < 10; i++)
			credit(q, APP, P_smb3_insufficient_credits, 3);
		silent(q, "credit-starved");
	}
}

/* ---- inflight ---- */

static void test_negative(void **state)
{
	(void)state;
	BOTH (q) {
		q->in_flight = -1;
		credit(q, CIFSD, P_smb3_add_credits, 1);
		found(q, "inflight", "negative");
	}
	BOTH (q) {
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };

		begin(q, &r);
		rwc(q, CIFSD, 1, 1, RWC_ZERO_IN_FLIGHT, 2, 0);
		found(q, "inflight", "negative");
	}
}

static void test_left_over(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q);
		q->in_flight = 1;
		credit(q, APP, P_smb3_waitff_credits, -1);
		pass(q, 20 * SEC);
		found(q, "inflight", "left-over");
	}
	BOTH (q) { /* smb3_add_credits is silent while the connection is down */
		ONE_READ(q);
		q->in_flight = 1;
		credit(q, APP, P_smb3_waitff_credits, -1);
		q->in_flight = 0;
		credit_fn(q, CIFSD, 0, 0, P_smb2_add_credits_exit, EVF_EXIT, EV_CFN_ADD, 0);
		pass(q, 20 * SEC);
		silent(q, "inflight");
	}
	BOTH (q) { /* submitted, and waiting for the reconnect with its credits */
		struct rq r = { .r = 2, .origin = ORIGIN_WRITEBACK, .len = 4096 };
		struct io a = { .r = 2, .s = 1, .write = true, .len = 4096 };

		ONE_READ(q);
		begin(q, &r);
		rref(q, 2, RREF_GET_SUBREQ, 3);
		take(q, 2, 1, 2);
		rwc(q, APP, 2, 1, RWC_WRITE_PREPARE, 2, 2);
		sreq(q, APP, &a, SREQ_SUBMIT, 0, 0);
		pass(q, 60 * SEC);
		silent(q, "inflight");
	}
	BOTH (q) { /* a command that waits for its turn to be sent */
		ONE_READ(q);
		q->in_flight = 1;
		credit(q, APP, P_smb3_waitff_credits, -1);
		credit_fn(q, APP, 0, 0, P_wait_for_free_credits_exit, EVF_EXIT, EV_CFN_WAIT_FREE,
			  1);
		pass(q, 60 * SEC);
		silent(q, "inflight");
	}
	BOTH (q) { /* a lock that waits */
		ONE_READ(q);
		q->in_flight = 1;
		credit(q, APP, P_smb3_waitff_credits, -1);
		command(q, APP, 10, 77, 0, 0);
		response(q, 77, 10, STATUS_PENDING, 0);
		pass(q, 500 * SEC);
		silent(q, "inflight");
		silent(q, "command");
	}
}

/* 6.1: a thread that resends takes its credits, then waits for the reconnect before it can send. */
static void test_resend(void **state)
{
	(void)state;
	for (int sent = 0; sent < 2; sent++) {
		struct seq *q = seq_new("6.1.0-56-amd64");

		credit(q, CIFSD, P_smb3_add_credits, 1); /* at rest */
		take(q, 0, 0, 4);
		if (!sent)
			pass(q, 60 * SEC);
		command(q, APP, 8, 77, 0, 0);
		response(q, 77, 8, 0, 10);
		if (sent) { /* its credits did not come back */
			pass(q, 60 * SEC);
			found(q, "inflight", "left-over");
		} else {
			add(q, CIFSD, 0, 0, 10);
			silent(q, "inflight");
		}
		seq_free(q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healthy),
		cmocka_unit_test(test_healthy_write),
		cmocka_unit_test(test_taken_twice),
		cmocka_unit_test(test_taken_again_after_return),
		cmocka_unit_test(test_held_at_free),
		cmocka_unit_test(test_free_returns),
		cmocka_unit_test(test_failed_send),
		cmocka_unit_test(test_grant_lost),
		cmocka_unit_test(test_grant_lost_command),
		cmocka_unit_test(test_interim_grant),
		cmocka_unit_test(test_grant_misread),
		cmocka_unit_test(test_compound),
		cmocka_unit_test(test_reconnect_voids),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_ledger),
		cmocka_unit_test(test_ledger_race),
		cmocka_unit_test(test_added_twice),
		cmocka_unit_test(test_retry_overtakes),
		cmocka_unit_test(test_returned_not_held),
		cmocka_unit_test(test_low_credit_send),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_idle_wait),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_negative),
		cmocka_unit_test(test_left_over),
		cmocka_unit_test(test_resend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
