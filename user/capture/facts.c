// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "capture/ksyms_iter.h"
#include "capture/plan.h"
#include "capture/types.h"
#include "tp/format.h"

/* ELF note of type NT_GNU_BUILD_ID as sysfs shows it: 12-byte header, "GNU\0", then the id */
#define NOTE_HEADER 16

#define REVERT "iov_iter_revert"

static const char *const module_names[MODULE_REAL] = {
	[MODULE_NETFS] = "netfs", [MODULE_CIFS] = "cifs"
};

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

/* BTF of the loaded module: the kernel's, or else the user's. */
static int read_module_btf(struct facts *f, int i, const struct facts_options *opts,
			   struct err *err)
{
	struct module_fact *m = &f->module[i];
	const char *file = opts->btf_module[i];
	int rc;

	if (f->vmlinux_btf)
		f->module_btf[i] = btf__load_module_btf(m->name, f->btf);
	m->has_btf = m->has_types = f->module_btf[i] != NULL;
	if (m->has_btf)
		f->module_btf_fd[i] = open_module_btf(m->name);
	if (m->has_btf || !f->btf || !file)
		return 0;
	rc = types_read(file, f->btf, m->build_id, &f->module_btf[i], err);
	m->has_types = !rc;
	return rc;
}

/* A built-in module has neither an initstate nor BTF of its own: its types are in vmlinux. */
static int read_module(struct facts *f, int i, const char *marker_type,
		       const struct facts_options *opts, struct err *err)
{
	struct module_fact *m = &f->module[i];
	char path[128];

	m->name = module_names[i];
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", m->name);
	if (access(path, F_OK) == 0)
		m->state = MODULE_LOADED;
	else if (f->btf && btf__find_by_name_kind(f->btf, marker_type, BTF_KIND_STRUCT) > 0)
		m->state = MODULE_BUILTIN;
	m->has_types = m->state == MODULE_BUILTIN;
	m->has_btf = m->has_types && f->vmlinux_btf;
	if (m->state == MODULE_ABSENT && has_events(m->name)) /* built in, and no BTF to tell */
		m->state = MODULE_BUILTIN;
	if (m->state != MODULE_LOADED)
		return 0;
	read_build_id(m);
	read_srcversion(m);
	return read_module_btf(f, i, opts, err);
}

/* ---- targets ---- */

/* Follows typedef and pointer to the function prototype; NULL if it leads elsewhere. */
static const struct btf_type *find_proto(const struct btf *btf, int id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_typedef(t) || btf_is_ptr(t) || btf_is_func(t)))
		t = btf__type_by_id(btf, t->type);
	return t && btf_is_func_proto(t) ? t : NULL;
}

static const struct btf *btf_of(const struct facts *f, int module)
{
	return f->module_btf[module] ? f->module_btf[module] : f->btf;
}

/*
 * btf__find_by_name_kind() would go through vmlinux's 100,000 types before the module's own, for
 * every target. A module's own types are few, and its functions and tracepoints are nowhere else.
 * The next one from `from` on; -ENOENT.
 */
static int find_type(const struct facts *f, int module, const char *name, uint32_t kind, int from)
{
	const struct btf *btf = btf_of(f, module);
	int first = f->module_btf[module] ? types_first_own(btf) : 1;
	int end = btf ? (int)btf__type_cnt(btf) : 0;

	for (int id = from > first ? from : first; id < end; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (btf_kind(t) == kind && !strcmp(btf__name_by_offset(btf, t->name_off), name))
			return id;
	}
	return -ENOENT;
}

/* Of a tracepoint, without its first void *. */
static bool all_numbers(const struct btf *btf, const struct btf_type *proto)
{
	const struct btf_param *p = btf_params(proto);

	for (int i = 1; i < btf_vlen(proto); i++) {
		const struct btf_type *t = btf__type_by_id(btf, btf__resolve_type(btf, p[i].type));

		if (!t || !(btf_is_int(t) || btf_is_any_enum(t)))
			return false;
	}
	return true;
}

/*
 * A type that BTF has more than once is mostly the same one: headers that several files include,
 * when pahole did not unite them. With other arguments it is another function of that name, and
 * which one the kernel would take is anybody's guess.
 */
static void read_type(struct facts *f, int id)
{
	const struct probe_def *def = &probe_defs[id];
	bool tp = def->how == HOW_TP;
	struct target_fact *t = &f->target[id];
	const struct btf_type *proto;
	char name[128];
	int type = 0;

	snprintf(name, sizeof(name), "%s%s", tp ? "btf_trace_" : "", def->target);
	while ((type = find_type(f, def->module, name, tp ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC,
				 type + 1)) > 0) {
		proto = find_proto(btf_of(f, def->module), type);
		if (!proto)
			continue;
		if (t->known && btf_vlen(proto) - tp != t->nr_args)
			t->ambiguous = true;
		if (t->known)
			continue;
		t->known = true;
		t->btf_id = type;
		t->nr_args = btf_vlen(proto) - tp;
		t->numbers = tp && all_numbers(btf_of(f, def->module), proto);
		if (def->module == MODULE_VMLINUX) /* the kernel knows which one it probes */
			break;
	}
}

/* A compiler that puts the begin of a function into its callers leaves the rest as .part. */
static bool is_copied(const struct facts *f, const struct probe_def *def, const char **ret_name)
{
	char piece[128];

	snprintf(piece, sizeof(piece), "%s.part", def->target);
	return ksyms_like(f->ksyms, def->module, piece, ret_name);
}

/* Only modules: a function of vmlinux is looked up by the kernel. */
static void read_symbol(struct facts *f, int id)
{
	const struct probe_def *def = &probe_defs[id];
	struct target_fact *t = &f->target[id];
	const char *name = "", *suffix;

	if (!f->ksyms || def->module >= KSYMS_MODULES ||
	    f->module[def->module].state != MODULE_LOADED)
		return;
	t->addr = ksyms_like(f->ksyms, def->module, def->target, &name);
	suffix = t->addr ? name + strlen(def->target) : "";
	t->symbol = !t->addr						 ? SYMBOL_GONE
		    : !*suffix && is_copied(f, def, &name)		 ? SYMBOL_COPIED
		    : !*suffix						 ? SYMBOL_THERE
		    : strstr(suffix, ".part") || strstr(suffix, ".cold") ? SYMBOL_SPLIT
									 : SYMBOL_CHANGED;
	snprintf(t->symbol_name, sizeof(t->symbol_name), "%s", name);
}

static void read_target(struct facts *f, int id)
{
	const struct probe_def *def = &probe_defs[id];
	const struct module_fact *m = &f->module[def->module];
	struct tp_format format;

	if (m->state == MODULE_ABSENT)
		return;
	if (!m->has_btf && def->how == HOW_TP)
		f->target[id].classic =
			!format_read(&format, probe_category(def), def->target, NULL);
	if (m->has_types)
		read_type(f, id);
	if (def->how != HOW_TP)
		read_symbol(f, id);
}

/* ---- all of it ---- */

static int read_vmlinux(struct facts *f, const struct facts_options *opts, struct err *err)
{
	f->btf = btf__load_vmlinux_btf();
	f->vmlinux_btf = f->btf != NULL;
	if (!f->btf && opts->btf)
		return types_read(opts->btf, NULL, NULL, &f->btf, err);
	return 0;
}

static int read_modules(struct facts *f, const struct facts_options *opts, struct err *err)
{
	int rc = read_module(f, MODULE_NETFS, "netfs_io_request", opts, err);

	if (!rc)
		rc = read_module(f, MODULE_CIFS, "TCP_Server_Info", opts, err);
	f->module[MODULE_VMLINUX] = (struct module_fact){ .name = "vmlinux",
							  .state = MODULE_BUILTIN,
							  .has_btf = f->vmlinux_btf,
							  .has_types = f->btf != NULL };
	return rc;
}

/* libbpf knows the kernel's own types; with others, it has to be given all of them. */
static int collect_types(struct facts *f)
{
	bool foreign = f->btf && !f->vmlinux_btf;

	for (int i = 0; i < MODULE_REAL; i++)
		foreign |= f->module_btf[i] && !f->module[i].has_btf;
	return foreign ? types_merge(f->btf, f->module_btf, MODULE_REAL, &f->types_fd) : 0;
}

static int read_symbols(struct facts *f)
{
	__autofclose FILE *picked = ksyms_iter_open(module_names, REVERT);

	return ksyms_new(&f->ksyms, KSYMS_PATH, picked, module_names, REVERT, &f->ksyms_err);
}

int facts_read(struct facts *f, const struct facts_options *opts, struct err *err)
{
	static const struct facts_options none;
	struct utsname uts;
	int rc;

	memset(f, 0, sizeof(*f));
	opts = opts ? opts : &none;
	uname(&uts);
	snprintf(f->release, sizeof(f->release), "%s", uts.release);
	f->uid = geteuid();
	rc = read_symbols(f);
	if (rc == -ENOMEM)
		return rc;
	rc = read_vmlinux(f, opts, err);
	if (!rc)
		rc = read_modules(f, opts, err);
	if (!rc)
		rc = collect_types(f);
	if (rc)
		return rc;
	for (int id = 1; id < PROBE_MAX; id++)
		read_target(f, id);
	f->cifs_on_netfs = find_type(f, MODULE_CIFS, "cifs_io_subrequest", BTF_KIND_STRUCT, 0) > 0;
	return 0;
}

void facts_free_btf(struct facts *f)
{
	for (int i = 0; i < MODULE_MAX; i++) {
		btf__free(f->module_btf[i]);
		f->module_btf[i] = NULL;
		if (f->module_btf_fd[i] > 0)
			close(f->module_btf_fd[i]);
		f->module_btf_fd[i] = 0;
	}
	if (f->types_fd > 0)
		close(f->types_fd);
	f->types_fd = 0;
	btf__free(f->btf);
	f->btf = NULL;
}

void facts_free(struct facts *f)
{
	facts_free_btf(f);
	ksyms_free(f->ksyms);
	f->ksyms = NULL;
}
