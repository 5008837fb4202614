// SPDX-License-Identifier: GPL-2.0-only
/*
 * What belongs to which test. Each event is counted for one test at most: by its process, its
 * request or command, or, of kernel threads, by its time.
 */
#include <errno.h>
#include <string.h>

#include "model/test_state.h"

#define KTHREADD_PID 2

uint32_t test_of_proc(const struct model *m, const struct proc *p)
{
	const struct runner *r = p->pid == p->root || !p->test ? runner_find(m, p->root) : NULL;

	return p->pid == p->root || !p->test ? (r ? r->test : 0) : p->test;
}

static uint32_t in_scope(const struct model *m, uint64_t cgroup_id)
{
	struct runner *r, *next;

	HASH_ITER (hh, m->runners, r, next) {
		const struct test *t = test_get(m, r->test);

		if (cgroup_id && t && t->scope == cgroup_id)
			return t->ordinal;
	}
	return 0;
}

/* Kernel threads, and threads of which nothing is known. */
static bool may_work_for_all(const struct task *t)
{
	return !t || !t->tgid || t->tgid == KTHREADD_PID || t->ppid == KTHREADD_PID || !t->ppid;
}

static const struct test *sole_test(const struct model *m)
{
	struct runner *r, *next;

	HASH_ITER (hh, m->runners, r, next)
		if (r->test)
			return test_get(m, r->test);
	return NULL;
}

/* The test that the thread of this event works for. */
static uint32_t test_claim(struct model *m, const struct ev_hdr *ev, enum claim *ret_claim)
{
	const struct proc *p = proc_find(m, ev->tgid);
	const struct task *t = model_task(m, ev->tid);
	uint32_t test = p ? test_of_proc(m, p) : in_scope(m, t ? t->cgroup_id : 0);
	const struct test *sole;

	*ret_claim = CLAIM_NONE;
	if (test) {
		*ret_claim = CLAIM_PROCESS;
		return test;
	}
	if (!m->nr_running || p)
		return 0;
	sole = sole_test(m);
	if (!may_work_for_all(t) && sole->root) {
		m->stranger_ns = ev->ts;
		return 0;
	}
	if (m->nr_running > 1 || m->stranger_ns >= sole->mark_ns) {
		*ret_claim = CLAIM_AMBIGUOUS;
		return 0;
	}
	*ret_claim = CLAIM_TIME;
	return sole->ordinal;
}

static int count_probe(struct model *m, struct test *t, uint32_t probe)
{
	if (probe >= m->rec.nr_probes)
		return 0;
	if (probe >= t->nr_window_probes) {
		size_t n = m->rec.nr_probes;
		uint32_t *more = realloc(t->window_by_probe, n * sizeof(*more));

		if (!more)
			return -ENOMEM;
		memset(more + t->nr_window_probes, 0, (n - t->nr_window_probes) * sizeof(*more));
		t->window_by_probe = more;
		t->nr_window_probes = n;
	}
	t->window_by_probe[probe]++;
	return 0;
}

static int count_window(struct model *m, const struct ev_hdr *ev)
{
	struct runner *r, *next;

	HASH_ITER (hh, m->runners, r, next) {
		struct test *t = test_get(m, r->test);
		int rc;

		if (!t)
			continue;
		t->in_window++;
		t->ambiguous += m->event_claim == CLAIM_AMBIGUOUS;
		rc = count_probe(m, t, ev->probe);
		if (rc)
			return rc;
	}
	return 0;
}

/* The wait that this event ends, if it is one; t is the thread before the event. */
static void count_wait(struct test *t, const struct task *task, const struct ev_hdr *ev)
{
	const struct ev_credit_fn_rec *fn = (const void *)ev;

	if (ev->kind != EV_CREDIT_FN || !(ev->flags & EVF_EXIT) || !task->wait_from ||
	    (fn->fn != EV_CFN_WAIT_MTU && fn->fn != EV_CFN_WAIT_FREE) ||
	    ev->ts < task->wait_from + CREDIT_WAIT_NS)
		return;
	t->credit_waits++;
	t->credit_wait_ns += ev->ts - task->wait_from;
}

int test_count(struct model *m, const struct about *a)
{
	const struct ev_hdr *ev = a->ev;
	const struct request *owner = a->r;
	const struct command *c = a->c;
	struct test *t;

	if (!ev->probe) /* names of connections: of nobody's doing */
		return 0;
	if (!m->nr_tests) {
		m->events_outside++;
		return 0;
	}
	if (owner && owner->claim) {
		m->event_test = owner->test;
		m->event_claim = owner->claim;
	} else if (c && c->claim) {
		m->event_test = c->test;
		m->event_claim = c->claim;
	} else {
		m->event_test = test_claim(m, ev, &m->event_claim);
	}
	t = test_get(m, m->event_test);
	if (t) {
		t->events++;
		t->by_time += m->event_claim == CLAIM_TIME;
		count_wait(t, a->t, ev);
	} else if (m->event_claim == CLAIM_AMBIGUOUS) {
		m->events_ambiguous++;
	} else {
		m->events_outside++;
	}
	return count_window(m, ev);
}

void test_request_begins(struct model *m, struct request *r, const struct ev_hdr *ev)
{
	struct test *t;

	if (!m->nr_tests)
		return;
	r->test = test_claim(m, ev, &r->claim);
	t = test_get(m, r->test);
	if (t)
		t->open++;
}

void test_request_ends(struct model *m, const struct request *r)
{
	struct test *t = test_get(m, r->test);
	uint64_t ns = r->done_ns > r->first_ns ? r->done_ns - r->first_ns : 0;

	if (!t)
		return;
	t->open--;
	t->requests++;
	t->partial += r->partial;
	t->errors += request_outcome(r) != 0;
	t->retries += r->retries;
	*(r->write ? &t->written_bytes : &t->read_bytes) += r->transferred;
	if (ns <= t->slowest.ns)
		return;
	t->slowest.ns = ns;
	t->slowest.epoch = r->key.epoch;
	t->slowest.rreq = r->key.rreq;
	t->slowest.synth = r->key.synth;
}

void test_command_begins(struct model *m, struct command *c, const struct ev_hdr *ev)
{
	struct request *r = c->rreq ? request_find(m, c->rreq, c->synth) : NULL;
	struct test *t;

	if (!m->nr_tests)
		return;
	if (r && r->claim) {
		c->test = r->test;
		c->claim = r->claim;
	} else {
		c->test = test_claim(m, ev, &c->claim);
	}
	t = test_get(m, c->test);
	if (t)
		t->commands++;
}

/* NTSTATUS of severity error, or never answered */
void test_command_ends(struct model *m, const struct command *c)
{
	struct test *t = test_get(m, c->test);

	bool refused = c->status >> 30 == 3 && c->status != STATUS_MORE_PROCESSING_REQUIRED;

	if (t && (c->failed || refused))
		t->command_errors++;
}
