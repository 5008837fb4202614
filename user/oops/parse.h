/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the parser's files: which line begins a report, and what the lines of one say. */
#ifndef NETFSNOOP_OOPS_PARSE_H
#define NETFSNOOP_OOPS_PARSE_H

#include <string.h>

#include "oops/oops.h"

/* What a line of lockdep's says of the next. */
enum oops_expect { EXPECT_NOTHING, EXPECT_WANTED, EXPECT_HELD, EXPECT_PLACE, EXPECT_SCENARIO };

/* A report while it is being read. */
struct oops_draft {
	struct oops o;
	enum oops_stack stack; /* the one whose entries come now */
	char context[8];
	bool in_trace;	 /* after "Call Trace:" */
	bool trace_over; /* after the </TASK> of a call trace */
	bool inlined;	 /* the place so far is a function that the compiler put into another */
	bool regs_open;	 /* the kernel's registers may come */
	bool in_modules; /* the line before was the list of modules: pr_cont may break it */
	bool dense;	 /* two frames came without a blank line between them */
	bool ended;	 /* "---[ end trace" */
	bool stamped;	 /* its first line, which then is of a log */
	enum oops_expect expect;
	size_t indent;	      /* of the line that is given to it: columns of lockdep's table */
	unsigned int strange; /* lines in a row that are no part of it */
	char heading[96];     /* one of them that announces the frames below it */
};

void copy_text(char *dst, size_t room, const char *from, size_t n);
/* "; "-separated */
void append_detail(struct oops *o, const char *text);
/* What follows prefix in text, without blanks; NULL if text does not begin with it. */
const char *after(const char *text, const char *prefix);
/* Bytes of the word at p; the word behind it. */
static inline size_t word(const char *p)
{
	return strcspn(p, " \t");
}

static inline const char *next_word(const char *p)
{
	p += word(p);
	return p + strspn(p, " \t");
}

/* Takes what the line says. 1 it is part of the report, 0 it is not, -ENOMEM. */
int oops_body(struct oops_draft *d, const char *text);
/* The same of lockdep's own lines. */
int oops_lockdep(struct oops_draft *d, const char *text);
/* The same of lines with a CPU, a taint, a task, a pool of workers and what runs and waits in it. */
int oops_cpu(struct oops_draft *d, const char *rest);
int oops_pid(struct oops_draft *d, const char *rest);
int oops_taint(struct oops_draft *d, const char *text);
int oops_task_line(struct oops_draft *d, const char *text);
int oops_pool(struct oops_draft *d, const char *rest);
/* The same of the CPU that stalls, and of the stack that an NMI brought of it. */
int oops_stalled_cpu(struct oops_draft *d, const char *rest);
int oops_nmi(struct oops_draft *d, const char *rest);
/* The same of a task's line before 5.11, "cifsd   R  running task ...", in a stall. */
int oops_take_dumped(struct oops_draft *d, const char *text);
/* "NMI backtrace for cpu N": N, or -1 */
long oops_cpu_of_nmi(const char *text);
/* Whether it is such a line of a CPU that is none of the report's. */
bool oops_is_of_other_cpu(const struct oops_draft *d, const char *text);
int oops_pool_work(struct oops_draft *d, const char *text);
/* "task:NAME state:D ... pid:N": false, it is none */
bool oops_take_task(struct oops *o, const char *text);
/* Whether a line is such a one: a task's, above its stack. */
bool oops_is_task(const char *text);
/* The same of lines with registers; they are kept while d->regs_open. */
int oops_registers(struct oops_draft *d, const char *text);
/* Another stack begins: its entries come from now on. label "" is the call trace. */
int oops_begin_stack(struct oops_draft *d, enum oops_stack stack, const char *label);

/* Whether text is a frame with an offset, as the kernel prints it. */
bool oops_frame(const char *text, struct oops_entry *e);
/* Whether only the front of one is there, addresses or a "?": a mailer broke it before its symbol. */
bool oops_frame_begins(const char *text);
/* Whether it is one as decode_stacktrace.sh, syzbot, crash or drgn print it. */
bool oops_frame_of_tool(const char *text, struct oops_entry *e);
/* Whether it is crash's line below a frame, "/usr/src/linux/fs/x.c: 585" (bt -l): e is that frame. */
bool oops_frame_source(const char *text, struct oops_entry *e);
/* Of arm32's "callee from caller+0x1/0x2": the callee. */
bool oops_frame_callee(const char *text, struct oops_entry *e);

/* Whether text begins a report of its own; then fills the draft's kind, place, ... */
bool oops_headline(struct oops_draft *d, const char *text);
/* Whether text begins a stack that no first line announced; then fills kind, task, ... */
bool oops_headless(struct oops_draft *d, const char *text);

/* Whether text, which has no stamp, is the rest of a line; stamped: whether that line had one. */
bool oops_continues(const char *whole, bool stamped, const char *text);

/* Whether it is but a first line that anybody may write: "BUG: this happens when I ..." of a mail. */
bool oops_is_prose(const struct oops_draft *d);

/* Whether a report that begins stands in the middle of d, which is not over. */
bool oops_cuts_off(const struct oops_draft *d, const char *when);
/* Whether it may: d is a hung task of which only the first lines came, and so is the next. */
bool oops_may_cut_off(const struct oops_draft *d, const struct oops_draft *next, const char *when);
/* Whether a line names another task than that of d: it is of another report. */
bool oops_is_of_another(const struct oops_draft *d, const char *text);

#endif
