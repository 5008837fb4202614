/* SPDX-License-Identifier: GPL-2.0-only */
/* The enums of the kernel and of ours that records have values of: enums.def as data. */
#ifndef NETFSNOOP_EVENT_ENUMS_H
#define NETFSNOOP_EVENT_ENUMS_H

#include "base/base.h"

enum name_enum {
#define KERNEL_ENUM(id, type, category, event, field) NAMES_##id,
#include "event/enums.def"
#undef KERNEL_ENUM
	NAMES_MAX
};

struct kernel_enum {
	const char *type; /* as BTF spells it */
	/* Where the kernel prints it: a field of a tracepoint's record. NULL: nowhere. */
	const char *category, *event, *field;
};

extern const struct kernel_enum kernel_enums[NAMES_MAX];

/* The enum of a field; NULL: it has none that is in the table. */
const char *kernel_enum_of(const char *event, const char *field);

enum word_enum {
#define WORD_ENUM(id) WORDS_##id,
#include "event/enums.def"
#undef WORD_ENUM
	WORD_ENUMS
};

/* "enter" for EV_RW_ENTER of WORDS_RW_EVENT; NULL: it has no such value. */
const char *enum_word(enum word_enum e, uint64_t value);

#endif
