// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parser of crash reports: any bytes, in pieces whose size the first byte gives. A report that
 * comes out holds terminated texts, and has a meaning.
 */
#include <string.h>

#include "oops/oops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_ref(const struct sym_ref *r)
{
	check(strlen(r->symbol) < sizeof(r->symbol));
	check(strlen(r->module) < sizeof(r->module));
	check(strlen(r->build_id) < sizeof(r->build_id));
}

static int take(void *ctx, const struct oops *o)
{
	struct oops_meaning m;

	(void)ctx;
	check(strlen(o->title) && strlen(o->title) < sizeof(o->title));
	check(strlen(o->detail) < sizeof(o->detail) && strlen(o->comm) < sizeof(o->comm));
	check(strlen(o->release) < sizeof(o->release) && strlen(o->taint) < sizeof(o->taint));
	check(o->nr_regs <= OOPS_MAX_REGS && o->nr_entries <= OOPS_MAX_ENTRIES);
	check_ref(&o->at);
	for (size_t i = 0; i < o->nr_entries; i++)
		check_ref(&o->entry[i].at);
	for (size_t i = 0; i < o->nr_modules; i++)
		check(strlen(o->module[i]) < sizeof(o->module[i]));
	oops_explain(o, &m);
	check(m.id && strlen(m.title) && strlen(m.text) < sizeof(m.text));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	__free(oops_parser_freep) struct oops_parser *p = NULL;
	size_t piece = size ? data[0] + 1 : 1;

	check(!oops_parser_new(&p, take, NULL));
	for (size_t at = 0; at < size; at += piece) {
		size_t n = piece < size - at ? piece : size - at;
		/* a copy as long as the piece, for ASan */
		__autofree char *copy = malloc(n);

		memcpy(copy, data + at, n);
		check(!oops_parser_feed(p, copy, n));
	}
	check(!oops_parser_flush(p));
	return 0;
}
