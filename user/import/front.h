/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands before an event's name: who, where and when. As ftrace prints it in its default, latency
 * and function_graph formats (kernel/trace/trace_output.c, trace_functions_graph.c), `trace-cmd report`
 * with -l, -t and --ts-diff, and `perf script`.
 */
#ifndef NETFSNOOP_IMPORT_FRONT_H
#define NETFSNOOP_IMPORT_FRONT_H

#include "import/line.h"

/* Sets comm, pid, tgid, cpu and ts of l, and their flags, from the text between start and end. */
void front_parse(struct line *l, const char *start, const char *end);
/* What stands before the blank, "one:" or "report.txt:12:", without what counts lines. */
void front_instance(struct line *l, const char *start, const char *blank);
/* " 1)    cat-412    =>   cifsd-33", function_graph: sets cpu and the task that runs from now on. */
bool front_switch(struct line *l, const char *text);

#endif
