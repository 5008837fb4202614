// SPDX-License-Identifier: GPL-2.0-only
/* Names of the addresses in the stream. */
#include <errno.h>
#include <inttypes.h>

#include "event/kinds.h"
#include "model/state.h"

#define MAX_SYMBOLS 65536

struct symbol {
	uint64_t addr;
	char *text;
	UT_hash_handle hh;
};

static struct symbol *find(const struct model *m, uint64_t addr)
{
	struct symbol *s;

	HASH_FIND(hh, m->symbols, &addr, sizeof(addr), s);
	return s;
}

const char *model_symbol(const struct model *m, uint64_t addr)
{
	const struct symbol *s = find(m, addr);

	return s ? s->text : NULL;
}

/* As the kernel's %pS: the module in brackets, none for the kernel's own. */
static char *text_of(const struct ev_sym *ev)
{
	const char *module = ev_text(&ev->hdr, 1);
	char *text = NULL;

	if (asprintf(&text, "%s+0x%" PRIx32 "/0x%" PRIx32 "%s%s%s", ev_text(&ev->hdr, 0), ev->off,
		     ev->size, *module ? " [" : "", module, *module ? "]" : "") < 0)
		return NULL;
	return text;
}

static struct symbol *add(struct model *m, uint64_t addr)
{
	struct symbol *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->addr = addr;
	if (!hash_add(hh, m->symbols, addr, sizeof(s->addr), s))
		return s;
	free(s);
	return NULL;
}

/* A module loaded anew has other code at the same address: the latest name counts. */
int symbol_add(struct model *m, const struct ev_sym *ev)
{
	struct symbol *s = find(m, ev->addr);
	__autofree char *text = NULL;

	if (!s && HASH_COUNT(m->symbols) >= MAX_SYMBOLS)
		return 0;
	text = text_of(ev);
	if (!text)
		return -ENOMEM;
	s = s ? s : add(m, ev->addr);
	if (!s)
		return -ENOMEM;
	free(s->text);
	s->text = TAKE(text);
	return 0;
}

void symbol_free_all(struct model *m)
{
	struct symbol *s, *s2;

	HASH_ITER (hh, m->symbols, s, s2) {
		HASH_DEL(m->symbols, s);
		free(s->text);
		free(s);
	}
}
