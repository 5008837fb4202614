/* SPDX-License-Identifier: GPL-2.0-only */
/* Traces that others made with ftrace, turned into ours. */
#ifndef NETFSNOOP_IMPORT_IMPORT_H
#define NETFSNOOP_IMPORT_IMPORT_H

#include "import/collect.h"

/* What was in the input, for the user. */
struct import_counts {
	uint64_t lines;	  /* of text */
	uint64_t others;  /* events that we have no record for */
	uint64_t damaged; /* lines or records that are events of ours and could not be read */
	uint64_t lost; /* events that ftrace says it lost; what it could not count is not in it */
	uint64_t untimed;   /* events without a time stamp */
	uint64_t backwards; /* events older than the one before them */
	bool excerpt;	    /* how much is missing is not known: findings will be inconclusive */
};

/*
 * Text from in: trace, trace_pipe, `trace-cmd report`, `perf script`, and mails with any of these,
 * quoted, wrapped or quoted-printable. 0 or -errno of the reading; never fails for what the text
 * is.
 */
int import_text(FILE *in, struct collect *c, struct import_counts *counts);

/* Is this the start of a trace.dat? */
bool import_is_dat(const void *start, size_t len);
/* Does this build read trace.dat? */
bool import_has_dat(void);
/*
 * A trace.dat, with all its buffers and by the formats in it. -EBADMSG: libtracecmd cannot read it;
 * -EOPNOTSUPP: not in this build. The library trusts the file: do not call it where a crash hurts.
 */
int import_dat(const char *path, struct collect *c, struct import_counts *counts);

#endif
