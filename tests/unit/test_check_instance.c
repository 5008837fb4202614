// SPDX-License-Identifier: GPL-2.0-only
/* credit-leak: credits of another instance of the connection, and others than were taken. */
#include "check_util.h"

/* smb2_add_credits() in the callback of a read, with credits of that instance. */
static void added_as(struct seq *q, uint32_t instance)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096 };
	struct io a = { .r = 1, .s = 1, .len = 4096, .no_add = true };

	begin(q, &r);
	issue(q, &a);
	response(q, 65, 8, 0, 10);
	callback(q, &a, 0, 4096);
	rwc(q, CIFSD, 1, 1, RWC_READ_RESPONSE_CLEAR, 2, 0);
	sreq(q, CIFSD, &a, SREQ_TERMINATED, 4096, 0);
	q->in_flight--;
	FEED(q, CIFSD, ev_credit_fn_rec, EV_CREDIT_FN, EVF_RREQ | EVF_EXIT, P_smb2_add_credits_exit,
	     .rreq = 1, .sreq = 1, .conn = CONN, .value = 10, .value_instance = instance,
	     .credits = q->pool, .echo = 1, .oplock = 1, .in_flight = q->in_flight, .instance = 1,
	     .fn = EV_CFN_ADD);
	callback(q, &a, EVF_EXIT, 4096);
	release(q, &a);
	end(q, &r);
	pass(q, SEC);
}

static void test_other_instance(void **state)
{
	(void)state;
	BOTH (q) {
		added_as(q, 2);
		assert_int_equal(found(q, "credit-leak", "other-instance")->sreq, 1);
	}
	BOTH (q) {
		added_as(q, 1);
		silent(q, "credit-leak");
	}
	BOTH (q) { /* 0 is of any */
		added_as(q, 0);
		silent(q, "credit-leak");
	}
	BOTH (q) { /* that is what the instance is for */
		reconnect(q);
		added_as(q, 2);
		assert_null(seq_finding(q, "credit-leak", "other-instance"));
	}
	BOTH (q) { /* one long ago explains nothing */
		reconnect(q);
		pass(q, SEC);
		added_as(q, 2);
		found(q, "credit-leak", "other-instance");
	}
}

static void test_not_what_was_taken(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q, .held = 1);
		assert_string_equal(found(q, "credit-leak", "not-what-was-taken")->observed,
				    "1 credit held");
	}
	BOTH (q) {
		ONE_READ(q, .write = true, .held = 3);
		found(q, "credit-leak", "not-what-was-taken");
	}
	BOTH (q) { /* where credits are short it takes none, and has none */
		ONE_READ(q, .low = true);
		assert_null(seq_finding(q, "credit-leak", "not-what-was-taken"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_instance),
		cmocka_unit_test(test_not_what_was_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
