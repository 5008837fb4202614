// SPDX-License-Identifier: GPL-2.0-only
/* Text of ftrace in the shapes it comes in: import/text.c, import/line.c, import/collect.c */
#include "import_util.h"

#define HEADER                                                 \
	"# tracer: nop\n#\n"                                   \
	"# entries-in-buffer/entries-written: 2/2   #P:2\n#\n" \
	"#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"

static void test_trace(void **state)
{
	struct got g = import(HEADER "             cat-412     [001] .....   100.000250: " SREQ "\n"
				     "  kworker/u8:2-36      [000] d..2.   100.000260: "
				     "netfs_rreq: R=0000002a RA FREE    f=2020\n");
	const struct ev_sreq *s = nth(&g, EV_SREQ, 0);
	const struct ev_task *t = nth(&g, EV_TASK, 1);
	const struct ev_rreq *r = nth(&g, EV_RREQ, 0);

	(void)state;
	assert_int_equal(g.events, 2);
	assert_false(g.n.excerpt);
	assert_int_equal(g.n.damaged, 0);
	assert_int_equal(s->hdr.ts, 100000250000);
	assert_int_equal(s->hdr.tid, 412);
	assert_int_equal(s->hdr.cpu, 1);
	assert_int_equal(s->hdr.flags, EVF_RREQ | EVF_TPONLY);
	assert_int_equal(s->rreq, 0x2a);
	assert_int_equal(s->sreq, 1);
	assert_int_equal(s->start, 0x1000);
	assert_int_equal(s->len, 0x4000);
	assert_string_equal(t->comm, "kworker/u8:2");
	assert_int_equal(t->hdr.tid, 36);
	assert_int_equal(r->rreq, 0x2a);
	assert_int_equal(g.on, 3); /* two tracepoints, and what stands for ftrace's buffer */
	assert_non_null(strstr(g.meta, "imported=ftrace text;"));
}

/* threads of processes, nanoseconds, perf's form, names with dashes, blanks and digits */
static void test_fronts(void **state)
{
	static const struct {
		const char *line, *comm;
		uint32_t pid, tgid;
		uint64_t ts;
	} t[] = {
		{ "test_progs-no_a-97      (     95) [003] .....  5.5: ", "test_progs-no_a", 97, 95,
		  5500000000 },
		{ "Web Content-8  (-------) [003] ..... 7.000001: ", "Web Content", 8, 8,
		  7000001000 },
		{ "fio-3 [000] 7.123456789: ", "fio", 3, 3, 7123456789 },
		{ "fio  3 [000] 7.000000: netfs:", "fio", 3, 3, 7000000000 },
		/* perf script -F comm,pid,tid,cpu,time,period,event,trace */
		{ "dd   258/259 [000] 7.970000:          1 netfs:", "dd", 259, 258, 7970000000 },
		{ "dd 258/259 7.970000:  netfs:", "dd", 259, 258, 7970000000 },
		{ "kworker/0:2 54/55 [000] 7.0: 1 netfs:", "kworker/0:2", 55, 54, 7000000000 },
		{ "Web Content  8/9 [000] 7.0: 1 netfs:", "Web Content", 9, 8, 7000000000 },
		{ "dd  258 [000] 7.0:          1 netfs:", "dd", 258, 258, 7000000000 },
		{ "<...>-12 [000] 7.0: ", "<...>", 12, 12, 7000000000 },
		{ "kworker-5948: ", "kworker", 5948, 5948, 0 },
		{ "kworker/u8:3: ", "kworker/u8:3", 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		char text[256];
		struct line l;

		strcat(strcpy(text, t[i].line), SREQ);
		line_parse(&l, text);
		assert_int_equal(l.kind, LINE_EVENT);
		assert_string_equal(l.comm, t[i].comm);
		assert_int_equal(l.pid, t[i].pid);
		assert_int_equal(l.tgid, t[i].tgid);
		assert_int_equal(l.ts, t[i].ts);
	}
}

/* a reply to a mail, lines broken by a mailer, by a terminal, and in front of the time */
static void test_wrapped(void **state)
{
	struct got g = import("Some words, and netfs_rreq: strange.\n"
			      "> >             cat-412     [001] .....   100.000250: netfs_sreq: "
			      "R=0000002a[1] DOWN SUBMT\n"
			      "> > f=102 s=1000 0/4000 s=1 e=0\n"
			      "> >             cat-412     [001] .....\n"
			      "> > 100.000251: netfs_rreq_ref:\n"
			      "> > R=0000002a GET SUBREQ  r=3\n"
			      ">             cat-412     [001] .....   100.000252: smb3_cmd_enter: "
			      "     sid=0x46\n"
			      ">3e7cd2 tid=0xa43778ef cmd=5 mid=193\n"
			      ">             cat-412     [001] .....   100.000253: netfs_rreq_ref: "
			      "R=0000002a NEW         r=1\n"
			      "2\n"
			      "And more words.\n");
	const struct ev_sreq *s = nth(&g, EV_SREQ, 0);
	const struct ev_ref *r = nth(&g, EV_REF, 0), *second = nth(&g, EV_REF, 1);
	const struct ev_smb_cmd *c = nth(&g, EV_SMB_CMD, 0);

	(void)state;
	assert_int_equal(g.events, 4);
	assert_int_equal(g.n.damaged, 0);
	assert_int_equal(s->len, 0x4000);
	assert_int_equal(r->ref, 3);
	assert_int_equal(r->hdr.tid, 412);
	assert_int_equal(r->hdr.ts, 100000251000);
	assert_int_equal(c->sesid, 0x463e7cd2);
	assert_int_equal(c->cmd, 5);
	assert_int_equal(second->ref, 12);
}

static void test_quoted_printable(void **state)
{
	struct got g = import("Content-Transfer-Encoding: quoted-printable\n\n"
			      "  diff-68: netfs_sreq: R=3D0000000c[1] DOWN I-RTR f=3D102 s=\n"
			      "=3D0 0/400 s=3D0 e=3D-11\n"
			      "  diff-68: netfs_rreq_ref: R=3D0000000c NEW         r=3D2=\n");
	const struct ev_sreq *s = nth(&g, EV_SREQ, 0);

	(void)state;
	assert_int_equal(g.events, 2);
	assert_int_equal(s->error, -11);
	assert_int_equal(s->len, 0x400);
}

/* until 5.19 the state stands before the source and requests have no origin */
static void test_older_kernels(void **state)
{
	struct got g =
		import("md5sum-46 [003] ..... 887.382290: netfs_read: R=00000005 READAHEAD "
		       "c=0000004e ni=86 s=0 20000\n"
		       "md5sum-46 [003] ..... 887.383252: netfs_sreq: R=00000005[10] SUBMT DOWN "
		       "f=01 s=0 0/400000 e=0\n"
		       " cifsd-47 [002] ..... 887.394928: netfs_rreq: R=00000005 ASSESS f=22\n"
		       " cifsd-47 [002] 888.869559: smb3_add_credits:     server=ffff9ca1 "
		       "current_mid=0x143 credits=100 credits_to_add=1\n"
		       "cat-1 [002] 889.0: smb3_open_enter: xid=5 sid=0x2 tid=0x3 path=\\a rc=1 "
		       "cr_opts=0x9 x cr_opts=0x4 des_access=0x80\n");
	const struct ev_rreq *read = nth(&g, EV_RREQ, 0);
	const struct ev_sreq *s = nth(&g, EV_SREQ, 0);
	const struct ev_credit *c = nth(&g, EV_CREDIT, 0);
	const struct ev_smb_file *o = nth(&g, EV_SMB_FILE, 0);

	(void)state;
	assert_int_equal(g.events, 5);
	assert_int_equal(read->len, 0x20000);
	assert_int_equal(s->sreq, 10); /* decimal there */
	assert_int_equal(s->len, 0x400000);
	assert_int_equal(c->mid, 0x143);
	assert_int_equal(c->change, 1);
	assert_int_equal(o->arg[0], 4);
	assert_int_equal(o->rc, 0);
}

/* trace-cmd on 6.1, whose print formats begin with a tab */
static void test_not_understood(void **state)
{
	struct got g = import("cat-1 [000] 5.0: smb3_cmd_err:       [FAILED TO PARSE] tid=0 "
			      "sesid=0x463e7cd2 cmd=5 mid=193 status=3221225524 rc=-2\n");
	const struct ev_smb_cmd *c = nth(&g, EV_SMB_CMD, 0);

	(void)state;
	assert_int_equal(c->sesid, 0x463e7cd2);
	assert_int_equal(c->mid, 193);
	assert_int_equal(c->status, 0xc0000034);
	assert_int_equal(c->rc, -2);
}

/* One event in every form of front: what is in it, and nothing else. */
static void test_forms(void **state)
{
	static const struct {
		const char *before, *after;
		const char *comm; /* NULL: unknown */
		uint32_t pid;
		uint16_t cpu;
		uint64_t ts;
	} forms[] = {
		{ "     cp-5100     3d..2.   699000010us : ", "", "cp", 5100, 3, 699000010000 },
		{ "     cp-5100    12.....       17us+: ", "", "cp", 5100, 12, 17000 },
		{ "[  700.100005]       cp-5100     1.....   699000010us : ", "", "cp", 5100, 1,
		  699000010000 },
		{ "Mar 03 10:00:01 box kernel: [  700.100005] kworker/u8:2-36   0.....   12us : ",
		  "", "kworker/u8:2", 36, 0, 12000 },
		{ "<4>[  700.1][ T5100]  cp-5100  [001] d..2.  12.5: ", "", "cp", 5100, 1,
		  12500000000 },
		{ "     cp-5100     1.....  100.000200: ", "", "cp", 5100, 1, 100000200000 },
		{ "     cp-5100  [001] .....  100.000200: (+460)   ", "", "cp", 5100, 1,
		  100000200000 },
		{ "one:             cp-5100  [001] .....   100.000200: ", "", "cp", 5100, 1,
		  100000200000 },
		{ "one: kworker/u16:12+-36  [001] .....   100.000200: ", "", "kworker/u16:12+", 36,
		  1, 100000200000 },
		{ "report.txt:12:      cp-5100  [001] .....   100.000200: ", "", "cp", 5100, 1,
		  100000200000 },
		{ "   tmux: server-77  [001] .....   100.000200: ", "", "tmux: server", 77, 1,
		  100000200000 },
		{ "     cp-5100  [001] .....  123456789012: ", "", "cp", 5100, 1, 123456789012 },
		{ "  100.000200 |   1)   cp-5100    |               |  /* ", " */", "cp", 5100, 1,
		  100000200000 },
		{ " 1)    idle-0    =>     cp-5100 \n 1)               |  /* ", " */", "cp", 5100,
		  1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		char text[512];
		struct got g;
		const struct ev_sreq *s;
		const struct ev_task *t;

		snprintf(text, sizeof(text), "%s" SREQ "%s\n", forms[i].before, forms[i].after);
		g = import(text);
		s = nth(&g, EV_SREQ, 0);
		t = nth(&g, EV_TASK, 0);
		assert_string_equal(t->comm, forms[i].comm);
		assert_int_equal(s->hdr.tid, forms[i].pid);
		assert_int_equal(s->hdr.cpu, forms[i].cpu);
		assert_int_equal(s->hdr.ts, forms[i].ts);
		assert_int_equal(s->len, 0x4000);
		assert_int_equal(g.n.damaged, 0);
		assert_int_equal(g.n.ticks, forms[i].ts == 123456789012);
	}
}

/* Numbers say no state: nothing is made up. */
static void test_raw_fields(void **state)
{
	struct got g = import("cp-51 [000] 5.0: netfs_rreq_ref:  rreq=42 ref=2 what=0\n"
			      "   0.000 cp/51 netfs:netfs_sreq(rreq: 42, index: 1, what: 3)\n");

	(void)state;
	assert_int_equal(g.events, 0);
	assert_int_equal(g.n.damaged, 2);
	assert_int_equal(g.n.raw, 2);
}

/* Events of no use to us are counted by name. */
static void test_others(void **state)
{
	struct got g = import("cp-51 [000] 5.0: smb3_enter: x: xid=1\n"
			      "cp-51 [000] 5.1: cifs:smb3_exit_done: x: xid=1\n"
			      "cp-51 [000] 5.2: smb3_enter: x: xid=2\n"
			      "cp-51 [000] 5.3: " SREQ "\n");

	(void)state;
	assert_int_equal(g.n.others, 3);
	assert_int_equal(g.n.nr_others, 2);
	assert_string_equal(g.n.other[0].name, "smb3_enter");
	assert_int_equal(g.n.other[0].count, 2);
	assert_string_equal(g.n.other[1].name, "smb3_exit_done");
}

static void test_nothing(void **state)
{
	struct got g = import("Hello,\n\nnetfs_rreq: what is it?\n--\nMe\n");

	(void)state;
	assert_int_equal(g.events, 0);
	assert_int_equal(g.n.damaged, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trace),	       cmocka_unit_test(test_fronts),
		cmocka_unit_test(test_wrapped),	       cmocka_unit_test(test_quoted_printable),
		cmocka_unit_test(test_older_kernels),  cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_not_understood), cmocka_unit_test(test_forms),
		cmocka_unit_test(test_raw_fields),     cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
