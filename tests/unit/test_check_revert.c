// SPDX-License-Identifier: GPL-2.0-only
/* iter-revert: what must be found, and what must not. */
#include "check_util.h"

/* ---- iter-revert ---- */

#define CALLER 0xffffffffc0001234ULL

static void revert(struct seq *q, enum name_id type, uint64_t offset, uint64_t count,
		   uint64_t unroll, bool known)
{
	struct ev_sym sym = { .hdr.kind = EV_SYM, .addr = CALLER, .off = 0x50f, .size = 0x5b0 };

	feed_text(q, &sym.hdr, sizeof(sym), "smb2_readv_callback", "cifs", "", "");
	FEED(q, CIFSD, ev_revert, EV_REVERT, EVF_RREQ, P_iov_iter_revert_callsite,
	     .rreq = known ? 1 : 0, .sreq = known ? 1 : 0, .offset = offset, .count = count,
	     .unroll = unroll, .caller = CALLER, .iter_type = raw(q, NAMES_ITER_TYPE, type),
	     .knows = known ? EV_KNOWS_WORK : EV_KNOWS_NOTHING);
}

static void read_and_revert(struct seq *q, enum name_id type, uint64_t offset, uint64_t count,
			    uint64_t unroll, bool known)
{
	struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };
	struct io a = { .r = 1, .s = 1, .len = 4096 };

	begin(q, &r);
	issue(q, &a);
	revert(q, type, offset, count, unroll, known);
	seq_finish(q);
}

static void test_revert_exact(void **state)
{
	static const enum name_id exact[] = { ITER_UBUF, ITER_XARRAY };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(exact); i++) {
		BOTH (q) {
			read_and_revert(q, exact[i], 511, 1, 512, false);
			const struct finding *f = found(q, "iter-revert", "exact");

			assert_string_equal(f->place, "smb2_readv_callback+0x50f/0x5b0 [cifs]");
			assert_non_null(strstr(f->explanation, "BUG"));
			assert_int_equal(f->tid, CIFSD);
		}
		BOTH (q) {
			read_and_revert(q, exact[i], 512, 1, 512, false);
			silent(q, "iter-revert");
		}
	}
}

/* The historical one: wound back to the start, and then once more by what was received. */
static void test_revert_slice(void **state)
{
	static const enum name_id types[] = { ITER_FOLIOQ, ITER_BVEC, ITER_KVEC };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		BOTH (q) {
			read_and_revert(q, types[i], 0, 4096, 512, true);
			const struct finding *f = found(q, "iter-revert", "slice");

			assert_int_equal(f->rreq, 1);
			assert_int_equal(f->sreq, 1);
			assert_non_null(strstr(f->observed, "4608"));
		}
		BOTH (q) { /* within memory, and yet before the subrequest */
			read_and_revert(q, types[i], 1 << 20, 4096, 512, true);
			found(q, "iter-revert", "slice");
		}
		BOTH (q) { /* back to the start exactly, as netfs_reset_iter() does */
			read_and_revert(q, types[i], 0, 3584, 512, true);
			silent(q, "iter-revert");
		}
		BOTH (q) { /* of nobody's: it is counted, not judged */
			read_and_revert(q, types[i], 0, 4096, 512, false);
			silent(q, "iter-revert");
			assert_string_equal(seq_check(q, "iter-revert")->note,
					    "1 reverts, 1 not decidable");
		}
	}
}

/* Of its own iterator, before it is sent: the length it was prepared with is the limit. */
static void test_revert_early(void **state)
{
	(void)state;
	for (uint64_t count = 0; count <= 4096; count += 4096) {
		BOTH (q) {
			struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };
			struct io a = { .r = 1, .s = 1, .len = 4096 };

			begin(q, &r);
			sreq(q, APP, &a, SREQ_PREPARE, 0, 0);
			FEED(q, APP, ev_revert, EV_REVERT, EVF_RREQ, P_iov_iter_revert_callsite,
			     .rreq = 1, .sreq = 1, .count = count, .unroll = 4096,
			     .iter_type = raw(q, NAMES_ITER_TYPE, ITER_FOLIOQ),
			     .knows = EV_KNOWS_ITER);
			if (count)
				found(q, "iter-revert", "slice");
			else
				silent(q, "iter-revert");
		}
	}
}

/* What the program found by walking back is decided, whoever's iterator it is. */
static void test_revert_memory(void **state)
{
	static const struct {
		enum name_id type;
		uint8_t rule;
		const char *kind, *says;
	} rules[] = {
		{ ITER_FOLIOQ, EV_RULE_FOLIOQ, "queue", "dereferences NULL" },
		{ ITER_BVEC, EV_RULE_DIRECT_BV, "direct-bv", "before the array" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		for (uint64_t past = 0; past <= 512; past += 512) {
			BOTH (q) {
				struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };

				begin(q, &r);
				FEED(q, CIFSD, ev_revert, EV_REVERT, EVF_RREQ,
				     P_iov_iter_revert_callsite, .offset = 16, .count = 4096,
				     .unroll = 4096 + past, .rule = rules[i].rule, .room = 4096,
				     .past = past,
				     .iter_type = raw(q, NAMES_ITER_TYPE, rules[i].type));
				seq_finish(q);
				if (!past) {
					silent(q, "iter-revert");
					continue;
				}
				const struct finding *f = found(q, "iter-revert", rules[i].kind);

				assert_non_null(strstr(f->explanation, rules[i].says));
				assert_non_null(strstr(f->explanation, " 512 bytes"));
			}
		}
	}
}

/* The length that the program read decides where the stream has no SUBMT. */
static void test_revert_program_slice(void **state)
{
	(void)state;
	for (uint64_t unroll = 4096; unroll <= 4097; unroll++) {
		BOTH (q) {
			struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 8192 };
			struct io a = { .r = 1, .s = 1, .len = 8192 };

			begin(q, &r);
			sreq(q, APP, &a, SREQ_PREPARE, 0, 0);
			FEED(q, CIFSD, ev_revert, EV_REVERT, EVF_RREQ, P_iov_iter_revert_callsite,
			     .rreq = 1, .sreq = 1, .count = 4096, .unroll = unroll,
			     .rule = EV_RULE_SLICE, .room = 4096, .past = unroll - 4096,
			     .iter_type = raw(q, NAMES_ITER_TYPE, ITER_BVEC),
			     .knows = EV_KNOWS_WORK);
			if (unroll > 4096)
				found(q, "iter-revert", "slice");
			else
				silent(q, "iter-revert");
		}
	}
}

static void test_revert_large(void **state)
{
	(void)state;
	BOTH (q) {
		read_and_revert(q, ITER_FOLIOQ, 0, 0, -22ULL, false);
		found(q, "iter-revert", "too-large");
	}
	BOTH (q) {
		read_and_revert(q, ITER_DISCARD, 0, 0, 4096, false);
		silent(q, "iter-revert");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_revert_exact),	     cmocka_unit_test(test_revert_slice),
		cmocka_unit_test(test_revert_early),	     cmocka_unit_test(test_revert_memory),
		cmocka_unit_test(test_revert_program_slice), cmocka_unit_test(test_revert_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
