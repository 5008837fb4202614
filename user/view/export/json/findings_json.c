// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/fmt.h"
#include "event/kinds.h"
#include "view/export/json/findings_json.h"

/* A finding's place in parts: "symbol+0xoff/0xsize [module]", as the model spells it. */
struct finding_place {
	char symbol[sizeof(((struct finding *)0)->place)], module[64];
	unsigned int offset, size;
};

static struct finding_place finding_place(const struct finding *f)
{
	struct finding_place pl = {};
	const char *bracket = strchr(f->place, '[');

	if (sscanf(f->place, "%191[^+]+0x%x/0x%x", pl.symbol, &pl.offset, &pl.size) != 3)
		return (struct finding_place){};
	if (bracket)
		snprintf(pl.module, sizeof(pl.module), "%.*s", (int)strcspn(bracket + 1, "]"),
			 bracket + 1);
	return pl;
}

static void put_evidence(struct json_out *o, const struct finding *f)
{
	for (unsigned int i = 0; i < f->nr_evidence; i++) {
		const struct mark *e = &f->evidence[i];

		jout_open(o, NULL, JOUT_OBJECT);
#define ROW_evidence
#include "view/export/rows/row_json.h"
#undef ROW_evidence
		jout_close(o, JOUT_OBJECT);
	}
}

static void put_steps(struct json_out *o, const struct finding *f)
{
	for (unsigned int i = 0; i < f->nr_steps && i < MAX_STEPS; i++) {
		const struct last_step *s = &f->step[i];

		jout_open(o, NULL, JOUT_OBJECT);
#define ROW_step
#include "view/export/rows/row_json.h"
#undef ROW_step
		jout_close(o, JOUT_OBJECT);
	}
}

static void put_frames(struct json_out *o, const char *text)
{
	char frame[128];

	while (*text) {
		text = frame_next(text, frame, sizeof(frame));
		jout_name(o, NULL, frame);
	}
}

static void put_stacks(struct json_out *o, const struct finding *f)
{
	for (const struct finding_stack *s = f->stacks; s; s = s->next) {
		const struct ev_waiter *ev = &s->ev;

		jout_open(o, NULL, JOUT_OBJECT);
#define ROW_stack
#include "view/export/rows/row_json.h"
#undef ROW_stack
		jout_close(o, JOUT_OBJECT);
	}
}

void line_finding(struct json_out *o, const char *type, const struct finding *f)
{
#define ROW_finding
#include "view/export/rows/row_json.h"
#undef ROW_finding
}

void line_check_result(struct json_out *o, const struct check *c)
{
#define ROW_check_result
#include "view/export/rows/row_json.h"
#undef ROW_check_result
}

int finding_print_json(FILE *out, const char *type, const struct finding *f)
{
	struct json_out o = {};

	line_finding(&o, type, f);
	return jout_print_last(&o, out);
}

int checks_print_json(FILE *out, const struct engine *e)
{
	size_t n;
	const struct check *list = engine_checks(e, &n);
	struct json_out o = {};
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		if (!list[i].wanted)
			continue;
		line_check_result(&o, &list[i]);
		rc = jout_print(&o, out);
	}
	jout_free(&o);
	return rc;
}

int findings_print_json(FILE *out, const struct request_filter *f, const struct model *m,
			const struct engine *e)
{
	int rc = 0;

	for (const struct finding *fi = engine_findings(e); fi && !rc; fi = fi->next)
		if (findings_pass(f, m, fi))
			rc = finding_print_json(out, "finding", fi);
	if (rc)
		return rc;
	return checks_print_json(out, e);
}
