// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>

#include "view/kit/json_value.h"
#include "view/measure/diff.h"

static json_t *side_of(const struct diff_side *s)
{
	if (!s)
		return json_null();
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "host", json_name(s->host), "kernel",
		json_name(s->release), "duration_ns", json_number_if(s->timed, s->duration_ns),
		"read_bytes", json_number(s->totals->subrequests[0].bytes), "written_bytes",
		json_number(s->totals->subrequests[1].bytes), "lost",
		json_lost(s->lost, s->lost_at_least), "partial", json_number(s->totals->partial),
		"not_evaluated", json_number(s->not_evaluated));
}

static json_t *real_if(bool known, double v)
{
	return known ? json_real(v) : json_null();
}

static json_t *row_of(const struct diff_row *r)
{
	static const char *const units[] = { "count", "bytes", "ns", "per_mib" };
	static const char *const trust[] = { "exact", "lower-bound", "ratio-of-lower-bounds" };
	bool tested = r->distribution && r->ranks.tested;

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
		"type", "row", "group", r->group, "name", r->name, "unit", units[r->unit], "a",
		real_if(r->has_a, r->a), "b", real_if(r->has_b, r->b), "trust_a", trust[r->trust_a],
		"trust_b", trust[r->trust_b], "verdict", diff_verdict_name(r->verdict), "samples_a",
		json_number_if(r->distribution, r->n_a), "samples_b",
		json_number_if(r->distribution, r->n_b), "worth_a",
		real_if(r->distribution, r->ranks.worth[0]), "worth_b",
		real_if(r->distribution, r->ranks.worth[1]), "p", real_if(tested, r->ranks.p),
		"effect", real_if(tested, r->ranks.effect));
}

static json_t *only_of(const struct diff_only *o)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "type", "finding", "only_in",
			 o->in_b ? "b" : "a", "check_id", o->finding->check->id, "kind",
			 o->finding->kind, "verdict", verdict_name(o->finding->verdict), "count",
			 json_number(o->finding->count), "explanation",
			 json_name(o->finding->what));
}

static json_t *change_of(const struct diff_test_change *c)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:o, s:b}", "type", "test", "name",
			 json_name(c->name), "what", c->what, "a", json_name(c->a), "b",
			 json_name(c->b), "matters", c->matters);
}

static json_t *head_of(const struct diff *d)
{
	return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:i}", "type", "diff", "version", 2, "a",
			 json_name(d->path_a), "b", json_name(d->path_b), "recording_a",
			 side_of(d->a), "recording_b", side_of(d->b), "differences",
			 (int)d->differences);
}

static int put(FILE *out, json_t *line)
{
	int rc = line ? json_dumpf(line, out, JSON_COMPACT) : -1;

	json_decref(line);
	return rc || putc('\n', out) == EOF ? -EIO : 0;
}

int diff_print_json(FILE *out, const struct diff *d)
{
	int rc = put(out, head_of(d));

	for (unsigned int i = 0; !rc && i < d->nr_rows; i++)
		rc = put(out, row_of(&d->row[i]));
	for (unsigned int i = 0; !rc && i < d->nr_only; i++)
		rc = put(out, only_of(&d->only[i]));
	for (unsigned int i = 0; !rc && i < d->nr_changes; i++)
		rc = put(out, change_of(&d->change[i]));
	return rc || fflush(out) ? -EIO : 0;
}
