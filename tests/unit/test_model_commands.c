// SPDX-License-Identifier: GPL-2.0-only
/* model/command: a reconnect that the thread of a subrequest makes first is none of its commands. */
#include "check_util.h"

enum { RECONNECT_MID = 7 };

struct told {
	struct model_listener listener;
	struct subrequest s;
	int nr;
};

static int on_request(void *ctx, const struct request *r)
{
	struct told *told = ctx;

	told->s = *r->subrequests;
	told->nr++;
	return 0;
}

static const struct io read_of = { .r = 1, .s = 1, .len = 4096, .mid = 70, .grant = 10 };

/* A read whose thread sends NEGOTIATE and SESSION_SETUP first, each answered with 33 credits. */
static struct told read_after_reconnect(struct seq *q)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .transferred = 4096 };
	struct told told = { .listener = { .request = on_request, .ctx = &told } };

	assert_int_equal(model_listen(q->m, &told.listener), 0);
	begin(q, &r);
	rref(q, 1, RREF_GET_SUBREQ, 3);
	step(q, &read_of, 0, EV_STEP_PREPARE_READ);
	take(q, 1, 1, 2);
	rwc(q, APP, 1, 1, RWC_READ_SUBMIT, 2, 0);
	step(q, &read_of, EVF_EXIT, EV_STEP_PREPARE_READ);
	sreq(q, APP, &read_of, SREQ_SUBMIT, 0, 0);
	step(q, &read_of, 0, EV_STEP_ISSUE_READ);
	for (uint16_t cmd = SMB2_NEGOTIATE; cmd <= SMB2_SESSION_SETUP; cmd++) {
		command(q, APP, cmd, RECONNECT_MID + cmd, 1, 1);
		response(q, RECONNECT_MID + cmd, cmd, 0, 33);
	}
	pass(q, SEC);
	smb_rw(q, APP, &read_of, EV_RW_ENTER, 0, 4096);
	command(q, APP, SMB2_READ, read_of.mid, 1, 1);
	step(q, &read_of, EVF_EXIT, EV_STEP_ISSUE_READ);
	answer(q, &read_of);
	release(q, &read_of);
	end(q, &r);
	pass(q, SEC);
	seq_finish(q);
	assert_int_equal(told.nr, 1);
	return told;
}

static void test_reconnect(void **state)
{
	(void)state;
	BOTH (q) {
		struct told told = read_after_reconnect(q);

		assert_int_equal(told.s.mid, read_of.mid);
		assert_int_equal(told.s.granted, read_of.grant);
		assert_true(told.s.shown.sent > told.s.shown.submit + SEC);
	}
}

/* A reconnect that fails: the read never left. */
static void test_never_left(void **state)
{
	(void)state;
	BOTH (q) {
		struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .error = -112 };
		struct told told = { .listener = { .request = on_request, .ctx = &told } };

		assert_int_equal(model_listen(q->m, &told.listener), 0);
		begin(q, &r);
		rref(q, 1, RREF_GET_SUBREQ, 3);
		sreq(q, APP, &read_of, SREQ_SUBMIT, 0, 0);
		command(q, APP, SMB2_NEGOTIATE, RECONNECT_MID, 1, 1);
		sreq(q, APP, &read_of, SREQ_TERMINATED, 0, -112);
		release(q, &read_of);
		end(q, &r);
		seq_finish(q);
		assert_int_equal(told.nr, 1);
		assert_int_equal(told.s.mid, 0);
		assert_int_equal(told.s.shown.sent, 0);
		assert_int_equal(told.s.granted, -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reconnect),
		cmocka_unit_test(test_never_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
