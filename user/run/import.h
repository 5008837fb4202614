/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording of ftrace turned into a trace of ours, from file to file. */
#ifndef NETFSNOOP_RUN_IMPORT_H
#define NETFSNOOP_RUN_IMPORT_H

#include "import/import.h"
#include "run/output.h"

struct import_job {
	const char *input, *output; /* "-": standard input, standard output */
	const char *release;	    /* of its kernel; NULL: what it says itself */
	const char *version;	    /* ours, for the trace */
	bool all_events;	    /* an event that is not there did not happen */
};

/* Says on stderr what became of it. -errno with err set; -EINVAL: nothing in it can be imported. */
int import_run(const struct import_job *job, struct err *err);

/* On stderr: what was in it, and what of that is not in the trace. */
void import_say(const struct output *out, const struct collect *c, const struct import_counts *n);
/* Nothing was: -EINVAL, and err says why. */
int import_say_none(const char *input, const struct import_counts *n, struct err *err);

#endif
