// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <linux/types.h>
#include <sys/mman.h>

#include "capture/classic.h"
#include "capture/loader.h"
#include "capture/perf_probe.h"
#include "netfsnoop.skel.h"

/*
 * libbpf's registry of section handlers belongs to the process, and libbpf 1.1 frees its memory
 * twice when it is emptied and used again: so it is filled once, and this is what the handlers look
 * at.
 */
static struct {
	bool done;
	const struct facts *facts; /* of the load in progress */
} section_registry;

#define REVERT_RING_BYTES (1 << 20) /* 10,000 reverts in 100 ms */

struct loader {
	struct netfsnoop_bpf *skel;
	struct bpf_program *prog[PROBE_MAX];
	struct bpf_link *link[PROBE_MAX];
	struct bpf_link *begin[PROBE_MAX]; /* the kprobe that keeps arguments for a kretprobe */
	struct revert *revert;
	struct classic *classic; /* tracepoints without BTF; NULL: none */
	bool is_classic[PROBE_MAX];
	struct collector *collector;
	unsigned int classic_ring;
	struct probe_stat *stats;
	size_t stats_bytes;
	int nr_cpus;
	record_fn fn; /* of the drain in progress */
	void *fn_ctx;
};

/* libbpf speaks of every refused program at length; the plan's reasons say it in a line. */
static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (level == LIBBPF_DEBUG || !getenv("NETFSNOOP_LIBBPF_LOG"))
		return 0;
	return vfprintf(stderr, fmt, ap);
}

/*
 * libbpf would look for every target by name in the BTF of vmlinux and of all modules, going
 * through vmlinux's types once per module and program: seconds on a busy machine. The facts have
 * the ids, so our sections have handlers of their own that pass them on.
 */
static int prepare_load(struct bpf_program *prog, struct bpf_prog_load_opts *opts,
			long cookie __attribute__((unused)))
{
	const struct facts *facts = section_registry.facts;
	const char *name = bpf_program__name(prog);

	if (bpf_program__type(prog) != BPF_PROG_TYPE_TRACING) /* MECH_NUMBERS */
		return 0;
	for (int id = 1; id < PROBE_MAX; id++) {
		if (strcmp(probe_defs[id].name, name))
			continue;
		opts->attach_btf_id = facts->target[id].btf_id;
		opts->attach_btf_obj_fd = facts->module_btf_fd[probe_defs[id].module];
		return 0;
	}
	return -ENOENT;
}

static int register_sections(const struct facts *facts)
{
	static const struct {
		const char *name;
		enum bpf_attach_type type;
	} known[] = {
		{ "probe_tp/", BPF_TRACE_RAW_TP },
		{ "probe_entry/", BPF_TRACE_FENTRY },
		{ "probe_exit/", BPF_TRACE_FEXIT },
	};
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = prepare_load);

	section_registry.facts = facts;
	for (size_t i = 0; !section_registry.done && i < ARRAY_SIZE(known); i++) {
		int rc = libbpf_register_prog_handler(known[i].name, BPF_PROG_TYPE_TRACING,
						      known[i].type, &opts);

		if (rc < 0)
			return rc;
	}
	section_registry.done = true;
	return 0;
}

uint64_t loader_wake_bytes(const struct loader_options *opts)
{
	uint64_t quarter = loader_ring_size(opts->ring_bytes) / 4;

	return opts->wake_bytes < quarter ? opts->wake_bytes : quarter;
}

uint64_t loader_ring_size(uint64_t want)
{
	uint64_t size = sysconf(_SC_PAGESIZE);

	while (size < want)
		size *= 2;
	return size;
}

static void set_revert_ranges(struct loader *l)
{
	struct text_range reset = revert_reset_iter(l->revert);

	l->skel->rodata->revert_reset.start = reset.start;
	l->skel->rodata->revert_reset.end = reset.end;
	for (int i = 0; i < KSYMS_MODULES; i++) {
		struct text_range text = revert_text(l->revert, i);

		l->skel->rodata->revert_callers[i].start = text.start;
		l->skel->rodata->revert_callers[i].end = text.end;
	}
}

/* A cifs without netfs gets its ids from the object: after a pause the next one counts on. */
static uint32_t old_calls_made;

static void set_options(struct loader *l, const struct plan *plan, const struct facts *facts,
			const struct loader_options *opts)
{
	const struct capture_filter *f = &opts->filter;

	bpf_map__set_max_entries(l->skel->maps.ring_main, loader_ring_size(opts->ring_bytes));
	if (plan->probe[P_netfs_folio].state == EV_PROBE_ON ||
	    plan->probe[P_netfs_collect_folio].state == EV_PROBE_ON)
		bpf_map__set_max_entries(l->skel->maps.ring_folio,
					 loader_ring_size(opts->folio_ring_bytes));
	bpf_map__set_max_entries(l->skel->maps.ring_nmi, loader_ring_size(REVERT_RING_BYTES));
	bpf_map__set_max_entries(l->skel->maps.probe_stats, l->nr_cpus * PROBE_MAX);
	l->skel->rodata->wake_bytes = loader_wake_bytes(opts);
	l->skel->rodata->page_bytes = sysconf(_SC_PAGESIZE);
	l->skel->rodata->filtering = capture_filters(f);
	l->skel->rodata->with_paths = opts->paths;
	l->skel->rodata->filter_dev = f->dev;
	l->skel->rodata->filter_tgid = f->tgid;
	l->skel->rodata->filter_ino = f->ino;
	memcpy((char *)l->skel->rodata->filter_fs, f->fs, sizeof(f->fs));
	for (int id = 1; id < PROBE_MAX; id++)
		l->skel->rodata->nargs[id] = facts->target[id].nr_args;
	l->skel->bss->old_calls_made = old_calls_made;
	if (l->revert)
		set_revert_ranges(l);
}

/* In the object, and not with classic.bpf.c; probes of tests are capture/tests.c's. */
static bool in_object(const struct plan *plan, int id)
{
	const struct plan_entry *e = &plan->probe[id];

	return probe_defs[id].group != GROUP_TEST && e->state == EV_PROBE_ON &&
	       e->mechanism != MECH_CLASSIC;
}

/* Each probe of a tracepoint or function has two programs, see bpf/program.bpf.h. */
static int choose_program(struct loader *l, int id, const struct plan *plan)
{
	char name[80];

	snprintf(name, sizeof(name), "%s%s", probe_defs[id].name,
		 plan->probe[id].mechanism == MECH_RAW ? "_raw" : "");
	l->prog[id] = bpf_object__find_program_by_name(l->skel->obj, name);
	if (!l->prog[id])
		return -ENOENT;
	if (plan->probe[id].mechanism == MECH_NUMBERS) {
		bpf_program__set_type(l->prog[id], BPF_PROG_TYPE_RAW_TRACEPOINT);
		bpf_program__set_expected_attach_type(l->prog[id], 0);
	}
	return bpf_program__set_autoload(l->prog[id], in_object(plan, id));
}

static int open_object(struct loader *l, const struct plan *plan, const struct facts *facts,
		       const struct loader_options *opts)
{
	LIBBPF_OPTS(bpf_object_open_opts, open);
	char types[64];
	bool returns = false;
	int rc = 0;

	if (facts->types_fd) {
		snprintf(types, sizeof(types), "/proc/self/fd/%d", facts->types_fd);
		open.btf_custom_path = types;
	}
	netfsnoop_bpf__destroy(l->skel);
	l->skel = netfsnoop_bpf__open_opts(&open);
	if (!l->skel)
		return -errno;
	for (int id = 1; !rc && id < PROBE_MAX; id++) {
		if (probe_defs[id].group == GROUP_TEST)
			continue;
		rc = choose_program(l, id, plan);
		returns |= in_object(plan, id) && plan->probe[id].mechanism == MECH_RAW &&
			   probe_defs[id].how == HOW_FEXIT;
	}
	if (rc)
		return rc;
	bpf_program__set_autoload(l->skel->progs.call_begin, returns);
	set_options(l, plan, facts, opts);
	return 0;
}

static void fail(struct plan_entry *e, const char *step, int error)
{
	const char *hint = "";

	if (error == EBUSY)
		hint = " (no ftrace site: compiled without -pg, or in lib/)";
	else if (error == ENOMEM)
		hint = " (out of memory)";
	else if (error == E2BIG)
		hint = " (too many direct calls or too complex for this kernel)";
	e->state = EV_PROBE_FAILED;
	snprintf(e->reason, sizeof(e->reason), "%s failed: %s%s", step, strerror(error), hint);
}

/*
 * libbpf gives up at the first program the verifier refuses. Which one it was shows in the programs
 * that got no descriptor: load them one at a time in an object of their own, and drop those that
 * fail.
 */
static int drop_unloadable(struct plan *plan, const struct facts *facts,
			   const struct loader_options *opts)
{
	int dropped = 0;

	for (int id = 1; id < PROBE_MAX; id++) {
		struct loader one = { .nr_cpus = libbpf_num_possible_cpus() };
		struct plan only = *plan;
		int rc;

		if (!in_object(plan, id))
			continue;
		for (int other = 1; other < PROBE_MAX; other++)
			if (other != id)
				only.probe[other].state = EV_PROBE_OFF;
		rc = open_object(&one, &only, facts, opts);
		if (!rc)
			rc = netfsnoop_bpf__load(one.skel);
		if (rc) {
			fail(&plan->probe[id], "load", -rc);
			dropped++;
		}
		netfsnoop_bpf__destroy(one.skel);
	}
	return dropped;
}

static int load_object(struct loader *l, struct plan *plan, const struct facts *facts,
		       const struct loader_options *opts)
{
	int rc = register_sections(facts);

	if (!facts->btf) /* not one CO-RE program would load; classic ones do */
		return rc;
	if (!rc)
		rc = revert_new(&l->revert, facts, opts->revert, plan);
	if (!rc)
		rc = open_object(l, plan, facts, opts);
	if (rc)
		return rc;
	rc = netfsnoop_bpf__load(l->skel);
	if (!rc || !drop_unloadable(plan, facts, opts))
		return rc;
	rc = open_object(l, plan, facts, opts);
	if (rc)
		return rc;
	return netfsnoop_bpf__load(l->skel);
}

static int attach_return(struct loader *l, int id, const struct target_fact *target)
{
	struct kprobe_place at = { .function = probe_defs[id].target, .addr = target->addr };
	int rc = kprobe_attach(l->skel->progs.call_begin, &at, id, &l->begin[id]);

	at.on_return = true;
	if (rc)
		return rc;
	return kprobe_attach(l->prog[id], &at, 0, &l->link[id]);
}

static int attach_probe(struct loader *l, int id, enum probe_mech mechanism,
			const struct target_fact *target)
{
	struct kprobe_place at = { .function = probe_defs[id].target, .addr = target->addr };

	if (mechanism == MECH_RAW && probe_defs[id].how == HOW_FEXIT)
		return attach_return(l, id, target);
	if (mechanism == MECH_RAW && probe_defs[id].how == HOW_FENTRY)
		return kprobe_attach(l->prog[id], &at, 0, &l->link[id]);
	l->link[id] =
		mechanism != MECH_BTF
			? bpf_program__attach_raw_tracepoint(l->prog[id], probe_defs[id].target)
			: bpf_program__attach_trace(l->prog[id]);
	return l->link[id] ? 0 : -errno;
}

static int attach_all(struct loader *l, struct plan *plan, const struct facts *facts)
{
	int attached = 0;

	for (int id = 1; l->skel && id < PROBE_MAX; id++) {
		struct plan_entry *e = &plan->probe[id];
		int rc;

		if (!in_object(plan, id) || probe_defs[id].how > HOW_FEXIT)
			continue;
		rc = attach_probe(l, id, e->mechanism, &facts->target[id]);
		if (rc)
			fail(e, "attach", -rc);
		attached += !rc;
	}
	if (l->skel)
		revert_attach(l->revert, l->prog, plan);
	return attached || l->classic ? 0 : -ENODEV;
}

static int map_stats(struct loader *l)
{
	int fd = l->skel ? bpf_map__fd(l->skel->maps.probe_stats) : -1;
	void *p;

	if (!l->skel)
		return 0;
	l->stats_bytes = sizeof(struct probe_stat) * PROBE_MAX * l->nr_cpus;
	p = mmap(NULL, l->stats_bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	l->stats = p;
	return 0;
}

static int on_record(void *ctx, unsigned int ring, void *data, size_t size)
{
	struct loader *l = ctx;

	if (ring == l->classic_ring)
		return classic_record(l->classic, data, size, l->fn, l->fn_ctx);
	return l->fn(l->fn_ctx, data, size);
}

static int add_ring(struct loader *l, const struct bpf_map *map)
{
	return collector_add_ring(l->collector, bpf_map__fd(map), bpf_map__max_entries(map));
}

static int open_rings(struct loader *l, const struct loader_options *opts)
{
	int rc = collector_new(&l->collector, &opts->collector);

	l->classic_ring = COLLECTOR_RINGS; /* none */
	if (!rc && l->skel) {
		rc = add_ring(l, l->skel->maps.ring_main);
		if (!rc)
			rc = add_ring(l, l->skel->maps.ring_folio);
		if (!rc)
			rc = add_ring(l, l->skel->maps.ring_nmi);
	}
	if (!rc && l->classic) {
		l->classic_ring = l->skel ? 3 : 0;
		rc = add_ring(l, classic_ring(l->classic));
	}
	if (rc)
		return rc;
	return collector_start(l->collector);
}

void loader_free(struct loader *l)
{
	if (!l)
		return;
	collector_free(l->collector);
	for (int id = 1; id < PROBE_MAX; id++) {
		bpf_link__destroy(l->link[id]);
		bpf_link__destroy(l->begin[id]);
	}
	revert_free(l->revert);
	if (l->stats)
		munmap(l->stats, l->stats_bytes);
	classic_free(l->classic);
	if (l->skel)
		old_calls_made = l->skel->bss->old_calls_made;
	netfsnoop_bpf__destroy(l->skel);
	free(l);
}

static void loader_freep(struct loader **l)
{
	loader_free(*l);
}

const char *loader_libbpf_version(void)
{
	const char *text = libbpf_version_string();

	return *text == 'v' ? text + 1 : text;
}

void loader_log(void)
{
	libbpf_set_print(print_libbpf);
}

int loader_new(struct loader **ret_l, struct plan *plan, const struct facts *facts,
	       const struct loader_options *opts, struct err *err)
{
	__free(loader_freep) struct loader *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return -ENOMEM;
	loader_log();
	l->nr_cpus = libbpf_num_possible_cpus();
	rc = load_object(l, plan, facts, opts);
	if (rc)
		return err_set(err, rc, "the kernel refused the BPF programs: %s", strerror(-rc));
	rc = classic_new(&l->classic, plan, opts, err);
	if (rc)
		return rc;
	rc = map_stats(l);
	if (!rc)
		rc = open_rings(l, opts);
	if (rc)
		return err_set(err, rc, "cannot map the ring buffers: %s", strerror(-rc));
	rc = attach_all(l, plan, facts);
	if (rc)
		return err_set(err, rc, "could not attach any probe; `netfsnoop doctor` says why");
	for (int id = 1; id < PROBE_MAX; id++)
		l->is_classic[id] = plan->probe[id].mechanism == MECH_CLASSIC;
	*ret_l = TAKE(l);
	return 0;
}

void loader_enable(struct loader *l, bool on)
{
	if (l->skel)
		__atomic_store_n(&l->skel->bss->enabled, on, __ATOMIC_SEQ_CST);
	classic_enable(l->classic, on);
}

void loader_sleep(struct loader *l)
{
	if (l->skel)
		__atomic_store_n(&l->skel->bss->asleep, true, __ATOMIC_SEQ_CST);
}

void loader_collect(struct loader *l)
{
	collector_collect(l->collector);
}

uint64_t loader_bytes(const struct loader *l)
{
	return collector_bytes(l->collector);
}

void loader_mark(struct loader *l)
{
	collector_mark(l->collector);
}

int loader_drain(struct loader *l, record_fn fn, void *ctx, uint64_t *ret_ns)
{
	l->fn = fn;
	l->fn_ctx = ctx;
	return collector_hand_on(l->collector, on_record, l, ret_ns);
}

int loader_fd(const struct loader *l)
{
	return collector_fd(l->collector);
}

const volatile struct probe_stat *loader_stat(const struct loader *l, int probe, int cpu)
{
	if (l->classic && (!l->skel || l->is_classic[probe]))
		return classic_stat(l->classic, probe, cpu);
	return &l->stats[cpu * PROBE_MAX + probe];
}

int loader_nr_cpus(const struct loader *l)
{
	return l->nr_cpus;
}

struct revert *loader_revert(const struct loader *l)
{
	return l->revert;
}

uint64_t loader_refcount_asks(const struct loader *l)
{
	return l->skel ? l->skel->bss->refcount_asks : 0;
}

int64_t loader_missed(const struct loader *l, int probe)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	int fd = l->prog[probe] ? bpf_program__fd(l->prog[probe]) : -1;

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
		return -ENOTSUP;
	return info.recursion_misses;
}
