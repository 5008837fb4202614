// SPDX-License-Identifier: GPL-2.0-only
/* The child process that reads ELF and DWARF; sym.c starts it and asks. */
#include <errno.h>
#include <string.h>

#include "sym/find.h"
#include "sym/image.h"
#include "sym/lines.h"
#include "sym/resolve.h"

#define MAX_CANDIDATES 8

/* One file that may hold the module. */
struct candidate {
	struct image *img;
	struct lines *lines;
	bool lines_tried;
};

struct module {
	struct module *next;
	char name[64];
	struct candidate file[MAX_CANDIDATES];
	size_t nr_files;
	struct err trouble; /* of the first file that could not be used */
};

struct resolver {
	const struct sym_options *o;
	struct module *modules;
};

int resolver_new(struct resolver **ret, const struct sym_options *o)
{
	struct resolver *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->o = o;
	*ret = r;
	return 0;
}

static void module_free(struct module *m)
{
	for (size_t i = 0; i < m->nr_files; i++) {
		lines_free(m->file[i].lines);
		image_free(m->file[i].img);
	}
	free(m);
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	for (struct module *m = r->modules, *next; m; m = next) {
		next = m->next;
		module_free(m);
	}
	free(r);
}

/* ---- the files of a module ---- */

static bool is_of_module(const struct image *img, const char *module)
{
	char name[64];

	if (*img->name)
		return !strcmp(img->name, module);
	find_module_of(img->path, name, sizeof(name));
	return !strcmp(name, module);
}

static int add_file(void *ctx, const char *path)
{
	struct module *m = ctx;
	struct image *img;
	struct err err = {};
	int rc;

	if (m->nr_files == MAX_CANDIDATES)
		return 1;
	for (size_t i = 0; i < m->nr_files; i++)
		if (!strcmp(m->file[i].img->path, path))
			return 0;
	rc = image_open(&img, path, &err);
	if (rc == -ENOMEM)
		return rc;
	if (rc) {
		if (!m->trouble.text[0])
			m->trouble = err;
		return 0;
	}
	if (!is_of_module(img, m->name))
		image_free(img);
	else
		m->file[m->nr_files++].img = img;
	return 0;
}

static int load(struct resolver *r, struct module *m, const struct sym_query *q)
{
	int rc = find_files(r->o, m->name, add_file, m);

	if (rc >= 0 && *q->build_id)
		rc = find_build(r->o, q->build_id, add_file, m);
	/* the debug file that belongs to a module without debug information */
	for (size_t i = 0, n = m->nr_files; rc >= 0 && i < n; i++)
		if (!m->file[i].img->has_dwarf && *m->file[i].img->build_id)
			rc = find_build(r->o, m->file[i].img->build_id, add_file, m);
	return rc < 0 ? rc : 0;
}

static int module_of(struct resolver *r, const struct sym_query *q, struct module **ret)
{
	struct module *m;
	int rc;

	for (m = r->modules; m; m = m->next)
		if (!strcmp(m->name, q->module)) {
			*ret = m;
			return 0;
		}
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	snprintf(m->name, sizeof(m->name), "%s", q->module);
	rc = load(r, m, q);
	if (rc) {
		module_free(m);
		return rc;
	}
	m->next = r->modules;
	r->modules = m;
	*ret = m;
	return 0;
}

/* ---- does a file fit, and what does it say ---- */

static const struct image_func *fitting(const struct image *img, const struct sym_query *q,
					struct err *why)
{
	const struct image_func *other, *f = image_find(img, q->symbol, q->size, &other);

	if (*q->build_id && *img->build_id && strcmp(q->build_id, img->build_id) != 0) {
		err_set(why, 0, "%s has build-id %s, not %s: another build", img->path,
			img->build_id, q->build_id);
		return NULL;
	}
	if (!img->has_symtab)
		err_set(why, 0, "%s is stripped of its symbols", img->path);
	else if (other && !f)
		err_set(why, 0, "%s has %s of 0x%llx bytes, not 0x%llx: another build", img->path,
			q->symbol, (unsigned long long)other->span, (unsigned long long)q->size);
	else if (!f)
		err_set(why, 0, "%s has no function %s: another build", img->path, q->symbol);
	else if (q->off > (f->span > q->size ? f->span : q->size)) {
		err_set(why, 0, "%s ends at 0x%llx in %s", q->symbol, (unsigned long long)f->span,
			img->path);
		return NULL;
	}
	return f;
}

static void set_caution(const struct resolver *r, const struct image *img, struct sym_place *p)
{
	const char *release = r->o->release;
	size_t n = strcspn(img->vermagic, " ");

	if (!release || !n || (strlen(release) == n && !strncmp(release, img->vermagic, n)))
		return;
	snprintf(p->caution, sizeof(p->caution),
		 "%.120s was built for kernel %.*s, not %.40s; the function's size fits", img->path,
		 n < 40 ? (int)n : 40, img->vermagic, release);
}

static void answered(const struct resolver *r, const struct image *img, struct sym_place *p)
{
	snprintf(p->from, sizeof(p->from), "%s", img->path);
	set_caution(r, img, p);
}

static int try_lines(struct candidate *c, const struct image_func *f, const struct sym_query *q,
		     struct sym_place *ret, struct err *why)
{
	uint64_t pc = q->is_return && q->off ? q->off - 1 : q->off;

	if (!c->img->has_dwarf)
		return err_set(why, -ENODATA, "%s has no debug information", c->img->path);
	if (!c->lines && c->lines_tried)
		return err_set(why, -ENODATA, "%s: its debug information cannot be read",
			       c->img->path);
	if (!c->lines) {
		int rc = lines_open(&c->lines, c->img, why);

		c->lines_tried = true;
		if (rc)
			return rc;
	}
	return lines_find(c->lines, f, pc, ret, why);
}

static void try_callee(const struct resolver *r, const struct candidate *c,
		       const struct image_func *f, const struct sym_query *q, struct sym_place *ret,
		       struct err *why)
{
	if (!q->is_return || ret->how != SYM_NONE || !c->img->has_code)
		return;
	if (image_callee(c->img, f, q->off, ret->callee, sizeof(ret->callee))) {
		err_set(why, 0, "%s has no debug information, and no direct call ends at +0x%llx",
			c->img->path, (unsigned long long)q->off);
		return;
	}
	ret->how = SYM_CALL;
	answered(r, c->img, ret);
}

/* ---- why not ---- */

/* Only Debian's names are known well enough to give one. */
static void package_hint(const char *release, char *ret, size_t room)
{
	bool debian =
		strstr(release, "+deb") || strstr(release, "-amd64") || strstr(release, "-arm64");

	if (debian && find_safe_name(release))
		snprintf(ret, room, ", or install the package linux-image-%.80s-dbg", release);
	else
		snprintf(ret, room, ", or install the debug package of that kernel");
}

static void set_why(const struct resolver *r, const struct sym_query *q, const struct module *m,
		    const struct err *why, struct sym_place *p)
{
	const char *release = r->o->release ? r->o->release : "";
	const char *text = why->text[0] ? why->text : m->trouble.text;
	char what[80] = "vmlinux", hint[160];

	package_hint(release, hint, sizeof(hint));
	if (*q->module)
		snprintf(what, sizeof(what), "%s.ko", q->module);
	if (*text)
		snprintf(
			p->why, sizeof(p->why),
			"%.280s; for a line give --module %s of that build, with debug information%s",
			text, what, hint);
	else
		snprintf(p->why, sizeof(p->why), "found no %s%s%.80s; give it with --module%s",
			 what, *release ? " of kernel " : "", release, hint);
}

int resolver_query(struct resolver *r, const struct sym_query *q, struct sym_place *ret)
{
	struct err why = {}, first = {};
	struct module *m;
	int rc = module_of(r, q, &m);

	memset(ret, 0, sizeof(*ret));
	if (rc)
		return rc;
	for (size_t i = 0; i < m->nr_files; i++) {
		struct candidate *c = &m->file[i];
		const struct image_func *f = fitting(c->img, q, &why);

		if (f && !try_lines(c, f, q, ret, &why)) {
			answered(r, c->img, ret);
			return 0;
		}
		if (f)
			try_callee(r, c, f, q, ret, &why);
		if (!first.text[0])
			first = why;
	}
	set_why(r, q, m, &first, ret);
	return 0;
}
