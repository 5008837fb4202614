/* SPDX-License-Identifier: GPL-2.0-only */
/* What a trace knows of the thread that a crash report is about. */
#ifndef NETFSNOOP_VIEW_OOPS_JOIN_H
#define NETFSNOOP_VIEW_OOPS_JOIN_H

#include "base/base.h"

struct oops_join {
	const char *trace; /* its name */
	bool found;	   /* the thread worked for a request, or our line names one */
	bool by_line;	   /* our line in the log names it */
	bool in_trace;	   /* false: the line alone does */
	bool in_flight;	   /* the thread was in a step or callback of it at that time */
	bool synth;
	uint32_t epoch, rreq, sreq;
	uint64_t conn, mid;   /* 0: not known */
	bool sealed;	      /* that connection */
	bool by_ino;	      /* the report names an inode: it is the last request of that file */
	uint64_t ino;	      /* that one */
	uint64_t nr_of_ino;   /* requests of it in the trace */
	uint64_t open_of_ino; /* of them: not freed when it ends */
	uint32_t tid;
	uint64_t last_ns;   /* its last event by that thread, or at all; 0: none */
	uint64_t report_ns; /* when the report was printed; 0: not known */
	uint64_t end_ns;    /* of the trace */
};

/* 0 or -errno of the stream. */
int oops_join_print(FILE *out, const struct oops_join *j);
int oops_join_print_json(FILE *out, const struct oops_join *j);

#endif
