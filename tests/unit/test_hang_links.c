// SPDX-License-Identifier: GPL-2.0-only
/* What a request that hangs is said to wait for: which messages, connections and tasks are its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hang/hang.h"

/* One direct read that task 255 waits for, on connection 1; connection 2 is of another server. */
struct scene {
	struct hang_request request;
	struct hang_conn conn[2];
	struct hang_mid mid[2];
	struct hang_task task[2];
	struct hang_snap snap[2];
	struct hang_report r;
};

static void set(struct scene *s, size_t conns, size_t mids)
{
	memset(s, 0, sizeof(*s));
	s->request = (struct hang_request){ .id = 1, .origin = "DR", .ref = 2, .len = 4096 };
	for (size_t i = 0; i < 2; i++) {
		s->conn[i] = (struct hang_conn){ .id = i + 1, .tcp_status = HANG_TCP_GOOD };
		s->mid[i] = (struct hang_mid){ .conn = 1,
					       .mid = 30 + i,
					       .state = HANG_MID_SUBMITTED,
					       .cmd = HANG_CMD_READ,
					       .pid = 255 };
	}
	s->task[0] = (struct hang_task){ .pid = 255, .tid = 255, .state = 'D', .in_fs = true };
	s->task[0].wait = s->task[0].request_wait = HANG_WAIT_READ;
	for (size_t i = 0; i < 2; i++)
		s->snap[i] = (struct hang_snap){ .has_cifs = true,
						 .has_netfs = true,
						 .seen_tasks = 9,
						 .request = &s->request,
						 .conn = s->conn,
						 .mid = s->mid,
						 .task = s->task,
						 .nr_requests = 1,
						 .nr_conns = conns,
						 .nr_mids = mids,
						 .nr_tasks = 1 };
}

static enum hang_verdict judge(struct scene *s)
{
	assert_int_equal(hang_judge(&s->r, &s->snap[0], &s->snap[1], 1), 0);
	return s->r.request[0].verdict;
}

/* The CREATE that opens the file anew is pending: the request is not lost. */
static void reopened(void **state)
{
	struct scene s;

	(void)state;
	set(&s, 1, 0);
	assert_int_equal(judge(&s), HANG_LOST);
	hang_report_free(&s.r);
	set(&s, 1, 1);
	s.mid[0].cmd = HANG_CMD_CREATE;
	assert_int_equal(judge(&s), HANG_SERVER);
	assert_ptr_equal(s.r.request[0].waits, &s.mid[0]);
	assert_int_equal(s.r.verdict, HANG_SERVER);
	hang_report_free(&s.r);
	s.mid[0].pid = 77; /* of whom is not known */
	assert_int_equal(judge(&s), HANG_UNKNOWN);
	assert_null(s.r.request[0].waits);
	hang_report_free(&s.r);
	s.mid[0].cmd = HANG_CMD_LOCK;
	assert_int_equal(judge(&s), HANG_LOST);
	hang_report_free(&s.r);
	s.mid[0].pid = 255;
	assert_int_equal(judge(&s), HANG_UNKNOWN);
	hang_report_free(&s.r);
	s.mid[0].cmd = HANG_CMD_READ;
	assert_int_equal(judge(&s), HANG_SERVER);
	assert_null(s.r.request[0].waits);
	hang_report_free(&s.r);
}

/* 9p has its own messages: cifs's say nothing about its requests. */
static void foreign(void **state)
{
	static const struct {
		const char *frame;
		bool is;
	} frames[] = { { "v9fs_file_read_iter+0x4d/0x60 [9p]", true },
		       { "ceph_read_iter+0x1/0x2", true },
		       { "cifs_strict_readv+0x1/0x2 [cifs]", false } };
	struct scene s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		char stack[160];

		set(&s, 1, 0);
		snprintf(stack, sizeof(stack),
			 "[<0>] netfs_unbuffered_read+0x5/0x6 [netfs]\n[<0>] %s\n",
			 frames[i].frame);
		hang_parse_stack(&s.task[0], stack);
		assert_int_equal(s.task[0].foreign, frames[i].is);
		assert_int_equal(judge(&s), frames[i].is ? HANG_UNKNOWN : HANG_LOST);
		hang_report_free(&s.r);
	}
}

/* That another connection is down says nothing about the request. */
static void other_conn(void **state)
{
	struct scene s;

	(void)state;
	set(&s, 2, 0);
	s.conn[1].tcp_status = 3;
	assert_int_equal(judge(&s), HANG_UNKNOWN); /* on which of the two is not known */
	assert_int_equal(s.r.verdict, HANG_UNKNOWN);
	hang_report_free(&s.r);
	s.task[0].wait = HANG_WAIT_RECONNECT;
	assert_int_equal(judge(&s), HANG_RECONNECT);
	assert_int_equal(s.r.verdict, HANG_RECONNECT);
	hang_report_free(&s.r);
	set(&s, 2, 2);
	s.conn[1].tcp_status = 3;
	assert_int_equal(judge(&s), HANG_SERVER); /* its messages are on the first */
	hang_report_free(&s.r);
	s.mid[0].conn = s.mid[1].conn = 2;
	assert_int_equal(judge(&s), HANG_RECONNECT);
	hang_report_free(&s.r);
	set(&s, 2, 0);
	s.conn[0].tcp_status = s.conn[1].tcp_status = 3;
	assert_int_equal(judge(&s), HANG_RECONNECT);
	hang_report_free(&s.r);
}

/* A LOCK that is pending in both looks is neither new nor a hang. */
static void locks(void **state)
{
	struct scene s;

	(void)state;
	set(&s, 1, 1);
	s.conn[0].in_flight = 1;
	s.mid[0].cmd = HANG_CMD_LOCK;
	judge(&s);
	assert_true(s.mid[0].may_wait);
	assert_false(s.mid[0].is_new || s.mid[0].stuck);
	assert_int_equal(s.r.conn[0].verdict, HANG_NONE);
	hang_report_free(&s.r);
	s.snap[0].nr_mids = 0;
	judge(&s);
	assert_true(s.mid[0].is_new);
	assert_int_equal(s.r.conn[0].verdict, HANG_MOVING);
	hang_report_free(&s.r);
}

/* cifsd is blocked, not waiting for data, if another holds its socket. */
static void receiver(void **state)
{
	char stack[] = "[<0>] __lock_sock+0x85/0xf0\n[<0>] tcp_recvmsg+0x5f/0x1f0\n"
		       "[<0>] cifs_readv_from_socket+0xe1/0x2b0 [cifs]\n";
	char usual[] = "[<0>] wait_woken+0x52/0x60\n"
		       "[<0>] cifs_readv_from_socket+0xe1/0x2b0 [cifs]\n";
	struct hang_task t = {}, u = {};
	struct scene s;

	(void)state;
	hang_parse_stack(&t, stack);
	assert_int_equal(t.wait, HANG_WAIT_LOCK);
	hang_parse_stack(&u, usual);
	assert_int_equal(u.wait, HANG_WAIT_RECEIVE);
	set(&s, 1, 1);
	s.snap[0].nr_tasks = s.snap[1].nr_tasks = 2;
	t.tid = u.tid = 300;
	t.state = u.state = 'D';
	t.cifsd = u.cifsd = true;
	s.task[1] = t;
	assert_int_equal(judge(&s), HANG_UNKNOWN); /* its answer may lie unread */
	assert_true(s.task[1].stuck);
	hang_report_free(&s.r);
	s.task[1] = u;
	assert_int_equal(judge(&s), HANG_SERVER);
	assert_false(s.task[1].stuck);
	hang_report_free(&s.r);
}

/* 5.4 prints the credits alone. */
static void echo_credits(void **state)
{
	char text[] =
		"Display Internal CIFS Data Structures for Debugging\nServers:\n"
		"Number of credits: 8190 Dialect 0x311\n"
		"1) Name: 192.0.2.5 Uses: 1 Capability: 0x1\tSession Status: 1\tTCP status: 1\n";
	struct hang_snap s = {};

	(void)state;
	assert_int_equal(hang_parse_debug_data(&s, text), 0);
	assert_int_equal(s.nr_conns, 1);
	assert_true(s.conn[0].has_credits);
	assert_false(s.conn[0].has_echo_credits);
	hang_snap_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reopened),   cmocka_unit_test(foreign),
		cmocka_unit_test(other_conn), cmocka_unit_test(locks),
		cmocka_unit_test(receiver),   cmocka_unit_test(echo_credits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
