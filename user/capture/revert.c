// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "capture/kcore.h"
#include "capture/perf_probe.h"
#include "capture/revert.h"
#include "sym/find.h"
#include "sym/image.h"

#define FUNCTION "iov_iter_revert"
#define MAX_TEXT (64 << 20)

#if defined(__x86_64__)
#define ON_X86_64 1
#else
#define ON_X86_64 0
#endif

struct revert {
	enum revert_way way;
	const struct ksyms *ksyms; /* of the facts */
	const struct facts *facts; /* while sites are looked for */
	int module;		   /* whose */
	struct callsites sites;
	char from[KSYMS_MODULES][256];
	char trouble[160]; /* why sites are not known */
	bool no_kprobe;	   /* the kernel's configuration says so */
	struct bpf_link *kprobe;
	struct bpf_link **site_link;
	struct breakpoint *breakpoint;
	uint64_t *used; /* addresses named in the stream: a few dozen */
	size_t nr_used;
};

/* the rungs, best first */
static const struct rung {
	int probe;
	enum revert_way way;
	const char *name;
} ladder[] = {
	{ P_iov_iter_revert_kprobe, REVERT_KPROBE, "kprobe" },
	{ P_iov_iter_revert_callsite, REVERT_CALLSITE, "callsite" },
	{ P_iov_iter_revert_breakpoint, REVERT_BREAKPOINT, "breakpoint" },
};

int revert_way_parse(const char *text, enum revert_way *ret)
{
	static const char *const names[] = {
		[REVERT_AUTO] = "auto",		[REVERT_KPROBE] = "kprobe",
		[REVERT_CALLSITE] = "callsite", [REVERT_BREAKPOINT] = "breakpoint",
		[REVERT_OFF] = "off",		[REVERT_ALL] = "all",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(text, names[i]) != 0)
			continue;
		*ret = i;
		return 0;
	}
	return -EINVAL;
}

__attribute__((format(printf, 3, 4))) static void
set(struct plan_entry *e, enum ev_probe_state state, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->reason, sizeof(e->reason), fmt, ap);
	va_end(ap);
	e->state = state;
}

/* Every way that is still on the plan. */
static void set_all(struct plan *plan, enum ev_probe_state state, const char *reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(ladder); i++)
		if (plan->probe[ladder[i].probe].state == EV_PROBE_ON)
			set(&plan->probe[ladder[i].probe], state, "%s", reason);
}

/* ---- finding the calls ---- */

static uint64_t base_of_section(void *ctx, const char *section)
{
	const struct revert *r = ctx;
	__autofree char *text = NULL;
	char path[256];

	snprintf(path, sizeof(path), "/sys/module/%s/sections/%s", r->facts->module[r->module].name,
		 section);
	return file_read(path, 64, &text, NULL) ? 0 : strtoull(text, NULL, 16);
}

/* Only the file of the loaded module will do: 1 if this was it. */
static int try_file(void *ctx, const char *path)
{
	__free(image_freep) struct image *img = NULL;
	struct revert *r = ctx;
	const struct module_fact *m = &r->facts->module[r->module];
	struct err err = { "" };
	int rc = image_open(&img, path, &err);

	if (rc == -ENOMEM)
		return rc;
	if (rc) {
		snprintf(r->trouble, sizeof(r->trouble), "%.150s", err.text);
		return 0;
	}
	if (!img->relocatable || !img->has_code)
		return 0;
	if (!*m->build_id || strcmp(m->build_id, img->build_id) != 0) {
		snprintf(r->trouble, sizeof(r->trouble), "%.100s is not the loaded %s (build-id)",
			 path, m->name);
		return 0;
	}
	rc = callsites_from_image(&r->sites, img, FUNCTION, base_of_section, r);
	if (rc)
		return rc;
	snprintf(r->from[r->module], sizeof(r->from[0]), "%s", path);
	return 1;
}

static int find_in_file(struct revert *r)
{
	const struct sym_options where = { .release = r->facts->release };
	int rc;

	snprintf(r->trouble, sizeof(r->trouble), "no file of %s below /lib/modules/%.64s",
		 r->facts->module[r->module].name, r->facts->release);
	rc = find_files(&where, r->facts->module[r->module].name, try_file, r);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

static int find_in_memory(struct revert *r)
{
	struct text_range text = ksyms_text(r->ksyms, r->module);
	__autofree uint8_t *code = NULL;
	struct err err = { "" };
	int rc = -ENOENT;

	if (text.end > text.start && text.end - text.start < MAX_TEXT)
		rc = kcore_read("/proc/kcore", text.start, text.end - text.start, &code, &err);
	if (!rc)
		rc = callsites_from_text(&r->sites, code, text.end - text.start, text.start,
					 ksyms_function(r->ksyms));
	if (!rc)
		snprintf(r->from[r->module], sizeof(r->from[0]), "/proc/kcore");
	else if (err.text[0])
		snprintf(r->trouble + strlen(r->trouble), sizeof(r->trouble) - strlen(r->trouble),
			 "; %.60s", err.text);
	return rc;
}

static int find_in_module(struct revert *r)
{
	const struct module_fact *m = &r->facts->module[r->module];
	size_t before = r->sites.nr;
	int rc;

	if (m->state != MODULE_LOADED) {
		if (m->state == MODULE_BUILTIN)
			snprintf(r->trouble, sizeof(r->trouble), "%s is built in", m->name);
		return 0;
	}
	rc = find_in_file(r);
	if (rc && rc != -ENOMEM)
		rc = find_in_memory(r);
	for (size_t i = before; !rc && i < r->sites.nr; i++)
		ksyms_find(r->ksyms, r->sites.site[i].addr, &r->sites.site[i].in);
	return rc == -ENOMEM ? rc : 0;
}

static int find_sites(struct revert *r)
{
	int rc = 0;

	if (!ON_X86_64) {
		snprintf(r->trouble, sizeof(r->trouble), "finding calls works on x86-64 only");
		return 0;
	}
	for (r->module = 0; !rc && r->module < KSYMS_MODULES; r->module++)
		rc = find_in_module(r);
	return rc;
}

/* ---- before loading ---- */

static bool wants(const struct revert *r, enum revert_way way)
{
	return r->way == way || r->way == REVERT_AUTO || r->way == REVERT_ALL;
}

static void plan_ways(const struct revert *r, struct plan *plan)
{
	for (size_t i = 0; i < ARRAY_SIZE(ladder); i++)
		if (!wants(r, ladder[i].way))
			set(&plan->probe[ladder[i].probe], EV_PROBE_OFF,
			    r->way == REVERT_OFF ? "--revert-probe off" : "not asked for");
}

/*
 * An attempt that is refused leaves a line in the kernel log, for each time we attach. Where the
 * configuration can be read, only doctor makes it.
 */
static bool config_forbids(const struct facts *facts)
{
	static const char *const paths[] = { "/lib/modules/%s/config", "/boot/config-%s" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		__autofree char *text = NULL;
		char path[128];

		snprintf(path, sizeof(path), paths[i], facts->release);
		if (!file_read(path, 16 << 20, &text, NULL))
			return strstr(text, "# CONFIG_KPROBE_EVENTS_ON_NOTRACE is not set");
	}
	return false;
}

static int look_around(struct revert *r, struct plan *plan)
{
	r->ksyms = r->facts->ksyms;
	if (!r->ksyms)
		set_all(plan, EV_PROBE_FAILED, r->facts->ksyms_err.text);
	else if (!ksyms_function(r->ksyms))
		set_all(plan, EV_PROBE_OFF, "this kernel has no function " FUNCTION);
	else if (wants(r, REVERT_CALLSITE))
		return find_sites(r);
	return 0;
}

int revert_new(struct revert **ret_r, const struct facts *facts, enum revert_way way,
	       struct plan *plan)
{
	struct revert *r = calloc(1, sizeof(*r));
	int rc = 0;

	if (!r)
		return -ENOMEM;
	r->way = way;
	r->facts = facts;
	plan_ways(r, plan);
	r->no_kprobe = way == REVERT_AUTO && config_forbids(facts);
	if (way != REVERT_OFF)
		rc = look_around(r, plan);
	r->facts = NULL;
	if (rc)
		revert_free(r);
	else
		*ret_r = r;
	return rc;
}

struct text_range revert_text(const struct revert *r, int i)
{
	return r->ksyms ? ksyms_text(r->ksyms, i) : (struct text_range){ 0 };
}

struct text_range revert_reset_iter(const struct revert *r)
{
	return r->ksyms ? ksyms_range(r->ksyms, MODULE_NETFS, "netfs_reset_iter")
			: (struct text_range){ 0 };
}

const struct callsites *revert_sites(const struct revert *r)
{
	return &r->sites;
}

const char *revert_sites_from(const struct revert *r, int module)
{
	return module < KSYMS_MODULES ? r->from[module] : "";
}

const struct ksyms *revert_ksyms(const struct revert *r)
{
	return r->ksyms;
}

int revert_first_use(struct revert *r, uint64_t addr)
{
	uint64_t *bigger;

	for (size_t i = 0; i < r->nr_used; i++)
		if (r->used[i] == addr)
			return 0;
	bigger = realloc(r->used, (r->nr_used + 1) * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	r->used = bigger;
	r->used[r->nr_used++] = addr;
	return 1;
}

/* ---- attaching ---- */

static int attach_kprobe(struct revert *r, struct bpf_program *prog, struct plan_entry *e)
{
	struct kprobe_place at = { .addr = ksyms_function(r->ksyms) };
	int rc = r->no_kprobe ? -EINVAL : kprobe_attach(prog, &at, 0, &r->kprobe);

	if (rc == -EINVAL)
		set(e, EV_PROBE_FAILED,
		    "the kernel refuses kprobes in lib/ (CONFIG_KPROBE_EVENTS_ON_NOTRACE)");
	else if (rc)
		set(e, EV_PROBE_FAILED, "attach failed: %s", strerror(-rc));
	return rc;
}

static uint64_t cookie_of(const struct callsite *s)
{
	return (s->addr & ~(0xffULL << 56)) | (uint64_t)s->kind << 56;
}

static size_t attach_each(struct revert *r, struct bpf_program *prog)
{
	size_t attached = 0;

	for (size_t i = 0; i < r->sites.nr; i++) {
		struct callsite *s = &r->sites.site[i];

		s->error = kprobe_attach(prog, &(struct kprobe_place){ .addr = s->addr },
					 cookie_of(s), &r->site_link[i]);
		attached += !s->error;
	}
	return attached;
}

static const struct callsite *first_refused(const struct callsites *sites)
{
	for (size_t i = 0; i < sites->nr; i++)
		if (sites->site[i].error)
			return &sites->site[i];
	return NULL;
}

static void explain_refusal(const struct revert *r, size_t attached, struct plan_entry *e)
{
	const struct callsite *s = first_refused(&r->sites);
	const char *why = s->error == -EINVAL	? "in a notrace function"
			  : s->error == -EILSEQ ? "not at an instruction"
						: strerror(-s->error);

	set(e, attached ? EV_PROBE_ON : EV_PROBE_FAILED,
	    "%zu of %zu calls cannot be probed: %s+0x%jx: %s", r->sites.nr - attached, r->sites.nr,
	    s->in.symbol, (uintmax_t)(s->addr - s->in.start), why);
}

/* What looked like a call in live text and was the inside of another instruction is none. */
static void drop_false_sites(struct revert *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->sites.nr; i++) {
		if (r->sites.site[i].error == -EILSEQ)
			continue;
		r->site_link[kept] = r->site_link[i];
		r->sites.site[kept++] = r->sites.site[i];
	}
	r->sites.nr = kept;
}

/* -EAGAIN: some calls have a probe, not all */
static int attach_callsites(struct revert *r, struct bpf_program *prog, struct plan_entry *e)
{
	size_t attached;

	if (!r->sites.nr) {
		set(e, EV_PROBE_FAILED, "%s",
		    *r->trouble ? r->trouble : "netfs and cifs do not call it");
		return -ENOENT;
	}
	r->site_link = calloc(r->sites.nr, sizeof(*r->site_link));
	if (!r->site_link)
		return -ENOMEM;
	attached = attach_each(r, prog);
	drop_false_sites(r);
	if (attached == r->sites.nr && !r->sites.odd)
		return 0;
	if (attached == r->sites.nr)
		set(e, EV_PROBE_ON, "it is also called through a pointer");
	else
		explain_refusal(r, attached, e);
	return attached ? -EAGAIN : -EINVAL;
}

static void detach_callsites(struct revert *r)
{
	for (size_t i = 0; r->site_link && i < r->sites.nr; i++)
		bpf_link__destroy(r->site_link[i]);
	free(TAKE(r->site_link));
}

static int attach_breakpoint(struct revert *r, struct bpf_program *prog, struct plan_entry *e)
{
	int rc = breakpoint_attach(&r->breakpoint, prog, ksyms_function(r->ksyms));

	if (rc == -ENOSPC)
		set(e, EV_PROBE_FAILED, "no debug register is free (a debugger or perf uses them)");
	else if (rc == -ENOTSUP)
		set(e, EV_PROBE_FAILED, "execution breakpoints work on x86-64 only");
	else if (rc)
		set(e, EV_PROBE_FAILED, "attach failed: %s", strerror(-rc));
	return rc;
}

static int attach_rung(struct revert *r, const struct rung *rung, struct bpf_program *prog,
		       struct plan_entry *e)
{
	switch (rung->way) {
	case REVERT_KPROBE:
		return attach_kprobe(r, prog, e);
	case REVERT_CALLSITE:
		return attach_callsites(r, prog, e);
	default:
		return attach_breakpoint(r, prog, e);
	}
}

/* Calls without a probe are worse than a debug register: only the last rung's failure keeps them.
 */
static void settle(struct revert *r, const struct rung *works, bool partly, struct plan *plan)
{
	struct plan_entry *sites = &plan->probe[P_iov_iter_revert_callsite];

	if (works && partly && r->way == REVERT_AUTO) {
		detach_callsites(r);
		sites->state = EV_PROBE_OFF;
	}
	if (!works && !partly)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(ladder); i++) {
		struct plan_entry *e = &plan->probe[ladder[i].probe];

		if (e->state == EV_PROBE_FAILED && (r->way == REVERT_AUTO || r->way == REVERT_ALL))
			e->state = EV_PROBE_OFF;
	}
}

void revert_attach(struct revert *r, struct bpf_program *const prog[PROBE_MAX], struct plan *plan)
{
	const struct rung *works = NULL;
	bool partly = false;

	for (size_t i = 0; i < ARRAY_SIZE(ladder); i++) {
		struct plan_entry *e = &plan->probe[ladder[i].probe];
		int rc;

		if (e->state != EV_PROBE_ON)
			continue;
		if (works && r->way == REVERT_AUTO) {
			set(e, EV_PROBE_OFF, "not needed: %s works", works->name);
			continue;
		}
		rc = attach_rung(r, &ladder[i], prog[ladder[i].probe], e);
		if (!rc)
			works = &ladder[i];
		partly |= rc == -EAGAIN;
	}
	settle(r, works, partly, plan);
}

void revert_poll(struct revert *r)
{
	if (r && r->breakpoint)
		breakpoint_follow_cpus(r->breakpoint);
}

void revert_free(struct revert *r)
{
	if (!r)
		return;
	bpf_link__destroy(r->kprobe);
	detach_callsites(r);
	breakpoint_free(r->breakpoint);
	callsites_free(&r->sites);
	free(r->used);
	free(r);
}
