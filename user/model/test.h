/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of an xfstests run, as objects of the stream: from the start mark that check writes to the
 * kernel log to the next one, or to the end of check.
 */
#ifndef NETFSNOOP_MODEL_TEST_H
#define NETFSNOOP_MODEL_TEST_H

#include "base/base.h"
#include "bpf/event.h"

struct model;

/* How it is known that something belongs to a test. */
enum claim {
	CLAIM_NONE = 0,	     /* to no test */
	CLAIM_PROCESS = 1,   /* a process below check, or the request or command of one */
	CLAIM_TIME = 2,	     /* kernel threads: no other test ran, and nobody else was at work */
	CLAIM_AMBIGUOUS = 3, /* several could have caused it: counted for none */
};

struct test {
	uint32_t ordinal; /* of all start marks of the stream, from 1 */
	uint32_t repeat;  /* of those of this name, from 1 */
	char name[EV_TEST_LEN];
	uint32_t root;			   /* tgid of check; 0: unknown */
	uint32_t pid;			   /* of the script; 0: not seen */
	uint64_t mark_ns;		   /* start mark: setup begins */
	uint64_t script_ns, script_end_ns; /* exec and exit: the body; 0: not seen */
	uint64_t end_ns;		   /* next mark or exit of check: post ends; 0: still on */
	int32_t status; /* of the script, as wait(2) has it, once script_end_ns */
	uint64_t scope; /* cgroup of the script, if it is not check's; 0: none */
	bool shared;	/* another test was on at the same time */
	bool over;	/* handed on: the numbers below are final */
	/* what check said, where a recorder has read it */
	bool judged;
	enum ev_outcome outcome;
	char *reason, *section, *result_dir;
	/* events of probes: those it owns, by how, and those of its time, whoever owns them */
	uint64_t events, by_time, ambiguous, in_window;
	uint32_t *window_by_probe; /* in_window, by probe id */
	uint32_t nr_window_probes;
	uint64_t requests, partial, read_bytes, written_bytes, errors, retries;
	uint64_t commands, command_errors;
	uint64_t credit_waits, credit_wait_ns; /* longer than CREDIT_WAIT_NS */
	uint64_t lost;			       /* records, in its time */
	bool lost_at_least;		       /* or more than these, or an unknown number */
	struct {
		uint32_t epoch, rreq;
		bool synth;
		uint64_t ns; /* to the caller's results; 0: there was none */
	} slowest;
	uint64_t open;	/* its requests that are not over */
	uint32_t alive; /* processes that were made in it, check itself aside */
};

#define CREDIT_WAIT_NS 1000000 /* what takes less is no wait but the time of the call */

const char *outcome_name(enum ev_outcome o); /* "pass", "not run", ... */

/* NULL: no such. Valid until the model is freed. */
const struct test *model_test(const struct model *m, uint32_t ordinal);
uint32_t model_nr_tests(const struct model *m);
/* Does this mark begin a test? The others are of kdevops, about the run. */
bool test_begins(const char *mark);
/* Does "generic/306" or "generic/306#2" name it? */
bool test_is(const struct test *t, const char *wanted);
/* The only test that was on at that stream time; 0: none, or several. */
uint32_t model_test_at(const struct model *m, uint64_t ns);
/* Of the event that the listeners are told of now. */
uint32_t model_event_test(const struct model *m, enum claim *ret_claim);
/* Events of no test while tests were on: another's, and those that could be of several. */
uint64_t model_events_outside(const struct model *m);
uint64_t model_events_ambiguous(const struct model *m);
/* Is this an event of a probe of netfs or cifs, that tests are counted in? */
static inline bool event_counts(const struct ev_hdr *ev)
{
	const uint64_t names = 1 << EV_PROC | 1 << EV_TEST | 1 << EV_PATH;

	return ev->kind < EV_META && ev->kind >= EV_CONN &&
	       (ev->kind > EV_PATH || !(names >> ev->kind & 1));
}

#endif
