// SPDX-License-Identifier: GPL-2.0-only
/* What the stream tells of objects and moments, as JSON lines; json_summary.c has the first and the last line. */
#include "event/kinds.h"
#include "model/test.h"
#include "oops/notes.h"
#include "view/export/json/json_line.h"

/* ---- requests ---- */

static void put_failures(struct json_out *o, const struct model *m, const struct request *r)
{
	for (uint32_t i = 0; i < r->nr_failures && i < MAX_FAILURES; i++) {
		const struct failure *f = &r->failure[i];

		jout_open(o, NULL, JOUT_OBJECT);
#define ROW_failure
#include "view/export/rows/row_json.h"
#undef ROW_failure
		jout_close(o, JOUT_OBJECT);
	}
}

void line_request(struct json_out *o, const struct model *m, const struct request *r)
{
#define ROW_request
#include "view/export/rows/row_json.h"
#undef ROW_request
}

#define STAGE_OF(s, stage) (s)->stage_ns[stage] != STAGE_UNKNOWN, (s)->stage_ns[stage]

void line_subrequest(struct json_out *o, const struct model *m, const struct request *r,
		     const struct subrequest *s)
{
#define ROW_subrequest
#include "view/export/rows/row_json.h"
#undef ROW_subrequest
}

/* ---- connections ---- */

void line_command(struct json_out *o, const struct command *c)
{
#define ROW_command
#include "view/export/rows/row_json.h"
#undef ROW_command
}

void line_credit(struct json_out *o, const struct credit_point *p)
{
#define ROW_credit
#include "view/export/rows/row_json.h"
#undef ROW_credit
}

void line_connection(struct json_out *o, const struct conn *c)
{
#define ROW_connection
#include "view/export/rows/row_json.h"
#undef ROW_connection
}

/* ---- what is about no request ---- */

void line_fault(struct json_out *o, const struct model *m, const struct seen *seen)
{
#define ROW_fault
#include "view/export/rows/row_json.h"
#undef ROW_fault
}

void line_moment(struct json_out *o, const struct moment *mo)
{
#define ROW_moment
#include "view/export/rows/row_json.h"
#undef ROW_moment
}

void line_test(struct json_out *o, const struct test *test)
{
#define ROW_test
#include "view/export/rows/row_json.h"
#undef ROW_test
}

void line_loss(struct json_out *o, const struct model *m, const struct ev_lost *l)
{
#define ROW_loss
#include "view/export/rows/row_json.h"
#undef ROW_loss
}

void line_parked(struct json_out *o, const struct parked *p)
{
#define ROW_parked
#include "view/export/rows/row_json.h"
#undef ROW_parked
}

void line_mount(struct json_out *o, const struct mount *mnt)
{
#define ROW_mount
#include "view/export/rows/row_json.h"
#undef ROW_mount
}

void line_probe(struct json_out *o, const struct probe_info *p)
{
#define ROW_probe
#include "view/export/rows/row_json.h"
#undef ROW_probe
}

void line_process(struct json_out *o, const struct process_row *row, bool commands)
{
	char comm[EV_COMM_LEN + 1];

	snprintf(comm, sizeof(comm), "%.*s", EV_COMM_LEN, row->key.comm);
#define ROW_process
#include "view/export/rows/row_json.h"
#undef ROW_process
}
