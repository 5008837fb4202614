// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/fmt.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "log/file.h"
#include "oops/parse.h"
#include "run/klog.h"
#include "run/oops_trace.h"
#include "run/output.h"
#include "run/progress.h"
#include "run/replay.h"
#include "run/stdout.h"
#include "view/text/notes.h"
#include "view/text/oops_summary.h"
#include "view/text/oops_text.h"

#define MAX_FILES 64

struct oops_args {
	const char *file[MAX_FILES];
	size_t nr_files;
	const char *debug_dir, *release, *path, *trace;
	bool json, dmesg, follow, verbose;
};

enum { OPT_DEBUG_DIR = 0x100, OPT_RELEASE, OPT_TRACE };

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What to read (default: FILE, or standard input):", 1 },
	{ "dmesg", 'd', NULL, 0, "Read the kernel log of this machine (/dev/kmsg)", 1 },
	{ "follow", 'f', NULL, 0, "Read it, and go on with new lines as they come", 1 },
	{ "trace", OPT_TRACE, "FILE", 0,
	  "Find in this trace the request that the task of each report was working on", 1 },
	{ NULL, 0, NULL, 0, "Where the code is:", 2 },
	{ "module", 'm', "FILE", 0,
	  "Try this module, debug file or vmlinux first (.ko, .ko.xz, .ko.zst, .ko.debug); may be repeated",
	  2 },
	{ "debug-dir", OPT_DEBUG_DIR, "DIR", 0, "Search DIR for files of the modules", 2 },
	{ "release", OPT_RELEASE, "RELEASE", 0,
	  "Kernel release, as uname -r prints it, if the report lacks it", 2 },
	{ NULL, 0, NULL, 0, "How:", 3 },
	{ "json", 'j', NULL, 0, "Print a JSON object per report", 3 },
	{ "verbose", 'v', NULL, 0,
	  "Also show, on standard error, which prefixes of the kernel's lines were skipped", 3 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct oops_args *a = state->input;

	switch (key) {
	case 'd':
		a->dmesg = true;
		return 0;
	case 'f':
		a->dmesg = a->follow = true;
		return 0;
	case 'm':
		if (a->nr_files == MAX_FILES)
			argp_error(state, "--module: at most %d files", MAX_FILES);
		a->file[a->nr_files++] = arg;
		return 0;
	case OPT_DEBUG_DIR:
		a->debug_dir = arg;
		return 0;
	case OPT_RELEASE:
		a->release = arg;
		return 0;
	case OPT_TRACE:
		a->trace = arg;
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case 'v':
		a->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "one file at a time: cannot read %s too", arg);
		a->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->path && a->dmesg)
			argp_error(state, "give a file or --dmesg, not both");
		if (!a->path && !a->dmesg && isatty(STDIN_FILENO))
			argp_error(state, "name a file, or give --dmesg");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp oops_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[FILE]",
	.doc = "Find kernel crash reports in a log or a mail and explain them: oopses, BUG, WARNING, hung tasks, lockups, KASAN; also messages of cifs and netfs. FILE - is standard input.\v"
	       "Exit status: 0 reports or messages found, 1 none, 2 usage, no such file or not a trace, 3 reading or writing failed.\n\n"
	       "Examples:\n"
	       "  netfsnoop oops mail.txt\n"
	       "  journalctl -k -b -1 | netfsnoop oops -\n"
	       "  netfsnoop oops --dmesg --module cifs.ko.debug\n",
};

/* ---- reports ---- */

struct run {
	const struct oops_args *a;
	struct sym *sym;
	char release[96]; /* sym's */
	struct utsname uts;
	uint64_t reports, shown;
	uint64_t frames; /* of no report: a stack whose beginning is not there */
	struct oops_said_list said;
	struct notes notes; /* what cifs and netfs logged beside reports */
	struct oops_summary
		*summary; /* of the whole log, before its reports; NULL while following */
	struct err *err;
};

/* Another release has other files. */
static int open_sym(struct run *run, const struct oops *o)
{
	const struct oops_args *a = run->a;
	const char *release = *o->release ? o->release : a->release ? a->release : "";
	struct sym_options so = { .files = a->file,
				  .nr_files = a->nr_files,
				  .debug_dir = a->debug_dir };

	if (!*release && a->dmesg)
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
	return rc ? rc
		  : sym_resolve(run->sym, ref->module, ref->symbol, ref->off, ref->size, is_return,
				ret);
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

	if (said && !run->a->json)
		printf("\nBefore that: %s\n", fmt_escape(text, sizeof(text), said->text));
	if (!run->a->trace)
		return 0;
	return oops_trace_show(stdout, run->a->trace, o, said, run->a->json, run->err);
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
	run->reports++;
	if (!run->a->json &&
	    (is_repeat(run, o) || (run->summary && oops_summary_is_aside(run->summary, o))))
		return 0;
	r->o = o;
	r->entry = places;
	progress_begin(&progress, !run->a->follow);
	progress_say(&progress, "looking up source lines: %zu...", o->nr_entries + 1);
	rc = resolve_all(run, r);
	progress_clear(&progress);
	if (rc)
		return rc;
	oops_explain(o, &r->meaning);
	if (run->a->json)
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
	return run->a->json ? oops_summary_json(stdout, run->summary)
			    : oops_summary_print(stdout, run->summary);
}

static int read_file(struct run *run, struct oops_parser *p)
{
	bool is_stdin = !run->a->path || !strcmp(run->a->path, "-"), cut = false;
	const char *name = is_stdin ? "standard input" : run->a->path;
	__autofree char *log = NULL;
	size_t size;
	int rc = log_file_read(is_stdin ? "/dev/stdin" : run->a->path, MAX_LOG, &log, &size, &cut);

	if (rc == -EBADMSG)
		fprintf(stderr, "netfsnoop: %s: damaged; reading what comes before the damage\n",
			name);
	else if (rc)
		return err_unreadable(name, rc, run->err);
	if (cut)
		fprintf(stderr, "netfsnoop: %s: longer than 256 MiB; the rest is not read\n", name);
	oops_said_feed(&run->said, log, size);
	rc = summarize(run, log, size);
	if (!rc)
		rc = oops_parser_feed(p, log, size);
	return rc ? rc : oops_parser_flush(p);
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
	return klog_read(&to, run->a->follow, run->err);
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

	run->frames += oops_frame(text, &frame);
	notes_add(&run->notes, text, when, line, times);
}

static int show_notes(struct run *run)
{
	if (!run->notes.nr)
		return 0;
	notes_sort(&run->notes);
	if (run->a->json)
		return notes_json(stdout, &run->notes, "message");
	return notes_print(stdout, &run->notes, run->reports != 0);
}

/* What is found in them would be missing in the middle of a report. */
static int check_files(const struct oops_args *a, struct err *err)
{
	int rc = cmd_check_modules(a->file, a->nr_files, err);

	return rc ? rc : replay_check(a->trace, err);
}

static void say_none(const struct run *run)
{
	if (run->frames)
		fprintf(stderr,
			"netfsnoop: found frames of a stack, but nothing above them that says what it is of; `netfsnoop line` resolves them\n");
	else
		fprintf(stderr,
			"netfsnoop: found no kernel crash report and no message of cifs or netfs\n");
}

int cmd_oops(int argc, char **argv)
{
	struct oops_args a = {};
	struct err err = {};
	__autofree struct run *run = calloc(1, sizeof(*run));
	__free(oops_parser_freep) struct oops_parser *p = NULL;
	int rc;

	rc = args_parse("oops", &oops_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	if (!run)
		return cmd_fail(&err, -ENOMEM, EXIT_CANNOT);
	run->a = &a;
	run->err = &err;
	rc = check_files(&a, &err);
	if (!rc && !a.dmesg)
		rc = output_stdout_is_not(a.path ? a.path : "-", &err);
	if (!rc)
		rc = oops_parser_new(&p, show, run);
	if (!rc) {
		oops_parser_on_line(p, take_note, run);
		rc = a.dmesg ? read_kmsg(run, p) : read_file(run, p);
	}
	if (!rc)
		rc = stdout_written(show_notes(run), &err);
	sym_free(run->sym);
	free(run->summary);
	if (a.verbose && !rc)
		show_stripped(p);
	if (rc)
		return cmd_fail(&err, rc, cmd_file_exit(rc));
	if (run->reports || run->notes.nr)
		return EXIT_CLEAN;
	if (!a.json)
		say_none(run);
	return EXIT_FINDINGS;
}
