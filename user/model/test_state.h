/* SPDX-License-Identifier: GPL-2.0-only */
/* What test.c and test_owner.c share. */
#ifndef NETFSNOOP_MODEL_TEST_STATE_H
#define NETFSNOOP_MODEL_TEST_STATE_H

#include "model/state.h"

/* One check that is running. */
struct runner {
	uint32_t root;
	uint32_t test; /* ordinal; 0: between tests */
	uint64_t cgroup_id;
	UT_hash_handle hh;
};

/* A process below a check. */
struct proc {
	uint32_t pid;
	uint32_t root;
	uint32_t test;		  /* in which it was made; of check itself: that of its runner */
	uint64_t exit_ns;	  /* 0: it lives */
	struct proc *prev, *next; /* of those that have exited, oldest first */
	UT_hash_handle hh;
};

struct test *test_get(const struct model *m, uint32_t ordinal); /* NULL: no such */
struct proc *proc_find(const struct model *m, uint32_t pid);
struct runner *runner_find(const struct model *m, uint32_t root);
/* The test that this process works for; 0: none. */
uint32_t test_of_proc(const struct model *m, const struct proc *p);

#endif
