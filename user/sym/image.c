// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "sym/image.h"

#define MAX_SYMBOLS (1 << 22)

void image_free(struct image *img)
{
	if (!img)
		return;
	free(img->func);
	elf_end(img->elf);
	if (img->fd >= 0)
		close(img->fd);
	free(img);
}

/* ---- what the file says of itself ---- */

static void copy_text(char *dst, size_t room, const char *from, size_t max)
{
	size_t n = strnlen(from, max);

	if (n >= room)
		n = room - 1;
	memcpy(dst, from, n);
	dst[n] = '\0';
}

/* .modinfo: "key=value" strings, each with its NUL */
static void read_modinfo(struct image *img, Elf_Scn *scn)
{
	Elf_Data *d = elf_getdata(scn, NULL);
	const char *p = d ? d->d_buf : NULL, *end = p ? p + d->d_size : NULL;

	while (p && p < end) {
		size_t n = strnlen(p, end - p);

		if (n > 9 && !memcmp(p, "vermagic=", 9))
			copy_text(img->vermagic, sizeof(img->vermagic), p + 9, n - 9);
		if (n > 5 && !memcmp(p, "name=", 5))
			copy_text(img->name, sizeof(img->name), p + 5, n - 5);
		p += n + 1;
	}
}

static void read_notes(struct image *img, Elf_Scn *scn)
{
	Elf_Data *d = elf_getdata(scn, NULL);
	size_t at = 0, name, desc;
	GElf_Nhdr n;

	while (d && d->d_buf && (at = gelf_getnote(d, at, &n, &name, &desc)) > 0) {
		const uint8_t *id = (const uint8_t *)d->d_buf + desc;

		if (n.n_type != NT_GNU_BUILD_ID || n.n_namesz != 4 ||
		    memcmp((const char *)d->d_buf + name, "GNU", 4) || !n.n_descsz ||
		    n.n_descsz * 2 >= sizeof(img->build_id))
			continue;
		for (size_t i = 0; i < n.n_descsz; i++)
			sprintf(img->build_id + 2 * i, "%02x", id[i]);
	}
}

/* ---- functions ---- */

static int by_address(const void *a, const void *b)
{
	const struct image_func *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->size < y->size ? -1 : x->size > y->size;
}

static uint64_t section_end(const struct image *img, size_t section)
{
	GElf_Shdr sh;
	Elf_Scn *scn = elf_getscn(img->elf, section);

	if (!scn || !gelf_getshdr(scn, &sh))
		return 0;
	return img->relocatable ? sh.sh_size : sh.sh_addr + sh.sh_size;
}

/* The kernel keeps no sizes: a symbol reaches to the next one, the last to the end of its memory.
 */
static void set_spans(struct image *img)
{
	uint64_t next = 0;

	for (size_t i = img->nr_funcs; i-- > 0;) {
		struct image_func *f = &img->func[i], *after = f + 1;

		if (i + 1 == img->nr_funcs || after->section != f->section)
			next = section_end(img, f->section);
		else if (after->value != f->value)
			next = after->value;
		f->span = next > f->value ? next - f->value : f->size;
	}
}

/* Data symbols never stand between functions; section and file symbols the kernel drops. */
static bool is_code_symbol(const GElf_Sym *s, const char *name)
{
	int type = GELF_ST_TYPE(s->st_info);

	return (type == STT_FUNC || type == STT_NOTYPE || type == STT_GNU_IFUNC) && name && *name &&
	       s->st_shndx != SHN_UNDEF && s->st_shndx < SHN_LORESERVE &&
	       strncmp(name, ".L", 2) != 0;
}

static int read_symbols(struct image *img, Elf_Scn *scn, const GElf_Shdr *sh)
{
	Elf_Data *d = elf_getdata(scn, NULL);
	size_t n = sh->sh_entsize ? sh->sh_size / sh->sh_entsize : 0;

	if (!d || n > MAX_SYMBOLS)
		return 0;
	img->func = calloc(n ? n : 1, sizeof(*img->func));
	if (!img->func)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		GElf_Sym s;
		char *name;

		if (!gelf_getsym(d, i, &s))
			break;
		name = elf_strptr(img->elf, sh->sh_link, s.st_name);
		if (!is_code_symbol(&s, name))
			continue;
		img->func[img->nr_funcs++] = (struct image_func){
			.name = name,
			.value = s.st_value,
			.size = s.st_size,
			.section = s.st_shndx,
		};
	}
	qsort(img->func, img->nr_funcs, sizeof(*img->func), by_address);
	img->has_symtab = true;
	set_spans(img);
	return 0;
}

static int read_section(struct image *img, Elf_Scn *scn, const GElf_Shdr *sh, const char *name)
{
	if (sh->sh_type == SHT_SYMTAB && !img->func)
		return read_symbols(img, scn, sh);
	if (sh->sh_type == SHT_NOTE)
		read_notes(img, scn);
	if (!strcmp(name, ".modinfo"))
		read_modinfo(img, scn);
	if (!strncmp(name, ".debug_info", 11) || !strncmp(name, ".zdebug_info", 12))
		img->has_dwarf = true;
	if (sh->sh_type == SHT_PROGBITS && (sh->sh_flags & SHF_EXECINSTR))
		img->has_code = true;
	return 0;
}

static int read_sections(struct image *img)
{
	Elf_Scn *scn = NULL;
	size_t strings;
	int rc = 0;

	if (elf_getshdrstrndx(img->elf, &strings))
		return -EBADMSG;
	while (!rc && (scn = elf_nextscn(img->elf, scn)) != NULL) {
		GElf_Shdr sh;
		const char *name;

		if (!gelf_getshdr(scn, &sh))
			return -EBADMSG;
		name = elf_strptr(img->elf, strings, sh.sh_name);
		rc = read_section(img, scn, &sh, name ? name : "");
	}
	return rc;
}

int image_open(struct image **ret, const char *path, struct err *err)
{
	__free(image_freep) struct image *img = calloc(1, sizeof(*img));
	GElf_Ehdr eh;
	int rc;

	if (!img)
		return -ENOMEM;
	img->fd = -1;
	rc = image_file_open(path, &img->fd, err);
	if (rc)
		return rc;
	copy_text(img->path, sizeof(img->path), path, strlen(path));
	elf_version(EV_CURRENT);
	img->elf = elf_begin(img->fd, ELF_C_READ_MMAP, NULL);
	if (!img->elf || elf_kind(img->elf) != ELF_K_ELF || !gelf_getehdr(img->elf, &eh))
		return err_set(err, -EBADMSG, "%s: not an ELF file", path);
	img->relocatable = eh.e_type == ET_REL;
	rc = read_sections(img);
	if (rc)
		return err_set(err, rc, "%s: damaged ELF file: %s", path, elf_errmsg(-1));
	*ret = TAKE(img);
	return 0;
}

/* ---- look-ups ---- */

/* Padding up to the next function, and in the last one up to what the loader puts behind it. */
#define ALIGN_SLACK 64

/* Whether the kernel would print size for f; 0 fits all. */
static bool image_func_fits(const struct image_func *f, uint64_t size)
{
	if (!size || size == f->span || size == f->size)
		return true;
	return f->size && size > f->size && size - f->size < ALIGN_SLACK && size <= f->span;
}

const struct image_func *image_find(const struct image *img, const char *name, uint64_t size,
				    const struct image_func **ret_other)
{
	const struct image_func *found = NULL;

	*ret_other = NULL;
	for (size_t i = 0; i < img->nr_funcs; i++) {
		const struct image_func *f = &img->func[i];

		if (strcmp(f->name, name) != 0)
			continue;
		if (!image_func_fits(f, size))
			*ret_other = f;
		else if (!found || (f->span == size && found->span != size))
			found = f;
	}
	return found;
}
