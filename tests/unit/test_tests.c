// SPDX-License-Identifier: GPL-2.0-only
/* model: tests of an xfstests run, their phases, and what belongs to which, from made-up events. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"

#define MS     1000000ULL
#define CHECK  50 /* processes */
#define CHECK2 60
#define SCRIPT 100
#define CHILD  101
#define LATE   102
#define OTHER  900
#define KWORK  7 /* a kernel thread */
#define MAX    8

struct heard {
	struct model *m;
	struct model_listener listener;
	struct test test[MAX]; /* as handed on; strings are the model's */
	int nr;
	uint64_t events, owned;
	uint64_t now;
};

static int on_test(void *ctx, const struct test *t)
{
	struct heard *seen = ctx;

	assert_true(seen->nr < MAX);
	assert_true(t->over);
	seen->test[seen->nr++] = *t;
	return 0;
}

static int on_event(void *ctx, const struct seen *of)
{
	const struct ev_hdr *ev = of->ev;
	struct heard *seen = ctx;

	if (event_counts(ev)) {
		seen->events++;
		seen->owned += model_event_test(seen->m, NULL) != 0;
	}
	return 0;
}

static int setup(void **state)
{
	struct heard *seen = calloc(1, sizeof(*seen));

	assert_int_equal(model_new(&seen->m, NULL), 0);
	seen->listener = (struct model_listener){ .test = on_test, .event = on_event, .ctx = seen };
	assert_int_equal(model_listen(seen->m, &seen->listener), 0);
	seen->now = 1000 * MS;
	*state = seen;
	return 0;
}

static int teardown(void **state)
{
	struct heard *seen = *state;

	model_free(seen->m);
	free(seen);
	return 0;
}

/* Events are 1 ms apart. */
static void feed(struct heard *seen, struct ev_hdr *ev, uint16_t size, uint32_t pid)
{
	seen->now += MS;
	ev->size = size;
	ev->probe = 1;
	ev->ts = seen->now;
	ev->tid = ev->tgid = pid;
	assert_int_equal(model_feed(seen->m, ev), 0);
}

#define FEED(seen, pid, type, kind_, ...)                                      \
	do {                                                                   \
		struct type ev_ = { .hdr = { .kind = (kind_) }, __VA_ARGS__ }; \
		feed((seen), &ev_.hdr, sizeof(ev_), (pid));                    \
	} while (0)

static void mark(struct heard *seen, uint32_t check, const char *text)
{
	struct ev_test ev = { .hdr.kind = EV_TEST, .root = check };

	snprintf(ev.text, sizeof(ev.text), "%s", text);
	feed(seen, &ev.hdr, sizeof(ev), check);
}

static void forked(struct heard *seen, uint32_t root, uint32_t parent, uint32_t pid)
{
	FEED(seen, parent, ev_proc, EV_PROC, .event = EV_PROC_FORK, .pid = pid, .ppid = parent,
	     .root = root, .cgroup_id = 1, .comm = "bash");
}

static void exec(struct heard *seen, uint32_t root, uint32_t pid, const char *comm)
{
	struct ev_proc ev = {
		.hdr.kind = EV_PROC, .event = EV_PROC_EXEC, .pid = pid, .root = root, .cgroup_id = 1
	};

	snprintf(ev.comm, sizeof(ev.comm), "%s", comm);
	feed(seen, &ev.hdr, sizeof(ev), pid);
}

static void exits(struct heard *seen, uint32_t root, uint32_t pid, int status)
{
	FEED(seen, pid, ev_proc, EV_PROC, .event = EV_PROC_EXIT, .pid = pid, .root = root,
	     .status = status);
}

static void task(struct heard *seen, uint32_t pid, uint32_t ppid)
{
	FEED(seen, pid, ev_task, EV_TASK, .ppid = ppid, .comm = "x");
}

/* Some event of a probe, of no request. */
static void event(struct heard *seen, uint32_t pid)
{
	FEED(seen, pid, ev_smb_file, EV_SMB_FILE, .fid = 1);
}

static void request(struct heard *seen, uint32_t pid, uint32_t rreq)
{
	FEED(seen, pid, ev_sreq, EV_SREQ, .hdr.flags = EVF_RREQ, .rreq = rreq, .sreq = 1);
}

static void run_script(struct heard *seen, const char *comm, int status)
{
	forked(seen, CHECK, CHECK, SCRIPT);
	exec(seen, CHECK, SCRIPT, comm);
	event(seen, SCRIPT);
	exits(seen, CHECK, SCRIPT, status);
}

static void test_phases(void **state)
{
	struct heard *seen = *state;
	uint64_t marked;
	const struct test *t;

	event(seen, CHECK); /* before the first test */
	mark(seen, CHECK, "run fstests generic/306 at 2026-11-22 20:07:16\n");
	marked = seen->now;
	event(seen, CHECK);
	run_script(seen, "306", 0x100);
	event(seen, CHECK);
	mark(seen, CHECK, "run fstests generic/307 at 2026-11-22 20:07:36\n");
	event(seen, CHECK);
	exits(seen, CHECK, CHECK, 0);
	event(seen, OTHER);
	assert_int_equal(model_finish(seen->m), 0);
	assert_int_equal(seen->nr, 2);
	t = &seen->test[0];
	assert_string_equal(t->name, "generic/306");
	assert_int_equal(t->pid, SCRIPT);
	assert_int_equal(t->mark_ns, marked);
	assert_int_equal(t->script_ns, marked + 3 * MS);
	assert_int_equal(t->script_end_ns, marked + 5 * MS);
	assert_int_equal(t->end_ns, marked + 7 * MS);
	assert_int_equal(t->status, 0x100);
	assert_int_equal(t->events, 3);
	assert_int_equal(t->in_window, 3);
	t = &seen->test[1];
	assert_int_equal(t->pid, 0); /* its script was not seen */
	assert_int_equal(t->events, 1);
	assert_int_equal(t->end_ns, marked + 9 * MS);
	assert_int_equal(seen->owned, 4);
	assert_int_equal(seen->events, 6); /* one before, one after */
}

static void test_names_and_repeats(void **state)
{
	struct heard *seen = *state;

	mark(seen, CHECK, "run fstests generic/001 at 2026-11-22 20:07:16\n");
	mark(seen, CHECK, "run fstests odd at noon/0 1 at 2026-11-22 20:07:16\n");
	mark(seen, CHECK, "run fstests generic/001 at 2026-11-22 20:07:17\n");
	mark(seen, CHECK, "run fstests no date\n");
	mark(seen, 0, "run fstests fstestsdone/000 at 2026-11-22 20:07:18\n");
	assert_int_equal(model_nr_tests(seen->m), 4);
	assert_true(test_is(model_test(seen->m, 1), "generic/001"));
	assert_true(test_is(model_test(seen->m, 1), "generic/001#1"));
	assert_false(test_is(model_test(seen->m, 1), "generic/001#2"));
	assert_false(test_is(model_test(seen->m, 1), "generic/0011"));
	assert_false(test_is(model_test(seen->m, 1), "generic/00"));
	assert_true(test_is(model_test(seen->m, 3), "generic/001#2"));
	assert_string_equal(model_test(seen->m, 2)->name, "odd at noon/0 1");
	assert_string_equal(model_test(seen->m, 4)->name, "no date");
	assert_int_not_equal(model_test(seen->m, 4)->end_ns, 0);
	assert_null(model_test(seen->m, 5));
	assert_null(model_test(seen->m, 0));
}

/* A child that outlives its test still belongs to it, and so does the request that it began. */
static void test_ownership(void **state)
{
	struct heard *seen = *state;
	const struct test *first, *second;

	task(seen, KWORK, 2);
	mark(seen, CHECK, "run fstests generic/001 at x\n");
	forked(seen, CHECK, CHECK, SCRIPT);
	exec(seen, CHECK, SCRIPT, "001");
	forked(seen, CHECK, SCRIPT, CHILD);
	request(seen, CHILD, 1);
	event(seen, KWORK);
	exits(seen, CHECK, SCRIPT, 0);
	mark(seen, CHECK, "run fstests generic/002 at x\n");
	event(seen, CHILD);
	forked(seen, CHECK, CHILD, LATE);
	event(seen, LATE);
	request(seen, KWORK, 1);
	request(seen, KWORK, 2);
	first = model_test(seen->m, 1);
	second = model_test(seen->m, 2);
	assert_int_equal(first->events, 5);
	assert_int_equal(first->by_time, 1);
	assert_int_equal(first->in_window, 2);
	assert_int_equal(second->events, 1);
	assert_int_equal(second->by_time, 1);
	assert_int_equal(second->in_window, 4);
	assert_int_equal(first->open, 1);
	assert_int_equal(second->open, 1);
	assert_int_equal(model_finish(seen->m), 0);
	assert_int_equal(first->requests + second->requests, 2);
	assert_int_equal(first->open + second->open, 0);
}

/* Somebody else is at work: kernel threads may be working for him. */
static void test_stranger(void **state)
{
	struct heard *seen = *state;
	const struct test *t;

	task(seen, KWORK, 2);
	task(seen, OTHER, 1);
	mark(seen, CHECK, "run fstests generic/001 at x\n");
	event(seen, KWORK);
	event(seen, OTHER);
	event(seen, KWORK);
	event(seen, CHECK);
	t = model_test(seen->m, 1);
	assert_int_equal(t->events, 2);
	assert_int_equal(t->ambiguous, 1);
	assert_int_equal(t->in_window, 4);
	assert_int_equal(model_events_ambiguous(seen->m), 1);
	assert_int_equal(model_events_outside(seen->m), 1);
}

/* Two runs at once: processes are told apart, kernel threads are not. */
static void test_parallel(void **state)
{
	struct heard *seen = *state;

	task(seen, KWORK, 2);
	mark(seen, CHECK, "run fstests generic/001 at x\n");
	mark(seen, CHECK2, "run fstests generic/002 at x\n");
	event(seen, CHECK);
	event(seen, CHECK2);
	event(seen, KWORK);
	request(seen, CHECK2, 1);
	assert_int_equal(model_test_at(seen->m, seen->now), 0);
	exits(seen, CHECK, CHECK, 0);
	event(seen, KWORK);
	assert_int_equal(model_test_at(seen->m, seen->now), 2);
	assert_int_equal(model_test(seen->m, 1)->events, 1);
	assert_int_equal(model_test(seen->m, 1)->ambiguous, 1);
	assert_int_equal(model_test(seen->m, 2)->events, 3);
	assert_true(model_test(seen->m, 1)->shared);
	assert_true(model_test(seen->m, 2)->shared);
	assert_int_equal(model_events_ambiguous(seen->m), 1);
}

/* From /dev/kmsg, without processes: a mark ends the test before, all belongs by time. */
static void test_lines_only(void **state)
{
	struct heard *seen = *state;
	struct ev_test ev = { .hdr.kind = EV_TEST_LINE };

	strcpy(ev.text, "run fstests generic/001 at x");
	feed(seen, &ev.hdr, sizeof(ev), 0);
	task(seen, OTHER, 1);
	event(seen, OTHER);
	strcpy(ev.text, "run fstests generic/002 at x");
	feed(seen, &ev.hdr, sizeof(ev), 0);
	event(seen, OTHER);
	assert_int_equal(model_test(seen->m, 1)->by_time, 1);
	assert_int_equal(model_test(seen->m, 1)->end_ns, model_test(seen->m, 2)->mark_ns);
	assert_int_equal(model_test(seen->m, 2)->by_time, 1);
}

static void test_losses_and_results(void **state)
{
	struct heard *seen = *state;
	struct {
		struct ev_test_result ev;
		char text[32];
	} res = {
		.ev = { .hdr = { .kind = EV_TEST_RESULT }, .ordinal = 1, .outcome = EV_TEST_FAIL },
		.text = "output mismatch\0sec\0/r/generic"
	};
	uint64_t marked;

	mark(seen, CHECK, "run fstests generic/001 at x\n");
	marked = seen->now;
	mark(seen, CHECK, "run fstests generic/002 at x\n");
	FEED(seen, 0, ev_lost, EV_LOST, .count = 5, .from = marked + MS / 2, .to = marked + MS / 2);
	feed(seen, &res.ev.hdr, sizeof(res), 0);
	assert_int_equal(model_test(seen->m, 1)->lost, 5);
	assert_int_equal(model_test(seen->m, 2)->lost, 0);
	assert_true(model_test(seen->m, 1)->judged);
	assert_string_equal(model_test(seen->m, 1)->reason, "output mismatch");
	assert_string_equal(model_test(seen->m, 1)->section, "sec");
	assert_string_equal(model_test(seen->m, 1)->result_dir, "/r/generic");
	res.ev.ordinal = 77; /* of no test */
	feed(seen, &res.ev.hdr, sizeof(res), 0);
}

static void test_handed_on_in_time(void **state)
{
	struct heard *seen = *state;

	mark(seen, CHECK, "run fstests generic/001 at x\n");
	request(seen, CHECK, 1); /* never ends */
	mark(seen, CHECK, "run fstests generic/002 at x\n");
	mark(seen, CHECK, "run fstests generic/003 at x\n");
	seen->now += 700 * MS;
	event(seen, CHECK);
	assert_int_equal(seen->nr, 0);
	seen->now += 10000 * MS;
	event(seen, CHECK);
	assert_int_equal(seen->nr, 2);
	assert_int_equal(seen->test[0].open, 1);
	assert_int_equal(model_finish(seen->m), 0);
	assert_int_equal(seen->nr, 3);
}

/* 007 left a process behind: what that does later is on its page too. */
static void test_outlived(void **state)
{
	struct heard *seen = *state;

	mark(seen, CHECK, "run fstests generic/007 at x\n");
	forked(seen, CHECK, CHECK, CHILD);
	mark(seen, CHECK, "run fstests generic/008 at x\n");
	seen->now += 5000 * MS;
	event(seen, CHILD);
	assert_int_equal(seen->nr, 0);
	exits(seen, CHECK, CHILD, 0);
	assert_int_equal(seen->nr, 1);
	assert_int_equal(seen->test[0].events, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_phases, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_and_repeats, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ownership, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stranger, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parallel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines_only, setup, teardown),
		cmocka_unit_test_setup_teardown(test_losses_and_results, setup, teardown),
		cmocka_unit_test_setup_teardown(test_handed_on_in_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outlived, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
