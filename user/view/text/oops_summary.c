// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "view/kit/json_value.h"
#include "view/text/oops_summary.h"

static void print_group(FILE *out, const struct oops_group *g)
{
	char title[400], comm[200];

	fprintf(out, "  %5" PRIu64 "  %s", g->count, fmt_escape(title, sizeof(title), g->title));
	if (*g->comm && !strstr(g->title, g->comm))
		fprintf(out, ", task %s", fmt_escape(comm, sizeof(comm), g->comm));
	if (*g->first)
		fprintf(out, "  [%s", fmt_escape(title, sizeof(title), g->first));
	if (*g->last)
		fprintf(out, " to %s", fmt_escape(title, sizeof(title), g->last));
	fprintf(out, "%s  %s\n", *g->first ? "]" : "", g->meaning);
}

static void print_chains(FILE *out, const struct oops_summary *s)
{
	char text[1024], safe[2048];

	for (size_t i = 0; i < s->nr; i++) {
		oops_summary_chain(s, i, text, sizeof(text));
		if (*text)
			fprintf(out, "  -> %s\n", fmt_escape(safe, sizeof(safe), text));
	}
}

/* Whether others wait for what it holds: then it comes first. */
static bool is_root(const struct oops_summary *s, const struct oops_group *g)
{
	for (size_t i = 0; i < s->nr; i++)
		for (size_t k = 0; k < g->nr_held && s->group[i].lock; k++)
			if (&s->group[i] != g && !strcmp(s->group[i].lock, g->held[k]))
				return true;
	return false;
}

int oops_summary_print(FILE *out, const struct oops_summary *s)
{
	fprintf(out, "%" PRIu64 " report%s, %zu different:\n", s->reports, plural(s->reports),
		s->nr + !!s->more + !!s->aside);
	for (size_t i = 0; i < s->nr; i++)
		if (is_root(s, &s->group[i]))
			print_group(out, &s->group[i]);
	for (size_t i = 0; i < s->nr; i++)
		if (!is_root(s, &s->group[i]))
			print_group(out, &s->group[i]);
	if (s->more)
		fprintf(out, "  %5" PRIu64 "  others, too many to tell apart\n", s->more);
	if (s->aside)
		fprintf(out, "  %5" PRIu64 "  stack%s without netfs or cifs%s\n", s->aside,
			plural(s->aside), s->aside > 1 ? ", not shown" : "");
	print_chains(out, s);
	fprintf(out, "\n\n");
	return ferror(out) ? -EIO : 0;
}

static json_t *group_json(const struct oops_summary *s, size_t i)
{
	const struct oops_group *g = &s->group[i];
	char chain[1024];

	oops_summary_chain(s, i, chain, sizeof(chain));
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "count",
			 json_number(g->count), "kind", oops_kind_name(g->kind), "title",
			 json_name(g->title), "comm", json_name(g->comm), "first",
			 json_name(g->first), "last", json_name(g->last), "meaning", g->meaning,
			 "waits_for", json_name(g->command ? g->command : g->what), "lock",
			 json_name(g->lock), "chain", json_name(chain));
}

int oops_summary_json(FILE *out, const struct oops_summary *s)
{
	json_t *groups = json_array(), *o;
	int rc = 0;

	for (size_t i = 0; i < s->nr && !rc; i++)
		rc = json_array_append_new(groups, group_json(s, i));
	o = rc ? NULL
	       : json_pack("{s:s, s:o, s:o, s:o}", "type", "summary", "reports",
			   json_number(s->reports), "aside", json_number(s->aside), "groups",
			   groups);
	if (!o) {
		json_decref(groups);
		return -ENOMEM;
	}
	rc = json_dumpf(o, out, JSON_COMPACT) < 0 || putc('\n', out) == EOF ? -EIO : 0;
	json_decref(o);
	return rc;
}
