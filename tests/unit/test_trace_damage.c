// SPDX-License-Identifier: GPL-2.0-only
/* trace files that are damaged, and files that are no traces */
#include "trace_util.h"

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
	assert_refused_data("\0\x01\x02\x03\x04\x05", 6, "memory is not a netfsnoop trace");
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
	h.major = 0;
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
		cmocka_unit_test(test_foreign_files_are_named),
		cmocka_unit_test(test_zstd_of_something_else),
		cmocka_unit_test(test_cut_before_the_first_block),
		cmocka_unit_test(test_other_versions),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_newer_minor_with_a_longer_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
