// SPDX-License-Identifier: GPL-2.0-only
/* Whose a function is: by the module that the kernel printed, else by its name. */
#include <string.h>

#include "oops/oops.h"

struct owned {
	const char *function, *owner;
};

static const struct owned functions[] = {
#define F(function, owner) { #function, #owner },
#include "oops/functions.def"
#undef F
};

/* Modules whose name is not the one they go by here. */
static const struct owned modules[] = {
	{ "cifs", "cifs" },	  { "netfs", "netfs" },
	{ "fscache", "fscache" }, { "cachefiles", "cachefiles" },
	{ "ksmbd", "ksmbd" },	  { "smbdirect", "smbdirect" },
	{ "9p", "9p" },		  { "9pnet", "9p" },
	{ "kafs", "afs" },	  { "ceph", "ceph" },
	{ "libceph", "ceph" },
};

static int compare(const void *name, const void *with)
{
	return strcmp(name, ((const struct owned *)with)->function);
}

const char *oops_owner(const struct sym_ref *ref)
{
	const struct owned *found;
	char plain[sizeof(ref->symbol)];

	for (size_t i = 0; *ref->module && i < ARRAY_SIZE(modules); i++)
		if (!strcmp(ref->module, modules[i].function))
			return modules[i].owner;
	if (*ref->module)
		return NULL;
	/* what the compiler hung on to it: .isra.0, .cold, .part.3 */
	snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(ref->symbol, "."), ref->symbol);
	found = bsearch(plain, functions, ARRAY_SIZE(functions), sizeof(functions[0]), compare);
	return found ? found->owner : NULL;
}

bool oops_is_ours(const struct sym_ref *ref)
{
	const char *owner = oops_owner(ref);

	return owner &&
	       (!strcmp(owner, "cifs") || !strcmp(owner, "netfs") || !strcmp(owner, "fscache"));
}
