// SPDX-License-Identifier: GPL-2.0-only
/* Copies of /proc in tests/hang, from a healthy mount and from three ways to hang, and damaged
 * ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "hang/hang.h"

struct looked {
	struct hang_snap snap[2];
	struct hang_report r;
};

static void look(struct looked *l, const char *name)
{
	struct err err = {};
	char path[128];

	snprintf(path, sizeof(path), "tests/hang/%s", name);
	assert_int_equal(hang_snap_read(&l->snap[0], path, &err), 0);
	assert_int_equal(hang_snap_read(&l->snap[1], path, &err), 0);
	assert_int_equal(hang_judge(&l->r, &l->snap[0], &l->snap[1], 1000000000), 0);
}

static void forget(struct looked *l)
{
	hang_report_free(&l->r);
	hang_snap_free(&l->snap[0]);
	hang_snap_free(&l->snap[1]);
}

static const struct hang_request_view *request(const struct looked *l, const char *origin)
{
	for (size_t i = 0; i < l->snap[1].nr_requests; i++)
		if (!strcmp(l->snap[1].request[i].origin, origin))
			return &l->r.request[i];
	fail_msg("no request %s", origin);
	return NULL;
}

static bool has_frame(const struct hang_task *t, const char *function)
{
	for (size_t i = 0; i < t->nr_frames; i++)
		if (!strncmp(t->frame[i], function, strlen(function)))
			return true;
	return false;
}

static void server_read(void **state)
{
	const struct hang_request_view *v;
	struct looked l;

	(void)state;
	look(&l, "6.12-read");
	assert_int_equal(l.r.verdict, HANG_SERVER);
	assert_true(l.r.hangs);
	v = request(&l, "DR");
	assert_int_equal(v->verdict, HANG_SERVER);
	assert_non_null(v->task);
	assert_string_equal(v->task->comm, "dd");
	assert_string_equal(v->task->path, "/mnt/smb/big");
	assert_true(v->by_position);
	assert_true(v->task->has_last_run);
	assert_true(v->task->idle_ns >= 1000000000 && v->task->idle_ns <= 60000000000);
	assert_true(has_frame(v->task, "netfs_unbuffered_read_iter_locked"));
	assert_int_equal(l.snap[1].nr_conns, 1);
	assert_int_equal(l.r.conn[0].verdict, HANG_SERVER);
	assert_int_equal(l.r.conn[0].c->in_flight, l.snap[1].nr_mids);
	assert_string_equal(l.r.conn[0].c->share, "\\\\127.0.0.1\\share");
	assert_int_equal(l.r.conn[0].cifsd->wait, HANG_WAIT_RECEIVE);
	assert_int_equal(l.snap[1].mid[0].cmd, HANG_CMD_READ);
	assert_int_equal(l.snap[1].mid[0].pid, v->task->tid);
	forget(&l);
}

/* A message that is no request's: fsync waits for the answer to FLUSH. */
static void server_flush(void **state)
{
	const struct hang_task *t;
	struct looked l;

	(void)state;
	look(&l, "6.12-flush");
	assert_int_equal(l.r.verdict, HANG_SERVER);
	assert_string_equal(request(&l, "RA")->task->comm, "cat");
	for (size_t i = 0; i < l.snap[1].nr_mids; i++)
		if (!strcmp(hang_command_name(&l.snap[1].mid[i]), "FLUSH")) {
			t = hang_task_by_tid(&l.snap[1], l.snap[1].mid[i].pid);
			assert_non_null(t);
			assert_true(t->stuck);
			assert_int_equal(t->wait, HANG_WAIT_RESPONSE);
			forget(&l);
			return;
		}
	fail_msg("no FLUSH");
}

/* Without its messages the same request is lost. */
static void lost_in_the_kernel(void **state)
{
	struct looked l;

	(void)state;
	look(&l, "6.12-read");
	hang_report_free(&l.r);
	l.snap[0].nr_mids = l.snap[1].nr_mids = 0;
	l.snap[1].conn[0].in_flight = 0;
	assert_int_equal(hang_judge(&l.r, &l.snap[0], &l.snap[1], 1000000000), 0);
	assert_int_equal(l.r.verdict, HANG_LOST);
	assert_int_equal(l.r.conn[0].verdict, HANG_NONE);
	assert_int_equal(request(&l, "DR")->verdict, HANG_LOST);
	assert_string_equal(request(&l, "DR")->task->comm, "dd");
	forget(&l);
}

static void reconnecting(void **state)
{
	struct looked l;

	(void)state;
	look(&l, "7.3-reconnect");
	assert_int_equal(l.r.verdict, HANG_RECONNECT);
	assert_int_equal(l.r.conn[0].verdict, HANG_RECONNECT);
	assert_string_equal(hang_tcp_status_name(l.r.conn[0].c->tcp_status), "in-negotiate");
	assert_int_equal(l.r.conn[0].c->waiters, 2);
	/* a retried read waits for credits, and is still the task of the request */
	assert_int_equal(request(&l, "DR")->task->wait, HANG_WAIT_CREDITS);
	assert_int_equal(request(&l, "DR")->task->request_wait, HANG_WAIT_READ);
	forget(&l);
}

/* The same request a moment later, further on, does not hang; nor one that is new. */
static void moving(void **state)
{
	struct looked l;

	(void)state;
	look(&l, "6.12-read");
	hang_report_free(&l.r);
	l.snap[0].request[0].submitted--;
	assert_int_equal(hang_judge(&l.r, &l.snap[0], &l.snap[1], 1), 0);
	assert_int_equal(l.r.request[0].verdict, HANG_MOVING);
	hang_report_free(&l.r);
	l.snap[0].nr_requests = 0;
	assert_int_equal(hang_judge(&l.r, &l.snap[0], &l.snap[1], 1), 0);
	assert_int_equal(l.r.request[0].verdict, HANG_MOVING);
	forget(&l);
}

static int parse_requests(struct hang_snap *s, const char *text)
{
	__autofree char *copy = strdup(text);

	memset(s, 0, sizeof(*s));
	return hang_parse_requests(s, copy);
}

static void request_texts(void **state)
{
	struct hang_snap s;

	(void)state;
	assert_int_equal(parse_requests(&s, "REQUEST  OR REF FL ERR  OPS COVERAGE\n"
					    "======== == === == ==== === =========\n"
					    "0000002a RA   2 2020   -5   1 @0000 40000/80000\n"),
			 0);
	assert_int_equal(s.nr_requests, 1);
	assert_int_equal(s.request[0].id, 0x2a);
	assert_int_equal(s.request[0].error, -5);
	assert_int_equal(s.request[0].ops, 1);
	assert_int_equal(s.request[0].len, 0x80000);
	hang_snap_free(&s);
	assert_int_equal(parse_requests(&s,
					"REQUEST  OR REF FLAG ERR  OPS COVERAGE\n"
					"======== == === ==== ==== === =========\n"
					"ffffffff DW   3  103    0   0 @7fffffffffff000 0/1000\n"
					"rubbish\n\x1b[2J\n0000002b"),
			 0);
	assert_int_equal(s.nr_requests, 1);
	assert_true(s.truncated);
	assert_int_equal(s.request[0].start, 0x7fffffffffff000);
	hang_snap_free(&s);
	assert_int_equal(parse_requests(&s, "Request list\n"), -EPROTO);
	assert_int_equal(parse_requests(&s, ""), -EPROTO);
}

static void conn_texts(void **state)
{
	char text[] = "Display Internal CIFS Data Structures for Debugging\n"
		      "1) ConnectionId: 0x7 Hostname: a\x1b[2Jb \n"
		      "Number of credits: 10,1,2 Dialect 0x311 signed\n"
		      "TCP status: 1 Instance: 4\n"
		      "Local Users To Server: 1 SecMode: 0x1 Req On Wire: 3 Net namespace: 1 \n"
		      "In Send: 0 In MaxReq Wait: 5\n"
		      "\tSessions: \n"
		      "\t1) Address: ::1 Uses: 1 Capability: 0x300047\tSession Status: 1 \n"
		      "\t\tChannel: 2 ConnectionId: 0x8\n"
		      "\t\tNumber of credits: 20,1,1 Dialect 0x311\n"
		      "\t\tTCP status: 3 Instance: 9\n"
		      "\t\tLocal Users To Server: 1 SecMode: 0x1 Req On Wire: 1\n"
		      "\t\tIn Send: 0 In MaxReq Wait: 0\tDISCONNECTED \n"
		      "\tShares: \n"
		      "\t1) \\\\host\\a share Mounts: 1 DevInfo: 0x20\n"
		      "\tMIDs: \n"
		      "\tServer ConnectionId: 0x8\n"
		      "\t\tState: 2 com: 9 pid: 12 cbdata: 00 mid 99\n"
		      "\t\tState: 2 com: 9 pid: 12 cbdata: 00 mid 99\n"
		      "\t\tState: x\n--\n";
	struct hang_snap s = {};

	(void)state;
	assert_int_equal(hang_parse_debug_data(&s, text), 0);
	assert_int_equal(s.nr_conns, 2);
	assert_int_equal(s.conn[0].waiters, 5);
	assert_int_equal(s.conn[0].in_flight, 3);
	assert_int_equal(s.conn[0].credits, 10);
	assert_int_equal(s.conn[0].tcp_status, HANG_TCP_GOOD);
	assert_string_equal(s.conn[0].address, "::1");
	assert_string_equal(s.conn[0].share, "\\\\host\\a share");
	assert_true(s.conn[1].channel);
	assert_true(s.conn[1].disconnected);
	assert_false(s.conn[0].disconnected);
	assert_int_equal(s.conn[1].credits, 20);
	assert_true(s.conn[1].has_echo_credits);
	assert_int_equal(s.conn[1].in_flight, 1);
	assert_int_equal(s.conn[1].tcp_status, 3);
	assert_int_equal(s.nr_mids, 1);
	assert_int_equal(s.mid[0].conn, 8);
	assert_int_equal(s.mid[0].mid, 99);
	hang_snap_free(&s);
}

/* Until 6.2 a message has one tab, and no line names its connection. */
static void old_mids(void **state)
{
	struct looked l;

	(void)state;
	look(&l, "5.15-old");
	assert_int_equal(l.snap[1].nr_mids, 1);
	assert_int_equal(l.snap[1].mid[0].conn, 3);
	assert_int_equal(l.snap[1].mid[0].mid, 4711);
	assert_int_equal(l.r.verdict, HANG_SERVER);
	forget(&l);
}

/* Something is in flight and no message could be read: that is not "nothing hangs". */
static void unread_mids(void **state)
{
	struct looked l;

	(void)state;
	look(&l, "unread");
	assert_int_equal(l.snap[1].nr_mids, 0);
	assert_int_equal(l.r.verdict, HANG_UNREAD);
	assert_true(l.r.hangs);
	forget(&l);
}

/* Each captured text cut off anywhere: nothing is read beyond its end. */
static void torn_texts(void **state)
{
	static const char *const files[] = { "tests/hang/6.12-read/fs/cifs/DebugData",
					     "tests/hang/7.3-reconnect/fs/netfs/requests" };

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(files); f++) {
		__autofree char *text = NULL;
		size_t size;

		assert_int_equal(file_read(files[f], 1 << 20, &text, &size), 0);
		for (size_t n = 0; n < size; n++) {
			__autofree char *part = strndup(text, n), *again = strndup(text, n);
			struct hang_snap s = {};

			hang_parse_requests(&s, part);
			hang_parse_debug_data(&s, again);
			hang_snap_free(&s);
		}
	}
}

/* A list that was cut, within a line or between two, is never taken for a whole one. */
static void cut_lists(void **state)
{
	static const struct {
		const char *file;
		const char *end; /* from here on it is whole */
	} lists[] = {
		{ "tests/hang/6.12-read/fs/cifs/DebugData", "\n--\n" },
		{ "tests/hang/7.3-reconnect/fs/cifs/DebugData", "\n--\n" },
		{ "tests/hang/5.15-old/fs/cifs/DebugData", "\n\tMIDs:" },
	};

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(lists); f++) {
		__autofree char *text = NULL;
		size_t whole;

		assert_int_equal(file_read(lists[f].file, 1 << 20, &text, NULL), 0);
		whole = strstr(text, lists[f].end) - text;
		for (size_t n = (strstr(text, "1) ConnectionId") - text) + 40; n <= whole; n++) {
			__autofree char *part = strndup(text, n);
			struct hang_snap s = {};

			assert_int_equal(hang_parse_debug_data(&s, part), 0);
			/* an empty list of messages: what is in flight beside it tells */
			if (!s.truncated && strncmp(text + n - 7, "\tMIDs:\n", 7))
				fail_msg("%s of %zu bytes is taken for whole", lists[f].file, n);
			hang_snap_free(&s);
		}
	}
}

/* A session whose messages do not come, and messages in other words. */
static void unknown_lists(void **state)
{
	static const char *const texts[] = {
		"Servers:\n1) Name: 192.0.2.1  Domain: X Uses: 1 OS: Y\n\tShares:\n",
		"Servers:\n1) ConnectionId: 0x1 Hostname: a\n\tSessions:\n\t1) Address: ::1 Uses: 1\n"
		"\tMIDs:\n\tServer ConnectionId: 0x1\n\t\tState: submitted com: 8 mid 3\n--\n",
	};
	static const char none[] = "Servers:\n\t[NONE]\n";
	char text[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct hang_snap s = {};

		snprintf(text, sizeof(text), "Display Internal CIFS Data Structures\n%s", texts[i]);
		assert_int_equal(hang_parse_debug_data(&s, text), 0);
		assert_true(s.truncated);
		hang_snap_free(&s);
	}
	struct hang_snap s = {};

	snprintf(text, sizeof(text), "Display Internal CIFS Data Structures\n%s", none);
	assert_int_equal(hang_parse_debug_data(&s, text), 0);
	assert_false(s.truncated);
}

/* Lists that are whole and empty say that nothing hangs, but not where tasks or lists are unread. */
static void unclear_looks(void **state)
{
	struct hang_snap s[2] = { { .has_cifs = true, .seen_tasks = 9 },
				  { .has_cifs = true, .seen_tasks = 9 } };
	struct hang_report r;

	(void)state;
	assert_int_equal(hang_judge(&r, &s[0], &s[1], 1), 0);
	assert_int_equal(r.verdict, HANG_NONE);
	assert_false(r.hangs || r.unclear);
	hang_report_free(&r);
	for (unsigned int i = 0; i < 6; i++) {
		struct hang_snap doubtful[2] = { s[0], s[1] };

		doubtful[i % 2].truncated = i / 2 == 0;
		doubtful[i % 2].unread_tasks = i / 2 == 1;
		doubtful[i % 2].seen_tasks = i / 2 == 2 ? 0 : 9;
		assert_int_equal(hang_judge(&r, &doubtful[0], &doubtful[1], 1), 0);
		assert_int_equal(r.verdict, HANG_UNCLEAR);
		assert_true(r.hangs && r.unclear);
		hang_report_free(&r);
	}
}

/* netfs is in the stack, however deep. */
static void deep_stack(void **state)
{
	char stack[4096] = "";
	struct hang_task t = {};

	(void)state;
	for (unsigned int i = 0; i < HANG_FRAMES + 3; i++)
		strcat(stack, "[<0>] vfs_deep+0x1/0x2\n");
	strcat(stack, "[<0>] netfs_wait_for_read+0x1/0x2 [netfs]\n");
	hang_parse_stack(&t, stack);
	assert_int_equal(t.nr_frames, HANG_FRAMES);
	assert_true(t.in_fs);
}

static void task_texts(void **state)
{
	char stack[] =
		"[<0>] a\x1b\n[<0>] __mutex_lock+0x1/0x2\n[<0>] cifs_x+0x1/0x2 [cifs]\nrubbish\n[<";
	struct hang_task t = {};
	uint64_t ns, n;

	(void)state;
	hang_parse_stack(&t, stack);
	assert_int_equal(t.nr_frames, 3);
	assert_true(t.in_fs);
	assert_int_equal(t.wait, HANG_WAIT_LOCK);
	assert_int_equal(t.request_wait, HANG_WAIT_OTHER);
	assert_int_equal(hang_parse_stat(&t, "7 (a) b) (c) D 2 0 0 0 -1 69238880 0 0 0 0 0 1 0 0 0 "
					     "-20 1 0 922 0 0"),
			 0);
	assert_int_equal(t.state, 'D');
	assert_true(t.kernel);
	assert_int_equal(t.start_ticks, 922);
	assert_int_equal(hang_parse_stat(&t, "7 (a) D 2"), -EPROTO);
	assert_int_equal(hang_parse_stat(&t, "7 (a)"), -EPROTO);
	assert_int_equal(hang_parse_stat(&t, ""), -EPROTO);
	assert_true(hang_parse_sched("se.exec_start  :   9201.181464\nnr_switches   :   12\n", &ns,
				     &n));
	assert_int_equal(ns, 9201181464);
	assert_int_equal(n, 12);
	assert_false(hang_parse_sched("se.exec_start", &ns, &n));
}

/* Its result is out: nobody waits for it, whoever fits. */
static void leaked(void **state)
{
	char text[] = "REQUEST  OR REF FLAG ERR  OPS COVERAGE\n"
		      "======== == === ==== ==== === =========\n"
		      "00000001 DR   1  200    0   0 @0000 100000/100000\n"
		      "00000002 DR   1  201    0   0 @0000 100000/100000\n"
		      "00000003 WB   1    0    0   0 @1000 0/1000\n";
	struct hang_snap s = {};
	struct looked l;

	(void)state;
	assert_int_equal(hang_parse_requests(&s, text), 0);
	assert_true(s.request[0].finished); /* bit 0, since the column is called FLAG */
	assert_false(s.request[1].finished);
	assert_true(hang_counts_sent(&s.request[0]));
	assert_false(hang_counts_sent(&s.request[2]));
	hang_snap_free(&s);
	look(&l, "6.12-read"); /* flags 20: bit 5, under FL */
	assert_false(l.snap[1].request[0].finished);
	hang_report_free(&l.r);
	for (int i = 0; i < 2; i++)
		l.snap[i].request[0].finished = true;
	assert_int_equal(hang_judge(&l.r, &l.snap[0], &l.snap[1], 1000000000), 0);
	assert_int_equal(l.r.request[0].verdict, HANG_LEAKED);
	assert_null(l.r.request[0].task);
	assert_int_equal(l.r.count[HANG_LOST], 0);
	forget(&l);
}

/* Sixty idle cifsds do not push out who waits. */
static void waiters(void **state)
{
	struct hang_wish w = { .maker = 500, .receiver = 30, .worker = { 600 }, .nr_workers = 1 };
	struct hang_task t[64] = {};
	struct hang_snap s = { .task = t, .nr_tasks = 64 };
	const struct hang_task *got[24];

	(void)state;
	for (int i = 0; i < 60; i++)
		t[i] = (struct hang_task){ .tid = i + 1, .cifsd = true, .wait = HANG_WAIT_RECEIVE };
	t[4].wait = HANG_WAIT_OTHER; /* of another connection, and busy */
	t[60] = (struct hang_task){ .tid = 400, .state = 'D', .wait = HANG_WAIT_FOLIO_READ };
	t[61] = (struct hang_task){ .tid = 450, .state = 'D', .in_fs = true };
	t[62] = (struct hang_task){ .tid = 500, .state = 'D', .in_fs = true };
	t[63] = (struct hang_task){ .tid = 600, .state = 'S', .in_fs = true };
	assert_int_equal(hang_waiters(&s, &w, got, 24), 6);
	assert_int_equal(got[0]->tid, 500);
	assert_int_equal(got[1]->tid, 600);
	assert_int_equal(got[2]->tid, 30);
	assert_int_equal(got[3]->tid, 450);
	assert_int_equal(got[4]->tid, 5);
	assert_int_equal(got[5]->tid, 400);
	w.receiver = 0; /* which one it is is not known: they come last */
	assert_int_equal(hang_waiters(&s, &w, got, 24), 24);
	assert_int_equal(got[4]->tid, 400);
	assert_int_equal(got[5]->tid, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_read),

		cmocka_unit_test(lost_in_the_kernel),
		cmocka_unit_test(reconnecting),
		cmocka_unit_test(moving),
		cmocka_unit_test(request_texts),
		cmocka_unit_test(conn_texts),
		cmocka_unit_test(old_mids),
		cmocka_unit_test(unread_mids),
		cmocka_unit_test(cut_lists),
		cmocka_unit_test(unknown_lists),
		cmocka_unit_test(unclear_looks),
		cmocka_unit_test(deep_stack),
		cmocka_unit_test(torn_texts),
		cmocka_unit_test(task_texts),
		cmocka_unit_test(server_flush),
		cmocka_unit_test(leaked),
		cmocka_unit_test(waiters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
