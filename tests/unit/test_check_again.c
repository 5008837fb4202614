// SPDX-License-Identifier: GPL-2.0-only
/* Reads that are to be asked again, and whose program gets an error all the same. */
#include "check_util.h"

/* ---- a read that is begun again ---- */

struct again {
	const char *release;
	bool retried;	/* what was short is asked again */
	bool failed;	/* another one did: its error is the read's */
	bool parts;	/* a retry was for less than was left */
	bool not_begun; /* ENOMEM is not of the retry */
	bool buffered;
};

/* Three READs, of which the second one is answered short; the read ends with ENOMEM. */
static void read_again(struct seq *q, const struct again *a)
{
	enum name_id origin = a->buffered ? ORIGIN_READAHEAD : ORIGIN_DIO_READ;
	struct rq r = { .r = 1, .origin = origin, .len = 12288, .transferred = 5096, .error = -12 };
	struct io part[] = {
		{ .r = 1, .s = 1, .len = 4096, .keep = true },
		{ .r = 1, .s = 2, .start = 4096, .len = 4096, .got = 1000, .keep = true },
		{ .r = 1, .s = 3, .start = 8192, .len = 4096, .keep = true },
	};

	if (a->failed)
		part[2] = (struct io){ .r = 1,
				       .s = 3,
				       .start = 8192,
				       .len = 4096,
				       .none = true,
				       .keep = true,
				       .error = -12 };
	release_is(q, a->release);
	begin(q, &r);
	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		issue(q, &part[i]);
	answer(q, &part[0]);
	sreq(q, CIFSD, &part[1], q->new ? SREQ_PARTIAL_READ : SREQ_SHORT, 1000, 0);
	answer(q, &part[1]);
	answer(q, &part[2]);
	if (!a->not_begun)
		rreq(q, &r, RREQ_RESUBMIT);
	if (a->parts) {
		struct io whole = part[0];

		whole.len = 8192;
		sreq(q, APP, &whole, SREQ_RETRY, 0, 0);
		part[0].retry = part[0].no_mark = true;
		part[0].mid = 99;
		io(q, &part[0]);
	}
	if (a->retried) {
		struct io rest = part[1];

		rest.retry = true;
		rest.before = 1000;
		rest.got = 0;
		rest.mid = 99;
		io(q, &rest);
	}
	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		release(q, &part[i]);
	end(q, &r);
	pass(q, SEC);
}

static void test_retry_given_up(void **state)
{
	static const struct {
		struct again a;
		enum verdict verdict;
	} on[] = {
		{ { .release = "release=6.15.1" }, VERDICT_VIOLATION },
		{ { .release = "release=6.12.118" }, VERDICT_KNOWN },
		{ { .release = "release=7.3.4" }, VERDICT_KNOWN },
		{ { .release = "release=6.15.1", .parts = true }, VERDICT_INCONCLUSIVE },
	};
	static const struct again lawful[] = {
		{ .release = "release=6.15.1", .retried = true },
		{ .release = "release=6.15.1", .failed = true },
		{ .release = "release=6.15.1", .not_begun = true },
		{ .release = "release=6.15.1", .buffered = true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(on); i++)
		BOTH (q) {
			const struct finding *f;

			read_again(q, &on[i].a);
			f = seq_finding(q, "error-map", "retry-given-up");
			assert_non_null(f);
			assert_int_equal(f->verdict, on[i].verdict);
			assert_int_equal(f->sreq, 2);
			assert_non_null(strstr(f->expected, "3096 of 4096 bytes"));
		}
	for (size_t i = 0; i < ARRAY_SIZE(lawful); i++)
		BOTH (q) {
			read_again(q, &lawful[i]);
			assert_null(seq_finding(q, "error-map", "retry-given-up"));
		}
}

/* The first of two is short and asked again, the other is at the end of the file: freed with this error. */
static void read_to_the_end(struct seq *q, int error)
{
	struct rq r = {
		.r = 1, .origin = ORIGIN_DIO_READ, .len = 8192, .transferred = 4096, .error = error
	};
	struct io rest, part[] = {
		{ .r = 1, .s = 1, .len = 4096, .got = 1000, .keep = true },
		{ .r = 1, .s = 2, .start = 4096, .len = 4096, .none = true, .status = 0xc0000011 },
	};

	begin(q, &r);
	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		issue(q, &part[i]);
	sreq(q, CIFSD, &part[0], q->new ? SREQ_PARTIAL_READ : SREQ_SHORT, 1000, 0);
	answer(q, &part[0]);
	sreq(q, CIFSD, &part[1], SREQ_HIT_EOF, 0, 0);
	answer(q, &part[1]);
	rreq(q, &r, RREQ_RESUBMIT);
	rest = part[0];
	rest.retry = true;
	rest.before = 1000;
	rest.got = 0;
	rest.mid = 99;
	io(q, &rest);
	part[1].error = error;
	release(q, &rest);
	release(q, &part[1]);
	end(q, &r);
	pass(q, SEC);
}

static void test_end_given_up(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;

		release_is(q, "release=6.12.118");
		read_to_the_end(q, -12);
		f = seq_finding(q, "error-map", "retry-given-up");
		assert_non_null(f);
		assert_int_equal(f->verdict, VERDICT_KNOWN);
		assert_int_equal(f->sreq, 2);
		assert_non_null(strstr(f->expected, "ends after 0 of its 4096 bytes"));
	}
	BOTH (q) {
		read_to_the_end(q, 0);
		silent(q, "error-map");
	}
}

/* ---- the connection ends, and the program gets EAGAIN ---- */

static void cut_read(struct seq *q, enum name_id origin, bool again)
{
	struct rq r = { .r = 1, .origin = origin, .len = 4096, .error = again ? 0 : -11 };
	struct io a = { .r = 1,
			.s = 1,
			.len = 4096,
			.none = true,
			.error = -11,
			.mid_state = 8,
			.keep = again };

	begin(q, &r);
	io(q, &a);
	if (again) {
		r.transferred = 4096;
		io(q, &(struct io){ .r = 1, .s = 1, .len = 4096, .retry = true, .mid = 99 });
	}
	end(q, &r);
	pass(q, SEC);
}

static void test_cut_read(void **state)
{
	static const struct {
		const char *release;
		enum verdict verdict;
	} on[] = { { "release=6.15.1", VERDICT_VIOLATION }, { "release=6.12.118", VERDICT_KNOWN } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(on); i++)
		BOTH (q) {
			const struct finding *f;

			release_is(q, on[i].release);
			cut_read(q, ORIGIN_DIO_READ, false);
			f = seq_finding(q, "error-map", "not-retried");
			assert_non_null(f);
			assert_int_equal(f->verdict, q->new ? VERDICT_VIOLATION : on[i].verdict);
		}
	BOTH (q) {
		cut_read(q, ORIGIN_DIO_READ, true);
		silent(q, "error-map");
	}
	for (int k = 0; k < 2; k++) { /* after readahead the VFS reads again; 7.x does itself */
		struct seq *q = seq_new(k ? K73 : K612);

		cut_read(q, ORIGIN_READAHEAD, false);
		if (k)
			found(q, "error-map", "not-retried");
		else
			silent(q, "error-map");
		seq_free(q);
	}
}

struct unsent {
	bool answered; /* with that error */
	bool asked;    /* 7.x says that it is to be tried again */
	int error;
};

/* A READ that is not sent, as its thread has to log on, which works, and is told to begin anew. */
static void unsent(struct seq *q, const struct unsent *u)
{
	struct rq r = { .r = 1, .origin = ORIGIN_DIO_READ, .len = 4096, .error = u->error };
	struct io a = { .r = 1, .s = 1, .len = 4096 };

	begin(q, &r);
	sreq(q, APP, &a, SREQ_SUBMIT, 0, 0);
	command(q, APP, 3, 5, 1, 1);
	response(q, 5, 3, 0, 1);
	if (u->answered) {
		command(q, APP, 8, 65, 1, 1);
		response(q, 65, 8, 0xc00000b5, 10);
	}
	if (u->asked)
		sreq(q, APP, &a, SREQ_IO_RETRY_NEEDED, 0, 0);
	sreq(q, APP, &a, SREQ_TERMINATED, 0, u->error);
	sreq(q, APP, &a, SREQ_FREE, 0, u->error);
	end(q, &r);
	pass(q, SEC);
}

static void test_handed_on(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;

		unsent(q, &(struct unsent){ .error = -11 });
		f = seq_finding(q, "error-map", "handed-on");
		assert_true(q->new == !!f);
		if (f)
			assert_int_equal(f->verdict, VERDICT_NOTE);
		assert_null(seq_finding(q, "error-map", "not-retried"));
	}
	BOTH (q) { /* that is the server's word */
		unsent(q, &(struct unsent){ .answered = true, .error = -11 });
		assert_null(seq_finding(q, "error-map", "handed-on"));
	}
	BOTH (q) { /* the server is down: the answer was that of the log-on, not to the READ */
		unsent(q, &(struct unsent){ .error = -112 });
		silent(q, "error-map");
	}
	{ /* and that the kernel's, which it does not keep */
		struct seq *q = seq_new(K73);

		unsent(q, &(struct unsent){ .asked = true, .error = -11 });
		assert_null(seq_finding(q, "error-map", "handed-on"));
		found(q, "error-map", "not-retried");
		seq_free(q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retry_given_up),
		cmocka_unit_test(test_end_given_up),
		cmocka_unit_test(test_cut_read),
		cmocka_unit_test(test_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
