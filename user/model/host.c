// SPDX-License-Identifier: GPL-2.0-only
/* Who recorded where: metadata, clocks, tasks, mounts, probes. */
#include <errno.h>
#include <string.h>

#include "event/kinds.h"
#include "model/state.h"

#define MAX_PROBES 4096

/* A recording of days sees more threads than there is memory for: those go that do nothing now. */
#define MANY_TASKS 65536

static void forget_tasks(struct model *m)
{
	struct task *t, *next;
	unsigned int left = MANY_TASKS / 2;

	resolve_forget_tasks(m);
	HASH_ITER (hh, m->tasks, t, next) {
		if (!left--)
			break;
		if (t->depth || t->rreq || t->wait_from || t->mtu_from || t->owed || t->unsent)
			continue;
		HASH_DEL(m->tasks, t);
		free(t);
	}
}

struct task *task_get(struct model *m, uint32_t tid)
{
	struct task *t = resolve_task(m, tid);

	if (t)
		return t;
	if (HASH_COUNT(m->tasks) && HASH_COUNT(m->tasks) % MANY_TASKS == 0)
		forget_tasks(m);
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->tid = tid;
	if (!hash_add(hh, m->tasks, tid, sizeof(t->tid), t))
		return t;
	free(t);
	return NULL;
}

const struct task *model_task(const struct model *m, uint32_t tid)
{
	return resolve_task(m, tid);
}

static int on_task(struct model *m, const struct ev_task *ev)
{
	struct task *t = task_get(m, ev->hdr.tid);

	if (!t)
		return -ENOMEM;
	t->tgid = ev->hdr.tgid;
	t->ppid = ev->ppid;
	t->cgroup_id = ev->cgroup_id;
	memcpy(t->comm, ev->comm, sizeof(ev->comm));
	return 0;
}

int set_text(char **dst, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*dst);
	*dst = copy;
	return 0;
}

static int on_meta(struct model *m, const struct ev_meta *ev)
{
	struct recording *r = &m->rec;
	const struct {
		const char *key;
		char **value;
	} known[] = {
		{ "netfsnoop", &r->netfsnoop }, { "host", &r->host },
		{ "release", &r->release },	{ "version", &r->version },
		{ "machine", &r->machine },	{ "cmdline", &r->cmdline },
		{ "page_size", &r->page_size }, { "imported", &r->imported },
		{ "boot_id", &r->boot_id },	{ "finding", &r->saved },
		{ "trigger", &r->saved },	{ "asked", &r->saved },
		{ "nothing", &r->nothing },	{ "klog", &r->klog_unread },
	};
	const char *value = strchr(ev->text, '=');
	size_t len = value ? (size_t)(value - ev->text) : 0;

	if (!value)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strlen(known[i].key) == len && !memcmp(known[i].key, ev->text, len))
			return set_text(known[i].value, value + 1);
	if (!strcmp(ev->text, "filtered=yes"))
		r->filtered = true;
	if (!strcmp(ev->text, "clock=none"))
		r->untimed = true;
	if (!strcmp(ev->text, "paths=yes"))
		r->paths = true;
	if (!strncmp(ev->text, "tests_before=", strlen("tests_before=")))
		m->tests_before = strtoul(value + 1, NULL, 10);
	return 0;
}

static int grow_probes(struct recording *r, uint32_t id)
{
	struct probe_info *p;

	if (id >= MAX_PROBES)
		return -ERANGE;
	if (id < r->nr_probes)
		return 0;
	p = realloc(r->probes, (id + 1) * sizeof(*p));
	if (!p)
		return -ENOMEM;
	memset(p + r->nr_probes, 0, (id + 1 - r->nr_probes) * sizeof(*p));
	r->probes = p;
	r->nr_probes = id + 1;
	return 0;
}

static enum probe_id probe_named(const char *name)
{
	static const char *const names[PROBE_MAX] = {
#define PROBE(program, how, target, module, group, without) [P_##program] = #program,
#include "tracepoints/probes.def"
#undef PROBE
	};

	for (int id = PROBE_NONE + 1; id < PROBE_MAX; id++)
		if (!strcmp(names[id], name))
			return id;
	return PROBE_NONE;
}

static void note_sight(struct recording *r, const struct probe_info *p)
{
	bool on = p->state == EV_PROBE_ON;

	r->headers |= on && p->id == P_smb2_is_status_pending_enter;
	r->answers |= r->headers || (on && (p->id == P_smb3_cmd_done || p->id == P_smb3_cmd_err));
	if (p->id == P_netfs_rreq)
		r->endless = !on;
	r->sends |= on && p->id == P___smb_send_rqst_exit;
}

static int on_probe(struct model *m, const struct ev_probe_rec *ev)
{
	struct probe_info *p;
	int rc = grow_probes(&m->rec, ev->id);

	if (rc)
		return rc == -ERANGE ? 0 : rc;
	p = &m->rec.probes[ev->id];
	p->state = ev->state;
	p->id = probe_named(ev_text(&ev->hdr, 0));
	note_sight(&m->rec, p);
	if (set_text(&p->name, ev_text(&ev->hdr, 0)) ||
	    set_text(&p->mechanism, ev_text(&ev->hdr, 1)) ||
	    set_text(&p->target, ev_text(&ev->hdr, 2)) ||
	    set_text(&p->reason, ev_text(&ev->hdr, 3)) ||
	    set_text(&p->without, ev_text(&ev->hdr, 4)))
		return -ENOMEM;
	return 0;
}

static int on_hits(struct model *m, const struct ev_hits *ev)
{
	struct probe_info *p;
	int rc = grow_probes(&m->rec, ev->hdr.probe);

	if (rc)
		return rc == -ERANGE ? 0 : rc;
	p = &m->rec.probes[ev->hdr.probe];
	p->hits += ev->hits; /* once per time the probes were attached */
	p->lost += ev->lost;
	p->missed = ev->missed == UINT64_MAX ? UINT64_MAX : p->missed + ev->missed;
	p->counted = true;
	return 0;
}

bool recording_had(const struct recording *rec, enum probe_id id)
{
	for (uint32_t i = 0; i < rec->nr_probes; i++)
		if (rec->probes[i].id == id && rec->probes[i].name)
			return rec->probes[i].state == EV_PROBE_ON;
	return false;
}

const struct probe_info *model_probe(const struct model *m, uint32_t id)
{
	return id < m->rec.nr_probes && m->rec.probes[id].name ? &m->rec.probes[id] : NULL;
}

const struct mount *model_mount(const struct model *m, uint32_t dev)
{
	struct mount *mnt;

	HASH_FIND(hh, m->mounts, &dev, sizeof(dev), mnt);
	return mnt;
}

const struct mount *model_mounts(const struct model *m)
{
	return m->mounts;
}

const struct task *model_tasks(const struct model *m)
{
	return m->tasks;
}

/* Device numbers are reused after umount: the latest mount is the one that counts. */
static int on_mount(struct model *m, const struct ev_mount *ev)
{
	struct mount *mnt = (struct mount *)model_mount(m, ev->dev);

	if (!mnt) {
		mnt = calloc(1, sizeof(*mnt));
		if (!mnt)
			return -ENOMEM;
		mnt->dev = ev->dev;
		if (hash_add(hh, m->mounts, dev, sizeof(mnt->dev), mnt)) {
			free(mnt);
			return -ENOMEM;
		}
	}
	if (set_text(&mnt->fstype, ev_text(&ev->hdr, 0)) ||
	    set_text(&mnt->source, ev_text(&ev->hdr, 1)) ||
	    set_text(&mnt->point, ev_text(&ev->hdr, 2)) ||
	    set_text(&mnt->options, ev_text(&ev->hdr, 3)))
		return -ENOMEM;
	return 0;
}

static int on_anchor(struct model *m, const struct ev_anchor *ev)
{
	if (m->rec.anchor_mono)
		return 0;
	m->rec.anchor_mono = ev->hdr.ts;
	m->rec.anchor_boot = ev->boottime;
	m->rec.anchor_real = ev->realtime;
	return 0;
}

static int on_mark(struct model *m, const struct ev_mark_rec *ev)
{
	if (ev->mark == EV_MARK_START && !m->rec.start_ns)
		m->rec.start_ns = ev->hdr.ts;
	else if (ev->mark == EV_MARK_STOP)
		m->rec.stop_ns = ev->hdr.ts;
	return parking_event(m, ev);
}

int host_event(struct model *m, const struct ev_hdr *ev)
{
	switch (ev->kind) {
	case EV_TASK:
		return on_task(m, (const void *)ev);
	case EV_META:
		return on_meta(m, (const void *)ev);
	case EV_PROBE:
		return on_probe(m, (const void *)ev);
	case EV_HITS:
		return on_hits(m, (const void *)ev);
	case EV_ENUM:
		return names_add(m->names, (const void *)ev) == -ENOMEM ? -ENOMEM : 0;
	case EV_MOUNT:
		return on_mount(m, (const void *)ev);
	case EV_PATH:
		return path_event(m, (const void *)ev);
	case EV_ANCHOR:
		return on_anchor(m, (const void *)ev);
	case EV_MARK:
		return on_mark(m, (const void *)ev);
	case EV_SYM:
		return symbol_add(m, (const void *)ev);
	case EV_KLOG:
		return klog_event(m, (const void *)ev);
	case EV_MODULE:
		m->rec.epoch = ((const struct ev_module *)ev)->epoch;
		return 0;
	default:
		return 0;
	}
}

static void free_probes(struct recording *r)
{
	for (uint32_t i = 0; i < r->nr_probes; i++) {
		struct probe_info *p = &r->probes[i];

		free(p->name);
		free(p->mechanism);
		free(p->target);
		free(p->reason);
		free(p->without);
	}
	free(r->probes);
}

void host_free(struct model *m)
{
	struct recording *r = &m->rec;
	struct mount *mnt, *mnt2;
	struct task *t, *t2;

	HASH_ITER (hh, m->tasks, t, t2) {
		HASH_DEL(m->tasks, t);
		free(t);
	}
	HASH_ITER (hh, m->mounts, mnt, mnt2) {
		HASH_DEL(m->mounts, mnt);
		free(mnt->fstype);
		free(mnt->source);
		free(mnt->point);
		free(mnt->options);
		free(mnt);
	}
	path_free_all(m);
	symbol_free_all(m);
	free_probes(r);
	free(r->parked);
	klog_free(r);
	free(r->netfsnoop);
	free(r->host);
	free(r->release);
	free(r->version);
	free(r->machine);
	free(r->cmdline);
	free(r->page_size);
	free(r->imported);
	free(r->boot_id);
	free(r->saved);
	free(r->nothing);
	free(r->klog_unread);
}
