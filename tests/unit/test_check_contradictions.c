// SPDX-License-Identifier: GPL-2.0-only
/* What two events of one attempt say of each other: the answer and its callback, SUBMT and the wire, fsync() and TERM. */
#include "check_util.h"

#define ACCESS_DENIED 0xc0000022
#define DISK_FULL     0xc000007f

/* The answers to two READs in flight are each given to the other. */
static void test_swapped(void **state)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 8192, .transferred = 8192 };
	const struct io a = { .r = 1, .s = 1, .len = 4096 };
	const struct io b = { .r = 1, .s = 2, .start = 4096, .len = 4096 };

	(void)state;
	for (int swapped = 0; swapped < 2; swapped++)
		BOTH (q) {
			begin(q, &r);
			issue(q, &a);
			issue(q, &b);
			response(q, swapped ? 66 : 65, 8, 0, 10);
			callback(q, &a, 0, 4096);
			callback(q, &a, EVF_EXIT, 4096);
			response(q, swapped ? 65 : 66, 8, 0, 10);
			callback(q, &b, 0, 4096);
			callback(q, &b, EVF_EXIT, 4096);
			pass(q, SEC);
			if (swapped)
				assert_int_equal(found(q, "command", "not-its-answer")->sreq, 1);
			else
				silent(q, "command");
		}
	BOTH (q) { /* who ends it without an answer: a reconnect */
		begin(q, &r);
		issue(q, &a);
		reconnect(q);
		callback(q, &(struct io){ .r = 1, .s = 1, .len = 4096, .mid_state = 8 }, 0, 0);
		pass(q, SEC);
		silent(q, "command");
	}
}

/* ---- what counts as done ---- */

/* Another READ, so that READs are known to be seen here. */
static void seen_before(struct seq *q)
{
	struct rq r = { .r = 9, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096 };

	begin(q, &r);
	io(q, &(struct io){ .r = 9, .s = 1, .len = 4096 });
	end(q, &r);
}

static void end_unsent(struct seq *q, struct io *a)
{
	struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK, .len = 4096, .transferred = 4096 };

	begin(q, &r);
	rref(q, 1, RREF_GET_SUBREQ, 3);
	sreq(q, APP, a, SREQ_SUBMIT, 0, 0);
	sreq(q, APP, a, SREQ_TERMINATED, a->none ? 0 : a->len, a->error);
	sref(q, 1, 1, SREF_PUT_TERMINATED, 1);
	release(q, a);
	end(q, &r);
	pass(q, SEC);
}

static void test_not_sent(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .write = true, .len = 4096 };

		seen_before(q);
		end_unsent(q, &a);
		assert_int_equal(found(q, "wire", "not-sent")->bytes, 4096);
	}
	BOTH (q) { /* it could not be sent, and says so */
		struct io a = {
			.r = 1, .s = 1, .write = true, .len = 4096, .none = true, .error = -EIO
		};

		seen_before(q);
		end_unsent(q, &a);
		silent(q, "wire");
	}
	BOTH (q) { /* into the cache */
		struct io a = { .r = 1, .s = 1, .write = true, .len = 4096, .stream = 1 };

		seen_before(q);
		end_unsent(q, &a);
		silent(q, "wire");
	}
	BOTH (q) { /* nothing of the wire is seen here at all, as of SMB 1 */
		struct io a = { .r = 1, .s = 1, .write = true, .len = 4096 };

		end_unsent(q, &a);
		silent(q, "wire");
	}
}

static void test_done_early(void **state)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_WRITE, .len = 4096, .transferred = 4096 };
	const struct io a = { .r = 1, .s = 1, .write = true, .len = 4096 };

	(void)state;
	BOTH (q) {
		begin(q, &r);
		issue(q, &a);
		sreq(q, APP, &a, SREQ_TERMINATED, 4096, 0);
		pass(q, SEC);
		assert_int_equal(found(q, "wire", "done-early")->sreq, 1);
	}
	BOTH (q) {
		begin(q, &r);
		io(q, &a);
		end(q, &r);
		pass(q, SEC);
		silent(q, "wire");
	}
}

/* ---- handles ---- */

static void opened(struct seq *q, uint64_t fid)
{
	FEED(q, APP, ev_smb_file, EV_SMB_FILE, 0, P_smb3_open_done, .fid = fid, .sesid = 1,
	     .tid = 2);
}

static void closed(struct seq *q, uint64_t fid)
{
	FEED(q, APP, ev_smb_file, EV_SMB_FILE, 0, P_smb3_close_enter, .fid = fid, .sesid = 1,
	     .tid = 2);
}

/* A READ by that handle, of a request whose file is ino. */
static void used(struct seq *q, uint32_t r, uint64_t fid, uint64_t ino)
{
	FEED(q, APP, ev_rreq, EV_RREQ, EVF_RREQ, P_netfs_read, .rreq = r, .len = 4096,
	     .arg_len = 4096, .ino = ino, .dev = 7, .i_size = q->i_size, .event = EV_RREQ_READ,
	     .what = raw(q, NAMES_READ_TRACE, READ_READAHEAD),
	     .origin = raw(q, NAMES_ORIGIN, ORIGIN_READAHEAD), .fs = "cifs");
	sreq(q, APP, &(struct io){ .r = r, .s = 1, .len = 4096 }, SREQ_SUBMIT, 0, 0);
	FEED(q, APP, ev_smb_rw, EV_SMB_RW, EVF_RREQ, P_smb3_read_enter, .rreq = r, .sreq = 1,
	     .fid = fid, .sesid = 1, .len = 4096, .event = EV_RW_ENTER);
}

static void test_other_file(void **state)
{
	(void)state;
	BOTH (q) {
		opened(q, 5);
		used(q, 1, 5, 11);
		used(q, 2, 5, 12);
		assert_int_equal(found(q, "handles", "other-file")->rreq, 2);
	}
	BOTH (q) { /* the same id, another handle */
		opened(q, 5);
		used(q, 1, 5, 11);
		closed(q, 5);
		q->now += SEC;
		opened(q, 5);
		used(q, 2, 5, 12);
		assert_null(seq_finding(q, "handles", "other-file"));
	}
	BOTH (q) { /* a server whose ids say nothing */
		opened(q, 5);
		opened(q, 5);
		used(q, 1, 5, 11);
		used(q, 2, 5, 12);
		assert_null(seq_finding(q, "handles", "other-file"));
	}
	BOTH (q) { /* opened before the recording, or by a compound */
		used(q, 1, 5, 11);
		used(q, 2, 5, 12);
		assert_null(seq_finding(q, "handles", "other-file"));
	}
}

/* ---- errors ---- */

static void test_other_error(void **state)
{
	static const struct {
		uint32_t status;
		int error;
		bool other;
	} cases[] = {
		{ DISK_FULL, -ENOSPC, false },	  { DISK_FULL, -EACCES, true },
		{ DISK_FULL, -ENOMEM, false },	  { ACCESS_DENIED, -EACCES, false },
		{ ACCESS_DENIED, -ENOSPC, true }, { 0xc0000001, -EACCES, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		BOTH (q) {
			ONE_READ(q, .write = true, .none = true, .status = cases[i].status,
				 .error = cases[i].error);
			if (cases[i].other)
				found(q, "error-map", "other-error");
			else
				assert_null(seq_finding(q, "error-map", "other-error"));
		}
}

static void read_with_error(struct seq *q, int error, uint64_t got)
{
	struct rq r = {
		.r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .transferred = got, .error = error
	};

	begin(q, &r);
	io(q, &(struct io){ .r = 1, .s = 1, .len = 4096, .got = got });
	end(q, &r);
	pass(q, SEC);
}

static void test_from_nowhere(void **state)
{
	(void)state;
	BOTH (q) {
		read_with_error(q, -EIO, 4096);
		found(q, "error-map", "error-from-nowhere");
	}
	BOTH (q) { /* a signal */
		read_with_error(q, -EINTR, 4096);
		assert_null(seq_finding(q, "error-map", "error-from-nowhere"));
	}
	BOTH (q) { /* something is missing */
		read_with_error(q, -EIO, 1000);
		assert_null(seq_finding(q, "error-map", "error-from-nowhere"));
	}
	BOTH (q) {
		read_with_error(q, 0, 4096);
		silent(q, NULL);
	}
}

/* ---- fsync() ---- */

static void fsync_event(struct seq *q, uint8_t event, int error)
{
	FEED(q, APP, ev_wb_err, EV_WB_ERR, 0,
	     event == EV_WB_ERR_FSYNC ? P_cifs_fsync_enter : P_cifs_fsync_exit, .ino = 7,
	     .event = event, .error = error, .fs = "cifs");
}

static void write_back(struct seq *q, const struct io *a, bool within, int error)
{
	struct rq r = { .r = 1, .origin = ORIGIN_WRITEBACK, .len = 4096, .transferred = 4096 };

	if (within)
		fsync_event(q, EV_WB_ERR_FSYNC, 0);
	rref(q, 1, RREF_NEW, q->new ? 2 : 1);
	FEED(q, APP, ev_rreq, EV_RREQ, EVF_RREQ, P_netfs_write, .rreq = 1, .len = 4096,
	     .arg_len = 4096, .ino = 7, .i_size = q->i_size, .event = EV_RREQ_WRITE,
	     .what = raw(q, NAMES_WRITE_TRACE, WRITE_WRITEBACK),
	     .origin = raw(q, NAMES_ORIGIN, ORIGIN_WRITEBACK), .fs = "cifs");
	issue(q, a);
	if (!within)
		fsync_event(q, EV_WB_ERR_FSYNC, 0);
	fsync_event(q, EV_WB_ERR_FSYNCED, error);
	answer(q, a);
	release(q, a);
	end(q, &r);
	pass(q, SEC);
}

static void test_fsync_early(void **state)
{
	const struct io a = { .r = 1, .s = 1, .write = true, .len = 4096 };

	(void)state;
	BOTH (q) {
		write_back(q, &a, true, 0);
		assert_int_equal(found(q, "write-lost", "fsync-early")->sreq, 1);
	}
	BOTH (q) { /* begun before the call: it may be of other folios */
		write_back(q, &a, false, 0);
		assert_null(seq_finding(q, "write-lost", "fsync-early"));
	}
	BOTH (q) { /* it says that it failed */
		write_back(q, &a, true, -EIO);
		assert_null(seq_finding(q, "write-lost", "fsync-early"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_swapped),	    cmocka_unit_test(test_not_sent),
		cmocka_unit_test(test_done_early),  cmocka_unit_test(test_other_file),
		cmocka_unit_test(test_other_error), cmocka_unit_test(test_from_nowhere),
		cmocka_unit_test(test_fsync_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
