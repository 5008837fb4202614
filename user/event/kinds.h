/* SPDX-License-Identifier: GPL-2.0-only */
/* The record kinds of bpf/event.h as data: what kinds.def says. */
#ifndef NETFSNOOP_EVENT_KINDS_H
#define NETFSNOOP_EVENT_KINDS_H

#include "base/base.h"
#include "bpf/event.h"
#include "event/enums.h"

enum ev_form {
	FORM_DEC,
	FORM_HEX,
	FORM_DEV,
	FORM_ID,
	FORM_SREQ,
	FORM_INDEX,
	FORM_ERRSEQ,
	FORM_COMMAND,
	FORM_STATUS,
	FORM_LETTER,
	FORM_NAME,   /* enums[by]: see ev_field_enum() */
	FORM_WORD,   /* word_enum */
	FORM_STRING, /* char[size], closed */
	FORM_TEXT,   /* the offset-th string behind the struct */
	FORM_TEXTS,  /* that and all behind it */
};

enum ev_unit { UNIT_NONE, UNIT_BYTES, UNIT_NS, UNIT_JIFFIES, UNIT_CREDITS };

#define EV_FROM 3 /* names of one thing in tracepoints */

struct ev_field {
	const char *name;
	uint16_t offset, size; /* in the record */
	bool is_signed;
	uint8_t form; /* enum ev_form */
	uint8_t unit; /* enum ev_unit */
	uint8_t word_enum;
	uint8_t enums[4]; /* enum name_enum; which, the field at `by` says */
	uint8_t by_size;
	uint16_t by;
	const char *secret; /* of a string, how its token begins; "": no token; NULL: it is open */
	const char *from[EV_FROM]; /* fields of a tracepoint's record */
};

enum ev_redact {
	REDACT_OPEN,  /* nothing to hide */
	REDACT_NAMES, /* strings, by `secret` of their fields */
	REDACT_OWN,   /* its own rule, in trace/redact.c */
};

struct ev_say;

struct ev_kind_info {
	uint8_t kind;
	uint8_t redact;	   /* enum ev_redact */
	bool text;	   /* ends in `char text[]` that must be NUL-terminated */
	uint16_t min_size; /* sizeof the struct, without flexible tail */
	uint16_t nr_fields, nr_ends;
	uint16_t nr_says, nr_lines; /* in all; for a line, which come first */
	const char *name;
	const struct ev_field *fields; /* padding is none */
	const uint16_t *ends;	       /* of its strings of fixed size: the last byte */
	const struct ev_say *says;     /* event/say.c's */
};

/* NULL for a kind this version does not know. */
const struct ev_kind_info *ev_kind_info(uint8_t kind);
const struct ev_kind_info *ev_kind_table(size_t *ret_n);
/* Do records of it begin as struct ev_rreq_prefix, with EVF_RREQ? */
static inline bool ev_kind_of_rreq(const struct ev_kind_info *k)
{
	return k->nr_fields && k->fields[0].form == FORM_ID;
}

/* Is it an event of a probe? Else it is the recorder's own, or the name of a task or connection. */
bool ev_of_probe(const struct ev_hdr *ev);
/* The n-th NUL-separated string of a text record the reader gave out; "" if it is not there. */
const char *ev_text(const struct ev_hdr *ev, unsigned int n);

/* The value of a field that is a number, sign-extended. */
uint64_t ev_value(const struct ev_hdr *ev, const struct ev_field *f);
/* Of FORM_NAME: which enum, in this record. */
enum name_enum ev_field_enum(const struct ev_hdr *ev, const struct ev_field *f);
/* NULL: the kind has no such field. */
const struct ev_field *ev_field(const struct ev_kind_info *k, const char *name);

/* ---- tracepoints ---- */

/* What the text of a tracepoint has beside key=value. */
enum ev_shape {
	SHAPE_NONE,
	SHAPE_WHAT,	   /* one word: what happened */
	SHAPE_ORIGIN,	   /* origin, what; until 5.19 what alone */
	SHAPE_SOURCE,	   /* source and what, in either order */
	SHAPE_REF,	   /* what, of several words */
	SHAPE_RECORD_ONLY, /* nobody has to read it as text */
};

#define EV_NEED 4
#define EV_SETS 2

/* The record of a probe that a tracepoint's own record becomes. */
struct ev_source {
	const struct ev_kind_info *kind;
	uint8_t shape; /* enum ev_shape */
	uint8_t what;  /* enum name_enum of the word that is its `what`; NAMES_MAX: none */
	const char *need[EV_NEED]; /* fields without which a text of it is not whole */
	struct {
		uint8_t offset, value; /* of a byte that the probe alone tells; 0: none */
	} set[EV_SETS];
};

/* By number of tracepoints/probes.def; NULL: it is none whose record is decoded. */
const struct ev_source *ev_source(uint16_t probe);

/* ---- */

/* Why records are not there, from enum ev_lost_why; NULL: the recorder could not write them. */
const char *lost_why_text(uint8_t why);

/* Nothing behind it says when it was over, as of a file that is cut: from `from` on. */
static inline bool lost_is_open(uint8_t why, uint64_t from, uint64_t to)
{
	return why != EV_LOST_RECORDER && to <= from;
}

/* Is its count the least it can be, or 0 as it is not known? */
static inline bool lost_is_least(const struct ev_lost *l)
{
	return l->at_least || !l->count;
}

/* The starts of all payloads with EVF_RREQ. */
struct ev_rreq_prefix {
	struct ev_hdr hdr;
	uint32_t rreq, sreq;
};

static inline uint32_t ev_rreq_of(const struct ev_hdr *ev)
{
	return ev->flags & EVF_RREQ ? ((const struct ev_rreq_prefix *)ev)->rreq : 0;
}

static inline bool ev_synth_of(const struct ev_hdr *ev)
{
	return ev->flags & EVF_RREQ && ev->flags & EVF_SYNTH;
}

static inline uint32_t ev_sreq_of(const struct ev_hdr *ev)
{
	return ev->flags & EVF_RREQ ? ((const struct ev_rreq_prefix *)ev)->sreq : 0;
}

#endif
