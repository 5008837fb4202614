// SPDX-License-Identifier: GPL-2.0-only
/* The flight recorder: what it keeps, what it forgets, and that what it saves is a whole trace. */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_util.h"
#include "run/flight_out.h"
#include "trace/trace.h"

#define HOUR (3600 * SEC)

/* What was said of the files: names without the directory, and why. */
struct said {
	unsigned int saved, left_out;
	char path[128], why[400];
};

static void on_saved(void *ctx, const char *path, const char *why)
{
	struct said *said = ctx;

	said->saved += !!path;
	said->left_out += !path;
	snprintf(said->path, sizeof(said->path), "%s", path ? path : "");
	snprintf(said->why, sizeof(said->why), "%s", why);
}

struct flying {
	struct flight_out *f;
	struct seq *q;
	char dir[64], path[96];
	uint64_t most; /* bytes of memory there ever were */
	unsigned int found;
	struct said said;
};

static void tap(void *ctx, const struct ev_hdr *ev)
{
	struct flying *fly = ctx;
	struct err err;
	uint64_t bytes;

	assert_int_equal(flight_out_add(fly->f, ev), 0);
	assert_int_equal(flight_out_tick(fly->f, false, &err), 0);
	bytes = flight_out_state(fly->f).bytes;
	if (bytes > fly->most)
		fly->most = bytes;
}

static int on_found(void *ctx, const struct finding *f)
{
	struct flying *fly = ctx;

	fly->found++;
	flight_out_found(fly->f, f, false);
	return 0;
}

static void take_off(struct flying *fly, struct engine_options *judge, const char *limits,
		     unsigned int files)
{
	struct flight_out_options o = { .max_files = files, .saved = on_saved };

	*fly = (struct flying){};
	strcpy(fly->dir, "/tmp/netfsnoop-flight-XXXXXX");
	assert_non_null(mkdtemp(fly->dir));
	snprintf(fly->path, sizeof(fly->path), "%s/smb.nsn", fly->dir);
	assert_int_equal(flight_out_parse(limits, &o.flight), 0);
	o.flight.level = 1;
	o.path = fly->path;
	o.ctx = &fly->said;
	*judge = (struct engine_options){ .found = on_found, .ctx = fly };
	fly->q = seq_open(K612, judge);
	assert_int_equal(flight_out_new(&fly->f, &o, fly->q->m), 0);
	fly->q->tap = tap;
	fly->q->tap_ctx = fly;
	seq_head(fly->q, K612);
	FEED(fly->q, 0, ev_mark_rec, EV_MARK, 0, 0, .mark = EV_MARK_START);
}

static unsigned int land(struct flying *fly)
{
	unsigned int files = 0;
	struct dirent *e;
	DIR *d = opendir(fly->dir);

	while ((e = readdir(d))) {
		char path[512];

		if (*e->d_name == '.')
			continue;
		files++;
		snprintf(path, sizeof(path), "%s/%s", fly->dir, e->d_name);
		unlink(path);
	}
	closedir(d);
	rmdir(fly->dir);
	flight_out_free(fly->f);
	seq_free(fly->q);
	return files;
}

/* A second of load: some reads of 4 subrequests, and the names of new threads. */
static void second_of_load(struct seq *q, uint32_t *r)
{
	uint64_t until = q->now + SEC;

	for (int i = 0; i < 4; i++) {
		struct rq rq = {
			.r = ++*r, .origin = ORIGIN_READAHEAD, .len = 16384, .transferred = 16384
		};

		FEED(q, 1000 + *r, ev_task, EV_TASK, 0, 0, .comm = "dd");
		begin(q, &rq);
		for (uint32_t s = 1; s <= 4; s++) {
			struct io a = { .r = *r, .s = s, .start = (s - 1) * 4096, .len = 4096 };

			io(q, &a);
		}
		end(q, &rq);
	}
	FEED(q, 0, ev_tick, EV_TICK, 0, 0);
	q->now = until;
}

/* One whose data come late, and of which less is said than there is: `transfer` finds it. */
static void bad_read(struct seq *q, uint32_t r, uint64_t lasts)
{
	struct rq rq = { .r = r, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096 };
	struct io a = { .r = r, .s = 1, .len = 4096, .transferred = 4096 + 512 };

	begin(q, &rq);
	issue(q, &a);
	pass(q, lasts);
	answer(q, &a);
	release(q, &a);
	end(q, &rq);
}

struct replayed {
	struct model *m;
	struct engine *e;
};

static void replay(struct replayed *rp, const char *path)
{
	struct trace_reader *r;
	const struct ev_hdr *ev;
	struct err err;
	int rc;

	assert_int_equal(trace_reader_open(&r, path, &err), 0);
	assert_int_equal(model_new(&rp->m, NULL), 0);
	assert_int_equal(engine_new(&rp->e, rp->m, NULL), 0);
	assert_int_equal(model_listen(rp->m, engine_listener(rp->e)), 0);
	while ((rc = trace_reader_next(r, &ev)) == 1)
		assert_int_equal(model_feed(rp->m, ev), 0);
	assert_int_equal(rc, 0);
	assert_false(is_damaged(trace_reader_damage(r)));
	assert_int_equal(model_finish(rp->m), 0);
	assert_int_equal(engine_finish(rp->e), 0);
	trace_reader_free(r);
}

static void forget(struct replayed *rp)
{
	engine_free(rp->e);
	model_free(rp->m);
}

static const struct finding *only_finding(const struct replayed *rp, uint32_t r)
{
	const struct finding *f = engine_findings(rp->e);

	assert_non_null(f);
	for (const struct finding *g = f; g; g = g->next)
		if (g->rreq != r)
			fail_msg("%s of R=%x: %s", g->check->id, g->rreq, g->explanation);
	return f;
}

/* An hour goes by in 1 MiB; what is found late in it is saved with its request from the start. */
static void test_hour(void **state)
{
	struct engine_options judge;
	struct flying fly;
	struct replayed rp;
	struct stat st;
	char file[128];
	uint32_t r = 0;

	(void)state;
	take_off(&fly, &judge, "30s,1M", 16);
	while (fly.q->now < HOUR)
		second_of_load(fly.q, &r);
	assert_int_equal(fly.found, 0);
	bad_read(fly.q, 0x7777777, SEC);
	for (int i = 0; i < 5; i++)
		second_of_load(fly.q, &r);
	assert_true(fly.found >= 1);
	assert_true(fly.most <= (1 << 20) + 262144);
	assert_int_equal(flight_out_state(fly.f).saved, fly.found);

	snprintf(file, sizeof(file), "%s/smb-001.nsn", fly.dir);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(st.st_size <= (1 << 20) + 262144);
	replay(&rp, file);
	only_finding(&rp, 0x7777777);
	assert_true(model_recording(rp.m)->start_ns > HOUR - 40 * SEC);
	assert_true(model_recording(rp.m)->start_ns < HOUR - 20 * SEC);
	assert_int_equal(model_recording(rp.m)->late, 0);
	forget(&rp);
	assert_int_equal(land(&fly), fly.found);
}

/* A request that takes longer than the span keeps the window open, from its first event on. */
static void test_long_request(void **state)
{
	struct engine_options judge;
	struct flying fly;
	struct replayed rp;
	char file[128];
	uint32_t r = 0;
	uint64_t began;

	(void)state;
	take_off(&fly, &judge, "5s,4M", 16);
	for (int i = 0; i < 60; i++)
		second_of_load(fly.q, &r);
	began = fly.q->now + 1000; /* its first event */
	bad_read(fly.q, 0x7777777, 9 * SEC);
	for (int i = 0; i < 5; i++)
		second_of_load(fly.q, &r);
	snprintf(file, sizeof(file), "%s/smb-001.nsn", fly.dir);
	replay(&rp, file);
	assert_int_equal(only_finding(&rp, 0x7777777)->verdict, VERDICT_VIOLATION);
	assert_true(model_recording(rp.m)->start_ns <= began);
	assert_true(model_recording(rp.m)->start_ns > began - 10 * SEC);
	forget(&rp);
	/* and once it is over, the window closes again */
	for (int i = 0; i < 60; i++)
		second_of_load(fly.q, &r);
	struct finding again = { .check = &(const struct check_ops){ .id = "transfer" } };

	flight_out_found(fly.f, &again, false);
	for (int i = 0; i < 3; i++)
		second_of_load(fly.q, &r);
	snprintf(file, sizeof(file), "%s/smb-%03u.nsn", fly.dir, flight_out_state(fly.f).saved);
	replay(&rp, file);
	assert_null(engine_findings(rp.e));
	assert_true(model_recording(rp.m)->start_ns > fly.q->now - 15 * SEC);
	forget(&rp);
	land(&fly);
}

static void test_limit(void **state)
{
	struct engine_options judge;
	struct flying fly;
	uint32_t r = 0;
	char file[128];
	FILE *f;

	(void)state;
	take_off(&fly, &judge, "5s,1M", 2);
	snprintf(file, sizeof(file), "%s/smb-001.nsn", fly.dir);
	f = fopen(file, "w"); /* of an earlier run: it stays, and counts */
	assert_non_null(f);
	fclose(f);
	for (int i = 0; i < 8; i++) {
		struct finding found = { .check = &(const struct check_ops){ .id = "transfer" } };

		second_of_load(fly.q, &r);
		flight_out_found(fly.f, &found, false);
	}
	second_of_load(fly.q, &r);
	second_of_load(fly.q, &r);
	assert_int_equal(flight_out_state(fly.f).saved, 1);
	assert_int_equal(flight_out_state(fly.f).left_out, 7);
	assert_string_equal(flight_out_state(fly.f).last + strlen(fly.dir), "/smb-002.nsn");
	assert_int_equal(land(&fly), 2);
}

static uint64_t start_of(const char *path, uint64_t *ret_end)
{
	struct replayed rp;
	uint64_t start;

	replay(&rp, path);
	start = model_recording(rp.m)->start_ns;
	*ret_end = model_recording(rp.m)->stop_ns;
	forget(&rp);
	return start;
}

/* A server that stalls makes hundreds of triggers: no file for each, and none of them is lost. */
static void test_events(void **state)
{
	struct engine_options judge;
	struct flying fly;
	const struct said *said = &fly.said;
	uint32_t r = 0;
	uint64_t end1, end2, start2, second;

	(void)state;
	take_off(&fly, &judge, "10s,4M", 16);
	for (int i = 0; i < 30; i++)
		second_of_load(fly.q, &r);
	for (int i = 0; i < 100; i++)
		flight_out_event(fly.f, "slower: R=00000001 took 5.00 s, error 0", false);
	assert_int_equal(said->saved, 0); /* what follows is worth something too */
	second_of_load(fly.q, &r);
	second_of_load(fly.q, &r);
	assert_int_equal(said->saved, 1);
	assert_string_equal(said->path + strlen(fly.dir), "/smb-001.nsn");
	assert_string_equal(said->why, "trigger=slower: R=00000001 took 5.00 s, error 0; 99 more");
	start_of(said->path, &end1);

	/* the trouble goes on: the next window begins about where this one ended */
	for (int i = 0; i < 6; i++) {
		second_of_load(fly.q, &r);
		flight_out_event(fly.f, "error", false);
		second = fly.q->now;
	}
	for (int i = 0; i < 7; i++)
		second_of_load(fly.q, &r);
	assert_int_equal(said->saved, 2);
	assert_non_null(strstr(said->why, "trigger=error; "));
	start2 = start_of(said->path, &end2);
	assert_true(start2 < end1 && start2 + 3 * SEC > end1);
	assert_true(end2 > second);

	/* calm for longer than a window: the next is not held back */
	for (int i = 0; i < 30; i++)
		second_of_load(fly.q, &r);
	flight_out_event(fly.f, "reconnect", false);
	second_of_load(fly.q, &r);
	second_of_load(fly.q, &r);
	assert_int_equal(said->saved, 3);
	assert_string_equal(said->why, "trigger=reconnect");
	land(&fly);
}

/* With memory for less than the span, a window that waits is saved before its reason slides out. */
static void test_slides(void **state)
{
	struct engine_options judge;
	struct flying fly;
	const struct said *said = &fly.said;
	uint32_t r = 0;
	uint64_t at, end;

	(void)state;
	take_off(&fly, &judge, "3600s,1M", 16);
	flight_out_event(fly.f, "slower", false);
	for (int i = 0; i < 3; i++)
		second_of_load(fly.q, &r);
	assert_int_equal(said->saved, 1);
	at = fly.q->now;
	flight_out_event(fly.f, "slower", false);
	while (said->saved < 2 && fly.q->now < at + HOUR)
		second_of_load(fly.q, &r);
	assert_int_equal(said->saved, 2);
	assert_true(fly.q->now < at + HOUR);
	assert_true(start_of(said->path, &end) < at);
	land(&fly);
}

/* SIGUSR1: at once, whatever waits; and who asks is told when there is no file any more. */
static void test_now(void **state)
{
	struct engine_options judge;
	struct flying fly;
	const struct said *said = &fly.said;
	struct err err;
	uint32_t r = 0;
	uint64_t end;

	(void)state;
	take_off(&fly, &judge, "10s,4M", 2);
	for (int i = 0; i < 20; i++)
		second_of_load(fly.q, &r);
	assert_int_equal(flight_out_now(fly.f, "asked=SIGUSR1", &err), 0);
	assert_int_equal(said->saved, 1);
	assert_string_equal(said->why, "asked=SIGUSR1");
	assert_true(start_of(said->path, &end) + 9 * SEC < end);
	assert_true(end + 2 * SEC > fly.q->now);
	flight_out_event(fly.f, "error", false);
	second_of_load(fly.q, &r);
	second_of_load(fly.q, &r);
	assert_int_equal(said->saved, 2);
	assert_int_equal(flight_out_now(fly.f, "asked=SIGUSR1", &err), 0);
	assert_int_equal(said->saved, 2);
	assert_int_equal(said->left_out, 1);
	flight_out_event(fly.f, "error", false);
	assert_int_equal(said->left_out, 2);
	assert_int_equal(flight_out_state(fly.f).left_out, 2);
	land(&fly);
}

/* --crash-safe: not a moment later, as there may be none. */
static void test_at_once(void **state)
{
	struct engine_options judge;
	struct flying fly;
	const struct said *said = &fly.said;
	struct err err;
	uint32_t r = 0;

	(void)state;
	take_off(&fly, &judge, "10s,4M", 2);
	second_of_load(fly.q, &r);
	flight_out_event(fly.f, "error", true);
	assert_int_equal(flight_out_tick(fly.f, false, &err), 0);
	assert_int_equal(said->saved, 1);
	land(&fly);
}

static void test_parse(void **state)
{
	static const char *const bad[] = { "",	     "30s",   "30s,",	 ",64M",   "0s,64M",
					   "30s,64", "s,64M", "30m,64M", "30s;64M" };
	struct flight_options o;

	(void)state;
	assert_int_equal(flight_out_parse("30s,64M", &o), 0);
	assert_int_equal(o.span_ns, 30 * SEC);
	assert_int_equal(o.bytes, 64 << 20);
	assert_int_equal(flight_out_parse("90,1M", &o), 0);
	assert_int_equal(o.span_ns, 90 * SEC);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(flight_out_parse(bad[i], &o), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hour),	cmocka_unit_test(test_long_request),
		cmocka_unit_test(test_limit),	cmocka_unit_test(test_events),
		cmocka_unit_test(test_slides),	cmocka_unit_test(test_now),
		cmocka_unit_test(test_at_once), cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
