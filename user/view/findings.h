/* SPDX-License-Identifier: GPL-2.0-only */
/* Findings of the checks, for people and as JSON lines. */
#ifndef NETFSNOOP_VIEW_FINDINGS_H
#define NETFSNOOP_VIEW_FINDINGS_H

#include <jansson.h>

#include "check/check.h"
#include "view/filter.h"

/* Does the filter let it through? A finding of no request passes only where nothing restricts. */
bool findings_pass(const struct request_filter *f, const struct model *m, const struct finding *fi);

/* Copies the line at p of a stack's text into frame, cut to fit; returns where the next begins. */
const char *frame_next(const char *p, char *frame, size_t size);
/* colour, here and below: with ANSI's. 0 or -errno. */
int finding_print(FILE *out, const struct model *m, const struct finding *f, bool colour);
/* The closing table: every wanted check, what it came to, and the sum of those that pass. */
int checks_print(FILE *out, const struct request_filter *f, const struct model *m,
		 const struct engine *e, bool colour);
/* type: "finding", or "found" for one that may still repeat */
int finding_print_json(FILE *out, const char *type, const struct finding *f);
int checks_print_json(FILE *out, const struct engine *e);
/* The same as objects, the caller's; NULL: no memory. */
json_t *finding_json(const char *type, const struct finding *f);
json_t *check_json(const struct check *c);

/* What `check` prints: the findings that pass, then the table. After engine_finish(). */
int findings_print(FILE *out, const struct request_filter *f, const struct model *m,
		   const struct engine *e, bool colour);
/* The same as JSON lines. */
int findings_print_json(FILE *out, const struct request_filter *f, const struct model *m,
			const struct engine *e);

/* Of wanted checks, and of findings that pass. */
struct checks_sum {
	unsigned int checks;
	unsigned int not_evaluated;
	unsigned int nothing; /* evaluated, and there was nothing to judge */
	uint64_t violations, inconclusive, known, notes;
	const char *why; /* they were not: "see above" if for several reasons, "" if all were */
};
struct checks_sum checks_sum(const struct request_filter *f, const struct model *m,
			     const struct engine *e);

/* Inconclusive is also that a check was not evaluated, or that there was nothing to judge at all.
 */
enum findings_worst { FINDINGS_NONE, FINDINGS_INCONCLUSIVE, FINDINGS_VIOLATION };
/* Of the findings that pass. */
enum findings_worst findings_worst(const struct request_filter *f, const struct model *m,
				   const struct engine *e);

/* "clean", "3 findings", ...; of a wanted check. */
struct check_result {
	char text[64];
	/* of the JSON line: clean, findings, inconclusive, not-evaluated, nothing-to-judge */
	const char *state;
};
struct check_result check_result(const struct check *c);

/* "17 requests", "no retries", its own note, or why it was not evaluated. */
struct check_detail {
	char text[200];
};
struct check_detail check_detail(const struct check *c);

#endif
