// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "cmd/btf.h"

enum { OPT_BTF = 0x500, OPT_BTF_MODULE };

static const struct argp_option options[] = {
	{ "btf", OPT_BTF, "FILE", 0, "BTF of vmlinux, if the kernel has none", 0 },
	{ "btf-module", OPT_BTF_MODULE, "NAME=FILE", 0,
	  "BTF of module NAME (cifs or netfs), if the kernel has none: the module's own file, or pahole's output for it",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const names[MODULE_REAL] = {
		[MODULE_NETFS] = "netfs", [MODULE_CIFS] = "cifs"
	};
	struct facts_options *o = state->input;
	size_t len = arg ? strcspn(arg, "=") : 0;

	if (key == OPT_BTF) {
		o->btf = arg;
		return 0;
	}
	if (key != OPT_BTF_MODULE)
		return ARGP_ERR_UNKNOWN;
	for (int i = 0; i < MODULE_REAL; i++) {
		if (strlen(names[i]) != len || memcmp(names[i], arg, len) != 0 || !arg[len] ||
		    !arg[len + 1])
			continue;
		o->btf_module[i] = arg + len + 1;
		return 0;
	}
	argp_error(state, "--btf-module is cifs=FILE or netfs=FILE, not %s", arg);
	return EINVAL;
}

const struct argp btf_argp = { .options = options, .parser = parse };

int btf_check(const struct facts_options *o, struct err *err)
{
	const char *const files[] = { o->btf, o->btf_module[MODULE_NETFS],
				      o->btf_module[MODULE_CIFS] };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (files[i] && access(files[i], R_OK))
			return err_set(err, -errno, "%s %s: %s", i ? "--btf-module" : "--btf",
				       files[i], strerror(errno));
	return 0;
}
