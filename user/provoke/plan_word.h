/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of a plan's line, one after the other; and what stands for values. */
#ifndef NETFSNOOP_PROVOKE_PLAN_WORD_H
#define NETFSNOOP_PROVOKE_PLAN_WORD_H

#include "provoke/plan.h"

enum argument {
	ARG_NONE,
	ARG_STATUS,   /* DISK_FULL */
	ARG_AMOUNT,   /* 4096, 64K, 50%, half */
	ARG_SIZE,     /* 64K */
	ARG_GRANT,    /* 0, 1, fewer */
	ARG_NUMBER,   /* 16 */
	ARG_DURATION, /* 200ms */
	ARG_WHERE,    /* before, within, after */
};

enum {
	OPTION_FOR = 1,	    /* for N: responses */
	OPTION_KEEP = 2,    /* keep N: credits */
	OPTION_LATE = 4,    /* late DURATION */
	OPTION_BEHIND = 8,  /* behind N: responses */
	OPTION_RESET = 16,  /* reset */
	OPTION_REFUSE = 32, /* refuse DURATION */
};

struct words {
	char *rest;
	struct err *err;
	const char *file;
	unsigned int line;
};

/* The next word, NUL-terminated; NULL: there is none. */
char *words_next(struct words *w);
/* -EINVAL with "FILE:LINE: " in front of the message. */
__attribute__((format(printf, 2, 3))) int words_wrong(const struct words *w, const char *fmt, ...);

/* Reads what follows the fault's name. 0 or -EINVAL, with err set. */
int words_argument(struct words *w, struct fault *f);
int words_options(struct words *w, struct fault *f);
/* The conditions of a rule, up to its end. */
int words_conditions(struct words *w, struct rule *r);

#endif
