/* SPDX-License-Identifier: GPL-2.0-only */
/* One line of ftrace text, as trace, trace_pipe, a dump in the kernel log, trace-cmd report and perf
 * script print them. */
#ifndef NETFSNOOP_IMPORT_LINE_H
#define NETFSNOOP_IMPORT_LINE_H

#include "bpf/event.h"
#include "base/base.h"

enum line_kind {
	LINE_NONE,    /* no event */
	LINE_EVENT,   /* one of ours; probe says which */
	LINE_OTHER,   /* an event of somebody else */
	LINE_LOST,    /* "CPU:2 [LOST 17 EVENTS]": cpu, which may be EV_ANY_CPU, and count */
	LINE_BUFFER,  /* "##### CPU 2 buffer started ####": cpu */
	LINE_ENTRIES, /* "# entries-in-buffer/entries-written: 10/17": kept, written */
	LINE_RAW,     /* one of ours, with numbers only: perf trace */
	LINE_SWITCH,  /* "1) cat-412 => cifsd-33": who runs on cpu from here on */
};

#define LINE_INSTANCE_LEN 32

struct line {
	enum line_kind kind;
	char instance[LINE_INSTANCE_LEN]; /* of ftrace, or file of grep, in front of it; "" none */
	uint16_t probe;
	char comm[EV_COMM_LEN];
	bool has_comm, has_pid, has_cpu, has_ts;
	bool absurd;	    /* it has a time that no clock shows: has_ts is false */
	bool ticks;	    /* ts counts something that is not known to be time */
	bool prefixed;	    /* more stands before the pid than a name can have */
	uint32_t pid, tgid; /* tgid is pid where the text has none */
	uint16_t cpu;
	uint64_t ts; /* ns, or ticks */
	uint64_t count, kept, written;
	uint64_t times;	  /* of a loss: how often, where neither when nor how much is told */
	const char *name; /* of the event, name_len bytes of the text parsed */
	size_t name_len;
	const char *body; /* behind "EVENT:", in the text parsed */
};

/* Text without line end and quotation marks. Nothing in it is trusted. */
void line_parse(struct line *ret, const char *text);
/* Does its event name its record's fields, with numbers where others name states: trace-cmd report -R? */
bool line_is_raw(const struct line *l);
/* Behind the quotation marks of a mail, "> > "; the blanks that follow are the line's own. */
const char *line_unquoted(const char *text);
/* What text adds to the line before, which was broken: without quotation marks, if that one has some. */
const char *line_rest(const char *before, const char *text);
/* Does it begin as an event's line does, with a thread and a CPU? Then, if it is no event, the rest was cut. */
bool line_begins(const char *text);
/* Is it the front of an event's line, whose rest a mailer put on the next one? */
bool line_is_front(const char *text);

#endif
