// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "check/check.h"
#include "cmd/live.h"
#include "view/findings.h"

struct live_check {
	struct model *m;
	struct engine *e;
	int rc;
};

/* A terminal's progress line gives way. */
static int on_found(void *ctx, const struct finding *f)
{
	struct live_check *l = ctx;

	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	finding_print(stderr, l->m, f);
	fflush(stderr);
	return 0;
}

int live_check_new(struct live_check **ret_l)
{
	__free(live_check_freep) struct live_check *l = calloc(1, sizeof(*l));
	struct engine_options opts = { .found = on_found, .ctx = l };
	int rc = l ? model_new(&l->m, NULL) : -ENOMEM;

	if (!rc)
		rc = engine_new(&l->e, l->m, &opts);
	if (!rc)
		rc = model_listen(l->m, engine_listener(l->e));
	if (!rc)
		*ret_l = TAKE(l);
	return rc;
}

void live_check_free(struct live_check *l)
{
	if (!l)
		return;
	engine_free(l->e);
	model_free(l->m);
	free(l);
}

void live_check_feed(struct live_check *l, const struct ev_hdr *ev)
{
	if (!l->rc)
		l->rc = model_feed(l->m, ev);
}

int live_check_finish(struct live_check *l, bool *ret_found)
{
	size_t n;
	const struct check *c;

	if (!l->rc)
		l->rc = model_finish(l->m);
	if (!l->rc)
		l->rc = engine_finish(l->e);
	if (l->rc)
		return l->rc;
	c = engine_checks(l->e, &n);
	for (size_t i = 0; i < n; i++)
		*ret_found |= c[i].violations != 0;
	return checks_print(stderr, l->e);
}
