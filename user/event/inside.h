/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows of kinds.def that event/say.c reads; for user/event/ alone. */
#ifndef NETFSNOOP_EVENT_INSIDE_H
#define NETFSNOOP_EVENT_INSIDE_H

#include "event/kinds.h"

enum ev_column { COLUMN_WHAT, COLUMN_BYTES, COLUMN_CREDITS, COLUMN_DETAIL, COLUMN_MARK };

enum ev_when {
	WHEN_ALWAYS,
	WHEN_IF,
	WHEN_UNLESS,
	WHEN_EITHER,
	WHEN_IS,
	WHEN_ISNT,
	WHEN_ENTRY,
	WHEN_EXIT,
	WHEN_ENTRY_IF,
	WHEN_FULL,
	WHEN_FULL_UNLESS,
};

enum ev_say_value {
	SAY_NOTHING,
	SAY_VALUE,
	SAY_PAIR,
	SAY_PLUS,
	SAY_CUT,
	SAY_SINCE,
	SAY_PROBE,
	SAY_CUT_PROBE,
	SAY_TGID,
};

struct ev_say {
	uint8_t column, when, value; /* the enums above */
	uint8_t cut;		     /* characters */
	uint16_t a, b;		     /* fields of the value, by number in ev_fields */
	uint16_t wa, wb;	     /* and of `when` */
	uint32_t is;
	const char *before, *behind;
};

extern const struct ev_field ev_fields[];

#endif
