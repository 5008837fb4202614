// SPDX-License-Identifier: GPL-2.0-only
/* capture/ring and capture/collector: what is taken out of a ring buffer, when, and what is left. */
#include <errno.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "base/clock.h"
#include "capture/collector.h"

#define RING_BYTES (1 << 20)

/* A file in the place of the map; set() sees to it that the data are there twice, as in the kernel. */
struct fake {
	int fd;
	size_t page;
	uint8_t *all;
};

static void fake_open(struct fake *f)
{
	f->page = sysconf(_SC_PAGESIZE);
	f->fd = memfd_create("ring", MFD_CLOEXEC);
	assert_true(f->fd >= 0);
	assert_int_equal(ftruncate(f->fd, 2 * f->page + 2 * RING_BYTES), 0);
	f->all = mmap(NULL, 2 * f->page + 2 * RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd,
		      0);
	assert_true(f->all != MAP_FAILED);
}

static void fake_close(struct fake *f)
{
	munmap(f->all, 2 * f->page + 2 * RING_BYTES);
	close(f->fd);
}

static uint64_t *producer(struct fake *f)
{
	return (uint64_t *)(f->all + f->page);
}

static uint64_t consumer(const struct fake *f)
{
	return *(const uint64_t *)f->all;
}

static uint32_t *header_at(struct fake *f, uint64_t position)
{
	return (uint32_t *)(f->all + 2 * f->page + position % RING_BYTES);
}

static void set(struct fake *f, uint64_t position, uint64_t number, uint32_t flags)
{
	for (size_t copy = 0; copy < 2; copy++) {
		uint8_t *to = (uint8_t *)header_at(f, position) + copy * RING_BYTES;

		*(uint32_t *)to = sizeof(number) | flags;
		memcpy(to + RING_HEADER_BYTES, &number, sizeof(number));
	}
}

/* Returns where it is. The records of these tests do not reach over the end. */
static uint64_t put(struct fake *f, uint64_t number, uint32_t flags)
{
	uint64_t at = *producer(f);

	set(f, at, number, flags);
	__atomic_store_n(producer(f), at + RING_HEADER_BYTES + sizeof(number), __ATOMIC_RELEASE);
	return at;
}

struct seen {
	unsigned int nr;
	uint64_t last;
	int fail;
};

static int see(void *ctx, unsigned int ring, void *data, size_t size)
{
	struct seen *s = ctx;

	assert_int_equal(ring, 0);
	assert_int_equal(size, sizeof(uint64_t));
	memcpy(&s->last, data, sizeof(s->last));
	s->nr++;
	return s->fail;
}

static struct collector *collector_of(struct fake *f)
{
	struct collector_options o = { 0 };
	struct collector *c;

	fake_open(f);
	assert_int_equal(collector_new(&c, &o), 0);
	assert_int_equal(collector_add_ring(c, f->fd, RING_BYTES), 0);
	assert_int_equal(collector_start(c), 0);
	return c;
}

/* All that is there; the time before which there was no more. */
static uint64_t take_all(struct collector *c, struct seen *s)
{
	uint64_t until = 0, before = 0;

	collector_mark(c);
	while (collector_hand_on(c, see, s, &until) > 0) {
		assert_true(until >= before);
		before = until;
	}
	return until;
}

static void records_come_in_order_and_once(void **state)
{
	struct seen s = { 0 };
	struct fake f;
	struct collector *c = collector_of(&f);
	uint64_t start = monotonic_ns(), until;

	(void)state;
	for (uint64_t i = 1; i <= 1000; i++)
		put(&f, i, 0);
	collector_collect(c);
	until = take_all(c, &s);
	assert_int_equal(s.nr, 1000);
	assert_int_equal(s.last, 1000);
	assert_int_equal(consumer(&f), *producer(&f));
	assert_true(until >= start && until <= monotonic_ns());
	take_all(c, &s);
	assert_int_equal(s.nr, 1000);
	collector_free(c);
	fake_close(&f);
}

static void an_unfinished_record_holds_up_those_behind_it(void **state)
{
	struct seen s = { 0 };
	struct fake f;
	struct collector *c = collector_of(&f);
	uint64_t busy;

	(void)state;
	put(&f, 1, 0);
	put(&f, 2, BPF_RINGBUF_DISCARD_BIT);
	busy = put(&f, 3, BPF_RINGBUF_BUSY_BIT);
	put(&f, 4, 0);
	collector_collect(c);
	take_all(c, &s);
	assert_int_equal(s.nr, 1);
	assert_int_equal(consumer(&f), busy);
	set(&f, busy, 3, 0);
	collector_collect(c);
	take_all(c, &s);
	assert_int_equal(s.nr, 3);
	assert_int_equal(s.last, 4);
	collector_free(c);
	fake_close(&f);
}

/* Only what was marked is handed on, whatever is collected meanwhile. */
static void a_mark_is_a_limit(void **state)
{
	struct seen s = { 0 };
	struct fake f;
	struct collector *c = collector_of(&f);
	uint64_t until;

	(void)state;
	put(&f, 1, 0);
	collector_collect(c);
	collector_mark(c);
	put(&f, 2, 0);
	collector_collect(c);
	while (collector_hand_on(c, see, &s, &until) > 0)
		;
	assert_int_equal(s.last, 1);
	take_all(c, &s);
	assert_int_equal(s.last, 2);
	collector_free(c);
	fake_close(&f);
}

/* At most 64 MiB: the rest stays in the ring, nothing is lost on the way, memory is used again. */
static void what_there_is_no_room_for_stays_in_the_ring(void **state)
{
	enum { ROUND = RING_BYTES / 16 };
	struct seen s = { 0 };
	struct fake f;
	struct collector *c = collector_of(&f);
	uint64_t number = 0;

	(void)state;
	for (int round = 0; round < 80; round++) {
		uint64_t room = RING_BYTES - (*producer(&f) - consumer(&f));

		for (uint64_t i = 0; i < room / 16; i++)
			put(&f, ++number, 0);
		collector_collect(c);
	}
	assert_int_equal(*producer(&f) - consumer(&f), RING_BYTES);
	assert_in_range(number, 40 * ROUND, 65 * ROUND);
	take_all(c, &s);
	collector_collect(c);
	take_all(c, &s);
	assert_int_equal(s.nr, number);
	assert_int_equal(s.last, number);
	collector_free(c);
	fake_close(&f);
}

static void an_error_ends_it(void **state)
{
	struct seen s = { .fail = -ENOMEM };
	uint64_t until;
	struct fake f;
	struct collector *c = collector_of(&f);

	(void)state;
	put(&f, 1, 0);
	put(&f, 2, 0);
	collector_collect(c);
	collector_mark(c);
	assert_int_equal(collector_hand_on(c, see, &s, &until), -ENOMEM);
	assert_int_equal(s.nr, 1);
	collector_free(c);
	fake_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_in_order_and_once),
		cmocka_unit_test(an_unfinished_record_holds_up_those_behind_it),
		cmocka_unit_test(a_mark_is_a_limit),
		cmocka_unit_test(what_there_is_no_room_for_stays_in_the_ring),
		cmocka_unit_test(an_error_ends_it),
	};

	return cmocka_run_group_tests_name("collector", tests, NULL, NULL);
}
