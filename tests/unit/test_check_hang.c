// SPDX-License-Identifier: GPL-2.0-only
/* What is told while the stream goes on: hangs with stacks and last steps, leaked references. */
#include "check_util.h"
#include "event/kinds.h"
#include "view/export/json/findings_json.h"
#include "view/text/findings.h"

/* A finding that is out before the stream has ended. */
static const struct finding *told(struct seq *q, const char *id, const char *kind)
{
	for (const struct finding *f = engine_findings(q->e); f; f = f->next)
		if (!strcmp(f->check->id, id) && !strcmp(f->kind, kind))
			return f;
	return NULL;
}

static void waiter(struct seq *q, uint32_t r, uint32_t tid, const char *comm, const char *frames)
{
	union {
		struct ev_waiter w;
		char bytes[256];
	} u = { .w = { .hdr = { .kind = EV_WAITER, .flags = EVF_RREQ }, .rreq = r, .state = 'D' } };
	size_t at = sizeof(u.w);

	at += snprintf(u.bytes + at, sizeof(u.bytes) - at, "%s", comm) + 1;
	at += snprintf(u.bytes + at, sizeof(u.bytes) - at, "%s", frames) + 1;
	feed(q, &u.w.hdr, (at + 7) & ~7UL, tid);
}

static void read_hangs(struct seq *q, uint32_t r)
{
	struct io a = { .r = r, .s = 1, .len = 4096, .no_term = true, .keep = true };
	struct rq rq = { .r = r, .origin = ORIGIN_DIO_READ, .len = 4096 };

	begin(q, &rq);
	io(q, &a);
}

static void test_steps(void **state)
{
	(void)state;
	BOTH (q) {
		struct io b = { .r = 1, .s = 2, .start = 4096, .len = 4096 };
		const struct finding *f;

		read_hangs(q, 1);
		issue(q, &b);
		pass(q, 200 * SEC);
		f = told(q, "stuck", "silence");
		assert_non_null(f);
		assert_int_equal(f->nr_steps, 2);
		assert_int_equal(f->step[0].sreq, 1);
		assert_string_equal(f->step[0].waits, "has its answer, but is not terminated");
		assert_string_equal(f->step[0].mark.text, "callback done");
		assert_string_equal(f->step[1].waits, "waits for the server");
		assert_true(f->step[1].mark.ts > f->step[0].mark.ts);
	}
}

static void test_stacks(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;

		read_hangs(q, 1);
		pass(q, 12 * SEC);
		assert_null(told(q, "stuck", "not-terminated")); /* waits for the stacks */
		waiter(q, 1, APP, "dd", "netfs_wait_for_read+0x1/0x2 [netfs]\nread+0x3/0x4");
		waiter(q, 2, OTHER, "cat", "nothing+0x1/0x2"); /* of another request */
		waiter(q, 1, CIFSD, "cifsd", "");
		pass(q, 4 * SEC);
		f = told(q, "stuck", "not-terminated");
		assert_non_null(f);
		assert_int_equal(f->nr_stacks, 2);
		assert_int_equal(f->stacks->ev.hdr.tid, APP);
		assert_string_equal(ev_text(&f->stacks->ev.hdr, 0), "dd");
		assert_string_equal(ev_text(&f->stacks->ev.hdr, 1),
				    "netfs_wait_for_read+0x1/0x2 [netfs]\nread+0x3/0x4");
		assert_int_equal(f->stacks->next->ev.hdr.tid, CIFSD);
		assert_null(f->stacks->next->next);
	}
	BOTH (q) { /* nobody took any: told all the same */
		read_hangs(q, 1);
		pass(q, 16 * SEC);
		assert_non_null(told(q, "stuck", "not-terminated"));
	}
	BOTH (q) { /* an event of the recorder's is none of the request's: it still hangs */
		read_hangs(q, 1);
		for (int i = 0; i < 20; i++) {
			pass(q, SEC);
			waiter(q, 1, APP, "dd", "x+0x1/0x2");
		}
		assert_non_null(told(q, "stuck", "not-terminated"));
	}
}

/* Names of tasks hold any byte. */
static void test_shown(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;
		char *text;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		read_hangs(q, 1);
		pass(q, 12 * SEC);
		waiter(q, 1, APP, "d\033d", "netfs_wait_for_read+0x1/0x2 [netfs]\nread+0x3/0x4");
		pass(q, 4 * SEC);
		f = told(q, "stuck", "not-terminated");
		assert_non_null(f);
		assert_int_equal(finding_print(out, q->m, f, false), 0);
		assert_int_equal(finding_print_json(out, "found", f), 0);
		fclose(out);
		assert_non_null(strstr(text, "open      [1] has its answer, but is not terminated; "
					     "last callback done at ["));
		assert_non_null(strstr(text, "stack     d\\x1bd (tid 100, pid 100, state D)\n"
					     "    netfs_wait_for_read+0x1/0x2 [netfs]\n"
					     "    read+0x3/0x4\n"));
		assert_non_null(strstr(text, "{\"type\":\"found\",\"check_id\":\"stuck\""));
		assert_non_null(strstr(text, "\"frames\":[\"netfs_wait_for_read+0x1/0x2 [netfs]\","
					     "\"read+0x3/0x4\"]"));
		assert_null(strchr(text, '\033'));
		free(text);
	}
}

static void ask(void *ctx, const struct finding *f)
{
	assert_true(f->wants_stacks);
	++*(int *)ctx;
}

/* Many that hang for the same cause ask once. */
static void test_asked_once(void **state)
{
	struct engine_options opts = { .stacks = ask };
	int asked = 0;

	(void)state;
	opts.ctx = &asked;
	for (int k = 0; k < 2; k++) {
		const char *kernel = k ? K73 : K612;
		struct seq *q = seq_open(kernel, &opts);

		asked = 0;
		seq_head(q, kernel);
		for (uint32_t r = 1; r < 10; r++)
			read_hangs(q, r);
		pass(q, 30 * SEC);
		assert_int_equal(asked, 1);
		seq_free(q);
	}
}

static void leaked_read(struct seq *q, bool sreq)
{
	struct io a = { .r = 1, .s = 1, .len = 4096, .keep = sreq };
	struct rq r = { .r = 1,
			.origin = ORIGIN_READAHEAD,
			.len = 4096,
			.transferred = 4096,
			.no_free = true };

	begin(q, &r);
	io(q, &a);
	end(q, &r);
}

static void test_leaks(void **state)
{
	(void)state;
	for (int sreq = 0; sreq < 2; sreq++)
		BOTH (q) {
			const char *kind = sreq ? "subrequest-leaked" : "request-leaked";

			leaked_read(q, sreq);
			pass(q, 8 * SEC);
			assert_null(told(q, "ref-balance", kind));
			pass(q, 4 * SEC);
			assert_non_null(told(q, "ref-balance", kind));
			pass(q, 30 * SEC);
			assert_int_equal(found(q, "ref-balance", kind)->count, 1);
		}
	BOTH (q) { /* freed late, but freed */
		struct rq r = {
			.r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096
		};

		leaked_read(q, false);
		pass(q, 9 * SEC);
		rref(q, 1, RREF_PUT_RETURN, 0);
		rreq(q, &r, RREQ_FREE);
		pass(q, 30 * SEC);
		silent(q, "ref-balance");
	}
	BOTH (q) { /* the FREE may be what was lost */
		leaked_read(q, false);
		FEED(q, 0, ev_lost, EV_LOST, 0, P_netfs_rreq, .count = 1, .from = q->now,
		     .to = q->now + 1000);
		pass(q, 30 * SEC);
		assert_int_equal(seq_finding(q, "ref-balance", "request-leaked")->verdict,
				 VERDICT_INCONCLUSIVE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps), cmocka_unit_test(test_stacks),
		cmocka_unit_test(test_shown), cmocka_unit_test(test_asked_once),
		cmocka_unit_test(test_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
