/* SPDX-License-Identifier: GPL-2.0-only */
/* What was done and what could not be: a line for people on standard error, and one of JSON in a log. */
#ifndef NETFSNOOP_PROVOKE_JOURNAL_H
#define NETFSNOOP_PROVOKE_JOURNAL_H

#include <jansson.h>

#include "provoke/plan.h"
#include "provoke/exchange.h"

struct journal {
	FILE *people;	  /* NULL: quiet */
	bool each;	  /* people want to see each fault, not only what else happens */
	FILE *log;	  /* NULL: none */
	const char *plan; /* for people: the name of its file */
	uint64_t done, skipped;
	unsigned int connections;
	int error; /* -errno of the first line that could not be written */
};

/* Whom a fault meets. */
struct subject {
	unsigned int connection, session; /* by number; session 0: none */
	const struct exchange *r;	  /* NULL: sealed, not to be seen */
};

/* What a fault changed: bytes, credits, ns; nothing where both are 0. */
struct change {
	uint64_t was, became;
	uint32_t status; /* NTSTATUS that was answered; 0: none */
	bool again;	 /* as what the request names was forgotten by an earlier fault */
};

/* A fault was shown; text says what the client sees. */
void journal_fault(struct journal *j, struct rule *rule, const struct subject *s,
		   const struct change *c, const char *text);
/* A rule chose the request, but the fault cannot be lawful or cannot be done: why. */
void journal_skipped(struct journal *j, const struct rule *rule, const struct subject *s,
		     const char *why);
/* Something else that happened on a connection; more, if not NULL, is taken over and merged into the line. */
void journal_event(struct journal *j, const char *type, unsigned int connection, json_t *more,
		   const char *text);
/* The end: what each rule did. */
void journal_summary(struct journal *j, const struct fault_plan *p);

#endif
