/* SPDX-License-Identifier: GPL-2.0-only */
/* Findings and the outcome of the checks as JSON lines. */
#ifndef NETFSNOOP_VIEW_FINDINGS_JSON_H
#define NETFSNOOP_VIEW_FINDINGS_JSON_H

#include "view/kit/json_out.h"
#include "view/measure/check_results.h"

/* Each begins o anew; who asked ends it. type: "finding", or "found" for one that may still repeat */
void line_finding(struct json_out *o, const char *type, const struct finding *f);
void line_check_result(struct json_out *o, const struct check *c);

/* A line. 0 or -errno. */
int finding_print_json(FILE *out, const char *type, const struct finding *f);
int checks_print_json(FILE *out, const struct engine *e);

/* What `check --json` prints: the findings that pass, then the checks. After engine_finish(). 0 or -errno. */
int findings_print_json(FILE *out, const struct request_filter *f, const struct model *m,
			const struct engine *e);

#endif
