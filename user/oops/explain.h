/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by what explains reports: each explain_*() says whether the report is one of its kind, and
 * then has named it and said what it means.
 */
#ifndef NETFSNOOP_OOPS_EXPLAIN_H
#define NETFSNOOP_OOPS_EXPLAIN_H

#include "oops/wait.h"

/* Appends a paragraph. */
void explain_say(struct oops_meaning *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* id: a constant. */
void explain_name(struct oops_meaning *m, const char *id, const char *title);
/* Whether the place of the report is in that function. */
bool explain_is_at(const struct oops *o, const char *symbol);
/* The innermost function of netfs or cifs on the path of calls of these stacks; NULL: none. */
const struct oops_entry *explain_first_ours(const struct oops *o, enum oops_stack stack);
/* Asked for by: who called the function where it happened. */
void explain_caller(const struct oops *o, struct oops_meaning *m);

/* Which functions in the call trace are of ksmbd, cachefiles, another user of netfs ... */
void explain_neighbours(const struct oops *o, struct oops_meaning *m);

/* Of stalls, and of what an NMI found: where the CPU was. */
bool explain_stall(const struct oops *o, struct oops_meaning *m);
bool explain_sample(const struct oops *o, struct oops_meaning *m);

bool explain_atomic(const struct oops *o, struct oops_meaning *m);
bool explain_hung(const struct oops *o, struct oops_meaning *m);
bool explain_lockdep(const struct oops *o, struct oops_meaning *m);
bool explain_race(const struct oops *o, struct oops_meaning *m);
bool explain_pool(const struct oops *o, struct oops_meaning *m);
bool explain_hog(const struct oops *o, struct oops_meaning *m);

bool explain_dentry(const struct oops *o, struct oops_meaning *m);
bool explain_slab(const struct oops *o, struct oops_meaning *m);
bool explain_cache_left(const struct oops *o, struct oops_meaning *m);
bool explain_kasan(const struct oops *o, struct oops_meaning *m);
bool explain_leak(const struct oops *o, struct oops_meaning *m);

#endif
