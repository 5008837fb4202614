/* SPDX-License-Identifier: GPL-2.0-only */
/* Findings of the checks, for people. */
#ifndef NETFSNOOP_VIEW_FINDINGS_H
#define NETFSNOOP_VIEW_FINDINGS_H

#include <stdio.h>

#include "check/check.h"
#include "view/measure/check_results.h"

/* colour, here and below: with ANSI's. 0 or -errno. */
int finding_print(FILE *out, const struct model *m, const struct finding *f, bool colour);
/* The closing table: every wanted check, what it came to, and the sum of those that pass. */
int checks_print(FILE *out, const struct request_filter *f, const struct model *m,
		 const struct engine *e, bool colour);
/* What `check` prints: the findings that pass, then the table. After engine_finish(). */
int findings_print(FILE *out, const struct request_filter *f, const struct model *m,
		   const struct engine *e, bool colour);
#endif
