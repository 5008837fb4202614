// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "sym/image.h"

#define CALL_SIZE 5 /* e8 rel32 */

static const struct image_func *func_at(const struct image *img, size_t section, uint64_t value)
{
	const struct image_func *best = NULL;

	for (size_t i = 0; i < img->nr_funcs; i++) {
		const struct image_func *f = &img->func[i];

		if (f->section == section && f->value <= value)
			best = f;
	}
	return best && value - best->value < (best->span ? best->span : 1) ? best : NULL;
}

static int name_of(const struct image *img, size_t section, uint64_t value, char *ret, size_t room)
{
	const struct image_func *f = func_at(img, section, value);

	if (!f)
		return -ENOENT;
	snprintf(ret, room, "%s", f->name);
	return 0;
}

static int symbol_name(const struct image *img, const GElf_Shdr *rela, const GElf_Rela *r,
		       char *ret, size_t room)
{
	Elf_Scn *table = elf_getscn(img->elf, rela->sh_link);
	Elf_Data *d = table ? elf_getdata(table, NULL) : NULL;
	const char *name;
	GElf_Shdr sh;
	GElf_Sym s;

	if (!d || !gelf_getshdr(table, &sh) || !gelf_getsym(d, GELF_R_SYM(r->r_info), &s))
		return -ENOENT;
	if (GELF_ST_TYPE(s.st_info) ==
	    STT_SECTION) /* a local function: rel32 counts from its end */
		return name_of(img, s.st_shndx, s.st_value + r->r_addend + 4, ret, room);
	name = elf_strptr(img->elf, sh.sh_link, s.st_name);
	if (!name || !*name)
		return -ENOENT;
	snprintf(ret, room, "%s", name);
	return 0;
}

/* The relocation at `where` in one SHT_RELA section. */
static int reloc_callee(const struct image *img, Elf_Scn *scn, const GElf_Shdr *sh, uint64_t where,
			char *ret, size_t room)
{
	Elf_Data *d = elf_getdata(scn, NULL);
	size_t n = d && sh->sh_entsize ? d->d_size / sh->sh_entsize : 0;

	for (size_t i = 0; i < n; i++) {
		GElf_Rela r;
		uint32_t type;

		if (!gelf_getrela(d, i, &r))
			break;
		type = GELF_R_TYPE(r.r_info);
		if (r.r_offset == where && (type == R_X86_64_PLT32 || type == R_X86_64_PC32))
			return symbol_name(img, sh, &r, ret, room);
	}
	return -ENOENT;
}

static int find_reloc(const struct image *img, size_t section, uint64_t where, char *ret,
		      size_t room)
{
	Elf_Scn *scn = NULL;
	int rc = -ENOENT;

	while (rc == -ENOENT && (scn = elf_nextscn(img->elf, scn)) != NULL) {
		GElf_Shdr sh;

		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_RELA && sh.sh_info == section)
			rc = reloc_callee(img, scn, &sh, where, ret, room);
	}
	return rc;
}

/* The 5 bytes before `end`, an offset into the section; NULL if they are not there. */
static const uint8_t *bytes_before(const struct image *img, size_t section, uint64_t end)
{
	Elf_Scn *scn = elf_getscn(img->elf, section);
	Elf_Data *d = scn ? elf_rawdata(scn, NULL) : NULL;

	if (!d || !d->d_buf || end < CALL_SIZE || end > d->d_size)
		return NULL;
	return (const uint8_t *)d->d_buf + end - CALL_SIZE;
}

static int direct_callee(const struct image *img, const struct image_func *f, uint64_t end,
			 const uint8_t *code, char *ret, size_t room)
{
	int32_t rel = (int32_t)((uint32_t)code[1] | (uint32_t)code[2] << 8 |
				(uint32_t)code[3] << 16 | (uint32_t)code[4] << 24);

	return name_of(img, f->section, end + (uint64_t)(int64_t)rel, ret, room);
}

int image_callee(const struct image *img, const struct image_func *f, uint64_t off, char *ret,
		 size_t room)
{
	uint64_t end = f->value + off, in_section = end;
	const uint8_t *code;
	GElf_Ehdr eh;
	GElf_Shdr sh;
	Elf_Scn *scn = elf_getscn(img->elf, f->section);

	if (!scn || !gelf_getshdr(scn, &sh) || !gelf_getehdr(img->elf, &eh))
		return -ENOENT;
	if (eh.e_machine != EM_X86_64)
		return -ENOTSUP;
	if (!img->relocatable)
		in_section -= sh.sh_addr;
	code = bytes_before(img, f->section, in_section);
	if (!code || code[0] != 0xe8)
		return -ENOENT;
	if (img->relocatable && !find_reloc(img, f->section, end - 4, ret, room))
		return 0;
	return direct_callee(img, f, end, code, ret, room);
}
