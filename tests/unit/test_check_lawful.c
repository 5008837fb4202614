// SPDX-License-Identifier: GPL-2.0-only
/* What is lawful and looks like a bug: other file systems, busy machines, other mounts. */
#include "check_util.h"

/* ---- file systems that say less (user/check/leaves.c) ---- */

static void named(struct seq *q, const char *fs, const struct rq *a, enum name_id what, bool read)
{
	struct ev_rreq ev = { .hdr = { .kind = EV_RREQ,
				       .flags = EVF_RREQ,
				       .probe = read ? P_netfs_read : P_netfs_rreq },
			      .rreq = a->r,
			      .start = a->start,
			      .len = a->len,
			      .transferred = a->transferred,
			      .error = a->error,
			      .ino = 7,
			      .event = read ? EV_RREQ_READ : EV_RREQ_STATE,
			      .origin = raw(q, NAMES_ORIGIN, a->origin) };

	ev.what = read ? raw(q, NAMES_READ_TRACE, READ_READAHEAD) : raw(q, NAMES_RREQ_TRACE, what);
	snprintf(ev.fs, sizeof(ev.fs), "%s", fs);
	feed(q, &ev.hdr, sizeof(ev), APP);
}

/* Two reads of 9p, as 6.12 and 7.3 say them; the second after an end that has no SUBMT either. */
static void read_of(struct seq *q, const char *fs, enum name_id origin, unsigned int terms,
		    uint64_t hole)
{
	struct rq r = { .r = 1, .origin = origin, .len = 8192, .transferred = 8192 };

	rref(q, 1, RREF_NEW, q->new ? 2 : 1);
	named(q, fs, &r, 0, true);
	for (uint32_t s = 1; s <= 2; s++) {
		struct io a = {
			.r = 1, .s = s, .start = (s - 1) * 4096 + (s == 2 ? hole : 0), .len = 4096
		};

		rref(q, 1, RREF_GET_SUBREQ, 3);
		sreq(q, APP, &a, SREQ_PREPARE, 0, 0);
		for (unsigned int i = 0; i < terms; i++)
			sreq(q, APP, &a, SREQ_TERMINATED, 4096, 0);
		sref(q, 1, s, SREF_PUT_TERMINATED, 0);
		sreq(q, APP, &a, SREQ_FREE, 4096, 0);
		rref(q, 1, RREF_PUT_SUBREQ, 2);
	}
	named(q, fs, &r, RREQ_DONE, false);
	if (q->new)
		rref(q, 1, RREF_PUT_WORK_IP, 1);
	rref(q, 1, RREF_PUT_RETURN, 0);
	named(q, fs, &r, RREQ_FREE, false);
	pass(q, SEC);
}

static void test_no_submit(void **state)
{
	static const char *const quiet[] = { "9p", "nfs", "ceph", "nobody" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(quiet); i++) {
		BOTH (q) {
			read_of(q, quiet[i], ORIGIN_READAHEAD, 1, 0);
			silent(q, NULL);
			assert_int_equal(seq_check(q, "lifecycle")->left, 2);
			assert_string_equal(seq_check(q, "lifecycle")->left_fs, quiet[i]);
			assert_int_equal(seq_check(q, "lifecycle")->judged, 0);
			assert_int_equal(seq_check(q, "coverage")->left, 1);
		}
		BOTH (q) {
			read_of(q, quiet[i], ORIGIN_DIO_READ, 1, 0);
			silent(q, NULL);
			assert_int_equal(seq_check(q, "transfer")->left, 1);
		}
		BOTH (q) { /* nothing is known of what is between, if it is not known what was sent */
			read_of(q, quiet[i], ORIGIN_READAHEAD, 2, 512);
			silent(q, NULL);
		}
	}
	BOTH (q) { /* of cifs it is known */
		read_of(q, "cifs", ORIGIN_READAHEAD, 1, 0);
		found(q, "lifecycle", "terminated-twice");
		assert_int_equal(seq_check(q, "lifecycle")->left, 0);
	}
	BOTH (q) {
		read_of(q, "cifs", ORIGIN_DIO_READ, 1, 0);
		found(q, "transfer", "total");
	}
	BOTH (q) { /* and of afs, which says SUBMT too */
		read_of(q, "afs", ORIGIN_READAHEAD, 2, 0);
		found(q, "lifecycle", "terminated-twice");
	}
}

/* cifs_issue_read(): the file cannot be opened again, so it ends before it is sent. */
static void test_ended_unsent(void **state)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .error = -5 };
	struct io a = { .r = 1, .s = 1, .len = 4096, .error = -5, .none = true, .keep = true };

	(void)state;
	for (int more = 0; more < 2; more++) {
		BOTH (q) {
			begin(q, &r);
			rref(q, 1, RREF_GET_SUBREQ, 3);
			sreq(q, APP, &a, SREQ_PREPARE, 0, 0);
			for (int i = 0; i <= more; i++)
				sreq(q, APP, &a, SREQ_TERMINATED, 0, -5);
			release(q, &a);
			end(q, &r);
			pass(q, SEC);
			if (more)
				found(q, "lifecycle", "terminated-twice");
			else
				silent(q, NULL);
		}
	}
	BOTH (q) { /* the same at a retry */
		begin(q, &r);
		io(q, &(struct io){ .r = 1,
				    .s = 1,
				    .len = 4096,
				    .error = -11,
				    .none = true,
				    .keep = true,
				    .mid_state = 8 });
		sreq(q, APP, &a, SREQ_RETRY, 0, 0);
		sreq(q, APP, &a, SREQ_TERMINATED, 0, -5);
		release(q, &a);
		end(q, &r);
		pass(q, SEC);
		silent(q, "lifecycle");
	}
}

/* ---- in the wake of an overlap there is no gap ---- */

static void ranges(struct seq *q, const uint64_t (*range)[2], size_t n)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 16384, .transferred = 16384 };

	begin(q, &r);
	for (size_t i = 0; i < n; i++)
		io(q, &(struct io){ .r = 1, .s = i + 1, .start = range[i][0], .len = range[i][1] });
	end(q, &r);
	pass(q, SEC);
}

static void test_overlap_is_no_gap(void **state)
{
	static const uint64_t inside[][2] = { { 0, 8192 }, { 0, 4096 }, { 8192, 8192 } };
	static const uint64_t hole[][2] = { { 0, 8192 }, { 0, 4096 }, { 12288, 4096 } };

	(void)state;
	BOTH (q) {
		ranges(q, inside, ARRAY_SIZE(inside));
		found(q, "coverage", "overlap");
		assert_null(seq_finding(q, "coverage", "gap"));
	}
	BOTH (q) {
		ranges(q, hole, ARRAY_SIZE(hole));
		found(q, "coverage", "overlap");
		found(q, "coverage", "gap");
	}
}

/* ---- who waits for whom ---- */

static void hung(struct seq *q, uint32_t r, uint64_t ino, enum name_id origin, bool answered)
{
	struct rq rq = { .r = r, .origin = origin, .len = 4096 };
	struct io a = { .r = r, .s = 1, .len = 4096, .no_term = true };
	struct ev_rreq ev = { .hdr = { .kind = EV_RREQ, .flags = EVF_RREQ, .probe = P_netfs_rreq },
			      .rreq = r,
			      .len = 4096,
			      .ino = ino,
			      .dev = 44,
			      .what = raw(q, NAMES_RREQ_TRACE, RREQ_WAIT_IP),
			      .origin = raw(q, NAMES_ORIGIN, origin),
			      .fs = "cifs" };

	begin(q, &rq);
	issue(q, &a);
	feed(q, &ev.hdr, sizeof(ev), APP);
	if (answered)
		answer(q, &a);
}

static void test_other_files_are_not_waited_for(void **state)
{
	(void)state;
	BOTH (q) { /* another file, perhaps of another mount */
		hung(q, 2, 8, ORIGIN_READAHEAD, false);
		hung(q, 1, 7, ORIGIN_READAHEAD, true);
		pass(q, 20 * SEC);
		assert_int_equal(found(q, "stuck", "not-terminated")->rreq, 1);
	}
	BOTH (q) { /* the same one: it may hold a page that this one needs */
		hung(q, 2, 7, ORIGIN_READAHEAD, false);
		hung(q, 1, 7, ORIGIN_READAHEAD, true);
		pass(q, 20 * SEC);
		assert_int_equal(seq_finding(q, "stuck", "not-terminated")->verdict,
				 VERDICT_INCONCLUSIVE);
	}
	BOTH (q) { /* a direct write may hold a place in the workqueue: 7.x */
		hung(q, 2, 8, ORIGIN_DIO_WRITE, false);
		hung(q, 1, 7, ORIGIN_READAHEAD, true);
		pass(q, 20 * SEC);
		assert_int_equal(seq_finding(q, "stuck", "not-terminated")->verdict,
				 q->new ? VERDICT_INCONCLUSIVE : VERDICT_VIOLATION);
	}
}

/* What is said of a request that waits for the server fits what its evidence shows. */
static void test_silence_says_what_came(void **state)
{
	struct rq rq = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 8192 };

	(void)state;
	BOTH (q) {
		begin(q, &rq);
		io(q, &(struct io){ .r = 1, .s = 1, .len = 4096, .keep = true });
		issue(q, &(struct io){ .r = 1, .s = 2, .start = 4096, .len = 4096 });
		response(q, 66, 8, STATUS_PENDING, 10);
		q->pool += 10;
		credit(q, CIFSD, P_smb3_pend_credits, 10);
		pass(q, 130 * SEC);
		assert_string_equal(seq_finding(q, "stuck", "silence")->explanation,
				    "No final answer has come to attempt 1 of it; answered: 1 of "
				    "the request's 2 subrequests.");
	}
}

/* ---- a machine that does not get on ---- */

/* A request of which all has ended, and that is freed by a work item when its turn comes. */
static void nearly_freed(struct seq *q, uint32_t r)
{
	struct rq rq = { .r = r,
			 .origin = ORIGIN_READAHEAD,
			 .len = 4096,
			 .transferred = 4096,
			 .no_free = true };

	begin(q, &rq);
	io(q, &(struct io){ .r = r, .s = 1, .len = 4096 });
	end(q, &rq);
}

static void freed_late(struct seq *q, uint32_t r)
{
	struct rq rq = { .r = r, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096 };

	rref(q, r, RREF_PUT_RETURN, 0);
	rreq(q, &rq, RREQ_FREE);
}

static void test_at_zero_is_not_leaked(void **state)
{
	(void)state;
	BOTH (q) {
		struct rq rq = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096
		};

		nearly_freed(q, 1);
		rref(q, 1, RREF_PUT_RETURN, 0);
		pass(q, 134 * SEC);
		rreq(q, &rq, RREQ_FREE);
		silent(q, NULL);
	}
	BOTH (q) { /* and never freed at all: that is no reference */
		nearly_freed(q, 1);
		rref(q, 1, RREF_PUT_RETURN, 0);
		pass(q, 134 * SEC);
		silent(q, "ref-balance");
	}
	BOTH (q) {
		nearly_freed(q, 1);
		pass(q, 20 * SEC);
		found(q, "ref-balance", "request-leaked");
	}
}

/* Others get their turn as late: the machine is busy, and none of them hangs. */
static void test_starved_machine(void **state)
{
	(void)state;
	BOTH (q) {
		for (uint32_t r = 1; r <= 10; r++)
			nearly_freed(q, r);
		for (uint32_t r = 1; r < 10; r++) {
			pass(q, 3 * SEC);
			freed_late(q, r);
		}
		silent(q, "ref-balance"); /* of the last as well, after 27 s */
	}
	BOTH (q) { /* its turn was, and it does not come */
		for (uint32_t r = 1; r <= 10; r++)
			nearly_freed(q, r);
		for (uint32_t r = 1; r < 10; r++) {
			pass(q, 3 * SEC);
			freed_late(q, r);
		}
		pass(q, 12 * SEC);
		assert_int_equal(found(q, "ref-balance", "request-leaked")->rreq, 10);
	}
	BOTH (q) { /* the recorder itself gets no turn */
		hung(q, 1, 7, ORIGIN_READAHEAD, true);
		FEED(q, 0, ev_tick, EV_TICK, 0, 0);
		q->now += 60 * SEC;
		FEED(q, 0, ev_tick, EV_TICK, 0, 0);
		pass(q, 5 * SEC);
		silent(q, "stuck");
	}
}

/* ---- known defects (user/check/known.def) ---- */

static void read_refused(struct seq *q, uint64_t i_size)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096 };

	q->i_size = i_size;
	begin(q, &r);
	io(q, &(struct io){ .r = 1, .s = 1, .len = 4096, .none = true, .status = 0xc0000054 });
	end(q, &r);
	pass(q, SEC);
}

static void test_known_defect(void **state)
{
	const struct finding *f;

	(void)state;
	BOTH (q) {
		release_is(q,
			   q->new ? "release=7.3.4+deb13-amd64" : "release=6.12.118+deb13-amd64");
		read_refused(q, 0);
		f = seq_finding(q, "error-map", "status-lost");
		assert_int_equal(f->verdict, VERDICT_KNOWN);
		assert_non_null(strstr(f->doubt, "smb2_readv_callback()"));
		assert_int_equal(seq_check(q, "error-map")->known, 1);
		assert_int_equal(seq_check(q, "error-map")->violations, 0);
	}
	BOTH (q) {
		release_is(q, q->new ? "release=6.18.15+deb13-amd64" : "release=6.14.8");
		read_refused(q, 0);
		assert_int_equal(seq_finding(q, "error-map", "status-lost")->verdict,
				 VERDICT_KNOWN);
	}
	BOTH (q) { /* within the file it is another one */
		release_is(q, "release=7.3.4+deb13-amd64");
		read_refused(q, 8192);
		found(q, "error-map", "status-lost");
	}
	BOTH (q) { /* a kernel that is not known to have it; 7.30 is not 7.3 */
		release_is(q, "release=7.30.1");
		read_refused(q, 0);
		found(q, "error-map", "status-lost");
	}
	BOTH (q) { /* which one it is, is not said */
		read_refused(q, 0);
		assert_int_equal(seq_finding(q, "error-map", "status-lost")->verdict,
				 VERDICT_INCONCLUSIVE);
	}
}

/* ---- recordings of others, with filters nobody speaks of ---- */

static void test_count_that_jumps(void **state)
{
	(void)state;
	BOTH (q) { /* trace-cmd -F: the puts of cifsd and the workers are not there */
		struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096 };

		begin(q, &r);
		rref(q, 1, RREF_GET_SUBREQ, 0);
		rref(q, 1, RREF_GET_SUBREQ, 0);
		q->refs[1] = 1;
		rref(q, 1, RREF_PUT_RETURN, 0);
		rreq(q, &r, RREQ_FREE);
		pass(q, SEC);
		assert_int_equal(seq_finding(q, "ref-balance", "more-gets")->verdict,
				 VERDICT_INCONCLUSIVE);
	}
}

/* ---- near to a bug ---- */

/* A retry that opens its file again, or waits for credits, waits lawfully. */
static void test_retry_waits(void **state)
{
	struct rq rq = { .r = 1, .origin = ORIGIN_DIO_WRITE, .len = 4096 };
	struct io a = { .r = 1, .s = 1, .write = true, .len = 4096, .keep = true };

	(void)state;
	a.error = -11;
	a.none = true;
	for (int credits = 0; credits < 2; credits++) {
		BOTH (q) {
			begin(q, &rq);
			io(q, &a);
			sreq(q, OTHER, &a, SREQ_RETRY, 0, 0);
			step(q, &a, 0, EV_STEP_PREPARE_WRITE);
			if (credits)
				credit_fn(q, APP, 1, 1, P_smb2_wait_mtu_credits_enter, 0,
					  EV_CFN_WAIT_MTU, 0);
			pass(q, 60 * SEC);
			silent(q, "stuck");
		}
	}
}

/* A read at the end of the file: short, and no error; and an ENODATA that no END_OF_FILE explains. */
static void test_end_of_file(void **state)
{
	struct rq rq = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096 };

	(void)state;
	BOTH (q) {
		begin(q, &rq);
		io(q, &(struct io){
			      .r = 1, .s = 1, .len = 4096, .none = true, .status = 0xc0000011u });
		end(q, &rq);
		pass(q, SEC);
		silent(q, "error-map");
	}
	rq.error = -61;
	BOTH (q) {
		begin(q, &rq);
		io(q, &(struct io){ .r = 1, .s = 1, .len = 4096, .none = true, .error = -61 });
		end(q, &rq);
		pass(q, SEC);
		silent(q, "error-map");
	}
}

/* An oplock break takes below 0, and who waits gets what came since. */
static void test_below_zero(void **state)
{
	(void)state;
	BOTH (q) {
		q->pool = -1;
		q->in_flight = 1;
		credit(q, APP, P_smb3_nblk_credits, -1);
		q->pool = 0;
		credit(q, APP, P_smb3_waitff_credits, -1);
		silent(q, "credit-double");
	}
}

static void collects(struct seq *q, uint32_t tid, uint8_t event)
{
	q->now += 10 * MS;
	FEED(q, tid, ev_collect, EV_COLLECT, EVF_RREQ, P_netfs_collect, .rreq = 1, .event = event);
}

/* Two threads collect in turn; one of them was preempted in the last tracepoint of its run. */
static void test_collectors_in_turn(void **state)
{
	struct rq rq = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };

	(void)state;
	BOTH (q) {
		begin(q, &rq);
		for (int i = 0; i < 3; i++) {
			collects(q, APP, EV_COLLECT_REQ);
			collects(q, APP, EV_COLLECT_SREQ);
			collects(q, OTHER, EV_COLLECT_REQ);
			collects(q, APP, EV_COLLECT_STATE);
			collects(q, OTHER, EV_COLLECT_SREQ);
			collects(q, OTHER, EV_COLLECT_STATE);
		}
		silent(q, "lifecycle");
	}
}

static void retried(struct seq *q, uint8_t count)
{
	FEED(q, APP, ev_sreq, EV_SREQ, EVF_RREQ, P_netfs_sreq, .rreq = 1, .sreq = 1, .len = 4096,
	     .retries = count, .what = raw(q, NAMES_SREQ_TRACE, SREQ_RETRY));
}

/* retry_count of a subrequest is a byte, and some begin anew. */
static void test_count_that_wraps(void **state)
{
	static const uint8_t counts[] = { 1, 254, 255, 0, 1, 2, 0, 1 };

	(void)state;
	BOTH (q) {
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };
		struct io a = { .r = 1, .s = 1, .len = 4096 };

		begin(q, &r);
		issue(q, &a);
		for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
			if (counts[i] == 254) /* up to here one by one */
				for (int n = 2; n < 254; n++)
					retried(q, n);
			retried(q, counts[i]);
		}
		seq_finish(q);
		assert_null(seq_finding(q, "retry-rules", "counted-twice"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_submit),
		cmocka_unit_test(test_ended_unsent),
		cmocka_unit_test(test_overlap_is_no_gap),
		cmocka_unit_test(test_other_files_are_not_waited_for),
		cmocka_unit_test(test_silence_says_what_came),
		cmocka_unit_test(test_at_zero_is_not_leaked),
		cmocka_unit_test(test_starved_machine),
		cmocka_unit_test(test_known_defect),
		cmocka_unit_test(test_count_that_jumps),
		cmocka_unit_test(test_count_that_wraps),
		cmocka_unit_test(test_retry_waits),
		cmocka_unit_test(test_end_of_file),
		cmocka_unit_test(test_below_zero),
		cmocka_unit_test(test_collectors_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
