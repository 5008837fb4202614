// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/json_parse.h"
#include "view/text/diff_tests.h"

#define MAX_FILE  (64u << 20)
#define MAX_TESTS 100000
#define MAX_DEPTH 4 /* of objects in objects: tests are not deeper */

/* ---- reading ---- */

static void text_of(char *to, size_t room, const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	snprintf(to, room, "%s", s ? s : "");
}

static uint64_t number_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_array(v))
		return json_array_size(v);
	return json_is_integer(v) && json_integer_value(v) >= 0 ? (uint64_t)json_integer_value(v)
								: UINT64_MAX;
}

static void name_test(struct diff_test *t, const json_t *o)
{
	char name[64], section[32];
	uint64_t repeat = number_of(o, "repeat");

	text_of(name, sizeof(name), o, "name");
	text_of(section, sizeof(section), o, "section");
	snprintf(t->name, sizeof(t->name), "%s%s%s", section, *section ? " " : "", name);
	if (repeat == UINT64_MAX)
		repeat = number_of(o, "run"); /* version 1 of run.json */
	if (repeat > 1 && repeat != UINT64_MAX)
		snprintf(t->name + strlen(t->name), sizeof(t->name) - strlen(t->name),
			 " run %" PRIu64, repeat);
}

static int add_test(struct diff_tests *list, const json_t *o)
{
	const json_t *counts = json_object_get(o, "counts");
	struct diff_test *t;

	if (list->nr == MAX_TESTS)
		return -E2BIG;
	if (!(list->nr & (list->nr - 1))) { /* full at each power of two */
		t = reallocarray(list->test, list->nr ? 2 * list->nr : 1, sizeof(*t));
		if (!t)
			return -ENOMEM;
		list->test = t;
	}
	t = &list->test[list->nr++];
	*t = (struct diff_test){};
	name_test(t, o);
	text_of(t->result, sizeof(t->result), o, "result");
	text_of(t->verdict, sizeof(t->verdict), o, "verdict");
	t->findings = number_of(o, "findings");
	t->requests = number_of(counts ? counts : o, "requests");
	t->retries = number_of(counts ? counts : o, "retries");
	t->slowest_ns = number_of(json_object_get(o, "slowest"), "latency_ns");
	return 0;
}

static int take_value(struct diff_tests *list, const json_t *v, int depth)
{
	const char *type = json_string_value(json_object_get(v, "type"));
	const json_t *item;
	const char *key;
	size_t i;
	int rc;

	if (type && !strcmp(type, "test"))
		return add_test(list, v);
	if (depth == MAX_DEPTH)
		return 0;
	json_array_foreach (v, i, item) {
		rc = take_value(list, item, depth + 1);
		if (rc)
			return rc;
	}
	json_object_foreach ((json_t *)v, key, item) {
		rc = take_value(list, item, depth + 1);
		if (rc)
			return rc;
	}
	return 0;
}

/* One value, or one per line; what is no JSON any more ends it. */
static int take_text(struct diff_tests *list, const char *text, size_t size)
{
	size_t end;
	json_t *v;
	int rc = 0;

	while (!rc && size) {
		rc = json_parse(text, size, JSON_DISABLE_EOF_CHECK, &v, &end);
		if (rc)
			return rc == -EBADMSG ? 0 : rc;
		rc = take_value(list, v, 0);
		json_decref(v);
		text += end;
		size -= end;
	}
	return rc;
}

static bool is_json(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcmp(dot, ".json") || !strcmp(dot, ".jsonl"));
}

static int take_file(struct diff_tests *list, const char *dir, const char *name)
{
	__autofree char *path = NULL, *text = NULL;
	size_t size;
	int rc;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return -ENOMEM;
	rc = file_read(path, MAX_FILE, &text, &size);
	if (rc)
		return rc;
	return take_text(list, text, size);
}

static int by_name(const void *a, const void *b)
{
	const struct diff_test *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* The same test in two files, of a whole run and by itself, is one. */
static void unite(struct diff_tests *t)
{
	size_t n = 0;

	if (!t->nr)
		return;
	qsort(t->test, t->nr, sizeof(*t->test), by_name);
	for (size_t i = 1; i < t->nr; i++)
		if (strcmp(t->test[i].name, t->test[n].name))
			t->test[++n] = t->test[i];
	t->nr = n + 1;
}

int diff_tests_read(struct diff_tests *ret_t, const char *path, struct err *err)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	int rc = 0;

	*ret_t = (struct diff_tests){};
	if (!d)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	while (!rc && (e = readdir(d)))
		if (is_json(e->d_name))
			rc = take_file(ret_t, path, e->d_name);
	closedir(d);
	if (rc)
		return err_set(err, rc, "%s: %s", path, strerror(-rc));
	unite(ret_t);
	if (ret_t->nr)
		return 0;
	return err_set(
		err, -ENOENT,
		"%s holds no results of tests; name a directory that `netfsnoop xfstests -o` made",
		path);
}

void diff_tests_release(struct diff_tests *t)
{
	free(t->test);
	*t = (struct diff_tests){};
}

/* ---- comparing ---- */

static struct diff_test_change *change(struct diff *d, const char *name, const char *what,
				       bool matters)
{
	struct diff_test_change *c = reallocarray(d->change, d->nr_changes + 1, sizeof(*d->change));

	if (!c)
		return NULL;
	d->change = c;
	c += d->nr_changes++;
	*c = (struct diff_test_change){ .matters = matters };
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(c->what, sizeof(c->what), "%s", what);
	d->differences += matters;
	return c;
}

static int texts(struct diff *d, const char *name, const char *what, const char *a, const char *b)
{
	struct diff_test_change *c;

	if (!strcmp(a, b))
		return 0;
	c = change(d, name, what, true);
	if (!c)
		return -ENOMEM;
	snprintf(c->a, sizeof(c->a), "%s", *a ? a : "-");
	snprintf(c->b, sizeof(c->b), "%s", *b ? b : "-");
	return 0;
}

static void put_number(char *to, size_t room, uint64_t v, bool time)
{
	if (time)
		snprintf(to, room, "%s", fmt_ns(v).s);
	else
		snprintf(to, room, "%" PRIu64, v);
}

static int numbers(struct diff *d, const char *name, const char *what, uint64_t a, uint64_t b,
		   bool time, bool matters)
{
	struct diff_test_change *c = change(d, name, what, matters);

	if (!c)
		return -ENOMEM;
	put_number(c->a, sizeof(c->a), a, time);
	put_number(c->b, sizeof(c->b), b, time);
	return 0;
}

static bool both(uint64_t a, uint64_t b)
{
	return a != UINT64_MAX && b != UINT64_MAX && a != b;
}

static double times(uint64_t a, uint64_t b)
{
	double most = a > b ? a : b, least = a > b ? b : a;

	return least ? most / least : INFINITY;
}

/* Counts of one run each; the slowest request of a test is luck unless it is far off. */
static int compare_test(struct diff *d, const struct diff_test *a, const struct diff_test *b)
{
	int rc = texts(d, a->name, "result", a->result, b->result);

	if (!rc)
		rc = texts(d, a->name, "verdict", a->verdict, b->verdict);
	if (!rc && both(a->findings, b->findings))
		rc = numbers(d, a->name, "findings", a->findings, b->findings, false, true);
	if (!rc && both(a->retries, b->retries))
		rc = numbers(d, a->name, "retries", a->retries, b->retries, false,
			     !a->retries || !b->retries);
	if (!rc && both(a->requests, b->requests) &&
	    diff_moved(a->requests, b->requests, d->percent))
		rc = numbers(d, a->name, "requests", a->requests, b->requests, false,
			     times(a->requests, b->requests) >= 2);
	if (!rc && both(a->slowest_ns, b->slowest_ns) && times(a->slowest_ns, b->slowest_ns) >= 4)
		rc = numbers(d, a->name, "slowest request", a->slowest_ns, b->slowest_ns, true,
			     false);
	return rc;
}

int diff_tests_compare(struct diff *ret_d, const char *path_a, const struct diff_tests *a,
		       const char *path_b, const struct diff_tests *b, double percent)
{
	struct diff *d = ret_d;
	size_t i = 0, j = 0;
	int rc = 0;

	*d = (struct diff){ .path_a = path_a, .path_b = path_b, .percent = percent };
	d->nr_tests_a = a->nr;
	d->nr_tests_b = b->nr;
	while (!rc && (i < a->nr || j < b->nr)) {
		int order = i == a->nr	 ? 1
			    : j == b->nr ? -1
					 : strcmp(a->test[i].name, b->test[j].name);

		if (order < 0) {
			rc = texts(d, a->test[i++].name, "run", "yes", "no");
		} else if (order > 0) {
			rc = texts(d, b->test[j++].name, "run", "no", "yes");
		} else {
			d->nr_tests_both++;
			rc = compare_test(d, &a->test[i++], &b->test[j++]);
		}
	}
	return rc;
}
