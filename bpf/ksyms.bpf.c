// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of /proc/kallsyms, only those that are wanted: to print all 180,000 and to read them again took
 * more than a second at 500 MIPS. An object of its own, as the others need what it finds.
 */
#include "../vmlinux/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

#define WORDS	 2 /* names of up to 15 bytes, with the NUL */
#define NAMES	 3 /* of two modules, and of a function of vmlinux */
#define FUNCTION 2

/* What is behind the NUL in a buffer of the kernel's may be anything. */
const volatile __u64 words[NAMES][WORDS] = {}, masks[NAMES][WORDS] = {};

static __always_inline bool is_named(const char *text, int name)
{
	const __u64 *word = (const void *)text;

	for (int i = 0; i < WORDS; i++)
		if ((word[i] & masks[name][i]) != words[name][i])
			return false;
	return true;
}

SEC("iter/ksym")
int find_symbols(struct bpf_iter__ksym *ctx)
{
	const struct kallsym_iter *k = ctx->ksym;
	struct seq_file *out = ctx->meta->seq;
	const char *module;
	unsigned long addr;

	if (!k)
		return 0;
	module = __builtin_preserve_access_index(&k->module_name[0]);
	addr = k->show_value ? k->value : 0;
	if (is_named(module, 0) || is_named(module, 1))
		BPF_SEQ_PRINTF(out, "%lx %c %s\t[%s]\n", addr, k->type, k->name, module);
	else if (!*module && is_named(__builtin_preserve_access_index(&k->name[0]), FUNCTION))
		BPF_SEQ_PRINTF(out, "%lx %c %s\n", addr, k->type, k->name);
	return 0;
}
