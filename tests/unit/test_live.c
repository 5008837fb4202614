// SPDX-License-Identifier: GPL-2.0-only
/* run: what a capture's records go through while it runs (run/live.c). */
#include "check_util.h"
#include "run/live.h"
#include "text_util.h"
#include "trace/trace.h"

#define TROUBLE "tests/export/trouble.nsn"

/* In place of the recorder's: the stacks that were to be put into the stream. */
static struct {
	unsigned int nr;
	uint32_t tid, rreq;
} put;

int records_waiter(const struct record_sink *to, const struct waiter *s)
{
	(void)to;
	put.nr++;
	put.tid = s->tid;
	put.rreq = s->rreq;
	return 0;
}

struct lab {
	struct live *live;
	FILE *out;
	char *text;
	unsigned int found, fired;
	enum findings_worst worst;
};

static void on_found(void *ctx, const struct finding *f)
{
	struct lab *lab = ctx;

	(void)f;
	lab->found++;
}

static void on_fired(void *ctx, const struct trigger *t)
{
	struct lab *lab = ctx;

	(void)t;
	lab->fired++;
}

static void lab_open(struct lab *lab, struct live_options o)
{
	*lab = (struct lab){ .out = tmpfile() };
	assert_non_null(lab->out);
	o.out = lab->out;
	o.found = on_found;
	o.fired = on_fired;
	o.ctx = lab;
	assert_int_equal(live_new(&lab->live, &o), 0);
}

/* What was told so far. */
static const char *told(struct lab *lab)
{
	long n = ftell(lab->out);

	free(lab->text);
	lab->text = calloc(1, n + 1);
	assert_non_null(lab->text);
	rewind(lab->out);
	assert_int_equal(fread(lab->text, 1, n, lab->out), n);
	fseek(lab->out, 0, SEEK_END);
	return lab->text;
}

static void lab_close(struct lab *lab)
{
	live_free(lab->live);
	fclose(lab->out);
	free(lab->text);
}

static void feed_trace(struct lab *lab, const char *path)
{
	struct trace_reader *r;
	const struct ev_hdr *ev;
	int rc;

	assert_int_equal(trace_reader_open(&r, path, NULL), 0);
	while ((rc = trace_reader_next(r, &ev)) == 1)
		assert_int_equal(live_feed(lab->live, ev), 0);
	assert_int_equal(rc, 0);
	trace_reader_free(r);
}

/* A finding is told when it is found, and at the end only the table follows. */
static void test_findings(void **state)
{
	struct lab lab;
	size_t before;

	(void)state;
	lab_open(&lab, (struct live_options){ .findings = true });
	feed_trace(&lab, TROUBLE);
	assert_has(told(&lab), "error-map: R=00000006[1]");
	assert_has_not(lab.text, "lifecycle");
	assert_int_equal(lab.found, 1);
	before = strlen(lab.text);
	assert_int_equal(live_finish(lab.live, &lab.worst), 0);
	assert_int_equal(lab.worst, FINDINGS_NONE); /* it is a known defect */
	assert_has(told(&lab) + before, "lifecycle");
	assert_has_not(lab.text + before, "error-map: R=00000006[1]");
	lab_close(&lab);
}

/* Not asked for until the end: then all of it, as check has it. */
static void test_at_end(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, (struct live_options){});
	feed_trace(&lab, TROUBLE);
	assert_string_equal(told(&lab), "");
	assert_int_equal(lab.found, 1);
	assert_int_equal(live_finish(lab.live, &lab.worst), 0);
	assert_has(told(&lab), "error-map: R=00000006[1]");
	lab_close(&lab);
}

/* A request is told of once: as a trigger, or else as a request that is over. */
static void test_requests(void **state)
{
	struct live_options o = { .requests = true,
				  .triggers = true,
				  .trigger = { .on = ON_SLOWER | ON_ERROR | ON_RECONNECT,
					       .slower_ns = SEC } };

	(void)state;
	for (int json = 0; json < 2; json++) {
		struct lab lab;

		o.json = json;
		lab_open(&lab, o);
		feed_trace(&lab, TROUBLE);
		assert_int_equal(live_finish(lab.live, &lab.worst), 0);
		told(&lab);
		assert_true(lab.fired >= 3);
		if (json) {
			assert_has(lab.text, "\"type\":\"request\"");
			assert_has(lab.text, "\"on\":[");
			assert_has(lab.text, "\"type\":\"check_result\"");
		} else {
			assert_has(lab.text, "R=00000006");
			assert_has(lab.text, "slower");
			assert_has(lab.text, "reconnect");
		}
		lab_close(&lab);
	}
}

/* What the filter does not let through is not told, nor does it count at the end. */
static void test_filter(void **state)
{
	const struct request_filter nobody = { .tgid = 1 };
	struct lab lab;

	(void)state;
	lab_open(&lab,
		 (struct live_options){ .findings = true,
					.requests = true,
					.triggers = true,
					.trigger = { .on = ON_ERROR | ON_SLOWER, .slower_ns = SEC },
					.filter = &nobody });
	feed_trace(&lab, TROUBLE);
	assert_string_equal(told(&lab), "");
	assert_int_equal(lab.fired, 0);
	assert_int_equal(live_finish(lab.live, &lab.worst), 0);
	assert_has_not(told(&lab), "R=00000006");
	lab_close(&lab);
}

static void forward(void *ctx, const struct ev_hdr *ev)
{
	struct lab *lab = ctx;

	assert_int_equal(live_feed(lab->live, ev), 0);
}

/* What cifs logs stands beside the findings, with what it means. */
static void test_log(void **state)
{
	static const char text[] =
		"CIFS: VFS: \\\\srv.example has not responded in 180 seconds. Reconnecting...";

	(void)state;
	for (int json = 0; json < 2; json++) {
		struct ev_klog log = { .hdr.kind = EV_KLOG, .level = 3, .lost = 2 };
		struct seq *q = seq_open(K73, NULL);
		struct lab lab;

		lab_open(&lab, (struct live_options){ .findings = true, .json = json });
		q->tap = forward;
		q->tap_ctx = &lab;
		seq_head(q, K73);
		feed_text(q, &log.hdr, sizeof(log), text, "", "", "");
		told(&lab);
		assert_has(lab.text, "has not responded in 180 seconds");
		if (!json) {
			assert_has(lab.text,
				   "2 messages were overwritten before this one was read");
			assert_has(lab.text, "\n    ");
		}
		seq_free(q);
		lab_close(&lab);
	}
}

/* A read hangs: the next tick takes the stacks of those who may wait, once. */
static void test_stacks(void **state)
{
	struct seq *q = seq_open(K73, NULL);
	const struct record_sink to = {};
	struct lab lab;

	(void)state;
	put.nr = 0;
	lab_open(&lab, (struct live_options){});
	q->tap = forward;
	q->tap_ctx = &lab;
	seq_head(q, K73);
	{
		struct io a = { .r = 7, .s = 1, .len = 4096, .no_term = true, .keep = true };
		struct rq rq = { .r = 7, .origin = ORIGIN_DIO_READ, .len = 4096 };

		begin(q, &rq);
		io(q, &a);
	}
	assert_int_equal(live_tick(lab.live, &to), 0);
	assert_int_equal(put.nr, 0);
	pass(q, 200 * SEC);
	assert_true(lab.found > 0);
	assert_int_equal(live_tick(lab.live, &to), 0);
	if (put.nr) /* of a task of this machine that has one of the numbers */
		assert_int_equal(put.rreq, 7);
	put.nr = 0;
	assert_int_equal(live_tick(lab.live, &to), 0);
	assert_int_equal(put.nr, 0);
	seq_free(q);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings), cmocka_unit_test(test_at_end),
		cmocka_unit_test(test_requests), cmocka_unit_test(test_filter),
		cmocka_unit_test(test_log),	 cmocka_unit_test(test_stacks),
	};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
