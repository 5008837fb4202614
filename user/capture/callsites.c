// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "capture/callsites.h"
#include "sym/image.h"

#define OP_CALL 0xe8
#define OP_JMP	0xe9
#define OP_TWO	0x0f /* 0f 80 to 0f 8f: jcc rel32 */

void callsites_free(struct callsites *s)
{
	free(s->site);
	*s = (struct callsites){ 0 };
}

static int callsites_add(struct callsites *s, uint64_t addr, uint8_t kind)
{
	struct callsite *bigger = realloc(s->site, (s->nr + 1) * sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	s->site = bigger;
	s->site[s->nr++] = (struct callsite){ .addr = addr, .kind = kind };
	return 0;
}

/* The instruction whose rel32 is at code[at]: its kind, and how far before that it starts. */
static int instruction(const uint8_t *code, size_t at, uint8_t *ret_kind)
{
	if (at >= 2 && code[at - 2] == OP_TWO && (code[at - 1] & 0xf0) == 0x80) {
		*ret_kind = SITE_JCC | (code[at - 1] & 0x0f);
		return 2;
	}
	if (at >= 1 && (code[at - 1] == OP_CALL || code[at - 1] == OP_JMP)) {
		*ret_kind = code[at - 1] == OP_CALL ? SITE_CALL : SITE_JMP;
		return 1;
	}
	return 0;
}

/* ---- from the file ---- */

struct section {
	const char *name;
	const uint8_t *code;
	size_t size;
	uint64_t base;
};

static int add_reloc(struct callsites *s, const struct section *to, const GElf_Rela *r)
{
	uint32_t type = GELF_R_TYPE(r->r_info);
	uint8_t kind;
	int before = 0;

	if ((type == R_X86_64_PLT32 || type == R_X86_64_PC32) && r->r_addend == -4 &&
	    r->r_offset + 4 <= to->size)
		before = instruction(to->code, r->r_offset, &kind);
	if (!before) {
		s->odd++;
		return 0;
	}
	return callsites_add(s, to->base + r->r_offset - before, kind);
}

static bool refers_to(const struct image *img, const GElf_Shdr *rela, const GElf_Rela *r,
		      const char *callee)
{
	Elf_Scn *table = elf_getscn(img->elf, rela->sh_link);
	Elf_Data *d = table ? elf_getdata(table, NULL) : NULL;
	const char *name;
	GElf_Shdr sh;
	GElf_Sym sym;

	if (!d || !gelf_getshdr(table, &sh) || !gelf_getsym(d, GELF_R_SYM(r->r_info), &sym))
		return false;
	name = elf_strptr(img->elf, sh.sh_link, sym.st_name);
	return name && !strcmp(name, callee);
}

static int scan_relocs(struct callsites *s, const struct image *img, Elf_Scn *scn,
		       const GElf_Shdr *sh, const struct section *to, const char *callee)
{
	Elf_Data *d = elf_getdata(scn, NULL);
	size_t n = d && sh->sh_entsize ? d->d_size / sh->sh_entsize : 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		GElf_Rela r;

		if (!gelf_getrela(d, i, &r))
			return -EBADMSG;
		if (refers_to(img, sh, &r, callee))
			rc = add_reloc(s, to, &r);
	}
	return rc;
}

/* Is it code of the loaded module? That of its init is gone. */
static bool open_section(const struct image *img, size_t index, section_base base, void *ctx,
			 struct section *ret)
{
	Elf_Scn *scn = elf_getscn(img->elf, index);
	Elf_Data *d = scn ? elf_rawdata(scn, NULL) : NULL;
	size_t strings;
	GElf_Shdr sh;

	if (!d || !d->d_buf || !gelf_getshdr(scn, &sh) || elf_getshdrstrndx(img->elf, &strings) ||
	    !(sh.sh_flags & SHF_EXECINSTR))
		return false;
	ret->name = elf_strptr(img->elf, strings, sh.sh_name);
	ret->code = d->d_buf;
	ret->size = d->d_size;
	if (!ret->name || !strncmp(ret->name, ".init", 5))
		return false;
	ret->base = base(ctx, ret->name);
	return ret->base != 0;
}

int callsites_from_image(struct callsites *s, const struct image *img, const char *callee,
			 section_base base, void *ctx)
{
	Elf_Scn *scn = NULL;
	GElf_Ehdr eh;
	int rc = 0;

	if (!gelf_getehdr(img->elf, &eh) || eh.e_machine != EM_X86_64 || !img->relocatable)
		return -ENOTSUP;
	while (!rc && (scn = elf_nextscn(img->elf, scn)) != NULL) {
		struct section to;
		GElf_Shdr sh;

		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_RELA &&
		    open_section(img, sh.sh_info, base, ctx, &to))
			rc = scan_relocs(s, img, scn, &sh, &to, callee);
	}
	return rc;
}

/* ---- from live text ---- */

static uint64_t target_of(const uint8_t *rel, uint64_t end)
{
	int32_t v = (int32_t)((uint32_t)rel[0] | (uint32_t)rel[1] << 8 | (uint32_t)rel[2] << 16 |
			      (uint32_t)rel[3] << 24);

	return end + (uint64_t)(int64_t)v;
}

int callsites_from_text(struct callsites *s, const uint8_t *text, size_t size, uint64_t start,
			uint64_t target)
{
	int rc = 0;

	for (size_t at = 1; !rc && at + 4 <= size; at++) {
		uint8_t kind;
		int before;

		if (target_of(text + at, start + at + 4) != target)
			continue;
		before = instruction(text, at, &kind);
		if (before)
			rc = callsites_add(s, start + at - before, kind);
		else
			s->odd++;
	}
	return rc;
}
