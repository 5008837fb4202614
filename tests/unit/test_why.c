// SPDX-License-Identifier: GPL-2.0-only
/* model/why: what the last subrequest of a slow request waited for */
#include "check_util.h"
#include "model/why.h"

struct asked {
	struct why *why;
	struct model_listener listener;
	char text[8][sizeof(struct why_text)]; /* by R */
};

static int on_request(void *ctx, const struct request *r)
{
	struct asked *a = ctx;
	struct why_text t = why_request(a->why, r);

	memcpy(a->text[r->key.rreq], t.s, sizeof(t.s));
	return 0;
}

static struct asked *ask(struct seq *q)
{
	struct asked *a = calloc(1, sizeof(*a));

	assert_non_null(a);
	assert_int_equal(why_new(&a->why, q->m), 0);
	a->listener = (struct model_listener){ .request = on_request, .ctx = a };
	assert_int_equal(model_listen(q->m, why_listener(a->why)), 0);
	assert_int_equal(model_listen(q->m, &a->listener), 0);
	return a;
}

/* The stream is over: what was said of R=r has these words in it. */
static void said(struct seq *q, struct asked *a, uint32_t r, const char *what, const char *reason)
{
	seq_finish(q);
	if (!strstr(a->text[r], what) || !strstr(a->text[r], reason))
		fail_msg("\"%s\" lacks \"%s\" or \"%s\"", a->text[r], what, reason);
}

static void asked_free(struct asked *a)
{
	why_free(a->why);
	free(a);
}

static struct rq request(uint32_t r)
{
	return (struct rq){ .r = r, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096 };
}

/* A read that gets its credits when those of `other` have come back, 50 ms later. */
static void issue_when_answered(struct seq *q, const struct io *a, const struct io *other)
{
	rref(q, a->r, RREF_GET_SUBREQ, 3);
	step(q, a, 0, EV_STEP_PREPARE_READ);
	credit_fn(q, APP, a->r, a->s, P_smb2_wait_mtu_credits_enter, 0, EV_CFN_WAIT_MTU, 0);
	pass(q, 50 * MS);
	answer(q, other);
	credit_fn(q, APP, a->r, a->s, P_smb2_wait_mtu_credits_exit, EVF_EXIT, EV_CFN_WAIT_MTU, 2);
	step(q, a, EVF_EXIT, EV_STEP_PREPARE_READ);
	sreq(q, APP, a, SREQ_SUBMIT, 0, 0);
	step(q, a, 0, EV_STEP_ISSUE_READ);
	command(q, APP, 8, a->r * 64 + a->s, a->r, a->s);
	step(q, a, EVF_EXIT, EV_STEP_ISSUE_READ);
}

static void test_credits_name_who_held_them(void **state)
{
	(void)state;
	BOTH (q) {
		struct io first = { .r = 1, .s = 1, .len = 4096 },
			  second = { .r = 2, .s = 1, .len = 4096 };
		struct rq one = request(1), two = request(2);
		struct asked *a = ask(q);

		begin(q, &one);
		issue(q, &first);
		begin(q, &two);
		issue_when_answered(q, &second, &first);
		answer(q, &second);
		release(q, &first);
		release(q, &second);
		end(q, &one);
		end(q, &two);
		said(q, a, 2, "waiting for credits of [1]",
		     "1 credit held by 1 command, most by R=00000001 (1)");
		asked_free(a);
	}
}

static void test_wire_compares_with_others(void **state)
{
	(void)state;
	BOTH (q) {
		struct io slow = { .r = 1, .s = 1, .len = 4096 },
			  quick = { .r = 1, .s = 2, .len = 4096 };
		struct rq one = request(1);
		struct asked *a = ask(q);

		begin(q, &one);
		issue(q, &slow);
		issue(q, &quick);
		pass(q, 10 * MS);
		answer(q, &quick);
		pass(q, 90 * MS);
		answer(q, &slow);
		release(q, &slow);
		release(q, &quick);
		end(q, &one);
		said(q, a, 1, "on the wire with [1]: server or network", "1 other READ took 10.");
		asked_free(a);
	}
}

static void test_alone_on_the_wire(void **state)
{
	(void)state;
	BOTH (q) {
		struct io only = { .r = 1, .s = 1, .len = 4096 };
		struct rq one = request(1);
		struct asked *a = ask(q);

		begin(q, &one);
		issue(q, &only);
		pass(q, 30 * MS);
		answer(q, &only);
		release(q, &only);
		end(q, &one);
		said(q, a, 1, "30.", "no other READ was in flight");
		asked_free(a);
	}
}

/* Three reads, of which the last begins late: as those before it had to end, or while they run. */
static void three(struct seq *q, bool serial)
{
	struct io io[3] = { { .r = 1, .s = 1, .len = 4096 },
			    { .r = 1, .s = 2, .start = 4096, .len = 4096 },
			    { .r = 1, .s = 3, .start = 8192, .len = 4096 } };
	struct rq one = request(1);

	begin(q, &one);
	for (int i = 0; i < 3; i++) {
		issue(q, &io[i]);
		pass(q, 30 * MS);
		if (serial)
			answer(q, &io[i]);
	}
	for (int i = 0; !serial && i < 3; i++)
		answer(q, &io[i]);
	for (int i = 0; i < 3; i++)
		release(q, &io[i]);
	end(q, &one);
}

static void test_before(void **state)
{
	(void)state;
	BOTH (q) {
		struct asked *a = ask(q);

		three(q, true);
		said(q, a, 1, "before [3] began: ",
		     "each subrequest was sent only after the previous one had ended");
		asked_free(a);
	}
	BOTH (q) {
		struct asked *a = ask(q);

		three(q, false);
		said(q, a, 1, "before [3] began: ", "others were prepared and sent before it");
		asked_free(a);
	}
}

static void test_earlier_attempts(void **state)
{
	(void)state;
	BOTH (q) {
		struct io io1 = { .r = 1, .s = 1, .len = 4096, .error = -EAGAIN, .none = true };
		struct io io2 = { .r = 1, .s = 1, .len = 4096, .retry = true, .mid = 99 };
		struct rq one = request(1);
		struct asked *a = ask(q);

		begin(q, &one);
		issue(q, &io1);
		pass(q, 80 * MS);
		answer(q, &io1);
		io(q, &io2);
		end(q, &one);
		said(q, a, 1, "in earlier attempts of [1]", "1 of 2 attempts failed");
		asked_free(a);
	}
}

static void test_nothing_is_said_where_records_were_lost(void **state)
{
	(void)state;
	BOTH (q) {
		struct io only = { .r = 1, .s = 1, .len = 4096 };
		struct rq one = request(1);
		struct asked *a = ask(q);

		begin(q, &one);
		issue(q, &only);
		FEED(q, 0, ev_lost, EV_LOST, 0, 1, .count = 1, .from = q->now, .to = q->now + MS);
		pass(q, 30 * MS);
		answer(q, &only);
		release(q, &only);
		end(q, &one);
		seq_finish(q);
		assert_string_equal(a->text[1], "");
		asked_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credits_name_who_held_them),
		cmocka_unit_test(test_wire_compares_with_others),
		cmocka_unit_test(test_alone_on_the_wire),
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_earlier_attempts),
		cmocka_unit_test(test_nothing_is_said_where_records_were_lost),
	};

	return cmocka_run_group_tests_name("why", tests, NULL, NULL);
}
