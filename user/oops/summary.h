/* SPDX-License-Identifier: GPL-2.0-only */
/* Many reports of one log: what repeats, and which task waits for which. */
#ifndef NETFSNOOP_OOPS_SUMMARY_H
#define NETFSNOOP_OOPS_SUMMARY_H

#include "oops/wait.h"

#define OOPS_MAX_GROUPS 256

/* Reports of one kind, task, place and stack. */
struct oops_group {
	enum oops_kind kind;
	char title[128], comm[64], first[48], last[48];
	uint32_t pid;
	char at[128];	  /* the function, "" not told */
	char meaning[32]; /* the id of what it means */
	uint64_t digest, count, first_line;
	/* of tasks that wait: strings are static, functions are copies */
	const char *what, *lock, *command;
	const char *held[OOPS_MAX_HELD];
	char function[64], holder[OOPS_MAX_HELD][64];
	size_t nr_held;
	char blocker[64]; /* as the kernel told it */
	uint32_t blocker_pid;
	bool blocker_held_last;
};

struct oops_summary {
	struct oops_group group[OOPS_MAX_GROUPS];
	size_t nr;
	uint64_t reports, more; /* of groups that had no room */
	uint64_t aside;		/* stacks that are nobody's here: sysrq-t shows all tasks */
};

/* Whether it is a stack that says nothing of netfs or cifs, where others do. */
bool oops_summary_is_aside(const struct oops_summary *s, const struct oops *o);
/* Counts the report; returns its group, NULL if there is no room for another, or it is a stack aside. */
struct oops_group *oops_summary_add(struct oops_summary *s, const struct oops *o);
/* Whether the report is one of a group that had one before (by first_line). */
const struct oops_group *oops_summary_of(const struct oops_summary *s, const struct oops *o);

/* What task i of the summary says of others: lines for a reader, "" nothing. */
void oops_summary_chain(const struct oops_summary *s, size_t i, char *ret, size_t room);

#endif
