// SPDX-License-Identifier: GPL-2.0-only
/* What `watch --slower` and `--on` tell of, and what saves a flight recorder's window. */
#include <jansson.h>

#include "check_util.h"
#include "view/measure/trigger.h"

#define ACCESS_DENIED	      0xc0000022
#define OBJECT_NAME_NOT_FOUND 0xc0000034
#define DISK_FULL	      0xc000007f

/* Listens as `watch` does, and keeps what it would print. */
struct telling {
	struct seq *q;
	struct trigger_options o;
	struct model_listener l;
	struct why *why;
	char *text, *json;
	size_t text_size, json_size;
	FILE *out, *json_out;
	unsigned int nr;
	unsigned int on; /* of the latest */
	uint64_t took_ns;
	bool open, partial;
	struct trigger_brief brief;
};

static int told(struct telling *t, const struct trigger *tr)
{
	t->nr++;
	t->on = tr->on;
	t->took_ns = tr->took_ns;
	t->open = tr->open;
	t->partial = tr->partial;
	t->brief = trigger_brief(tr);
	assert_int_equal(trigger_print(t->out, t->q->m, t->why, tr), 0);
	assert_int_equal(trigger_print_json(t->json_out, t->q->m, t->why, tr), 0);
	fflush(t->out);
	fflush(t->json_out);
	return 0;
}

static int on_request(void *ctx, const struct request *r)
{
	struct telling *t = ctx;
	struct trigger tr;

	return trigger_of_request(&t->o, t->q->m, r, &tr) ? told(t, &tr) : 0;
}

static int on_command(void *ctx, const struct command *c)
{
	struct telling *t = ctx;
	struct trigger tr;

	return trigger_of_command(&t->o, t->q->m, c, &tr) ? told(t, &tr) : 0;
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	struct telling *t = ctx;
	const struct model_listener *why = why_listener(t->why);
	struct trigger tr;

	assert_int_equal(why->event(why->ctx, seen), 0);
	return trigger_of_event(&t->o, t->q->m, ev, &tr) ? told(t, &tr) : 0;
}

static void listen(struct telling *t, const char *kernel, unsigned int on, uint64_t slower)
{
	*t = (struct telling){ .q = seq_new(kernel), .o = { .on = on, .slower_ns = slower } };
	t->l = (struct model_listener){
		.event = on_event, .request = on_request, .command = on_command, .ctx = t
	};
	assert_int_equal(why_new(&t->why, t->q->m), 0);
	assert_int_equal(model_listen(t->q->m, &t->l), 0);
	t->out = open_memstream(&t->text, &t->text_size);
	t->json_out = open_memstream(&t->json, &t->json_size);
	FEED(t->q, 0, ev_anchor, EV_ANCHOR, 0, 0, .realtime = 1764000000 * SEC + 123456000);
	FEED(t->q, APP, ev_task, EV_TASK, 0, 0, .comm = "dd");
	FEED(t->q, CIFSD, ev_conn, EV_CONN, 0, 0, .conn = CONN, .hostname = "server");
}

static void hush(struct telling *t)
{
	fclose(t->out);
	fclose(t->json_out);
	free(t->text);
	free(t->json);
	seq_free(t->q);
	why_free(t->why);
}

/* A read whose caller waits for as long. */
static void read_of(struct seq *q, uint32_t r, uint64_t lasts, int error)
{
	struct rq rq = { .r = r,
			 .origin = ORIGIN_READAHEAD,
			 .len = 4096,
			 .transferred = error ? 0 : 4096,
			 .error = error };
	struct io a = { .r = r, .s = 1, .len = 4096 };

	begin(q, &rq);
	issue(q, &a);
	pass(q, lasts);
	answer(q, &a);
	release(q, &a);
	end(q, &rq);
	pass(q, SEC);
}

/* One whose subrequest fails, which the request does not take over. */
static void unheard_error(struct seq *q, uint32_t r, int error)
{
	struct rq rq = { .r = r, .origin = ORIGIN_DIO_WRITE, .len = 4096 };
	struct io a = { .r = r, .s = 1, .len = 4096, .write = true, .error = error, .none = true };

	begin(q, &rq);
	io(q, &a);
	end(q, &rq);
	pass(q, SEC);
}

/* A command of no request. */
static void ask(struct seq *q, uint16_t cmd, uint64_t mid, uint64_t lasts, uint32_t status)
{
	command(q, APP, cmd, mid, 0, 0);
	pass(q, lasts);
	response(q, mid, cmd, status, 1);
	pass(q, SEC);
}

static void test_parse(void **state)
{
	static const char *const bad[] = { "",	     ",",   "error,",	       ",error", "errors",
					   "slower", "all", "error reconnect", "Error" };
	unsigned int on = 0;

	(void)state;
	assert_int_equal(trigger_parse("error", &on), 0);
	assert_int_equal(on, ON_ERROR);
	assert_int_equal(trigger_parse("error,reconnect,finding", &on), 0);
	assert_int_equal(on, ON_ERROR | ON_RECONNECT | ON_FINDING);
	assert_int_equal(trigger_parse("finding,finding", &on), 0);
	assert_int_equal(on, ON_FINDING);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(trigger_parse(bad[i], &on), -EINVAL);
		assert_int_equal(on, ON_FINDING);
	}
}

/* The threshold belongs to what is slow, as it does with smbslower. */
static void test_slow_request(void **state)
{
	(void)state;
	for (int k = 0; k < 2; k++) {
		const char *kernel = k ? K73 : K612;
		struct telling t;
		uint64_t took;

		listen(&t, kernel, ON_SLOWER, 0);
		read_of(t.q, 1, 100 * MS, 0);
		assert_int_equal(t.nr, 1); /* 0 is all; its command is not told apart */
		took = t.took_ns;
		assert_true(took >= 100 * MS && took < 101 * MS);
		hush(&t);

		listen(&t, kernel, ON_SLOWER, took);
		read_of(t.q, 1, 100 * MS, 0);
		assert_int_equal(t.nr, 1);
		assert_int_equal(t.on, ON_SLOWER);
		assert_non_null(strstr(t.text, "slower     2025-11-24 16:00:00.123 ["));
		assert_non_null(strstr(t.text, "R=00000001 RA "));
		assert_non_null(strstr(t.text, " by dd-100\n"));
		assert_non_null(strstr(t.text, "\n           why: 100 ms of 100 ms on the wire"));
		assert_string_equal(t.brief.s, "slower: R=00000001 took 100 ms, error 0");
		hush(&t);

		listen(&t, kernel, ON_SLOWER, took + 1);
		read_of(t.q, 1, 100 * MS, 0);
		assert_int_equal(t.nr, 0);
		hush(&t);
	}
}

static void test_json(void **state)
{
	struct telling t;
	json_t *line;

	(void)state;
	listen(&t, K612, ON_SLOWER | ON_ERROR, 50 * MS);
	read_of(t.q, 1, 100 * MS, -5);
	line = json_loads(t.json, 0, NULL);
	assert_non_null(line);
	assert_string_equal(json_string_value(json_object_get(line, "type")), "request");
	assert_string_equal(json_string_value(json_object_get(line, "rreq")), "00000001");
	assert_int_equal(json_array_size(json_object_get(line, "on")), 2);
	assert_int_equal(json_integer_value(json_object_get(line, "took_ns")), t.took_ns);
	assert_int_equal(atoll(json_string_value(json_object_get(line, "realtime_ns"))) / SEC,
			 1764000000);
	assert_true(json_is_string(json_object_get(line, "why")));
	assert_non_null(strstr(t.text, "slower,error "));
	json_decref(line);
	hush(&t);
}

static void test_error(void **state)
{
	struct telling t;

	(void)state;
	listen(&t, K612, ON_ERROR, 0);
	read_of(t.q, 1, 100 * MS, 0);
	assert_int_equal(t.nr, 0);
	read_of(t.q, 2, 100 * MS, -28);
	assert_int_equal(t.nr, 1);
	assert_non_null(strstr(t.text, "error -28"));
	assert_null(strstr(t.text, "why:"));
	unheard_error(t.q, 3, -ENOSPC);
	assert_int_equal(t.nr, 2);
	assert_non_null(strstr(t.text, " by dd-100: error -28 of a subrequest\n"));
	assert_string_equal(t.brief.s + strlen(t.brief.s) - 9, "error -28");
	unheard_error(t.q, 4, -ENODATA); /* the end of the file */
	assert_int_equal(t.nr, 2);
	/* "is it there?" and its answer are no failure */
	ask(t.q, SMB2_CREATE, 1000, MS, OBJECT_NAME_NOT_FOUND);
	assert_int_equal(t.nr, 2);
	ask(t.q, SMB2_CREATE, 1001, MS, ACCESS_DENIED);
	assert_int_equal(t.nr, 3);
	assert_non_null(strstr(t.text, "mid 1001     CREATE "));
	assert_non_null(strstr(t.text, "0xc0000022 ACCESS_DENIED  by dd-100\n"));
	/* that of a request is told for its status */
	command(t.q, APP, 9, 1002, 9, 1);
	response(t.q, 1002, 9, DISK_FULL, 1);
	pass(t.q, SEC);
	assert_int_equal(t.nr, 4);
	assert_non_null(strstr(t.text, "0xc000007f DISK_FULL  for R=00000009[1]  by dd-100\n"));
	hush(&t);
}

static void test_slow_command(void **state)
{
	struct telling t;

	(void)state;
	listen(&t, K612, ON_SLOWER, SEC);
	ask(t.q, SMB2_CREATE, 1000, 900 * MS, 0);
	assert_int_equal(t.nr, 0);
	ask(t.q, SMB2_CREATE, 1001, SEC, 0);
	assert_int_equal(t.nr, 1);
	assert_non_null(strstr(t.text, " CREATE            1.00 s  ok  by dd-100\n"));
	/* may wait for hours */
	ask(t.q, SMB2_CHANGE_NOTIFY, 1002, 10 * SEC, 0);
	assert_int_equal(t.nr, 1);
	command(t.q, APP, SMB2_LOCK, 1003, 0, 0);
	response(t.q, 1003, SMB2_LOCK, STATUS_PENDING, 1);
	pass(t.q, 10 * SEC);
	response(t.q, 1003, SMB2_LOCK, 0, 0);
	pass(t.q, SEC);
	assert_int_equal(t.nr, 1);
	ask(t.q, SMB2_LOCK, 1004, 10 * SEC, 0); /* this one did not say that it would wait */
	assert_int_equal(t.nr, 2);
	hush(&t);
}

static void test_reconnect(void **state)
{
	struct telling t;

	(void)state;
	listen(&t, K612, ON_RECONNECT, 0);
	command(t.q, APP, SMB2_CREATE, 1000, 0, 0);
	pass(t.q, SEC);
	reconnect(t.q);
	pass(t.q, SEC);
	assert_int_equal(t.nr, 1);
	assert_non_null(strstr(t.text, "conn 0x2 to server: reconnect 1 of this recording\n"));
	assert_non_null(strstr(t.json, "\"what\":\"smb3_reconnect\""));
	hush(&t);

	/* what it cut off has failed, and took its time until then */
	listen(&t, K612, ON_ERROR | ON_SLOWER, SEC);
	command(t.q, APP, SMB2_CREATE, 1000, 0, 0);
	pass(t.q, SEC);
	reconnect(t.q);
	pass(t.q, 3 * SEC);
	assert_int_equal(t.nr, 1);
	assert_int_equal(t.on, ON_ERROR | ON_SLOWER);
	assert_true(t.took_ns < 1100 * MS);
	assert_non_null(strstr(t.text, "cut off by a reconnect"));
	hush(&t);
}

/* What never ends is told when the recording does. */
static void test_open(void **state)
{
	struct rq rq = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };
	struct io a = { .r = 1, .s = 1, .len = 4096 };
	struct telling t;

	(void)state;
	listen(&t, K612, ON_SLOWER, 5 * SEC);
	begin(t.q, &rq);
	issue(t.q, &a);
	command(t.q, APP, SMB2_CREATE, 1000, 0, 0);
	pass(t.q, 6 * SEC);
	assert_int_equal(t.nr, 0);
	seq_finish(t.q);
	assert_int_equal(t.nr, 2);
	assert_true(t.open);
	assert_non_null(strstr(t.text, " open  inode 7"));
	assert_non_null(strstr(t.text, "by dd-100: open for 6.00 s so far\n"));
	assert_non_null(strstr(t.text, "no answer yet"));
	hush(&t);
}

/* One that ran before took at least as long as it was seen. */
static void test_partial(void **state)
{
	struct rq rq = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096 };
	struct telling t;

	(void)state;
	listen(&t, K612, ON_SLOWER, 2 * SEC);
	rreq(t.q, &rq, RREQ_WAKE_IP);
	pass(t.q, 3 * SEC);
	rreq(t.q, &rq, RREQ_DONE);
	rref(t.q, 1, RREF_PUT_RETURN, 0);
	rreq(t.q, &rq, RREQ_FREE);
	pass(t.q, SEC);
	assert_int_equal(t.nr, 1);
	assert_true(t.partial);
	assert_non_null(strstr(t.text, ": took at least 3.00 s\n"));
	hush(&t);
}

/* Nothing is a trigger that was not asked for. */
static void test_silence(void **state)
{
	struct telling t;

	(void)state;
	listen(&t, K612, ON_FINDING, 0);
	read_of(t.q, 1, 10 * SEC, -5);
	ask(t.q, SMB2_CREATE, 1001, 10 * SEC, ACCESS_DENIED);
	reconnect(t.q);
	seq_finish(t.q);
	assert_int_equal(t.nr, 0);
	hush(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	     cmocka_unit_test(test_slow_request),
		cmocka_unit_test(test_json),	     cmocka_unit_test(test_error),
		cmocka_unit_test(test_slow_command), cmocka_unit_test(test_reconnect),
		cmocka_unit_test(test_open),	     cmocka_unit_test(test_partial),
		cmocka_unit_test(test_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
