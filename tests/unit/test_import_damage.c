// SPDX-License-Identifier: GPL-2.0-only
/* Text of ftrace that is not whole: import/buffers.c, import/edge.c, import/input.c, and what text.c makes of it */
#include "base/file.h"
#include "import/edge.h"
#include "import_util.h"

static struct edge edge_of(const char *text)
{
	__autofree char *copy = strdup(text);
	struct edge e = {};
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		edge_line(&e, line);
	return e;
}

static void test_damaged(void **state)
{
	struct got g = import("# entries-in-buffer/entries-written: 5/5\n"
			      "cat-1 [000] ..... 5.000000: " SREQ "\n"
			      "cat-1 [000] ..... 5.000010: netfs_sreq: R=zz DOWN\n"
			      "cat-1 [000] ..... 5.000020: netfs_sreq: R=0000002a[1] DOWN\n"
			      "cat-1 [000] ..... 5.000030: netfs_rreq: R=0000002a RA FREE f=zz\n"
			      "cat-1 [000] ..... 5.000040: " SREQ "\n");
	const struct ev_lost *l = nth(&g, EV_LOST, 0);

	(void)state;
	assert_int_equal(g.events, 2);
	assert_int_equal(g.n.damaged, 3);
	assert_int_equal(count(&g, EV_LOST), 3);
	assert_int_equal(l->from, 5000000000);
	assert_int_equal(l->to, 5000010000);
}

/* A line cut before or within its event's name is a loss up to the next event. */
static void test_cut(void **state)
{
	static const char *const cuts[] = {
		"cp-51 [000] 5.1: netfs_s",
		"cp-51 [000] 5.1:",
		"cp-51 [000] d..2. 5.1",
		"  cp-51     [000]",
		"cp-51     3d..2.   5100000us : net",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		char text[512];
		struct got g;
		const struct ev_lost *l;

		snprintf(text, sizeof(text),
			 "cp-51 [000] 5.0: " SREQ "\n%s\ncp-51 [000] 5.2: " SREQ "\n", cuts[i]);
		g = import(text);
		assert_int_equal(g.events, 2);
		assert_int_equal(g.n.damaged, 1);
		l = nth(&g, EV_LOST, 0);
		assert_int_equal(l->from, 5000000000);
		assert_int_equal(l->to, 5200000000);
	}
}

/* An instance has buffers of its own: what one lost is over with its own next event. */
static void test_instances(void **state)
{
	struct got g = import("# entries-in-buffer/entries-written: 5/5\n"
			      "one:  cp-1 [000] ..... 5.0: " SREQ "\n"
			      "two:  cp-1 [000] ..... 5.1: " SREQ "\n"
			      "one:             CPU:0 [12 EVENTS DROPPED]\n"
			      "cp-1 [000] ..... 5.4: " SREQ "\n"
			      "two:  CPU:0 [LOST 3 EVENTS]\n"
			      "one:  cp-1 [000] ..... 5.5: " SREQ "\n"
			      "two:  cp-1 [000] ..... 5.6: " SREQ "\n");
	const struct ev_lost *one = nth(&g, EV_LOST, 0), *two = nth(&g, EV_LOST, 1);

	(void)state;
	assert_int_equal(g.n.lost, 15);
	assert_int_equal(one->count, 12);
	assert_int_equal(one->from, 5000000000);
	assert_int_equal(one->to, 5400000000);
	assert_int_equal(two->count, 3);
	assert_int_equal(two->from, 5100000000);
	assert_int_equal(two->to, 5600000000);
}

/* Two texts of tracefs in one file: all that their headers say is overwritten is lost, before their events. */
static void test_two_texts(void **state)
{
	struct got g = import("# entries-in-buffer/entries-written: 1/5   #P:1\n"
			      "cp-1 [000] ..... 5.0: " SREQ "\n"
			      "# entries-in-buffer/entries-written: 2/9   #P:1\n"
			      "##### CPU 0 buffer started ####\n"
			      "cp-1 [000] ..... 4.0: " SREQ "\n"
			      "cp-1 [000] ..... 6.0: " SREQ "\n");
	const struct ev_lost *second = nth(&g, EV_LOST, 0);

	(void)state;
	assert_int_equal(g.n.lost, 4 + 7);
	assert_int_equal(g.n.backwards, 1);
	assert_false(g.n.excerpt);
	assert_int_equal(second->count + ((const struct ev_lost *)nth(&g, EV_LOST, 1))->count +
				 ((const struct ev_lost *)nth(&g, EV_LOST, 2))->count,
			 4 + 7);
	for (unsigned int i = 0; i < count(&g, EV_LOST); i++)
		assert_true(((const struct ev_lost *)nth(&g, EV_LOST, i))->from <=
			    ((const struct ev_lost *)nth(&g, EV_LOST, i))->to);
}

/* A file with its lines cut at a width: each event that comes in is one of the whole file. */
static void test_edge(void **state)
{
	__autofree char *whole = NULL, *cut = NULL;
	struct edge edge;
	size_t size;

	(void)state;
	assert_int_equal(file_read("tests/import/7.3.txt", 1 << 20, &whole, &size), 0);
	cut = malloc(size + 1);
	for (size_t width = 70; width <= 170; width++) {
		char *to = cut;
		size_t column = 0;
		uint64_t damaged;

		for (const char *p = whole; *p; p++) {
			column = *p == '\n' ? 0 : column + 1;
			if (column <= width)
				*to++ = *p;
		}
		*to = '\0';
		edge = edge_of(cut);
		if (width >= 160) /* nothing is so long */
			assert_int_equal(edge_width(&edge), 0);
		else if (width > 90)
			assert_int_equal(edge_width(&edge), width);
		damaged = import_counted(cut).damaged;
		assert_true(width >= 160 ? !damaged : damaged > 0);
	}
}

/* A terminal's lines, with a logger's prefix or without: whatever the width, it is the whole text. */
static void test_fold(void **state)
{
	static const char *const prefixes[] = { "",
						"Nov 23 10:00:00 box kernel: ", "[   77.000001] " };
	__autofree char *whole = NULL, *folded = NULL;
	struct import_counts want, n;
	size_t size;

	(void)state;
	assert_int_equal(file_read("tests/import/7.3.txt", 1 << 20, &whole, &size), 0);
	want = import_counted(whole);
	folded = malloc(3 * size);
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		for (size_t width = 66; width < 170; width += 7) {
			size_t column = 0;
			char *to = stpcpy(folded, prefixes[i]);

			column = to - folded;
			for (const char *p = whole; *p; p++) {
				if (*p != '\n' && column == width) {
					*to++ = '\n';
					column = 0;
				}
				*to++ = *p;
				column++;
				if (*p == '\n' && p[1]) {
					to = stpcpy(to, prefixes[i]);
					column = strlen(prefixes[i]);
				}
			}
			*to = '\0';
			n = import_counted(folded);
			assert_int_equal(n.damaged, 0);
			assert_int_equal(n.others, want.others);
			assert_int_equal(n.cut_at, 0);
			assert_int_equal(n.excerpt, want.excerpt);
		}
}

/* Times that no clock shows are none: the order stays, and nothing overflows. */
static void test_absurd_times(void **state)
{
	struct got g = import("cp-1 [000] 5.0: " SREQ "\n"
			      "cp-1 [000] 99999999999999999999.0: " SREQ "\n"
			      "cp-1 [000] 18446744073.709551: " SREQ "\n"
			      "cp-1 3d..2. 99999999999999999us : " SREQ "\n"
			      "cp-1 [000] 18446744073709551615: " SREQ "\n"
			      "cp-1 [000] 5.1: " SREQ "\n");

	(void)state;
	assert_int_equal(g.events, 6);
	assert_int_equal(g.n.absurd, 4);
	assert_int_equal(g.n.backwards, 0);
	for (unsigned int i = 1; i < 6; i++)
		assert_true(((const struct ev_sreq *)nth(&g, EV_SREQ, i))->hdr.ts > 4999999999 &&
			    ((const struct ev_sreq *)nth(&g, EV_SREQ, i))->hdr.ts < 5200000000);
}

/* 10 MB without a newline: as long as it takes to read them, and what follows is there. */
static void test_long_line(void **state)
{
	const size_t size = 10 << 20;
	__autofree char *text = malloc(size + 1024);

	(void)state;
	for (size_t i = 0; i < size; i++)
		text[i] = "x) a: "[i % 6];
	strcpy(text + size, "\ncp-1 [000] 5.0: " SREQ "\n");
	assert_int_equal(import_counted(text).long_lines, 1);
	assert_int_equal(import_counted(text).lines, 2);
}

static void test_losses(void **state)
{
	struct got g = import("# entries-in-buffer/entries-written: 4/10   #P:2\n"
			      "cat-1 [000] ..... 5.000000: " SREQ "\n"
			      "CPU:0 [LOST 17 EVENTS]\n"
			      "cat-1 [001] ..... 5.500000: " SREQ "\n"
			      "cat-1 [000] ..... 6.000000: " SREQ "\n"
			      "CPU:1 [EVENTS DROPPED]\n"
			      "cat-1 [001] ..... 7.000000: foreign_event: x=1\n");
	const struct ev_lost *start = nth(&g, EV_LOST, 0), *mid = nth(&g, EV_LOST, 1),
			     *end = nth(&g, EV_LOST, 2);

	(void)state;
	assert_int_equal(g.events, 3);
	assert_int_equal(g.n.others, 1);
	assert_int_equal(g.n.lost, 6 + 17);
	assert_int_equal(count(&g, EV_LOST), 3);
	assert_int_equal(start->count, 6);
	assert_int_equal(start->from, 5000000000);
	assert_int_equal(start->to, 5000000000);
	assert_int_equal(mid->count, 17);
	assert_int_equal(mid->hdr.cpu, 0);
	assert_int_equal(mid->from, 5000000000);
	assert_int_equal(mid->to, 6000000000);
	assert_int_equal(end->count, 0);
	assert_int_equal(end->from, 5500000000);
	assert_int_equal(end->to, 7000000000);
}

/* "buffer started": before it that CPU's events were overwritten */
static void test_buffer_started(void **state)
{
	struct got g = import("# entries-in-buffer/entries-written: 2/2\n"
			      "cat-1 [000] ..... 5.000000: " SREQ "\n"
			      "##### CPU 1 buffer started ####\n"
			      "cat-1 [001] ..... 6.000000: " SREQ "\n");
	const struct ev_lost *l = nth(&g, EV_LOST, 0);

	(void)state;
	assert_int_equal(l->hdr.cpu, 1);
	assert_int_equal(l->from, 5000000000);
	assert_int_equal(l->to, 6000000000);
}

/* What printk dropped of a dump is a loss, from the event before to the one behind. */
static void test_printk_dropped(void **state)
{
	struct got g = import("[  700.1]   cp-5100     1.....   10us : " SREQ "\n"
			      "** 7 printk messages dropped **\n"
			      "[  700.1]   cp-5100     1.....   50us : " SREQ "\n");
	const struct ev_lost *l = nth(&g, EV_LOST, 0);

	(void)state;
	assert_int_equal(g.n.lost, 7);
	assert_int_equal(l->count, 7);
	assert_int_equal(l->hdr.cpu, EV_ANY_CPU);
	assert_int_equal(l->from, 10000);
	assert_int_equal(l->to, 50000);
}

/* columns cut away: nobody knows whether lines are, so everything is in doubt */
static void test_trimmed(void **state)
{
	struct got g = import("kworker/u8:3: " SREQ "\nip: " SREQ "\nip: " SREQ "\n");
	const struct ev_lost *l = nth(&g, EV_LOST, 0);

	(void)state;
	assert_int_equal(g.events, 3);
	assert_int_equal(g.n.untimed, 3);
	assert_true(g.n.excerpt);
	assert_true(((const struct ev_sreq *)nth(&g, EV_SREQ, 0))->hdr.tid !=
		    ((const struct ev_sreq *)nth(&g, EV_SREQ, 1))->hdr.tid);
	assert_int_equal(((const struct ev_sreq *)nth(&g, EV_SREQ, 1))->hdr.tid,
			 ((const struct ev_sreq *)nth(&g, EV_SREQ, 2))->hdr.tid);
	assert_int_equal(l->from, ((const struct ev_sreq *)nth(&g, EV_SREQ, 0))->hdr.ts);
	assert_int_equal(l->to, ((const struct ev_sreq *)nth(&g, EV_SREQ, 2))->hdr.ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged),	       cmocka_unit_test(test_cut),
		cmocka_unit_test(test_instances),      cmocka_unit_test(test_two_texts),
		cmocka_unit_test(test_edge),	       cmocka_unit_test(test_fold),
		cmocka_unit_test(test_absurd_times),   cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_losses),	       cmocka_unit_test(test_buffer_started),
		cmocka_unit_test(test_printk_dropped), cmocka_unit_test(test_trimmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
