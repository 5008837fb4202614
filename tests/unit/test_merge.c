// SPDX-License-Identifier: GPL-2.0-only
/* capture/merge: several rings become one order. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture/merge.h"

#define MAX_OUT 20000

struct out {
	size_t nr;
	uint64_t ts[MAX_OUT];
	uint32_t mark[MAX_OUT];
	size_t fail_at; /* refuse this one; SIZE_MAX: none */
};

static struct out *out_new(void)
{
	struct out *o = calloc(1, sizeof(*o));

	assert_non_null(o);
	o->fail_at = SIZE_MAX;
	return o;
}

static int take(void *ctx, const struct ev_hdr *ev)
{
	struct out *o = ctx;

	if (o->nr == o->fail_at)
		return -ENOSPC;
	assert_true(o->nr < MAX_OUT);
	o->ts[o->nr] = ev->ts;
	o->mark[o->nr++] = ev->tid;
	return 0;
}

/* tid says which record it is; the payload is checked by its filling */
static void add_sized(struct merge *m, uint64_t ts, uint32_t mark, size_t size)
{
	union {
		struct ev_hdr hdr;
		unsigned char bytes[1024];
	} ev;

	memset(&ev, mark & 0xff, sizeof(ev));
	ev.hdr = (struct ev_hdr){ .size = size, .kind = EV_TICK, .ts = ts, .tid = mark };
	assert_int_equal(merge_add(m, &ev.hdr), 0);
}

static void add(struct merge *m, uint64_t ts, uint32_t mark)
{
	add_sized(m, ts, mark, sizeof(struct ev_hdr));
}

static struct merge *merge_make(void)
{
	struct merge *m = NULL;

	assert_int_equal(merge_new(&m), 0);
	return m;
}

static void assert_marks(const struct out *o, const uint32_t *want, size_t nr)
{
	assert_int_equal(o->nr, nr);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(o->mark[i], want[i]);
}

static void test_empty(void **state)
{
	struct merge *m = merge_make();
	struct out *o = out_new();

	(void)state;
	assert_int_equal(merge_flush(m, UINT64_MAX, take, o), 0);
	assert_int_equal(o->nr, 0);
	assert_int_equal(merge_late(m), 0);
	merge_free(m);
	merge_free(NULL);
	free(o);
}

static void test_two_rings(void **state)
{
	struct merge *m = merge_make();
	struct out *o = out_new();

	(void)state;
	add(m, 10, 1);
	add(m, 30, 3);
	add(m, 50, 5);
	add(m, 20, 2);
	add(m, 40, 4);
	assert_int_equal(merge_flush(m, UINT64_MAX, take, o), 0);
	assert_marks(o, (uint32_t[]){ 1, 2, 3, 4, 5 }, 5);
	assert_int_equal(merge_late(m), 0);
	merge_free(m);
	free(o);
}

static void test_equal_times_keep_arrival(void **state)
{
	struct merge *m = merge_make();
	struct out *o = out_new();

	(void)state;
	for (uint32_t i = 0; i < 500; i++)
		add(m, 7, i);
	add(m, 6, 1000);
	for (uint32_t i = 500; i < 1000; i++)
		add(m, 7, i);
	assert_int_equal(merge_flush(m, 7, take, o), 0);
	assert_int_equal(o->nr, 1001);
	assert_int_equal(o->mark[0], 1000);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(o->mark[i + 1], i);
	merge_free(m);
	free(o);
}

/* what is not due stays, in whatever order it came, and equal times keep theirs across a flush */
static void test_partial_flush(void **state)
{
	struct merge *m = merge_make();
	struct out *o = out_new();

	(void)state;
	add(m, 40, 4);
	add(m, 10, 1);
	add(m, 30, 3);
	add(m, 20, 2);
	assert_int_equal(merge_flush(m, 20, take, o), 0);
	assert_marks(o, (uint32_t[]){ 1, 2 }, 2);
	add(m, 30, 31);
	add(m, 25, 25);
	assert_int_equal(merge_flush(m, 29, take, o), 0);
	assert_marks(o, (uint32_t[]){ 1, 2, 25 }, 3);
	assert_int_equal(merge_flush(m, 29, take, o), 0);
	assert_int_equal(o->nr, 3);
	assert_int_equal(merge_flush(m, 40, take, o), 0);
	assert_marks(o, (uint32_t[]){ 1, 2, 25, 3, 31, 4 }, 6);
	assert_int_equal(merge_late(m), 0);
	merge_free(m);
	free(o);
}

static void test_late_records(void **state)
{
	struct merge *m = merge_make();
	struct out *o = out_new();

	(void)state;
	add(m, 100, 1);
	assert_int_equal(merge_flush(m, 100, take, o), 0);
	add(m, 90, 2);	/* its time is over: out at once, and counted */
	add(m, 100, 3); /* equal to the last one: not late */
	add(m, 95, 4);
	add(m, 110, 5);
	assert_int_equal(merge_flush(m, 105, take, o), 0);
	assert_marks(o, (uint32_t[]){ 1, 2, 4, 3 }, 4);
	assert_int_equal(merge_late(m), 2);
	/* a late one does not turn the clock back for those after it */
	add(m, 97, 6);
	assert_int_equal(merge_flush(m, UINT64_MAX, take, o), 0);
	assert_marks(o, (uint32_t[]){ 1, 2, 4, 3, 6, 5 }, 6);
	assert_int_equal(merge_late(m), 3);
	merge_free(m);
	free(o);
}

struct sizes {
	size_t nr;
	uint64_t last;
};

static int check_bytes(void *ctx, const struct ev_hdr *ev)
{
	const unsigned char *bytes = (const void *)ev;
	struct sizes *s = ctx;

	assert_true(ev->ts >= s->last);
	s->last = ev->ts;
	s->nr++;
	for (size_t i = sizeof(*ev); i < ev->size; i++)
		assert_int_equal(bytes[i], ev->tid & 0xff);
	return 0;
}

/* many records of many sizes, flushed in steps: each arrives whole and once */
static void test_sizes(void **state)
{
	struct merge *m = merge_make();
	struct sizes s = { 0 };
	uint32_t seed = 1;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		seed = seed * 1103515245 + 12345;
		add_sized(m, 1000 + i + seed % 64, seed >> 16, 24 + (seed >> 8) % 120 * 8);
		if (i % 97 == 0)
			assert_int_equal(merge_flush(m, 1000 + i, check_bytes, &s), 0);
	}
	assert_int_equal(merge_flush(m, UINT64_MAX, check_bytes, &s), 0);
	assert_int_equal(s.nr, 5000);
	merge_free(m);
}

static void test_sink_error(void **state)
{
	struct merge *m = merge_make();
	struct out *o = out_new();

	(void)state;
	o->fail_at = 1;
	add(m, 2, 2);
	add(m, 1, 1);
	assert_int_equal(merge_flush(m, UINT64_MAX, take, o), -ENOSPC);
	assert_marks(o, (uint32_t[]){ 1 }, 1);
	merge_free(m);
	free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_two_rings),
		cmocka_unit_test(test_equal_times_keep_arrival),
		cmocka_unit_test(test_partial_flush),
		cmocka_unit_test(test_late_records),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_sink_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
