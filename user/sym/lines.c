// SPDX-License-Identifier: GPL-2.0-only
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "sym/lines.h"

struct lines {
	Dwfl *dwfl;
	Dwfl_Module *module;
};

/* Everything comes from the one file: no search in the system's debug directories, no network. */
static int no_debuginfo(Dwfl_Module *m, void **user, const char *name, Dwarf_Addr base,
			const char *file, const char *link, GElf_Word crc, char **ret)
{
	(void)m, (void)user, (void)name, (void)base, (void)file, (void)link, (void)crc, (void)ret;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_debuginfo = no_debuginfo,
	.section_address = dwfl_offline_section_address,
};

void lines_free(struct lines *l)
{
	if (!l)
		return;
	if (l->dwfl)
		dwfl_end(l->dwfl);
	free(l);
}

int lines_open(struct lines **ret, const struct image *img, struct err *err)
{
	__free(lines_freep) struct lines *l = calloc(1, sizeof(*l));
	__autoclose int fd = fcntl(img->fd, F_DUPFD_CLOEXEC, 0);
	Dwarf_Addr bias;

	if (!l)
		return -ENOMEM;
	if (fd < 0)
		return -errno;
	l->dwfl = dwfl_begin(&callbacks);
	if (!l->dwfl)
		return -ENOMEM;
	l->module = dwfl_report_offline(l->dwfl, "module", img->path, fd);
	if (!l->module)
		return err_set(err, -ENODATA, "%s: %s", img->path, dwfl_errmsg(-1));
	fd = -1; /* dwfl's now */
	dwfl_report_end(l->dwfl, NULL, NULL);
	if (!dwfl_module_getdwarf(l->module, &bias))
		return err_set(err, -ENODATA, "%s: its debug information cannot be read: %s",
			       img->path, dwfl_errmsg(-1));
	*ret = TAKE(l);
	return 0;
}

/* dwfl gives the sections of a relocatable file addresses of its own */
static int address_of(struct lines *l, const struct image_func *f, Dwarf_Addr *ret)
{
	int n = dwfl_module_getsymtab(l->module);

	for (int i = 0; i < n; i++) {
		GElf_Sym sym;
		GElf_Addr addr;
		const char *name =
			dwfl_module_getsym_info(l->module, i, &sym, &addr, NULL, NULL, NULL);

		if (name && sym.st_value == f->value && sym.st_size == f->size &&
		    !strcmp(name, f->name)) {
			*ret = addr;
			return 0;
		}
	}
	return -ENODATA;
}

/* clang writes no .debug_aranges: look through the units then */
static Dwarf_Die *unit_of(struct lines *l, Dwarf_Addr addr, Dwarf_Addr *bias)
{
	Dwarf_Die *cu = dwfl_module_addrdie(l->module, addr, bias);

	if (cu)
		return cu;
	while ((cu = dwfl_module_nextcu(l->module, cu, bias)) != NULL)
		if (dwarf_haspc(cu, addr - *bias) > 0)
			return cu;
	return NULL;
}

/* Without what only the machine it was built on has: the source tree's own directory. */
static const char *in_tree(const char *file, const char *comp_dir)
{
	static const char *const dirs[] = { "/fs/smb/",	  "/fs/netfs/",	  "/fs/cifs/",
					    "/arch/x86/", "/arch/arm64/", "/include/" };
	size_t n = comp_dir ? strlen(comp_dir) : 0;

	if (n && !strncmp(file, comp_dir, n) && file[n] == '/')
		file += n + 1;
	while (!strncmp(file, "./", 2))
		file += 2;
	if (*file != '/')
		return file;
	/* a module built outside the kernel's tree (make M=) */
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		const char *in = strstr(file, dirs[i]);

		if (in)
			return in + 1;
	}
	return file;
}

static const char *comp_dir_of(Dwarf_Die *cu)
{
	Dwarf_Attribute attr;

	return dwarf_formstring(dwarf_attr(cu, DW_AT_comp_dir, &attr));
}

static void set_file(struct sym_frame *f, const char *file, Dwarf_Die *cu)
{
	snprintf(f->file, sizeof(f->file), "%s", file ? in_tree(file, comp_dir_of(cu)) : "");
}

static uint32_t number(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attr;
	Dwarf_Word v = 0;

	if (dwarf_formudata(dwarf_attr_integrate(die, name, &attr), &v) || v > UINT32_MAX)
		return 0;
	return v;
}

/* Who called what die inlined: that is where the next frame stands. */
static void set_call_site(struct sym_frame *f, Dwarf_Die *die, Dwarf_Die *cu)
{
	uint32_t file = number(die, DW_AT_call_file);
	Dwarf_Files *files;
	size_t n;

	if (!dwarf_getsrcfiles(cu, &files, &n) && file < n)
		set_file(f, dwarf_filesrc(files, file, NULL, NULL), cu);
	f->line = number(die, DW_AT_call_line);
}

static void set_function(struct sym_frame *f, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);

	snprintf(f->function, sizeof(f->function), "%s", name ? name : "?");
}

/* scopes: the innermost first, as they enclose the code, not as the source declares them */
static void set_frames(struct sym_place *p, Dwarf_Die *scopes, int n, Dwarf_Die *cu)
{
	for (int i = 0; i < n && p->nr_frames < SYM_MAX_INLINES; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		set_function(&p->frame[p->nr_frames++], &scopes[i]);
		if (tag == DW_TAG_subprogram)
			return;
		if (p->nr_frames < SYM_MAX_INLINES)
			set_call_site(&p->frame[p->nr_frames], &scopes[i], cu);
	}
}

static void find_frames(struct sym_place *p, Dwarf_Die *cu, Dwarf_Addr pc)
{
	Dwarf_Die *scopes = NULL, *enclosing = NULL;
	int n = dwarf_getscopes(cu, pc, &scopes);

	if (n > 0) {
		n = dwarf_getscopes_die(&scopes[0], &enclosing);
		set_frames(p, enclosing, n, cu);
	}
	free(scopes);
	free(enclosing);
}

int lines_find(struct lines *l, const struct image_func *f, uint64_t off, struct sym_place *ret,
	       struct err *err)
{
	Dwarf_Addr addr, bias = 0;
	Dwarf_Line *line;
	Dwarf_Die *cu;
	int n = 0;

	if (address_of(l, f, &addr))
		return err_set(err, -ENODATA, "its debug information does not know %s", f->name);
	addr += off;
	cu = unit_of(l, addr, &bias);
	line = cu ? dwarf_getsrc_die(cu, addr - bias) : NULL;
	if (!line || dwarf_lineno(line, &n))
		return err_set(err, -ENODATA, "its debug information has no line for %s+0x%llx",
			       f->name, (unsigned long long)off);
	memset(ret->frame, 0, sizeof(ret->frame));
	ret->nr_frames = 0;
	set_file(&ret->frame[0], dwarf_linesrc(line, NULL, NULL), cu);
	ret->frame[0].line = n;
	find_frames(ret, cu, addr - bias);
	if (!ret->nr_frames) {
		snprintf(ret->frame[0].function, sizeof(ret->frame[0].function), "%s", f->name);
		ret->nr_frames = 1;
	}
	ret->how = SYM_LINE;
	return 0;
}

/* ---- no network ---- */

/*
 * libdw's own of these load libdebuginfod with dlopen(), which asks servers for files, and which a
 * static program must not do. In a static link these take their place; the shared library keeps
 * its own, which no_debuginfo() leaves unused.
 */
int __libdwfl_debuginfod_find_executable(Dwfl *dwfl, const unsigned char *id, size_t size);
int __libdwfl_debuginfod_find_debuginfo(Dwfl *dwfl, const unsigned char *id, size_t size);
void __libdwfl_debuginfod_end(void *client);

__attribute__((weak)) int __libdwfl_debuginfod_find_executable(Dwfl *dwfl, const unsigned char *id,
							       size_t size)
{
	(void)dwfl, (void)id, (void)size;
	return -1;
}

__attribute__((weak)) int __libdwfl_debuginfod_find_debuginfo(Dwfl *dwfl, const unsigned char *id,
							      size_t size)
{
	(void)dwfl, (void)id, (void)size;
	return -1;
}

__attribute__((weak)) void __libdwfl_debuginfod_end(void *client)
{
	(void)client;
}
