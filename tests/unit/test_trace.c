// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

#include <cmocka.h>

#include "trace/trace.h"

#define MAX_FILE (1 << 20)

/* ---- helpers ---- */

struct file {
	size_t len;
	uint8_t data[MAX_FILE];
};

static int temp_file(void)
{
	char path[] = "/tmp/netfsnoop-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	return fd;
}

static struct file *file_new(void)
{
	struct file *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	return f;
}

static struct file *slurp(int fd)
{
	struct file *f = file_new();
	ssize_t n;

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	while ((n = read(fd, f->data + f->len, sizeof(f->data) - f->len)) > 0)
		f->len += n;
	assert_int_equal(n, 0);
	return f;
}

/* The n-th record of every test: its time says which one it is. */
static struct ev_sreq make_sreq(uint64_t n)
{
	return (struct ev_sreq){
		.hdr = { .size = sizeof(struct ev_sreq), .kind = EV_SREQ, .ts = n },
		.rreq = n * 3,
		.sreq = 1,
		.start = n * 4096,
		.len = 4096,
		.iter_offset = ~n,
	};
}

static void add_sreqs(struct trace_writer *w, uint64_t from, uint64_t to)
{
	for (uint64_t n = from; n < to; n++) {
		struct ev_sreq ev = make_sreq(n);

		assert_int_equal(trace_writer_add(w, &ev.hdr), 0);
	}
}

/* frames of the given number of records each */
static struct file *make_trace(unsigned int frames, unsigned int per_frame)
{
	struct trace_writer *w;
	struct file *f;
	int fd = temp_file();

	assert_int_equal(trace_writer_new(&w, dup(fd), 1), 0);
	for (unsigned int i = 0; i < frames; i++) {
		add_sreqs(w, i * per_frame, (i + 1) * per_frame);
		assert_int_equal(trace_writer_flush(w, false), 0);
	}
	assert_int_equal(trace_writer_close(w), 0);
	f = slurp(fd);
	close(fd);
	return f;
}

static void append_zstd(struct file *f, const void *data, size_t len, bool checksum)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	size_t n;

	ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, checksum);
	n = ZSTD_compress2(z, f->data + f->len, sizeof(f->data) - f->len, data, len);
	assert_false(ZSTD_isError(n));
	f->len += n;
	ZSTD_freeCCtx(z);
}

static struct trace_header make_header(void)
{
	return (struct trace_header){
		.magic = TRACE_MAGIC,
		.major = TRACE_MAJOR,
		.minor = TRACE_MINOR,
		.header_size = sizeof(struct trace_header),
	};
}

/* A frame of the header and of these bytes, whatever they are. */
static struct file *wrap(const void *records, size_t len)
{
	struct trace_header h = make_header();
	struct file *f = file_new();
	struct file *raw = file_new();

	memcpy(raw->data, &h, sizeof(h));
	memcpy(raw->data + sizeof(h), records, len);
	append_zstd(f, raw->data, sizeof(h) + len, true);
	free(raw);
	return f;
}

static struct trace_reader *open_file(const struct file *f)
{
	struct trace_reader *r = NULL;
	struct err err = { "" };

	assert_int_equal(trace_reader_open_mem(&r, f->data, f->len, &err), 0);
	return r;
}

static void assert_sreq(const struct ev_hdr *ev, uint64_t n)
{
	struct ev_sreq want = make_sreq(n);

	assert_int_equal(ev->size, sizeof(want));
	assert_memory_equal(ev, &want, sizeof(want));
}

static void assert_next_sreq(struct trace_reader *r, uint64_t n)
{
	const struct ev_hdr *ev;

	assert_int_equal(trace_reader_next(r, &ev), 1);
	assert_sreq(ev, n);
}

static void assert_end(struct trace_reader *r)
{
	const struct ev_hdr *ev;

	assert_int_equal(trace_reader_next(r, &ev), 0);
	assert_int_equal(trace_reader_next(r, &ev), 0);
}

static void assert_undamaged(const struct trace_reader *r)
{
	const struct trace_damage *d = trace_reader_damage(r);

	assert_int_equal(d->torn_bytes, 0);
	assert_int_equal(d->bad_frames, 0);
	assert_int_equal(d->bad_records, 0);
	assert_int_equal(d->unknown_records, 0);
	assert_true(d->first_bad_offset == UINT64_MAX);
}

/* Reads all that is left; every record must be a right one, in order. Returns how many. */
static unsigned int count_sreqs(struct trace_reader *r)
{
	const struct ev_hdr *ev;
	uint64_t last = 0;
	unsigned int n = 0;
	int rc;

	while ((rc = trace_reader_next(r, &ev)) > 0) {
		assert_sreq(ev, ev->ts);
		assert_true(!n || ev->ts > last);
		last = ev->ts;
		n++;
	}
	assert_int_equal(rc, 0);
	return n;
}

static const struct ev_hdr *only_record(struct trace_reader *r)
{
	const struct ev_hdr *ev;

	assert_int_equal(trace_reader_next(r, &ev), 1);
	return ev;
}

static void assert_refused_data(const void *data, size_t len, const char *why)
{
	struct trace_reader *r = NULL;
	struct err err = { "" };

	assert_int_equal(trace_reader_open_mem(&r, data, len, &err), -EBADMSG);
	assert_null(r);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static void assert_refused(struct file *f, const char *why)
{
	assert_refused_data(f->data, f->len, why);
	free(f);
}

/* ---- kinds ---- */

static void test_kinds_are_found_by_number(void **state)
{
	const struct ev_kind_info *table;
	size_t n;

	(void)state;
	table = ev_kind_table(&n);
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(ev_kind_info(table[i].kind), &table[i]);
		assert_true(table[i].min_size >= sizeof(struct ev_hdr));
		assert_int_equal(table[i].min_size % EV_ALIGN, 0);
	}
	assert_string_equal(ev_kind_info(EV_RREQ)->name, "rreq");
	assert_string_equal(ev_kind_info(EV_CREDIT_FN)->name, "credit_fn");
	assert_int_equal(ev_kind_info(EV_CREDIT_FN)->min_size, sizeof(struct ev_credit_fn_rec));
	assert_true(ev_kind_info(EV_SYM)->text);
	assert_false(ev_kind_info(EV_STACK)->text);
}

static void test_kinds_unknown_is_null(void **state)
{
	(void)state;
	assert_null(ev_kind_info(EV_NONE));
	assert_null(ev_kind_info(99));
	assert_null(ev_kind_info(255));
}

static void test_text_strings(void **state)
{
	union {
		struct ev_probe_rec rec;
		char bytes[sizeof(struct ev_probe_rec) + 16];
	} ev = { .rec.hdr = { .size = sizeof(ev), .kind = EV_PROBE } };

	(void)state;
	memcpy(ev.rec.text, "name\0how\0\0why", 14);
	assert_string_equal(ev_text(&ev.rec.hdr, 0), "name");
	assert_string_equal(ev_text(&ev.rec.hdr, 1), "how");
	assert_string_equal(ev_text(&ev.rec.hdr, 2), "");
	assert_string_equal(ev_text(&ev.rec.hdr, 3), "why");
	assert_string_equal(ev_text(&ev.rec.hdr, 4), "");
	assert_string_equal(ev_text(&ev.rec.hdr, 1000), "");
	ev.rec.hdr.kind = EV_TICK;
	assert_string_equal(ev_text(&ev.rec.hdr, 0), "");
}

/* ---- writer ---- */

static void test_round_trip(void **state)
{
	struct file *f = make_trace(3, 5);
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
	struct file *f = make_trace(1, 10000);
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
	struct file *f = make_trace(0, 0);
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
	struct file *f = make_trace(5, 4);
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
	struct file *f = make_trace(3, 7);
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
	assert_int_equal(raw->len, sizeof(struct trace_header) + 21 * sizeof(struct ev_sreq));
	assert_memory_equal(raw->data, TRACE_MAGIC, 8);
	free(raw);
	free(f);
}

/* ---- damage ---- */

static void test_every_prefix(void **state)
{
	struct file *f = make_trace(4, 3);
	unsigned int last = 0;

	(void)state;
	for (size_t len = 0; len < f->len; len++) {
		struct trace_reader *r = NULL;
		unsigned int n = 0;
		int rc = trace_reader_open_mem(&r, f->data, len, NULL);

		assert_true(rc == 0 || rc == -EBADMSG);
		if (!rc) {
			n = count_sreqs(r);
			assert_int_equal(n % 3, 0);
			assert_int_equal(trace_reader_damage(r)->bad_frames, 0);
		}
		assert_true(n == last || n == last + 3);
		last = n;
		trace_reader_free(r);
	}
	assert_int_equal(last, 9);
	free(f);
}

static void test_torn_tail_is_measured(void **state)
{
	struct file *whole = make_trace(1, 3);
	struct file *f = make_trace(2, 3);
	struct trace_reader *r;

	(void)state;
	f->len -= 2;
	r = open_file(f);
	assert_int_equal(count_sreqs(r), 3);
	assert_int_equal(trace_reader_damage(r)->torn_bytes, f->len - whole->len);
	assert_int_equal(trace_reader_damage(r)->first_bad_offset, whole->len);
	assert_int_equal(trace_reader_damage(r)->bad_frames, 0);
	trace_reader_free(r);
	free(whole);
	free(f);
}

/* a file system after a crash: the size is there, the data is not */
static void test_tail_of_zeros_is_torn(void **state)
{
	struct file *f = make_trace(2, 3);
	struct trace_reader *r;

	(void)state;
	f->len += 5000;
	r = open_file(f);
	assert_int_equal(count_sreqs(r), 6);
	assert_int_equal(trace_reader_damage(r)->torn_bytes, 5000);
	assert_int_equal(trace_reader_damage(r)->bad_frames, 0);
	trace_reader_free(r);
	free(f);
}

/* One frame of four is lost at most; without the first there is no trace. */
static void check_flip(const struct file *f)
{
	struct trace_reader *r = NULL;
	int rc = trace_reader_open_mem(&r, f->data, f->len, NULL);
	const struct trace_damage *d;
	unsigned int n;

	if (rc < 0) {
		assert_int_equal(rc, -EBADMSG);
		return;
	}
	n = count_sreqs(r);
	d = trace_reader_damage(r);
	assert_true(n == 12 || n == 9);
	assert_int_equal(!!d->torn_bytes + d->bad_frames, n < 12);
	trace_reader_free(r);
}

static void test_every_flip(void **state)
{
	struct file *f = make_trace(4, 3);

	(void)state;
	for (size_t i = 0; i < f->len; i++) {
		for (unsigned int bits = 1; bits < 256; bits = bits < 128 ? 2 * bits : bits + 127) {
			f->data[i] ^= bits;
			check_flip(f);
			f->data[i] ^= bits;
		}
	}
	free(f);
}

static void test_every_hole(void **state)
{
	struct file *f = make_trace(4, 3);

	(void)state;
	for (size_t i = 1; i < f->len; i++) {
		struct file *holed = file_new();
		struct trace_reader *r = NULL;

		memcpy(holed->data, f->data, i);
		memcpy(holed->data + i, f->data + i + 1, f->len - i - 1);
		holed->len = f->len - 1;
		if (!trace_reader_open_mem(&r, holed->data, holed->len, NULL))
			assert_int_equal(count_sreqs(r), 9);
		trace_reader_free(r);
		free(holed);
	}
	free(f);
}

static void test_damaged_frame_is_skipped(void **state)
{
	struct file *first = make_trace(1, 3);
	struct file *f = make_trace(4, 3);
	struct trace_reader *r;

	(void)state;
	f->data[first->len + 20] ^= 0xff;
	r = open_file(f);
	for (uint64_t n = 0; n < 3; n++)
		assert_next_sreq(r, n);
	for (uint64_t n = 6; n < 12; n++)
		assert_next_sreq(r, n);
	assert_end(r);
	assert_int_equal(trace_reader_damage(r)->bad_frames, 1);
	assert_int_equal(trace_reader_damage(r)->torn_bytes, 0);
	assert_int_equal(trace_reader_damage(r)->first_bad_offset, first->len);
	trace_reader_free(r);
	free(first);
	free(f);
}

static void test_garbage_between_frames(void **state)
{
	struct file *f = make_trace(1, 3);
	struct ev_sreq more = make_sreq(3);
	struct trace_reader *r;

	(void)state;
	memset(f->data + f->len, 0x28, 100000);
	f->len += 100000;
	append_zstd(f, &more, sizeof(more), true);
	r = open_file(f);
	assert_int_equal(count_sreqs(r), 4);
	assert_int_equal(trace_reader_damage(r)->bad_frames, 1);
	assert_int_equal(trace_reader_damage(r)->torn_bytes, 0);
	trace_reader_free(r);
	free(f);
}

static void append_skippable(struct file *f, uint32_t size)
{
	uint32_t head[2] = { ZSTD_MAGIC_SKIPPABLE_START + 3, size };

	memcpy(f->data + f->len, head, sizeof(head));
	memset(f->data + f->len + sizeof(head), 'x', size);
	f->len += sizeof(head) + size;
}

static void test_skippable_frames_are_skipped(void **state)
{
	struct file *f = make_trace(1, 3);
	struct ev_sreq more = make_sreq(3);
	struct trace_reader *r;

	(void)state;
	append_skippable(f, 0);
	append_skippable(f, 1000);
	append_zstd(f, &more, sizeof(more), true);
	append_skippable(f, 10);
	r = open_file(f);
	assert_int_equal(count_sreqs(r), 4);
	assert_undamaged(r);
	trace_reader_free(r);
	free(f);
}

static void test_skippable_frame_first(void **state)
{
	struct file *f = file_new();
	struct file *t = make_trace(1, 3);
	struct trace_reader *r;

	(void)state;
	append_skippable(f, 10);
	memcpy(f->data + f->len, t->data, t->len);
	f->len += t->len;
	r = open_file(f);
	assert_int_equal(count_sreqs(r), 3);
	assert_undamaged(r);
	trace_reader_free(r);
	free(t);
	free(f);
}

static void test_skippable_frame_that_lies(void **state)
{
	struct file *f = make_trace(1, 3);
	struct ev_sreq more = make_sreq(3);
	struct trace_reader *r;

	(void)state;
	append_skippable(f, 0);
	memset(f->data + f->len - 4, 0xff, 4);
	append_zstd(f, &more, sizeof(more), true);
	r = open_file(f);
	assert_int_equal(count_sreqs(r), 4);
	assert_int_equal(trace_reader_damage(r)->bad_frames, 1);
	trace_reader_free(r);
	free(f);
}

static void test_frame_without_checksum_is_damage(void **state)
{
	struct file *f = make_trace(1, 3);
	struct ev_sreq more = make_sreq(3);
	struct trace_reader *r;

	(void)state;
	append_zstd(f, &more, sizeof(more), false);
	r = open_file(f);
	assert_int_equal(count_sreqs(r), 3);
	assert_int_equal(trace_reader_damage(r)->bad_frames, 1);
	trace_reader_free(r);
	free(f);
}

/* 17 MiB of zeros in some hundred bytes */
static void test_too_large_a_frame_is_damage(void **state)
{
	struct file *f = make_trace(1, 3);
	struct ev_sreq more = make_sreq(3);
	uint8_t *zeros = calloc(17, 1 << 20);
	struct trace_reader *r;

	(void)state;
	append_zstd(f, zeros, 17 << 20, true);
	append_zstd(f, &more, sizeof(more), true);
	free(zeros);
	r = open_file(f);
	assert_int_equal(count_sreqs(r), 4);
	assert_int_equal(trace_reader_damage(r)->bad_frames, 1);
	trace_reader_free(r);
	free(f);
}

static void test_largest_frame_is_taken(void **state)
{
	struct trace_header h = make_header();
	uint8_t *data = calloc(16, 1 << 20);
	struct file *f = file_new();
	struct trace_reader *r;

	(void)state;
	memcpy(data, &h, sizeof(h));
	for (size_t at = sizeof(h); at < 16 << 20;) {
		size_t left = (16 << 20) - at;
		struct ev_hdr hdr = { .size = left < 32768 ? left : 32768, .kind = EV_TICK };

		memcpy(data + at, &hdr, sizeof(hdr));
		at += hdr.size;
	}
	append_zstd(f, data, 16 << 20, true);
	free(data);
	r = open_file(f);
	for (int i = 0; i < 512; i++)
		assert_int_equal(only_record(r)->kind, EV_TICK);
	assert_end(r);
	assert_undamaged(r);
	trace_reader_free(r);
	free(f);
}

static void test_window_too_large_is_damage(void **state)
{
	struct file *f = make_trace(1, 3);
	/* magic; checksum, window descriptor; window of 2^31; an empty last block; its checksum */
	static const uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x04, 0xa8, 0x01,
					 0x00, 0x00, 0x99, 0xe9, 0xd8, 0x51 };
	struct trace_reader *r;

	(void)state;
	memcpy(f->data + f->len, frame, sizeof(frame));
	f->len += sizeof(frame);
	r = open_file(f);
	assert_int_equal(count_sreqs(r), 3);
	assert_int_equal(trace_reader_damage(r)->bad_frames, 1);
	f->data[f->len - sizeof(frame) + 5] = 0x08; /* the same with a small one is fine */
	trace_reader_free(r);
	r = open_file(f);
	assert_int_equal(count_sreqs(r), 3);
	assert_undamaged(r);
	trace_reader_free(r);
	free(f);
}

/* Every attempt decodes a long way and fails; the reader must not take them all. */
static void test_hostile_resync_ends(void **state)
{
	struct file *f = make_trace(1, 3);
	size_t start = f->len;
	struct trace_reader *r;

	(void)state;
	while (f->len < 600000) {
		/* an RLE block of 64 KiB, a raw block around the next frame's header */
		static const uint8_t head[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x30 };
		static const uint8_t rle[] = { 0x02, 0x00, 0x08, 'x', 0x30, 0x00, 0x00 };

		memcpy(f->data + f->len, rle, sizeof(rle));
		memcpy(f->data + f->len + sizeof(rle), head, sizeof(head));
		f->len += sizeof(rle) + sizeof(head);
	}
	r = open_file(f);
	assert_int_equal(count_sreqs(r), 3);
	assert_int_equal(trace_reader_damage(r)->first_bad_offset, start);
	assert_true(trace_reader_damage(r)->bad_frames < 100);
	assert_true(trace_reader_damage(r)->torn_bytes > 500000);
	trace_reader_free(r);
	free(f);
}

/* ---- records ---- */

static void test_longer_record_is_taken(void **state)
{
	struct {
		struct ev_ref ref;
		uint64_t more[2];
	} ev = {
		.ref.hdr = { .size = sizeof(ev), .kind = EV_REF, .ts = 7 },
		.ref.ref = 3,
		.more = { 1, 2 },
	};
	struct file *f = wrap(&ev, sizeof(ev));
	struct trace_reader *r = open_file(f);

	(void)state;
	assert_memory_equal(only_record(r), &ev, sizeof(ev));
	assert_end(r);
	assert_undamaged(r);
	trace_reader_free(r);
	free(f);
}

static void test_shorter_record_is_zero_filled(void **state)
{
	struct ev_sreq full = make_sreq(5), want = full;
	struct ev_sreq pair[2];
	const struct ev_sreq *got;
	struct trace_reader *r;
	struct file *f;
	size_t cut = offsetof(struct ev_sreq, transferred);

	(void)state;
	memset(&want.transferred, 0, sizeof(want) - cut);
	full.hdr.size = cut;
	memcpy(pair, &full, cut);
	full = make_sreq(6);
	memcpy((char *)pair + cut, &full, sizeof(full));
	f = wrap(pair, cut + sizeof(full));
	r = open_file(f);
	got = (const struct ev_sreq *)only_record(r);
	assert_memory_equal(got, &want, sizeof(want));
	assert_next_sreq(r, 6);
	assert_end(r);
	assert_undamaged(r);
	trace_reader_free(r);
	free(f);
}

static void test_every_kind_as_a_bare_header(void **state)
{
	const struct ev_kind_info *table;
	size_t n;

	(void)state;
	table = ev_kind_table(&n);
	for (size_t i = 0; i < n; i++) {
		struct ev_hdr hdr = { .size = sizeof(hdr), .kind = table[i].kind, .ts = 1 };
		struct file *f = wrap(&hdr, sizeof(hdr));
		struct trace_reader *r = open_file(f);
		const struct ev_hdr *ev = only_record(r);

		assert_int_equal(ev->kind, table[i].kind);
		assert_true(ev->size >= table[i].min_size + table[i].text);
		for (size_t at = sizeof(hdr); at < ev->size; at++)
			assert_int_equal(((const char *)ev)[at], 0);
		trace_reader_free(r);
		free(f);
	}
}

static void test_unknown_kinds_are_counted(void **state)
{
	struct ev_sreq evs[4] = { make_sreq(0), make_sreq(1), make_sreq(2), make_sreq(3) };
	struct trace_reader *r;
	struct file *f;

	(void)state;
	evs[0].hdr.kind = 77;
	evs[2].hdr.kind = EV_NONE;
	f = wrap(evs, sizeof(evs));
	r = open_file(f);
	assert_next_sreq(r, 1);
	assert_next_sreq(r, 3);
	assert_end(r);
	assert_int_equal(trace_reader_damage(r)->unknown_records, 2);
	assert_int_equal(trace_reader_damage(r)->bad_records, 0);
	assert_true(trace_reader_damage(r)->first_bad_offset == UINT64_MAX);
	trace_reader_free(r);
	free(f);
}

static void check_bad_size(uint16_t size)
{
	struct ev_sreq evs[3] = { make_sreq(0), make_sreq(1), make_sreq(2) };
	struct ev_sreq more = make_sreq(9);
	struct trace_reader *r;
	struct file *f;

	evs[1].hdr.size = size;
	f = wrap(evs, sizeof(evs));
	append_zstd(f, &more, sizeof(more), true);
	r = open_file(f);
	assert_next_sreq(r, 0);
	assert_next_sreq(r, 9); /* the next frame is not concerned */
	assert_end(r);
	assert_int_equal(trace_reader_damage(r)->bad_records, 1);
	assert_int_equal(trace_reader_damage(r)->bad_frames, 0);
	assert_int_equal(trace_reader_damage(r)->first_bad_offset, 0);
	trace_reader_free(r);
	free(f);
}

static void test_impossible_sizes_drop_the_rest_of_the_frame(void **state)
{
	(void)state;
	check_bad_size(0);
	check_bad_size(8);
	check_bad_size(16);
	check_bad_size(90);
	check_bad_size(2 * sizeof(struct ev_sreq) + 8); /* past the end of the frame */
	check_bad_size(EV_MAX_SIZE);
	check_bad_size(UINT16_MAX);
}

static void test_less_than_a_header_left(void **state)
{
	struct ev_sreq evs[2] = { make_sreq(0), make_sreq(1) };
	struct file *f = wrap(evs, sizeof(evs[0]) + 16);
	struct trace_reader *r = open_file(f);

	(void)state;
	assert_next_sreq(r, 0);
	assert_end(r);
	assert_int_equal(trace_reader_damage(r)->bad_records, 1);
	trace_reader_free(r);
	free(f);
}

static void test_text_without_nul_is_closed(void **state)
{
	union {
		struct ev_meta meta;
		char bytes[sizeof(struct ev_meta) + 8];
	} ev = { .meta.hdr = { .size = sizeof(ev), .kind = EV_META } };
	struct trace_reader *r;
	struct file *f;

	(void)state;
	memcpy(ev.meta.text, "key=valu", 8);
	f = wrap(&ev, sizeof(ev));
	r = open_file(f);
	assert_string_equal(((const struct ev_meta *)only_record(r))->text, "key=val");
	trace_reader_free(r);
	free(f);
}

static void test_text_without_a_byte_gets_its_nul(void **state)
{
	struct ev_enum_rec ev = { .hdr = { .size = sizeof(ev), .kind = EV_ENUM }, .value = -5 };
	struct file *f = wrap(&ev, sizeof(ev));
	struct trace_reader *r = open_file(f);
	const struct ev_enum_rec *got = (const struct ev_enum_rec *)only_record(r);

	(void)state;
	assert_int_equal(got->value, -5);
	assert_true(got->hdr.size > sizeof(*got));
	assert_string_equal(got->text, "");
	assert_string_equal(ev_text(&got->hdr, 0), "");
	trace_reader_free(r);
	free(f);
}

static void test_fixed_strings_are_closed(void **state)
{
	struct ev_task task = { .hdr = { .size = sizeof(task), .kind = EV_TASK } };
	struct trace_reader *r;
	struct file *f;

	(void)state;
	memset(task.comm, 'c', sizeof(task.comm));
	f = wrap(&task, sizeof(task));
	r = open_file(f);
	assert_int_equal(strlen(((const struct ev_task *)only_record(r))->comm), 15);
	trace_reader_free(r);
	free(f);
}

static void test_stack_count_fits_the_record(void **state)
{
	union {
		struct ev_stack stack;
		char bytes[sizeof(struct ev_stack) + 3 * sizeof(uint64_t)];
	} ev = { .stack.hdr = { .size = sizeof(ev), .kind = EV_STACK } };
	struct trace_reader *r;
	struct file *f;

	(void)state;
	ev.stack.nr = 1 << 30;
	f = wrap(&ev, sizeof(ev));
	r = open_file(f);
	assert_int_equal(((const struct ev_stack *)only_record(r))->nr, 3);
	trace_reader_free(r);
	free(f);
}

/* ---- foreign files ---- */

static void test_foreign_files_are_named(void **state)
{
	(void)state;
	assert_refused_data("", 0, "is empty");
	assert_refused_data("hello, world\n", 13, "is text");
	assert_refused_data("a", 1, "is text");
	assert_refused_data("\x1f\x8b\x08\0\0\0\0\0", 8, "gzip");
	assert_refused_data("\x17\x08\x44tracing6\0", 12, "trace-cmd");
	assert_refused_data("\x7f\x45LF\x02\x01\x01\0", 8, "ELF");
	assert_refused_data("PERFILE2\x68\0\0\0", 12, "perf.data");
	assert_refused_data("\x0a\x0d\x0d\x0a\x1c\0\0\0", 8, "pcapng");
	assert_refused_data("NETFSNOO\x01\0\0\0\x10\0\0\0", 16, "decompressed trace");
	assert_refused_data("\0\x01\x02\x03\x04\x05", 6, "something else");
}

static void test_zstd_of_something_else(void **state)
{
	struct file *f = file_new();

	(void)state;
	append_zstd(f, "hello, world\n", 13, true);
	assert_refused(f, "zstd data of text");
	f = file_new();
	append_zstd(f, "", 0, true);
	assert_refused(f, "zstd data of something else");
	f = file_new();
	append_zstd(f, "hello, world\n", 13, false);
	assert_refused(f, "not a netfsnoop trace");
}

static void test_cut_before_the_first_block(void **state)
{
	struct file *f = make_trace(1, 3);

	(void)state;
	for (size_t len = 1; len < f->len; len++)
		assert_refused_data(f->data, len, "is cut before the end of its first block");
	f->data[f->len - 1] ^= 1;
	assert_refused(f, "first block is damaged");
}

static struct file *with_header(const struct trace_header *h)
{
	struct file *f = file_new();

	append_zstd(f, h, sizeof(*h), true);
	return f;
}

static void test_other_versions(void **state)
{
	struct trace_header h = make_header();

	(void)state;
	h.major = TRACE_MAJOR + 1;
	assert_refused(with_header(&h), "was written by a newer netfsnoop");
	h.major = TRACE_MAJOR - 1;
	assert_refused(with_header(&h), "was written by an older netfsnoop");
}

static void test_bad_headers(void **state)
{
	struct trace_header h = make_header();
	struct file *f = file_new();

	(void)state;
	append_zstd(f, &h, 12, true);
	assert_refused(f, "header is cut");
	h.header_size = 8;
	assert_refused(with_header(&h), "impossible size");
	h.header_size = 24;
	assert_refused(with_header(&h), "impossible size");
	h.header_size = UINT32_MAX - 7;
	assert_refused(with_header(&h), "impossible size");
}

static void test_newer_minor_with_a_longer_header(void **state)
{
	struct {
		struct trace_header h;
		uint64_t more;
		struct ev_sreq ev;
	} t = { make_header(), 42, make_sreq(3) };
	struct file *f = file_new();
	struct trace_reader *r;

	(void)state;
	t.h.minor = TRACE_MINOR + 1;
	t.h.header_size = sizeof(t.h) + sizeof(t.more);
	append_zstd(f, &t, sizeof(t), true);
	r = open_file(f);
	assert_next_sreq(r, 3);
	assert_end(r);
	assert_undamaged(r);
	trace_reader_free(r);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds_are_found_by_number),
		cmocka_unit_test(test_kinds_unknown_is_null),
		cmocka_unit_test(test_text_strings),
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
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_torn_tail_is_measured),
		cmocka_unit_test(test_tail_of_zeros_is_torn),
		cmocka_unit_test(test_every_flip),
		cmocka_unit_test(test_every_hole),
		cmocka_unit_test(test_damaged_frame_is_skipped),
		cmocka_unit_test(test_garbage_between_frames),
		cmocka_unit_test(test_skippable_frames_are_skipped),
		cmocka_unit_test(test_skippable_frame_first),
		cmocka_unit_test(test_skippable_frame_that_lies),
		cmocka_unit_test(test_frame_without_checksum_is_damage),
		cmocka_unit_test(test_too_large_a_frame_is_damage),
		cmocka_unit_test(test_largest_frame_is_taken),
		cmocka_unit_test(test_window_too_large_is_damage),
		cmocka_unit_test(test_hostile_resync_ends),
		cmocka_unit_test(test_longer_record_is_taken),
		cmocka_unit_test(test_shorter_record_is_zero_filled),
		cmocka_unit_test(test_every_kind_as_a_bare_header),
		cmocka_unit_test(test_unknown_kinds_are_counted),
		cmocka_unit_test(test_impossible_sizes_drop_the_rest_of_the_frame),
		cmocka_unit_test(test_less_than_a_header_left),
		cmocka_unit_test(test_text_without_nul_is_closed),
		cmocka_unit_test(test_text_without_a_byte_gets_its_nul),
		cmocka_unit_test(test_fixed_strings_are_closed),
		cmocka_unit_test(test_stack_count_fits_the_record),
		cmocka_unit_test(test_foreign_files_are_named),
		cmocka_unit_test(test_zstd_of_something_else),
		cmocka_unit_test(test_cut_before_the_first_block),
		cmocka_unit_test(test_other_versions),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_newer_minor_with_a_longer_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
