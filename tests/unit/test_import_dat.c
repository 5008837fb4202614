// SPDX-License-Identifier: GPL-2.0-only
/* import: trace.dat, of a file as trace-cmd.dat.v6(5) has it, with the formats of a real kernel. */
#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "import_util.h"
#include "text_util.h"

#define FORMATS "tracepoints/formats/7.3.4+deb13-amd64/formats"

#define PAGE	  4096
#define SREQ_ID	  1500
#define SWITCH_ID 300
#define MISSED \
	((1U << 31) | (1U << 30)) /* of a page: events before it, whose number is behind its data */

/* The record of netfs_sreq there */
struct sreq_record {
	uint16_t id;
	uint8_t flags, preempt;
	int32_t pid;
	uint32_t rreq;
	uint16_t index;
	int16_t error;
	uint16_t sflags;
	uint8_t source, what, slot, pad[3];
	uint64_t len, transferred;
	int64_t start;
};

struct dat {
	char *bytes;
	size_t size;
	FILE *out;
	uint8_t page[PAGE];
	size_t used;
	bool others; /* has the format of another event, too */
};

/* ---- the file ---- */

static void put(struct dat *d, const void *data, size_t size)
{
	assert_int_equal(fwrite(data, 1, size, d->out), size);
}

static void put_number(struct dat *d, uint64_t n, size_t size)
{
	put(d, &n, size);
}

static void put_section(struct dat *d, const char *text, size_t bytes_of_size)
{
	put_number(d, strlen(text), bytes_of_size);
	put(d, text, strlen(text));
}

#define COMMON                                                                         \
	"format:\n"                                                                    \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"         \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"         \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

/* A kernel's format of the event, as tracefs prints it. */
static void put_format(struct dat *d, const char *name, int id)
{
	__autofree char *all = NULL, *text = NULL;
	char line[128];
	const char *p, *fields;
	size_t len;

	if (file_read(FORMATS, 4 << 20, &all, NULL))
		fail_msg("cannot read " FORMATS ": run this at the top of the tree");
	snprintf(line, sizeof(line), "name: %s\n", name);
	p = strstr(all, line);
	assert_non_null(p);
	fields = p + strlen(line);
	p = strstr(fields, "\nname: ");
	len = p ? (size_t)(p + 1 - fields) : strlen(fields);
	assert_true(asprintf(&text, "name: %s\nID: %d\n" COMMON "%.*s", name, id, (int)len,
			     fields) > 0);
	put_section(d, text, 8);
}

static void put_head(struct dat *d)
{
	put(d, "\x17\x08\x44tracing6\0\0\x08", 3 + 7 + 2 + 2);
	put_number(d, PAGE, 4);
	put(d, "header_page", 12);
	put_section(d,
		    "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		    "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
		    "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		    "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;\n",
		    8);
	put(d, "header_event", 13);
	put_section(
		d,
		"# compressed entry header\n"
		"\ttype_len    :    5 bits\n\ttime_delta  :   27 bits\n\tarray       :   32 bits\n\n"
		"\tpadding     : type == 29\n\ttime_extend : type == 30\n"
		"\tdata max type_len  == 28\n",
		8);
	put_number(d, 0, 4); /* events of ftrace itself */
	put_number(d, d->others ? 2 : 1, 4);
	put(d, "netfs", 6);
	put_number(d, 1, 4);
	put_format(d, "netfs_sreq", SREQ_ID);
	if (d->others) {
		put(d, "sched", 6);
		put_number(d, 1, 4);
		put_section(d,
			    "name: sched_switch\nID: 300\n" COMMON
			    "\tfield:int prev_prio;\toffset:8;\tsize:4;\tsigned:1;\n\n"
			    "print fmt: \"%d\", REC->prev_prio\n",
			    8);
	}
	put_number(d, 0, 4); /* symbols */
	put_number(d, 0, 4); /* formats of printk */
	put_section(d, "77 dd\n", 8);
	put_number(d, 1, 4); /* CPUs */
	put(d, "options  ", 10);
	put_number(d, 0, 2);
	put(d, "flyrecord", 10);
}

static void dat_begin(struct dat *d, bool others)
{
	*d = (struct dat){ .others = others, .used = 16 };
	*(uint64_t *)d->page = 5000000000; /* its time, ns */
	d->out = open_memstream(&d->bytes, &d->size);
	assert_non_null(d->out);
	put_head(d);
}

/* An entry of the ring, delta ns behind the one before. */
static void entry(struct dat *d, const void *data, size_t size, uint32_t delta)
{
	uint32_t head = (uint32_t)(size / 4) | delta << 5;

	memcpy(d->page + d->used, &head, 4);
	memcpy(d->page + d->used + 4, data, size);
	d->used += 4 + size;
}

static void sreq(struct dat *d, uint8_t what, uint64_t transferred, uint32_t delta)
{
	const struct sreq_record r = { .id = SREQ_ID,
				       .pid = 77,
				       .rreq = 0x2a,
				       .index = 1,
				       .source = 2,
				       .what = what,
				       .len = 4096,
				       .transferred = transferred,
				       .start = 8192 };

	entry(d, &r, sizeof(r), delta);
}

/* missed: that many events are missing before the page. */
static const char *dat_end(struct dat *d, uint64_t missed)
{
	static char path[32];
	size_t at;
	FILE *f;

	*(uint64_t *)(d->page + 8) = (d->used - 16) | (missed ? MISSED : 0);
	memcpy(d->page + d->used, &missed, sizeof(missed));
	fflush(d->out);
	at = (d->size + 16 + PAGE - 1) / PAGE * PAGE;
	put_number(d, at, 8);
	put_number(d, PAGE, 8);
	fflush(d->out);
	while (d->size < at) {
		putc(0, d->out);
		fflush(d->out);
	}
	put(d, d->page, PAGE);
	fclose(d->out);
	strcpy(path, "/tmp/netfsnoop-test-XXXXXX");
	f = fdopen(mkstemp(path), "w");
	assert_non_null(f);
	assert_int_equal(fwrite(d->bytes, 1, d->size, f), d->size);
	fclose(f);
	free(d->bytes);
	return path;
}

static struct got import_file(const char *path)
{
	struct got g = {};
	struct record_sink to = { .add = take, .ctx = &g };
	uint64_t first, last;

	assert_int_equal(collect_new(&g.c), 0);
	assert_int_equal(import_dat(path, g.c, &g.n), 0);
	g.events = collect_events(g.c, &first, &last);
	assert_int_equal(collect_write(g.c, "not in it", &to), 0);
	collect_free(g.c);
	unlink(path);
	return g;
}

static const struct ev_sreq *nth_sreq(const struct got *g, unsigned int n)
{
	return nth(g, EV_SREQ, n);
}

/* ---- tests ---- */

static void test_fields(void **state)
{
	static struct got g;
	static struct dat d;

	(void)state;
	dat_begin(&d, false);
	sreq(&d, 33, 0, 0);
	sreq(&d, 35, 4096, 700);
	g = import_file(dat_end(&d, 0));
	assert_int_equal(g.events, 2);
	assert_int_equal(g.n.damaged + g.n.others + g.n.lost + g.n.backwards, 0);
	assert_int_equal(nth_sreq(&g, 0)->rreq, 0x2a);
	assert_int_equal(nth_sreq(&g, 0)->sreq, 1);
	assert_int_equal(nth_sreq(&g, 0)->start, 8192);
	assert_int_equal(nth_sreq(&g, 0)->hdr.tid, 77);
	assert_int_equal(nth_sreq(&g, 0)->hdr.ts, 5000000000);
	assert_int_equal(nth_sreq(&g, 1)->hdr.ts, 5000000700);
	assert_int_equal(nth_sreq(&g, 1)->transferred, 4096);
	assert_has(g.meta, "imported=ftrace, trace.dat;");
	assert_true(g.on > 0);
	/* of requests that began before nothing is known, as no reference was recorded */
	assert_true(g.n.excerpt);
}

static void test_others(void **state)
{
	static struct got g;
	static struct dat d;
	uint32_t other[3] = { SWITCH_ID, 77, 120 };

	(void)state;
	dat_begin(&d, true);
	sreq(&d, 33, 0, 0);
	entry(&d, other, sizeof(other), 10);
	entry(&d, other, sizeof(other), 10);
	g = import_file(dat_end(&d, 0));
	assert_int_equal(g.events, 1);
	assert_int_equal(g.n.others, 2);
	assert_string_equal(g.n.other[0].name, "sched_switch");
	assert_int_equal(g.n.other[0].count, 2);
}

/* What the ring could not hold is a loss of the stream. */
static void test_missed(void **state)
{
	static struct got g;
	static struct dat d;
	unsigned int losses = 0;

	(void)state;
	dat_begin(&d, false);
	sreq(&d, 33, 0, 0);
	g = import_file(dat_end(&d, 12));
	assert_int_equal(g.n.lost, 12);
	for (unsigned int i = 0; i < g.nr; i++)
		losses += g.record[i].d.hdr.kind == EV_LOST && g.record[i].lost.count == 12;
	assert_int_equal(losses, 1);
}

static void test_damaged(void **state)
{
	struct import_counts n;
	struct collect *c;
	static struct dat d;
	const char *path;

	(void)state;
	dat_begin(&d, false);
	sreq(&d, 33, 0, 0);
	path = dat_end(&d, 0);
	assert_int_equal(truncate(path, 700), 0);
	assert_int_equal(collect_new(&c), 0);
	assert_int_equal(import_dat(path, c, &n), -EBADMSG);
	assert_int_equal(import_dat("/nonexistent", c, &n), -EBADMSG);
	collect_free(c);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_missed),
		cmocka_unit_test(test_damaged),
	};

	if (!import_has_dat()) {
		puts("ok # skip: built without libtracecmd");
		return 0;
	}
	return cmocka_run_group_tests_name("import dat", tests, NULL, NULL);
}
