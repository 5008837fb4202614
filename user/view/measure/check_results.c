// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/fmt.h"
#include "view/measure/check_results.h"

/* Is a file system of that number one that the filter asks for? */
static bool at_place(const struct request_filter *f, const struct model *m, uint32_t dev,
		     const char *fs)
{
	const struct mount *mnt = model_mount(m, dev);

	if (f->fs && strcmp(f->fs, fs) && !(mnt && mnt->fstype && !strcmp(f->fs, mnt->fstype)))
		return false;
	if (f->mount && !(mnt && mnt->point && !strcmp(f->mount, mnt->point)))
		return false;
	return !f->has_dev || f->dev == dev;
}

/* Of a connection: one of the file systems it serves; of more than are kept, it may be. */
static bool at_any_place(const struct request_filter *f, const struct model *m,
			 const struct finding *fi)
{
	for (unsigned int i = 0; i < fi->nr_places && i < MAX_PLACES; i++)
		if (at_place(f, m, fi->places[i], ""))
			return true;
	return fi->nr_places > MAX_PLACES;
}

bool findings_pass(const struct request_filter *f, const struct model *m, const struct finding *fi)
{
	if (!filter_restricts(f))
		return true;
	if (!filter_in_test(f, m, fi->test) || (f->rreq && f->rreq != fi->rreq) ||
	    (f->sreq && f->sreq != fi->sreq))
		return false;
	if ((f->tgid && f->tgid != fi->tgid) || (f->ino && f->ino != fi->ino) ||
	    !filter_file(f, fi->path))
		return false;
	if (!f->fs && !f->mount && !f->has_dev)
		return true;
	return fi->nr_places ? at_any_place(f, m, fi) : at_place(f, m, fi->dev, fi->fs);
}

struct check_result check_result(const struct check *c)
{
	struct check_result r = { .state = "clean" };

	if (!c->active) {
		r.state = "not-evaluated";
		snprintf(r.text, sizeof(r.text), "not evaluated");
	} else if (c->violations) {
		r.state = "findings";
		snprintf(r.text, sizeof(r.text), "%" PRIu64 " finding%s", c->violations,
			 plural(c->violations));
	} else if (c->inconclusive) {
		r.state = "inconclusive";
		snprintf(r.text, sizeof(r.text), "%" PRIu64 " inconclusive", c->inconclusive);
	} else if (c->known) {
		r.state = "known";
		snprintf(r.text, sizeof(r.text), "%" PRIu64 " due to a known defect of this kernel",
			 c->known);
	} else if (c->notes) {
		snprintf(r.text, sizeof(r.text), "clean, %" PRIu64 " note%s", c->notes,
			 plural(c->notes));
	} else if (!c->judged) {
		r.state = "nothing-to-judge";
		snprintf(r.text, sizeof(r.text), "nothing to judge");
	} else {
		snprintf(r.text, sizeof(r.text), "clean");
	}
	return r;
}

/* Were records lost that it may have needed? Then "clean" is said of the rest. */
static bool check_lossy(const struct check *c)
{
	return c->lost || c->lost_at_least;
}

__attribute__((format(printf, 2, 3))) static void add_detail(struct check_detail *d,
							     const char *fmt, ...)
{
	size_t len = strlen(d->text);
	va_list ap;

	va_start(ap, fmt);
	if (len + 2 < sizeof(d->text))
		vsnprintf(stpcpy(d->text + len, "; "), sizeof(d->text) - len - 2, fmt, ap);
	va_end(ap);
}

struct check_detail check_detail(const struct check *c)
{
	struct check_detail d;

	if (!c->active || *c->note)
		snprintf(d.text, sizeof(d.text), "%s", c->active ? c->note : c->missing);
	else if (c->judged)
		snprintf(d.text, sizeof(d.text), "%" PRIu64 " %s", c->judged,
			 c->ops->judges[c->judged != 1]);
	else
		snprintf(d.text, sizeof(d.text), "no %s", c->ops->judges[1]);
	if (c->active && c->left)
		add_detail(&d, "%" PRIu64 " not judged: %s does not trace how they are sent",
			   c->left, c->left_fs);
	if (c->active && c->smb1)
		add_detail(&d, "nothing of SMB 1, whose commands are not seen");
	if (c->active && check_lossy(c))
		add_detail(&d, "without what was lost: %s", fmt_lost(c->lost, c->lost_at_least).s);
	return d;
}

static void add_verdict(struct checks_sum *sum, const struct finding *f)
{
	uint64_t *const of[] = { [VERDICT_VIOLATION] = &sum->violations,
				 [VERDICT_INCONCLUSIVE] = &sum->inconclusive,
				 [VERDICT_KNOWN] = &sum->known,
				 [VERDICT_NOTE] = &sum->notes };

	*of[f->verdict] += f->count;
}

struct checks_sum checks_sum(const struct request_filter *f, const struct model *m,
			     const struct engine *e)
{
	size_t n;
	const struct check *c = engine_checks(e, &n);
	struct checks_sum sum = { .why = "" };
	bool whole = !model_recording(m)->lost_at_least; /* else the probe's record may be gone */

	for (size_t i = 0; i < n; i++) {
		if (!c[i].wanted)
			continue;
		sum.checks++;
		sum.not_evaluated += !c[i].active;
		sum.later += c[i].later && whole;
		sum.nothing += c[i].active && !c[i].judged;
		if (!c[i].active)
			sum.why = !*sum.why || !strcmp(sum.why, c[i].missing) ? c[i].missing
									      : "see above";
	}
	for (const struct finding *fi = engine_findings(e); fi; fi = fi->next)
		if (findings_pass(f, m, fi))
			add_verdict(&sum, fi);
	return sum;
}

enum findings_worst findings_worst(const struct request_filter *f, const struct model *m,
				   const struct engine *e)
{
	struct checks_sum s = checks_sum(f, m, e);

	if (s.violations)
		return FINDINGS_VIOLATION;
	if (s.inconclusive || s.not_evaluated > s.later || s.nothing + s.later == s.checks)
		return FINDINGS_INCONCLUSIVE;
	return FINDINGS_NONE;
}
