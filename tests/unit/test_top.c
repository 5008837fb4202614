// SPDX-License-Identifier: GPL-2.0-only
/* The live table as text: of recorded traces, and of sequences whose rates are known. */
#include "check_util.h"
#include "text_util.h"
#include "trace/trace.h"
#include "view/measure/top.h"

#define MIB (1 << 20)

static char *print(struct top *t, unsigned int width, unsigned int height, enum top_page page)
{
	struct top_layout layout = { .width = width, .height = height, .page = page };
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(top_print(t, out, &layout), 0);
	fclose(out);
	return text;
}

static void assert_fits(const char *text, unsigned int width, unsigned int height)
{
	unsigned int lines = 0;

	for (const char *p = text; *p; p += strcspn(p, "\n") + 1, lines++)
		assert_true(strcspn(p, "\n") <= width);
	assert_true(lines <= height);
}

static struct top *top_of(struct seq *q)
{
	struct top *t;

	assert_int_equal(top_new(&t, q->m, q->e, NULL), 0);
	assert_int_equal(model_listen(q->m, top_listener(t)), 0);
	return t;
}

static void show_trace(const char *path, const char *want)
{
	__free(trace_reader_freep) struct trace_reader *reader = NULL;
	__free(model_freep) struct model *m = NULL;
	__free(top_freep) struct top *t = NULL;
	__autofree char *small = NULL, *large = NULL;
	const struct ev_hdr *ev;

	assert_int_equal(trace_reader_open(&reader, path, NULL), 0);
	assert_int_equal(model_new(&m, NULL), 0);
	assert_int_equal(top_new(&t, m, NULL, NULL), 0);
	assert_int_equal(model_listen(m, top_listener(t)), 0);
	while (trace_reader_next(reader, &ev) == 1)
		assert_int_equal(model_feed(m, ev), 0);
	small = print(t, 80, 23, TOP_TABLE);
	assert_fits(small, 80, 23);
	assert_has(small, "MOUNT ");
	assert_has(small, "/mnt/smb ");
	assert_has(small, "CONNECTION ");
	assert_has(small, "credit wait ");
	assert_has(small, "OPEN ");
	assert_has(small, want);
	large = print(t, 200, 0, TOP_TABLE);
	assert_fits(large, 200, 100);
	assert_has(large, want);
}

static void test_traces(void **state)
{
	(void)state;
	show_trace("tests/golden/6.1-mixed.nsn", "127.0.0.1");
	show_trace("tests/golden/6.12-mixed.nsn", "127.0.0.1");
	show_trace("tests/golden/7.3-mixed.nsn", "127.0.0.1");
}

static void read_mib(struct seq *q, uint32_t r, uint64_t mib)
{
	struct io a = { .r = r, .s = 1, .len = mib * MIB };
	struct rq rq = {
		.r = r, .origin = ORIGIN_DIO_READ, .len = mib * MIB, .transferred = mib * MIB
	};

	begin(q, &rq);
	io(q, &a);
	end(q, &rq);
}

static void test_rates(void **state)
{
	(void)state;
	BOTH (q) {
		struct top *t = top_of(q);
		char *text;

		top_reset(t);
		read_mib(q, 1, 3);
		read_mib(q, 2, 5);
		q->now += 2 * SEC;
		FEED(q, 0, ev_tick, EV_TICK, 0, 0);
		text = print(t, 80, 23, TOP_TABLE);
		assert_has(text, "last 2.0 s");
		assert_has(text, "cifs                     4.0       0.0       1 ");
		assert_has(text, "on the wire                        1 ");
		assert_has(text, "OPEN 0 ");
		free(text);
		top_reset(t);
		pass(q, 2 * SEC);
		text = print(t, 80, 23, TOP_TABLE);
		assert_has(text,
			   "cifs                     0.0       0.0       0        -        -");
		free(text);
		top_free(t);
	}
}

static void test_open(void **state)
{
	(void)state;
	BOTH (q) {
		struct top *t = top_of(q);
		struct io a = { .r = 10, .s = 1, .len = 4096, .no_term = true, .keep = true };
		struct io b = { .r = 11, .s = 2, .len = 4096 };
		char *text;

		begin(q, &(struct rq){ .r = 10, .origin = ORIGIN_DIO_READ, .len = 4096 });
		io(q, &a);
		pass(q, 5 * SEC);
		begin(q, &(struct rq){ .r = 11, .origin = ORIGIN_DIO_READ, .len = 4096 });
		issue(q, &b);
		pass(q, 15 * SEC);
		text = print(t, 80, 23, TOP_OPEN);
		assert_fits(text, 80, 23);
		assert_has(text, "OPEN 2 ");
		assert_has(text, "R=0000000a[1]");
		assert_has(text, "has its answer, but is not");
		assert_has(text, "waits for the server");
		assert_true(strstr(text, "R=0000000a") < strstr(text, "R=0000000b"));
		assert_has(text, "inconclusive 1");
		free(text);
		text = print(t, 80, 5, TOP_OPEN); /* the oldest, when there is room for one */
		assert_has(text, "R=0000000a");
		assert_null(strstr(text, "R=0000000b"));
		free(text);
		top_free(t);
	}
}

/* Names hold any byte and any length. */
static void test_names(void **state)
{
	(void)state;
	BOTH (q) {
		struct top *t = top_of(q);
		struct ev_mount mnt = { .hdr.kind = EV_MOUNT, .live = 1 };
		char *text;

		feed_text(q, &mnt.hdr, sizeof(mnt), "cifs", "//s/s",
			  "/mnt/\033[2J\xff\303\244\303\244\303\244\303\244\303\244\303\244\303"
			  "\244\303\244\303\244\303\244\303\244",
			  "");
		read_mib(q, 1, 1);
		pass(q, SEC);
		text = print(t, 40, 23, TOP_TABLE);
		assert_null(strchr(text, '\033'));
		assert_has(text, "\303\244");
		free(text);
		top_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_traces),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
