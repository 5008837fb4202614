// SPDX-License-Identifier: GPL-2.0-only
/* What a finding says it is about: the events that show it, its file, mount and references. */
#include "check_util.h"
#include "view/measure/filter.h"
#include "view/text/findings.h"

#define DEV 0x30

static void mount_at(struct seq *q, uint32_t dev, const char *point)
{
	struct ev_mount rec = { .hdr.kind = EV_MOUNT, .dev = dev, .live = 1 };

	feed_text(q, &rec.hdr, sizeof(rec), "cifs", "//s/t", point, "rw");
}

/* As begin(), of a file on that mount. */
static void begin_on(struct seq *q, const struct rq *a, uint32_t dev)
{
	begin(q, a);
	FEED(q, APP, ev_rreq, EV_RREQ, EVF_RREQ, P_netfs_read, .rreq = a->r, .len = a->len,
	     .arg_len = a->len, .ino = 7, .dev = dev, .i_size = q->i_size, .event = EV_RREQ_READ,
	     .what = raw(q, NAMES_READ_TRACE, READ_READAHEAD),
	     .origin = raw(q, NAMES_ORIGIN, a->origin), .fs = "cifs");
}

static void read_on(struct seq *q, uint32_t r, uint32_t dev)
{
	struct io a = { .r = r, .s = 1, .len = 4096 };
	struct rq rq = { .r = r, .origin = ORIGIN_READAHEAD, .len = 4096, .transferred = 4096 };

	begin_on(q, &rq, dev);
	io(q, &a);
	end(q, &rq);
}

static bool shows(const struct finding *f, const char *text)
{
	for (unsigned int i = 0; i < f->nr_evidence; i++)
		if (!strncmp(f->evidence[i].text, text, strlen(text)))
			return true;
	return false;
}

/* The attempt's SUBMT, answer and end are there, however much came after them. */
static void test_pinned(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096, .keep = true };
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .no_free = true };
		const struct finding *f;

		begin(q, &r);
		io(q, &a);
		for (int i = 0; i < 20; i++)
			sref(q, 1, 1, SREF_GET_SHORT_READ, i);
		end(q, &r);
		pass(q, 20 * SEC);
		f = found(q, "ref-balance", "subrequest-leaked");
		assert_true(shows(f, "SUBMT 0/4096"));
		assert_true(shows(f, "response 00000000"));
		assert_true(shows(f, "callback 4096"));
		assert_true(shows(f, "TERM 4096/4096"));
		assert_int_equal(f->nr_evidence, 12);
		for (unsigned int i = 1; i < f->nr_evidence; i++)
			assert_true(f->evidence[i].ts > f->evidence[i - 1].ts);
	}
}

/* A total, and what it was made of. */
static void test_ends(void **state)
{
	(void)state;
	BOTH (q) {
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		struct rq r = {
			.r = 1, .origin = ORIGIN_DIO_READ, .len = 8192, .transferred = 8192
		};
		const struct finding *f;

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		pass(q, SEC);
		f = found(q, "transfer", "total");
		assert_true(shows(f, "TERM 4096/4096"));
		for (unsigned int i = 1; i < f->nr_evidence; i++)
			assert_true(f->evidence[i].ts > f->evidence[i - 1].ts);
		assert_int_equal(f->conn, CONN); /* the one that all of it went over */
	}
}

/* in_flight stays too high: of a connection, which knows its mounts */
static void left_over(struct seq *q)
{
	add(q, CIFSD, 0, 0, 0);
	q->in_flight++;
	credit(q, CIFSD, P_smb3_add_credits, 0);
	q->in_flight++;
	credit(q, CIFSD, P_smb3_add_credits, 0);
	pass(q, 20 * SEC);
}

static bool prints(struct seq *q, const struct finding *f, const char *line)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool has;

	assert_int_equal(finding_print(out, q->m, f, false), 0);
	fclose(out);
	has = strstr(text, line);
	free(text);
	return has;
}

static void test_mounts(void **state)
{
	struct request_filter a = { .mount = "/mnt/a" }, b = { .mount = "/mnt/b" };
	struct request_filter c = { .mount = "/mnt/c" };

	(void)state;
	BOTH (q) {
		const struct finding *f;

		mount_at(q, DEV, "/mnt/a");
		mount_at(q, DEV + 1, "/mnt/b");
		read_on(q, 1, DEV);
		left_over(q);
		f = found(q, "inflight", "left-over");
		assert_string_equal(f->mount, "/mnt/a");
		assert_string_equal(f->fs, "cifs");
		assert_true(findings_pass(&a, q->m, f));
		assert_false(findings_pass(&b, q->m, f));
		assert_true(prints(q, f, "  mount     /mnt/a (cifs)\n"));
	}
	BOTH (q) { /* both are its mounts */
		const struct finding *f;

		mount_at(q, DEV, "/mnt/a");
		mount_at(q, DEV + 1, "/mnt/b");
		read_on(q, 1, DEV);
		read_on(q, 2, DEV + 1);
		left_over(q);
		f = found(q, "inflight", "left-over");
		assert_int_equal(f->nr_places, 2);
		assert_true(findings_pass(&a, q->m, f));
		assert_true(findings_pass(&b, q->m, f));
		assert_false(findings_pass(&c, q->m, f));
		assert_true(prints(q, f, "  mounts    /mnt/a, /mnt/b\n"));
	}
	BOTH (q) { /* a command's request knows its file */
		struct io io_ = { .r = 1, .s = 1, .len = 4096, .no_callback = true, .keep = true };
		struct rq rq = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096 };
		const struct finding *f;

		mount_at(q, DEV, "/mnt/a");
		begin_on(q, &rq, DEV);
		io(q, &io_);
		pass(q, 7 * SEC);
		f = found(q, "command", "no-callback");
		assert_string_equal(f->mount, "/mnt/a");
		assert_int_equal(f->ino, 7);
		assert_false(findings_pass(&b, q->m, f));
	}
}

static void test_references(void **state)
{
	(void)state;
	BOTH (q) {
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .no_free = true };
		struct io a = { .r = 1, .s = 1, .len = 4096 };
		const struct finding *f;

		begin(q, &r);
		issue(q, &a);
		answer(q, &a);
		sref(q, 1, 1, SREF_PUT_DONE, 0);
		sreq(q, APP, &a, SREQ_FREE, 4096, 0); /* and no PUT SUBREQ */
		end(q, &r);
		rref(q, 1, RREF_PUT_RETURN, 1);
		pass(q, 20 * SEC);
		f = found(q, "ref-balance", "request-leaked");
		assert_string_equal(f->explanation, "A reference to the request was never put: 1 "
						    "GET SUBREQ, but 0 PUT SUBREQ.");
		assert_non_null(strstr(f->observed, q->new ? "NEW with 2, GET SUBREQ, PUT RETURN, "
							     "PUT WORK IP: 1 left"
							   : "NEW with 1, GET SUBREQ, PUT RETURN: "
							     "1 left"));
	}
	BOTH (q) { /* nothing was got that was not put: what NEW began with is left */
		struct rq r = { .r = 1, .origin = ORIGIN_READAHEAD, .len = 4096, .no_free = true };
		struct io a = { .r = 1, .s = 1, .len = 4096 };

		begin(q, &r);
		io(q, &a);
		end(q, &r);
		pass(q, 20 * SEC);
		assert_non_null(strstr(found(q, "ref-balance", "request-leaked")->explanation,
				       q->new ? ": 1 of the 2 that NEW began with."
					      : ": 1 of the 1 that NEW began with."));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pinned),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
