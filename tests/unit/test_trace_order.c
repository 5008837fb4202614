// SPDX-License-Identifier: GPL-2.0-only
/* What is damaged, missing or in the wrong place is a loss of all probes, in its place in the
 * stream. */
#include "trace_util.h"

#define FRAMES 5u
#define EACH   4u

/* A file in pieces: its frames, the last of which says that it is. */
struct pieces {
	struct file *f;
	size_t at[16];
	unsigned int nr;
};

static struct pieces cut_up(struct file *f)
{
	struct pieces p = { .f = f };

	for (size_t at = 0; at < f->len; p.nr++) {
		p.at[p.nr] = at;
		at += ZSTD_findFrameCompressedSize(f->data + at, f->len - at);
	}
	p.at[p.nr] = f->len;
	return p;
}

static void append_piece(struct file *to, const struct pieces *p, unsigned int i)
{
	memcpy(to->data + to->len, p->f->data + p->at[i], p->at[i + 1] - p->at[i]);
	to->len += p->at[i + 1] - p->at[i];
}

/* What a reader says of a file. */
struct said {
	unsigned int records, losses;
	struct ev_lost lost; /* the last */
	uint64_t before;     /* time of the record before it */
	struct trace_damage damage;
};

static struct said read_all(const struct file *f)
{
	struct trace_reader *r = open_file(f);
	const struct ev_hdr *ev;
	struct said said = { 0 };
	uint64_t last = 0;

	while (trace_reader_next(r, &ev) == 1) {
		if (ev->kind == EV_LOST) {
			said.losses++;
			memcpy(&said.lost, ev, sizeof(said.lost));
			said.before = last;
			assert_int_equal(ev->probe, EV_ANY_PROBE);
			assert_true(said.lost.count);
			continue;
		}
		assert_sreq(ev, ev->ts);
		assert_true(!said.records || ev->ts > last);
		last = ev->ts;
		said.records++;
	}
	said.damage = *trace_reader_damage(r);
	trace_reader_free(r);
	return said;
}

static void assert_lost(const struct said *s, enum ev_lost_why why, unsigned int count, bool exact,
			uint64_t from, uint64_t to)
{
	assert_int_equal(s->losses, 1);
	assert_int_equal(s->lost.why, why);
	assert_int_equal(s->lost.count, count);
	assert_int_equal(s->lost.at_least, !exact);
	assert_int_equal(s->lost.from, from);
	assert_int_equal(s->lost.to, to);
	assert_int_equal(s->lost.hdr.ts, s->before); /* it stands where it begins */
	assert_true(is_damaged(&s->damage));
}

static void test_whole(void **state)
{
	struct file *f = write_trace(FRAMES, EACH);
	struct said s = read_all(f);

	(void)state;
	assert_int_equal(s.records, FRAMES * EACH);
	assert_int_equal(s.losses, 0);
	assert_false(is_damaged(&s.damage));
	free(f);
}

/* Each frame but the first, without which there is no trace. */
static void test_frame_removed(void **state)
{
	struct file *f = write_trace(FRAMES, EACH);
	struct pieces p = cut_up(f);

	(void)state;
	assert_int_equal(p.nr, FRAMES + 1);
	for (unsigned int gone = 1; gone < p.nr; gone++) {
		struct file *t = file_new();
		struct said s;

		for (unsigned int i = 0; i < p.nr; i++)
			if (i != gone)
				append_piece(t, &p, i);
		s = read_all(t);
		if (gone < FRAMES - 1)
			assert_lost(&s, EV_LOST_MISSING, EACH, true, gone * EACH - 1,
				    (gone + 1) * EACH);
		else if (gone == FRAMES - 1) /* nothing but the last block's number is behind it */
			assert_lost(&s, EV_LOST_MISSING, EACH, true, gone * EACH - 1,
				    gone * EACH - 1);
		else
			assert_lost(&s, EV_LOST_END, 1, false, FRAMES * EACH - 1,
				    FRAMES * EACH - 1);
		assert_int_equal(s.damage.missing_blocks, gone < FRAMES);
		assert_int_equal(s.damage.no_end, gone == FRAMES);
		free(t);
	}
	free(f);
}

static void test_frames_swapped(void **state)
{
	struct file *f = write_trace(FRAMES, EACH);
	struct pieces p = cut_up(f);

	(void)state;
	for (unsigned int a = 1; a + 1 < FRAMES; a++) {
		struct file *t = file_new();
		struct said s;

		for (unsigned int i = 0; i < p.nr; i++)
			append_piece(t, &p, i == a ? a + 1 : i == a + 1 ? a : i);
		s = read_all(t);
		assert_lost(&s, EV_LOST_MISSING, EACH, true, a * EACH - 1, (a + 1) * EACH);
		assert_int_equal(s.records, (FRAMES - 1) * EACH);
		assert_int_equal(s.damage.misplaced_blocks, 1);
		free(t);
	}
	free(f);
}

/* Nothing is lost, but the file is not as it was written. */
static void test_frame_doubled(void **state)
{
	struct file *f = write_trace(FRAMES, EACH);
	struct pieces p = cut_up(f);

	(void)state;
	for (unsigned int twice = 0; twice < p.nr; twice++) {
		struct file *t = file_new();
		struct said s;

		for (unsigned int i = 0; i < p.nr; i++) {
			append_piece(t, &p, i);
			if (i == twice)
				append_piece(t, &p, i);
		}
		s = read_all(t);
		assert_int_equal(s.losses, 0);
		assert_int_equal(s.records, FRAMES * EACH);
		assert_int_equal(s.damage.misplaced_blocks, 1);
		free(t);
	}
	free(f);
}

static void test_second_trace_is_left_out(void **state)
{
	struct file *f = write_trace(FRAMES, EACH), *other = write_trace(1, EACH);
	struct said s;

	(void)state;
	memcpy(f->data + f->len, other->data, other->len);
	f->len += other->len;
	s = read_all(f);
	assert_int_equal(s.records, FRAMES * EACH);
	assert_int_equal(s.losses, 0);
	assert_true(s.damage.second_trace);
	assert_true(is_damaged(&s.damage));
	free(other);
	free(f);
}

static void test_frame_of_another_trace_is_left_out(void **state)
{
	struct file *f = write_trace(FRAMES, EACH), *other = write_trace(FRAMES, EACH);
	struct pieces p = cut_up(f), o = cut_up(other);
	struct file *t = file_new();
	struct said s;

	(void)state;
	for (unsigned int i = 0; i < p.nr; i++)
		append_piece(t, i == 2 ? &o : &p, i);
	s = read_all(t);
	assert_lost(&s, EV_LOST_FOREIGN, EACH, true, 2 * EACH - 1, 3 * EACH);
	assert_int_equal(s.damage.foreign_blocks, 1);
	free(t);
	free(other);
	free(f);
}

static void test_damaged_frame_is_counted(void **state)
{
	struct file *f = write_trace(FRAMES, EACH);
	struct pieces p = cut_up(f);

	(void)state;
	for (size_t i = p.at[1]; i < f->len; i++) {
		struct said s;

		f->data[i] ^= 0x08;
		s = read_all(f);
		f->data[i] ^= 0x08;
		if (!s.losses) { /* the bit changes nothing in what the frame holds */
			assert_true(s.records == FRAMES * EACH && s.damage.altered_blocks == 1);
			continue;
		}
		assert_int_equal(s.losses, 1);
		assert_true(s.lost.at_least || s.lost.count == FRAMES * EACH - s.records);
		assert_true(s.lost.from == s.before && s.lost.to >= s.lost.from);
	}
	free(f);
}

/* Of a file that is cut anywhere it is said that its end is missing, and nothing else. */
static void test_every_prefix_has_no_end(void **state)
{
	struct file *f = write_trace(FRAMES, EACH);
	struct pieces p = cut_up(f);
	size_t whole = f->len;

	(void)state;
	for (f->len = p.at[1]; f->len < whole; f->len++) {
		struct said s = read_all(f);

		assert_lost(&s, EV_LOST_END, 1, false, s.before, s.before);
		assert_true(s.damage.no_end);
	}
	free(f);
}

static void test_garbage_costs_nothing(void **state)
{
	struct file *f = write_trace(FRAMES, EACH);
	struct pieces p = cut_up(f);
	struct file *t = file_new();
	struct said s;

	(void)state;
	for (unsigned int i = 0; i < p.nr; i++) {
		append_piece(t, &p, i);
		memset(t->data + t->len, '.', 100);
		t->len += 100;
	}
	s = read_all(t);
	assert_int_equal(s.losses, 0);
	assert_int_equal(s.records, FRAMES * EACH);
	assert_true(is_damaged(&s.damage));
	free(t);
	free(f);
}

/* zstd -d | zstd --check: all blocks in one frame */
static void test_compressed_anew(void **state)
{
	struct file *f = write_trace(FRAMES, EACH), *raw = file_new(), *t = file_new();
	struct pieces p = cut_up(f);
	struct said s;

	(void)state;
	for (unsigned int i = 0; i < p.nr; i++)
		raw->len += ZSTD_decompress(raw->data + raw->len, MAX_FILE - raw->len,
					    f->data + p.at[i], p.at[i + 1] - p.at[i]);
	append_zstd(t, raw->data, raw->len, true);
	s = read_all(t);
	assert_int_equal(s.records, FRAMES * EACH);
	assert_int_equal(s.losses, 0);
	assert_false(is_damaged(&s.damage));
	/* and without the last */
	t->len = 0;
	append_zstd(t, raw->data, raw->len - sizeof(struct ev_block), true);
	s = read_all(t);
	assert_lost(&s, EV_LOST_END, 1, false, s.before, s.before);
	free(f);
	free(raw);
	free(t);
}

static void test_part_of_a_trace_is_named(void **state)
{
	struct file *f = write_trace(FRAMES, EACH);
	struct pieces p = cut_up(f);

	(void)state;
	assert_refused_data(f->data + p.at[1], f->len - p.at[1], "its beginning is missing");
	/* tail -c: in the middle of a block, and a whole one behind it */
	assert_refused_data(f->data + p.at[1] - 9, f->len - p.at[1] + 9,
			    "its beginning is missing");
	free(f);
}

/* ---- before format 1.2 ---- */

static void append_stop(struct file *f, uint64_t ts)
{
	struct ev_mark_rec stop = { .hdr = { .size = sizeof(stop), .kind = EV_MARK, .ts = ts },
				    .mark = EV_MARK_STOP };

	append_zstd(f, &stop, sizeof(stop), true);
}

static struct said read_old(const struct file *f)
{
	struct trace_reader *r = open_file(f);
	const struct ev_hdr *ev;
	struct said said = { 0 };

	while (trace_reader_next(r, &ev) == 1) {
		said.records += ev->kind == EV_SREQ;
		said.losses += ev->kind == EV_LOST;
		if (ev->kind == EV_LOST)
			memcpy(&said.lost, ev, sizeof(said.lost));
	}
	said.damage = *trace_reader_damage(r);
	trace_reader_free(r);
	return said;
}

static void test_old_trace(void **state)
{
	struct file *f = make_trace(FRAMES, EACH);
	struct said s = read_old(f);

	(void)state;
	assert_int_equal(s.losses, 1);
	assert_int_equal(s.lost.why, EV_LOST_END);
	append_stop(f, 1000);
	s = read_old(f);
	assert_int_equal(s.losses, 0);
	assert_false(is_damaged(&s.damage));
	f->data[f->len / 2] ^= 1;
	s = read_old(f);
	assert_int_equal(s.losses, 1);
	assert_int_equal(s.lost.why, EV_LOST_DAMAGED);
	assert_true(s.lost.at_least);
	free(f);
}

static void test_old_frames_twice_or_late(void **state)
{
	struct file *f = make_trace(FRAMES, EACH), *t = file_new(), *u = file_new();
	struct pieces p = cut_up(f);
	struct said s;

	(void)state;
	for (unsigned int i = 0; i < p.nr; i++) {
		append_piece(t, &p, i);
		append_piece(u, &p, i == 2 ? 3 : i == 3 ? 2 : i);
		if (i == 2)
			append_piece(t, &p, i);
	}
	append_stop(t, 1000);
	append_stop(u, 1000);
	s = read_old(t);
	assert_int_equal(s.records, FRAMES * EACH);
	assert_int_equal(s.damage.misplaced_blocks, 1);
	s = read_old(u);
	assert_int_equal(s.records, (FRAMES - 1) * EACH);
	assert_int_equal(s.damage.misplaced_blocks, 1);
	assert_int_equal(s.lost.why, EV_LOST_MISPLACED);
	free(f);
	free(t);
	free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_frame_removed),
		cmocka_unit_test(test_frames_swapped),
		cmocka_unit_test(test_frame_doubled),
		cmocka_unit_test(test_second_trace_is_left_out),
		cmocka_unit_test(test_frame_of_another_trace_is_left_out),
		cmocka_unit_test(test_damaged_frame_is_counted),
		cmocka_unit_test(test_every_prefix_has_no_end),
		cmocka_unit_test(test_garbage_costs_nothing),
		cmocka_unit_test(test_compressed_anew),
		cmocka_unit_test(test_part_of_a_trace_is_named),
		cmocka_unit_test(test_old_trace),
		cmocka_unit_test(test_old_frames_twice_or_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
