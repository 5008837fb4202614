/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the trace layer share: small traces in memory, whole or made up. */
#ifndef NETFSNOOP_TRACE_UTIL_H
#define NETFSNOOP_TRACE_UTIL_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include <cmocka.h>

#include "trace/trace.h"

#define MAX_FILE (1 << 20)

struct file {
	size_t len;
	uint8_t data[MAX_FILE];
};

static inline int temp_file(void)
{
	char path[] = "/tmp/netfsnoop-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	return fd;
}

static inline struct file *file_new(void)
{
	struct file *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	return f;
}

static inline struct file *slurp(int fd)
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
static inline struct ev_sreq make_sreq(uint64_t n)
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

static inline void add_sreqs(struct trace_writer *w, uint64_t from, uint64_t to)
{
	for (uint64_t n = from; n < to; n++) {
		struct ev_sreq ev = make_sreq(n);

		assert_int_equal(trace_writer_add(w, &ev.hdr), 0);
	}
}

/* frames of the given number of records each, and one that says it is the last */
static inline struct file *write_trace(unsigned int frames, unsigned int per_frame)
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

static inline void append_zstd(struct file *f, const void *data, size_t len, bool checksum)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();
	size_t n;

	ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, checksum);
	n = ZSTD_compress2(z, f->data + f->len, sizeof(f->data) - f->len, data, len);
	assert_false(ZSTD_isError(n));
	f->len += n;
	ZSTD_freeCCtx(z);
}

static inline struct trace_header make_header(void)
{
	struct trace_header h = {
		.major = TRACE_MAJOR,
		.minor = TRACE_MINOR,
		.header_size = sizeof(h),
	};

	memcpy(h.magic, TRACE_MAGIC, sizeof(h.magic));
	return h;
}

/* Frames of the given number of records each, without numbers, as they were before format 1.2. */
static inline struct file *make_trace(unsigned int frames, unsigned int per_frame)
{
	struct file *raw = file_new(), *f = file_new();
	struct trace_header h = make_header();

	memcpy(raw->data, &h, sizeof(h));
	raw->len = sizeof(h);
	for (unsigned int i = 0; i < frames; i++, raw->len = 0) {
		for (unsigned int n = i * per_frame; n < (i + 1) * per_frame; n++) {
			struct ev_sreq ev = make_sreq(n);

			memcpy(raw->data + raw->len, &ev, sizeof(ev));
			raw->len += sizeof(ev);
		}
		append_zstd(f, raw->data, raw->len, true);
	}
	free(raw);
	return f;
}

/* A frame of the header and of these bytes, whatever they are. */
static inline struct file *wrap(const void *records, size_t len)
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

static inline struct trace_reader *open_file(const struct file *f)
{
	struct trace_reader *r = NULL;
	struct err err = { "" };

	assert_int_equal(trace_reader_open_mem(&r, f->data, f->len, &err), 0);
	return r;
}

static inline void assert_sreq(const struct ev_hdr *ev, uint64_t n)
{
	struct ev_sreq want = make_sreq(n);

	assert_int_equal(ev->size, sizeof(want));
	assert_memory_equal(ev, &want, sizeof(want));
}

/* What the reader says of losses is looked at by test_trace_order.c. */
static inline int next_but_lost(struct trace_reader *r, const struct ev_hdr **ret_ev)
{
	int rc;

	do {
		rc = trace_reader_next(r, ret_ev);
	} while (rc == 1 && (*ret_ev)->kind == EV_LOST && (*ret_ev)->probe == EV_ANY_PROBE);
	return rc;
}

static inline void assert_next_sreq(struct trace_reader *r, uint64_t n)
{
	const struct ev_hdr *ev;

	assert_int_equal(next_but_lost(r, &ev), 1);
	assert_sreq(ev, n);
}

static inline void assert_end(struct trace_reader *r)
{
	const struct ev_hdr *ev;

	assert_int_equal(next_but_lost(r, &ev), 0);
	assert_int_equal(trace_reader_next(r, &ev), 0);
}

/* Files made by hand have no end. */
static inline void assert_undamaged(const struct trace_reader *r)
{
	const struct trace_damage *d = trace_reader_damage(r);

	assert_int_equal(d->torn_bytes, 0);
	assert_int_equal(d->bad_frames, 0);
	assert_int_equal(d->bad_records, 0);
	assert_int_equal(d->unknown_records, 0);
	assert_int_equal(d->missing_blocks + d->misplaced_blocks + d->foreign_blocks, 0);
	assert_true(d->first_bad_offset == UINT64_MAX);
}

/* Reads all that is left; every record must be a right one, in order. Returns how many. */
static inline unsigned int count_sreqs(struct trace_reader *r)
{
	const struct ev_hdr *ev;
	uint64_t last = 0;
	unsigned int n = 0;
	int rc;

	while ((rc = next_but_lost(r, &ev)) > 0) {
		assert_sreq(ev, ev->ts);
		assert_true(!n || ev->ts > last);
		last = ev->ts;
		n++;
	}
	assert_int_equal(rc, 0);
	return n;
}

static inline const struct ev_hdr *only_record(struct trace_reader *r)
{
	const struct ev_hdr *ev;

	assert_int_equal(trace_reader_next(r, &ev), 1);
	return ev;
}

static inline void assert_refused_data(const void *data, size_t len, const char *why)
{
	struct trace_reader *r = NULL;
	struct err err = { "" };

	assert_int_equal(trace_reader_open_mem(&r, data, len, &err), -EBADMSG);
	assert_null(r);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static inline void assert_refused(struct file *f, const char *why)
{
	assert_refused_data(f->data, f->len, why);
	free(f);
}

#endif
