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

const char *oops_file_owner(const char *file)
{
	static const struct owned dirs[] = {
		{ "fs/netfs/", "netfs" },
		{ "fs/fscache/", "fscache" },
		{ "fs/smb/client/", "cifs" },
		{ "fs/cifs/", "cifs" },
		{ "fs/smb/server/", "ksmbd" },
		{ "fs/ksmbd/", "ksmbd" },
		{ "fs/smb/smbdirect/", "smbdirect" },
		{ "fs/cachefiles/", "cachefiles" },
		{ "fs/9p/", "9p" },
		{ "net/9p/", "9p" },
		{ "fs/afs/", "afs" },
		{ "fs/ceph/", "ceph" },
		{ "net/ceph/", "ceph" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		const char *at = strstr(file, dirs[i].function);

		if (at && (at == file || at[-1] == '/'))
			return dirs[i].owner;
	}
	return NULL;
}

static bool is_ours(const char *owner)
{
	return owner &&
	       (!strcmp(owner, "cifs") || !strcmp(owner, "netfs") || !strcmp(owner, "fscache"));
}

bool oops_is_ours(const struct sym_ref *ref)
{
	return is_ours(oops_owner(ref));
}

bool oops_entry_is_ours(const struct oops_entry *e)
{
	return oops_is_ours(&e->at) || is_ours(oops_file_owner(e->file));
}

bool oops_place_is_ours(const struct oops *o)
{
	return oops_is_ours(&o->at) || (*o->at.symbol && is_ours(oops_file_owner(o->file)));
}
