// SPDX-License-Identifier: GPL-2.0-only
/* What is not known is not claimed: who began a request, since when it ran, where its time went. */
#include <stdint.h>
#include <stdlib.h>

#include "import_util.h"
#include "model/model.h"
#include "text_util.h"
#include "view/measure/totals.h"

struct printed {
	struct model *m;
	struct timelines lines;
	uint64_t first_ns;
	bool has_latency;
};

static int on_request(void *ctx, const struct request *r)
{
	struct printed *p = ctx;
	uint64_t ns;

	p->first_ns = r->first_ns;
	p->has_latency = request_latency(r, &ns);
	return timelines_add(&p->lines, r);
}

static int feed(void *ctx, const struct ev_hdr *ev)
{
	return model_feed(((struct printed *)ctx)->m, ev);
}

/* Text of ftrace as a timeline. */
static struct printed timeline_of(const char *text)
{
	FILE *in = fmemopen((void *)text, strlen(text), "r");
	struct printed p = {};
	const struct model_listener l = { .request = on_request, .ctx = &p };
	const struct record_sink to = { .add = feed, .ctx = &p };
	struct import_counts n;
	struct collect *c;

	assert_int_equal(model_new(&p.m, &timelines_model), 0);
	timelines_begin(&p.lines, p.m);
	assert_int_equal(model_listen(p.m, &l), 0);
	assert_int_equal(collect_new(&c), 0);
	assert_int_equal(import_text(in, c, &n), 0);
	assert_int_equal(collect_write(c, "not in it", &to), 0);
	assert_int_equal(model_finish(p.m), 0);
	timelines_end(&p.lines);
	collect_free(c);
	model_free(p.m);
	fclose(in);
	return p;
}

#define READ  "netfs_read: R=0000002a READAHEAD c=00000000 ni=0 s=0 l=4000 sz=4000\n"
#define SENT  "netfs_sreq: R=0000002a[1] DOWN SUBMT f=102 s=0 0/4000 s=1 e=0\n"
#define TERM  "netfs_sreq: R=0000002a[1] DOWN TERM  f=102 s=0 4000/4000 s=1 e=0\n"
#define DONE  "netfs_rreq: R=0000002a RA DONE    f=21\n"
#define FREED "netfs_rreq: R=0000002a RA FREE    f=21\n"

#define CAT   "             cat-412     [001] .....   "
#define CIFSD "           cifsd-99      [000] .....   "

static void test_whole(void **state)
{
	struct printed p = timeline_of(CAT "100.000100: " READ CAT "100.000200: " SENT CIFSD
					   "100.000300: " TERM CIFSD "100.000400: " DONE CIFSD
					   "100.000500: " FREED);

	(void)state;
	assert_has(p.lines.text, "by cat-412\n");
	assert_has(p.lines.text, "done after 300 us");
	assert_true(p.has_latency);
	free(p.lines.text);
}

/* Its beginning was lost: who comes next did not make it. */
static void test_unbegun(void **state)
{
	struct printed p = timeline_of(CIFSD "100.000300: " TERM CIFSD "100.000400: " DONE CIFSD
					     "100.000500: " FREED);

	(void)state;
	assert_has(p.lines.text, "by an unknown task\n");
	assert_has(p.lines.text, "done, latency unknown");
	assert_has_not(p.lines.text, "done after");
	assert_false(p.has_latency);
	free(p.lines.text);
}

/* ftrace's events do not say when it was sent: no lane claims that it was on the wire. */
static void test_stage(void **state)
{
	struct printed p = timeline_of(CAT "100.000100: " READ CAT "100.000200: " SENT CIFSD
					   "100.000300: " TERM CIFSD "100.000400: " DONE CIFSD
					   "100.000500: " FREED);
	const char *lane = strstr(p.lines.text, " cr |");

	(void)state;
	assert_non_null(lane);
	assert_null(memchr(lane + 5, '-', strcspn(lane + 5, "|")));
	assert_non_null(memchr(lane + 5, '?', strcspn(lane + 5, "|")));
	assert_has(p.lines.text, "? stage not known");
	free(p.lines.text);
}

/* The first events have no time: they were not at 0, and nothing lasted since then. */
static void test_leading(void **state)
{
	struct printed p = timeline_of("cat-412 [001] " READ "cat-412 [001] " SENT CIFSD
				       "100.000300: " TERM CIFSD "100.000400: " DONE CIFSD
				       "100.000500: " FREED);

	(void)state;
	assert_int_equal(p.first_ns, 100000300000);
	assert_false(p.has_latency);
	assert_has(p.lines.text, "by cat-412\n");
	assert_has_not(p.lines.text, "done after");
	free(p.lines.text);
}

/* One without a time among others: the same, as it stands where the order has it. */
static void test_between(void **state)
{
	struct printed p = timeline_of(CAT "100.000100: " READ "cat-412 [001] " SENT CIFSD
					   "100.000300: " TERM CIFSD "100.000400: " DONE CIFSD
					   "100.000500: " FREED);

	(void)state;
	assert_false(p.has_latency);
	assert_has_not(p.lines.text, "done after");
	free(p.lines.text);
}

static void test_placed(void **state)
{
	struct got g =
		import("cat-412 [001] " READ "cat-412 [001] " SENT CIFSD "100.000300: " TERM);
	const struct ev_rreq *read = nth(&g, EV_RREQ, 0);
	const struct ev_sreq *sent = nth(&g, EV_SREQ, 0), *term = nth(&g, EV_SREQ, 1);

	(void)state;
	assert_int_equal(g.n.untimed, 2);
	assert_int_equal(read->hdr.ts, 100000300000);
	assert_int_equal(sent->hdr.ts, 100000300000);
	assert_true(read->hdr.flags & sent->hdr.flags & EVF_NOTIME);
	assert_false(term->hdr.flags & EVF_NOTIME);
	/* a loss that nothing bounds is as long as what is known */
	for (unsigned int i = 0; i < g.nr; i++)
		if (g.record[i].d.hdr.kind == EV_LOST)
			assert_true(g.record[i].lost.from >= 100000300000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	cmocka_unit_test(test_unbegun),
		cmocka_unit_test(test_stage),	cmocka_unit_test(test_leading),
		cmocka_unit_test(test_between), cmocka_unit_test(test_placed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
