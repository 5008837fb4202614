/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of the text summary: what its parts share. */
#ifndef NETFSNOOP_VIEW_SUMMARY_PRINT_H
#define NETFSNOOP_VIEW_SUMMARY_PRINT_H

#include "oops/notes.h"
#include "view/measure/failed.h"
#include "view/measure/processes.h"
#include "view/measure/totals.h"

#define COLUMNS	    80 /* what the tables need; with less they leave columns out, down to MIN_COLUMNS */
#define MIN_COLUMNS 60
#define INDENT	    4		 /* of wrapped lines */
#define MAX_NAME    (4 * 64 + 8) /* an escaped name; of a longer one the rest would be noise */

/* SGR parameters */
#define BOLD "1"
#define RED  "31"

struct summary_view {
	struct model_listener listener;
	FILE *out;
	const struct model *m;
	const struct request_filter *filter;
	unsigned int width; /* all columns there are */
	bool colour, verbose;
	struct totals *totals;
	struct processes *processes;
	struct why *why;
	struct notes *notes; /* of the kernel's log; NULL: nothing was said */
	uint64_t log_lost;   /* messages of it that were overwritten before they were read */
	struct failed failed;
	struct told *told;	     /* summary_told.c's; NULL: nothing was told */
	struct faults_shown *faults; /* summary_faults.c's; NULL: none */
};

struct trace_damage;

void sum_colour_on(const struct summary_view *v, const char *sgr);
void sum_colour_off(const struct summary_view *v);
__attribute__((format(printf, 3, 4))) void sum_coloured(const struct summary_view *v,
							const char *sgr, const char *fmt, ...);
/* A line of its own, indented. */
__attribute__((format(printf, 2, 3))) void sum_warning(const struct summary_view *v,
						       const char *fmt, ...);
void sum_heading(const struct summary_view *v, const char *text);
/* "1234567", then "12.3M": never more than 7 columns */
struct short_text sum_count_text(uint64_t n);
/* A blank and the count; sum_bad() is for one that should be 0. */
void sum_count(const struct summary_view *v, int width, uint64_t n);
void sum_bad(const struct summary_view *v, int width, uint64_t n);
/* The same of one that may not be known: "-" */
void sum_bad_if(const struct summary_view *v, int width, bool known, uint64_t n);
/* Columns of text: COLUMNS at most. */
int sum_columns(const struct summary_view *v);
/* Fewer than the tables need? */
bool sum_narrow(const struct summary_view *v);
/* A wrapped line: sum_word() adds a blank before each word. */
void sum_new_line(const struct summary_view *v, int *col);
/* Words one after another, escaped, wrapped at sum_columns(); *col is where the line stands. */
void sum_word(const struct summary_view *v, int *col, const char *word);
void sum_words(const struct summary_view *v, int *col, const char *text);
/* " of inode 2 /dir/file on /mnt/smb", as far as it is known; path "" or NULL: it is not. */
void sum_file(const struct summary_view *v, uint32_t dev, uint64_t ino, const char *path);

/* summary_failed.c; nothing if none failed */
void sum_failed(const struct summary_view *v);

/* summary_conns.c */
void sum_connections(const struct summary_view *v);

/* summary_processes.c; nothing if there were none */
void sum_processes(const struct summary_view *v);

/* summary_log.c; -ENOMEM */
int sum_take_log(struct summary_view *v, const struct ev_klog *ev);
/* Nothing if nothing was said, and the log was read. */
void sum_log(const struct summary_view *v);

/* summary_faults.c: EV_FAULT; -ENOMEM */
int sum_take_fault(struct summary_view *v, const struct ev_fault *ev);
void sum_faults(const struct summary_view *v);
/* summary_told.c: EV_EIO and EV_SLOW_RSP; -ENOMEM */
int sum_take_told(struct summary_view *v, const struct ev_hdr *ev);
/* Nothing if there were none. */
void sum_told(const struct summary_view *v);

/* summary_tests.c; nothing if there were none */
void sum_tests(const struct summary_view *v);

/* summary_trust.c: how far what is printed can be relied on */
/* Spans in which nothing was recorded, so that modules could be unloaded; nothing if none. */
void sum_parked(const struct summary_view *v);
void sum_losses(const struct summary_view *v, const struct trace_damage *damage);
void sum_damage(const struct summary_view *v, const struct trace_damage *d);
void sum_probes(const struct summary_view *v);

#endif
