// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "capture/ksyms.h"

#define PAGE 4096

struct entry {
	uint64_t addr;
	uint32_t name; /* into names */
	uint32_t nr;   /* in the file: of equal addresses the kernel takes the first */
	bool text;
};

struct module_syms {
	const char *name;
	struct entry *entry; /* by address */
	size_t nr, room;
};

struct ksyms {
	char path[256];
	struct module_syms module[KSYMS_MODULES];
	char *names;
	size_t names_used, names_room;
	uint64_t function;
	bool any; /* an address that is not 0 */
};

/* "ffffffffc0a12340 t cifs_send_async_read\t[cifs]", cut up in place */
struct line {
	uint64_t addr;
	char type;
	const char *symbol, *module;
};

static bool parse_line(char *text, struct line *ret)
{
	char *end, *module;

	ret->addr = strtoull(text, &end, 16);
	if (end == text || end[0] != ' ' || !end[1] || end[2] != ' ')
		return false;
	ret->type = end[1];
	ret->symbol = end + 3;
	end[3 + strcspn(end + 3, "\n")] = '\0';
	ret->module = "";
	module = strstr(end + 3, "\t[");
	if (module) {
		*module = '\0';
		ret->module = module + 2;
		module[2 + strcspn(module + 2, "]")] = '\0';
	}
	return *ret->symbol != '\0';
}

typedef int (*line_fn)(void *ctx, const struct line *line);

static int scan_lines(FILE *f, line_fn fn, void *ctx)
{
	char text[1024];
	int rc = 0;

	while (!rc && fgets(text, sizeof(text), f)) {
		struct line line;

		if (parse_line(text, &line))
			rc = fn(ctx, &line);
	}
	return !rc && ferror(f) ? -EIO : rc;
}

static int scan(const char *path, line_fn fn, void *ctx)
{
	__autofclose FILE *f = fopen(path, "re");

	return f ? scan_lines(f, fn, ctx) : -errno;
}

static int keep_name(struct ksyms *k, const char *name, uint32_t *ret)
{
	size_t size = strlen(name) + 1;

	if (k->names_used + size > k->names_room) {
		size_t room = (k->names_room ? 2 * k->names_room : 1 << 16) + size;
		char *p = realloc(k->names, room);

		if (!p)
			return -ENOMEM;
		k->names = p;
		k->names_room = room;
	}
	memcpy(k->names + k->names_used, name, size);
	*ret = k->names_used;
	k->names_used += size;
	return 0;
}

static int add(struct ksyms *k, struct module_syms *m, const struct line *line)
{
	struct entry *e;
	int rc;

	if (m->nr == m->room) {
		size_t room = m->room ? 2 * m->room : 1024;

		e = realloc(m->entry, room * sizeof(*e));
		if (!e)
			return -ENOMEM;
		m->entry = e;
		m->room = room;
	}
	e = &m->entry[m->nr];
	rc = keep_name(k, line->symbol, &e->name);
	if (rc)
		return rc;
	e->addr = line->addr;
	e->nr = m->nr++;
	e->text = strchr("tTwW", line->type) != NULL;
	return 0;
}

struct load {
	struct ksyms *k;
	const char *function;
};

static int load_line(void *ctx, const struct line *line)
{
	const struct load *l = ctx;
	struct ksyms *k = l->k;

	k->any |= line->addr != 0;
	if (!*line->module && strchr("tT", line->type) && !strcmp(line->symbol, l->function))
		k->function = line->addr;
	for (int i = 0; *line->module && i < KSYMS_MODULES; i++)
		if (!strcmp(line->module, k->module[i].name))
			return add(k, &k->module[i], line);
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

void ksyms_free(struct ksyms *k)
{
	if (!k)
		return;
	for (int i = 0; i < KSYMS_MODULES; i++)
		free(k->module[i].entry);
	free(k->names);
	free(k);
}

/* What was read without addresses, or not to its end, is read again. */
static void forget(struct ksyms *k)
{
	k->any = false;
	k->names_used = 0;
	for (int i = 0; i < KSYMS_MODULES; i++)
		k->module[i].nr = 0;
}

int ksyms_new(struct ksyms **ret_k, const char *path, FILE *picked,
	      const char *const modules[KSYMS_MODULES], const char *function, struct err *err)
{
	__free(ksyms_freep) struct ksyms *k = calloc(1, sizeof(*k));
	struct load load = { .k = k, .function = function };
	int rc;

	if (!k)
		return -ENOMEM;
	snprintf(k->path, sizeof(k->path), "%s", path);
	for (int i = 0; i < KSYMS_MODULES; i++)
		k->module[i].name = modules[i];
	rc = picked ? scan_lines(picked, load_line, &load) : 0;
	if (rc == -EIO || (!rc && !k->any)) {
		forget(k);
		rc = scan(path, load_line, &load);
	}
	if (rc)
		return err_set(err, rc, "%s: %s", path, strerror(-rc));
	if (!k->any)
		return err_set(err, -EACCES,
			       "%s shows no addresses; do: sysctl kernel.kptr_restrict=1", path);
	for (int i = 0; i < KSYMS_MODULES; i++)
		qsort(k->module[i].entry, k->module[i].nr, sizeof(struct entry), by_address);
	*ret_k = TAKE(k);
	return 0;
}

uint64_t ksyms_function(const struct ksyms *k)
{
	return k->function;
}

struct text_range ksyms_text(const struct ksyms *k, int i)
{
	const struct module_syms *m = &k->module[i];
	struct text_range r = { 0 };

	for (size_t n = 0; n < m->nr; n++) {
		if (!m->entry[n].text)
			continue;
		if (!r.start)
			r.start = m->entry[n].addr;
		r.end = (m->entry[n].addr / PAGE + 1) * PAGE;
	}
	return r;
}

/* A module's symbol reaches to the next one (find_kallsyms_symbol() in kernel/module/kallsyms.c),
 * the last one to the end of its memory, which is whole pages. */
static uint64_t end_of(const struct module_syms *m, size_t i)
{
	uint64_t start = m->entry[i].addr, page = (start / PAGE + 1) * PAGE;

	for (size_t n = i + 1; n < m->nr; n++)
		if (m->entry[n].addr > start)
			return m->entry[i].text && !m->entry[n].text && m->entry[n].addr > page
				       ? page
				       : m->entry[n].addr;
	return page;
}

struct text_range ksyms_range(const struct ksyms *k, int i, const char *function)
{
	const struct module_syms *m = &k->module[i];

	for (size_t n = 0; n < m->nr; n++)
		if (m->entry[n].text && !strcmp(k->names + m->entry[n].name, function))
			return (struct text_range){ m->entry[n].addr, end_of(m, n) };
	return (struct text_range){ 0 };
}

/* 3 itself, 2 with other or fewer arguments, 1 a piece of it, 0 another function */
static int likeness(const char *symbol, const char *function)
{
	size_t len = strlen(function);

	if (strncmp(symbol, function, len) != 0 || (symbol[len] && symbol[len] != '.'))
		return 0;
	if (!symbol[len])
		return 3;
	return strncmp(symbol + len, ".isra.", 6) && strncmp(symbol + len, ".constprop.", 11) ? 1
											      : 2;
}

uint64_t ksyms_like(const struct ksyms *k, int i, const char *function, const char **ret_name)
{
	const struct module_syms *m = &k->module[i];
	uint64_t addr = 0;
	int best = 0;

	for (size_t n = 0; n < m->nr && best < 3; n++) {
		const char *symbol = k->names + m->entry[n].name;
		int like = m->entry[n].text ? likeness(symbol, function) : 0;

		if (like <= best)
			continue;
		best = like;
		addr = m->entry[n].addr;
		*ret_name = symbol;
	}
	return addr;
}

static bool find_in_module(const struct ksyms *k, const struct module_syms *m, uint64_t addr,
			   struct ksym *ret)
{
	size_t low = 0, high = m->nr;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (m->entry[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return false;
	for (low--; low && m->entry[low - 1].addr == m->entry[low].addr;)
		low--;
	if (addr >= end_of(m, low))
		return false;
	snprintf(ret->symbol, sizeof(ret->symbol), "%s", k->names + m->entry[low].name);
	snprintf(ret->module, sizeof(ret->module), "%s", m->name);
	ret->start = m->entry[low].addr;
	ret->size = end_of(m, low) - ret->start;
	return true;
}

struct nearest {
	uint64_t addr, next;
	struct ksym *best;
};

static int near_line(void *ctx, const struct line *line)
{
	struct nearest *n = ctx;

	if (*line->module)
		return 0;
	if (line->addr > n->addr && (!n->next || line->addr < n->next))
		n->next = line->addr;
	if (line->addr <= n->addr && line->addr > n->best->start) {
		n->best->start = line->addr;
		snprintf(n->best->symbol, sizeof(n->best->symbol), "%s", line->symbol);
	}
	return 0;
}

int ksyms_find(const struct ksyms *k, uint64_t addr, struct ksym *ret)
{
	struct nearest n = { .addr = addr, .best = ret };
	int rc;

	*ret = (struct ksym){ 0 };
	for (int i = 0; i < KSYMS_MODULES; i++)
		if (find_in_module(k, &k->module[i], addr, ret))
			return 0;
	rc = scan(k->path, near_line, &n);
	if (rc)
		return rc;
	if (!ret->start || !n.next) /* outside of the kernel's own text and data */
		return -ENOENT;
	ret->size = n.next - ret->start;
	return 0;
}
