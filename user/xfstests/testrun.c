// SPDX-License-Identifier: GPL-2.0-only
/* What is collected of an xfstests run while it goes on, and what the checks say of a test. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "event/kinds.h"
#include "view/measure/totals.h"
#include "view/text/timeline.h"
#include "xfstests/testrun_inside.h"

const char *io_verdict_name(enum io_verdict v)
{
	static const char *const names[] = { "clean", "findings", "inconclusive", "not evaluated",
					     "nothing to judge" };

	return names[v];
}

const char *test_result_text(const struct test *t)
{
	return t->judged ? outcome_name(t->outcome) : "-";
}

const struct finding *finding_of_test(const struct finding *f, uint32_t test)
{
	while (f && f->test != test)
		f = f->next;
	return f;
}

static bool any_active(const struct engine *e)
{
	size_t n;
	const struct check *c = engine_checks(e, &n);

	for (size_t i = 0; i < n; i++)
		if (c[i].active)
			return true;
	return false;
}

/* For how much of the script's time the probes were out, ns. What check does around it may unload
 * them. */
static uint64_t parked_in(const struct recording *rec, const struct test *t)
{
	uint64_t end = t->script_end_ns ? t->script_end_ns : rec->now_ns, sum = 0;

	for (uint32_t i = 0; t->script_ns && i < rec->nr_parked; i++) {
		const struct parked *p = &rec->parked[i];
		uint64_t from = p->from > t->script_ns ? p->from : t->script_ns;
		uint64_t to = p->to && p->to < end ? p->to : end;

		sum += to > from ? to - from : 0;
	}
	return sum;
}

/* NULL: it did something, or may have done. */
static const char *why_nothing(const struct test *t, uint64_t parked)
{
	if (t->judged && t->outcome == EV_TEST_NOTRUN)
		return "the test was not run";
	if (parked || t->lost || t->lost_at_least)
		return NULL;
	if (!t->events)
		return "no netfs or cifs event during it";
	return t->requests || t->commands ? NULL : "no request and no SMB command during it";
}

struct test_verdict test_verdict(const struct model *m, const struct engine *e,
				 const struct test *t)
{
	struct test_verdict v = { .io = IO_CLEAN };
	const struct finding *f = engine_findings(e);
	uint64_t parked = parked_in(model_recording(m), t);
	const char *nothing = why_nothing(t, parked);

	while ((f = finding_of_test(f, t->ordinal))) {
		/* known defects and notes are shown, and not the test's */
		if (f->verdict == VERDICT_VIOLATION)
			v.violations += f->count;
		else if (f->verdict == VERDICT_INCONCLUSIVE)
			v.inconclusive += f->count;
		f = f->next;
	}
	if (v.violations) {
		v.io = IO_FINDINGS;
	} else if (nothing && !v.inconclusive) {
		v.io = IO_NOTHING;
		snprintf(v.why, sizeof(v.why), "%s", nothing);
	} else if (!any_active(e) || (!t->events && parked)) {
		v.io = IO_NOT_EVALUATED;
		snprintf(v.why, sizeof(v.why), "%s",
			 t->events ? "no check works on this kernel" : "the probes were parked");
	} else if (parked) {
		v.io = IO_INCONCLUSIVE;
		snprintf(v.why, sizeof(v.why), "the probes were parked for %.1f s of it",
			 (double)parked / 1e9);
	} else if (t->lost || t->lost_at_least) {
		v.io = IO_INCONCLUSIVE;
		snprintf(v.why, sizeof(v.why), "%s lost during it",
			 fmt_lost(t->lost, t->lost_at_least).s);
	} else if (v.inconclusive) {
		v.io = IO_INCONCLUSIVE;
		snprintf(v.why, sizeof(v.why), "%" PRIu64 " finding%s that losses may explain",
			 v.inconclusive, plural(v.inconclusive));
	}
	return v;
}

struct test_slug test_slug(const struct test *t)
{
	struct test_slug slug;
	size_t used = 0;

	for (const char *p = t->name; *p; p++) {
		unsigned char c = *p;

		if (c == '/')
			slug.s[used++] = '-';
		else if (isalnum(c) || (c == '_' || (c == '-' && used) || (c == '.' && used)))
			slug.s[used++] = c;
		else
			used += sprintf(slug.s + used, "+%02x", c);
	}
	snprintf(slug.s + used, sizeof(slug.s) - used, ".%" PRIu32, t->repeat);
	return slug;
}

/* ---- collecting ---- */

const struct page *page_of(const struct testrun *r, uint32_t test)
{
	struct page *p;

	HASH_FIND(hh, r->pages, &test, sizeof(test), p);
	return p;
}

static void page_free(struct page *p)
{
	if (!p)
		return;
	if (p->stream)
		fclose(p->stream);
	mem_free(&p->timelines);
	for (size_t i = 0; i < p->nr_rows; i++)
		free(p->rows[i].path);
	free(p->rows);
	free(p);
}

static struct page *page_get(struct testrun *r, uint32_t test)
{
	struct page *p = (struct page *)page_of(r, test);

	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->test = test;
	p->stream = mem_open(&p->timelines);
	if (!p->stream) {
		page_free(p);
		return NULL;
	}
	if (!hash_add(hh, r->pages, test, sizeof(p->test), p))
		return p;
	page_free(p);
	return NULL;
}

static bool is_striking(const struct request *q)
{
	return request_outcome(q) || q->retries || q->nr_failures || q->lost;
}

static int add_row(struct page *p, const struct request *q)
{
	struct request_line *row;
	uint64_t latency = 0;

	if (p->nr_rows >= (is_striking(q) ? 2 * MAX_ROWS : MAX_ROWS)) {
		p->rows_left_out++;
		return 0;
	}
	if (p->nr_rows == p->room) {
		size_t room = p->room ? 2 * p->room : 32;

		row = realloc(p->rows, room * sizeof(*row));
		if (!row)
			return -ENOMEM;
		p->rows = row;
		p->room = room;
	}
	if (!request_latency(q, &latency))
		latency = 0;
	row = &p->rows[p->nr_rows++];
	*row = (struct request_line){
		.epoch = q->key.epoch,
		.rreq = q->key.rreq,
		.synth = q->key.synth,
		.nr_subrequests = q->nr_subrequests,
		.retries = q->retries,
		.write = q->write,
		.lost = q->lost,
		.claim = q->claim,
		.origin = q->origin,
		.origin_known = q->origin_known,
		.ino = q->ino,
		.start = q->start,
		.len = q->len,
		.transferred = q->transferred,
		.first_ns = q->first_ns,
		.latency_ns = latency,
		.error = request_outcome(q),
		.open = !q->freed,
	};
	memcpy(row->comm, q->comm, sizeof(row->comm));
	row->path = q->path ? strdup(q->path) : NULL;
	return q->path && !row->path ? -ENOMEM : 0;
}

static int add_timeline(struct testrun *r, struct page *p, const struct request *q)
{
	static const struct timeline_options opts = { .width = 124 };
	int rc;

	fflush(p->stream);
	if (!q->events || p->timelines.len >= (is_striking(q) ? TIMELINE_MAX : TIMELINE_BYTES)) {
		p->timelines_left_out++;
		return 0;
	}
	rc = timeline_print(p->stream, r->m, q, &opts);
	putc('\n', p->stream);
	fflush(p->stream);
	return p->timelines.failed ? -ENOMEM : rc;
}

static int on_request(void *ctx, const struct request *q)
{
	struct testrun *r = ctx;
	const struct test *t = model_test(r->m, q->test);
	struct page *p;
	int rc;

	if (!t || t->over)
		return 0;
	p = page_get(r, q->test);
	if (!p)
		return -ENOMEM;
	rc = add_row(p, q);
	if (rc)
		return rc;
	return add_timeline(r, p, q);
}

/* A test has few kinds of them; what is beyond is in the counts. */
static int on_command(void *ctx, const struct command *c)
{
	struct testrun *r = ctx;
	const struct test *t = model_test(r->m, c->test);
	struct page *p = t && !t->over && command_failed(c) ? page_get(r, c->test) : NULL;
	unsigned int i = 0;

	if (!t || t->over || !command_failed(c))
		return 0;
	if (!p)
		return -ENOMEM;
	while (i < p->nr_failed &&
	       (p->failed[i].cmd != c->cmd || p->failed[i].status != c->status ||
		p->failed[i].answered != c->answered))
		i++;
	if (i == MAX_STATUSES)
		return 0;
	p->failed[i].cmd = c->cmd;
	p->failed[i].status = c->status;
	p->failed[i].answered = c->answered;
	p->failed[i].count++;
	p->nr_failed += i == p->nr_failed;
	return 0;
}

bool testrun_keep(void *ctx, const struct request *q)
{
	struct testrun *r = *(struct testrun **)ctx;
	const struct page *p = r && q->test ? page_of(r, q->test) : NULL;

	return r && q->test && (!p || p->timelines.len < TIMELINE_MAX);
}

void testrun_forget(struct testrun *r, uint32_t ordinal)
{
	struct page *p = (struct page *)page_of(r, ordinal);

	if (!p)
		return;
	HASH_DEL(r->pages, p);
	page_free(p);
}

/* ---- what the run is of ---- */

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static int on_mount(struct testrun *r, const struct ev_mount *ev)
{
	const char *text[4];
	struct run_mount *mnt = &r->mounts[r->nr_mounts];

	for (int i = 0; i < 4; i++)
		text[i] = ev_text(&ev->hdr, i);
	for (unsigned int i = 0; i < r->nr_mounts; i++)
		if (same_text(r->mounts[i].fstype, text[0]) &&
		    same_text(r->mounts[i].source, text[1]) &&
		    same_text(r->mounts[i].point, text[2]) &&
		    same_text(r->mounts[i].options, text[3]))
			return 0;
	if (r->nr_mounts == MAX_MOUNTS)
		return 0;
	r->nr_mounts++;
	mnt->fstype = strdup(text[0]);
	mnt->source = strdup(text[1]);
	mnt->point = strdup(text[2]);
	mnt->options = strdup(text[3]);
	return mnt->fstype && mnt->source && mnt->point && mnt->options ? 0 : -ENOMEM;
}

static int on_env(struct testrun *r, const struct ev_test_env *ev)
{
	const struct {
		const char *key;
		char **value;
	} known[] = {
		{ "FSTYP=", &r->fstyp },
		{ "TEST_DIR=", &r->test_dir },
		{ "SCRATCH_MNT=", &r->scratch },
	};

	for (unsigned int n = 0; *ev_text(&ev->hdr, n); n++)
		for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
			const char *pair = ev_text(&ev->hdr, n);
			size_t len = strlen(known[i].key);

			if (strncmp(pair, known[i].key, len))
				continue;
			free(*known[i].value);
			*known[i].value = strdup(pair + len);
			if (!*known[i].value)
				return -ENOMEM;
		}
	return 0;
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	struct testrun *r = ctx;

	switch (ev->kind) {
	case EV_MOUNT:
		return on_mount(r, (const void *)ev);
	case EV_TEST_ENV:
		return on_env(r, (const void *)ev);
	default:
		return 0;
	}
}

/* ---- what check left ---- */

const struct left *left_of(const struct testrun *r, uint32_t test)
{
	struct left *l;

	HASH_FIND(hh, r->left, &test, sizeof(test), l);
	return l;
}

static void left_free(struct left *l)
{
	if (!l)
		return;
	free(l->diff);
	free(l->log);
	free(l);
}

int testrun_left(struct testrun *r, uint32_t ordinal, const struct test_files *f)
{
	struct left *l = (struct left *)left_of(r, ordinal);

	if (l)
		HASH_DEL(r->left, l);
	left_free(l);
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->test = ordinal;
	l->out_bad = f->out_bad;
	l->full = f->full;
	l->dmesg = f->dmesg;
	l->diff = f->diff ? strdup(f->diff) : NULL;
	l->log = f->log ? strdup(f->log) : NULL;
	if ((f->diff && !l->diff) || (f->log && !l->log)) {
		left_free(l);
		return -ENOMEM;
	}
	if (!hash_add(hh, r->left, test, sizeof(l->test), l))
		return 0;
	left_free(l);
	return -ENOMEM;
}

void testrun_set_pages(struct testrun *r, const char *(*page_at)(void *ctx, uint64_t ns), void *ctx)
{
	r->page_at = page_at;
	r->page_ctx = ctx;
}

int testrun_new(struct testrun **ret_r, const struct model *m, const struct engine *e)
{
	struct testrun *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->m = m;
	r->e = e;
	r->listener = (struct model_listener){
		.event = on_event, .request = on_request, .command = on_command, .ctx = r
	};
	*ret_r = r;
	return 0;
}

const struct model_listener *testrun_listener(struct testrun *r)
{
	return &r->listener;
}

void testrun_free(struct testrun *r)
{
	struct page *p, *next;
	struct left *l, *l2;

	if (!r)
		return;
	HASH_ITER (hh, r->pages, p, next) {
		HASH_DEL(r->pages, p);
		page_free(p);
	}
	HASH_ITER (hh, r->left, l, l2) {
		HASH_DEL(r->left, l);
		left_free(l);
	}
	for (unsigned int i = 0; i < r->nr_mounts; i++) {
		free(r->mounts[i].fstype);
		free(r->mounts[i].source);
		free(r->mounts[i].point);
		free(r->mounts[i].options);
	}
	free(r->fstyp);
	free(r->test_dir);
	free(r->scratch);
	free(r);
}
