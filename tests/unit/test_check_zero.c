// SPDX-License-Identifier: GPL-2.0-only
/* transfer: what is filled with zeros without asking the server. */
#include "check_util.h"

#define R      9
#define PAGE   4096
#define END    (5 * PAGE) /* of the file */
#define KNOWN  true
#define ABSENT false

/* What the program says of the file with an event of a request. */
struct file {
	bool sized;
	uint64_t zero_point, begin_size;
};

static const struct file whole = { KNOWN, END, END };

static void event(struct seq *q, struct file f, uint8_t kind, enum name_id what)
{
	bool read = kind == EV_RREQ_READ;

	FEED(q, APP, ev_rreq, EV_RREQ, EVF_RREQ, read ? P_netfs_read : P_netfs_rreq, .rreq = R,
	     .len = 2 * PAGE, .ino = 7, .i_size = END, .event = kind, .fs = "cifs",
	     .what = raw(q, read ? NAMES_READ_TRACE : NAMES_RREQ_TRACE, what),
	     .origin = raw(q, NAMES_ORIGIN, ORIGIN_READAHEAD), .sized = f.sized,
	     .zero_point = f.zero_point, .begin_size = f.begin_size);
}

static void start(struct seq *q, struct file f)
{
	rref(q, R, RREF_NEW, q->new ? 2 : 1);
	event(q, f, EV_RREQ_READ, READ_READAHEAD);
}

/* A subrequest of zeros as netfs_read_to_pagecache() makes it: nobody is asked. */
static void zeros(struct seq *q, uint32_t s, uint64_t at, enum name_id source)
{
	static const enum name_id life[] = { SREQ_SUBMIT, SREQ_TERMINATED, SREQ_FREE };

	for (size_t i = 0; i < ARRAY_SIZE(life); i++)
		FEED(q, APP, ev_sreq, EV_SREQ, EVF_RREQ, P_netfs_sreq, .rreq = R, .sreq = s,
		     .start = at, .len = PAGE, .transferred = i ? PAGE : 0,
		     .what = raw(q, NAMES_SREQ_TRACE, life[i]),
		     .source = raw(q, NAMES_SOURCE, source));
}

static void over(struct seq *q, struct file f)
{
	event(q, f, EV_RREQ_STATE, RREQ_DONE);
	rref(q, R, RREF_PUT_RETURN, 0);
	/* the inode is another's by now */
	event(q, (struct file){ KNOWN, 1, 2 }, EV_RREQ_STATE, RREQ_FREE);
}

static void read_zeros(struct seq *q, struct file begin, uint64_t at, struct file end)
{
	start(q, begin);
	zeros(q, 1, at, SOURCE_FILL_WITH_ZEROES);
	over(q, end);
}

static void test_found(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;

		read_zeros(q, whole, PAGE, whole);
		f = found(q, "transfer", "zeros-unasked");
		assert_int_equal(f->rreq, R);
		assert_int_equal(f->sreq, 1);
		assert_int_equal(f->check->severity, SEVERITY_CRITICAL);
		assert_non_null(strstr(f->observed, "4096 bytes at 0x1000"));
	}
	BOTH (q) { /* the last byte below both is one too many */
		const struct file one_more = { KNOWN, 2 * PAGE, 2 * PAGE + 1 };

		read_zeros(q, one_more, 2 * PAGE - 1, one_more);
		found(q, "transfer", "zeros-unasked");
	}
}

/* From zero_point on the server has nothing, from the end of the file on neither. */
static void test_lawful(void **state)
{
	static const struct file lower[] = { { KNOWN, PAGE, END }, { KNOWN, END, PAGE } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lower); i++)
		BOTH (q) {
			read_zeros(q, lower[i], PAGE, lower[i]);
			silent(q, "transfer");
		}
	BOTH (q) { /* nothing is zero-filled */
		start(q, whole);
		zeros(q, 1, PAGE, SOURCE_DOWNLOAD_FROM_SERVER);
		over(q, whole);
		silent(q, "transfer");
	}
}

/* Somebody truncates or writes meanwhile: which of the two the kernel went by is not known. */
static void test_changed(void **state)
{
	static const struct file other[] = { { KNOWN, END + 1, END },
					     { KNOWN, 0, END },
					     { KNOWN, END, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		BOTH (q) {
			read_zeros(q, whole, PAGE, other[i]);
			silent(q, "transfer");
		}
}

/* Without the numbers, or without the request's begin, nothing is said. */
static void test_unknown(void **state)
{
	const struct file none = { ABSENT, 0, 0 };

	(void)state;
	BOTH (q) {
		read_zeros(q, none, PAGE, none);
		silent(q, "transfer");
	}
	BOTH (q) {
		rref(q, R, RREF_NEW, q->new ? 2 : 1);
		event(q, whole, EV_RREQ_STATE, RREQ_WAKE_IP);
		zeros(q, 1, PAGE, SOURCE_FILL_WITH_ZEROES);
		over(q, whole);
		silent(q, "transfer");
	}
}

/* The recording ends before a second look at the sizes. */
static void test_cut_off(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;

		start(q, whole);
		zeros(q, 1, PAGE, SOURCE_FILL_WITH_ZEROES);
		f = seq_finding(q, "transfer", "zeros-unasked");
		assert_non_null(f);
		assert_int_equal(f->verdict, VERDICT_INCONCLUSIVE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),	cmocka_unit_test(test_lawful),
		cmocka_unit_test(test_changed), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
