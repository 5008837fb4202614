// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "capture/attach.h"
#include "capture/idle.h"

static const char *const module_names[MODULE_REAL] = {
	[MODULE_NETFS] = "netfs", [MODULE_CIFS] = "cifs"
};

struct attachment {
	struct facts facts;
	struct plan plan;
	struct loader *loader;
	struct tests *tests;
	bool tests_tried;
	uint64_t identity[MODULE_REAL];
	uint32_t epoch;
	uint64_t *lost_seen; /* per CPU and probe, of this loader */
	uint64_t *looked_ns; /* per CPU: when its losses were last looked at */
	uint64_t missed_seen[PROBE_MAX];
	uint64_t missed_ns; /* when that was */
	uint64_t hits_seen; /* and how often programs had run */
	uint64_t lost;
};

int attachment_new(struct attachment **ret_a)
{
	*ret_a = calloc(1, sizeof(**ret_a));
	return *ret_a ? 0 : -ENOMEM;
}

void attachment_free(struct attachment *a)
{
	if (!a)
		return;
	loader_free(a->loader);
	tests_free(a->tests);
	facts_free(&a->facts);
	free(a->lost_seen);
	free(a->looked_ns);
	free(a);
}

struct loader *attachment_loader(struct attachment *a)
{
	return a->loader;
}

const struct plan *attachment_plan(const struct attachment *a)
{
	return &a->plan;
}

uint64_t attachment_lost(const struct attachment *a)
{
	return a ? a->lost : 0;
}

int attachment_tests(struct attachment *a, struct tests **ret_t)
{
	int rc;

	loader_log();
	rc = a->tests_tried ? 0 : tests_new(&a->tests);
	a->tests_tried = true;
	*ret_t = a->tests;
	return rc;
}

bool attachment_stale(const struct attachment *a)
{
	for (int i = 0; i < MODULE_REAL; i++)
		if (module_identity(module_names[i]) != a->identity[i])
			return true;
	return false;
}

/* R and connection ids start again with the module: another load is another epoch. */
static void note_identity(struct attachment *a)
{
	bool anew = !a->epoch;

	for (int i = 0; i < MODULE_REAL; i++) {
		uint64_t now = module_identity(module_names[i]);

		anew |= a->identity[i] && now && a->identity[i] != now;
		if (now)
			a->identity[i] = now;
	}
	a->epoch += anew;
}

static int start_loss_counters(struct attachment *a)
{
	int cpus = loader_nr_cpus(a->loader);

	free(a->lost_seen);
	free(a->looked_ns);
	a->lost_seen = calloc((size_t)cpus * PROBE_MAX, sizeof(uint64_t));
	a->looked_ns = calloc(cpus, sizeof(uint64_t));
	if (!a->lost_seen || !a->looked_ns)
		return -ENOMEM;
	a->missed_ns = monotonic_ns();
	for (int cpu = 0; cpu < cpus; cpu++)
		a->looked_ns[cpu] = a->missed_ns;
	memset(a->missed_seen, 0, sizeof(a->missed_seen));
	a->hits_seen = 0;
	return 0;
}

static int describe(struct attachment *a, const struct record_sink *to)
{
	int rc = records_probes(to, &a->plan);

	if (rc)
		return rc;
	rc = records_enums(to, &a->facts);
	if (rc)
		return rc;
	return records_modules(to, &a->facts, a->epoch);
}

int attachment_attach(struct attachment *a, const struct attach_options *opts, bool without_cifs,
		      const struct record_sink *to, struct err *err)
{
	struct tests *tests;
	int rc;

	facts_free(&a->facts);
	rc = facts_read(&a->facts, &opts->facts, err);

	if (!rc && without_cifs)
		a->facts.module[MODULE_CIFS].state = MODULE_ABSENT;
	else if (!rc)
		rc = plan_obstacle(&a->facts, err);
	if (!rc) {
		plan_make(&a->plan, &a->facts, &opts->plan);
		rc = attachment_tests(a, &tests);
	}
	if (!rc) {
		tests_plan(tests, &a->plan);
		rc = loader_new(&a->loader, &a->plan, &a->facts, &opts->loader, err);
	}
	if (!rc)
		rc = plan_blind(&a->plan, opts->loader.filter.fs, err);
	if (rc)
		loader_free(TAKE(a->loader));
	else
		rc = start_loss_counters(a);
	if (!rc) {
		note_identity(a);
		rc = describe(a, to);
	}
	facts_free_btf(&a->facts);
	return rc;
}

static int note_cpu_losses(struct attachment *a, int cpu, const struct record_sink *to)
{
	for (int id = 0; id < PROBE_MAX; id++) {
		const volatile struct probe_stat *st = loader_stat(a->loader, id, cpu);
		uint64_t *seen = &a->lost_seen[(size_t)cpu * PROBE_MAX + id];
		uint64_t lost = st->lost, at = st->last_lost_ns, from = a->looked_ns[cpu];
		int rc;

		if (lost == *seen)
			continue;
		/*
		 * The span begins where the CPU was last known to have lost nothing. A program that was
		 * preempted between its time and its count may have lost before that.
		 */
		rc = records_lost(to, id, cpu, lost - *seen, at < from ? at : from, at);
		if (rc)
			return rc;
		a->lost += lost - *seen;
		*seen = lost;
	}
	return 0;
}

int attachment_note_losses(struct attachment *a, const struct record_sink *to)
{
	int rc = tests_note_losses(a->tests, to, &a->lost);

	for (int cpu = 0; !rc && a->loader && cpu < loader_nr_cpus(a->loader); cpu++) {
		uint64_t now = monotonic_ns();

		rc = note_cpu_losses(a, cpu, to);
		a->looked_ns[cpu] = now;
	}
	return rc;
}

static uint64_t all_hits(const struct attachment *a)
{
	uint64_t sum = 0;

	for (int cpu = 0; cpu < loader_nr_cpus(a->loader); cpu++)
		for (int id = 1; id < PROBE_MAX; id++)
			sum += loader_stat(a->loader, id, cpu)->hits;
	return sum;
}

/* A program is skipped where another one of ours runs; to ask for each is a system call. */
int attachment_note_misses(struct attachment *a, const struct record_sink *to)
{
	uint64_t now = monotonic_ns(), from = a->missed_ns;
	uint64_t hits = a->loader ? all_hits(a) : 0;

	a->missed_ns = now;
	if (hits == a->hits_seen)
		return 0;
	a->hits_seen = hits;
	for (int id = 1; a->loader && id < PROBE_MAX; id++) {
		int64_t missed = loader_missed(a->loader, id);
		uint64_t seen = a->missed_seen[id];
		int rc;

		if (missed < 0 || (uint64_t)missed <= seen)
			continue;
		rc = records_lost(to, id, EV_ANY_CPU, missed - seen, from, now);
		if (rc)
			return rc;
		a->lost += missed - seen;
		a->missed_seen[id] = missed;
	}
	return 0;
}

int attachment_drop(struct attachment *a, const struct record_sink *to)
{
	int rc;

	if (!a->loader)
		return 0;
	rc = attachment_note_losses(a, to);
	if (!rc)
		rc = attachment_note_misses(a, to);
	if (!rc)
		rc = records_hits(to, a->loader);
	loader_free(a->loader);
	a->loader = NULL;
	return rc;
}
