// SPDX-License-Identifier: GPL-2.0-only
/*
 * Damaged traces: nothing may be found a violation that is none in the whole trace, and never may it
 * look as if nothing were missing. Small recordings here, in blocks of a few records; more and
 * bigger ones by hand: make test-damage TRACES="..." DAMAGE=2000.
 */
#include <unistd.h>

#include "base/fnv.h"
#include "check_util.h"
#include "trace/trace.h"
#include "trace_util.h"

#define MAX_VIOLATIONS 64

struct violation {
	const char *check, *kind;
	uint32_t rreq, sreq;
};

struct judged {
	struct violation list[MAX_VIOLATIONS];
	size_t nr;
	bool sound;	  /* neither a loss nor damage is said */
	uint64_t records; /* hash of all that was read */
};

/* A trace in memory, as blocks. */
struct blocks {
	uint8_t *data;
	size_t len;
	size_t *at; /* at[nr] is len */
	size_t nr;
};

static unsigned long runs, refused;

/* ---- judging ---- */

static void note(struct judged *v, const struct finding *f)
{
	if (f->verdict != VERDICT_VIOLATION)
		return;
	assert_true(v->nr < MAX_VIOLATIONS);
	v->list[v->nr++] = (struct violation){ f->check->id, f->kind, f->rreq, f->sreq };
}

/* false: the file is refused */
static bool judge(const uint8_t *data, size_t len, struct judged *ret)
{
	struct trace_reader *r = NULL;
	struct model *m;
	struct engine *e;
	const struct ev_hdr *ev;

	*ret = (struct judged){ 0 };
	runs++;
	if (trace_reader_open_mem(&r, data, len, NULL)) {
		refused++;
		return false;
	}
	assert_int_equal(model_new(&m, NULL), 0);
	assert_int_equal(engine_new(&e, m, NULL), 0);
	assert_int_equal(model_listen(m, engine_listener(e)), 0);
	ret->records = FNV_START;
	while (trace_reader_next(r, &ev) == 1) {
		ret->records = fnv(ret->records, ev, ev->size);
		assert_int_equal(model_feed(m, ev), 0);
	}
	assert_int_equal(model_finish(m), 0);
	assert_int_equal(engine_finish(e), 0);
	for (const struct finding *f = engine_findings(e); f; f = f->next)
		note(ret, f);
	ret->sound = !model_recording(m)->lost && !is_damaged(trace_reader_damage(r));
	engine_free(e);
	model_free(m);
	trace_reader_free(r);
	return true;
}

static bool has(const struct judged *v, const struct violation *x)
{
	for (size_t i = 0; i < v->nr; i++)
		if (!strcmp(v->list[i].check, x->check) && !strcmp(v->list[i].kind, x->kind) &&
		    v->list[i].rreq == x->rreq && v->list[i].sreq == x->sreq)
			return true;
	return false;
}

static void assert_honest(const struct judged *whole, const uint8_t *data, size_t len,
			  const char *what, size_t where)
{
	struct judged v;

	if (!judge(data, len, &v))
		return;
	/* a bit may change nothing in what its frame holds; of the last no other has a hash */
	if (v.sound && v.records != whole->records)
		fail_msg("%s at %zu: no loss is said", what, where);
	for (size_t i = 0; i < v.nr; i++)
		if (!has(whole, &v.list[i]))
			fail_msg("%s at %zu: %s %s of R=%x[%x]", what, where, v.list[i].check,
				 v.list[i].kind, v.list[i].rreq, v.list[i].sreq);
}

/* ---- making traces ---- */

struct writing {
	struct trace_writer *w;
	unsigned int per_block, nr;
};

static void write_record(void *ctx, const struct ev_hdr *ev)
{
	struct writing *to = ctx;

	assert_int_equal(trace_writer_add(to->w, ev), 0);
	/* what explains the others is in the first block, as a recorder has it */
	if (ev->kind >= EV_META && ev->kind != EV_MARK && ev->kind != EV_TICK && !to->nr)
		return;
	if (++to->nr % to->per_block == 0)
		assert_int_equal(trace_writer_flush(to->w, false), 0);
}

static struct blocks blocks_of(int fd)
{
	struct blocks b = { 0 };
	size_t room = 0;

	b.len = lseek(fd, 0, SEEK_END);
	b.data = malloc(b.len);
	assert_non_null(b.data);
	assert_int_equal(pread(fd, b.data, b.len, 0), b.len);
	close(fd);
	for (size_t at = 0;; b.nr++) {
		if (b.nr == room) {
			room = 2 * room + 64;
			b.at = realloc(b.at, room * sizeof(*b.at));
			assert_non_null(b.at);
		}
		b.at[b.nr] = at;
		if (at == b.len)
			break;
		at += ZSTD_findFrameCompressedSize(b.data + at, b.len - at);
	}
	return b;
}

static void blocks_free(struct blocks *b)
{
	free(b->data);
	free(b->at);
}

/* A recording again, in blocks of so many records. */
static struct blocks reframe(const char *path, unsigned int per_block)
{
	struct writing to = { .per_block = per_block };
	struct trace_reader *r;
	const struct ev_hdr *ev;
	struct err err;
	int fd = temp_file();

	if (trace_reader_open(&r, path, &err))
		fail_msg("%s", err.text);
	assert_int_equal(trace_writer_new(&to.w, dup(fd), 1), 0);
	while (trace_reader_next(r, &ev) == 1)
		write_record(&to, ev);
	assert_false(is_damaged(trace_reader_damage(r)));
	trace_reader_free(r);
	assert_int_equal(trace_writer_close(to.w), 0);
	return blocks_of(fd);
}

/* ---- damaging them ---- */

static uint64_t seed = 88172645463325252u;

static uint64_t any(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static void flip(struct blocks *b, const struct judged *whole, size_t bit)
{
	b->data[bit / 8] ^= 1 << bit % 8;
	assert_honest(whole, b->data, b->len, "bit", bit);
	b->data[bit / 8] ^= 1 << bit % 8;
}

static void flips(struct blocks *b, const struct judged *whole, size_t n, bool thorough)
{
	size_t end = 8 * (b->len < 4096 ? b->len : 4096);

	for (size_t bit = 0; bit < end; bit += thorough ? 1 : 61)
		flip(b, whole, bit);
	for (size_t i = 0; i < n; i++)
		flip(b, whole, any(8 * b->len));
}

/* Of what ends within a block nothing is used: one byte of each is like all. */
static void truncations(const struct blocks *b, const struct judged *whole, bool every_byte)
{
	for (size_t i = 0; i < b->nr; i++)
		for (size_t len = b->at[i]; len < b->at[i + 1];
		     len += every_byte || len == b->at[i] ? 1 : b->at[i + 1] - len)
			assert_honest(whole, b->data, len, "cut", len);
}

static size_t put(uint8_t *to, size_t len, const struct blocks *b, size_t i)
{
	memcpy(to + len, b->data + b->at[i], b->at[i + 1] - b->at[i]);
	return len + b->at[i + 1] - b->at[i];
}

enum shuffle { REMOVED, SWAPPED, DOUBLED, BROKEN, SHUFFLES };

static size_t shuffle(uint8_t *to, const struct blocks *b, enum shuffle how, size_t at, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < b->nr; i++) {
		size_t from = i;

		if (how == REMOVED && i >= at && i < at + n)
			continue;
		if (how == SWAPPED && at + n < b->nr)
			from = i == at ? at + n : i == at + n ? at : i;
		len = put(to, len, b, from);
		if (how == DOUBLED && i == at + n - 1)
			for (size_t again = at; again < at + n && again < b->nr; again++)
				len = put(to, len, b, again);
		if (how == BROKEN && i >= at && i < at + n)
			to[len - 1] ^= 1; /* its checksum */
	}
	return len;
}

static void shuffles(const struct blocks *b, const struct judged *whole, size_t step)
{
	static const char *const name[] = { "removed", "swapped", "doubled", "broken" };
	uint8_t *to = malloc(2 * b->len);

	assert_non_null(to);
	for (size_t at = 1; at < b->nr; at += step) {
		for (int how = 0; how < SHUFFLES; how++) {
			size_t n = any(3) ? 1 : 1 + any(20);

			if ((how == SWAPPED && at + n >= b->nr) ||
			    (how == DOUBLED && at + n > b->nr))
				continue;
			assert_honest(whole, to, shuffle(to, b, how, at, n), name[how], at);
		}
	}
	free(to);
}

static void concatenated(const struct blocks *b, const struct judged *whole)
{
	struct blocks other = reframe("tests/golden/6.12-mixed.nsn", 40);
	uint8_t *to = malloc(b->len + other.len);

	assert_non_null(to);
	for (size_t i = 1; i <= b->nr; i += b->nr > 8 ? b->nr / 8 : 1) {
		memcpy(to, b->data, b->at[i]);
		memcpy(to + b->at[i], other.data, other.len);
		assert_honest(whole, to, b->at[i] + other.len, "concatenated", i);
	}
	free(to);
	blocks_free(&other);
}

/* ---- the tests ---- */

static void damage(struct blocks *b, size_t n, bool thorough)
{
	struct judged whole;

	assert_true(judge(b->data, b->len, &whole));
	assert_true(whole.sound || thorough);
	flips(b, &whole, n, thorough);
	truncations(b, &whole, thorough && b->len < 100000);
	shuffles(b, &whole, thorough ? 1 : 1 + b->nr / 150);
	concatenated(b, &whole);
}

static void damage_file(const char *path, unsigned int per_block, size_t n, bool thorough)
{
	struct blocks b = reframe(path, per_block);

	damage(&b, n, thorough);
	blocks_free(&b);
}

static const char *const golden[] = { "tests/golden/6.1-mixed.nsn", "tests/golden/6.12-mixed.nsn",
				      "tests/golden/7.3-mixed.nsn" };

static void test_recordings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(golden); i++)
		damage_file(golden[i], 7, 50, false);
}

/* DAMAGE: random flips; every bit of the first 4 KiB, each record missing, cut at every byte */
static void test_more(void **state)
{
	const char *traces = getenv("TRACES"), *n = getenv("DAMAGE");
	char *list, *path, *rest;

	(void)state;
	if (!n)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(golden); i++) {
		damage_file(golden[i], 1, atoi(n), true);
		damage_file(golden[i], 7, atoi(n), true);
		print_message("%s: %lu damaged files so far, %lu refused\n", golden[i], runs,
			      refused);
	}
	list = strdup(traces ? traces : "");
	for (path = strtok_r(list, " ", &rest); path; path = strtok_r(NULL, " ", &rest)) {
		damage_file(path, 30, atoi(n), false);
		print_message("%s: %lu damaged files so far, %lu refused\n", path, runs, refused);
	}
	free(list);
}

static void test_count(void **state)
{
	(void)state;
	print_message("%lu damaged files were read, %lu of them refused\n", runs, refused);
	assert_true(runs > refused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recordings),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
