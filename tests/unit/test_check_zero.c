// SPDX-License-Identifier: GPL-2.0-only
/* transfer: what is filled with zeros without asking the server. */
#include "base/smb2.h"
#include "check_util.h"

#define R      9
#define PAGE   4096
#define END    (5 * PAGE) /* of the file */
#define KNOWN  true
#define ABSENT false

/* What the program says of the file with an event of a request. */
struct file {
	bool sized;
	uint64_t zero_point, begin_size;
};

static const struct file whole = { KNOWN, END, END };

static void event(struct seq *q, struct file f, uint8_t kind, enum name_id what)
{
	bool read = kind == EV_RREQ_READ;

	FEED(q, APP, ev_rreq, EV_RREQ, EVF_RREQ, read ? P_netfs_read : P_netfs_rreq, .rreq = R,
	     .len = 2 * PAGE, .ino = 7, .i_size = END, .event = kind, .fs = "cifs",
	     .what = raw(q, read ? NAMES_READ_TRACE : NAMES_RREQ_TRACE, what),
	     .origin = raw(q, NAMES_ORIGIN, ORIGIN_READAHEAD), .sized = f.sized,
	     .zero_point = f.zero_point, .begin_size = f.begin_size);
}

static void start(struct seq *q, struct file f)
{
	rref(q, R, RREF_NEW, q->new ? 2 : 1);
	event(q, f, EV_RREQ_READ, READ_READAHEAD);
}

/* A subrequest of zeros as netfs_read_to_pagecache() makes it: nobody is asked. */
static void zeros(struct seq *q, uint32_t s, uint64_t at, enum name_id source)
{
	static const enum name_id life[] = { SREQ_SUBMIT, SREQ_TERMINATED, SREQ_FREE };

	for (size_t i = 0; i < ARRAY_SIZE(life); i++)
		FEED(q, APP, ev_sreq, EV_SREQ, EVF_RREQ, P_netfs_sreq, .rreq = R, .sreq = s,
		     .start = at, .len = PAGE, .transferred = i ? PAGE : 0,
		     .what = raw(q, NAMES_SREQ_TRACE, life[i]),
		     .source = raw(q, NAMES_SOURCE, source));
}

static void over(struct seq *q, struct file f)
{
	event(q, f, EV_RREQ_STATE, RREQ_DONE);
	rref(q, R, RREF_PUT_RETURN, 0);
	/* the inode is another's by now */
	event(q, (struct file){ KNOWN, 1, 2 }, EV_RREQ_STATE, RREQ_FREE);
}

static void read_zeros(struct seq *q, struct file begin, uint64_t at, struct file end)
{
	start(q, begin);
	zeros(q, 1, at, SOURCE_FILL_WITH_ZEROES);
	over(q, end);
}

static void test_found(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;

		read_zeros(q, whole, PAGE, whole);
		f = found(q, "transfer", "zeros-unasked");
		assert_int_equal(f->rreq, R);
		assert_int_equal(f->sreq, 1);
		assert_int_equal(f->check->severity, SEVERITY_CRITICAL);
		assert_non_null(strstr(f->observed, "4096 bytes at 0x1000"));
	}
	BOTH (q) { /* the last byte below both is one too many */
		const struct file one_more = { KNOWN, 2 * PAGE, 2 * PAGE + 1 };

		read_zeros(q, one_more, 2 * PAGE - 1, one_more);
		found(q, "transfer", "zeros-unasked");
	}
}

/* From zero_point on the server has nothing, from the end of the file on neither. */
static void test_lawful(void **state)
{
	static const struct file lower[] = { { KNOWN, PAGE, END }, { KNOWN, END, PAGE } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lower); i++)
		BOTH (q) {
			read_zeros(q, lower[i], PAGE, lower[i]);
			silent(q, "transfer");
		}
	BOTH (q) { /* nothing is zero-filled */
		start(q, whole);
		zeros(q, 1, PAGE, SOURCE_DOWNLOAD_FROM_SERVER);
		over(q, whole);
		silent(q, "transfer");
	}
}

/* Somebody truncates or writes meanwhile: which of the two the kernel went by is not known. */
static void test_changed(void **state)
{
	static const struct file other[] = { { KNOWN, END + 1, END },
					     { KNOWN, 0, END },
					     { KNOWN, END, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		BOTH (q) {
			read_zeros(q, whole, PAGE, other[i]);
			silent(q, "transfer");
		}
}

/* Without the numbers, or without the request's begin, nothing is said. */
static void test_unknown(void **state)
{
	const struct file none = { ABSENT, 0, 0 };

	(void)state;
	BOTH (q) {
		read_zeros(q, none, PAGE, none);
		silent(q, "transfer");
	}
	BOTH (q) {
		rref(q, R, RREF_NEW, q->new ? 2 : 1);
		event(q, whole, EV_RREQ_STATE, RREQ_WAKE_IP);
		zeros(q, 1, PAGE, SOURCE_FILL_WITH_ZEROES);
		over(q, whole);
		silent(q, "transfer");
	}
}

/* The recording ends before a second look at the sizes. */
static void test_cut_off(void **state)
{
	(void)state;
	BOTH (q) {
		const struct finding *f;

		start(q, whole);
		zeros(q, 1, PAGE, SOURCE_FILL_WITH_ZEROES);
		f = seq_finding(q, "transfer", "zeros-unasked");
		assert_non_null(f);
		assert_int_equal(f->verdict, VERDICT_INCONCLUSIVE);
	}
}

/* ---- what this client has written ---- */

#define WRITER 3 /* a request */

static const struct file low = { KNOWN, PAGE, END }; /* of zero_point */

struct writing {
	enum name_id origin;
	uint64_t start, len;
	int error;
	uint8_t stream;
};

static const struct writing direct = { ORIGIN_DIO_WRITE, PAGE, PAGE, 0, 0 };

static struct rq writer_of(const struct writing *w, bool no_free)
{
	return (struct rq){ .r = WRITER,
			    .origin = w->origin,
			    .start = w->start,
			    .len = w->len,
			    .transferred = w->len,
			    .no_free = no_free };
}

static void write_part(struct seq *q, const struct writing *w, uint32_t s)
{
	io(q, &(struct io){ .r = WRITER,
			    .s = s,
			    .write = true,
			    .start = w->start,
			    .len = w->len,
			    .error = w->error,
			    .status = w->error ? 0xc000007f : 0,
			    .stream = w->stream });
}

static void write_at(struct seq *q, const struct writing *w)
{
	struct rq r = writer_of(w, false);

	begin(q, &r);
	write_part(q, w, 1);
	end(q, &r);
}

static void command_sent(struct seq *q, uint16_t cmd)
{
	FEED(q, OTHER, ev_setup, EV_SETUP, EVF_EXIT, P_smb2_setup_request_exit, .conn = CONN,
	     .mid = 9, .cmd = cmd);
}

static void set_info(struct seq *q)
{
	command_sent(q, SMB2_SET_INFO);
}

static void set_info_answered(struct seq *q)
{
	response(q, 9, SMB2_SET_INFO, 0, 1);
}

static void fsctl(struct seq *q)
{
	command_sent(q, SMB2_IOCTL);
}

static void oplock_break(struct seq *q)
{
	response(q, UINT64_MAX, SMB2_OPLOCK_BREAK, 0, 0);
}

static void mount_anew(struct seq *q)
{
	command_sent(q, SMB2_TREE_CONNECT);
}

static void create(struct seq *q)
{
	command_sent(q, SMB2_CREATE);
}

static void write_on(struct seq *q)
{
	FEED(q, APP, ev_write_iter, EV_WRITE_ITER, 0, P_netfs_write_iter, .start = 3 * PAGE,
	     .len = PAGE, .ino = 7);
}

static void create_and_write_on(struct seq *q)
{
	create(q);
	write_on(q);
}

static void mounted(struct seq *q, const char *options)
{
	struct ev_mount rec = { .hdr.kind = EV_MOUNT, .live = 1 };

	feed_text(q, &rec.hdr, sizeof(rec), "cifs", "//host/share", "/mnt", options);
}

static void nothing(struct seq *q)
{
	(void)q;
}

typedef void step_fn(struct seq *q);

static void test_over_written(void **state)
{
	static const struct writing ways[] = { { ORIGIN_DIO_WRITE, PAGE, PAGE, 0, 0 },
					       { ORIGIN_WRITEBACK, 0, 3 * PAGE, 0, 0 },
					       { ORIGIN_WRITETHROUGH, PAGE + 10, 10, 0, 0 } };
	static step_fn *const between[] = { nothing, create };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		for (size_t k = 0; k < ARRAY_SIZE(between); k++)
			BOTH (q) {
				const struct finding *f;

				write_at(q, &ways[i]);
				between[k](q);
				read_zeros(q, low, PAGE, low);
				f = found(q, "transfer", "zeros-over-written");
				assert_int_equal(f->rreq, R);
				assert_int_equal(f->sreq, 1);
				assert_non_null(
					strstr(f->expected, i == 2 ? " 10 bytes at 0x100a"
								   : " 4096 bytes at 0x1000"));
				assert_non_null(strstr(f->observed, "zero_point was 0x1000"));
			}
}

/* What may be zeros by right: it may have been taken away since, or was never there. */
static void test_taken_away(void **state)
{
	static step_fn *const between[] = { set_info,		set_info_answered, fsctl,
					    oplock_break,	mount_anew,	   reconnect,
					    create_and_write_on };
	static const struct writing none[] = {
		{ ORIGIN_DIO_WRITE, 2 * PAGE, PAGE, 0, 0 }, /* elsewhere */
		{ ORIGIN_DIO_WRITE, PAGE, PAGE, -28, 0 },   /* refused */
		{ ORIGIN_WRITEBACK, PAGE, PAGE, 0, 1 },	    /* into the cache */
		{ ORIGIN_WRITEBACK, 1 << 30, PAGE, 0, 0 },  /* behind the end */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(between); i++)
		BOTH (q) {
			write_at(q, &direct);
			between[i](q);
			read_zeros(q, low, PAGE, low);
			assert_null(seq_finding(q, "transfer", "zeros-over-written"));
		}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		BOTH (q) {
			struct file high = low;

			high.begin_size = 2UL << 30;
			write_at(q, &none[i]);
			read_zeros(q, high, i == 3 ? 1 << 30 : PAGE, high);
			assert_null(seq_finding(q, "transfer", "zeros-over-written"));
		}
}

/* A write that begins within 5 ms of a truncate may be of pages that it is about to take away. */
static void test_write_after_truncate(void **state)
{
	(void)state;
	for (int wait = 0; wait < 2; wait++)
		BOTH (q) {
			set_info_answered(q);
			pass(q, wait ? 6 * MS : MS);
			write_at(q, &direct);
			read_zeros(q, low, PAGE, low);
			assert_int_equal(wait, !!seq_finding(q, "transfer", "zeros-over-written"));
		}
}

/* A read that began before the write was over, and sizes that move. */
static void test_write_meanwhile(void **state)
{
	const struct file other = { KNOWN, 2 * PAGE, END };

	(void)state;
	BOTH (q) {
		struct rq r = writer_of(&direct, false);

		begin(q, &r);
		write_part(q, &direct, 1);
		start(q, low);
		end(q, &r);
		zeros(q, 1, PAGE, SOURCE_FILL_WITH_ZEROES);
		over(q, low);
		silent(q, "transfer");
	}
	BOTH (q) {
		write_at(q, &direct);
		read_zeros(q, low, PAGE, other);
		silent(q, "transfer");
	}
	BOTH (q) { /* the program has the bytes, although the request is not freed yet */
		struct rq r = writer_of(&direct, true);

		begin(q, &r);
		write_part(q, &direct, 1);
		end(q, &r);
		read_zeros(q, low, PAGE, low);
		assert_non_null(seq_finding(q, "transfer", "zeros-over-written"));
	}
}

/* Without a lease, as with cache=loose, another client may cut the file and nobody is told. */
static void test_written_on(void **state)
{
	static const struct {
		const char *options;
		enum verdict verdict;
	} on[] = { { "rw,cache=strict,soft", VERDICT_VIOLATION },
		   { "rw,cache=loose,soft", VERDICT_INCONCLUSIVE },
		   { NULL, VERDICT_INCONCLUSIVE } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(on); i++)
		BOTH (q) {
			const struct finding *f;

			if (on[i].options)
				mounted(q, on[i].options);
			write_at(q, &direct);
			write_on(q);
			read_zeros(q, low, PAGE, low);
			f = seq_finding(q, "transfer", "zeros-over-written");
			assert_non_null(f);
			assert_int_equal(f->verdict, on[i].verdict);
		}
}

/* More pieces than are kept: none is known then, until the next write. */
static void test_many_pieces(void **state)
{
	(void)state;
	for (uint32_t more = 0; more < 2; more++)
		BOTH (q) {
			struct rq r = writer_of(&direct, false);

			begin(q, &r);
			for (uint32_t i = 0; i < 32 + more; i++) {
				struct writing w = direct;

				w.start = (2 * i + 1) * PAGE;
				write_part(q, &w, i + 1);
			}
			end(q, &r);
			read_zeros(q, low, PAGE, low);
			assert_int_equal(!more, !!seq_finding(q, "transfer", "zeros-over-written"));
		}
}

/* What shows that a file was cut is not recorded. */
static void test_changes_not_seen(void **state)
{
	(void)state;
	BOTH (q) {
		seq_probe(q, P_smb2_setup_request_exit, EV_PROBE_OFF);
		write_at(q, &direct);
		read_zeros(q, low, PAGE, low);
		assert_null(seq_finding(q, "transfer", "zeros-over-written"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),		cmocka_unit_test(test_lawful),
		cmocka_unit_test(test_changed),		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_cut_off),		cmocka_unit_test(test_over_written),
		cmocka_unit_test(test_taken_away),	cmocka_unit_test(test_write_after_truncate),
		cmocka_unit_test(test_write_meanwhile), cmocka_unit_test(test_written_on),
		cmocka_unit_test(test_many_pieces),	cmocka_unit_test(test_changes_not_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
