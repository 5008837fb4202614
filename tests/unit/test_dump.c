// SPDX-License-Identifier: GPL-2.0-only
/* `dump`: records of this version, of others, of nobody's, and what is not there. */
#include "trace_util.h"

#include "model/model.h"
#include "view/text/dump.h"

struct dumped {
	char *text;
	size_t size;
};

/* What dump prints of a file that is decompressed, line by line. */
static struct dumped dump_file(const struct file *f)
{
	struct trace_reader *r = open_file(f);
	struct dumped d = {};
	FILE *out = open_memstream(&d.text, &d.size);
	const struct ev_hdr *ev;
	struct model *m;

	assert_int_equal(model_new(&m, NULL), 0);
	trace_reader_all(r);
	while (trace_reader_next(r, &ev) == 1) {
		if (ev->kind == EV_TASK || ev->kind == EV_ENUM || ev->kind == EV_PROBE)
			assert_int_equal(model_feed(m, ev), 0);
		assert_int_equal(dump_record(out, m, ev, trace_reader_size(r)), 0);
	}
	fclose(out);
	model_free(m);
	trace_reader_free(r);
	return d;
}

static void assert_dump(const void *records, size_t len, const char *wanted)
{
	struct file *f = wrap(records, len);
	struct dumped d = dump_file(f);
	size_t n = strlen(wanted);

	if (strncmp(d.text, wanted, n))
		fail_msg("not\n%sbut\n%s", wanted, d.text);
	free(d.text);
	free(f);
}

static void test_fields(void **state)
{
	struct {
		struct ev_task task;
		struct ev_smb_cmd cmd;
		struct ev_slow_rsp slow;
	} r = {
		.task = { .hdr = { .size = sizeof(r.task), .kind = EV_TASK, .tid = 7, .tgid = 6 },
			  .start_ns = 12,
			  .comm = "d\x1b" },
		.cmd = { .hdr = { .size = sizeof(r.cmd),
				  .kind = EV_SMB_CMD,
				  .flags = EVF_RREQ | EVF_EXIT,
				  .probe = 9,
				  .cpu = 3,
				  .ts = 5000000001,
				  .tid = 7 },
			 .rreq = 0x2a,
			 .sreq = EV_SREQ_ZERO,
			 .status = 0x103,
			 .rc = -5,
			 .cmd = 8,
			 .event = 7 },
		.slow = { .hdr = { .size = sizeof(r.slow), .kind = EV_SLOW_RSP }, .sent = 3 },
	};

	(void)state;
	assert_dump(
		&r, sizeof(r),
		"[    0.000000000] task size=64 flags=0x0 probe=0 cpu=0 tid=7 tgid=6 comm=\"d\\x1b\" :"
		" start_ns[ns]=12 cgroup_id=0 ppid=0 comm=\"d\\x1b\"\n"
		"[    5.000000001] smb_cmd size=64 flags=0x3 probe=9 cpu=3 tid=7 tgid=0 comm=\"d\\x1b\" :"
		" rreq=0000002a sreq=0 mid=0 sesid=0x0 tid=0x0 status=0x00000103 rc=-5 cmd=8(READ) event=7\n"
		"[    0.000000000] slow_rsp size=56 flags=0x0 probe=0 cpu=0 tid=0 tgid=0 :"
		" mid=0 sent[jiffies]=3 received[jiffies]=0 pid=0 cmd=0(NEGOTIATE)\n");
}

/* What an older version did not write is no 0; what a newer one has added is there. */
static void test_other_sizes(void **state)
{
	struct {
		struct ev_ref longer;
		uint64_t more;
		struct ev_hdr shorter;
		uint32_t rreq, sreq;
	} r = {
		.longer = { .hdr = { .size = sizeof(r.longer) + 8, .kind = EV_REF }, .ref = 2 },
		.more = 0x1122,
		.shorter = { .size = sizeof(struct ev_hdr) + 8, .kind = EV_REF },
		.rreq = 1,
	};

	(void)state;
	assert_dump(&r, sizeof(r),
		    "[    0.000000000] ref size=48 flags=0x0 probe=0 cpu=0 tid=0 tgid=0 :"
		    " rreq=00000000 sreq=0 ref=2 what=0 more=2211000000000000\n"
		    "[    0.000000000] ref size=32 flags=0x0 probe=0 cpu=0 tid=0 tgid=0 :"
		    " rreq=00000001 sreq=0\n");
}

static void test_unknown(void **state)
{
	struct {
		struct ev_hdr hdr;
		uint64_t value;
		struct ev_tick tick;
	} r = {
		.hdr = { .size = sizeof(r.hdr) + 8, .kind = 99, .cpu = 1 },
		.value = 0xff,
		.tick.hdr = { .size = sizeof(r.tick), .kind = EV_TICK },
	};

	(void)state;
	assert_dump(&r, sizeof(r),
		    "[    0.000000000] kind-99 size=32 flags=0x0 probe=0 cpu=1 tid=0 tgid=0 :"
		    " hex=ff00000000000000\n"
		    "[    0.000000000] tick size=24 flags=0x0 probe=0 cpu=0 tid=0 tgid=0 :\n");
}

/* The trace of a real writer, with the frame in its middle broken. */
static void test_gap(void **state)
{
	struct file *f = write_trace(3, 10);
	struct dumped d = dump_file(f);
	static const uint8_t magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
	uint8_t *second = memmem(f->data + 4, f->len - 4, magic, sizeof(magic));

	(void)state;
	assert_non_null(strstr(d.text, "] block size=80"));
	assert_non_null(strstr(d.text, " seq=2 next=3 "));
	assert_null(strstr(d.text, "gap"));
	free(d.text);
	assert_non_null(second);
	second[20] ^= 0x55;
	d = dump_file(f);
	if (!strstr(d.text, "---- gap: a damaged block, 10 records, until [    0.0000000"))
		fail_msg("%s", d.text);
	assert_null(strstr(d.text, " seq=2 next=3 "));
	assert_non_null(strstr(d.text, " seq=3 "));
	free(d.text);
	free(f);
}

/* Of a file whose end is missing: nothing says how long the gap is. */
static void test_open_gap(void **state)
{
	struct file *f = write_trace(3, 10);
	struct dumped d;
	static const uint8_t magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
	uint8_t *second = memmem(f->data + 4, f->len - 4, magic, sizeof(magic));

	(void)state;
	assert_non_null(second);
	f->len = second - f->data + 10;
	d = dump_file(f);
	if (!strstr(d.text, "---- gap: the end is missing, 1 record or more, from here on ----"))
		fail_msg("%s", d.text);
	assert_null(strstr(d.text, "until"));
	free(d.text);
	free(f);
}

/* Strings are printed whole, each with its name. */
static void test_strings(void **state)
{
	union {
		struct ev_test_env ev;
		char bytes[64];
	} r = { .ev = { .hdr = { .size = sizeof(r), .kind = EV_TEST_ENV }, .pid = 4 } };

	(void)state;
	memcpy(r.ev.text, "A=1\0B=a\nb", 10);
	assert_dump(&r, sizeof(r),
		    "[    0.000000000] test_env size=64 flags=0x0 probe=0 cpu=0 tid=0 tgid=0 :"
		    " pid=4 env=\"A=1\" env=\"B=a\\x0ab\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),	 cmocka_unit_test(test_other_sizes),
		cmocka_unit_test(test_unknown),	 cmocka_unit_test(test_gap),
		cmocka_unit_test(test_open_gap), cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
