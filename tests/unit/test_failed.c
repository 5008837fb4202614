// SPDX-License-Identifier: GPL-2.0-only
/* view/measure/failed.c: which requests failed, how much of them, and by which command. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "view/measure/failed.h"

#define DISK_FULL 0xc000007fu

/* A write of 3 subrequests of 100 bytes from 1000 on, each with an error, or 0, and with bytes done. */
struct write {
	struct request r;
	struct subrequest s[3];
};

static struct write *a_write(uint32_t id, int32_t own, const int32_t *errors, const uint64_t *done)
{
	static struct write w;

	memset(&w, 0, sizeof(w));
	w.r = (struct request){ .key = { .epoch = 1, .rreq = id },
				.write = true,
				.start = 1000,
				.len = 300,
				.error = own,
				.nr_subrequests = 3 };
	for (unsigned int i = 0; i < 3; i++) {
		w.s[i] = (struct subrequest){ .index = i + 1,
					      .write = true,
					      .start = 1000 + 100 * i,
					      .len = 100,
					      .transferred = done[i],
					      .error = errors[i] };
		HASH_ADD(hh, w.r.subrequests, index, sizeof(uint32_t), &w.s[i]);
	}
	return &w;
}

static void forget(struct write *w)
{
	HASH_CLEAR(hh, w->r.subrequests);
}

static struct failed take(struct write *w)
{
	struct failed f = {};

	failed_take_request(&f, &w->r);
	forget(w);
	return f;
}

static void test_well(void **state)
{
	struct failed f =
		take(a_write(1, 0, (int32_t[]){ 0, -ENODATA, 0 }, (uint64_t[]){ 100, 50, 100 }));

	(void)state;
	assert_int_equal(f.nr, 0);
}

static void test_subrequests(void **state)
{
	struct failed f =
		take(a_write(1, 0, (int32_t[]){ 0, -ENOSPC, -EIO }, (uint64_t[]){ 100, 30, 0 }));
	const struct failed_request *q = &f.list[0];

	(void)state;
	assert_int_equal(f.nr, 1);
	assert_int_equal(q->outcome, -ENOSPC);
	assert_false(q->own);
	assert_int_equal(q->nr_failed, 2);
	assert_int_equal(q->sreq, 2);
	assert_int_equal(q->start, 1100);
	assert_int_equal(q->end, 1300);
	assert_int_equal(q->missing, 170);
	assert_false(q->told);
}

static void test_request_alone(void **state)
{
	struct write *w = a_write(1, -EINTR, (int32_t[]){ 0, 0, 0 }, (uint64_t[]){ 100, 0, 0 });
	struct failed f;

	(void)state;
	w->r.transferred = 100;
	f = take(w);
	assert_int_equal(f.list[0].outcome, -EINTR);
	assert_true(f.list[0].own);
	assert_int_equal(f.list[0].nr_failed, 0);
	assert_int_equal(f.list[0].missing, 200);
}

static struct command refused(uint32_t rreq, uint32_t sreq, uint64_t mid, uint32_t status)
{
	return (struct command){ .epoch = 1,
				 .rreq = rreq,
				 .sreq = sreq,
				 .mid = mid,
				 .cmd = 9,
				 .answered = true,
				 .status = status };
}

static void test_command(void **state)
{
	struct write *w = a_write(7, 0, (int32_t[]){ 0, -ENOSPC, 0 }, (uint64_t[]){ 100, 0, 100 });
	struct command of_other = refused(7, 1, 10, DISK_FULL),
		       first = refused(7, 2, 11, DISK_FULL), last = refused(7, 2, 12, DISK_FULL),
		       good = refused(7, 2, 13, 0);
	struct failed f = {};

	(void)state;
	failed_take_command(&f, &of_other);
	failed_take_command(&f, &first);
	failed_take_request(&f, &w->r);
	forget(w);
	assert_true(f.list[0].told);
	assert_int_equal(f.list[0].by.mid, 11);
	/* the one that came last is what the subrequest ended with, before or after its request */
	failed_take_command(&f, &last);
	failed_take_command(&f, &good);
	assert_int_equal(f.list[0].by.mid, 12);
}

static void test_many(void **state)
{
	struct failed f = {};

	(void)state;
	for (uint32_t i = 1; i <= 1000; i++) {
		struct write *w = a_write(i, 0, (int32_t[]){ -EIO, 0, 0 }, (uint64_t[]){ 0, 0, 0 });
		struct command c = refused(i, 1, i, DISK_FULL);

		failed_take_command(&f, &c);
		failed_take_request(&f, &w->r);
		forget(w);
	}
	assert_int_equal(f.nr, 1000);
	assert_int_equal(f.list[FAILED_SHOWN - 1].key.rreq, FAILED_SHOWN);
	assert_int_equal(f.list[FAILED_SHOWN - 1].by.mid, FAILED_SHOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well),	      cmocka_unit_test(test_subrequests),
		cmocka_unit_test(test_request_alone), cmocka_unit_test(test_command),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("failed", tests, NULL, NULL);
}
