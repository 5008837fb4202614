/* SPDX-License-Identifier: GPL-2.0-only */
/* What the checks came to, of what a filter lets through. */
#ifndef NETFSNOOP_VIEW_CHECK_RESULTS_H
#define NETFSNOOP_VIEW_CHECK_RESULTS_H

#include "check/check.h"
#include "view/measure/filter.h"

/* Does the filter let it through? A finding of no request passes only where nothing restricts. */
bool findings_pass(const struct request_filter *f, const struct model *m, const struct finding *fi);

/* Of wanted checks, and of findings that pass. */
struct checks_sum {
	unsigned int checks;
	unsigned int not_evaluated;
	unsigned int later; /* of these: the recording is of a version that had not their probes */
	unsigned int nothing; /* evaluated, and there was nothing to judge */
	uint64_t violations, inconclusive, known, notes;
	const char *why; /* they were not: "see above" if for several reasons, "" if all were */
};
struct checks_sum checks_sum(const struct request_filter *f, const struct model *m,
			     const struct engine *e);

/*
 * Inconclusive is also that a check was not evaluated, unless the recording is older than its probes, or that there was
 * nothing to judge at all.
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
	char text[280];
};
struct check_detail check_detail(const struct check *c);

#endif
