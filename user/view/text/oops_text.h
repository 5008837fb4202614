/* SPDX-License-Identifier: GPL-2.0-only */
/* A crash report with its places resolved, for people and as JSON (docs/oops.md). */
#ifndef NETFSNOOP_VIEW_OOPS_TEXT_H
#define NETFSNOOP_VIEW_OOPS_TEXT_H

#include "oops/oops.h"

struct oops_report {
	const struct oops *o;
	struct sym_place at;	 /* of o->at */
	struct sym_place *entry; /* of o->entry[], nr_entries of them */
	struct oops_meaning meaning;
};

/* 0 or -errno of the stream. */
int oops_text_print(FILE *out, const struct oops_report *r);
/* One object on one line; -ENOMEM too. */
int oops_json_print(FILE *out, const struct oops_report *r);

#endif
