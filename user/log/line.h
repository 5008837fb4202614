/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line of a log without what printk, syslog, consoles, containers, mailers and grep put in
 * front of it. In front of every parser of text that people paste.
 */
#ifndef NETFSNOOP_LOG_LINE_H
#define NETFSNOOP_LOG_LINE_H

#include "base/base.h"

#define LOG_MAX_PREFIX 128 /* bytes in which a stamp or a headline is looked for */

struct log_line {
	const char *text; /* into the line that was given; NUL-terminated, no blanks at its end */
	size_t size;
	const char *prefix; /* what was stripped, ditto, not terminated */
	size_t prefix_size;
	uint64_t number; /* of the input, from 1; set by log_reader */
	uint64_t
		times; /* how often it was said, ditto: rsyslog's "message repeated 3 times: [...]" */
	bool dated;    /* by a date alone, behind which a logger may have more to say */
	bool stamped;	 /* had a time, a tag or the stream's prefix: begins a record of its own */
	size_t indent;	 /* blanks in front of the text, without the one behind a prefix */
	char when[48];	 /* "228.573737", a date as it was printed, "" */
	char caller[16]; /* printk's caller id: "T4033" the task, "C2" the CPU; "" not told */
};

/* Whether a text is one that begins a report. It finds the end of prefixes without a stamp. */
typedef bool (*log_headline)(const char *text);

/* What the lines so far had in front of them; zeroed is a good start. */
struct log_prefix {
	char shape[LOG_MAX_PREFIX + 1]; /* see shape.c; "" none known yet */
};

/*
 * Takes a line apart. raw: NUL-terminated, without its newline; it is changed in place (ANSI
 * sequences, entities, Unicode's blanks). headline may be NULL. Never fails: what is no prefix
 * stays text.
 */
void log_line_clean(struct log_prefix *p, char *raw, log_headline headline, struct log_line *ret);

/* Bytes of a line as the parsers want them: returns the new length. */
size_t log_plain(char *text);

/* The pattern of a prefix, and how much of text it covers; 0 it does not fit. */
void log_shape_learn(struct log_prefix *p, const char *text, size_t size);
size_t log_shape_match(const struct log_prefix *p, const char *text);

#endif
