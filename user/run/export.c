// SPDX-License-Identifier: GPL-2.0-only
#include "run/export.h"

int export_replay(const struct exporter_ops *to, struct replay *r, struct export_job *job,
		  struct err *err)
{
	void *x = NULL;
	int rc = to->create(&x, job, err);

	if (!rc)
		rc = replay_listen(r, to->listener(x));
	if (!rc)
		rc = replay_run(r);
	if (!rc && job->path)
		progress_say(&r->progress, "writing %s...", job->path);
	if (!rc)
		rc = to->finish(x, err);
	progress_clear(&r->progress);
	to->free(x);
	return rc;
}
