// SPDX-License-Identifier: GPL-2.0-only
/* signature: what becomes of answers that do not verify. */
#include "check_util.h"

static void cmd_done(struct seq *q, uint32_t tid, uint16_t cmd, uint64_t mid, uint64_t sesid)
{
	FEED(q, tid, ev_smb_cmd, EV_SMB_CMD, 0, P_smb3_cmd_done, .mid = mid, .sesid = sesid,
	     .cmd = cmd, .event = EV_CMD_DONE);
}

/* A kernel of which nothing is known. */
#define UNLISTED(q) release_is(q, "release=7.2.0")

static void test_read(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;

		UNLISTED(q);
		ONE_READ(q, .sign_rc = -EACCES);
		f = found(q, "signature", "data-taken");
		assert_int_equal(f->sreq, 1);
		assert_int_equal(f->mid, 65);
		assert_string_equal(f->observed, "4096 bytes of it handed on as read");
	}
	BOTH (q) { /* an answer without data: "end of file" is believed */
		UNLISTED(q);
		ONE_READ(q, .sign_rc = -EACCES, .none = true, .status = 0xc0000011);
		found(q, "signature", "answer-taken");
	}
	BOTH (q) { /* as it should be */
		ONE_READ(q, .sign_rc = -EACCES, .error = -EACCES, .none = true);
		assert_int_equal(seq_finding(q, "signature", "discarded")->verdict, VERDICT_NOTE);
		assert_null(seq_finding(q, "signature", "data-taken"));
		assert_null(seq_finding(q, "signature", "answer-taken"));
	}
	BOTH (q) {
		ONE_READ(q, .start = 0);
		silent(q, "signature");
	}
}

static void test_known(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct seq *q = seq_open(i ? K73 : K612, NULL);

		release_is(q, i ? "release=" K73 : "release=" K612);
		seq_head(q, i ? K73 : K612);
		ONE_READ(q, .sign_rc = -EACCES);
		assert_int_equal(seq_finding(q, "signature", "data-taken")->verdict,
				 i ? VERDICT_VIOLATION : VERDICT_KNOWN);
		seq_free(q);
	}
}

static void test_command(void **state)
{
	enum { CREATE = 5 };

	(void)state;
	BOTH (q) {
		const struct conn *conn;

		UNLISTED(q);
		command(q, APP, CREATE, 77, 0, 0);
		response(q, 77, CREATE, 0, 1);
		bad_signature(q, APP, CREATE, 77, -EACCES);
		assert_int_equal(model_command(q->m, CONN, 77)->sign_rc, -EACCES);
		cmd_done(q, APP, CREATE, 77, 1);
		found(q, "signature", "answer-taken");
		conn = model_conn(q->m, CONN);
		assert_true(conn->verified);
		assert_int_equal(conn->bad_signatures, 1);
	}
	BOTH (q) { /* other threads, messages and sessions say nothing of it */
		command(q, APP, CREATE, 77, 0, 0);
		response(q, 77, CREATE, 0, 1);
		bad_signature(q, APP, CREATE, 77, -EACCES);
		cmd_done(q, OTHER, CREATE, 77, 1);
		cmd_done(q, APP, CREATE, 78, 1);
		cmd_done(q, APP, CREATE, 77, 2);
		silent(q, "signature");
		assert_int_equal(seq_check(q, "signature")->judged, 1);
		assert_string_equal(seq_check(q, "signature")->note, "1 bad: 0 taken, 0 discarded");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
