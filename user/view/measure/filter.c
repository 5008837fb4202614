// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <string.h>

#include "view/measure/filter.h"

static bool restricts_requests(const struct request_filter *f)
{
	return f->fs || f->has_dev || f->tgid || f->ino || f->file || f->rreq || f->sreq ||
	       f->mount;
}

bool filter_restricts(const struct request_filter *f)
{
	return f && (f->test || f->wants || restricts_requests(f));
}

bool filter_in_test(const struct request_filter *f, const struct model *m, uint32_t ordinal)
{
	const struct test *t = model_test(m, ordinal);

	return (!f->test || (t && test_is(t, f->test))) &&
	       (!f->wants || (t && f->wants(f->wants_ctx, t)));
}

bool filter_test(const struct request_filter *f, const struct model *m, uint32_t test)
{
	return !filter_restricts(f) || (!restricts_requests(f) && filter_in_test(f, m, test));
}

static bool same_fs(const char *fs, const struct mount *mnt, const struct request *r)
{
	return !strcmp(fs, r->fs) || (mnt && mnt->fstype && !strcmp(fs, mnt->fstype));
}

static bool same_place(const struct request_filter *f, const struct model *m,
		       const struct request *r)
{
	const struct mount *mnt = model_mount(m, r->dev);

	if (f->fs && !same_fs(f->fs, mnt, r))
		return false;
	if (f->mount && (!mnt || !mnt->point || strcmp(f->mount, mnt->point)))
		return false;
	return !f->has_dev || f->dev == r->dev;
}

static bool has_subrequest(const struct request *r, uint32_t index)
{
	for_each_subrequest (r, s)
		if (s->index == index)
			return true;
	return false;
}

bool filter_file(const struct request_filter *f, const char *path)
{
	const char *name = path ? strrchr(path, '/') : NULL;

	if (!f->file)
		return true;
	if (!name)
		return false;
	return !fnmatch(f->file, strchr(f->file, '/') ? path : name + 1, 0);
}

bool filter_names(const struct request_filter *f, uint32_t rreq, bool synthetic)
{
	return !f->rreq || (f->rreq == rreq && f->synthetic == synthetic);
}

bool filter_request(const struct request_filter *f, const struct model *m, const struct request *r)
{
	/* What the recorder left out shows up as bare reference counts. */
	if (model_recording(m)->filtered && !r->described)
		return false;
	if (!filter_restricts(f))
		return true;
	if (!filter_names(f, r->key.rreq, r->key.synth) || (f->ino && f->ino != r->ino) ||
	    (f->tgid && f->tgid != r->tgid) || !filter_file(f, r->path))
		return false;
	return filter_in_test(f, m, r->test) && same_place(f, m, r) &&
	       (!f->sreq || has_subrequest(r, f->sreq));
}

bool filter_subrequest(const struct request_filter *f, const struct subrequest *s)
{
	return !f || !f->sreq || f->sreq == s->index;
}

bool filter_event(const struct request_filter *f, const struct model *m, const struct seen *seen)
{
	if (!seen->r)
		return filter_test(f, m, model_event_test(m, NULL));
	return filter_request(f, m, seen->r) && (!f || !f->sreq || f->sreq == seen->sreq);
}
