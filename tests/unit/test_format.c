// SPDX-License-Identifier: GPL-2.0-only
/* Classic tracepoints: tp/format.c on tracefs texts, tp/decode.c on records of that
 * layout. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "bpf/raw.h"
#include "tp/decode.h"

/* events/netfs/netfs_sreq/format of 6.12, shortened */
static const char sreq_format[] =
	"name: netfs_sreq\nID: 1234\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n"
	"\tfield:unsigned int rreq;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned short index;\toffset:12;\tsize:2;\tsigned:0;\n"
	"\tfield:short error;\toffset:14;\tsize:2;\tsigned:1;\n"
	"\tfield:unsigned short flags;\toffset:16;\tsize:2;\tsigned:0;\n"
	"\tfield:enum netfs_io_source source;\toffset:18;\tsize:1;\tsigned:0;\n"
	"\tfield:enum netfs_sreq_trace what;\toffset:19;\tsize:1;\tsigned:0;\n"
	"\tfield:size_t len;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:size_t transferred;\toffset:32;\tsize:8;\tsigned:0;\n"
	"\tfield:loff_t start;\toffset:40;\tsize:8;\tsigned:1;\n"
	"\tfield:__data_loc char[] hostname;\toffset:48;\tsize:4;\tsigned:1;\n"
	"\nprint fmt: \"R=%08x[%x] %s %s\", REC->rreq, REC->index, "
	"__print_symbolic(REC->source, { 1, \"ZERO\" }, { 2, \"DOWN\" }), "
	"__print_symbolic(REC->what, { 0, \"+DON \" }, { 8, \"FREE \" }), REC->len\n";

static struct tp_format parsed(void)
{
	struct tp_format f;

	assert_int_equal(format_parse(&f, sreq_format), 0);
	return f;
}

static struct raw_event record(void)
{
	struct raw_event raw = { .hdr = { .size = sizeof(raw),
					  .kind = RAW_KIND,
					  .probe = P_netfs_sreq,
					  .ts = 77,
					  .tid = 5 } };
	uint64_t len = 65536, transferred = 4096, start = 1048576;
	int16_t error = -11;

	raw.bytes[8] = 0x2a;
	raw.bytes[12] = 3;
	memcpy(raw.bytes + 14, &error, sizeof(error));
	raw.bytes[18] = 2;
	raw.bytes[19] = 8;
	memcpy(raw.bytes + 24, &len, sizeof(len));
	memcpy(raw.bytes + 32, &transferred, sizeof(transferred));
	memcpy(raw.bytes + 40, &start, sizeof(start));
	return raw;
}

static void test_parse(void **state)
{
	struct tp_format f = parsed();

	(void)state;
	assert_int_equal(f.nr, 10); /* the common fields are not counted */
	assert_string_equal(f.field[0].name, "rreq");
	assert_int_equal(f.field[2].offset, 14);
	assert_true(f.field[2].is_signed);
	assert_string_equal(f.field[9].name, "hostname");
}

static void test_not_a_format(void **state)
{
	struct tp_format f;

	(void)state;
	assert_int_equal(format_parse(&f, ""), -EBADMSG);
	assert_int_equal(format_parse(&f, "\tfield:int x;\toffset:"), -EBADMSG);
}

static void test_values(void **state)
{
	struct tp_format f = parsed();
	struct raw_event raw = record();

	(void)state;
	assert_int_equal(format_value(&f, "rreq", raw.bytes, sizeof(raw.bytes), 0), 0x2a);
	assert_int_equal((int64_t)format_value(&f, "error", raw.bytes, sizeof(raw.bytes), 0), -11);
	assert_int_equal(format_value(&f, "absent", raw.bytes, sizeof(raw.bytes), 99), 99);
	assert_int_equal(format_value(&f, "start", raw.bytes, 44, 99), 99); /* cut record */
}

static int collect(void *ctx, int64_t value, const char *symbol)
{
	char *all = ctx;

	sprintf(all + strlen(all), "%d=%s;", (int)value, symbol);
	return 0;
}

static void test_symbols(void **state)
{
	char all[64] = "";

	(void)state;
	assert_int_equal(format_symbols(sreq_format, "what", collect, all), 0);
	assert_string_equal(all, "0=+DON;8=FREE;");
	assert_int_equal(format_symbols(sreq_format, "origin", collect, all), -ENOENT);
}

static void test_decode_sreq(void **state)
{
	struct tp_format f = parsed();
	struct raw_event raw = record();
	union decoded d;

	(void)state;
	assert_true(decode_record(&d, &raw.hdr, &f, raw.bytes, sizeof(raw.bytes)));
	assert_int_equal(d.hdr.kind, EV_SREQ);
	assert_int_equal(d.hdr.size, sizeof(struct ev_sreq));
	assert_int_equal(d.hdr.flags, EVF_RREQ | EVF_TPONLY);
	assert_int_equal(d.hdr.ts, 77);
	assert_int_equal(d.sreq.rreq, 0x2a);
	assert_int_equal(d.sreq.sreq, 3);
	assert_int_equal(d.sreq.error, -11);
	assert_int_equal(d.sreq.what, 8);
	assert_int_equal(d.sreq.len, 65536);
	assert_int_equal(d.sreq.transferred, 4096);
	assert_int_equal(d.sreq.start, 1048576);
}

/* 6.1 counts subrequests from 0, and 0 means none to us */
static void test_decode_first_of_6_1(void **state)
{
	struct tp_format f = parsed();
	struct raw_event raw = record();
	union decoded d;

	(void)state;
	raw.bytes[12] = 0;
	assert_true(decode_record(&d, &raw.hdr, &f, raw.bytes, sizeof(raw.bytes)));
	assert_true(d.sreq.sreq == EV_SREQ_ZERO);
}

/* every tracepoint of the table decodes; nothing else does */
static void test_decode_table(void **state)
{
	struct tp_format f = parsed();
	struct raw_event raw = record();
	union decoded d;

	(void)state;
#define TP	   1
#define FENTRY	   0
#define FEXIT	   0
#define FUNCTION   0
#define CALLSITE   0
#define BREAKPOINT 0
#define PROBE(program, how, target, module, group, without)                  \
	raw.hdr.probe = P_##program;                                         \
	if (decode_record(&d, &raw.hdr, &f, raw.bytes, sizeof(raw.bytes)) != \
	    (strcmp(#group, "TEST") ? how : 0))                              \
		fail_msg("%s", #program);
#include "tracepoints/probes.def"
#undef PROBE
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	     cmocka_unit_test(test_not_a_format),
		cmocka_unit_test(test_values),	     cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_decode_sreq),  cmocka_unit_test(test_decode_first_of_6_1),
		cmocka_unit_test(test_decode_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
