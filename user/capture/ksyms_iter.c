// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>
#include <string.h>

#include "capture/ksyms_iter.h"
#include "ksyms.skel.h"

static void skeleton_freep(struct ksyms_bpf **skel)
{
	ksyms_bpf__destroy(*skel);
}

static void link_freep(struct bpf_link **link)
{
	bpf_link__destroy(*link);
}

/* As the program compares it: up to its NUL. */
static bool set_name(struct ksyms_bpf__rodata *ro, int i, const char *name)
{
	size_t size = strlen(name) + 1;

	if (size > sizeof(ro->words[i]))
		return false;
	memcpy(ro->words[i], name, size);
	memset(ro->masks[i], 0xff, size);
	return true;
}

static bool set_names(struct ksyms_bpf__rodata *ro, const char *const modules[KSYMS_MODULES],
		      const char *function)
{
	for (int i = 0; i < KSYMS_MODULES; i++)
		if (!set_name(ro, i, modules[i]))
			return false;
	return set_name(ro, KSYMS_MODULES, function);
}

FILE *ksyms_iter_open(const char *const modules[KSYMS_MODULES], const char *function)
{
	__free(skeleton_freep) struct ksyms_bpf *skel = ksyms_bpf__open();
	__free(link_freep) struct bpf_link *link = NULL;
	FILE *f;
	int fd;

	if (!skel || !set_names(skel->rodata, modules, function) || ksyms_bpf__load(skel))
		return NULL;
	link = bpf_program__attach_iter(skel->progs.find_symbols, NULL);
	fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	f = fd < 0 ? NULL : fdopen(fd, "r"); /* which holds the program */
	if (!f && fd >= 0)
		close(fd);
	return f;
}
