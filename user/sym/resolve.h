/* SPDX-License-Identifier: GPL-2.0-only */
/* The work of sym_resolve(), done in the process that calls: see sym.h for why that is a child. */
#ifndef NETFSNOOP_SYM_RESOLVE_H
#define NETFSNOOP_SYM_RESOLVE_H

#include "sym/sym.h"

struct sym_query {
	char module[64];   /* "" the kernel */
	char build_id[64]; /* "" not known */
	char symbol[256];
	uint64_t off, size;
	bool is_return;
};

struct resolver;

int resolver_new(struct resolver **ret, const struct sym_options *o);
void resolver_free(struct resolver *r);

static inline void resolver_freep(struct resolver **r)
{
	resolver_free(*r);
}

/* 0 with *ret filled, -ENOMEM */
int resolver_query(struct resolver *r, const struct sym_query *q, struct sym_place *ret);

#endif
