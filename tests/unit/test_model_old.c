// SPDX-License-Identifier: GPL-2.0-only
/* model: requests of a cifs without netfs, and credits that come back unused, from made-up events.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/fmt.h"
#include "base/units.h"
#include "model/model.h"

#define CONN   7
#define APP    100 /* threads */
#define CIFSD  200
#define WORKER 300
#define CALL   (EV_SYNTH_RREQ | 1)
#define MAX    8

/* what the model handed on, without its pointers */
struct heard {
	struct model *m;
	struct model_listener listener;
	struct request request[MAX];
	struct subrequest sub[MAX][MAX];
	int nr;
	uint64_t now;
};

static int on_request(void *ctx, const struct request *r)
{
	struct heard *seen = ctx;
	int i = 0;

	assert_true(seen->nr < MAX);
	seen->request[seen->nr] = *r;
	for_each_subrequest (r, s) {
		assert_true(i < MAX);
		seen->sub[seen->nr][i++] = *s;
	}
	assert_int_equal(i, r->nr_subrequests);
	seen->nr++;
	return 0;
}

static int setup(void **state)
{
	struct heard *seen = calloc(1, sizeof(*seen));

	assert_int_equal(model_new(&seen->m, NULL), 0);
	seen->listener = (struct model_listener){ .request = on_request, .ctx = seen };
	assert_int_equal(model_listen(seen->m, &seen->listener), 0);
	seen->now = 1000;
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

/* Events are 10 ns apart. */
static void feed(struct heard *seen, struct ev_hdr *ev, uint16_t size, uint32_t tid)
{
	seen->now += 10;
	ev->size = size;
	ev->ts = seen->now;
	ev->tid = ev->tgid = tid;
	assert_int_equal(model_feed(seen->m, ev), 0);
}

#define FEED(seen, tid, type, kind_, flags_, ...)                                                 \
	do {                                                                                      \
		struct type ev_ = { .hdr = { .kind = (kind_), .flags = (flags_) }, __VA_ARGS__ }; \
		feed((seen), &ev_.hdr, sizeof(ev_), (tid));                                       \
	} while (0)

#define SYNTH (EVF_RREQ | EVF_SYNTH)
#define IO(seen, tid, flags_, index, phase_, ...)                                                \
	FEED(seen, tid, ev_cifs_io, EV_CIFS_IO, SYNTH | (flags_), .rreq = CALL, .sreq = (index), \
	     .phase = (phase_), __VA_ARGS__)

static void wait_mtu(struct heard *seen, int taken)
{
	FEED(seen, APP, ev_credit_fn_rec, EV_CREDIT_FN, EVF_RREQ, .conn = CONN,
	     .fn = EV_CFN_WAIT_MTU);
	FEED(seen, APP, ev_credit_fn_rec, EV_CREDIT_FN, EVF_RREQ | EVF_EXIT, .conn = CONN,
	     .fn = EV_CFN_WAIT_MTU, .value = taken);
}

static void add_credits(struct heard *seen, uint32_t tid, int value)
{
	FEED(seen, tid, ev_credit_fn_rec, EV_CREDIT_FN, EVF_RREQ | EVF_EXIT, .conn = CONN,
	     .fn = EV_CFN_ADD, .value = value);
}

static void response(struct heard *seen, uint64_t mid, int granted)
{
	FEED(seen, CIFSD, ev_rsp, EV_RSP, 0, .conn = CONN, .mid = mid, .cmd = 8,
	     .credits = granted);
}

static void submit(struct heard *seen, uint32_t index, uint8_t origin, uint64_t start, uint64_t len)
{
	IO(seen, APP, 0, index, EV_IO_SUBMIT, .origin = origin, .write = origin & 1, .start = start,
	   .len = len, .conn = CONN, .credits = 1, .ino = 5, .fs = "cifs");
}

static void submitted(struct heard *seen, uint32_t index, int rc)
{
	IO(seen, APP, EVF_EXIT, index, EV_IO_SUBMIT, .result = rc);
}

static void complete(struct heard *seen, uint32_t index, uint64_t got, int rc)
{
	IO(seen, WORKER, 0, index, EV_IO_COMPLETE, .got = got, .result = rc);
}

static void release(struct heard *seen, uint32_t index)
{
	IO(seen, WORKER, EVF_EXIT, index, EV_IO_RELEASE);
}

static void finish(struct heard *seen)
{
	assert_int_equal(model_finish(seen->m), 0);
}

static void test_names(void **state)
{
	uint32_t count, index;

	(void)state;
	assert_string_equal(fmt_request(true, CALL, 0).s, "cifs-1");
	assert_string_equal(fmt_request(true, CALL, 0x1f).s, "cifs-1[1f]");
	assert_string_equal(fmt_request(true, UINT32_MAX, UINT32_MAX - 1).s,
			    "cifs-2147483647[fffffffe]");
	assert_string_equal(fmt_request(false, 0x2a, 3).s, "R=0000002a[3]");
	assert_int_equal(parse_synthetic("cifs-12", &count, &index), 0);
	assert_int_equal(count, 12);
	assert_int_equal(index, 0);
	assert_int_equal(parse_synthetic("cifs-12[1f]", &count, &index), 0);
	assert_int_equal(index, 0x1f);
	assert_int_equal(parse_synthetic("cifs-", &count, &index), -EINVAL);
	assert_int_equal(parse_synthetic("cifs-0", &count, &index), -EINVAL);
	assert_int_equal(parse_synthetic("cifs-1[", &count, &index), -EINVAL);
	assert_int_equal(parse_synthetic("cifs-2147483648", &count, &index), -EINVAL);
	assert_int_equal(parse_synthetic("0000002a", &count, &index), -EINVAL);
	assert_string_equal(request_origin(NULL, true, EV_IO_READAHEAD), "ra");
	assert_string_equal(request_origin(NULL, true, EV_IO_DIRECT_WRITE), "dio-wr");
	assert_string_equal(request_origin(NULL, true, EV_IO_ORIGINS), "?");
}

/* One cifs_readahead of two units, the second complete before the call returns. */
static void test_readahead(void **state)
{
	struct heard *seen = *state;
	const struct request *r = &seen->request[0];
	const struct subrequest *s = seen->sub[0];
	uint64_t begin;

	wait_mtu(seen, 1);
	begin = seen->now - 10;
	submit(seen, 1, EV_IO_READAHEAD, 4096, 8192);
	submitted(seen, 1, 0);
	submit(seen, 2, EV_IO_READAHEAD, 12288, 4096);
	submitted(seen, 2, 0);
	complete(seen, 2, 100, 0);
	release(seen, 2);
	complete(seen, 1, 8192, 0);
	release(seen, 1);
	assert_int_equal(seen->nr, 0);
	IO(seen, APP, EVF_EXIT, 0, EV_IO_CALL_END);
	finish(seen);
	assert_int_equal(seen->nr, 1);
	assert_true(r->key.synth && r->freed && r->origin_known && !r->write && !r->partial);
	assert_string_equal(request_origin(NULL, true, r->origin), "ra");
	assert_int_equal(r->nr_subrequests, 2);
	assert_int_equal(r->start, 4096);
	assert_int_equal(r->len, 12288);
	assert_int_equal(r->transferred, 8292);
	assert_int_equal(r->ino, 5);
	assert_string_equal(r->fs, "cifs");
	assert_int_equal(r->first_ns, begin);
	assert_int_equal(r->done_ns, seen->now - 10); /* the last release, not the call's return */
	assert_int_equal(s[0].stage_ns[STAGE_CREDIT_WAIT], 10);
	assert_int_equal(s[0].stage_ns[STAGE_PREPARE], 10);
	/* no wait was seen for the second: when it began is not known */
	assert_true(s[1].stage_ns[STAGE_PREPARE] == STAGE_UNKNOWN);
	assert_true(s[1].stage_ns[STAGE_CREDIT_WAIT] == STAGE_UNKNOWN);
	assert_true(s[0].freed && s[1].freed);
}

static void send_read(struct heard *seen)
{
	submit(seen, 1, EV_IO_READ, 0, 4096);
	FEED(seen, APP, ev_smb_cmd, EV_SMB_CMD, SYNTH, .rreq = CALL, .sreq = 1, .mid = 9, .cmd = 8);
	FEED(seen, APP, ev_setup, EV_SETUP, SYNTH | EVF_EXIT, .rreq = CALL, .sreq = 1, .conn = CONN,
	     .mid = 9, .cmd = 8, .credit_charge = 1);
	FEED(seen, APP, ev_send, EV_SEND, SYNTH | EVF_EXIT, .rreq = CALL, .sreq = 1, .conn = CONN);
	submitted(seen, 1, 0);
}

/* The events between the entry and the return of smb2_async_readv, and the way back. */
static void test_stages(void **state)
{
	struct heard *seen = *state;
	const struct subrequest *s = seen->sub[0];

	send_read(seen);
	response(seen, 9, 10);
	FEED(seen, CIFSD, ev_callback, EV_CALLBACK, SYNTH, .rreq = CALL, .sreq = 1, .conn = CONN,
	     .mid = 9);
	FEED(seen, CIFSD, ev_callback, EV_CALLBACK, SYNTH | EVF_EXIT, .rreq = CALL, .sreq = 1);
	complete(seen, 1, 4096, 0);
	release(seen, 1);
	finish(seen);
	assert_int_equal(seen->nr, 1);
	assert_true(seen->request[0].freed); /* it stands alone: no call to wait for */
	assert_int_equal(s->mid, 9);
	assert_int_equal(s->conn, CONN);
	assert_int_equal(s->credits, 1);
	assert_int_equal(s->granted, 10);
	assert_int_equal(s->attempts, 1);
	assert_int_equal(s->stage_ns[STAGE_SEND], 30);
	assert_int_equal(s->stage_ns[STAGE_WIRE], 20);
	assert_int_equal(s->stage_ns[STAGE_CALLBACK], 20);
	assert_int_equal(s->stage_ns[STAGE_COLLECT], 20);
}

/* ---- sealed answers ---- */

static void unseal(struct heard *seen, uint32_t tid, uint8_t event, uint8_t flags, uint64_t mid)
{
	bool buf = event == EV_DECRYPT_CIPHER || !(flags & EVF_EXIT);

	FEED(seen, tid, ev_decrypt, EV_DECRYPT, flags, .conn = CONN, .mid = mid,
	     .buf = buf ? 0xffff888000001000 : 0, .event = event, .cipher = 2);
}

/* Its header is read by the thread that has decrypted it. */
static void end_read(struct heard *seen, uint32_t tid)
{
	FEED(seen, tid, ev_rsp, EV_RSP, 0, .conn = CONN, .mid = 9, .cmd = 8, .credits = 1);
	FEED(seen, tid, ev_callback, EV_CALLBACK, SYNTH, .rreq = CALL, .sreq = 1, .conn = CONN,
	     .mid = 9);
	FEED(seen, tid, ev_callback, EV_CALLBACK, SYNTH | EVF_EXIT, .rreq = CALL, .sreq = 1);
	complete(seen, 1, 4096, 0);
	release(seen, 1);
	finish(seen);
}

/* cifsd does it: what it receives before is on the wire still. */
static void test_sealed(void **state)
{
	struct heard *seen = *state;
	const struct subrequest *s = seen->sub[0];

	send_read(seen);
	unseal(seen, CIFSD, EV_DECRYPT_RECEIVE, 0, 0);
	unseal(seen, CIFSD, EV_DECRYPT_CIPHER, 0, 0);
	unseal(seen, CIFSD, EV_DECRYPT_CIPHER, EVF_EXIT, 9);
	end_read(seen, CIFSD);
	assert_int_equal(s->stage_ns[STAGE_WIRE], 30);
	assert_int_equal(s->stage_ns[STAGE_DECRYPT], 20);
	assert_int_equal(s->stage_ns[STAGE_CALLBACK], 20);
	assert_true(model_conn(seen->m, CONN)->sealed);
	assert_int_equal(model_conn(seen->m, CONN)->cipher, 2);
}

/* A work item does it: it waits for its turn once cifsd has all of the answer. */
static void test_offloaded(void **state)
{
	struct heard *seen = *state;
	const struct subrequest *s = seen->sub[0];

	send_read(seen);
	unseal(seen, CIFSD, EV_DECRYPT_RECEIVE, 0, 0);
	unseal(seen, CIFSD, EV_DECRYPT_RECEIVE, EVF_EXIT, 0);
	seen->now += 1000;
	unseal(seen, WORKER, EV_DECRYPT_CIPHER, 0, 0);
	unseal(seen, WORKER, EV_DECRYPT_CIPHER, EVF_EXIT, 9);
	end_read(seen, WORKER);
	assert_int_equal(s->stage_ns[STAGE_WIRE], 30);
	assert_int_equal(s->stage_ns[STAGE_DECRYPT], 1030);
}

/* The worker has begun before cifsd returns; and what that tells late is not taken for the next one's. */
static void test_fast_worker(void **state)
{
	struct heard *seen = *state;
	const struct subrequest *s = seen->sub[0];

	unseal(seen, CIFSD, EV_DECRYPT_RECEIVE, 0, 0);
	unseal(seen, WORKER, EV_DECRYPT_CIPHER, 0, 0);
	unseal(seen, CIFSD, EV_DECRYPT_RECEIVE, EVF_EXIT, 0);
	unseal(seen, WORKER, EV_DECRYPT_CIPHER, EVF_EXIT, 8);
	seen->now += 1000;
	send_read(seen);
	unseal(seen, CIFSD, EV_DECRYPT_RECEIVE, 0, 0);
	unseal(seen, WORKER, EV_DECRYPT_CIPHER, 0, 0);
	unseal(seen, CIFSD, EV_DECRYPT_RECEIVE, EVF_EXIT, 0);
	unseal(seen, WORKER, EV_DECRYPT_CIPHER, EVF_EXIT, 9);
	end_read(seen, WORKER);
	assert_int_equal(s->stage_ns[STAGE_WIRE], 30);
	assert_int_equal(s->stage_ns[STAGE_DECRYPT], 30);
}

/* What the thread has decrypted last is another message; and the next one that comes in the same buffer. */
static void test_other_sealed(void **state)
{
	struct heard *seen = *state;
	const struct subrequest *s = seen->sub[0];

	send_read(seen);
	unseal(seen, CIFSD, EV_DECRYPT_RECEIVE, 0, 0);
	unseal(seen, CIFSD, EV_DECRYPT_CIPHER, 0, 0);
	unseal(seen, CIFSD, EV_DECRYPT_CIPHER, EVF_EXIT, 8);
	unseal(seen, CIFSD, EV_DECRYPT_RECEIVE, EVF_EXIT, 0);
	end_read(seen, CIFSD);
	assert_int_equal(s->stage_ns[STAGE_WIRE], 60);
	assert_true(s->stage_ns[STAGE_DECRYPT] == STAGE_UNKNOWN);
}

/* An uncached call: a unit that is sent again is the same one, and all end with the context. */
static void test_direct(void **state)
{
	struct heard *seen = *state;
	const struct request *r = &seen->request[0];
	const struct subrequest *s = seen->sub[0];

	IO(seen, APP, 0, 1, EV_IO_SUBMIT, .origin = EV_IO_DIRECT_WRITE, .write = 1, .start = 4096,
	   .len = 4096, .call_len = 12288);
	submitted(seen, 1, 0);
	IO(seen, APP, 0, 2, EV_IO_SUBMIT, .origin = EV_IO_DIRECT_WRITE, .write = 1, .start = 8192,
	   .len = 8192, .call_len = 12288);
	submitted(seen, 2, 0);
	complete(seen, 1, 0, -EAGAIN);
	complete(seen, 2, 8192, 0);
	IO(seen, WORKER, 0, 1, EV_IO_SUBMIT, .origin = EV_IO_DIRECT_WRITE, .write = 1,
	   .start = 4096, .len = 4096, .call_len = 12288);
	complete(seen, 1, 4096, 0);
	IO(seen, WORKER, 0, 1, EV_IO_RELEASE);
	assert_int_equal(seen->nr, 0);
	IO(seen, APP, 0, 0, EV_IO_CTX_END, .result = 12288);
	finish(seen);
	assert_int_equal(seen->nr, 1);
	assert_true(r->freed && r->write);
	assert_int_equal(r->start, 4096);
	assert_int_equal(r->len, 12288);
	assert_int_equal(r->transferred, 12288);
	assert_int_equal(r->error, 0);
	assert_int_equal(r->retries, 1);
	assert_int_equal(s[0].attempts, 2);
	assert_true(s[1].freed);
}

static void test_errors(void **state)
{
	struct heard *seen = *state;

	submit(seen, 1, EV_IO_READAHEAD, 0, 4096);
	submitted(seen, 1, 0);
	complete(seen, 1, 0, -ENODATA); /* beyond the end of the file */
	release(seen, 1);
	submit(seen, 2, EV_IO_READAHEAD, 4096, 4096);
	submitted(seen, 2, -EAGAIN); /* not sent: nobody will complete it */
	IO(seen, APP, EVF_EXIT, 0, EV_IO_CALL_END);
	finish(seen);
	assert_int_equal(seen->nr, 1);
	assert_true(seen->request[0].freed);
	assert_int_equal(seen->sub[0][0].error, 0);
	assert_int_equal(seen->sub[0][1].error, -EAGAIN);
	assert_int_equal(seen->request[0].error, -EAGAIN);
}

static void test_unfinished(void **state)
{
	struct heard *seen = *state;

	submit(seen, 1, EV_IO_WRITEPAGES, 0, 4096);
	submitted(seen, 1, 0);
	IO(seen, APP, EVF_EXIT, 0, EV_IO_CALL_END);
	finish(seen);
	assert_int_equal(seen->nr, 1);
	assert_false(seen->request[0].freed);
	assert_int_equal(seen->request[0].done_ns, 0);
}

/* 9p and afs have real requests on the same kernel, and one may even have that number. */
static void test_no_mix_up(void **state)
{
	struct heard *seen = *state;

	submit(seen, 1, EV_IO_READ, 0, 4096);
	FEED(seen, WORKER, ev_sreq, EV_SREQ, EVF_RREQ, .rreq = CALL, .sreq = 1, .len = 512);
	complete(seen, 1, 4096, 0);
	release(seen, 1);
	finish(seen);
	assert_int_equal(seen->nr, 2);
	assert_int_equal(seen->request[0].key.synth, 1);
	assert_int_equal(seen->request[0].transferred, 4096);
	assert_int_equal(seen->request[1].key.synth, 0);
	assert_int_equal(seen->sub[1][0].len, 512);
}

/* A readahead without a page, then a real one. */
static void test_returned(void **state)
{
	struct heard *seen = *state;
	const struct conn *c;

	response(seen, 1, 10); /* of something before */
	add_credits(seen, CIFSD, 10);
	wait_mtu(seen, 64);
	add_credits(seen, APP, 64);
	wait_mtu(seen, 2);
	response(seen, 2, 20);
	add_credits(seen, CIFSD, 20);
	finish(seen);
	c = model_conns(seen->m);
	assert_non_null(c);
	assert_int_equal(c->taken, 2);
	assert_int_equal(c->returned, 64);
	assert_int_equal(c->granted, 30);
}

/* An interim response brings credits by itself; what follows the final one is its own. */
static void test_returned_not(void **state)
{
	struct heard *seen = *state;
	const struct conn *c;

	FEED(seen, CIFSD, ev_rsp, EV_RSP, 0, .conn = CONN, .mid = 1, .status = STATUS_PENDING,
	     .credits = 5);
	response(seen, 1, 0);
	add_credits(seen, CIFSD, 0);
	/* credits of an instance that is gone come back to nobody */
	FEED(seen, APP, ev_credit_fn_rec, EV_CREDIT_FN, EVF_RREQ | EVF_EXIT, .conn = CONN,
	     .fn = EV_CFN_ADD, .value = 9, .value_instance = 1, .instance = 2);
	finish(seen);
	c = model_conns(seen->m);
	assert_int_equal(c->granted, 5);
	assert_int_equal(c->returned, 0);
	assert_int_equal(c->taken, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test_setup_teardown(test_readahead, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sealed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_offloaded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fast_worker, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_sealed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_direct, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unfinished, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_mix_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_returned, setup, teardown),
		cmocka_unit_test_setup_teardown(test_returned_not, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
