// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "capture/plan.h"
#include "tp/format.h"

/* ELF note of type NT_GNU_BUILD_ID as sysfs shows it: 12-byte header, "GNU\0", then the id */
#define NOTE_HEADER 16

/* The kernel's BTF objects carry module names; programs name theirs by descriptor. 0: not found. */
static int open_module_btf(const char *name)
{
	char found[64];
	__u32 id = 0;

	while (!bpf_btf_get_next_id(id, &id)) {
		struct bpf_btf_info info = { .name = (uintptr_t)found, .name_len = sizeof(found) };
		__u32 size = sizeof(info);
		int fd = bpf_btf_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) && info.kernel_btf &&
		    !strcmp(found, name))
			return fd;
		close(fd);
	}
	return 0;
}

static void read_build_id(struct module_fact *m)
{
	char path[128];
	__autofree char *note = NULL;
	size_t size = 0;

	snprintf(path, sizeof(path), "/sys/module/%s/notes/.note.gnu.build-id", m->name);
	if (file_read(path, 4096, &note, &size) < 0 || size <= NOTE_HEADER)
		return;
	for (size_t i = NOTE_HEADER; i < size && 2 * (i - NOTE_HEADER) + 3 < sizeof(m->build_id);
	     i++)
		sprintf(m->build_id + 2 * (i - NOTE_HEADER), "%02x", (unsigned char)note[i]);
}

static void read_srcversion(struct module_fact *m)
{
	char path[128];
	__autofree char *text = NULL;

	snprintf(path, sizeof(path), "/sys/module/%s/srcversion", m->name);
	if (file_read(path, 4096, &text, NULL) == 0)
		snprintf(m->srcversion, sizeof(m->srcversion), "%.*s", (int)strcspn(text, "\n"),
			 text);
}

static bool has_events(const char *category)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/%s", category);
	return access(path, F_OK) == 0;
}

/* A built-in module has neither an initstate nor BTF of its own: its types are in vmlinux. */
static void read_module(struct facts *f, int i, const char *name, const char *marker_type)
{
	struct module_fact *m = &f->module[i];
	char path[128];

	m->name = name;
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
	if (access(path, F_OK) == 0)
		m->state = MODULE_LOADED;
	else if (f->btf && btf__find_by_name_kind(f->btf, marker_type, BTF_KIND_STRUCT) > 0)
		m->state = MODULE_BUILTIN;
	m->has_btf = m->state == MODULE_BUILTIN;
	if (m->state == MODULE_ABSENT && has_events(name)) /* built in, and no BTF to tell */
		m->state = MODULE_BUILTIN;
	if (m->state != MODULE_LOADED)
		return;
	read_build_id(m);
	read_srcversion(m);
	if (!f->btf)
		return;
	f->module_btf[i] = btf__load_module_btf(name, f->btf);
	m->has_btf = f->module_btf[i] != NULL;
	if (m->has_btf)
		f->module_btf_fd[i] = open_module_btf(name);
}

/*
 * btf__find_by_name_kind() would go through vmlinux's 100,000 types before the module's own, for
 * every target. A module's own types are few, and its functions and tracepoints are nowhere else.
 */
static int find_type(const struct facts *f, int module, const char *name, uint32_t kind)
{
	const struct btf *own = f->module_btf[module], *btf = own ? own : f->btf;
	int id = own ? btf__type_cnt(f->btf) : 1, end = btf ? (int)btf__type_cnt(btf) : 0;

	for (; id < end; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (btf_kind(t) == kind && !strcmp(btf__name_by_offset(btf, t->name_off), name))
			return id;
	}
	return -ENOENT;
}

/* Follows typedef and pointer to the function prototype; NULL if it leads elsewhere. */
static const struct btf_type *find_proto(const struct btf *btf, int id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_typedef(t) || btf_is_ptr(t) || btf_is_func(t)))
		t = btf__type_by_id(btf, t->type);
	return t && btf_is_func_proto(t) ? t : NULL;
}

static void read_target(struct facts *f, int id)
{
	const struct probe_def *def = &probe_defs[id];
	const struct btf *btf = f->module_btf[def->module] ? f->module_btf[def->module] : f->btf;
	const struct btf_type *proto;
	char name[128];
	int type;

	if (f->module[def->module].state == MODULE_ABSENT)
		return;
	if (!f->module[def->module].has_btf && def->how == HOW_TP) {
		struct tp_format format;

		f->target[id].classic =
			!format_read(&format, f->module[def->module].name, def->target, NULL);
	}
	if (!btf || !f->module[def->module].has_btf)
		return;
	if (def->how == HOW_TP) {
		snprintf(name, sizeof(name), "btf_trace_%s", def->target);
		type = find_type(f, def->module, name, BTF_KIND_TYPEDEF);
	} else {
		type = find_type(f, def->module, def->target, BTF_KIND_FUNC);
	}
	proto = type > 0 ? find_proto(btf, type) : NULL;
	if (!proto)
		return;
	f->target[id].known = true;
	f->target[id].btf_id = type;
	f->target[id].nr_args = btf_vlen(proto) - (def->how == HOW_TP);
}

int facts_read(struct facts *f)
{
	struct utsname uts;

	memset(f, 0, sizeof(*f));
	uname(&uts);
	snprintf(f->release, sizeof(f->release), "%s", uts.release);
	f->uid = geteuid();
	f->btf = btf__load_vmlinux_btf();
	f->vmlinux_btf = f->btf != NULL;
	read_module(f, MODULE_NETFS, "netfs", "netfs_io_request");
	read_module(f, MODULE_CIFS, "cifs", "TCP_Server_Info");
	f->module[MODULE_VMLINUX] = (struct module_fact){ .name = "vmlinux",
							  .state = MODULE_BUILTIN,
							  .has_btf = f->vmlinux_btf };
	for (int id = 1; id < PROBE_MAX; id++)
		read_target(f, id);
	f->cifs_on_netfs = find_type(f, MODULE_CIFS, "cifs_io_subrequest", BTF_KIND_STRUCT) > 0;
	return 0;
}

void facts_free(struct facts *f)
{
	for (int i = 0; i < MODULE_MAX; i++) {
		btf__free(f->module_btf[i]);
		f->module_btf[i] = NULL;
		if (f->module_btf_fd[i] > 0)
			close(f->module_btf_fd[i]);
		f->module_btf_fd[i] = 0;
	}
	btf__free(f->btf);
	f->btf = NULL;
}
