// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/btf.h>
#include <errno.h>
#include <mntent.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/file.h"
#include "capture/idle.h"
#include "capture/records.h"
#include "event/enums.h"
#include "tp/format.h"
#include "trace/trace.h"
#include "version.h"

static void header(struct ev_hdr *h, uint8_t kind, size_t size)
{
	memset(h, 0, size);
	h->size = size;
	h->kind = kind;
	h->ts = monotonic_ns();
}

static struct draft *draft_new(uint8_t kind, size_t fixed)
{
	return draft_make(kind, fixed, monotonic_ns());
}

int records_meta(const struct record_sink *to, const char *key, const char *value)
{
	return record_meta(to, monotonic_ns(), key, value);
}

static int meta_file(const struct record_sink *to, const char *key, const char *path)
{
	__autofree char *text = NULL;

	if (file_read(path, 4096, &text, NULL))
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return records_meta(to, key, text);
}

static int records_host(const struct record_sink *to)
{
	char cpus[24], page[24];
	struct utsname uts;
	const struct {
		const char *key, *value;
	} meta[] = {
		{ "netfsnoop", NETFSNOOP_VERSION },
		{ "host", uts.nodename },
		{ "release", uts.release },
		{ "version", uts.version },
		{ "machine", uts.machine },
		{ "cpus", cpus },
		{ "page_size", page },
	};

	uname(&uts);
	snprintf(cpus, sizeof(cpus), "%ld", sysconf(_SC_NPROCESSORS_CONF));
	snprintf(page, sizeof(page), "%ld", sysconf(_SC_PAGESIZE));
	for (size_t i = 0; i < ARRAY_SIZE(meta); i++) {
		int rc = records_meta(to, meta[i].key, meta[i].value);

		if (rc)
			return rc;
	}
	return meta_file(to, "boot_id", "/proc/sys/kernel/random/boot_id");
}

int records_head(const struct record_sink *to, const char *cmdline, bool filtered)
{
	int rc = records_host(to);

	if (rc)
		return rc;
	rc = records_meta(to, "cmdline", cmdline);
	if (rc)
		return rc;
	rc = records_meta(to, "filtered", filtered ? "yes" : "no");
	if (rc)
		return rc;
	return record_kinds(to, monotonic_ns());
}

int records_probes(const struct record_sink *to, const struct plan *plan)
{
	for (int id = 1; id < PROBE_MAX; id++) {
		__autofree struct draft *d = draft_new(EV_PROBE, sizeof(struct ev_probe_rec));
		const struct probe_def *def = &probe_defs[id];
		int rc;

		if (!d)
			return -ENOMEM;
		d->probe.id = id;
		d->probe.state = plan->probe[id].state;
		draft_string(d, def->name);
		draft_string(d, plan_mechanism(plan, id));
		draft_string(d, def->target);
		draft_string(d, plan->probe[id].reason);
		draft_string(d, def->without);
		rc = draft_emit(d, to);
		if (rc)
			return rc;
	}
	return 0;
}

static int emit_enum(const struct record_sink *to, const struct btf *btf, const char *name,
		     int type)
{
	const struct btf_type *t = btf__type_by_id(btf, type);
	const struct btf_enum *e = btf_enum(t);
	int rc = 0;

	for (int i = 0; !rc && i < btf_vlen(t); i++)
		rc = record_enum(to, monotonic_ns(), name, e[i].val,
				 btf__name_by_offset(btf, e[i].name_off));
	return rc;
}

struct symbol_sink {
	const struct record_sink *to;
	const char *type;
};

/* "=TEXT": the name BTF would give is not to be had, this is what the kernel prints. */
static int emit_symbol(void *ctx, int64_t value, const char *symbol)
{
	const struct symbol_sink *s = ctx;
	char text[72];

	snprintf(text, sizeof(text), "=%s", symbol);
	return record_enum(s->to, monotonic_ns(), s->type, value, text);
}

/* Without BTF: the tracepoints' formats spell out the enums of their fields. */
static int emit_enum_of_format(const struct record_sink *to, const struct kernel_enum *e)
{
	struct symbol_sink sink = { .to = to, .type = e->type };
	__autofree char *text = NULL;
	struct tp_format format;
	int rc;

	if (!e->event || format_read(&format, e->category, e->event, &text))
		return 0;
	rc = format_symbols(text, e->field, emit_symbol, &sink);
	return rc == -ENOENT ? 0 : rc;
}

/* Enum numbers shift from release to release, so the running kernel's go into the trace. */
int records_enums(const struct record_sink *to, const struct facts *facts)
{
	for (size_t i = 0; i < NAMES_MAX; i++) {
		const char *name = kernel_enums[i].type;
		bool found = false;
		int rc;
		const struct btf *from[] = { facts->module_btf[MODULE_NETFS],
					     facts->module_btf[MODULE_CIFS], facts->btf };

		for (size_t b = 0; b < ARRAY_SIZE(from); b++) {
			int type =
				from[b] ? btf__find_by_name_kind(from[b], name, BTF_KIND_ENUM) : -1;

			if (type <= 0)
				continue;
			rc = emit_enum(to, from[b], name, type);
			if (rc)
				return rc;
			found = true;
			break;
		}
		rc = found ? 0 : emit_enum_of_format(to, &kernel_enums[i]);
		if (rc)
			return rc;
	}
	return 0;
}

int records_modules(const struct record_sink *to, const struct facts *facts, uint32_t epoch)
{
	for (int i = 0; i < MODULE_REAL; i++) {
		__autofree struct draft *d = draft_new(EV_MODULE, sizeof(struct ev_module));
		const struct module_fact *m = &facts->module[i];
		int rc;

		if (!d)
			return -ENOMEM;
		d->module.epoch = epoch;
		d->module.live = m->state != MODULE_ABSENT;
		draft_string(d, m->name);
		draft_string(d, m->build_id);
		draft_string(d, m->srcversion);
		rc = draft_emit(d, to);
		if (rc)
			return rc;
	}
	return 0;
}

/* One line of mountinfo (proc_pid_mountinfo(5)); fields before and after the " - " separator. */
static int emit_mount(const struct record_sink *to, char *line)
{
	__autofree struct draft *d = NULL;
	char *tail = strstr(line, " - ");
	unsigned int major, minor;
	char point[4096], type[64], source[1024], options[2048];

	if (!tail || sscanf(line, "%*u %*u %u:%u %*s %4095s", &major, &minor, point) != 3 ||
	    sscanf(tail + 3, "%63s %1023s %2047s", type, source, options) != 3 || !uses_netfs(type))
		return 0;
	d = draft_new(EV_MOUNT, sizeof(struct ev_mount));
	if (!d)
		return -ENOMEM;
	d->mount.dev = major << 20 | minor;
	d->mount.live = 1;
	draft_string(d, type);
	draft_string(d, source);
	draft_string(d, point);
	draft_string(d, options);
	return draft_emit(d, to);
}

int records_mounts(const struct record_sink *to)
{
	__autofree char *text = NULL;
	char *rest, *line;

	if (file_read("/proc/self/mountinfo", 16 << 20, &text, NULL))
		return 0;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		int rc = emit_mount(to, line);

		if (rc)
			return rc;
	}
	return 0;
}

#define SNAPSHOT_CHUNK 60000

static int emit_snapshot(const struct record_sink *to, const char *path)
{
	__autofree char *text = NULL;
	size_t size, at = 0;

	if (file_read(path, 4 << 20, &text, &size))
		return 0;
	do {
		__autofree struct draft *d = draft_new(EV_SNAPSHOT, sizeof(struct ev_snapshot));
		size_t n = size - at > SNAPSHOT_CHUNK ? SNAPSHOT_CHUNK : size - at;
		int rc;

		if (!d)
			return -ENOMEM;
		draft_string(d, path);
		draft_text(d, text + at, n);
		at += n;
		d->snapshot.more = at < size;
		rc = draft_emit(d, to);
		if (rc)
			return rc;
	} while (at < size);
	return 0;
}

int records_snapshots(const struct record_sink *to)
{
	static const char *const paths[] = { "/proc/fs/netfs/requests", "/proc/fs/netfs/stats",
					     "/proc/fs/cifs/DebugData", "/proc/fs/cifs/Stats" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		int rc = emit_snapshot(to, paths[i]);

		if (rc)
			return rc;
	}
	return 0;
}

int records_anchor(const struct record_sink *to)
{
	struct ev_anchor a;

	header(&a.hdr, EV_ANCHOR, sizeof(a));
	a.boottime = clock_ns(CLOCK_BOOTTIME);
	a.realtime = clock_ns(CLOCK_REALTIME);
	return to->add(to->ctx, &a.hdr);
}

int records_tick(const struct record_sink *to)
{
	struct ev_tick t;

	header(&t.hdr, EV_TICK, sizeof(t));
	return to->add(to->ctx, &t.hdr);
}

int records_mark(const struct record_sink *to, enum ev_mark mark, uint32_t value)
{
	struct ev_mark_rec m;

	header(&m.hdr, EV_MARK, sizeof(m));
	m.mark = mark;
	m.value = value;
	return to->add(to->ctx, &m.hdr);
}

int records_lost(const struct record_sink *to, int probe, int cpu, uint64_t count, uint64_t from,
		 uint64_t until)
{
	struct ev_lost e;

	header(&e.hdr, EV_LOST, sizeof(e));
	e.hdr.ts = from; /* the stream has it before what it may have left holes in */
	e.hdr.probe = probe;
	e.hdr.cpu = cpu;
	e.count = count;
	e.from = from;
	e.to = until;
	return to->add(to->ctx, &e.hdr);
}

int records_sym(const struct record_sink *to, uint64_t ts, uint64_t addr, const struct ksym *sym)
{
	__autofree struct draft *d = draft_new(EV_SYM, sizeof(struct ev_sym));

	if (!d)
		return -ENOMEM;
	d->hdr.ts = ts;
	d->sym.addr = addr;
	d->sym.off = addr - sym->start;
	d->sym.size = sym->size;
	draft_string(d, sym->symbol);
	draft_string(d, sym->module);
	return draft_emit(d, to);
}

int records_waiter(const struct record_sink *to, const struct waiter *s)
{
	__autofree struct draft *d = draft_new(EV_WAITER, sizeof(struct ev_waiter));

	if (!d)
		return -ENOMEM;
	d->hdr.flags = EVF_RREQ | (s->synth ? EVF_SYNTH : 0);
	d->hdr.tid = s->tid;
	d->hdr.tgid = s->tgid;
	d->stack.rreq = s->rreq;
	d->stack.sreq = s->sreq;
	d->stack.state = (unsigned char)s->state;
	draft_string(d, s->comm);
	draft_string(d, s->frames);
	return draft_emit(d, to);
}

int records_hits_of(const struct record_sink *to, int probe, uint64_t hits, uint64_t lost)
{
	struct ev_hits h = { .hits = hits, .lost = lost, .missed = UINT64_MAX };

	header(&h.hdr, EV_HITS, sizeof(h));
	h.hdr.probe = probe;
	return to->add(to->ctx, &h.hdr);
}

int records_hits(const struct record_sink *to, const struct loader *l)
{
	for (int id = 0; id < PROBE_MAX; id++) {
		int64_t missed = loader_missed(l, id);
		struct ev_hits h;
		int rc;

		if (probe_defs[id].group == GROUP_TEST)
			continue;
		header(&h.hdr, EV_HITS, sizeof(h));
		h.hdr.probe = id;
		for (int cpu = 0; cpu < loader_nr_cpus(l); cpu++) {
			h.hits += loader_stat(l, id, cpu)->hits;
			h.lost += loader_stat(l, id, cpu)->lost;
		}
		h.missed = missed < 0 ? UINT64_MAX : (uint64_t)missed;
		rc = to->add(to->ctx, &h.hdr);
		if (rc)
			return rc;
	}
	return 0;
}
