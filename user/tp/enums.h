/* SPDX-License-Identifier: GPL-2.0-only */
/* Which field of which tracepoint holds which enum of the kernel. */
#ifndef NETFSNOOP_TP_ENUMS_H
#define NETFSNOOP_TP_ENUMS_H

#include "base/base.h"

struct tp_enum {
	const char *type; /* as BTF spells it */
	const char *category, *event, *field;
};

extern const struct tp_enum tp_enums[];
extern const size_t tp_enums_nr;

/* NULL: no tracepoint's format spells that one out. */
const struct tp_enum *tp_enum_find(const char *type);

#endif
