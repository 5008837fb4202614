// SPDX-License-Identifier: GPL-2.0-only
/* Tests: where they begin and end, by the marks of check and the processes below it. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "event/kinds.h"
#include "model/test_state.h"

#define MARK	   "run fstests "
#define HAND_ON_NS (600 * 1000000ULL)	/* requests retire and findings settle before */
#define GIVE_UP_NS (10 * 1000000000ULL) /* for requests and processes that never end */
#define FORGET_NS  (1000 * 1000000ULL)	/* a process, after its exit */

const char *outcome_name(enum ev_outcome o)
{
	static const char *const names[] = {
		[EV_TEST_UNFINISHED] = "unfinished",
		[EV_TEST_PASS] = "pass",
		[EV_TEST_FAIL] = "fail",
		[EV_TEST_NOTRUN] = "not run",
		[EV_TEST_DMESG] = "dmesg",
		[EV_TEST_KILLED] = "killed",
		[EV_TEST_UNKNOWN] = "unknown",
	};

	return o < ARRAY_SIZE(names) ? names[o] : "?";
}

struct test *test_get(const struct model *m, uint32_t ordinal)
{
	return ordinal && ordinal <= m->nr_tests ? m->tests[ordinal - 1] : NULL;
}

const struct test *model_test(const struct model *m, uint32_t ordinal)
{
	return test_get(m, ordinal);
}

uint32_t model_nr_tests(const struct model *m)
{
	return m->nr_tests;
}

bool test_is(const struct test *t, const char *wanted)
{
	size_t len = strlen(t->name);
	char *end;

	if (strncmp(t->name, wanted, len))
		return false;
	if (!wanted[len])
		return true;
	return wanted[len] == '#' && strtoul(wanted + len + 1, &end, 10) == t->repeat && !*end;
}

uint32_t model_test_at(const struct model *m, uint64_t ns)
{
	uint32_t found = 0;

	for (uint32_t i = m->nr_tests; i; i--) {
		const struct test *t = m->tests[i - 1];

		if (t->mark_ns > ns || (t->end_ns && t->end_ns <= ns))
			continue;
		if (found)
			return 0;
		found = i;
		if (!t->shared)
			break;
	}
	return found;
}

uint32_t model_event_test(const struct model *m, enum claim *ret_claim)
{
	if (ret_claim)
		*ret_claim = m->event_claim;
	return m->event_test;
}

uint64_t model_events_outside(const struct model *m)
{
	return m->events_outside;
}

uint64_t model_events_ambiguous(const struct model *m)
{
	return m->events_ambiguous;
}

/* ---- processes ---- */

struct proc *proc_find(const struct model *m, uint32_t pid)
{
	struct proc *p;

	HASH_FIND(hh, m->procs, &pid, sizeof(pid), p);
	return p;
}

static struct proc *proc_get(struct model *m, uint32_t pid)
{
	struct proc *p = proc_find(m, pid);

	if (p) { /* the number is used again */
		if (p->exit_ns)
			DL_DELETE(m->exited, p);
		p->exit_ns = 0;
		return p;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pid = pid;
	if (!hash_add(hh, m->procs, pid, sizeof(p->pid), p))
		return p;
	free(p);
	return NULL;
}

static void forget_exited(struct model *m)
{
	while (m->exited && m->exited->exit_ns + FORGET_NS <= m->rec.now_ns) {
		struct proc *p = m->exited;

		DL_DELETE(m->exited, p);
		HASH_DEL(m->procs, p);
		free(p);
	}
}

/* ---- runners ---- */

struct runner *runner_find(const struct model *m, uint32_t root)
{
	struct runner *r;

	HASH_FIND(hh, m->runners, &root, sizeof(root), r);
	return r;
}

static struct runner *runner_get(struct model *m, uint32_t root)
{
	struct runner *r = runner_find(m, root);
	struct proc *p;

	if (r)
		return r;
	r = calloc(1, sizeof(*r));
	p = r && root ? proc_get(m, root) : NULL;
	if (!r || (root && !p)) {
		free(r);
		return NULL;
	}
	r->root = root;
	if (hash_add(hh, m->runners, root, sizeof(r->root), r)) {
		free(r);
		return NULL;
	}
	if (p)
		p->root = root;
	return r;
}

static void end_test(struct model *m, struct runner *r, uint64_t ts)
{
	struct test *t = test_get(m, r->test);

	r->test = 0;
	if (!t)
		return;
	t->end_ns = ts;
	m->nr_running--;
}

static void end_all(struct model *m, uint64_t ts)
{
	struct runner *r, *next;

	HASH_ITER (hh, m->runners, r, next)
		end_test(m, r, ts);
}

/* ---- marks ---- */

/* "run fstests generic/306 at 2026-11-22 20:07:16\n" */
static void name_of(char *dst, size_t room, const char *text)
{
	const char *name = text + strlen(MARK), *at = NULL;
	size_t len = strcspn(name, "\n");

	for (const char *p = name; (p = strstr(p, " at ")); p++)
		at = p;
	if (at && at < name + len)
		len = at - name;
	snprintf(dst, room, "%.*s", (int)len, name);
}

static struct test *test_new(struct model *m, uint64_t ts)
{
	struct test **more, *t;

	if (!(m->nr_tests & (m->nr_tests + 1))) { /* 0, 1, 3, 7, ...: room for as many again */
		more = realloc(m->tests, 2 * (m->nr_tests + 1) * sizeof(*more));
		if (!more)
			return NULL;
		m->tests = more;
	}
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	m->tests[m->nr_tests++] = t;
	t->ordinal = m->nr_tests;
	t->mark_ns = ts;
	return t;
}

static uint32_t count_repeats(const struct model *m, const struct test *t)
{
	uint32_t n = 1;

	for (uint32_t i = 0; i + 1 < t->ordinal; i++)
		n += !strcmp(m->tests[i]->name, t->name);
	return n;
}

static void note_sharing(struct model *m)
{
	struct runner *r, *next;

	if (m->nr_running < 2)
		return;
	HASH_ITER (hh, m->runners, r, next)
		if (r->test)
			test_get(m, r->test)->shared = true;
}

static bool is_mark(const char *text)
{
	return !strncmp(text, MARK, strlen(MARK));
}

bool test_begins(const char *mark)
{
	const char *name = mark + strlen(MARK);

	return is_mark(mark) && strncmp(name, "fstestsstart/", 13) &&
	       strncmp(name, "fstestsdone/", 12);
}

static int on_mark(struct model *m, const struct ev_test *ev)
{
	char name[EV_TEST_LEN];
	struct runner *r;
	struct test *t;

	if (!is_mark(ev->text))
		return 0;
	name_of(name, sizeof(name), ev->text);
	/* without processes, or with some of their records lost, only a mark ends a test */
	if (!ev->root || m->procs_lost)
		end_all(m, ev->hdr.ts);
	if (!test_begins(ev->text))
		return 0;
	r = runner_get(m, ev->root);
	if (!r)
		return -ENOMEM;
	end_test(m, r, ev->hdr.ts);
	t = test_new(m, ev->hdr.ts);
	if (!t)
		return -ENOMEM;
	memcpy(t->name, name, sizeof(t->name));
	t->root = ev->root;
	t->repeat = count_repeats(m, t);
	r->test = t->ordinal;
	m->nr_running++;
	note_sharing(m);
	return 0;
}

/* ---- fork, exec, exit ---- */

static int on_fork(struct model *m, const struct ev_proc *ev)
{
	const struct proc *parent = proc_find(m, ev->hdr.tgid);
	uint32_t test = parent ? test_of_proc(m, parent) : 0;
	struct runner *r = runner_get(m, ev->root);
	struct proc *p = r ? proc_get(m, ev->pid) : NULL;

	if (!p)
		return -ENOMEM;
	if (!r->cgroup_id && ev->hdr.tgid == ev->root)
		r->cgroup_id = ev->cgroup_id;
	p->root = ev->root;
	p->test = parent ? test : r->test;
	if (test_get(m, p->test))
		test_get(m, p->test)->alive++;
	return 0;
}

/* The kernel names a process after its file: that of generic/306 is "306". */
static bool runs_script(const struct test *t, const struct ev_proc *ev)
{
	const char *slash = strrchr(t->name, '/');
	const char *base = slash ? slash + 1 : t->name;

	return !strncmp(base, ev->comm, EV_COMM_LEN - 1);
}

static int on_exec(struct model *m, const struct ev_proc *ev)
{
	struct runner *r = runner_get(m, ev->root);
	struct test *t = r ? test_get(m, r->test) : NULL;

	if (!r)
		return -ENOMEM;
	if (!t || t->script_ns || !runs_script(t, ev))
		return 0;
	t->pid = ev->pid;
	t->script_ns = ev->hdr.ts;
	t->scope = ev->cgroup_id != r->cgroup_id ? ev->cgroup_id : 0;
	return 0;
}

static void end_script(struct model *m, const struct ev_proc *ev)
{
	const struct runner *r = runner_find(m, ev->root);
	struct test *t = r ? test_get(m, r->test) : NULL;

	if (!t || t->pid != ev->pid || !t->script_ns || t->script_end_ns)
		return;
	t->script_end_ns = ev->hdr.ts;
	t->status = ev->status;
}

static void on_proc_exit(struct model *m, const struct ev_proc *ev)
{
	struct runner *r = runner_find(m, ev->root);
	struct proc *p = proc_find(m, ev->pid);

	end_script(m, ev);
	if (r && ev->pid == ev->root) {
		end_test(m, r, ev->hdr.ts);
		HASH_DEL(m->runners, r);
		free(r);
	}
	if (!p || p->exit_ns)
		return;
	p->exit_ns = ev->hdr.ts;
	if (test_get(m, p->test))
		test_get(m, p->test)->alive--;
	DL_APPEND(m->exited, p);
}

static int on_proc(struct model *m, const struct ev_proc *ev)
{
	switch (ev->event) {
	case EV_PROC_FORK:
		return on_fork(m, ev);
	case EV_PROC_EXEC:
		return on_exec(m, ev);
	case EV_PROC_EXIT:
		on_proc_exit(m, ev);
		return 0;
	default:
		return 0;
	}
}

/* ---- what the recorder says ---- */

static int on_env(struct model *m, const struct ev_test_env *ev)
{
	struct test *t = NULL;

	for (uint32_t i = m->nr_tests; i && !t; i--)
		if (m->tests[i - 1]->pid == ev->pid)
			t = m->tests[i - 1];
	for (unsigned int n = 0; t && *ev_text(&ev->hdr, n); n++) {
		const char *pair = ev_text(&ev->hdr, n);

		if (!strncmp(pair, "RESULT_DIR=", 11))
			return set_text(&t->result_dir, pair + 11);
	}
	return 0;
}

static int on_result(struct model *m, const struct ev_test_result *ev)
{
	struct test *t =
		test_get(m, ev->ordinal > m->tests_before ? ev->ordinal - m->tests_before : 0);

	if (!t)
		return 0;
	t->judged = true;
	t->outcome = ev->outcome;
	if (set_text(&t->reason, ev_text(&ev->hdr, 0)) ||
	    set_text(&t->section, ev_text(&ev->hdr, 1)))
		return -ENOMEM;
	return *ev_text(&ev->hdr, 2) ? set_text(&t->result_dir, ev_text(&ev->hdr, 2)) : 0;
}

/* A loss stands in the stream where its span begins; tests of before may be concerned. */
static void on_lost(struct model *m, const struct ev_lost *ev)
{
	const struct probe_info *p = model_probe(m, ev->hdr.probe);

	if (p && !strncmp(p->name, "test_", 5))
		m->procs_lost = true;
	for (uint32_t i = m->nr_tests; i; i--) {
		struct test *t = m->tests[i - 1];

		if (t->over)
			break;
		if (t->mark_ns > ev->to || (t->end_ns && t->end_ns < ev->from))
			continue;
		t->lost += ev->count;
		t->lost_at_least |= lost_is_least(ev);
	}
}

int test_event(struct model *m, const struct ev_hdr *ev)
{
	switch (ev->kind) {
	case EV_TEST:
	case EV_TEST_LINE:
		return on_mark(m, (const void *)ev);
	case EV_PROC:
		return on_proc(m, (const void *)ev);
	case EV_TEST_ENV:
		return on_env(m, (const void *)ev);
	case EV_TEST_RESULT:
		return on_result(m, (const void *)ev);
	case EV_LOST:
		on_lost(m, (const void *)ev);
		return 0;
	default:
		return 0;
	}
}

/* ---- the end ---- */

static int hand_on(struct model *m, struct test *t)
{
	int rc = 0;

	t->over = true;
	for (int i = 0; !rc && i < m->nr_listeners; i++)
		if (m->listener[i]->test)
			rc = m->listener[i]->test(m->listener[i]->ctx, t);
	return rc;
}

static bool due(const struct test *t, uint64_t now)
{
	return t->end_ns && now >= t->end_ns + (t->open || t->alive ? GIVE_UP_NS : HAND_ON_NS);
}

int test_retire(struct model *m)
{
	int rc = 0;

	forget_exited(m);
	while (!rc && m->nr_tests_over < m->nr_tests &&
	       due(m->tests[m->nr_tests_over], m->rec.now_ns))
		rc = hand_on(m, m->tests[m->nr_tests_over++]);
	return rc;
}

int test_retire_all(struct model *m)
{
	int rc = 0;

	while (!rc && m->nr_tests_over < m->nr_tests)
		rc = hand_on(m, m->tests[m->nr_tests_over++]);
	return rc;
}

void test_free_all(struct model *m)
{
	struct runner *r, *r2;
	struct proc *p, *p2;

	HASH_ITER (hh, m->runners, r, r2) {
		HASH_DEL(m->runners, r);
		free(r);
	}
	HASH_ITER (hh, m->procs, p, p2) {
		HASH_DEL(m->procs, p);
		free(p);
	}
	for (uint32_t i = 0; i < m->nr_tests; i++) {
		free(m->tests[i]->window_by_probe);
		free(m->tests[i]->reason);
		free(m->tests[i]->section);
		free(m->tests[i]->result_dir);
		free(m->tests[i]);
	}
	free(m->tests);
}
