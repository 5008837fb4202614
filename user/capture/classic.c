// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <string.h>
#include <sys/mman.h>

#include "bpf/raw.h"
#include "capture/classic.h"
#include "classic.skel.h"
#include "tp/decode.h"

struct classic {
	struct classic_bpf *skel;
	struct bpf_link *link[PROBE_MAX];
	struct tp_format format[PROBE_MAX];
	struct probe_stat *stats;
	size_t stats_bytes;
};

int classic_record(struct classic *c, void *data, size_t size, record_fn fn, void *ctx)
{
	const struct raw_event *raw = data;
	union decoded d;

	if (raw->hdr.kind != RAW_KIND)
		return fn(ctx, data, size);
	if (raw->hdr.probe >= PROBE_MAX || !decode_record(&d, &raw->hdr, &c->format[raw->hdr.probe],
							  raw->bytes, sizeof(raw->bytes)))
		return 0;
	return fn(ctx, &d, d.hdr.size);
}

static int load(struct classic *c, const struct loader_options *opts)
{
	int cpus = libbpf_num_possible_cpus();
	int rc;

	c->skel = classic_bpf__open();
	if (!c->skel)
		return -errno;
	bpf_map__set_max_entries(c->skel->maps.classic_ring, loader_ring_size(opts->ring_bytes));
	bpf_map__set_max_entries(c->skel->maps.classic_stats, cpus * PROBE_MAX);
	c->skel->rodata->wake_bytes = loader_wake_bytes(opts);
	rc = classic_bpf__load(c->skel);
	if (rc)
		return rc;
	c->stats_bytes = sizeof(struct probe_stat) * PROBE_MAX * cpus;
	c->stats = mmap(NULL, c->stats_bytes, PROT_READ, MAP_SHARED,
			bpf_map__fd(c->skel->maps.classic_stats), 0);
	if (c->stats == MAP_FAILED) {
		c->stats = NULL;
		return -errno;
	}
	return 0;
}

static void attach_one(struct classic *c, int id, struct plan_entry *e)
{
	const struct probe_def *def = &probe_defs[id];
	const char *category = probe_category(def);
	LIBBPF_OPTS(bpf_tracepoint_opts, opts, .bpf_cookie = id);
	int rc = format_read(&c->format[id], category, def->target, NULL);

	if (!rc) {
		c->link[id] = bpf_program__attach_tracepoint_opts(c->skel->progs.classic, category,
								  def->target, &opts);
		rc = c->link[id] ? 0 : -errno;
	}
	if (!rc)
		return;
	e->state = EV_PROBE_FAILED;
	snprintf(e->reason, sizeof(e->reason), "classic tracepoint: %s", strerror(-rc));
}

static bool wanted(const struct plan_entry *e)
{
	return e->state == EV_PROBE_ON && e->mechanism == MECH_CLASSIC;
}

void classic_free(struct classic *c)
{
	if (!c)
		return;
	for (int id = 1; id < PROBE_MAX; id++)
		bpf_link__destroy(c->link[id]);
	if (c->stats)
		munmap(c->stats, c->stats_bytes);
	classic_bpf__destroy(c->skel);
	free(c);
}

static void classic_freep(struct classic **c)
{
	classic_free(*c);
}

int classic_new(struct classic **ret_c, struct plan *plan, const struct loader_options *opts,
		struct err *err)
{
	__free(classic_freep) struct classic *c = NULL;
	int rc, nr = 0;

	for (int id = 1; id < PROBE_MAX; id++)
		nr += wanted(&plan->probe[id]);
	if (!nr)
		return 0;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	rc = load(c, opts);
	if (rc)
		return err_set(err, rc,
			       "the kernel refused the program for classic tracepoints: %s",
			       strerror(-rc));
	for (int id = 1; id < PROBE_MAX; id++)
		if (wanted(&plan->probe[id]))
			attach_one(c, id, &plan->probe[id]);
	*ret_c = TAKE(c);
	return 0;
}

void classic_enable(struct classic *c, bool on)
{
	if (c)
		__atomic_store_n(&c->skel->bss->enabled, on, __ATOMIC_SEQ_CST);
}

const struct bpf_map *classic_ring(const struct classic *c)
{
	return c->skel->maps.classic_ring;
}

const volatile struct probe_stat *classic_stat(const struct classic *c, int probe, int cpu)
{
	return &c->stats[cpu * PROBE_MAX + probe];
}
