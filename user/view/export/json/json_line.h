/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON lines of docs/json.md, a function each; view/export/rows/rows.def says what is in them. */
#ifndef NETFSNOOP_VIEW_JSON_LINE_H
#define NETFSNOOP_VIEW_JSON_LINE_H

#include "view/kit/json_out.h"
#include "view/measure/filter.h"
#include "view/measure/credit_point.h"
#include "view/measure/moment.h"
#include "view/measure/processes.h"
#include "view/measure/totals.h"

struct trace_damage;

/* Each begins o anew; who asked ends it. */
void line_trace(struct json_out *o, const struct recording *rec);
void line_request(struct json_out *o, const struct model *m, const struct request *r);
void line_subrequest(struct json_out *o, const struct model *m, const struct request *r,
		     const struct subrequest *s);
void line_command(struct json_out *o, const struct command *c);
void line_credit(struct json_out *o, const struct credit_point *p);
void line_revert(struct json_out *o, const struct model *m, const struct ev_revert *ev);
void line_fault(struct json_out *o, const struct model *m, const struct seen *seen);
void line_moment(struct json_out *o, const struct moment *mo);
void line_test(struct json_out *o, const struct test *test);
void line_loss(struct json_out *o, const struct model *m, const struct ev_lost *l);
void line_parked(struct json_out *o, const struct parked *p);
void line_mount(struct json_out *o, const struct mount *mnt);
void line_connection(struct json_out *o, const struct conn *c);
void line_probe(struct json_out *o, const struct probe_info *p);
/* commands: those of processes were counted. */
void line_process(struct json_out *o, const struct process_row *row, bool commands);
/* damage may be NULL. */
void line_summary(struct json_out *o, const struct model *m, const struct totals *totals,
		  const struct trace_damage *damage);

#endif
