// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <string.h>

#include "sym/find.h"

#define MAX_ENTRIES 500000 /* of a directory tree; a distribution's modules are 10000 */

bool find_safe_name(const char *text)
{
	for (const char *p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-+~", *p))
			return false;
	return *text && *text != '.';
}

void find_module_of(const char *path, char *ret, size_t room)
{
	const char *base = strrchr(path, '/');
	size_t n = 0;

	base = base ? base + 1 : path;
	if (strncmp(base, "vmlinux", 7) != 0)
		for (; base[n] && base[n] != '.' && n + 1 < room; n++)
			ret[n] = base[n] == '-' ? '_' : base[n];
	ret[n] = '\0';
}

static bool is_file_of(const char *path, const char *module)
{
	const char *base = strrchr(path, '/'), *ko;
	char name[64];

	base = base ? base + 1 : path;
	if (!*module)
		return !strncmp(base, "vmlinux", 7);
	ko = strchr(base, '.');
	find_module_of(path, name, sizeof(name));
	return ko && !strcmp(name, module) && (!strncmp(ko, ".ko", 3) || !strcmp(ko, ".debug"));
}

static int visit_tree(FTS *tree, const char *module, find_visit visit, void *ctx)
{
	unsigned int n = 0;
	FTSENT *e;
	int rc = 0;

	while (!rc && n++ < MAX_ENTRIES && (e = fts_read(tree)) != NULL)
		if ((e->fts_info == FTS_F || e->fts_info == FTS_NSOK) &&
		    is_file_of(e->fts_path, module))
			rc = visit(ctx, e->fts_path);
	return rc;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int visit_dir(const char *dir, const char *module, find_visit visit, void *ctx)
{
	char path[PATH_MAX];
	char *const paths[] = { path, NULL };
	FTS *tree;
	int rc;

	snprintf(path, sizeof(path), "%s", dir);
	if (access(path, R_OK | X_OK))
		return 0;
	tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_COMFOLLOW, by_name);
	if (!tree)
		return -errno;
	rc = visit_tree(tree, module, visit, ctx);
	fts_close(tree);
	return rc;
}

static int visit_file(const char *path, find_visit visit, void *ctx)
{
	return access(path, R_OK) ? 0 : visit(ctx, path);
}

/* %1$s root, %2$s release; those of the kernel itself are files */
static const char *const module_dirs[] = {
	"%1$s/usr/lib/debug/lib/modules/%2$s",
	"%1$s/usr/lib/debug/usr/lib/modules/%2$s",
	"%1$s/lib/modules/%2$s",
};

static const char *const kernel_files[] = {
	"%1$s/usr/lib/debug/boot/vmlinux-%2$s",
	"%1$s/usr/lib/debug/lib/modules/%2$s/vmlinux",
	"%1$s/usr/lib/debug/usr/lib/modules/%2$s/vmlinux",
	"%1$s/lib/modules/%2$s/build/vmlinux",
	"%1$s/boot/vmlinux-%2$s",
};

static int visit_system(const struct sym_options *o, const char *module, find_visit visit,
			void *ctx)
{
	const char *root = o->root ? o->root : "";
	char path[PATH_MAX];
	int rc = 0;

	if (!o->release || !find_safe_name(o->release))
		return 0;
	for (size_t i = 0; !*module && !rc && i < ARRAY_SIZE(kernel_files); i++) {
		snprintf(path, sizeof(path), kernel_files[i], root, o->release);
		rc = visit_file(path, visit, ctx);
	}
	for (size_t i = 0; *module && !rc && i < ARRAY_SIZE(module_dirs); i++) {
		snprintf(path, sizeof(path), module_dirs[i], root, o->release);
		rc = visit_dir(path, module, visit, ctx);
	}
	return rc;
}

int find_files(const struct sym_options *o, const char *module, find_visit visit, void *ctx)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < o->nr_files; i++)
		rc = visit(ctx, o->files[i]);
	if (!rc && o->debug_dir)
		rc = visit_dir(o->debug_dir, module, visit, ctx);
	if (rc)
		return rc;
	return visit_system(o, module, visit, ctx);
}

int find_build(const struct sym_options *o, const char *build_id, find_visit visit, void *ctx)
{
	const char *const dirs[] = { o->debug_dir, "/usr/lib/debug" };
	char path[PATH_MAX];
	int rc = 0;

	if (strlen(build_id) < 8 || !find_safe_name(build_id))
		return 0;
	for (size_t i = 0; !rc && i < ARRAY_SIZE(dirs); i++) {
		if (!dirs[i])
			continue;
		snprintf(path, sizeof(path), "%s%s/.build-id/%.2s/%s.debug",
			 i && o->root ? o->root : "", dirs[i], build_id, build_id + 2);
		rc = visit_file(path, visit, ctx);
	}
	return rc;
}
