/* SPDX-License-Identifier: GPL-2.0-only */
/* A plan: which faults are shown to which requests. Its grammar is docs/provoke.md. */
#ifndef NETFSNOOP_PROVOKE_PLAN_H
#define NETFSNOOP_PROVOKE_PLAN_H

#include "base/base.h"
#include "provoke/wire.h"

enum fault_id {
#define FAULT(id, name, slot, commands, argument, options, sentence) FAULT_##id,
#include "provoke/faults.def"
#undef FAULT
	FAULTS, /* how many there are */
};

/* What a fault changes: a request can meet one of each. */
enum slot {
	SLOT_BODY,
	SLOT_READ_SIZE,
	SLOT_WRITE_SIZE,
	SLOT_TRANSACT_SIZE,
	SLOT_CREDITS,
	SLOT_TIME,
	SLOT_LINK,
	SLOTS, /* how many there are */
};

enum where { CUT_NOT, CUT_BEFORE, CUT_WITHIN, CUT_AFTER };

enum forgets { FORGETS_NOTHING, FORGETS_THE_HANDLE, FORGETS_THE_TREE, FORGETS_THE_SESSION };

struct status_info {
	const char *name; /* without STATUS_ */
	uint32_t value;
	uint32_t commands; /* a bit for each that may be answered so */
	enum forgets forgets;
};

struct fault {
	enum fault_id id;
	const struct status_info *status;
	uint64_t value;	    /* bytes, percent, credits or ns: the argument */
	bool percent;	    /* value is one */
	bool fewer;	    /* grant: than the request charged */
	enum where where;   /* cut */
	bool reset;	    /* cut: by RST */
	uint64_t refuse_ns; /* cut: no new connection for this long */
	uint64_t times;	    /* grant: this many responses of the connection */
	uint64_t keep;	    /* grant, ceiling: credits that the client keeps */
	uint64_t late_ns;   /* pending: the final response's */
	uint64_t behind;    /* reorder: this many others */
};

/* An inclusive range. */
struct range {
	uint64_t from, to;
};

struct rule {
	unsigned int line;
	uint32_t commands; /* a bit for each */
	bool any;	   /* "any": also what cannot be seen, in sealed messages */
	struct range offset, size, connection, session; /* requests that fit these are counted */
	struct range nth;				/* of those, from 1 */
	uint64_t every;					/* 0, 1: each */
	uint64_t share_ppm;				/* of a million */
	uint64_t times;					/* at most */
	bool positions; /* offset or size was given: only READ and WRITE have these */
	struct fault fault;
	/* of the run */
	uint64_t counted, chosen, done;
};

struct fault_plan {
	char *name; /* of its file */
	uint64_t seed;
	struct rule *rules;
	size_t nr;
};

/*
 * Parses the text of a plan. name is for messages. -EINVAL with err naming the line; -ENOMEM.
 * The caller frees it with fault_plan_free().
 */
int fault_plan_parse(struct fault_plan *p, const char *name, const char *text, struct err *err);
/* The same of a file; also -errno of reading it. */
int fault_plan_read(struct fault_plan *p, const char *path, struct err *err);
void fault_plan_free(struct fault_plan *p);

struct fault_info {
	const char *name, *sentence;
	enum slot slot;
	uint32_t commands;
	int argument; /* of plan_word.c */
	unsigned int options;
};

extern const struct fault_info fault_infos[FAULTS];

/* "READ"; "?" of a number that is none. */
const char *command_name(unsigned int command);
const struct status_info *
status_find(const char *name); /* with or without STATUS_; NULL: unknown */

#endif
