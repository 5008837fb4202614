/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exporters: sinks of the model and the checks, one file each. They hear the stream as it is read
 * and write what is left when it has ended; none looks at raw records for what the model knows.
 */
#ifndef NETFSNOOP_VIEW_H
#define NETFSNOOP_VIEW_H

#include "base/damage.h"
#include "check/check.h"
#include "view/measure/filter.h"

/* What an exporter works for; borrowed, and valid as long as the exporter lives. */
struct export_job {
	const struct model *m;
	const struct engine *e; /* its findings are complete in finish() only */
	const struct request_filter *filter;
	const struct trace_damage *damage; /* complete in finish() only */
	const char *path;		   /* of the result, for messages; NULL: standard output */
	const char *file;		   /* where it is written, for ops->needs_path */
	FILE *out;			   /* open for it; NULL where ops->needs_path */
};

struct exporter_ops {
	const char *name;    /* of --to */
	const char *summary; /* of --help */
	const char *endings; /* of files of this format, separated by blanks: "html htm" */
	bool binary;	     /* nothing for a terminal */
	bool needs_path;     /* opens job->file itself: what it writes is no stream */
	/* *ret_x is the exporter's own. 0, or -errno with err set where that says more. */
	int (*create)(void **ret_x, const struct export_job *job, struct err *err);
	const struct model_listener *(*listener)(void *x);
	/* After the model and the checks are finished: writes the rest. 0 or -errno. */
	int (*finish)(void *x, struct err *err);
	void (*free)(void *x); /* takes NULL */
};

extern const struct exporter_ops export_json;
extern const struct exporter_ops export_html;
extern const struct exporter_ops export_sqlite;
extern const struct exporter_ops export_perfetto;
extern const struct exporter_ops export_junit;
extern const char export_schema_json[]; /* of a line of export_json: JSON Schema, draft 2020-12 */

extern const struct exporter_ops *const exporters[]; /* ends with NULL */

#endif
