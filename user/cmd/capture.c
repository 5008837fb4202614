// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "base/fmt.h"
#include "base/units.h"
#include "capture/child.h"
#include "capture/doubt.h"
#include "capture/module.h"
#include "cmd/btf.h"
#include "cmd/capture.h"

enum {
	OPT_FOLIOS = 0x200,
	OPT_PATHS,
	OPT_READY_FILE,
	OPT_RING_SIZE,
	OPT_MODPROBE,
	OPT_LEVEL,
	OPT_WAIT_MODULE,
	OPT_REVERT_PROBE,
	OPT_FAULTS,
};

static const struct argp_option options[] = {
	{ "duration", 'd', "SECS", 0, "Stop after SECS seconds", 0 },
	{ NULL, 0, NULL, 0, "What to capture:", 1 },
	{ "folios", OPT_FOLIOS, NULL, 0, "Also record per-folio events (1000 or more per MiB)", 1 },
	{ "paths", OPT_PATHS, NULL, 0,
	  "Also record the names of files: once each, and again under another name", 1 },
	{ "modprobe", OPT_MODPROBE, NULL, 0, "Load the cifs module if it is not loaded", 1 },
	{ "wait-module", OPT_WAIT_MODULE, NULL, 0,
	  "Start without the cifs module, and attach once it is loaded", 1 },
	{ "revert-probe", OPT_REVERT_PROBE, "HOW", 0,
	  "How to watch iov_iter_revert(): kprobe, callsite, breakpoint, off, or auto, the first that works (default)",
	  1 },
	{ "faults", OPT_FAULTS, "FILE", 0,
	  "Also record the faults that a running `netfsnoop provoke --log FILE` shows the client",
	  1 },
	{ NULL, 0, NULL, 0, "Scripting and tuning:", 3 },
	{ "ready-file", OPT_READY_FILE, "FILE", 0, "Create FILE once recording has begun", 3 },
	{ "ring-size", OPT_RING_SIZE, "SIZE", 0,
	  "Size of the kernel ring buffer, with K, M or G (default 16M)", 3 },
	{ "level", OPT_LEVEL, "N", 0, "zstd level of the trace file (default 1)", 3 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct capture_args *a = state->input;
	struct session_options *s = &a->session;
	uint64_t n;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->filter;
		state->child_inputs[1] = &s->attach.facts;
		return 0;
	case 'd':
		if (parse_seconds(arg, &s->duration_ns) || !s->duration_ns)
			argp_error(state, "not a duration in seconds: %s", arg);
		return 0;
	case OPT_FOLIOS:
		s->attach.plan.folios = true;
		return 0;
	case OPT_PATHS:
		s->attach.loader.paths = true;
		return 0;
	case OPT_MODPROBE:
		a->modprobe = true;
		return 0;
	case OPT_WAIT_MODULE:
		s->wait_module = true;
		return 0;
	case OPT_REVERT_PROBE:
		if (revert_way_parse(arg, &s->attach.loader.revert))
			argp_error(
				state,
				"--revert-probe takes auto, kprobe, callsite, breakpoint or off, not %s",
				arg);
		return 0;
	case OPT_FAULTS:
		s->faults = arg;
		return 0;
	case OPT_READY_FILE:
		s->ready_file = arg;
		return 0;
	case OPT_RING_SIZE:
		if (parse_size(arg, &n) || n < 4096 || n > (1ULL << 31))
			argp_error(state, "not a size from 4K to 2G: %s", arg);
		s->attach.loader.ring_bytes = s->attach.loader.folio_ring_bytes = n;
		return 0;
	case OPT_LEVEL:
		if (parse_number(arg, 1, 19, &n))
			argp_error(state, "not a zstd level from 1 to 19: %s", arg);
		a->level = n;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &filter_argp, 0, "Filters:", 2 },
	{ &btf_argp, 0, "Kernels without BTF:", 2 },
	{ 0 },
};

const struct argp capture_argp = { .options = options, .parser = parse, .children = children };

static int find_command(struct capture_args *a, struct err *err)
{
	int rc = a->session.child ? child_find(*a->session.child, &a->child_path, err) : 0;

	if (rc == -ENOENT || rc == -EACCES)
		a->cannot_run = rc == -ENOENT ? 127 : 126;
	return rc;
}

int capture_check(struct capture_args *a, struct err *err)
{
	struct capture_filter *f = &a->session.attach.loader.filter;
	int rc = plan_privilege(geteuid(), err);

	if (rc)
		return rc;
	rc = find_command(a, err);
	if (rc)
		return rc;
	f->tgid = a->filter.pid;
	f->ino = a->filter.ino;
	rc = capture_filter_names(f, a->filter.fs, a->filter.mount, err);
	if (rc)
		return rc;
	rc = btf_check(&a->session.attach.facts, err);
	if (rc || !a->session.ready_file)
		return rc;
	return output_dir_check(a->session.ready_file, err);
}

int capture_check_output(const struct capture_args *a, const struct output *o, struct err *err)
{
	const struct facts_options *f = &a->session.attach.facts;
	const char *const inputs[] = { a->child_path,
				       f->btf,
				       f->btf_module[MODULE_NETFS],
				       f->btf_module[MODULE_CIFS],
				       a->session.ready_file,
				       a->session.faults };
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(inputs); i++)
		rc = output_is_not(o, inputs[i], err);
	return rc;
}

int capture_load(struct capture_args *a, struct err *err)
{
	const struct capture_filter *f = &a->session.attach.loader.filter;
	int rc = a->modprobe ? module_load("cifs", err) : 0;

	if (rc)
		return rc;
	doubt_filter(a->doubt, sizeof(a->doubt), f, a->filter.mount);
	a->session.doubt = a->doubt;
	if (*a->doubt)
		fprintf(stderr, "netfsnoop: no request will be recorded: %s\n", a->doubt);
	return 0;
}

void capture_release(struct capture_args *a)
{
	free(TAKE(a->child_path));
}

void capture_say_nothing(const struct session_stats *st, const struct filter_args *f)
{
	bool filtered = f->fs || f->mount || f->pid || f->ino;

	if (st->nothing && filtered)
		fprintf(stderr, "netfsnoop: no request was recorded: %s\n", st->nothing);
	else if (st->nothing)
		fprintf(stderr, "netfsnoop: nothing was recorded: %s\n", st->nothing);
}

void capture_say_settings(const struct settings *s, bool all)
{
	if (s->nr_left)
		fprintf(stderr,
			"netfsnoop: restored %zu kernel setting%s that a killed netfsnoop had changed\n",
			s->nr_left, plural(s->nr_left));
	if (!all)
		return;
	for (size_t i = 0; i < s->nr; i++)
		fprintf(stderr, "netfsnoop: %s set to %s while recording (was %s)\n",
			s->item[i].path, s->item[i].now, s->item[i].old);
	if (*s->in_use)
		fprintf(stderr,
			"netfsnoop: leaving ftrace's buffer alone (%s): an oops will print all of it before our line\n",
			s->in_use);
}

void capture_say_phase(struct progress *p, enum session_phase phase)
{
	if (phase == SESSION_ATTACHING)
		progress_say(p, "attaching the probes...");
	else if (phase == SESSION_DETACHING)
		progress_say(p, "detaching the probes...");
	else
		progress_clear(p);
}

int capture_sync_now(struct trace_out *o, const struct session_stats *st, bool quiet)
{
	int rc = trace_out_sync(o);

	if (rc || quiet)
		return rc;
	if (!o->kept)
		fprintf(stderr, "netfsnoop: SIGUSR1: no trace to write; give -o\n");
	else
		fprintf(stderr,
			"netfsnoop: SIGUSR1: wrote the first %.1f s to %s (%s); still recording\n",
			st->elapsed_ns / 1e9, output_name(&o->file),
			fmt_bytes(trace_out_size(o)).s);
	return 0;
}
