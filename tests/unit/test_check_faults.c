// SPDX-License-Identifier: GPL-2.0-only
/* Whose fault it is: credits by their owner, counts by the first that was wrong, ends out of turn. */
#include "check_util.h"

static struct io one_read(void)
{
	return (struct io){ .r = 1, .s = 1, .len = 4096 };
}

/* ---- credits ---- */

/* A callback up to where its grant is added. */
static void up_to_add(struct seq *q, struct io *a)
{
	issue(q, a);
	response(q, 65, 8, 0, 10);
	callback(q, a, 0, a->len);
	rwc(q, CIFSD, 1, 1, RWC_READ_RESPONSE_CLEAR, 2, 0);
	sreq(q, CIFSD, a, SREQ_TERMINATED, a->len, 0);
	rwc(q, CIFSD, 1, 1, RWC_READ_RESPONSE_ADD, 0, 10);
}

/* In the callback of one read the credits of another one are given back, so often. */
static void free_another(struct seq *q, int times)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 8192, .transferred = 4096 };
	struct io a = one_read(), b = { .r = 1, .s = 2, .start = 4096, .len = 4096 };

	begin(q, &r);
	take(q, 1, 2, 2);
	rwc(q, APP, 1, 2, RWC_READ_SUBMIT, 2, 0);
	sreq(q, APP, &b, SREQ_SUBMIT, 0, 0);
	up_to_add(q, &a);
	rwc(q, CIFSD, 1, 2, RWC_FREE_SUBREQ, 2, 0);
	while (times--)
		add(q, CIFSD, 1, 2, 2);
	add(q, CIFSD, 1, 1, 10);
	callback(q, &a, EVF_EXIT, 4096);
}

static void test_owner(void **state)
{
	(void)state;
	BOTH (q) {
		free_another(q, 1);
		silent(q, "credit-double");
		silent(q, "credit-leak");
	}
	BOTH (q) { /* twice: that one is accused, not the grant behind it */
		const struct finding *f;

		free_another(q, 2);
		f = found(q, "credit-double", "no-response");
		assert_int_equal(f->sreq, 2);
		assert_int_equal(f->count, 1);
	}
}

/* A read whose callback adds so many credits, and then its grant or not. */
static void add_more(struct seq *q, int more, bool grant)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096 };
	struct io a = one_read();

	begin(q, &r);
	up_to_add(q, &a);
	add(q, CIFSD, 1, 1, more);
	if (grant)
		add(q, CIFSD, 1, 1, 10);
	callback(q, &a, EVF_EXIT, 4096);
}

static void test_grant_is_innocent(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;

		add_more(q, 3, true);
		f = found(q, "credit-double", "before-the-grant");
		assert_non_null(strstr(f->observed, "3 more credits"));
		assert_non_null(strstr(f->expected, "10 credits"));
		assert_int_equal(f->count, 1);
		assert_null(seq_finding(q, "credit-double", "no-response"));
	}
	BOTH (q) { /* one that was only misread is credit-leak's */
		add_more(q, 3, false);
		silent(q, "credit-double");
		found(q, "credit-leak", "grant-misread");
	}
}

/* ---- in_flight ---- */

static void test_first_not_counted(void **state)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 8192, .transferred = 8192 };
	struct io b = { .r = 1, .s = 2, .start = 4096, .len = 4096 };

	(void)state;
	for (int stuck = 0; stuck < 2; stuck++)
		BOTH (q) {
			struct io a = one_read();
			const struct finding *f;

			credit(q, CIFSD, P_smb3_add_credits, 1); /* at rest */
			begin(q, &r);
			issue(q, &a);
			issue(q, &b);
			q->in_flight += stuck; /* the first answer counts nothing off */
			answer(q, &a);
			answer(q, &b);
			release(q, &a);
			release(q, &b);
			end(q, &r);
			pass(q, 20 * SEC);
			if (!stuck) {
				silent(q, "inflight");
				continue;
			}
			f = found(q, "inflight", "left-over");
			assert_int_equal(f->sreq, 1);
			assert_int_equal(f->rreq, 1);
			assert_int_equal(f->mid, 65);
			assert_int_equal(f->ino, 7);
			assert_non_null(strstr(f->explanation, "mid 65, at"));
		}
	BOTH (q) { /* where it shows is not where it happened */
		const struct finding *f;

		begin(q, &r);
		rwc(q, CIFSD, 1, 1, RWC_ZERO_IN_FLIGHT, 2, 0);
		f = found(q, "inflight", "negative");
		assert_int_equal(f->rreq, 0);
		assert_int_equal(f->tid, 0);
	}
	BOTH (q) { /* one fault, whatever comes after it; and the next one */
		q->in_flight = -1;
		credit(q, CIFSD, P_smb3_add_credits, 1);
		credit(q, APP, P_smb3_adj_credits, 1);
		q->in_flight = 0;
		credit(q, APP, P_smb3_waitff_credits, -1);
		q->in_flight = -1;
		credit(q, CIFSD, P_smb3_add_credits, 1);
		q->in_flight = -2;
		credit(q, CIFSD, P_smb3_add_credits, 1);
		assert_int_equal(found(q, "inflight", "negative")->count, 2);
	}
}

/* ---- done, and not over ---- */

static void test_done_before_end(void **state)
{
	(void)state;
	for (int late = 0; late < 2; late++)
		BOTH (q) {
			struct rq r = {
				.r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .transferred = 4096
			};
			struct io a = one_read();
			const struct finding *f;

			begin(q, &r);
			issue(q, &a);
			pass(q, 20 * MS);
			rreq(q, &r, RREQ_DONE);
			pass(q, late ? 20 * MS : 1000); /* two CPUs may come swapped */
			answer(q, &a);
			release(q, &a);
			end(q, &r);
			pass(q, SEC);
			if (!late) {
				silent(q, "lifecycle");
				continue;
			}
			f = found(q, "lifecycle", "done-before-end");
			assert_int_equal(f->sreq, 1);
			assert_int_equal(f->mid, 65);
		}
}

/* ---- errors ---- */

static void one_write(struct seq *q, int error, uint32_t status)
{
	struct io a = { .r = 1,
			.s = 1,
			.write = true,
			.len = 4096,
			.error = error,
			.status = status,
			.none = error != 0 };
	struct rq r = { .r = 1,
			.origin = ORIGIN_DIO_WRITE,
			.len = 4096,
			.transferred = error ? 0 : 4096,
			.error = error };

	begin(q, &r);
	io(q, &a);
	end(q, &r);
	pass(q, SEC);
}

static void test_error_made(void **state)
{
	(void)state;
	BOTH (q) {
		one_write(q, -5, 0);
		assert_int_equal(found(q, "error-map", "error-made")->sreq, 1);
	}
	BOTH (q) { /* the server wrote less */
		one_write(q, -28, 0);
		silent(q, "error-map");
	}
	BOTH (q) { /* it did not */
		one_write(q, -5, 0xc0000185);
		silent(q, "error-map");
	}
	BOTH (q) { /* a signed answer: perhaps it was not the server's */
		FEED(q, 0, ev_conn, EV_CONN, 0, 0, .conn = CONN, .instance = 1, .sign = 1);
		ONE_READ(q, .error = -5, .none = true);
		assert_int_equal(seq_finding(q, "error-map", "error-made")->verdict,
				 VERDICT_INCONCLUSIVE);
	}
}

/* write() returns 0 although nothing could be written */
static void zero_write(struct seq *q, bool some)
{
	struct io a = { .r = 1,
			.s = 1,
			.write = true,
			.len = 4096,
			.error = -28,
			.status = 0xc000007f,
			.none = true };
	struct io b = { .r = 1, .s = 2, .write = true, .start = 4096, .len = 4096 };
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_WRITE, .len = 8192 };

	begin(q, &r);
	io(q, &a);
	if (some)
		io(q, &b);
	end(q, &r);
	pass(q, SEC);
}

static void test_zero_for_error(void **state)
{
	static const struct {
		const char *release;
		enum verdict verdict;
	} on[] = { { "release=6.13.1", VERDICT_VIOLATION }, { "release=6.12.118", VERDICT_KNOWN } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(on); i++) {
		struct seq *q = seq_new(K612);

		release_is(q, on[i].release);
		zero_write(q, false);
		assert_non_null(seq_finding(q, "error-map", "zero-for-error"));
		assert_int_equal(seq_finding(q, "error-map", "zero-for-error")->verdict,
				 on[i].verdict);
		if (!i)
			found(q, "error-map", "zero-for-error");
		seq_free(q);
	}
	for (int k = 0; k < 2; k++) { /* what could be written counts; 7.x says error-lost */
		struct seq *q = seq_new(k ? K73 : K612);

		zero_write(q, !k);
		assert_null(seq_finding(q, "error-map", "zero-for-error"));
		if (k)
			found(q, "error-map", "error-lost");
		else
			silent(q, "error-map");
		seq_free(q);
	}
}

/* ---- totals ---- */

static void test_total_short(void **state)
{
	(void)state;
	for (int eof = 0; eof < 2; eof++)
		BOTH (q) {
			struct rq r = {
				.r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .transferred = 3584
			};
			struct io a = one_read();

			q->i_size = eof ? 3584 : 1 << 20;
			begin(q, &r);
			io(q, &a);
			end(q, &r);
			pass(q, SEC);
			if (eof)
				silent(q, "transfer");
			else
				assert_non_null(strstr(
					found(q, "transfer", "total-short")->observed, "3584"));
		}
}

/* ---- who waits ---- */

static void test_not_woken(void **state)
{
	(void)state;
	BOTH (q) {
		struct rq r = {
			.r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .transferred = 4096
		};
		struct io a = one_read();
		const struct finding *f;

		begin(q, &r);
		rreq(q, &r, RREQ_WAIT_IP);
		io(q, &a);
		rreq(q, &r, RREQ_DONE);
		pass(q, 30 * SEC);
		f = found(q, "stuck", "not-woken");
		assert_int_equal(f->tid, APP);
		assert_true(f->wants_stacks);
		silent(q, "ref-balance");
	}
	BOTH (q) { /* it was: what is left is a reference */
		struct rq r = {
			.r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .transferred = 4096
		};
		struct io a = one_read();

		begin(q, &r);
		rref(q, 1, RREF_GET_SUBREQ, 0);
		rreq(q, &r, RREQ_WAIT_IP);
		io(q, &a);
		rreq(q, &r, RREQ_DONE);
		rref(q, 1, RREF_PUT_RETURN, 0);
		pass(q, 30 * SEC);
		silent(q, "stuck");
		found(q, "ref-balance", "request-leaked");
	}
}

static void test_receiver(void **state)
{
	(void)state;
	for (int back = 0; back < 2; back++)
		BOTH (q) {
			struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096 };
			struct rq r2 = { .r = 2, .origin = ORIGIN_DIO_READ, .len = 4096 };
			struct io a = one_read(), b = { .r = 2, .s = 1, .len = 4096 };
			const struct finding *f;

			begin(q, &r);
			issue(q, &a);
			begin(q, &r2);
			issue(q, &b);
			response(q, 65, 8, 0, 10);
			callback(q, &a, 0, 4096);
			pass(q, back ? 4 * SEC : 200 * SEC);
			if (back) {
				callback(q, &a, EVF_EXIT, 4096);
				pass(q, 5 * SEC);
				silent(q, "stuck");
				continue;
			}
			f = found(q, "stuck", "receiver");
			assert_int_equal(f->tid, CIFSD);
			assert_int_equal(f->rreq, 1);
			assert_int_equal(f->mid, 65);
			assert_int_equal(f->count, 1);
			/* who waits behind it is told so, and accused of nothing */
			f = seq_finding(q, "stuck", "silence");
			assert_non_null(f);
			assert_int_equal(f->rreq, 2);
			assert_non_null(strstr(f->doubt, "stuck in a callback"));
			assert_null(seq_finding(q, "stuck", "not-terminated"));
			assert_null(seq_finding(q, "credit-leak", "grant-lost"));
			silent(q, "inflight");
		}
}

/* ---- handles ---- */

static void file_event(struct seq *q, uint16_t probe, uint64_t fid)
{
	FEED(q, APP, ev_smb_file, EV_SMB_FILE, 0, probe, .fid = fid, .sesid = 1, .tid = 5);
}

static void disconnect_tree(struct seq *q, uint32_t tree)
{
	FEED(q, APP, ev_smb_cmd, EV_SMB_CMD, EVF_RREQ, P_smb3_cmd_enter, .mid = 900, .sesid = 1,
	     .tid = tree, .cmd = 4, .event = EV_CMD_ENTER);
}

static void test_handles(void **state)
{
	(void)state;
	BOTH (q) { /* one of two is never closed; seen while it is recorded, or at the end */
		const struct finding *f;

		file_event(q, P_smb3_open_done, 70);
		file_event(q, P_smb3_open_done, 71);
		file_event(q, P_smb3_close_enter, 70);
		disconnect_tree(q, 5);
		pass(q, q->new ? 8 * SEC : 2 * SEC);
		f = found(q, "handles", "never-closed");
		assert_non_null(strstr(f->observed, "file id 0x47 "));
		assert_int_equal(f->count, 1);
	}
	BOTH (q) { /* a mount that is still there; another tree */
		file_event(q, P_smb3_open_done, 70);
		disconnect_tree(q, 6);
		pass(q, 60 * SEC);
		silent(q, "handles");
	}
	BOTH (q) { /* a work item closes it a moment later */
		file_event(q, P_smb3_open_done, 70);
		disconnect_tree(q, 5);
		pass(q, 2 * SEC);
		file_event(q, P_smb3_close_enter, 70);
		pass(q, 10 * SEC);
		silent(q, "handles");
	}
	BOTH (q) { /* before a reconnect; or closed by the open itself, which says so behind it */
		file_event(q, P_smb3_open_done, 70);
		reconnect(q);
		file_event(q, P_smb3_close_enter, 71);
		file_event(q, P_smb3_open_done, 71);
		disconnect_tree(q, 5);
		pass(q, 10 * SEC);
		silent(q, "handles");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_grant_is_innocent),
		cmocka_unit_test(test_first_not_counted),
		cmocka_unit_test(test_done_before_end),
		cmocka_unit_test(test_error_made),
		cmocka_unit_test(test_zero_for_error),
		cmocka_unit_test(test_total_short),
		cmocka_unit_test(test_not_woken),
		cmocka_unit_test(test_receiver),
		cmocka_unit_test(test_handles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
