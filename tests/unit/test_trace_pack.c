// SPDX-License-Identifier: GPL-2.0-only
/* Blocks by columns: nothing changes on the way there and back, and nothing is believed on the way back. */
#include <fcntl.h>

#include "trace/pack.h"
#include "trace/pack_layout.h"
#include "trace_util.h"

struct both {
	uint8_t *plain, *packed, *back;
	size_t len, packed_len;
};

static void both_free(struct both *b)
{
	free(b->plain);
	free(b->packed);
	free(b->back);
}

static struct both both_new(void)
{
	struct both b = { malloc(BLOCK_SIZE), malloc(PACKED_MAX(BLOCK_SIZE)), malloc(BLOCK_SIZE), 0,
			  0 };

	assert_true(b.plain && b.packed && b.back);
	return b;
}

static void add(struct both *b, const void *record, size_t size)
{
	assert_true(b->len + size <= BLOCK_SIZE);
	memcpy(b->plain + b->len, record, size);
	b->len += size;
}

static size_t pack_all(struct both *b)
{
	struct packer *p;

	assert_int_equal(packer_new(&p), 0);
	b->packed_len = pack(p, b->plain, b->len, b->packed);
	packer_free(p);
	return b->packed_len;
}

/* As the reader has them: no byte behind them, which the sanitizers see. */
static int unpack_copy(const uint8_t *packed, size_t packed_len, size_t len, uint8_t **ret)
{
	struct unpacker u = {};
	uint8_t *in = malloc(packed_len);
	int rc;

	*ret = calloc(1, len + 1);
	assert_true(in && *ret);
	memcpy(in, packed, packed_len);
	rc = unpack(&u, in, packed_len, *ret, len);
	unpacker_release(&u);
	free(in);
	return rc;
}

static void assert_comes_back(struct both *b)
{
	uint8_t *back;

	assert_true(pack_all(b) > 0);
	assert_true(b->packed_len <= PACKED_MAX(b->len));
	assert_int_equal(unpack_copy(b->packed, b->packed_len, b->len, &back), 0);
	assert_memory_equal(back, b->plain, b->len);
	free(back);
}

static void test_no_record(void **state)
{
	struct both b = both_new();

	(void)state;
	assert_comes_back(&b);
	both_free(&b);
}

static void test_one_record(void **state)
{
	struct both b = both_new();
	struct ev_sreq ev = make_sreq(7);

	(void)state;
	add(&b, &ev, sizeof(ev));
	assert_comes_back(&b);
	both_free(&b);
}

static void test_times_go_back_and_wrap(void **state)
{
	static const uint64_t ts[] = { 5, 4, UINT64_MAX, 0, 1ULL << 63, 3, 3 };
	struct both b = both_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ts); i++) {
		struct ev_sreq ev = make_sreq(i);

		ev.hdr.ts = ts[i];
		add(&b, &ev, sizeof(ev));
	}
	assert_comes_back(&b);
	both_free(&b);
}

/* Deterministic, and every byte of it matters. */
static uint32_t noise(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void test_any_bytes(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct both b = both_new();
		int nr = 1 + noise(&seed) % 300, kinds = 1 + noise(&seed) % 40;

		for (int i = 0; i < nr; i++) {
			uint8_t record[256] = {};
			struct ev_hdr *ev = (void *)record;

			for (size_t k = 0; k < sizeof(record); k++)
				record[k] = noise(&seed) % 4 ? 0 : noise(&seed);
			ev->kind = noise(&seed) % kinds;
			ev->size = 24 + ev->kind % 30 * 8;
			ev->probe = noise(&seed) % 3;
			ev->flags = 0;
			add(&b, record, ev->size);
		}
		assert_comes_back(&b);
		both_free(&b);
	}
}

static void test_too_many_shapes_stay_as_they_are(void **state)
{
	struct both b = both_new();

	(void)state;
	for (int i = 0; i < 2 * MAX_SHAPES; i++) {
		struct ev_hdr ev = { .size = sizeof(ev), .kind = EV_RREQ, .probe = i, .ts = i };

		add(&b, &ev, sizeof(ev));
		add(&b, &ev, sizeof(ev));
	}
	assert_comes_back(&b);
	both_free(&b);
}

static void test_no_byte_is_believed(void **state)
{
	const struct ev_tick tick = { .hdr = { .size = sizeof(tick), .kind = EV_TICK } };
	struct both b = both_new();
	uint8_t *back;

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct ev_sreq ev = make_sreq(i * 1000);
		struct ev_ref ref = { .hdr = { .size = sizeof(ref), .kind = EV_REF, .ts = i },
				      .ref = i };

		add(&b, &ev, sizeof(ev));
		add(&b, &ref, sizeof(ref));
		if (i % 7 == 0)
			add(&b, &tick, sizeof(tick));
	}
	assert_comes_back(&b);
	for (size_t len = 0; len < b.packed_len; len++) {
		assert_int_equal(unpack_copy(b.packed, len, b.len, &back), -EBADMSG);
		free(back);
	}
	assert_int_equal(unpack_copy(b.packed, b.packed_len, b.len - 8, &back), -EBADMSG);
	free(back);
	for (size_t i = 0; i < 8 * b.packed_len; i++) {
		int rc;

		b.packed[i / 8] ^= 1 << i % 8;
		rc = unpack_copy(b.packed, b.packed_len, b.len, &back);
		assert_true(!rc || rc == -EBADMSG);
		free(back);
		b.packed[i / 8] ^= 1 << i % 8;
	}
	both_free(&b);
}

/* ---- as files ---- */

static struct trace_reader *open_path(const char *path)
{
	struct trace_reader *r;
	struct err err = {};

	if (trace_reader_open(&r, path, &err))
		fail_msg("%s", err.text);
	return r;
}

static char *written_anew(const char *path)
{
	struct trace_reader *r = open_path(path);
	char *copy = strdup("/tmp/netfsnoop-pack-XXXXXX");
	const struct ev_hdr *ev;
	struct trace_writer *w;

	assert_int_equal(trace_writer_new(&w, mkstemp(copy), 1), 0);
	while (trace_reader_next(r, &ev) == 1)
		assert_int_equal(trace_writer_add(w, ev), 0);
	assert_int_equal(trace_writer_close(w), 0);
	trace_reader_free(r);
	return copy;
}

static void assert_same(const char *old, const char *new)
{
	struct trace_reader *was = open_path(old), *is = open_path(new);
	const struct ev_hdr *a, *b;
	unsigned int n = 0;

	while (trace_reader_next(was, &a) == 1) {
		assert_int_equal(trace_reader_next(is, &b), 1);
		assert_int_equal(a->size, b->size);
		assert_memory_equal(a, b, a->size);
		n++;
	}
	assert_int_equal(trace_reader_next(is, &b), 0);
	assert_true(n > 100);
	trace_reader_free(was);
	trace_reader_free(is);
}

/* Recordings of real kernels, made before blocks were packed. */
static void test_recordings_come_back(void **state)
{
	static const char *const golden[] = { "tests/golden/6.1-mixed.nsn",
					      "tests/golden/6.12-mixed.nsn",
					      "tests/golden/7.3-mixed.nsn" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(golden); i++) {
		char *copy = written_anew(golden[i]);

		assert_same(golden[i], copy);
		unlink(copy);
		free(copy);
	}
}

/* What `zstd -d` makes of it. */
static struct file *decompressed(const struct file *f)
{
	struct file *raw = file_new();
	size_t pos = 0;

	while (pos < f->len) {
		size_t size = ZSTD_findFrameCompressedSize(f->data + pos, f->len - pos);

		assert_false(ZSTD_isError(size));
		raw->len += ZSTD_decompress(raw->data + raw->len, sizeof(raw->data) - raw->len,
					    f->data + pos, size);
		pos += size;
	}
	return raw;
}

/* `zstd -d | zstd --check`: all blocks in one frame. */
static void test_compressed_anew(void **state)
{
	struct file *f = write_trace(3, 50), *raw = decompressed(f), *one = file_new();
	struct trace_reader *r;

	(void)state;
	append_zstd(one, raw->data, raw->len, true);
	r = open_file(one);
	assert_int_equal(count_sreqs(r), 150);
	assert_undamaged(r);
	trace_reader_free(r);
	free(f);
	free(raw);
	free(one);
}

static uint64_t count_lost(struct trace_reader *r, unsigned int *ret_records)
{
	const struct ev_hdr *ev;
	uint64_t lost = 0;

	*ret_records = 0;
	while (trace_reader_next(r, &ev) == 1) {
		if (ev->kind == EV_LOST)
			lost += ((const struct ev_lost *)ev)->count;
		else
			(*ret_records)++;
	}
	return lost;
}

/* ... and cut before that: whole blocks are read, the rest is missed. */
static void test_compressed_anew_and_cut(void **state)
{
	struct file *f = write_trace(3, 50), *raw = decompressed(f);

	(void)state;
	for (size_t cut = 1; cut < raw->len / 2; cut += 7) {
		struct file *one = file_new();
		struct trace_reader *r;
		unsigned int records;
		uint64_t lost;

		append_zstd(one, raw->data, raw->len - cut, true);
		r = open_file(one);
		lost = count_lost(r, &records);
		assert_true(records % 50 == 0 && records >= 50);
		assert_true(records == 150 || (lost && is_damaged(trace_reader_damage(r))));
		trace_reader_free(r);
		free(one);
	}
	free(f);
	free(raw);
}

/* Of a block of these numbers two records, plain. */
static struct file *add_short_block(struct file *f, bool header, uint64_t seq, uint64_t next,
				    uint64_t first, uint64_t nr)
{
	const struct ev_block mark = {
		.hdr = { .size = sizeof(mark), .kind = EV_BLOCK },
		.id = 1,
		.seq = seq,
		.next = next,
		.first = first,
		.nr = nr,
	};
	struct file *raw = file_new();
	struct trace_header h = make_header();

	if (header) {
		memcpy(raw->data, &h, sizeof(h));
		raw->len = sizeof(h);
	}
	memcpy(raw->data + raw->len, &mark, sizeof(mark));
	raw->len += sizeof(mark);
	for (uint64_t n = first; n < first + 2; n++) {
		struct ev_sreq ev = make_sreq(n);

		memcpy(raw->data + raw->len, &ev, sizeof(ev));
		raw->len += sizeof(ev);
	}
	append_zstd(f, raw->data, raw->len, true);
	free(raw);
	return f;
}

/* Somebody took records out, and left the numbers: of what `dump --raw` has written, say. */
static void test_block_has_fewer_records(void **state)
{
	struct file *f = add_short_block(file_new(), true, 1, 2, 0, 5);
	struct trace_reader *r;
	unsigned int records;

	(void)state;
	add_short_block(f, false, 2, 3, 5, 2);
	add_short_block(f, false, 3, 0, 7, 3);
	r = open_file(f);
	assert_int_equal(count_lost(r, &records), 3 + 1);
	assert_int_equal(records, 6);
	assert_int_equal(trace_reader_damage(r)->short_blocks, 2);
	trace_reader_free(r);
	free(f);
}

/* The content is whole, and says what cannot be: a damaged frame. */
static void test_impossible_block_is_a_bad_frame(void **state)
{
	const struct ev_block mark = { .hdr = { .size = sizeof(mark), .kind = EV_BLOCK },
				       .seq = 2,
				       .packed = 8,
				       .plain = 88 };
	struct file *f = write_trace(1, 10);
	uint8_t raw[sizeof(mark) + 8] = {};
	struct trace_reader *r;
	const struct ev_hdr *ev;

	(void)state;
	memcpy(raw, &mark, sizeof(mark));
	append_zstd(f, raw, sizeof(raw), true);
	r = open_file(f);
	while (trace_reader_next(r, &ev) == 1)
		;
	assert_int_equal(trace_reader_damage(r)->bad_frames, 1);
	trace_reader_free(r);
	free(f);
}

/* A few bytes that claim to be very many. */
static void test_cannot_grow_without_end(void **state)
{
	const struct ev_block mark = { .hdr = { .size = sizeof(mark), .kind = EV_BLOCK },
				       .seq = 2,
				       .packed = 16,
				       .plain = 0xfffffff8 };
	struct file *f = wrap(&mark, sizeof(mark));
	struct trace_reader *r = NULL;
	struct err err = { "" };

	(void)state;
	assert_int_equal(trace_reader_open_mem(&r, f->data, f->len, &err), -EBADMSG);
	free(f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_record),
		cmocka_unit_test(test_one_record),
		cmocka_unit_test(test_times_go_back_and_wrap),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_too_many_shapes_stay_as_they_are),
		cmocka_unit_test(test_no_byte_is_believed),
		cmocka_unit_test(test_recordings_come_back),
		cmocka_unit_test(test_compressed_anew),
		cmocka_unit_test(test_compressed_anew_and_cut),
		cmocka_unit_test(test_block_has_fewer_records),
		cmocka_unit_test(test_impossible_block_is_a_bad_frame),
		cmocka_unit_test(test_cannot_grow_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
