// SPDX-License-Identifier: GPL-2.0-only
/* Frames, and what becomes of them: each fault as the client sees it, and that the server's books stay right. */
#include "provoke_util.h"

#include "provoke/credits.h"

static unsigned int nr_messages(struct bytes *b)
{
	struct frame f = {};

	frame_parse(&f, b->at, b->size);
	return f.kind == FRAME_SMB2 ? f.nr : 0;
}

static void test_frames(void **state)
{
	struct bytes a = message(SMB2_ECHO, 1, 68), b = message(SMB2_ECHO, 2, 68), c;
	const uint8_t head[] = { 0, 1, 2, 3 }, alien[] = { 'G', 'E', 'T', ' ' };

	(void)state;
	assert_int_equal(frame_size(head, 3), 0);
	assert_int_equal(frame_size(head, 4), 4 + 0x10203);
	assert_int_equal(frame_size(alien, 4), -EBADMSG);
	assert_int_equal(nr_messages(&a), 1);
	c = both(&a, &b);
	assert_int_equal(nr_messages(&c), 2);
	put32(c.at + HDR_NEXT, 68); /* not a multiple of 8 */
	assert_int_equal(nr_messages(&c), 0);
	put32(c.at + HDR_NEXT, 4096); /* beyond the end */
	assert_int_equal(nr_messages(&c), 0);
	a.size = 63;
	assert_int_equal(nr_messages(&a), 0);
	memcpy(b.at, "\xffSMB", 4);
	assert_int_equal(nr_messages(&b), 0);
}

/* With nothing to do, nothing is touched. */
static void test_empty(void **state)
{
	struct lab l;

	(void)state;
	lab_begin(&l, "");
	asked(&l, read_request(1, 0, 100));
	assert_null(l.p.data);
	answered(&l, read_response(1, 5, 100));
	assert_null(l.p.data);
	assert_int_equal(l.journal.done, 0);
	lab_end(&l);
}

static void test_status(void **state)
{
	struct bytes b;
	struct lab l;

	(void)state;
	lab_begin(&l, "on WRITE nth 1: status DISK_FULL");
	b = asked(&l, write_request(3, 0, 100));
	/* the server gets something else that takes the same message id and charge */
	assert_int_equal(b.size, ECHO_SIZE);
	assert_int_equal(get16(b.at + HDR_COMMAND), SMB2_ECHO);
	assert_int_equal(get64(b.at + HDR_MID), 3);
	assert_int_equal(get16(b.at + HDR_CHARGE), 1);
	b = answered(&l, response(SMB2_ECHO, 3, STATUS_OK, 9, ECHO_SIZE));
	assert_int_equal(b.size, ERROR_SIZE);
	assert_int_equal(get16(b.at + HDR_COMMAND), SMB2_WRITE);
	assert_int_equal(get32(b.at + HDR_STATUS), 0xc000007f);
	assert_int_equal(get16(b.at + HDR_CREDITS), 9);
	assert_int_equal(get32(b.at + HDR_TREE), 7);
	assert_int_equal(get16(b.at + HDR_SIZE), 9);
	asked(&l, write_request(4, 0, 100));
	assert_null(l.p.data);
	assert_int_equal(l.journal.done, 1);
	lab_end(&l);
}

static void test_short(void **state)
{
	struct bytes b;
	struct lab l;

	(void)state;
	lab_begin(&l, "on READ: short-read half\non WRITE: short-write 10\n");
	asked(&l, read_request(1, 0, 100));
	assert_null(l.p.data);
	b = answered(&l, read_response(1, 1, 100));
	assert_int_equal(b.size, READ_DONE_SIZE + 50);
	assert_int_equal(get32(b.at + READ_DONE_LENGTH), 50);
	assert_int_equal(b.at[READ_DONE_SIZE + 49], 49);
	b = asked(&l, write_request(2, 0, 100));
	assert_int_equal(b.size, WRITE_SIZE + 10);
	assert_int_equal(get32(b.at + WRITE_LENGTH), 10);
	/* what is no longer than that stays */
	asked(&l, write_request(3, 0, 10));
	assert_null(l.p.data);
	assert_int_equal(l.journal.skipped, 1);
	lab_end(&l);
}

/* The client asked for that many at least: fewer would be an error, not a short READ. */
static void test_minimum(void **state)
{
	struct bytes b = read_request(1, 0, 100);
	struct lab l;

	(void)state;
	lab_begin(&l, "on READ: short-read 10");
	put32(b.at + READ_MINIMUM, 20);
	asked(&l, b);
	answered(&l, read_response(1, 1, 100));
	assert_null(l.p.data);
	assert_int_equal(l.journal.skipped, 1);
	lab_end(&l);
}

/* A handle that is forgotten stays so, but the real server gets the CLOSE. */
static void test_forgotten(void **state)
{
	struct bytes b = message(SMB2_CLOSE, 3, 88);
	struct lab l;

	(void)state;
	b.at[72] = 5; /* the file of the READs */
	lab_begin(&l, "on READ nth 1: status FILE_CLOSED");
	asked(&l, read_request(1, 0, 100));
	asked(&l, read_request(2, 0, 100));
	assert_non_null(l.p.data);
	asked(&l, b);
	assert_null(l.p.data);
	answered(&l, response(SMB2_ECHO, 1, STATUS_OK, 1, ECHO_SIZE));
	answered(&l, response(SMB2_ECHO, 2, STATUS_OK, 1, ECHO_SIZE));
	b = answered(&l, response(SMB2_CLOSE, 3, STATUS_OK, 1, 124));
	assert_int_equal(get32(b.at + HDR_STATUS), 0xc0000128);
	assert_int_equal(b.size, ERROR_SIZE);
	assert_int_equal(l.journal.done, 3);
	lab_end(&l);
}

/* CREATE and CLOSE in one: the second fails as the first does. */
static void test_compound(void **state)
{
	struct bytes a = message(SMB2_CREATE, 1, 120), b = message(SMB2_CLOSE, 2, 88), c;
	struct frame f = {};
	struct lab l;

	(void)state;
	put32(b.at + HDR_FLAGS, SMB2_FLAG_RELATED);
	put64(b.at + HDR_SESSION, UINT64_MAX);
	memset(b.at + 72, 0xff, 16);
	lab_begin(&l, "on CREATE: status INSUFFICIENT_RESOURCES");
	c = asked(&l, both(&a, &b));
	frame_parse(&f, c.at, c.size);
	assert_int_equal(f.nr, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(get16(f.msg[i].at + HDR_COMMAND), SMB2_ECHO);
		assert_int_equal(get32(f.msg[i].at + HDR_FLAGS), 0);
		assert_int_equal(get64(f.msg[i].at + HDR_SESSION), 0x1000);
	}
	a = response(SMB2_ECHO, 1, STATUS_OK, 1, ECHO_SIZE);
	b = response(SMB2_ECHO, 2, STATUS_OK, 1, ECHO_SIZE);
	c = answered(&l, both(&a, &b));
	frame_parse(&f, c.at, c.size);
	assert_int_equal(f.nr, 2);
	assert_int_equal(get16(f.msg[1].at + HDR_COMMAND), SMB2_CLOSE);
	assert_int_equal(get32(f.msg[1].at + HDR_STATUS), 0xc000009a);
	assert_true(get32(f.msg[1].at + HDR_FLAGS) & SMB2_FLAG_RELATED);
	lab_end(&l);
}

/* In the middle of a compound nothing is lawful that would break it. */
static void test_middle(void **state)
{
	struct bytes a = message(SMB2_CREATE, 1, 120), b = write_request(2, 0, 100);
	struct lab l;

	(void)state;
	put32(b.at + HDR_FLAGS, SMB2_FLAG_RELATED);
	lab_begin(&l, "on WRITE: status DISK_FULL");
	asked(&l, both(&a, &b));
	assert_null(l.p.data);
	assert_int_equal(l.journal.skipped, 1);
	lab_end(&l);
}

static void test_pending(void **state)
{
	struct bytes b;
	struct lab l;
	uint8_t *interim;

	(void)state;
	lab_begin(&l, "on READ: pending late 30ms");
	asked(&l, read_request(1, 0, 100));
	b = answered(&l, read_response(1, 7, 100));
	interim = l.p.first + FRAME_HEAD;
	assert_int_equal(l.p.first_size, FRAME_HEAD + ERROR_SIZE);
	assert_int_equal(get32(interim + HDR_STATUS), STATUS_PENDING);
	assert_true(get32(interim + HDR_FLAGS) & SMB2_FLAG_ASYNC);
	assert_int_equal(get16(interim + HDR_CREDITS), 7);
	assert_int_equal(get16(b.at + HDR_CREDITS), 0);
	assert_true(get64(interim + HDR_ASYNC_ID) == get64(b.at + HDR_ASYNC_ID));
	assert_int_equal(l.p.delay_ns, 30000000);
	lab_end(&l);
}

/* What is signed is left alone without keys, but its time is not. */
static void test_signed(void **state)
{
	struct bytes b = read_request(1, 0, 100);
	struct lab l;

	(void)state;
	put32(b.at + HDR_FLAGS, SMB2_FLAG_SIGNED);
	lab_begin(&l, "on READ: short-read 1\non READ: delay 5ms\non READ: grant 0");
	asked(&l, b);
	b = read_response(1, 7, 100);
	put32(b.at + HDR_FLAGS, SMB2_FLAG_SIGNED | SMB2_FLAG_RESPONSE);
	answered(&l, b);
	assert_null(l.p.data);
	assert_int_equal(l.p.delay_ns, 5000000);
	assert_int_equal(l.journal.skipped, 2);
	lab_end(&l);
}

/* ---- credits ---- */

static uint16_t granted(struct lab *l, uint64_t mid, uint16_t server)
{
	struct bytes b = answered(l, read_response(mid, server, 10));

	return get16(b.at + HDR_CREDITS);
}

static void test_grants(void **state)
{
	struct lab l;

	(void)state;
	lab_begin(&l, "on READ nth 2: grant 0 for 2");
	asked(&l, read_request(0, 0, 10)); /* the one credit that there is */
	assert_int_equal(granted(&l, 0, 10), 10);
	for (int i = 1; i <= 4; i++)
		asked(&l, read_request(i, 0, 10));
	assert_int_equal(granted(&l, 1, 3), 0);
	assert_int_equal(granted(&l, 2, 3), 0);
	/* and back */
	assert_int_equal(granted(&l, 3, 1), 7);
	assert_int_equal(granted(&l, 4, 1), 1);
	assert_int_equal(l.journal.done, 2);
	lab_end(&l);
}

/* The last that could bring credits brings at least one. */
static void test_never_starves(void **state)
{
	struct lab l;

	(void)state;
	lab_begin(&l, "on any: grant 0");
	for (int i = 0; i < 100; i++) {
		asked(&l, read_request(i, 0, 10));
		assert_int_equal(granted(&l, i, 5), 1);
	}
	lab_end(&l);
}

/* What holds for a request holds for the response behind an interim one, too. */
static void test_interim(void **state)
{
	struct bytes b = response(SMB2_READ, 0, STATUS_PENDING, 40, ERROR_SIZE);
	struct lab l;

	(void)state;
	lab_begin(&l, "on READ: ceiling 1");
	put32(b.at + HDR_FLAGS, SMB2_FLAG_RESPONSE | SMB2_FLAG_ASYNC);
	asked(&l, read_request(0, 0, 10));
	b = answered(&l, b);
	assert_int_equal(get16(b.at + HDR_CREDITS), 1);
	assert_int_equal(granted(&l, 0, 0), 0);
	lab_end(&l);
}

static void test_ceiling(void **state)
{
	struct credits c;

	(void)state;
	credits_init(&c);
	credits_spend(&c, 0);
	assert_int_equal(credits_grant(&c, 30, CREDITS_NO_LIMIT, 1, true), 30);
	credits_spend(&c, 16);
	assert_int_equal(c.client, 14);
	assert_int_equal(credits_grant(&c, 16, 2, 1, true), 2);
	assert_int_equal(c.withheld, 14);
	/* an interim response does not count twice */
	credits_spend(&c, 10);
	credits_spend(&c, 6);
	assert_int_equal(credits_grant(&c, 0, 0, 1, true), 0);
	assert_int_equal(credits_grant(&c, 0, 0, 1, false), 0);
	assert_int_equal(c.waiting, 1);
	assert_int_equal(credits_grant(&c, 0, 0, 4, true), 4);
	assert_int_equal(c.client, 4);
}

/* ---- a NEGOTIATE ---- */

static struct bytes negotiated(uint16_t dialect)
{
	struct bytes b = response(SMB2_NEGOTIATE, 0, STATUS_OK, 1, NEGOTIATED_SIZE);

	put16(b.at + NEGOTIATED_DIALECT, dialect);
	put32(b.at + NEGOTIATED_MAX_READ, 1 << 23);
	return b;
}

static void test_sizes(void **state)
{
	struct bytes b;
	struct lab l;

	(void)state;
	lab_begin(&l, "on NEGOTIATE: max-read 64K");
	asked(&l, message(SMB2_NEGOTIATE, 0, 110));
	b = answered(&l, negotiated(DIALECT_302));
	assert_int_equal(get32(b.at + NEGOTIATED_MAX_READ), 65536);
	/* without keys 3.1.1 would notice */
	asked(&l, message(SMB2_NEGOTIATE, 0, 110));
	answered(&l, negotiated(DIALECT_311));
	assert_null(l.p.data);
	assert_int_equal(l.journal.skipped, 1);
	lab_end(&l);
}

/* ---- what is not lawful itself ---- */

/* Bytes of no meaning pass, and nothing breaks: a sanitizer watches. */
static void test_noise(void **state)
{
	struct bytes b = read_request(1, 0, 100);
	uint32_t n = 1;
	struct lab l;

	(void)state;
	lab_begin(
		&l,
		"on any: status INSUFFICIENT_RESOURCES\non READ: short-read 1\non WRITE: short-write 1\n"
		"on any: pending\non any: grant 0\non NEGOTIATE: max-read 64K");
	for (int i = 0; i < 20000; i++) {
		n = n * 1664525 + 1013904223;
		b.size = HDR_SIZE + (n >> 8) % 128;
		b.at[(n >> 16) % b.size] = n >> 24;
		if (n & 0x1000)
			put16(b.at + HDR_COMMAND, (n >> 3) % SMB2_COMMANDS);
		memcpy(b.at, "\xfeSMB\x40", 6);
		put32(b.at + HDR_NEXT, 0);
		asked(&l, b);
		put32(b.at + HDR_FLAGS, get32(b.at + HDR_FLAGS) | SMB2_FLAG_RESPONSE);
		answered(&l, b);
	}
	lab_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),	 cmocka_unit_test(test_empty),
		cmocka_unit_test(test_status),	 cmocka_unit_test(test_short),
		cmocka_unit_test(test_minimum),	 cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_compound), cmocka_unit_test(test_middle),
		cmocka_unit_test(test_pending),	 cmocka_unit_test(test_signed),
		cmocka_unit_test(test_grants),	 cmocka_unit_test(test_never_starves),
		cmocka_unit_test(test_ceiling),	 cmocka_unit_test(test_interim),
		cmocka_unit_test(test_sizes),	 cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests_name("provoke: connections", tests, NULL, NULL);
}
