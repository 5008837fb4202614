// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/fmt.h"
#include "log/file.h"
#include "oops/parse.h"
#include "run/klog.h"
#include "run/oops.h"
#include "run/oops_trace.h"
#include "run/progress.h"
#include "run/stdout.h"
#include "view/text/notes.h"
#include "view/text/oops_summary.h"
#include "view/text/oops_text.h"

/* ---- reports ---- */

struct run {
	const struct oops_job *job;
	struct sym *sym;
	char release[96]; /* sym's */
	struct utsname uts;
	struct oops_found found;
	uint64_t shown;
	struct oops_said_list said;
	struct notes notes; /* what cifs and netfs logged beside reports */
	struct oops_summary
		*summary; /* of the whole log, before its reports; NULL while following */
	struct err *err;
};

static void run_freep(struct run **p)
{
	if (!*p)
		return;
	sym_free((*p)->sym);
	free((*p)->summary);
	free(*p);
}

/* Another release has other files. */
static int open_sym(struct run *run, const struct oops *o)
{
	const struct oops_job *job = run->job;
	const char *release = *o->release ? o->release : job->release ? job->release : "";
	struct sym_options so = { .files = job->file,
				  .nr_files = job->nr_files,
				  .debug_dir = job->debug_dir };

	if (!*release && job->dmesg)
		release = run->uts.release;
	if (run->sym && !strcmp(run->release, release))
		return 0;
	sym_free(run->sym);
	run->sym = NULL;
	snprintf(run->release, sizeof(run->release), "%s", release);
	so.release = *run->release ? run->release : NULL;
	return sym_open(&run->sym, &so);
}

static int resolve(struct run *run, const struct sym_ref *ref, bool is_return,
		   struct sym_place *ret)
{
	int rc = 0;

	memset(ret, 0, sizeof(*ret));
	if (!*ref->symbol || !ref->size) /* without an offset there is no place */
		return 0;
	if (*ref->build_id)
		rc = sym_expect_build(run->sym, ref->module, ref->build_id);
	if (rc)
		return rc;
	return sym_resolve(run->sym, ref->module, ref->symbol, ref->off, ref->size, is_return, ret);
}

static int resolve_all(struct run *run, struct oops_report *r)
{
	const struct oops *o = r->o;
	int rc = open_sym(run, o);

	if (!rc)
		rc = resolve(run, &o->at, false, &r->at);
	for (size_t i = 0; i < o->nr_entries && !rc; i++)
		rc = resolve(run, &o->entry[i].at, !oops_entry_is_fault(o, &o->entry[i]),
			     &r->entry[i]);
	return rc;
}

/* What our program wrote before, and what the trace has. */
static int show_trace(struct run *run, const struct oops *o)
{
	const struct oops_said *said = o->has_pid ? oops_said_by(&run->said, o->pid) : NULL;
	char text[512];

	if (said && !run->job->json)
		printf("\nBefore that: %s\n", fmt_escape(text, sizeof(text), said->text));
	if (!run->job->trace)
		return 0;
	return oops_trace_show(stdout, run->job->trace, o, said, run->job->json, run->err);
}

/* One that had the same before is a line of the summary. */
static bool is_repeat(const struct run *run, const struct oops *o)
{
	const struct oops_group *g = run->summary ? oops_summary_of(run->summary, o) : NULL;

	return g && g->first_line != o->first_line;
}

static int count(void *ctx, const struct oops *o)
{
	struct run *run = ctx;

	oops_summary_add(run->summary, o);
	return 0;
}

static int show(void *ctx, const struct oops *o)
{
	struct run *run = ctx;
	__autofree struct oops_report *r = calloc(1, sizeof(*r));
	__autofree struct sym_place *places = calloc(o->nr_entries + 1, sizeof(*places));
	struct progress progress;
	int rc;

	if (!r || !places)
		return -ENOMEM;
	run->found.reports++;
	if (!run->job->json &&
	    (is_repeat(run, o) || (run->summary && oops_summary_is_aside(run->summary, o))))
		return 0;
	r->o = o;
	r->entry = places;
	progress_begin(&progress, !run->job->follow);
	progress_say(&progress, "looking up source lines: %zu...", o->nr_entries + 1);
	rc = resolve_all(run, r);
	progress_clear(&progress);
	if (rc)
		return rc;
	oops_explain(o, &r->meaning);
	if (run->job->json)
		rc = oops_json_print(stdout, r);
	else if (run->shown++ && fputs("\n\n", stdout) == EOF)
		rc = -EIO;
	else
		rc = oops_text_print(stdout, r);
	if (!rc)
		rc = show_trace(run, o);
	return stdout_written(rc, run->err);
}

/* ---- logs ---- */

/* A log is read as a whole: our lines come after the report that they explain. */
#define MAX_LOG (256 << 20)

/* Many reports are told in short first. */
static int summarize(struct run *run, const char *log, size_t size)
{
	__free(oops_parser_freep) struct oops_parser *p = NULL;
	int rc;

	run->summary = calloc(1, sizeof(*run->summary));
	rc = run->summary ? oops_parser_new(&p, count, run) : -ENOMEM;
	if (!rc)
		rc = oops_parser_feed(p, log, size);
	if (!rc)
		rc = oops_parser_flush(p);
	if (rc || run->summary->reports < 2)
		return rc;
	return run->job->json ? oops_summary_json(stdout, run->summary)
			      : oops_summary_print(stdout, run->summary);
}

static int read_file(struct run *run, struct oops_parser *p)
{
	bool is_stdin = !run->job->path || !strcmp(run->job->path, "-"), cut = false;
	const char *name = is_stdin ? "standard input" : run->job->path;
	__autofree char *log = NULL;
	size_t size;
	int rc =
		log_file_read(is_stdin ? "/dev/stdin" : run->job->path, MAX_LOG, &log, &size, &cut);

	if (rc == -EBADMSG)
		fprintf(stderr, "netfsnoop: %s: damaged; reading what comes before the damage\n",
			name);
	else if (rc)
		return err_unreadable(name, rc, run->err);
	if (cut)
		fprintf(stderr, "netfsnoop: %s: longer than 256 MiB; the rest is not read\n", name);
	oops_said_feed(&run->said, log, size);
	rc = summarize(run, log, size);
	if (rc)
		return rc;
	rc = oops_parser_feed(p, log, size);
	if (rc)
		return rc;
	return oops_parser_flush(p);
}

struct following {
	struct run *run;
	struct oops_parser *p;
};

static int feed_line(void *ctx, char *line, size_t size)
{
	struct following *f = ctx;

	oops_said_feed(&f->run->said, line, size);
	return oops_parser_feed(f->p, line, size);
}

static int flush(void *ctx)
{
	struct following *f = ctx;

	return oops_parser_flush(f->p);
}

static int read_kmsg(struct run *run, struct oops_parser *p)
{
	struct following f = { .run = run, .p = p };
	const struct klog_sink to = { .line = feed_line, .pause = flush, .ctx = &f };

	uname(&run->uts);
	return klog_read(&to, run->job->follow, run->err);
}

static void show_stripped(const struct oops_parser *p)
{
	const char *prefix;
	char text[512];

	for (size_t i = 0; (prefix = oops_parser_stripped(p, i)) != NULL; i++)
		fprintf(stderr, "netfsnoop: skipped this prefix of lines: \"%s\"\n",
			fmt_escape(text, sizeof(text), prefix));
}

static void take_note(void *ctx, const char *text, const char *when, uint64_t line, uint64_t times)
{
	struct oops_entry frame;
	struct run *run = ctx;

	run->found.frames += oops_frame(text, &frame);
	notes_add(&run->notes, text, when, line, times);
}

static int show_notes(struct run *run)
{
	if (!run->notes.nr)
		return 0;
	notes_sort(&run->notes);
	if (run->job->json)
		return notes_json(stdout, &run->notes, "message");
	return notes_print(stdout, &run->notes, run->found.reports != 0);
}

static int read_log(struct run *run)
{
	__free(oops_parser_freep) struct oops_parser *p = NULL;
	int rc = oops_parser_new(&p, show, run);

	if (rc)
		return rc;
	oops_parser_on_line(p, take_note, run);
	rc = run->job->dmesg ? read_kmsg(run, p) : read_file(run, p);
	if (rc)
		return rc;
	rc = stdout_written(show_notes(run), run->err);
	if (!rc && run->job->verbose)
		show_stripped(p);
	return rc;
}

int oops_run(const struct oops_job *job, struct oops_found *ret_found, struct err *err)
{
	__free(run_freep) struct run *run = calloc(1, sizeof(*run));
	int rc;

	if (!run)
		return -ENOMEM;
	run->job = job;
	run->err = err;
	rc = read_log(run);
	*ret_found = run->found;
	ret_found->messages = run->notes.nr;
	return rc;
}
