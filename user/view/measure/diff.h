/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two recordings, or two xfstests directories, side by side. Each side is a listener of its own
 * model; when both are over, they become rows, which the text, JSON and HTML of a difference print.
 */
#ifndef NETFSNOOP_VIEW_DIFF_H
#define NETFSNOOP_VIEW_DIFF_H

#include "base/ranks.h"
#include "check/check.h"
#include "view/measure/totals.h"

/* ---- one side ---- */

struct diff_finding {
	const struct check_ops *check;
	const char *kind; /* static */
	enum verdict verdict;
	uint64_t count;
	char what[240]; /* of the first */
	struct diff_finding *next;
};

/* What is a distribution, for reads [0] and writes [1]. */
struct diff_samples {
	struct samples latency, size, stage[STAGE_MAX], wire;
};

struct diff_side {
	char *path; /* as the user named it */
	char release[96], host[EV_HOST_LEN + 1];
	bool timed; /* duration_ns is known */
	uint64_t duration_ns, events, lost, reconnects;
	bool lost_at_least;	/* or more, or an unknown number */
	uint64_t credit_waits;	/* UINT64_MAX: not known */
	uint64_t not_evaluated; /* checks */
	struct totals *totals;
	struct diff_samples samples[2];
	struct diff_finding *findings; /* in order of stream time */
	/* while it is read */
	struct model_listener listener;
	const struct model *m;
	const struct request_filter *filter;
};

/* m and filter are borrowed until diff_side_finish(). -ENOMEM */
int diff_side_new(struct diff_side **ret_s, const char *path, const struct model *m,
		  const struct request_filter *filter);
/* After model_finish() and engine_finish(). -ENOMEM */
int diff_side_finish(struct diff_side *s, const struct engine *e);
void diff_side_free(struct diff_side *s);

/* ---- both ---- */

enum diff_unit { DIFF_COUNT, DIFF_BYTES, DIFF_NS, DIFF_PER };

enum diff_verdict {
	DIFF_SAME,
	DIFF_DIFFERS, /* matters */
	DIFF_SLIGHT,  /* of a distribution: it is there, and too small to matter */
	DIFF_TOO_FEW, /* samples to say */
	DIFF_UNKNOWN, /* on one side at least, or what was lost may make the difference */
};

/* What a number is worth where records were lost. */
enum diff_trust {
	DIFF_EXACT,
	DIFF_LEAST, /* a lower bound */
	DIFF_SHAKY, /* a ratio of lower bounds */
};

/* "differs", "same", "slight", "too-few", "unknown" */
const char *diff_verdict_name(enum diff_verdict v);

struct diff_row {
	const char *group; /* static */
	char name[48];
	enum diff_unit unit;
	enum diff_verdict verdict;
	bool distribution; /* then a and b are medians, and n and ranks are set */
	bool has_a, has_b;
	enum diff_trust trust_a, trust_b; /* of amounts */
	double a, b;
	uint64_t n_a, n_b;  /* samples */
	struct ranks ranks; /* p is corrected for the number of rows */
};

/* A finding that only one side has, or a test that changed. */
struct diff_only {
	bool in_b, matters;
	const struct diff_finding *finding;
};

struct diff_test_change {
	char name[128]; /* "generic/306", with section and repeat where there are any */
	char what[32];	/* "result", "verdict", "findings", ... */
	char a[64], b[64];
	bool matters;
};

#define DIFF_ROWS 96

struct diff {
	const char *path_a, *path_b;
	const struct diff_side *a, *b; /* NULL: xfstests directories */
	double percent;		       /* from which on a single number differs */
	unsigned int nr_rows;
	struct diff_row row[DIFF_ROWS];
	unsigned int nr_only;
	struct diff_only *only;
	uint64_t nr_tests_a, nr_tests_b, nr_tests_both;
	unsigned int nr_changes;
	struct diff_test_change *change;
	unsigned int differences; /* that matter */
};

/* Distributions differ from this p and effect on: unlikely by chance, and big enough to care. */
#define DIFF_P	    0.01
#define DIFF_EFFECT 0.33

/* Is the change from a to b, of what a is, percent or more? One of them 0: always. */
bool diff_moved(double a, double b, double percent);
/* Borrows both sides. -ENOMEM */
int diff_compare(struct diff *ret_d, struct diff_side *a, struct diff_side *b, double percent);
void diff_release(struct diff *d);

/* "+46 %", "x 12", "new", "gone"; "" where nothing is to be said */
struct short_text diff_change(const struct diff_row *r);
/* "12.3 us", "4.0 KiB", "41.2", "-"; "180+" is a lower bound, "41.2?" a ratio of such */
struct short_text diff_value(const struct diff_row *r, bool b);

/* All print and flush; -errno of a write. */
int diff_print_text(FILE *out, const struct diff *d, unsigned int width);
int diff_print_json(FILE *out, const struct diff *d);
int diff_print_html(FILE *out, const struct diff *d);

#endif
