// SPDX-License-Identifier: GPL-2.0-only
/* transfer: zeros in the place of what a short answer left out. */
#include "check_util.h"

#define END_OF_FILE 0xc0000011

static const struct io first = { .r = 1, .s = 1, .len = 4096 };
static const struct io second = { .r = 1, .s = 2, .start = 4096, .len = 4096 };

static struct io shortened(struct io a, uint64_t got)
{
	a.got = got;
	a.clear_zero = true;
	return a;
}

static void read_two(struct seq *q, struct io a, struct io b)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 8192, .transferred = 8192 };

	begin(q, &r);
	io(q, &a);
	io(q, &b);
	end(q, &r);
	pass(q, SEC);
}

static void test_found(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;

		release_is(q, "release=6.15.1");
		read_two(q, shortened(first, 1000), second);
		f = found(q, "transfer", "short-zeroed");
		assert_int_equal(f->sreq, 1);
		assert_int_equal(f->bytes, 3096);
		assert_non_null(strstr(f->observed, "0x3e8..0x1000"));
	}
	BOTH (q) { /* the other is short, too, but has something */
		release_is(q, "release=6.15.1");
		read_two(q, shortened(first, 1000), shortened(second, 1));
		assert_int_equal(found(q, "transfer", "short-zeroed")->sreq, 1);
	}
}

static void test_lawful(void **state)
{
	struct io nothing = second;

	(void)state;
	nothing.status = END_OF_FILE;
	nothing.none = nothing.clear_zero = true;
	BOTH (q) { /* the file ends within the first */
		read_two(q, shortened(first, 1000), nothing);
		silent(q, NULL);
	}
	BOTH (q) { /* and within the second */
		read_two(q, first, shortened(second, 1000));
		silent(q, NULL);
	}
	BOTH (q) { /* alone: whether the file goes on is not known */
		ONE_READ(q, .got = 1000, .clear_zero = true);
		silent(q, NULL);
	}
}

static void test_read_again(void **state)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 8192, .transferred = 8192 };
	struct io part = first, rest = first;

	(void)state;
	part.got = 1000;
	part.keep = true;
	rest.before = 1000;
	rest.retry = true;
	BOTH (q) {
		begin(q, &r);
		io(q, &part);
		io(q, &second);
		io(q, &rest);
		end(q, &r);
		pass(q, SEC);
		silent(q, "transfer");
	}
}

/* That the file goes on is seen later. */
static void test_later(void **state)
{
	const struct io later = { .r = 2, .s = 1, .start = 8192, .len = 4096 };
	struct rq r = {
		.r = 2, .origin = ORIGIN_READAHEAD, .start = 8192, .len = 4096, .transferred = 4096
	};

	(void)state;
	for (int how = 0; how < 2; how++)
		BOTH (q) {
			release_is(q, "release=6.15.1");
			q->i_size = how ? 4096 + 1000 : 12288; /* as the client knows it */
			read_two(q, first, shortened(second, 1000));
			q->i_size = 12288;
			begin(q, &r);
			io(q, &later);
			end(q, &r);
			pass(q, SEC);
			if (how)
				silent(q, NULL);
			else /* another client may have written it in between */
				assert_int_equal(
					seq_finding(q, "transfer", "short-zeroed")->verdict,
					VERDICT_INCONCLUSIVE);
		}
}

/* Another client has cut the file, which this one knows as it was, and writes it anew. */
static void test_cut(void **state)
{
	const struct io data = { .r = 2, .s = 1, .start = 8192, .len = 4096 };
	struct rq r = {
		.r = 2, .origin = ORIGIN_READAHEAD, .start = 8192, .len = 4096, .transferred = 4096
	};
	struct io nothing = data;

	(void)state;
	nothing.status = END_OF_FILE;
	nothing.none = nothing.clear_zero = true;
	BOTH (q) { /* its end was seen by a request of its own */
		q->i_size = 16384;
		read_two(q, first, shortened(second, 1000));
		begin(q, &r);
		io(q, &nothing);
		end(q, &r);
		r.r = 3;
		begin(q, &r);
		io(q, &(struct io){ .r = 3, .s = 1, .start = 8192, .len = 4096 });
		end(q, &r);
		r.r = 2;
		pass(q, SEC);
		silent(q, "transfer");
	}
	BOTH (q) { /* ... or by the same one */
		struct rq all = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 12288, .transferred = 12288
		};
		struct io end_of_it = nothing;

		q->i_size = 16384;
		end_of_it.r = 1;
		end_of_it.s = 3;
		begin(q, &all);
		io(q, &first);
		io(q, &(struct io){ .r = 1,
				    .s = 2,
				    .start = 4096,
				    .len = 4096,
				    .got = 1000,
				    .clear_zero = true });
		io(q, &end_of_it);
		end(q, &all);
		begin(q, &r);
		io(q, &data);
		end(q, &r);
		pass(q, SEC);
		silent(q, "transfer");
	}
}

/* The file may have grown between the two answers. */
static void test_written(void **state)
{
	struct rq w = { .r = 2, .origin = ORIGIN_WRITEBACK, .len = 4096, .transferred = 4096 };

	(void)state;
	BOTH (q) {
		begin(q, &w);
		io(q, &(struct io){ .r = 2, .s = 1, .write = true, .len = 4096 });
		end(q, &w);
		read_two(q, shortened(first, 1000), second);
		assert_int_equal(seq_finding(q, "transfer", "short-zeroed")->verdict,
				 VERDICT_INCONCLUSIVE);
	}
}

static void test_known(void **state)
{
	(void)state;
	BOTH (q) {
		release_is(q,
			   q->new ? "release=7.3.4+deb13-amd64" : "release=6.12.118+deb13-amd64");
		read_two(q, shortened(first, 1000), second);
		assert_int_equal(seq_finding(q, "transfer", "short-zeroed")->verdict,
				 VERDICT_KNOWN);
	}
	BOTH (q) {
		release_is(q, "release=7.30.1");
		read_two(q, shortened(first, 1000), second);
		found(q, "transfer", "short-zeroed");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),	   cmocka_unit_test(test_lawful),
		cmocka_unit_test(test_read_again), cmocka_unit_test(test_written),
		cmocka_unit_test(test_known),	   cmocka_unit_test(test_later),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
