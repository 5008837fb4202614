// SPDX-License-Identifier: GPL-2.0-only
/* Rows and their verdicts: view/measure/diff_compare.c; tests of xfstests directories: view/text/diff_tests.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "view/text/diff_tests.h"

static struct diff_side *side(void)
{
	struct diff_side *s;

	assert_int_equal(diff_side_new(&s, "path", NULL, NULL), 0);
	s->totals->subrequests[0].bytes = 1 << 20;
	s->totals->subrequests[0].count = 10;
	s->totals->nr_requests = 10;
	s->events = 100;
	return s;
}

static const struct diff_row *find(const struct diff *d, const char *name)
{
	for (unsigned int i = 0; i < d->nr_rows; i++)
		if (!strcmp(d->row[i].name, name))
			return &d->row[i];
	fail_msg("no row %s", name);
	return NULL;
}

static void test_same(void **state)
{
	struct diff_side *a = side(), *b = side();
	struct diff d;

	(void)state;
	b->events = 105;
	assert_int_equal(diff_compare(&d, a, b, 10), 0);
	assert_int_equal(d.differences, 0);
	assert_int_equal(find(&d, "events per MiB")->verdict, DIFF_SAME);
	assert_string_equal(diff_change(find(&d, "events per MiB")).s, "+5 %");
	diff_release(&d);
	assert_int_equal(diff_compare(&d, a, b, 4), 0);
	assert_int_equal(d.differences, 1);
	diff_release(&d);
	diff_side_free(a);
	diff_side_free(b);
}

/* what is marked is what a reader sees: the change from A, not from the larger of the two */
static void test_moved(void **state)
{
	(void)state;
	assert_true(diff_moved(100, 150, 50));
	assert_false(diff_moved(150, 100, 50)); /* -33 % */
	assert_true(diff_moved(100, 300, 150));
	assert_false(diff_moved(100, 109, 10));
	assert_true(diff_moved(100, 110, 10));
	assert_false(diff_moved(7, 7, 0));
	assert_true(diff_moved(0, 1, 1000));
	assert_true(diff_moved(1, 0, 1000));
	assert_false(diff_moved(0, 0, 0));
}

/* what is normally 0 differs by being there; what is not known does not differ */
static void test_numbers(void **state)
{
	struct diff_side *a = side(), *b = side();
	struct diff d;

	(void)state;
	b->totals->subrequests[0].retries = 1;
	a->reconnects = 1;
	a->credit_waits = UINT64_MAX;
	b->credit_waits = 7;
	assert_int_equal(diff_compare(&d, a, b, 10), 0);
	assert_int_equal(d.differences, 2);
	assert_int_equal(find(&d, "read: retries")->verdict, DIFF_DIFFERS);
	assert_string_equal(diff_change(find(&d, "read: retries")).s, "new");
	assert_string_equal(diff_change(find(&d, "reconnects")).s, "gone");
	assert_int_equal(find(&d, "waits for credits per MiB")->verdict, DIFF_UNKNOWN);
	assert_string_equal(diff_value(find(&d, "waits for credits per MiB"), false).s, "-");
	diff_release(&d);
	diff_side_free(a);
	diff_side_free(b);
}

static void fill(struct samples *s, uint64_t from, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(samples_add(s, from + i * (n * 618 / 1000 | 1) % n), 0);
}

static void test_distributions(void **state)
{
	struct diff_side *a = side(), *b = side();
	struct diff d;

	(void)state;
	fill(&a->samples[0].latency, 1000, 200); /* far apart */
	fill(&b->samples[0].latency, 2000, 200);
	fill(&a->samples[0].size, 1000, 2000); /* apart for certain, but hardly */
	fill(&b->samples[0].size, 1150, 2000);
	fill(&a->samples[1].latency, 1000, 200); /* the same */
	fill(&b->samples[1].latency, 1001, 200);
	fill(&a->samples[1].size, 1000, 5);
	fill(&b->samples[1].size, 9000, 500);
	fill(&a->samples[1].wire, 1000, 50);
	assert_int_equal(diff_compare(&d, a, b, 10), 0);
	assert_int_equal(find(&d, "read: request, begin to result")->verdict, DIFF_DIFFERS);
	assert_int_equal(find(&d, "read: size of a subrequest")->verdict, DIFF_SLIGHT);
	assert_int_equal(find(&d, "write: request, begin to result")->verdict, DIFF_SAME);
	assert_int_equal(find(&d, "write: size of a subrequest")->verdict, DIFF_TOO_FEW);
	assert_int_equal(find(&d, "write: SMB command")->verdict, DIFF_UNKNOWN);
	assert_int_equal(d.differences, 1);
	diff_release(&d);
	diff_side_free(a);
	diff_side_free(b);
}

static const struct diff_only *only(struct diff *d, enum verdict v)
{
	for (unsigned int i = 0; i < d->nr_only; i++)
		if (d->only[i].finding->verdict == v)
			return &d->only[i];
	return NULL;
}

static void add_finding(struct diff_side *s, const char *check, enum verdict v)
{
	struct diff_finding *f = calloc(1, sizeof(*f));

	*f = (struct diff_finding){ .check = check_find(check), .kind = "kind", .verdict = v };
	f->count = 1;
	f->next = s->findings;
	s->findings = f;
}

/* one both have, one only B has, and one that may be a loss's */
static void test_findings(void **state)
{
	struct diff_side *a = side(), *b = side();
	struct diff d;

	(void)state;
	add_finding(a, "stuck", VERDICT_VIOLATION);
	add_finding(b, "stuck", VERDICT_VIOLATION);
	add_finding(b, "coverage", VERDICT_VIOLATION);
	add_finding(a, "lifecycle", VERDICT_INCONCLUSIVE);
	assert_int_equal(diff_compare(&d, a, b, 10), 0);
	assert_int_equal(d.nr_only, 2);
	assert_int_equal(d.differences, 1);
	assert_true(only(&d, VERDICT_VIOLATION)->in_b);
	assert_string_equal(only(&d, VERDICT_VIOLATION)->finding->check->id, "coverage");
	assert_false(only(&d, VERDICT_INCONCLUSIVE)->in_b);
	diff_release(&d);
	diff_side_free(a);
	diff_side_free(b);
}

/* A is whole; B, of which records may be lost, has fewer requests, more subrequests and slower reads. */
static struct diff compare_lossy(struct diff_side *a, struct diff_side *b, uint64_t lost_a,
				 uint64_t lost_b)
{
	struct diff d;

	a->lost = lost_a;
	b->lost = lost_b;
	b->totals->nr_requests = 5;
	b->totals->subrequests[0].count = 20;
	fill(&a->samples[0].latency, 1000, 200);
	fill(&b->samples[0].latency, 2000, 200);
	add_finding(a, "coverage", VERDICT_VIOLATION);
	add_finding(b, "stuck", VERDICT_VIOLATION);
	assert_int_equal(diff_compare(&d, a, b, 10), 0);
	return d;
}

/* What B has less of is not known to be less, what it has more of is more. */
static void test_lost(void **state)
{
	struct diff_side *a = side(), *b = side();
	struct diff d = compare_lossy(a, b, 0, 1);

	(void)state;
	assert_int_equal(find(&d, "requests")->verdict, DIFF_UNKNOWN);
	assert_string_equal(diff_value(find(&d, "requests"), false).s, "10");
	assert_string_equal(diff_value(find(&d, "requests"), true).s, "5+");
	assert_string_equal(diff_change(find(&d, "requests")).s, "");
	assert_int_equal(find(&d, "read: subrequests")->verdict, DIFF_DIFFERS);
	assert_string_equal(diff_value(find(&d, "read: subrequests"), true).s, "20+");
	assert_int_equal(find(&d, "read: bytes per subrequest")->verdict, DIFF_UNKNOWN);
	assert_string_equal(diff_value(find(&d, "read: bytes per subrequest"), true).s,
			    "51.2 KiB?");
	/* one sample more changes no distribution; and only B's finding is one that A has not */
	assert_int_equal(find(&d, "read: request, begin to result")->verdict, DIFF_DIFFERS);
	assert_int_equal(d.nr_only, 2);
	for (unsigned int i = 0; i < d.nr_only; i++)
		assert_int_equal(d.only[i].matters, d.only[i].in_b);
	assert_int_equal(d.differences, 3);
	diff_release(&d);
	diff_side_free(a);
	diff_side_free(b);
}

/* Both, or more than there are samples: then nothing is certain. */
static void test_much_lost(void **state)
{
	struct diff_side *a = side(), *b = side();
	struct diff d = compare_lossy(a, b, 1, 1000);

	(void)state;
	assert_int_equal(find(&d, "read: subrequests")->verdict, DIFF_UNKNOWN);
	assert_int_equal(find(&d, "read: request, begin to result")->verdict, DIFF_UNKNOWN);
	assert_int_equal(d.differences, 0);
	diff_release(&d);
	diff_side_free(a);
	diff_side_free(b);
}

/* ---- tests ---- */

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void remove_dir(const char *dir)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	assert_int_equal(system(command), 0);
}

/* As version 1 of run.json had it: "run" is "repeat" now. */
#define TEST(name, run, result, findings, requests, retries)                                      \
	"{\"type\":\"test\",\"name\":\"" name "\",\"section\":null,\"run\":" run                  \
	",\"result\":\"" result "\",\"findings\":" findings ",\"counts\":{\"requests\":" requests \
	",\"retries\":" retries "}}"

static const struct diff_test_change *change(const struct diff *d, const char *name,
					     const char *what)
{
	for (unsigned int i = 0; i < d->nr_changes; i++)
		if (!strcmp(d->change[i].name, name) && !strcmp(d->change[i].what, what))
			return &d->change[i];
	return NULL;
}

static void test_directories(void **state)
{
	char x[] = "/tmp/netfsnoop-diff-XXXXXX", y[] = "/tmp/netfsnoop-diff-XXXXXX";
	struct diff_tests a, b;
	struct err err = {};
	struct diff d;

	(void)state;
	assert_non_null(mkdtemp(x));
	assert_non_null(mkdtemp(y));
	/* lines on one side; an array in an object, and a file each, on the other */
	write_file(x, "run.json",
		   "{\"type\":\"header\"}\n" TEST(
			   "generic/001", "1", "pass", "0", "100",
			   "0") "\n" TEST("generic/002", "1", "pass", "0", "100",
					  "5") "\n" TEST("generic/003", "1", "pass", "0", "1",
							 "0") "\n");
	write_file(y, "run.json",
		   "{\"type\":\"xfstests\",\"version\":1,\"tests\": [" TEST(
			   "generic/001", "1", "fail", "2", "105", "3") "]}");
	write_file(y, "002.json", TEST("generic/002", "1", "pass", "0", "140", "6"));
	write_file(y, "002-2.jsonl", TEST("generic/002", "2", "pass", "0", "100", "5") "\n{torn");
	write_file(y, "note.txt", TEST("generic/009", "2", "pass", "0", "100", "5"));
	assert_int_equal(diff_tests_read(&a, x, &err), 0);
	assert_int_equal(diff_tests_read(&b, y, &err), 0);
	assert_int_equal(a.nr, 3);
	assert_int_equal(b.nr, 3);
	assert_int_equal(diff_tests_compare(&d, x, &a, y, &b, 10), 0);
	assert_int_equal(d.nr_tests_both, 2);
	assert_true(change(&d, "generic/001", "result")->matters);
	assert_true(change(&d, "generic/001", "findings")->matters);
	assert_true(change(&d, "generic/001", "retries")->matters);
	assert_null(change(&d, "generic/001", "requests")); /* 5 % */
	assert_false(change(&d, "generic/002", "requests")->matters);
	assert_false(change(&d, "generic/002", "retries")->matters);
	assert_string_equal(change(&d, "generic/003", "run")->b, "no");
	assert_string_equal(change(&d, "generic/002 run 2", "run")->a, "no");
	assert_int_equal(d.differences, 5);
	diff_release(&d);
	diff_tests_release(&a);
	diff_tests_release(&b);
	remove_dir(x);
	assert_int_equal(diff_tests_read(&a, x, &err), -ENOENT);
	remove_dir(y);
	assert_int_equal(mkdir(y, 0700), 0);
	write_file(y, "other.json", "{\"a\": 1}");
	assert_int_equal(diff_tests_read(&a, y, &err), -ENOENT);
	assert_non_null(strstr(err.text, "netfsnoop xfstests"));
	remove_dir(y);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),	  cmocka_unit_test(test_moved),
		cmocka_unit_test(test_numbers),	  cmocka_unit_test(test_distributions),
		cmocka_unit_test(test_findings),  cmocka_unit_test(test_lost),
		cmocka_unit_test(test_much_lost), cmocka_unit_test(test_directories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
