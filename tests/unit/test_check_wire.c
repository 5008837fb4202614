// SPDX-License-Identifier: GPL-2.0-only
/* wire: the READ or WRITE of a subrequest against what the subrequest says. */
#include "check_util.h"

#define FOUND(q, kind_, ...)                                        \
	do {                                                        \
		ONE_READ(q, .start = 8192, __VA_ARGS__);            \
		assert_int_equal(found(q, "wire", kind_)->sreq, 1); \
	} while (0)

static void test_range(void **state)
{
	(void)state;
	BOTH (q) {
		FOUND(q, "other-range", .wire_offset = 12288);
		assert_string_equal(seq_finding(q, "wire", "other-range")->expected,
				    "a READ of 4096 bytes at 0x2000, what was left at SUBMT");
		assert_string_equal(seq_finding(q, "wire", "other-range")->observed,
				    "a READ of 4096 bytes at 0x3000");
	}
	BOTH (q)
		FOUND(q, "other-range", .wire_len = 2048);
	BOTH (q) /* half is sent, all of it counts */
		FOUND(q, "other-range", .write = true, .wire_len = 2048, .done_len = 4096);
	BOTH (q)
		FOUND(q, "other-answer", .done_len = 4608);
	BOTH (q)
		FOUND(q, "other-answer", .write = true, .done_len = 4608);
	BOTH (q) { /* a short answer is one, and a retry asks for the rest */
		struct rq r = {
			.r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .transferred = 4096
		};
		struct io a = { .r = 1, .s = 1, .len = 4096, .got = 1024, .keep = true };
		struct io b = {
			.r = 1, .s = 1, .len = 4096, .before = 1024, .retry = true, .mid = 99
		};

		begin(q, &r);
		io(q, &a);
		io(q, &b);
		end(q, &r);
		pass(q, SEC);
		silent(q, "wire");
	}
	BOTH (q) { /* of a READ by itself nothing is known */
		struct io a = { .r = 1, .s = 1, .len = 4096 };

		smb_rw(q, APP, &a, EV_RW_ENTER, 0, 512);
		pass(q, SEC);
		silent(q, "wire");
	}
}

static void test_twice(void **state)
{
	(void)state;
	BOTH (q)
		FOUND(q, "built-twice", .write = true, .wire_twice = true);
	BOTH (q) { /* the same message, in two commands */
		struct io a = { .r = 1, .s = 1, .write = true, .len = 4096 };
		struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK };

		begin(q, &r);
		issue(q, &a);
		command(q, APP, 9, 99, 1, 1);
		answer(q, &a);
		release(q, &a);
		end(q, &r);
		pass(q, SEC);
		found(q, "wire", "sent-twice");
	}
	BOTH (q) {
		struct io a = { .r = 1,
				.s = 1,
				.write = true,
				.len = 4096,
				.mid_state = 8,
				.error = -11,
				.none = true,
				.keep = true };
		struct io b = {
			.r = 1, .s = 1, .write = true, .len = 4096, .retry = true, .mid = 99
		};
		struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK };

		begin(q, &r);
		io(q, &a);
		io(q, &b);
		end(q, &r);
		pass(q, SEC);
		silent(q, NULL);
	}
}

static void test_iterator(void **state)
{
	(void)state;
	BOTH (q)
		FOUND(q, "iterator", .iter = 2048);
	BOTH (q)
		FOUND(q, "iterator", .write = true, .iter = 8192);
	BOTH (q) {
		ONE_READ(q, .start = 4096);
		silent(q, "wire");
	}
}

/* ---- retry-rules: what a retry is for ---- */

/* A write of 4096 bytes of which `got` are done, and then sent again as b. */
static void sent_again(struct seq *q, uint64_t got, struct io b)
{
	struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK, .transferred = 4096 };
	struct io a = { .r = 1, .s = 1, .write = true, .len = 4096, .keep = true };

	a.got = got;
	a.none = !got;
	b.r = b.s = 1;
	b.write = b.retry = true;
	b.mid = 99;
	begin(q, &r);
	io(q, &a);
	io(q, &b);
	end(q, &r);
	pass(q, SEC);
}

static void test_retry_range(void **state)
{
	(void)state;
	BOTH (q) { /* netfs moves start on, and what is left is the new length */
		sent_again(q, 1024, (struct io){ .start = 1024, .len = 3072 });
		silent(q, NULL);
	}
	BOTH (q) { /* moved on, and still as long as before */
		sent_again(q, 1024, (struct io){ .start = 1024, .len = 4096 });
		assert_string_equal(found(q, "retry-rules", "not-left")->observed,
				    "0x400..0x1400 is sent again, of which 0x1000 and on was not "
				    "left");
	}
	BOTH (q) { /* from the start once more */
		sent_again(q, 1024, (struct io){ .start = 0, .len = 3072 });
		found(q, "retry-rules", "not-left");
	}
	BOTH (q) { /* nothing was left */
		sent_again(q, 4096, (struct io){ .start = 0, .len = 4096 });
		assert_string_equal(found(q, "retry-rules", "not-left")->expected,
				    "no retry: earlier attempts have left nothing");
	}
	BOTH (q) { /* moved on twice: a hole */
		sent_again(q, 1024, (struct io){ .start = 2048, .len = 2048 });
		assert_int_equal(found(q, "retry-rules", "left-out")->bytes, 1024);
	}
}

/* Two that failed are sent again as one piece and a smaller one: credits were fewer, or more. */
static void test_retry_reshaped(void **state)
{
	(void)state;
	BOTH (q) {
		struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK };
		struct io a = { .r = 1,
				.s = 1,
				.write = true,
				.len = 4096,
				.none = true,
				.error = -11,
				.mid_state = 8,
				.keep = true };
		struct io b = { .r = 1,
				.s = 2,
				.write = true,
				.start = 4096,
				.len = 4096,
				.none = true,
				.error = -11,
				.mid_state = 8,
				.keep = true };
		struct io a2 = {
			.r = 1, .s = 1, .write = true, .len = 6144, .retry = true, .mid = 98
		};
		struct io b2 = { .r = 1,
				 .s = 2,
				 .write = true,
				 .start = 6144,
				 .len = 2048,
				 .retry = true,
				 .mid = 99 };

		begin(q, &r);
		io(q, &a);
		io(q, &b);
		io(q, &a2);
		io(q, &b2);
		end(q, &r);
		pass(q, SEC);
		silent(q, NULL);
	}
}

static void test_retry_grows(void **state)
{
	(void)state;
	BOTH (q) { /* a direct write's next attempt may be for more than the first: on 7.x alone */
		struct rq r = {
			.r = 1, .origin = ORIGIN_DIO_WRITE, .len = 8192, .transferred = 8192
		};
		struct io a = { .r = 1,
				.s = 1,
				.write = true,
				.len = 4096,
				.none = true,
				.error = -11,
				.mid_state = 8,
				.keep = true };
		struct io b = {
			.r = 1, .s = 1, .write = true, .len = 8192, .retry = true, .mid = 99
		};

		begin(q, &r);
		io(q, &a);
		io(q, &b);
		end(q, &r);
		pass(q, SEC);
		if (q->new)
			silent(q, NULL);
		else
			found(q, "retry-rules", "not-left");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_range),	       cmocka_unit_test(test_twice),
		cmocka_unit_test(test_iterator),       cmocka_unit_test(test_retry_range),
		cmocka_unit_test(test_retry_reshaped), cmocka_unit_test(test_retry_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
