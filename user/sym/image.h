/* SPDX-License-Identifier: GPL-2.0-only */
/* One ELF file of a module or kernel: its functions, its identity, and what its code calls. */
#ifndef NETFSNOOP_SYM_IMAGE_H
#define NETFSNOOP_SYM_IMAGE_H

#include <gelf.h>

#include "base/base.h"

/* An open fd to the file's bytes, decompressed (.xz, .zst, .gz) into memory where needed; -errno.
 */
int image_file_open(const char *path, int *ret_fd, struct err *err);

struct image_func {
	char *name; /* into the image */
	uint64_t value, size;
	uint64_t span; /* what the kernel prints as its size: up to the next symbol
			  (kernel/module/kallsyms.c) */
	size_t section;
};

struct image {
	char path[256];
	int fd;
	Elf *elf;
	bool relocatable; /* ET_REL: values are offsets into their section */
	bool has_code;	  /* not a file of debug information alone */
	bool has_dwarf;
	bool has_symtab;   /* false: stripped */
	char build_id[64]; /* hex */
	char vermagic[128];
	char name[64];		 /* of .modinfo */
	struct image_func *func; /* by section and value */
	size_t nr_funcs;
};

int image_open(struct image **ret, const char *path, struct err *err);
void image_free(struct image *img);

static inline void image_freep(struct image **img)
{
	image_free(*img);
}

/* The function of that name and size; else NULL, with *ret_other one of that name but other size.
 */
const struct image_func *image_find(const struct image *img, const char *name, uint64_t size,
				    const struct image_func **ret_other);
/*
 * The name of what the call instruction calls that ends at f+off: from its relocation, or within a
 * section from the instruction itself (x86-64). 0, -ENOENT: no direct call ends there, -ENOTSUP.
 */
int image_callee(const struct image *img, const struct image_func *f, uint64_t off, char *ret,
		 size_t room);

#endif
