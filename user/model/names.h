/* SPDX-License-Identifier: GPL-2.0-only */
/* Enum values of the recorded kernel, by name: built from the trace's EV_ENUM records. */
#ifndef NETFSNOOP_NAMES_H
#define NETFSNOOP_NAMES_H

#include "base/base.h"
#include "bpf/event.h"
#include "event/enums.h"

/* One id per meaning, whatever number it has on the recorded kernel. */
enum name_id {
	NAME_UNKNOWN = 0,
#define NAME(kind, enumerator, id, text) id,
#include "model/names.def"
#undef NAME
	NAME_ID_MAX
};

struct names;

int names_new(struct names **ret_n);
void names_free(struct names *n);
/* Takes in one enumerator; enums this version does not use are ignored. -ENOMEM, -EBADMSG. */
int names_add(struct names *n, const struct ev_enum_rec *rec);
/* Our id for a raw value, NAME_UNKNOWN if the kernel's name for it is not in names.def. */
enum name_id names_id(const struct names *n, enum name_enum e, int64_t value);
/* What to print: the kernel's own trace text, else the raw enumerator, else "?". Never NULL. */
const char *names_text(const struct names *n, enum name_enum e, int64_t value);
/* names_text() for struct ev_words: names is a struct names. */
const char *names_word(const void *names, enum name_enum e, int64_t value);
/* Does the recorded kernel have this meaning at all? */
bool names_has(const struct names *n, enum name_id id);

#endif
