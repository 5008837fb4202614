// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/fmt.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "run/progress.h"
#include "run/stdout.h"
#include "view/text/oops_place.h"

#define MAX_FILES 64

struct line_args {
	const char *file[MAX_FILES];
	size_t nr_files;
	const char *debug_dir, *release;
	char ref[512]; /* the words of the argument, joined */
	bool is_return, json;
};

enum { OPT_DEBUG_DIR = 0x100, OPT_RELEASE, OPT_RETURN };

static const struct argp_option options[] = {
	{ "module", 'm', "FILE", 0,
	  "Try this module, debug file or vmlinux first (.ko, .ko.xz, .ko.zst, .ko.debug); may be repeated",
	  0 },
	{ "debug-dir", OPT_DEBUG_DIR, "DIR", 0, "Search DIR for files of the module", 0 },
	{ "release", OPT_RELEASE, "RELEASE", 0,
	  "Kernel release, as uname -r prints it (default: the running one)", 0 },
	{ "return", OPT_RETURN, NULL, 0,
	  "Treat the offset as a return address (an entry of a call trace, not RIP), and look up the call",
	  0 },
	{ "json", 'j', NULL, 0, "Print a JSON object", 0 },
	{ 0 },
};

static int add_word(struct line_args *a, const char *word)
{
	size_t n = strlen(a->ref);
	int k = snprintf(a->ref + n, sizeof(a->ref) - n, "%s%s", n ? " " : "", word);

	return k < 0 || (size_t)k >= sizeof(a->ref) - n ? -EINVAL : 0;
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct line_args *a = state->input;

	switch (key) {
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
	case OPT_RETURN:
		a->is_return = true;
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (add_word(a, arg))
			argp_error(
				state,
				"too long for a place: give one, such as smb2_readv_callback+0x50f/0x5b0 [cifs]");
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give a place, such as smb2_readv_callback+0x50f/0x5b0 [cifs]");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp line_argp = {
	.options = options,
	.parser = parse,
	.args_doc = "SYMBOL+OFF[/SIZE] [[MODULE]]\nMODULE:SYMBOL+OFF[/SIZE]",
	.doc = "Resolve a place in an oops to function, inlined calls and file:line. Without debug information: to the function called there.\v"
	       "Exit status: 0 resolved, 1 not resolved (standard error says why), 2 usage or no such file, 3 reading or writing failed.\n\n"
	       "Examples:\n"
	       "  netfsnoop line --return 'smb2_readv_callback+0x50f/0x5b0 [cifs]'\n"
	       "  netfsnoop line --module cifs.ko.debug cifs:smb2_readv_callback+0x50f/0x5b0\n",
};

static int look_up(const struct line_args *a, const struct sym_ref *ref, struct sym_place *ret)
{
	struct utsname uts = {};
	struct sym_options o = { .files = a->file,
				 .nr_files = a->nr_files,
				 .debug_dir = a->debug_dir,
				 .release = a->release };
	__free(sym_freep) struct sym *s = NULL;
	int rc;

	/* given files may be of any kernel */
	if (!o.release && !o.nr_files && !uname(&uts))
		o.release = uts.release;
	rc = sym_open(&s, &o);
	if (!rc && *ref->build_id)
		rc = sym_expect_build(s, ref->module, ref->build_id);
	if (rc)
		return rc;
	return sym_resolve(s, ref->module, ref->symbol, ref->off, ref->size, a->is_return, ret);
}

static int show_json(const struct sym_place *p)
{
	json_t *line = place_json(p);
	int rc = line && !json_dumpf(line, stdout, JSON_COMPACT) && putchar('\n') != EOF ? 0
											 : -ENOMEM;

	json_decref(line);
	return rc;
}

static int show(const struct line_args *a, const struct sym_place *p, struct err *err)
{
	int rc = 0;

	if (a->json)
		rc = show_json(p);
	else if (p->how != SYM_NONE)
		place_print(stdout, "", p);
	return stdout_written(rc, err);
}

int cmd_line(int argc, char **argv)
{
	struct line_args a = {};
	struct sym_ref ref;
	struct sym_place p;
	struct progress progress;
	struct err err = {};
	int rc;

	rc = args_parse("line", &line_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	if (sym_ref_parse(a.ref, &ref, NULL)) {
		err_set(&err, -EINVAL, "not SYMBOL+0xOFF/0xSIZE [MODULE]: %s%s%s%s", a.ref,
			access(a.ref, F_OK) ? "" : "; for a log: `netfsnoop oops ",
			access(a.ref, F_OK) ? "" : a.ref, access(a.ref, F_OK) ? "" : "`");
		return cmd_fail(&err, -EINVAL, EXIT_USAGE);
	}
	rc = cmd_check_modules(a.file, a.nr_files, &err);
	if (rc)
		return cmd_fail(&err, rc, cmd_file_exit(rc));
	progress_begin(&progress, true);
	progress_say(&progress, "reading debug information...");
	rc = look_up(&a, &ref, &p);
	progress_clear(&progress);
	if (!rc)
		rc = show(&a, &p, &err);
	if (rc)
		return cmd_fail(&err, rc, EXIT_CANNOT);
	if (p.how != SYM_NONE)
		return EXIT_CLEAN;
	fmt_escape(err.text, sizeof(err.text), p.why);
	return a.json ? EXIT_FINDINGS : cmd_fail(&err, 0, EXIT_FINDINGS);
}
