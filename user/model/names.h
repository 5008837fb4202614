/* SPDX-License-Identifier: GPL-2.0-only */
/* Enum values of the recorded kernel, by name: built from the trace's EV_ENUM records. */
#ifndef NETFSNOOP_NAMES_H
#define NETFSNOOP_NAMES_H

#include "base/base.h"
#include "bpf/event.h"

enum name_enum {
	NAMES_RREQ_TRACE,
	NAMES_SREQ_TRACE,
	NAMES_RREQ_REF,
	NAMES_SREQ_REF,
	NAMES_FAILURE,
	NAMES_ORIGIN,
	NAMES_SOURCE,
	NAMES_READ_TRACE,
	NAMES_WRITE_TRACE,
	NAMES_FOLIO,
	NAMES_RW_CREDITS,
	NAMES_ITER_TYPE,
	NAMES_TCP_STATUS,
	NAMES_EIO,
	NAMES_MAX
};

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
/* Does the recorded kernel have this meaning at all? */
bool names_has(const struct names *n, enum name_id id);

#endif
