// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <string.h>
#include <unistd.h>

#include "capture/tests.h"
#include "tests.skel.h"

struct tests {
	struct tests_bpf *skel;
	struct bpf_link *link[PROBE_MAX];
	int error[PROBE_MAX]; /* errno of a load or attach that failed */
	struct ring_buffer *ring;
	uint64_t lost_seen[PROBE_MAX];
	uint64_t looked_ns;
	record_fn fn; /* of the drain in progress */
	void *fn_ctx;
};

static bool is_test_probe(int id)
{
	return probe_defs[id].group == GROUP_TEST;
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct tests *t = ctx;

	return t->fn(t->fn_ctx, data, size);
}

static struct bpf_program *program_of(const struct tests *t, int id)
{
	return bpf_object__find_program_by_name(t->skel->obj, probe_defs[id].name);
}

static int open_object(struct tests *t, bool all, int only)
{
	tests_bpf__destroy(t->skel);
	t->skel = tests_bpf__open();
	if (!t->skel)
		return -errno;
	for (int id = 1; id < PROBE_MAX; id++)
		if (is_test_probe(id) && program_of(t, id))
			bpf_program__set_autoload(program_of(t, id),
						  all ? !t->error[id] : id == only);
	return 0;
}

/* A kernel that lacks one of the tracepoints has the others: find out one by one. */
static int load_object(struct tests *t)
{
	int rc = open_object(t, true, 0);

	if (!rc && !tests_bpf__load(t->skel))
		return 0;
	for (int id = 1; id < PROBE_MAX; id++) {
		if (!is_test_probe(id))
			continue;
		rc = open_object(t, false, id);
		t->error[id] = rc ? -rc : -tests_bpf__load(t->skel);
	}
	rc = open_object(t, true, 0);
	if (rc)
		return rc;
	return tests_bpf__load(t->skel);
}

static void attach_all(struct tests *t)
{
	for (int id = 1; id < PROBE_MAX; id++) {
		if (!is_test_probe(id) || t->error[id])
			continue;
		t->link[id] = bpf_program__attach(program_of(t, id));
		if (!t->link[id])
			t->error[id] = errno;
	}
}

void tests_free(struct tests *t)
{
	if (!t)
		return;
	ring_buffer__free(t->ring);
	for (int id = 1; id < PROBE_MAX; id++)
		bpf_link__destroy(t->link[id]);
	tests_bpf__destroy(t->skel);
	free(t);
}

static void tests_freep(struct tests **t)
{
	tests_free(*t);
}

/* A BTF of --btf does not help: what they read is of types that the running kernel has to know. */
static bool kernel_has_btf(void)
{
	return !access("/sys/kernel/btf/vmlinux", R_OK);
}

int tests_new(struct tests **ret_t)
{
	__free(tests_freep) struct tests *t = calloc(1, sizeof(*t));

	*ret_t = NULL;
	if (!t)
		return -ENOMEM;
	if (!kernel_has_btf() || load_object(t))
		return 0;
	t->ring = ring_buffer__new(bpf_map__fd(t->skel->maps.tests_ring), on_record, t, NULL);
	if (!t->ring)
		return 0;
	attach_all(t);
	t->looked_ns = monotonic_ns();
	*ret_t = TAKE(t);
	return 0;
}

void tests_enable(struct tests *t, bool on)
{
	if (t)
		__atomic_store_n(&t->skel->bss->enabled, on, __ATOMIC_SEQ_CST);
}

static void refuse(struct plan_entry *e, const struct tests *t, int id)
{
	if (!t && !kernel_has_btf()) {
		e->state = EV_PROBE_OFF;
		snprintf(e->reason, sizeof(e->reason),
			 "the kernel has no BTF; marks of tests come from /dev/kmsg");
		return;
	}
	e->state = EV_PROBE_FAILED;
	snprintf(e->reason, sizeof(e->reason), "load or attach failed: %s",
		 t ? strerror(t->error[id]) : "the kernel refused the object");
}

void tests_plan(const struct tests *t, struct plan *plan)
{
	for (int id = 1; id < PROBE_MAX; id++) {
		struct plan_entry *e = &plan->probe[id];

		if (is_test_probe(id) && e->state == EV_PROBE_ON && !(t && !t->error[id]))
			refuse(e, t, id);
	}
}

bool tests_sees_marks(const struct tests *t)
{
	return t && t->link[P_test_console];
}

int tests_epoll_fd(const struct tests *t)
{
	return t ? ring_buffer__epoll_fd(t->ring) : -1;
}

int tests_drain(struct tests *t, record_fn fn, void *ctx)
{
	int rc;

	if (!t)
		return 0;
	t->fn = fn;
	t->fn_ctx = ctx;
	rc = ring_buffer__consume(t->ring);
	return rc < 0 ? rc : 0;
}

int tests_note_losses(struct tests *t, const struct record_sink *to, uint64_t *lost)
{
	uint64_t now = monotonic_ns();
	int rc = 0;

	for (int id = 1; t && !rc && id < PROBE_MAX; id++) {
		uint64_t seen = __atomic_load_n(&t->skel->bss->stats[id].lost, __ATOMIC_RELAXED);

		if (!is_test_probe(id) || seen == t->lost_seen[id])
			continue;
		rc = records_lost(to, id, EV_ANY_CPU, seen - t->lost_seen[id], t->looked_ns, now);
		*lost += seen - t->lost_seen[id];
		t->lost_seen[id] = seen;
	}
	if (t)
		t->looked_ns = now;
	return rc;
}

int tests_hits(const struct tests *t, const struct record_sink *to)
{
	int rc = 0;

	for (int id = 1; t && !rc && id < PROBE_MAX; id++)
		if (is_test_probe(id))
			rc = records_hits_of(to, id, t->skel->bss->stats[id].hits,
					     t->skel->bss->stats[id].lost);
	return rc;
}
