// SPDX-License-Identifier: GPL-2.0-only
/* Two sides become rows, each with a verdict. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <utlist.h>

#include "view/measure/diff.h"

#define MIB (1024.0 * 1024)

static const char *const direction[2] = { "read", "write" };

const char *diff_verdict_name(enum diff_verdict v)
{
	static const char *const names[] = { "same", "differs", "slight", "too-few", "unknown" };

	return names[v];
}

static struct diff_row *row(struct diff *d, const char *group, enum diff_unit unit, const char *fmt,
			    const char *a, const char *b)
{
	struct diff_row *r = &d->row[d->nr_rows];

	if (d->nr_rows == DIFF_ROWS)
		return NULL;
	d->nr_rows++;
	*r = (struct diff_row){ .group = group, .unit = unit };
	snprintf(r->name, sizeof(r->name), fmt, a, b);
	return r;
}

/* ---- single numbers: one run each, so that there is nothing to test ---- */

bool diff_moved(double a, double b, double percent)
{
	if (a == b)
		return false;
	return !a || !b || fabs(b - a) / a * 100 >= percent;
}

static bool lossy(const struct diff_side *s)
{
	return s->lost || s->lost_at_least;
}

/* Do the two numbers allow a verdict, whatever the records that were lost would have added? */
static bool certain(const struct diff_row *r)
{
	if (r->trust_a == DIFF_EXACT && r->trust_b == DIFF_EXACT)
		return true;
	if (r->trust_a == DIFF_EXACT)
		return r->trust_b == DIFF_LEAST && r->b > r->a;
	return r->trust_b == DIFF_EXACT && r->trust_a == DIFF_LEAST && r->a > r->b;
}

/* short_by: what a side is that lost records */
static void put_number(struct diff *d, enum diff_unit unit, const char *fmt, const char *arg,
		       double a, double b, enum diff_trust short_by)
{
	struct diff_row *r;

	if (isnan(a) && isnan(b))
		return;
	r = row(d, "amounts", unit, fmt, arg, "");
	if (!r)
		return;
	r->has_a = !isnan(a);
	r->has_b = !isnan(b);
	r->a = a;
	r->b = b;
	r->trust_a = r->has_a && lossy(d->a) ? short_by : DIFF_EXACT;
	r->trust_b = r->has_b && lossy(d->b) ? short_by : DIFF_EXACT;
	r->verdict = !r->has_a || !r->has_b || !certain(r) ? DIFF_UNKNOWN
		     : diff_moved(a, b, d->percent)	   ? DIFF_DIFFERS
							   : DIFF_SAME;
}

static void number(struct diff *d, enum diff_unit unit, const char *fmt, const char *arg, double a,
		   double b)
{
	put_number(d, unit, fmt, arg, a, b, DIFF_LEAST);
}

/* Of two numbers that may both be too low. */
static void ratio(struct diff *d, enum diff_unit unit, const char *fmt, const char *arg, double a,
		  double b)
{
	put_number(d, unit, fmt, arg, a, b, DIFF_SHAKY);
}

static double bytes_of(const struct diff_side *s, int write)
{
	return s->totals->subrequests[write].bytes;
}

static double per_mib(const struct diff_side *s, double n)
{
	double bytes = bytes_of(s, 0) + bytes_of(s, 1);

	return bytes ? n / (bytes / MIB) : NAN;
}

static double known(uint64_t v)
{
	return v == UINT64_MAX ? NAN : v;
}

static double per(double n, double of)
{
	return of ? n / of : NAN;
}

static double commands_of(const struct diff_side *s)
{
	double n = 0;

	for (int i = 0; i <= TOTALS_COMMANDS; i++)
		n += s->totals->commands[i].count;
	return n;
}

static double command_errors_of(const struct diff_side *s)
{
	double n = 0;

	for (int i = 0; i <= TOTALS_COMMANDS; i++)
		n += s->totals->commands[i].errors;
	return n;
}

static double request_errors_of(const struct diff_side *s)
{
	const struct request_row *r;
	double n = 0;

	LL_FOREACH (s->totals->requests, r)
		n += r->errors;
	return n;
}

static void compare_amounts(struct diff *d)
{
	const struct diff_side *a = d->a, *b = d->b;

	number(d, DIFF_COUNT, "requests%s", "", a->totals->nr_requests, b->totals->nr_requests);
	for (int w = 0; w < 2; w++) {
		const struct subrequest_row *x = &a->totals->subrequests[w],
					    *y = &b->totals->subrequests[w];

		number(d, DIFF_BYTES, "%s: bytes", direction[w], x->bytes, y->bytes);
		number(d, DIFF_COUNT, "%s: subrequests", direction[w], x->count, y->count);
		ratio(d, DIFF_BYTES, "%s: bytes per subrequest", direction[w],
		      per(x->bytes, x->count), per(y->bytes, y->count));
		number(d, DIFF_COUNT, "%s: retries", direction[w], x->retries, y->retries);
		number(d, DIFF_COUNT, "%s: errors of subrequests", direction[w], x->errors,
		       y->errors);
	}
	number(d, DIFF_COUNT, "errors of requests%s", "", request_errors_of(a),
	       request_errors_of(b));
	ratio(d, DIFF_PER, "events per MiB%s", "", per_mib(a, a->events), per_mib(b, b->events));
	ratio(d, DIFF_PER, "SMB commands per MiB%s", "", per_mib(a, commands_of(a)),
	      per_mib(b, commands_of(b)));
	number(d, DIFF_COUNT, "SMB commands that failed%s", "", command_errors_of(a),
	       command_errors_of(b));
	number(d, DIFF_COUNT, "reconnects%s", "", a->reconnects, b->reconnects);
	ratio(d, DIFF_PER, "waits for credits per MiB%s", "", per_mib(a, known(a->credit_waits)),
	      per_mib(b, known(b->credit_waits)));
}

/* ---- distributions ---- */

static int distribution(struct diff *d, enum diff_unit unit, const char *fmt, const char *arg,
			const char *arg2, struct samples *a, struct samples *b)
{
	struct diff_row *r;
	int rc;

	if (!a->n && !b->n)
		return 0;
	r = row(d, "distributions", unit, fmt, arg, arg2);
	if (!r)
		return 0;
	rc = ranks_compare(a, b, &r->ranks);
	r->distribution = true;
	r->has_a = a->n;
	r->has_b = b->n;
	r->a = samples_median(a);
	r->b = samples_median(b);
	r->n_a = a->seen;
	r->n_b = b->seen;
	return rc;
}

static int compare_distributions(struct diff *d, struct diff_side *a, struct diff_side *b)
{
	int rc = 0;

	for (int w = 0; !rc && w < 2; w++) {
		struct diff_samples *x = &a->samples[w], *y = &b->samples[w];

		rc = distribution(d, DIFF_NS, "%s: request, begin to result%s", direction[w], "",
				  &x->latency, &y->latency);
		if (!rc)
			rc = distribution(d, DIFF_BYTES, "%s: size of a subrequest%s", direction[w],
					  "", &x->size, &y->size);
		for (int i = 0; !rc && i < STAGE_MAX; i++)
			rc = distribution(d, DIFF_NS, "%s: stage %s", direction[w], stage_name(i),
					  &x->stage[i], &y->stage[i]);
		if (!rc)
			rc = distribution(d, DIFF_NS, "%s: SMB command%s", direction[w], "",
					  &x->wire, &y->wire);
	}
	return rc;
}

/*
 * By how much Cliff's delta may be off for what one side lost: were each lost record a sample, and all of them
 * at one end, they would move it by twice their share.
 */
static double off_by(const struct diff_side *s, uint64_t n)
{
	return s->lost_at_least ? 2 : 2.0 * s->lost / (s->lost + n);
}

static enum diff_verdict judge_distribution(const struct diff *d, const struct diff_row *r)
{
	double off = off_by(d->a, r->n_a) + off_by(d->b, r->n_b);

	if (!r->has_a || !r->has_b)
		return DIFF_UNKNOWN;
	if (!r->ranks.tested)
		return DIFF_TOO_FEW;
	if (r->ranks.p >= DIFF_P)
		return DIFF_SAME;
	if (fabs(r->ranks.effect) < DIFF_EFFECT)
		return DIFF_SLIGHT;
	return fabs(r->ranks.effect) - off >= DIFF_EFFECT ? DIFF_DIFFERS : DIFF_UNKNOWN;
}

static int judge_distributions(struct diff *d)
{
	double *p[DIFF_ROWS];
	size_t n = 0;
	int rc;

	for (unsigned int i = 0; i < d->nr_rows; i++)
		if (d->row[i].distribution && d->row[i].ranks.tested)
			p[n++] = &d->row[i].ranks.p;
	rc = ranks_correct(p, n);
	for (unsigned int i = 0; i < d->nr_rows; i++)
		if (d->row[i].distribution)
			d->row[i].verdict = judge_distribution(d, &d->row[i]);
	return rc;
}

/* ---- findings ---- */

static const struct diff_finding *same_finding(const struct diff_side *s,
					       const struct diff_finding *f)
{
	const struct diff_finding *o;

	LL_FOREACH (s->findings, o)
		if (o->check == f->check && o->verdict == f->verdict && !strcmp(o->kind, f->kind))
			return o;
	return NULL;
}

static int add_only(struct diff *d, const struct diff_side *s, const struct diff_side *other,
		    bool in_b)
{
	const struct diff_finding *f;

	LL_FOREACH (s->findings, f) {
		struct diff_only *more;

		if (same_finding(other, f))
			continue;
		more = reallocarray(d->only, d->nr_only + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		d->only = more;
		d->only[d->nr_only++] = (struct diff_only){ .in_b = in_b, .finding = f };
		/* what a loss may explain, here or there, is no difference */
		d->only[d->nr_only - 1].matters = f->verdict == VERDICT_VIOLATION && !lossy(other);
		d->differences += d->only[d->nr_only - 1].matters;
	}
	return 0;
}

int diff_compare(struct diff *ret_d, struct diff_side *a, struct diff_side *b, double percent)
{
	struct diff *d = ret_d;
	int rc;

	*d = (struct diff){
		.path_a = a->path, .path_b = b->path, .a = a, .b = b, .percent = percent
	};
	compare_amounts(d);
	rc = compare_distributions(d, a, b);
	if (!rc)
		rc = judge_distributions(d);
	for (unsigned int i = 0; i < d->nr_rows; i++)
		d->differences += d->row[i].verdict == DIFF_DIFFERS;
	if (rc)
		return rc;
	rc = add_only(d, a, b, false);
	if (rc)
		return rc;
	return add_only(d, b, a, true);
}

void diff_release(struct diff *d)
{
	free(d->only);
	free(d->change);
	*d = (struct diff){};
}

/* ---- how a row reads ---- */

struct short_text diff_change(const struct diff_row *r)
{
	struct short_text t = { "" };

	if (!r->has_a || !r->has_b || r->a == r->b || !certain(r))
		return t;
	if (!r->a)
		snprintf(t.s, sizeof(t.s), "new");
	else if (!r->b)
		snprintf(t.s, sizeof(t.s), "gone");
	else if (r->b / r->a >= 10)
		snprintf(t.s, sizeof(t.s), "x %.0f", r->b / r->a);
	else
		snprintf(t.s, sizeof(t.s), "%+.0f %%", (r->b / r->a - 1) * 100);
	return t;
}

struct short_text diff_value(const struct diff_row *r, bool b)
{
	double v = b ? r->b : r->a;
	struct short_text t = { "-" };

	enum diff_trust trust = b ? r->trust_b : r->trust_a;

	if (!(b ? r->has_b : r->has_a))
		return t;
	if (r->unit == DIFF_BYTES)
		t = fmt_bytes(v);
	else if (r->unit == DIFF_NS)
		t = fmt_ns(v);
	else
		snprintf(t.s, sizeof(t.s), r->unit == DIFF_PER ? "%.2f" : "%.0f", v);
	if (trust != DIFF_EXACT && strlen(t.s) + 1 < sizeof(t.s))
		strcat(t.s, trust == DIFF_LEAST ? "+" : "?");
	return t;
}
