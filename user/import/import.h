/* SPDX-License-Identifier: GPL-2.0-only */
/* Traces that others made with ftrace, turned into ours. */
#ifndef NETFSNOOP_IMPORT_IMPORT_H
#define NETFSNOOP_IMPORT_IMPORT_H

#include "import/collect.h"

#define IMPORT_OTHERS 64 /* kinds of events told by name */

/* What was in the input, for the user. */
struct import_counts {
	uint64_t lines;	 /* of text */
	uint64_t others; /* events that we have no record for, and some of them by name */
	struct import_other {
		char name[48];
		uint64_t count;
	} other[IMPORT_OTHERS];
	unsigned int nr_others;
	uint64_t damaged; /* lines or records that are events of ours and could not be read */
	uint64_t raw;	  /* those of them that have numbers where others name states */
	uint64_t lost; /* events that ftrace says it lost; what it could not count is not in it */
	uint64_t uncounted;  /* losses of which neither the time nor the number of events is told */
	uint64_t untimed;    /* events without a time stamp */
	uint64_t ticks;	     /* events whose stamps count something of an unknown unit */
	uint64_t backwards;  /* events older than the one before them */
	uint64_t absurd;     /* events, of the untimed ones, with a time that no clock shows */
	uint64_t cut_at;     /* the width at which lines were cut, bytes; 0: they were not */
	uint64_t long_lines; /* of which only the beginning was read */
	bool packed_cut;     /* it is packed, and was damaged or too much: the begin was read */
	bool excerpt;	     /* how much is missing is not known: findings will be inconclusive */
};

/* One more event that we have no record for. */
void import_count_other(struct import_counts *n, const char *name, size_t len);

/*
 * Text from in: trace, trace_pipe, a dump of it in the kernel log, `trace-cmd report`, `perf script`, and
 * mails and logs with any of these, quoted, prefixed, wrapped or quoted-printable. 0 or -errno of the reading; never fails for what the text
 * is.
 */
int import_text(FILE *in, struct collect *c, struct import_counts *counts);

/* Is this the start of what import_text() takes out of something: gzip, xz, zstd, UTF-16? */
bool import_is_packed(const void *start, size_t len);
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
