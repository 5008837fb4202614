// SPDX-License-Identifier: GPL-2.0-only
/* fault-outcome: requests to which a proxy showed faults. */
#include "check_util.h"

#define LEN	  65536
#define SHORT	  4096
#define DISK_FULL 0xc000007fu

static void fault(struct seq *q, uint8_t kind, const struct io *a, uint64_t became)
{
	FEED(q, 0, ev_fault, EV_FAULT, 0, 0, .sesid = 1, .mid = a->mid ? a->mid : a->r * 64 + a->s,
	     .cmd = a->write ? 9 : 8, .fault = kind, .offset = a->start + a->before,
	     .len = a->len - a->before, .was = a->len - a->before, .became = became,
	     .status = kind == EV_FAULT_STATUS ? DISK_FULL : 0, .line = 1, .nr = 1);
}

static void met(struct seq *q, const struct rq *r, const struct io *first, uint8_t kind,
		uint64_t became, const struct io *again)
{
	begin(q, r);
	issue(q, first);
	fault(q, kind, first, became);
	answer(q, first);
	if (again)
		io(q, again);
	else
		release(q, first);
	end(q, r);
	pass(q, SEC);
}

/* On a kernel that known.def does not list. */
static void one(struct seq *q, const struct rq *r, const struct io *first, uint8_t kind,
		uint64_t became, const struct io *again)
{
	release_is(q, "release=6.15.1");
	met(q, r, first, kind, became, again);
}

static const struct rq whole_read = {
	.r = 1, .origin = ORIGIN_READAHEAD, .len = LEN, .transferred = LEN
};
static const struct rq whole_write = {
	.r = 1, .origin = ORIGIN_DIO_WRITE, .len = LEN, .transferred = LEN
};

/* A short READ whose rest is asked for again. */
static void test_read_whole(void **state)
{
	const struct io a = { .r = 1, .s = 1, .len = LEN, .got = SHORT };
	const struct io b = {
		.r = 1, .s = 1, .len = LEN, .before = SHORT, .retry = true, .mid = 99
	};

	(void)state;
	BOTH (q) {
		one(q, &whole_read, &a, EV_FAULT_SHORT_READ, SHORT, &b);
		silent(q, "fault-outcome");
		assert_int_equal(seq_check(q, "fault-outcome")->judged, 1);
		assert_string_equal(seq_check(q, "fault-outcome")->note,
				    "1 whole, 0 failed, 0 short");
	}
}

/* The client takes it for all there is. */
static void test_read_as_full(void **state)
{
	const struct io a = { .r = 1, .s = 1, .len = LEN, .got = SHORT, .transferred = LEN };

	(void)state;
	BOTH (q) {
		one(q, &whole_read, &a, EV_FAULT_SHORT_READ, SHORT, NULL);
		assert_int_equal(found(q, "fault-outcome", "not-read")->bytes, LEN - SHORT);
	}
	BOTH (q) { /* what these kernels do */
		release_is(q, q->new ? "release=7.3.4" : "release=6.12.118");
		met(q, &whole_read, &a, EV_FAULT_SHORT_READ, SHORT, NULL);
		assert_int_equal(seq_finding(q, "fault-outcome", "not-read")->verdict,
				 VERDICT_KNOWN);
	}
}

/* The second attempt asks for the wrong part of it. */
static void test_wrong_range(void **state)
{
	const struct io a = { .r = 1, .s = 1, .len = LEN, .got = SHORT };
	const struct io b = { .r = 1,
			      .s = 1,
			      .len = LEN,
			      .before = SHORT,
			      .retry = true,
			      .mid = 99,
			      .wire_offset = 2 * SHORT,
			      .wire_len = LEN - 2 * SHORT };

	(void)state;
	BOTH (q) {
		one(q, &whole_read, &a, EV_FAULT_SHORT_READ, SHORT, &b);
		assert_int_equal(found(q, "fault-outcome", "not-read")->bytes, SHORT);
	}
}

/* The second attempt meets a fault, too, and there is no third. */
static void test_short_twice(void **state)
{
	const struct io a = { .r = 1, .s = 1, .len = LEN, .got = SHORT };
	const struct io b = { .r = 1,
			      .s = 1,
			      .len = LEN,
			      .before = SHORT,
			      .retry = true,
			      .mid = 99,
			      .got = SHORT,
			      .transferred = LEN };

	(void)state;
	BOTH (q) {
		release_is(q, "release=6.15.1");
		begin(q, &whole_read);
		issue(q, &a);
		fault(q, EV_FAULT_SHORT_READ, &a, SHORT);
		answer(q, &a);
		issue(q, &b);
		fault(q, EV_FAULT_SHORT_READ, &b, SHORT);
		answer(q, &b);
		release(q, &b);
		end(q, &whole_read);
		assert_int_equal(found(q, "fault-outcome", "not-read")->bytes, LEN - 2 * SHORT);
	}
}

/* One short answer after another, until all is there. */
static void test_short_often(void **state)
{
	(void)state;
	BOTH (q) {
		release_is(q, "release=6.15.1");
		begin(q, &whole_read);
		for (int i = 0; i < 4; i++) {
			const struct io a = { .r = 1,
					      .s = 1,
					      .len = LEN,
					      .before = i * SHORT,
					      .got = i < 3 ? SHORT : 0,
					      .retry = i > 0,
					      .mid = 99 + i };

			issue(q, &a);
			if (i < 3)
				fault(q, EV_FAULT_SHORT_READ, &a, SHORT);
			answer(q, &a);
			if (i == 3)
				release(q, &a);
		}
		end(q, &whole_read);
		silent(q, "fault-outcome");
		assert_int_equal(seq_check(q, "fault-outcome")->judged, 1);
	}
}

/* A direct read may return less, and a read that fails says so. */
static void test_read_told(void **state)
{
	const struct rq less = {
		.r = 1, .origin = ORIGIN_DIO_READ, .len = LEN, .transferred = SHORT
	};
	const struct rq fails = { .r = 1, .origin = ORIGIN_READAHEAD, .len = LEN, .error = -EIO };
	const struct io a = { .r = 1, .s = 1, .len = LEN, .got = SHORT };
	const struct io bad = {
		.r = 1, .s = 1, .len = LEN, .none = true, .error = -EIO, .status = DISK_FULL
	};

	(void)state;
	BOTH (q) {
		one(q, &less, &a, EV_FAULT_SHORT_READ, SHORT, NULL);
		silent(q, "fault-outcome");
	}
	BOTH (q) {
		one(q, &fails, &bad, EV_FAULT_STATUS, 0, NULL);
		silent(q, "fault-outcome");
	}
}

/* A WRITE that was refused or short, and a request that says that all is written. */
static void test_write_lost(void **state)
{
	const struct io a = { .r = 1, .s = 1, .len = LEN, .write = true };
	const struct io bad = { .r = 1, .s = 1, .len = LEN, .write = true, .status = DISK_FULL };

	(void)state;
	BOTH (q) {
		one(q, &whole_write, &a, EV_FAULT_SHORT_WRITE, SHORT, NULL);
		assert_int_equal(found(q, "fault-outcome", "not-written")->bytes, LEN - SHORT);
	}
	BOTH (q) {
		one(q, &whole_write, &bad, EV_FAULT_STATUS, 0, NULL);
		assert_int_equal(found(q, "fault-outcome", "not-written")->bytes, LEN);
	}
}

/* -ENOSPC is what cifs calls a short WRITE; and the rest may be sent again. */
static void test_write_told(void **state)
{
	const struct rq fails = {
		.r = 1, .origin = ORIGIN_DIO_WRITE, .len = LEN, .error = -ENOSPC
	};
	const struct io bad = {
		.r = 1, .s = 1, .len = LEN, .write = true, .none = true, .error = -ENOSPC
	};
	const struct io a = { .r = 1, .s = 1, .len = LEN, .write = true, .got = SHORT };
	const struct io b = {
		.r = 1, .s = 1, .len = LEN, .before = SHORT, .write = true, .retry = true, .mid = 99
	};

	(void)state;
	BOTH (q) {
		one(q, &fails, &bad, EV_FAULT_SHORT_WRITE, SHORT, NULL);
		silent(q, "fault-outcome");
	}
	BOTH (q) {
		one(q, &whole_write, &a, EV_FAULT_SHORT_WRITE, SHORT, &b);
		silent(q, "fault-outcome");
	}
}

/* An error after nothing but a short READ, late credits or a late answer. */
static void error_after(struct seq *q, uint8_t kind, int error)
{
	const struct rq fails = { .r = 1, .origin = ORIGIN_READAHEAD, .len = LEN, .error = error };
	const struct io a = { .r = 1, .s = 1, .len = LEN, .got = SHORT, .error = error };

	one(q, &fails, &a, kind, SHORT, NULL);
}

static void test_unasked(void **state)
{
	(void)state;
	BOTH (q) {
		error_after(q, EV_FAULT_SHORT_READ, -EIO);
		found(q, "fault-outcome", "error-unasked");
	}
	BOTH (q) {
		error_after(q, EV_FAULT_GRANT, -EIO);
		found(q, "fault-outcome", "error-unasked");
	}
	BOTH (q) { /* the machine may have had none */
		error_after(q, EV_FAULT_SHORT_READ, -ENOMEM);
		assert_int_equal(seq_finding(q, "fault-outcome", "error-unasked")->verdict,
				 VERDICT_INCONCLUSIVE);
	}
	BOTH (q) { /* a signal */
		error_after(q, EV_FAULT_SHORT_READ, -EINTR);
		silent(q, "fault-outcome");
	}
}

/* The error may be because of what happened to others. */
static void test_harder(void **state)
{
	const struct io other = { .r = 9, .s = 9, .len = LEN };

	(void)state;
	BOTH (q) {
		reconnect(q);
		error_after(q, EV_FAULT_SHORT_READ, -EIO);
		silent(q, "fault-outcome");
	}
	BOTH (q) {
		fault(q, EV_FAULT_CUT, &other, 0);
		error_after(q, EV_FAULT_SHORT_READ, -EIO);
		silent(q, "fault-outcome");
	}
	BOTH (q) {
		error_after(q, EV_FAULT_STALL, -EIO);
		silent(q, "fault-outcome");
	}
}

/* Without faults there is nothing to judge. */
static void test_clean(void **state)
{
	(void)state;
	BOTH (q) {
		ONE_READ(q);
		silent(q, NULL);
		assert_int_equal(seq_check(q, "fault-outcome")->judged, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_whole),  cmocka_unit_test(test_read_as_full),
		cmocka_unit_test(test_wrong_range), cmocka_unit_test(test_short_twice),
		cmocka_unit_test(test_short_often), cmocka_unit_test(test_read_told),
		cmocka_unit_test(test_write_lost),  cmocka_unit_test(test_write_told),
		cmocka_unit_test(test_unasked),	    cmocka_unit_test(test_harder),
		cmocka_unit_test(test_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
