// SPDX-License-Identifier: GPL-2.0-only
/* The first line and the last, which are about the whole recording. */
#include <string.h>

#include "base/damage.h"
#include "base/fmt.h"
#include "view/export/json/json_line.h"
#include "view/measure/recording_id.h"

#define JSON_VERSION 2

void line_trace(struct json_out *o, const struct recording *rec)
{
#define ROW_trace
#include "view/export/rows/row_json.h"
#undef ROW_trace
}

/* ---- sums ---- */

static void put_subrequest_sum(struct json_out *o, const struct subrequest_row *sum)
{
#define ROW_subrequest_sum
#include "view/export/rows/row_json.h"
#undef ROW_subrequest_sum
}

static const char *origin_of(const struct model *m, const struct request_row *row)
{
	return row->origin_known ? request_origin(model_names(m), row->synthetic, row->origin)
				 : "?";
}

/* All of that origin, from this row on: of each file system, and of raw values that have one text. */
static struct request_row sum_from(const struct model *m, const struct request_row *row)
{
	struct request_row sum = {};
	const char *origin = origin_of(m, row);

	for (; row; row = row->next)
		if (!strcmp(origin_of(m, row), origin)) {
			sum.count += row->count;
			sum.bytes += row->bytes;
			sum.errors += row->errors;
			sum.moved |= row->moved;
			sum.judged |= row->judged;
		}
	return sum;
}

static bool came_before(const struct model *m, const struct request_row *first,
			const struct request_row *row)
{
	for (; first != row; first = first->next)
		if (!strcmp(origin_of(m, first), origin_of(m, row)))
			return true;
	return false;
}

static void put_request_sums(struct json_out *o, const struct model *m, const struct totals *totals)
{
	for (const struct request_row *row = totals->requests; row; row = row->next) {
		struct request_row all, *sum = &all;

		if (came_before(m, totals->requests, row))
			continue;
		all = sum_from(m, row);
		jout_open_name(o, origin_of(m, row));
#define ROW_request_sum
#include "view/export/rows/row_json.h"
#undef ROW_request_sum
		jout_close(o, JOUT_OBJECT);
	}
}

static void put_command_sums(struct json_out *o, const struct totals *totals)
{
	for (int i = 0; i <= TOTALS_COMMANDS; i++) {
		const struct command_row *sum = &totals->commands[i];

		if (!sum->count)
			continue;
		jout_open(o, i < TOTALS_COMMANDS ? command_text(i).s : "other", JOUT_MAP);
#define ROW_command_sum
#include "view/export/rows/row_json.h"
#undef ROW_command_sum
		jout_close(o, JOUT_MAP);
	}
}

void line_summary(struct json_out *o, const struct model *m, const struct totals *totals,
		  const struct trace_damage *damage)
{
	const struct recording *rec = model_recording(m);

#define ROW_summary
#include "view/export/rows/row_json.h"
#undef ROW_summary
}
