/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `watch` tells of beside findings, and what saves a flight recorder's window: what took
 * long, what failed, and reconnects.
 */
#ifndef NETFSNOOP_VIEW_TRIGGER_H
#define NETFSNOOP_VIEW_TRIGGER_H

#include "model/why.h"

enum trigger_on {
	ON_SLOWER = 1,	  /* a request, or a command of no request, took slower_ns or more */
	ON_ERROR = 2,	  /* a request or a part of it ended with an error, or a command failed */
	ON_RECONNECT = 4, /* a connection is made anew */
	ON_FINDING = 8,	  /* a check found something: the engine tells, nothing here */
};

struct trigger_options {
	unsigned int on; /* enum trigger_on, or'ed */
	uint64_t slower_ns;
};

/* One of request, command and reconnect; valid while the model hands that on. */
struct trigger {
	unsigned int on;    /* why: those of the options that fit */
	uint64_t began_ns;  /* stream time */
	uint64_t took_ns;   /* 0: not known */
	bool open, partial; /* took_ns and counting; took_ns at least, as it ran before the start */
	int32_t error;	    /* of a request: its own, or of a subrequest; 0: none */
	const struct request *request;
	const struct command *command;
	const struct ev_reconnect *reconnect;
};

/* "error,reconnect,finding" into *ret_on; -EINVAL */
int trigger_parse(const char *names, unsigned int *ret_on);

/* Is it one? Filters are the caller's to ask. Time is that of m's stream. */
bool trigger_of_request(const struct trigger_options *o, const struct model *m,
			const struct request *r, struct trigger *ret);
bool trigger_of_command(const struct trigger_options *o, const struct model *m,
			const struct command *c, struct trigger *ret);
bool trigger_of_event(const struct trigger_options *o, const struct model *m,
		      const struct ev_hdr *ev, struct trigger *ret);

/* ---- telling ---- */

/* A line, and one that says why for a slow request (why may be NULL). 0 or -errno. */
int trigger_print(FILE *out, const struct model *m, const struct why *why, const struct trigger *t);
/* The line that docs/json.md has for the request, command or moment, with "on" and more. */
int trigger_print_json(FILE *out, const struct model *m, const struct why *why,
		       const struct trigger *t);

struct trigger_brief {
	char s[160]; /* "slower: R=0000002a took 1.23 s" */
};
struct trigger_brief trigger_brief(const struct trigger *t);

#endif
