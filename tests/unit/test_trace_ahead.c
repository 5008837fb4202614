// SPDX-License-Identifier: GPL-2.0-only
/* The thread that decompresses ahead: what it finds is what is found without it, and it ends. */
#include <fcntl.h>

#include "trace_util.h"

#define FRAMES 40

struct said {
	uint64_t records, sum;
	int rc;
	struct trace_damage damage;
};

static struct said read_all(struct trace_reader *r)
{
	const struct ev_hdr *ev;
	struct said said = { 0 };

	while ((said.rc = trace_reader_next(r, &ev)) == 1) {
		said.records++;
		said.sum = said.sum * 31 + ev->ts + ev->kind;
	}
	said.damage = *trace_reader_damage(r);
	trace_reader_free(r);
	return said;
}

/* From memory there is no thread. */
static void same_both_ways(const struct file *f)
{
	char path[] = "/tmp/netfsnoop-test-XXXXXX";
	int fd = mkstemp(path);
	struct trace_reader *r;
	struct said here, ahead;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, f->data, f->len), f->len);
	close(fd);
	assert_int_equal(trace_reader_open_mem(&r, f->data, f->len, NULL), 0);
	here = read_all(r);
	assert_int_equal(trace_reader_open(&r, path, NULL), 0);
	ahead = read_all(r);
	unlink(path);
	assert_int_equal(here.records, ahead.records);
	assert_int_equal(here.sum, ahead.sum);
	assert_int_equal(here.rc, ahead.rc);
	assert_memory_equal(&here.damage, &ahead.damage, sizeof(here.damage));
}

static void test_whole(void **state)
{
	struct file *f = write_trace(FRAMES, 50);

	(void)state;
	same_both_ways(f);
	free(f);
}

/* Bytes changed here and there; the first frame is needed to begin. */
static void test_damage(void **state)
{
	(void)state;
	for (size_t step = 97; step < 4000; step *= 2) {
		struct file *f = write_trace(FRAMES, 50);

		for (size_t at = f->len / 10; at < f->len; at += step)
			f->data[at] ^= 0x55;
		same_both_ways(f);
		free(f);
	}
}

static void test_torn(void **state)
{
	(void)state;
	for (size_t less = 1; less < 200; less += 13) {
		struct file *f = write_trace(FRAMES, 50);

		f->len -= less;
		same_both_ways(f);
		free(f);
	}
}

/* The rest is read and left out. */
static void test_another_behind(void **state)
{
	struct file *f = write_trace(3, 50), *g = write_trace(FRAMES, 50);

	(void)state;
	assert_true(f->len + g->len < sizeof(f->data));
	memcpy(f->data + f->len, g->data, g->len);
	f->len += g->len;
	same_both_ways(f);
	free(f);
	free(g);
}

static void test_next_after_the_end(void **state)
{
	char path[] = "/tmp/netfsnoop-test-XXXXXX";
	struct file *f = write_trace(3, 2);
	const struct ev_hdr *ev;
	struct trace_reader *r;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, f->data, f->len), f->len);
	close(fd);
	assert_int_equal(trace_reader_open(&r, path, NULL), 0);
	unlink(path);
	while (trace_reader_next(r, &ev) == 1)
		;
	assert_int_equal(trace_reader_next(r, &ev), 0);
	trace_reader_free(r);
	free(f);
}

static struct trace_reader *open_pipe(int fd)
{
	struct trace_reader *r;
	char path[32];

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	assert_int_equal(trace_reader_open(&r, path, NULL), 0);
	close(fd);
	return r;
}

/* Who has enough leaves, though the pipe is open and silent, or has more than there is room for. */
static void leave_early(unsigned int frames)
{
	struct file *f = write_trace(FRAMES, 50);
	const struct ev_hdr *ev;
	struct trace_reader *r;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_true(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20) > 0);
	assert_int_equal(write(fds[1], f->data, frames ? f->len * frames / FRAMES : f->len),
			 frames ? f->len * frames / FRAMES : f->len);
	r = open_pipe(fds[0]);
	for (int i = 0; i < 60; i++) /* into the second frame: the thread is there */
		assert_int_equal(trace_reader_next(r, &ev), 1);
	alarm(60);
	trace_reader_free(r);
	alarm(0);
	close(fds[1]);
	free(f);
}

static void test_leave_early(void **state)
{
	(void)state;
	leave_early(4);
	leave_early(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	    cmocka_unit_test(test_damage),
		cmocka_unit_test(test_torn),	    cmocka_unit_test(test_another_behind),
		cmocka_unit_test(test_leave_early), cmocka_unit_test(test_next_after_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
