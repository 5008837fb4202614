// SPDX-License-Identifier: GPL-2.0-only
/* write-lost: data that writeback dropped, and what the mapping was told. */
#include "check_util.h"

#define WB_SIZE	  4096
#define ENOSPC_ST 0xc000007f /* STATUS_DISK_FULL */

static void wb_err(struct seq *q, uint32_t tid, uint8_t event, int error)
{
	FEED(q, tid, ev_wb_err, EV_WB_ERR, 0,
	     event == EV_WB_ERR_READ ? P_file_check_and_advance_wb_err : P_filemap_set_wb_err,
	     .ino = 7, .error = error, .event = event, .fs = "cifs");
}

#define ERRSEQ(ctr, err) ((ctr) << 13 | (err)) /* lib/errseq.c: bit 12 says that it was seen */
#define SEEN		 4096

/* fsync() of thread 77 begins or ends; what the mapping has, and what the file has seen */
static void fsync_at(struct seq *q, uint8_t event, int rc, uint32_t mapping, uint32_t file)
{
	FEED(q, 77, ev_wb_err, EV_WB_ERR, 0,
	     event == EV_WB_ERR_FSYNC ? P_cifs_strict_fsync_enter : P_cifs_strict_fsync_exit,
	     .ino = 7, .error = rc, .event = event, .seq = mapping, .old = file, .fs = "cifs");
}

static void mapping_told(struct seq *q, uint32_t seq)
{
	FEED(q, OTHER, ev_wb_err, EV_WB_ERR, 0, P_filemap_set_wb_err, .ino = 7,
	     .error = -(int)(seq & 4095), .event = EV_WB_ERR_SET, .seq = seq, .fs = "cifs");
}

/* A send that a signal cut short: smb_send_rqst() says -ERESTARTSYS. */
static void not_sent(struct seq *q, const struct io *a)
{
	issue(q, a);
	sreq(q, APP, a, SREQ_TERMINATED, 0, a->error);
	release(q, a);
}

/* Two subrequests of one writeback; the first is written, the second is a. */
static void writeback(struct seq *q, struct io a, bool told)
{
	struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK, .transferred = WB_SIZE };
	struct io good = { .r = 1, .s = 1, .write = true, .len = WB_SIZE };

	a.r = 1;
	a.s = 2;
	a.write = a.none = true;
	a.start = WB_SIZE;
	a.len = WB_SIZE;
	begin(q, &r);
	io(q, &good);
	if (a.status || a.mid_state)
		io(q, &a);
	else
		not_sent(q, &a);
	if (told)
		wb_err(q, OTHER, EV_WB_ERR_SET, a.error);
	end(q, &r);
}

static void test_dropped(void **state)
{
	(void)state;
	BOTH (q) { /* the writer's fsync() hears of it, and the data are gone all the same */
		const struct finding *f;

		writeback(q, (struct io){ .error = -512 }, true);
		wb_err(q, 77, EV_WB_ERR_READ, -512);
		pass(q, SEC);
		f = found(q, "write-lost", "dropped");
		assert_int_equal(f->bytes, WB_SIZE);
		assert_int_equal(f->rreq, 1);
		assert_int_equal(f->sreq, 2);
		assert_non_null(strstr(f->observed, "4096 of 8192 bytes (1 of 2 subrequests, "
						    "within 0x1000..0x2000) failed with error "
						    "-512; error -512 was recorded in the mapping "
						    "and returned to ?-77"));
	}
	BOTH (q) {
		writeback(q, (struct io){ .error = -12 }, true);
		pass(q, SEC);
		assert_non_null(
			strstr(found(q, "write-lost", "dropped")->observed, "not yet returned"));
	}
	BOTH (q) { /* killed while it waited for credits: it has no SUBMT */
		struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK };
		struct io a = { .r = 1, .s = 1, .write = true, .len = WB_SIZE };

		begin(q, &r);
		rref(q, 1, RREF_GET_SUBREQ, 3);
		sreq(q, APP, &a, SREQ_PREP_FAILED, 0, -512);
		sreq(q, APP, &a, SREQ_TERMINATED, 0, -512);
		wb_err(q, OTHER, EV_WB_ERR_SET, -512);
		a.none = true;
		a.error = -512;
		release(q, &a);
		end(q, &r);
		pass(q, SEC);
		assert_int_equal(found(q, "write-lost", "dropped")->bytes, WB_SIZE);
	}
	BOTH (q) { /* a reconnect before it does not matter */
		reconnect(q);
		pass(q, SEC);
		writeback(q, (struct io){ .error = -512 }, true);
		pass(q, SEC);
		found(q, "write-lost", "dropped");
	}
	BOTH (q) { /* but whoever waits for one may be killed for good reason */
		reconnect(q);
		writeback(q, (struct io){ .error = -512 }, true);
		pass(q, SEC);
		assert_int_equal(seq_finding(q, "write-lost", "dropped")->verdict,
				 VERDICT_INCONCLUSIVE);
	}
}

static void test_not_told(void **state)
{
	(void)state;
	BOTH (q) {
		writeback(q, (struct io){ .error = -28, .status = ENOSPC_ST }, false);
		pass(q, SEC);
		assert_int_equal(found(q, "write-lost", "not-told")->bytes, WB_SIZE);
	}
	BOTH (q) { /* half of it was written, and nobody sends the rest */
		struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK };
		struct io a = { .r = 1, .s = 1, .write = true, .len = WB_SIZE, .got = 1024 };

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		pass(q, SEC);
		assert_int_equal(found(q, "write-lost", "not-told")->bytes, WB_SIZE - 1024);
	}
	BOTH (q) { /* what it was told before is old news */
		wb_err(q, OTHER, EV_WB_ERR_SET, -28);
		pass(q, SEC);
		writeback(q, (struct io){ .error = -28, .status = ENOSPC_ST }, false);
		pass(q, SEC);
		found(q, "write-lost", "not-told");
	}
}

/* A recording without filemap_set_wb_err: what the client alone gave up is certain all the same. */
static void test_unheard(void **state)
{
	(void)state;
	BOTH (q) {
		seq_probe(q, P_filemap_set_wb_err, EV_PROBE_OFF);
		writeback(q, (struct io){ .error = -512 }, false);
		pass(q, SEC);
		assert_non_null(strstr(found(q, "write-lost", "dropped")->observed,
				       "whether an error was recorded in the mapping is unknown"));
	}
	BOTH (q) {
		seq_probe(q, P_filemap_set_wb_err, EV_PROBE_OFF);
		writeback(q, (struct io){ .error = -28, .status = ENOSPC_ST }, false);
		pass(q, SEC);
		assert_int_equal(seq_finding(q, "write-lost", "refused")->verdict, VERDICT_NOTE);
	}
}

/* An error that was told is no bug: a note, and the trace is clean. */
static void test_told(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;

		writeback(q, (struct io){ .error = -28, .status = ENOSPC_ST }, true);
		pass(q, SEC);
		f = seq_finding(q, "write-lost", "refused");
		assert_non_null(f);
		assert_int_equal(f->verdict, VERDICT_NOTE);
		assert_int_equal(f->bytes, WB_SIZE);
		assert_int_equal(seq_check(q, "write-lost")->violations, 0);
		assert_int_equal(seq_check(q, "write-lost")->notes, 1);
	}
	BOTH (q) { /* what a reconnect cut off, and a soft mount does not send again */
		writeback(q, (struct io){ .error = -103, .mid_state = 8 }, true);
		pass(q, SEC);
		assert_int_equal(seq_finding(q, "write-lost", "cut-off")->verdict, VERDICT_NOTE);
	}
}

static void test_written_after_all(void **state)
{
	(void)state;
	BOTH (q) {
		struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK };
		struct io a = { .r = 1,
				.s = 1,
				.write = true,
				.len = WB_SIZE,
				.error = -11,
				.none = true,
				.mid_state = 8,
				.keep = true };
		struct io b = {
			.r = 1, .s = 1, .write = true, .len = WB_SIZE, .retry = true, .mid = 99
		};

		begin(q, &r);
		io(q, &a);
		io(q, &b);
		end(q, &r);
		pass(q, SEC);
		silent(q, "write-lost");
	}
	BOTH (q) { /* a direct write tells its caller, not the mapping */
		struct rq r = { .r = 1, .origin = ORIGIN_DIO_WRITE, .len = WB_SIZE, .error = -28 };
		struct io a = { .r = 1,
				.s = 1,
				.write = true,
				.len = WB_SIZE,
				.error = -28,
				.none = true,
				.status = ENOSPC_ST };

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		pass(q, SEC);
		silent(q, "write-lost");
	}
}

static void test_fsync(void **state)
{
	const uint32_t told = ERRSEQ(1, 28), seen = told | SEEN;

	(void)state;
	BOTH (q) { /* it is given the error, and returns 0 */
		const struct finding *f;

		mapping_told(q, told);
		pass(q, SEC);
		fsync_at(q, EV_WB_ERR_FSYNC, 0, told, 0);
		wb_err(q, 77, EV_WB_ERR_READ, -28);
		fsync_at(q, EV_WB_ERR_FSYNCED, 0, seen, seen);
		pass(q, SEC);
		f = found(q, "write-lost", "fsync-zero");
		assert_int_equal(f->ino, 7);
		assert_int_equal(f->tid, 77);
		assert_non_null(strstr(f->expected, "error -28"));
	}
	BOTH (q) { /* it does not look */
		mapping_told(q, told);
		pass(q, SEC);
		fsync_at(q, EV_WB_ERR_FSYNC, 0, told, 0);
		fsync_at(q, EV_WB_ERR_FSYNCED, 0, told, 0);
		pass(q, SEC);
		found(q, "write-lost", "fsync-blind");
	}
}

/* What looks like it, and is right. */
static void test_fsync_lawful(void **state)
{
	const uint32_t told = ERRSEQ(1, 28), seen = told | SEEN;

	(void)state;
	BOTH (q) { /* the error is returned */
		mapping_told(q, told);
		pass(q, SEC);
		fsync_at(q, EV_WB_ERR_FSYNC, 0, told, 0);
		wb_err(q, 77, EV_WB_ERR_READ, -28);
		fsync_at(q, EV_WB_ERR_FSYNCED, -28, seen, seen);
		silent(q, "write-lost");
	}
	BOTH (q) { /* sync_file_range() was told, the fsync() after it is not */
		mapping_told(q, told);
		wb_err(q, 77, EV_WB_ERR_READ, -28);
		pass(q, SEC);
		fsync_at(q, EV_WB_ERR_FSYNC, 0, seen, seen);
		fsync_at(q, EV_WB_ERR_FSYNCED, 0, seen, seen);
		silent(q, "write-lost");
	}
	BOTH (q) { /* opened when the error had been told */
		mapping_told(q, told);
		pass(q, SEC);
		fsync_at(q, EV_WB_ERR_FSYNC, 0, seen, told);
		fsync_at(q, EV_WB_ERR_FSYNCED, 0, seen, told);
		silent(q, "write-lost");
	}
	BOTH (q) { /* another error while it runs is for the next one */
		fsync_at(q, EV_WB_ERR_FSYNC, 0, 0, 0);
		mapping_told(q, told);
		fsync_at(q, EV_WB_ERR_FSYNCED, 0, told, 0);
		silent(q, "write-lost");
	}
	BOTH (q) { /* the end of a call whose begin is not there */
		mapping_told(q, told);
		pass(q, SEC);
		fsync_at(q, EV_WB_ERR_FSYNCED, 0, told, 0);
		silent(q, "write-lost");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fsync),
		cmocka_unit_test(test_fsync_lawful),
		cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_not_told),
		cmocka_unit_test(test_unheard),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_written_after_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
