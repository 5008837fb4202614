// SPDX-License-Identifier: GPL-2.0-only
/* records of other versions and of nobody's */
#include "trace_util.h"

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
	assert_false(ev_kind_info(EV_HITS)->text);
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
		const struct ev_hdr *ev;

		if (hdr.kind == EV_BLOCK) { /* the reader's own */
			assert_end(r);
			trace_reader_free(r);
			free(f);
			continue;
		}
		ev = only_record(r);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds_are_found_by_number),
		cmocka_unit_test(test_kinds_unknown_is_null),
		cmocka_unit_test(test_text_strings),
		cmocka_unit_test(test_longer_record_is_taken),
		cmocka_unit_test(test_shorter_record_is_zero_filled),
		cmocka_unit_test(test_every_kind_as_a_bare_header),
		cmocka_unit_test(test_unknown_kinds_are_counted),
		cmocka_unit_test(test_impossible_sizes_drop_the_rest_of_the_frame),
		cmocka_unit_test(test_less_than_a_header_left),
		cmocka_unit_test(test_text_without_nul_is_closed),
		cmocka_unit_test(test_text_without_a_byte_gets_its_nul),
		cmocka_unit_test(test_fixed_strings_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
