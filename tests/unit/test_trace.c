// SPDX-License-Identifier: GPL-2.0-only
/* trace files written and read back */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "trace_util.h"

/* ---- writer ---- */

static void test_round_trip(void **state)
{
	struct file *f = write_trace(3, 5);
	struct trace_reader *r = open_file(f);

	(void)state;
	for (uint64_t n = 0; n < 15; n++)
		assert_next_sreq(r, n);
	assert_end(r);
	assert_undamaged(r);
	trace_reader_free(r);
	free(f);
}

static void test_round_trip_more_than_a_block(void **state)
{
	struct file *f = write_trace(1, 10000);
	struct trace_reader *r = open_file(f);

	(void)state;
	assert_int_equal(count_sreqs(r), 10000);
	assert_undamaged(r);
	trace_reader_free(r);
	free(f);
}

static void test_largest_records(void **state)
{
	struct ev_hdr *ev = calloc(1, EV_MAX_SIZE);
	const struct ev_hdr *got;
	struct trace_writer *w;
	struct trace_reader *r;
	struct file *f;
	int fd = temp_file();

	(void)state;
	*ev = (struct ev_hdr){ .size = EV_MAX_SIZE, .kind = EV_TICK };
	assert_int_equal(trace_writer_new(&w, dup(fd), 1), 0);
	for (int i = 0; i < 9; i++)
		assert_int_equal(trace_writer_add(w, ev), 0);
	assert_int_equal(trace_writer_close(w), 0);
	f = slurp(fd);
	r = open_file(f);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(trace_reader_next(r, &got), 1);
		assert_memory_equal(got, ev, EV_MAX_SIZE);
	}
	assert_end(r);
	assert_undamaged(r);
	trace_reader_free(r);
	free(f);
	free(ev);
	close(fd);
}

static void test_no_records_still_is_a_trace(void **state)
{
	struct file *f = write_trace(0, 0);
	struct trace_reader *r = open_file(f);

	(void)state;
	assert_true(f->len > 0);
	assert_end(r);
	assert_undamaged(r);
	trace_reader_free(r);
	free(f);
}

static void test_flush_of_nothing_writes_nothing(void **state)
{
	uint64_t raw, before, after;
	struct trace_writer *w;
	int fd = temp_file();

	(void)state;
	assert_int_equal(trace_writer_new(&w, fd, 1), 0);
	add_sreqs(w, 0, 1);
	assert_int_equal(trace_writer_flush(w, true), 0);
	trace_writer_sizes(w, &raw, &before);
	assert_int_equal(trace_writer_flush(w, true), 0);
	trace_writer_sizes(w, &raw, &after);
	assert_int_equal(raw, sizeof(struct ev_sreq));
	assert_int_equal(before, after);
	assert_int_equal(trace_writer_close(w), 0);
}

static void test_writer_sizes_match_the_file(void **state)
{
	uint64_t raw, size;
	struct trace_writer *w;
	struct stat st;
	int fd = temp_file();

	(void)state;
	assert_int_equal(trace_writer_new(&w, dup(fd), 3), 0);
	add_sreqs(w, 0, 100);
	trace_writer_sizes(w, &raw, &size);
	assert_int_equal(raw, 100 * sizeof(struct ev_sreq));
	assert_int_equal(size, 0);
	assert_int_equal(trace_writer_flush(w, false), 0);
	trace_writer_sizes(w, &raw, &size);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(size, st.st_size);
	assert_int_equal(trace_writer_close(w), 0);
	close(fd);
}

static void test_writer_refuses_bad_sizes(void **state)
{
	struct ev_sreq ev = make_sreq(0);
	struct trace_writer *w;

	(void)state;
	assert_int_equal(trace_writer_new(&w, temp_file(), 1), 0);
	ev.hdr.size = 16;
	assert_int_equal(trace_writer_add(w, &ev.hdr), -EINVAL);
	ev.hdr.size = 28;
	assert_int_equal(trace_writer_add(w, &ev.hdr), -EINVAL);
	ev.hdr.size = 88;
	assert_int_equal(trace_writer_add(w, &ev.hdr), 0);
	assert_int_equal(trace_writer_close(w), 0);
}

static void test_full_disk_is_told_and_remembered(void **state)
{
	struct ev_sreq ev = make_sreq(0);
	int fd = open("/dev/full", O_WRONLY);
	struct trace_writer *w;

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(trace_writer_new(&w, fd, 1), 0);
	assert_int_equal(trace_writer_add(w, &ev.hdr), 0);
	assert_int_equal(trace_writer_flush(w, false), -ENOSPC);
	assert_int_equal(trace_writer_add(w, &ev.hdr), -ENOSPC);
	assert_int_equal(trace_writer_flush(w, true), -ENOSPC);
	assert_int_equal(trace_writer_close(w), -ENOSPC);
}

static void test_full_disk_is_told_by_close(void **state)
{
	int fd = open("/dev/full", O_WRONLY);
	struct trace_writer *w;

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(trace_writer_new(&w, fd, 1), 0);
	assert_int_equal(trace_writer_close(w), -ENOSPC);
}

static void test_full_disk_is_told_by_add(void **state)
{
	int fd = open("/dev/full", O_WRONLY);
	struct trace_writer *w;
	int rc = 0;

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(trace_writer_new(&w, fd, 1), 0);
	for (int i = 0; i < 10000 && !rc; i++) {
		struct ev_sreq ev = make_sreq(i);

		rc = trace_writer_add(w, &ev.hdr);
	}
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(trace_writer_close(w), -ENOSPC);
}

static void test_close_of_null(void **state)
{
	(void)state;
	assert_int_equal(trace_writer_close(NULL), 0);
	trace_reader_free(NULL);
}

/* ---- pipes ---- */

static void on_alarm(int sig)
{
	(void)sig;
}

/* Writes incompressible records while signals cut every write(2) short. */
static void write_interrupted(int fd)
{
	struct itimerval often = { { 0, 300 }, { 0, 300 } };
	struct sigaction sa = { .sa_handler = on_alarm };
	struct trace_writer *w;
	int rc = 0;

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	if (trace_writer_new(&w, fd, 1))
		_exit(2);
	srandom(1);
	for (uint64_t n = 0; n < 4000 && !rc; n++) {
		uint64_t ev[128] = { 0 };

		for (size_t i = 3; i < ARRAY_SIZE(ev); i++)
			ev[i] = (uint64_t)random() << 32 ^ random();
		*(struct ev_hdr *)ev =
			(struct ev_hdr){ .size = sizeof(ev), .kind = EV_TICK, .ts = n };
		rc = trace_writer_add(w, (struct ev_hdr *)ev);
	}
	if (!rc)
		rc = trace_writer_flush(w, true);
	_exit(trace_writer_close(w) || rc);
}

static struct trace_reader *open_stdin(int fd)
{
	struct trace_reader *r = NULL;
	struct err err = { "" };
	int saved = dup(STDIN_FILENO);

	dup2(fd, STDIN_FILENO);
	close(fd);
	assert_int_equal(trace_reader_open(&r, "-", &err), 0);
	dup2(saved, STDIN_FILENO);
	close(saved);
	return r;
}

static void test_pipe_with_interrupted_writes(void **state)
{
	const struct ev_hdr *ev;
	struct trace_reader *r;
	int fds[2], status;
	uint64_t n = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(fds[0]);
		write_interrupted(fds[1]);
	}
	close(fds[1]);
	r = open_stdin(fds[0]);
	while (trace_reader_next(r, &ev) == 1) {
		assert_int_equal(ev->ts, n++);
		if (n % 200 == 0)
			usleep(2000);
	}
	assert_int_equal(n, 4000);
	assert_undamaged(r);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	trace_reader_free(r);
}

static void test_pipe_hands_on_a_frame_at_once(void **state)
{
	struct trace_writer *w;
	struct trace_reader *r;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(trace_writer_new(&w, fds[1], 1), 0);
	add_sreqs(w, 0, 2);
	assert_int_equal(trace_writer_flush(w, false), 0);
	r = open_stdin(fds[0]);
	assert_next_sreq(r, 0);
	assert_next_sreq(r, 1);
	add_sreqs(w, 2, 3);
	assert_int_equal(trace_writer_flush(w, false), 0);
	assert_next_sreq(r, 2); /* would hang if it waited for more */
	assert_int_equal(trace_writer_close(w), 0);
	assert_end(r);
	trace_reader_free(r);
}

static void test_pipe_resumes_after_damage(void **state)
{
	struct file *f = write_trace(5, 4);
	struct trace_reader *r;
	int fds[2];

	(void)state;
	f->data[f->len / 2] ^= 0x10;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], f->data, f->len), f->len);
	close(fds[1]);
	r = open_stdin(fds[0]);
	assert_int_equal(count_sreqs(r), 16);
	assert_int_equal(trace_reader_damage(r)->bad_frames, 1);
	trace_reader_free(r);
	free(f);
}

/* ---- files ---- */

static void test_open_of_a_path(void **state)
{
	char path[] = "/tmp/netfsnoop-test-XXXXXX";
	struct trace_reader *r = NULL;
	struct err err = { "" };
	struct trace_writer *w;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(trace_writer_new(&w, fd, 1), 0);
	add_sreqs(w, 0, 100000); /* more than one read(2) */
	assert_int_equal(trace_writer_close(w), 0);
	assert_int_equal(trace_reader_open(&r, path, &err), 0);
	unlink(path);
	assert_int_equal(count_sreqs(r), 100000);
	assert_undamaged(r);
	trace_reader_free(r);
}

static void test_open_of_nothing(void **state)
{
	struct trace_reader *r = NULL;
	struct err err = { "" };

	(void)state;
	assert_int_equal(trace_reader_open(&r, "/nonexistent/t.nsn", &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent/t.nsn"));
	assert_int_equal(trace_reader_open(&r, "/", &err), -EISDIR);
	assert_int_equal(trace_reader_open(&r, "/dev/null", &err), -EBADMSG);
	assert_string_equal(err.text, "/dev/null is empty");
}

static void test_zstd_cli_opens_it(void **state)
{
	char path[] = "/tmp/netfsnoop-test-XXXXXX";
	struct file *f = write_trace(3, 7);
	struct file *raw = file_new();
	char cmd[80];
	FILE *p;

	(void)state;
	if (system("command -v zstd >/dev/null 2>&1")) {
		free(f);
		free(raw);
		skip();
	}
	close(mkstemp(path));
	p = fopen(path, "w");
	assert_int_equal(fwrite(f->data, 1, f->len, p), f->len);
	fclose(p);
	snprintf(cmd, sizeof(cmd), "zstd -dc %s", path);
	p = popen(cmd, "r");
	raw->len = fread(raw->data, 1, sizeof(raw->data), p);
	assert_int_equal(pclose(p), 0);
	unlink(path);
	assert_memory_equal(raw->data, TRACE_MAGIC, 8);
	assert_true(raw->len < sizeof(struct trace_header) + 21 * sizeof(struct ev_sreq));
	free(raw);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_round_trip_more_than_a_block),
		cmocka_unit_test(test_largest_records),
		cmocka_unit_test(test_no_records_still_is_a_trace),
		cmocka_unit_test(test_flush_of_nothing_writes_nothing),
		cmocka_unit_test(test_writer_sizes_match_the_file),
		cmocka_unit_test(test_writer_refuses_bad_sizes),
		cmocka_unit_test(test_full_disk_is_told_and_remembered),
		cmocka_unit_test(test_full_disk_is_told_by_close),
		cmocka_unit_test(test_full_disk_is_told_by_add),
		cmocka_unit_test(test_close_of_null),
		cmocka_unit_test(test_pipe_with_interrupted_writes),
		cmocka_unit_test(test_pipe_hands_on_a_frame_at_once),
		cmocka_unit_test(test_pipe_resumes_after_damage),
		cmocka_unit_test(test_open_of_a_path),
		cmocka_unit_test(test_open_of_nothing),
		cmocka_unit_test(test_zstd_cli_opens_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
