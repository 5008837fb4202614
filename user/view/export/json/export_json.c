// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "view/export/export.h"
#include "view/export/json/findings_json.h"
#include "view/export/json/json.h"
#include "view/measure/check_results.h"

struct json_export {
	const struct export_job *job;
	struct json_view *v;
};

static void json_export_free(void *x)
{
	struct json_export *j = x;

	if (j)
		json_view_free(j->v);
	free(j);
}

static int json_export_create(void **ret_x, const struct export_job *job, struct err *err)
{
	struct json_export *j = calloc(1, sizeof(*j));
	int rc = j ? json_view_new(&j->v, job->out, job->m, job->filter, true) : -ENOMEM;

	(void)err;
	if (rc) {
		free(j);
		return rc;
	}
	j->job = job;
	*ret_x = j;
	return 0;
}

static const struct model_listener *json_export_listener(void *x)
{
	return json_view_listener(((struct json_export *)x)->v);
}

static int json_export_finish(void *x, struct err *err)
{
	struct json_export *j = x;
	const struct export_job *job = j->job;
	int rc = 0;

	(void)err;
	for (const struct finding *f = engine_findings(job->e); f && !rc; f = f->next)
		if (findings_pass(job->filter, job->m, f))
			rc = finding_print_json(job->out, "finding", f);
	if (rc)
		return rc;
	rc = checks_print_json(job->out, job->e);
	if (rc)
		return rc;
	return json_view_finish(j->v, job->damage);
}

const struct exporter_ops export_json = {
	.name = "json",
	.summary = "JSON lines: what report --json and check --json say, in one stream",
	.endings = "json jsonl ndjson",
	.create = json_export_create,
	.listener = json_export_listener,
	.finish = json_export_finish,
	.free = json_export_free,
};
