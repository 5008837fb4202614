/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the parser's two files: which line begins a report, and what the lines of one say. */
#ifndef NETFSNOOP_OOPS_PARSE_H
#define NETFSNOOP_OOPS_PARSE_H

#include "oops/oops.h"

/* A report while it is being read. */
struct oops_draft {
	struct oops o;
	enum oops_stack stack; /* the one whose entries come now */
	char context[8];
	bool in_trace;	      /* after "Call Trace:" */
	bool regs_open;	      /* the kernel's registers may come */
	bool in_modules;      /* the line before was the list of modules: pr_cont may break it */
	bool ended;	      /* "---[ end trace" */
	unsigned int strange; /* lines in a row that are no part of it */
};

void copy_text(char *dst, size_t room, const char *from, size_t n);
/* "; "-separated */
void append_detail(struct oops *o, const char *text);
/* What follows prefix in text, without blanks; NULL if text does not begin with it. */
const char *after(const char *text, const char *prefix);
/* Whether text is an entry of a call trace. */
bool is_trace_entry(const char *text);
/* Takes what the line says. 1 it is part of the report, 0 it is not, -ENOMEM. */
int oops_body(struct oops_draft *d, const char *text);

/* Whether text begins a report of its own; then fills the draft's kind, place, ... */
bool oops_headline(struct oops_draft *d, const char *text);

#endif
