// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <errno.h>
#include <string.h>

#include "base/fmt.h"
#include "base/reasons.h"
#include "capture/loader.h"
#include "capture/module.h"
#include "capture/settings.h"
#include "capture/tests.h"
#include "cmd/args.h"
#include "cmd/btf.h"
#include "cmd/cmd.h"
#include "run/progress.h"

struct doctor_args {
	bool restore;
	bool modprobe;
	bool verbose;
	struct facts_options facts;
};

static const struct argp_option options[] = {
	{ "modprobe", 'M', NULL, 0, "Load the cifs module first if it is not loaded", 0 },
	{ "verbose", 'v', NULL, 0, "List all probes", 0 },
	{ "restore", 'r', NULL, 0,
	  "Only restore the kernel settings that a killed `record` left changed", 0 },
	{ 0 },
};

static int parse(int key, char *arg, struct argp_state *state)
{
	struct doctor_args *a = state->input;

	(void)arg;
	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &a->facts;
	else if (key == 'M')
		a->modprobe = true;
	else if (key == 'v')
		a->verbose = true;
	else if (key == 'r')
		a->restore = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_child children[] = {
	{ &btf_argp, 0, "Kernels without BTF:", 1 },
	{ 0 },
};

const struct argp doctor_argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.doc = "Check what this kernel supports by loading and attaching each probe, then detaching it.\v"
	       "Exit status: 0 recording works, 1 it works, but probes that this kernel should have are missing, 2 usage, 3 recording does not work.",
};

static void print_facts(const struct facts *f)
{
	static const char *const states[] = { "not loaded", "loaded", "built in" };

	printf("kernel    %s\n", f->release);
	printf("BTF       %s\n", f->vmlinux_btf ? "yes"
				 : f->btf	? "from the given file; the kernel has none"
					  : "no; set CONFIG_DEBUG_INFO_BTF=y, or give --btf FILE");
	for (int i = 0; i < MODULE_REAL; i++) {
		const struct module_fact *m = &f->module[i];

		printf("%-9s %s", m->name, states[m->state]);
		if (m->state != MODULE_ABSENT)
			printf(", BTF %s",
			       m->has_btf ? "yes"
			       : m->has_types
				       ? "from the given file"
				       : "no; set CONFIG_DEBUG_INFO_BTF_MODULES=y (needs pahole), or give --btf-module");
		if (m->srcversion[0])
			printf(", srcversion %s", m->srcversion);
		printf("\n");
	}
}

static void print_probe(const struct plan *plan, int id)
{
	const struct plan_entry *e = &plan->probe[id];
	static const char *const states[] = { "off", "on", "FAILED" };
	const struct probe_def *def = &probe_defs[id];

	printf("  %-6s %-8s %-36s", states[e->state], plan_mechanism(plan, id), def->name);
	if (e->state != EV_PROBE_ON)
		printf(" %s\n%20s without it: %s", e->reason, "", def->without);
	else if (e->reason[0])
		printf(" %s", e->reason);
	printf("\n");
}

/* Number of probes that this kernel has the target of and that still could not be attached. */
static int print_probes(const struct plan *plan, bool verbose)
{
	int count[3] = { 0 }, natural = 0;

	for (int id = 1; id < PROBE_MAX; id++) {
		const struct plan_entry *e = &plan->probe[id];
		bool missed_by_nobody = e->state == EV_PROBE_OFF && reason_is_natural(e->reason);

		count[e->state]++;
		natural += missed_by_nobody;
		if (verbose || (e->state != EV_PROBE_ON && !missed_by_nobody))
			print_probe(plan, id);
	}
	printf("probes    %d attached, %d failed, %d off\n", count[EV_PROBE_ON],
	       count[EV_PROBE_FAILED], count[EV_PROBE_OFF]);
	if (natural && !verbose)
		printf("          off because this kernel does not need them: %d (-v lists them)\n",
		       natural);
	return count[EV_PROBE_FAILED];
}

static void print_site(const struct callsite *s)
{
	static const char *const kinds[] = { "call", "jump" };

	printf("    %s %s+0x%jx/0x%jx [%s]%s%s\n",
	       s->kind & SITE_JCC ? "conditional jump" : kinds[s->kind & 1], s->in.symbol,
	       (uintmax_t)(s->addr - s->in.start), (uintmax_t)s->in.size, s->in.module,
	       s->error ? ": cannot be probed: " : "", s->error ? strerror(-s->error) : "");
}

/* Which ways lead to iov_iter_revert() here; why the others do not is with the probes. */
static void print_reverts(const struct loader *l, const struct plan *plan, bool verbose)
{
	static const int ways[] = { P_iov_iter_revert_kprobe, P_iov_iter_revert_callsite,
				    P_iov_iter_revert_breakpoint };
	const struct callsites *sites = revert_sites(loader_revert(l));
	const char *comma = "";

	printf("reverts   ");
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (plan->probe[ways[i]].state != EV_PROBE_ON)
			continue;
		printf("%s%s", comma, plan_mechanism(plan, ways[i]));
		if (ways[i] == P_iov_iter_revert_callsite)
			printf(" (%zu)", sites->nr);
		comma = ", ";
	}
	printf("%s\n", *comma ? "" : "not seen");
	for (int i = 0; verbose && i < MODULE_REAL; i++)
		if (*revert_sites_from(loader_revert(l), i))
			printf("    calls found in %s\n", revert_sites_from(loader_revert(l), i));
	for (size_t i = 0; verbose && i < sites->nr; i++)
		print_site(&sites->site[i]);
}

static int examine(const struct doctor_args *a, const struct facts *f, struct err *err)
{
	const struct loader_options opts = { .ring_bytes = 1 << 20,
					     .folio_ring_bytes = 1 << 20,
					     .revert = REVERT_ALL };
	const struct plan_options all = { .folios = true };
	struct loader *l = NULL;
	struct tests *tests = NULL;
	struct progress progress;
	struct plan plan;
	int rc, failed;

	print_facts(f);
	rc = plan_obstacle(f, err);
	if (rc)
		return rc;
	plan_make(&plan, f, &all);
	fflush(stdout);
	progress_begin(&progress, true);
	progress_say(&progress, "attaching the probes...");
	loader_log();
	rc = tests_new(&tests);
	tests_plan(tests, &plan);
	tests_free(tests);
	if (!rc)
		rc = loader_new(&l, &plan, f, &opts, err);
	progress_clear(&progress);
	failed = print_probes(&plan, a->verbose);
	if (!rc)
		print_reverts(l, &plan, a->verbose);
	fflush(stdout);
	progress_say(&progress, "detaching the probes...");
	loader_free(l);
	progress_clear(&progress);
	if (rc)
		return rc;
	printf("recording works%s\n", failed ? ", without the probes listed above" : "");
	return failed;
}

static int restore(struct err *err)
{
	const struct settings_options o = { 0 };
	struct settings s;
	int n = settings_restore_left(&o, &s, err);

	if (n < 0)
		return cmd_fail(err, n, EXIT_CANNOT);
	if (n)
		printf("restored %d setting%s\n", n, plural(n));
	else
		printf("nothing to restore\n");
	return EXIT_CLEAN;
}

/* Loading a program that may print switches a trace event on. */
static int examine_and_restore(const struct doctor_args *a, const struct facts *f, struct err *err)
{
	const struct settings_options o = { 0 };
	struct settings s;
	int rc = settings_take(&s, &o, err);

	if (!rc)
		rc = examine(a, f, err);
	settings_restore(&s);
	return rc;
}

int cmd_doctor(int argc, char **argv)
{
	struct doctor_args a = {};
	struct err err = {};
	struct facts facts;
	int rc;

	rc = args_parse("doctor", &doctor_argp, argc, argv, 0, &a);
	if (rc)
		return rc;
	if (a.restore)
		return restore(&err);
	rc = btf_check(&a.facts, &err);
	if (!rc && a.modprobe)
		rc = module_load("cifs", &err);
	if (rc)
		return cmd_fail(&err, rc, EXIT_CANNOT);
	rc = facts_read(&facts, &a.facts, &err);
	if (!rc)
		rc = examine_and_restore(&a, &facts, &err);
	facts_free(&facts);
	if (rc < 0)
		return cmd_fail(&err, rc, EXIT_CANNOT);
	return rc ? EXIT_FINDINGS : EXIT_CLEAN;
}
