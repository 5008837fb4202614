// SPDX-License-Identifier: GPL-2.0-only
/* kinds.def as tables: what reads, checks, redacts or prints a record asks here. */
#include <string.h>

#include "event/inside.h"
#include "tracepoints/probes.h"

/* ---- the structs that rows name ---- */

#define KIND(k, nr, type, redact) typedef struct type kind_##k;
#include "event/kinds.def"

#define MEMBER(k, m) (((kind_##k *)0)->m)
#define IS_TYPE(k, m, type)                                                           \
	_Static_assert(__builtin_types_compatible_p(typeof(MEMBER(k, m)), ev_##type), \
		       #k "." #m " is no " #type);
#define FIELD(k, m, type, ...)	 IS_TYPE(k, m, type)
#define ITEM(k, m, i, type, ...) IS_TYPE(k, m[i], type)
#define STRING(k, m, n, secret) \
	_Static_assert(sizeof(MEMBER(k, m)) == (n), #k "." #m " is no char[" #n "]");
#include "event/kinds.def"

/* ---- where the rows of a kind are in the arrays below: from FIRST to BEHIND ---- */

#define FIRST(what, k)	what##_first_##k, what##_##k##_ = what##_first_##k - 1
#define BEHIND(what, k) what##_behind_##k, what##__##k##_ = what##_behind_##k - 1
#define ROW_(what, n)	what##_row_##n
#define ROW(what, n)	ROW_(what, n)

enum {
#define KIND(k, ...)	   FIRST(field, k),
#define FIELD(k, m, ...)   AT_##k##_##m,
#define ITEM(k, m, i, ...) AT_##k##_##m##_##i,
#define STRING(k, m, ...)  AT_##k##_##m,
#define TEXT(k, m, ...)	   AT_##k##_##m,
#define TEXTS(k, m, ...)   AT_##k##_##m,
#define END(k)		   BEHIND(field, k),
#include "event/kinds.def"
};

enum {
#define KIND(k, ...) FIRST(say, k),
#define SAY(...)     ROW(say, __LINE__),
#define END(k)	     BEHIND(say, k),
#include "event/kinds.def"
};

/* of them, those of a line, which come first */
#define ROW_WHAT(n)    ROW(line, n),
#define ROW_BYTES(n)   ROW(line, n),
#define ROW_CREDITS(n) ROW(line, n),
#define ROW_DETAIL(n)  ROW(line, n),
#define ROW_MARK(n)
enum {
#define KIND(k, ...)   FIRST(line, k),
#define SAY(k, c, ...) ROW_##c(__LINE__)
#define END(k)	       BEHIND(line, k),
#include "event/kinds.def"
};

enum {
#define KIND(k, ...)   FIRST(end, k),
#define STRING(k, ...) ROW(end, __LINE__),
#define END(k)	       BEHIND(end, k),
#include "event/kinds.def"
};

enum { /* how many */
#define KIND(k, ...) TEXTS_OF_##k = 0
#define TEXT(...)    +1
#define TEXTS(...)   +1
#define END(k)	     ,
#include "event/kinds.def"
};

/* ---- fields ---- */

#define OPEN	 NULL
#define REDACTED ""

#define FORM_WORD(e) FORM_WORD, .word_enum = WORDS_##e
#define FORM_NAME(e) FORM_NAME, .enums = { NAMES_##e, NAMES_##e, NAMES_##e, NAMES_##e }
#define BY(k, m)     .by = offsetof(kind_##k, m), .by_size = sizeof(MEMBER(k, m))
#define FORM_NAME_BY(k, m, e0, e1, e2) \
	FORM_NAME, BY(k, m), .enums = { NAMES_##e0, NAMES_##e1, NAMES_##e2, NAMES_##e0 }
#define FORM_NAME_IF(k, m, e0, e1) \
	FORM_NAME, BY(k, m), .enums = { NAMES_##e0, NAMES_##e1, NAMES_##e1, NAMES_##e1 }

#define IS_SIGNED(x) ((typeof(x))-1 < (typeof(x))1)
#define NUMBER(k, m, f, u, ...)                 \
	{ .name = #m,                           \
	  .offset = offsetof(kind_##k, m),      \
	  .size = sizeof(MEMBER(k, m)),         \
	  .is_signed = IS_SIGNED(MEMBER(k, m)), \
	  .unit = UNIT_##u,                     \
	  .from = { __VA_ARGS__ },              \
	  .form = FORM_##f },

const struct ev_field ev_fields[] = {
#define FIELD(k, m, type, f, ...)   NUMBER(k, m, f, __VA_ARGS__)
#define ITEM(k, m, i, type, f, ...) NUMBER(k, m[i], f, __VA_ARGS__)
#define STRING(k, m, n, s)                 \
	{ .name = #m,                      \
	  .offset = offsetof(kind_##k, m), \
	  .size = n,                       \
	  .form = FORM_STRING,             \
	  .secret = s },
#define TEXT(k, m, s)  { .name = #m, .form = FORM_TEXT, .secret = s },
#define TEXTS(k, m, s) { .name = #m, .form = FORM_TEXTS, .secret = s },
#include "event/kinds.def"
};

static const uint16_t ends[] = {
#define STRING(k, m, n, s) offsetof(kind_##k, m) - 1 + (n),
#include "event/kinds.def"
};

/* ---- words of a line ---- */

#define VALUE(k, m)    SAY_VALUE, 0, AT_##k##_##m, 0
#define PAIR(k, m, n)  SAY_PAIR, 0, AT_##k##_##m, AT_##k##_##n
#define PLUS(k, m)     SAY_PLUS, 0, AT_##k##_##m, 0
#define CUT(k, m, n)   SAY_CUT, n, AT_##k##_##m, 0
#define SINCE(k, m, n) SAY_SINCE, 0, AT_##k##_##m, AT_##k##_##n
#define NOTHING	       SAY_NOTHING, 0, 0, 0
#define PROBE	       SAY_PROBE, 0, 0, 0
#define CUT_PROBE      SAY_CUT_PROBE, 26, 0, 0
#define TGID	       SAY_TGID, 0, 0, 0

#define ALWAYS		  WHEN_ALWAYS, 0, 0, 0
#define IF(k, m)	  WHEN_IF, AT_##k##_##m, 0, 0
#define UNLESS(k, m)	  WHEN_UNLESS, AT_##k##_##m, 0, 0
#define EITHER(k, m, n)	  WHEN_EITHER, AT_##k##_##m, AT_##k##_##n, 0
#define IS(k, m, v)	  WHEN_IS, AT_##k##_##m, 0, v
#define ISNT(k, m, v)	  WHEN_ISNT, AT_##k##_##m, 0, v
#define ENTRY		  WHEN_ENTRY, 0, 0, 0
#define EXIT		  WHEN_EXIT, 0, 0, 0
#define FULL		  WHEN_FULL, 0, 0, 0
#define FULL_UNLESS(k, m) WHEN_FULL_UNLESS, AT_##k##_##m, 0, 0
#define ENTRY_IF(k, m)	  WHEN_ENTRY_IF, AT_##k##_##m, 0, 0

/* `when` and the value are four words each, which become arguments only here. */
#define PUT_SAY(c, w, x, y, z, pre, v, n, p, q, ...) \
	{ COLUMN_##c, w, v, n, p, q, x, y, z, pre, "" __VA_ARGS__ },
#define SPREAD(...) PUT_SAY(__VA_ARGS__)

static const struct ev_say says[] = {
#define SAY(k, c, when, pre, value, ...) SPREAD(c, when, pre, value, __VA_ARGS__)
#include "event/kinds.def"
};

/* ---- kinds ---- */

enum slot {
#define KIND(k, ...) SLOT_##k,
#include "event/kinds.def"
};

static const struct ev_kind_info table[] = {
#define KIND(k, nr, type, r)                               \
	{ .kind = (nr),                                    \
	  .name = #k,                                      \
	  .min_size = sizeof(struct type),                 \
	  .redact = REDACT_##r,                            \
	  .text = TEXTS_OF_##k > 0,                        \
	  .fields = ev_fields + field_first_##k,           \
	  .nr_fields = field_behind_##k - field_first_##k, \
	  .says = says + say_first_##k,                    \
	  .nr_lines = line_behind_##k - line_first_##k,    \
	  .nr_says = say_behind_##k - say_first_##k,       \
	  .ends = ends + end_first_##k,                    \
	  .nr_ends = end_behind_##k - end_first_##k },
#include "event/kinds.def"
};

/* A switch, so that the compiler names a kind that is missing from kinds.def. */
const struct ev_kind_info *ev_kind_info(uint8_t kind)
{
	switch ((enum ev_kind)kind) {
#define KIND(k, nr, ...) \
	case nr:         \
		return &table[SLOT_##k];
#include "event/kinds.def"
	case EV_NONE:
		break;
	}
	return NULL;
}

bool ev_of_probe(const struct ev_hdr *ev)
{
	return ev->probe && ev->kind < EV_META;
}

const struct ev_kind_info *ev_kind_table(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(table);
	return table;
}

const struct ev_field *ev_field(const struct ev_kind_info *k, const char *name)
{
	for (unsigned int i = 0; i < k->nr_fields; i++)
		if (!strcmp(k->fields[i].name, name))
			return &k->fields[i];
	return NULL;
}

/* ---- tracepoints ---- */

#define NAMES_NO_ENUM NAMES_MAX
/* versions of clang-format differ on these */
/* clang-format off */
#define NEED(...)    { __VA_ARGS__ }
#define SET(k, m, v) { offsetof(kind_##k, m), v }
/* clang-format on */

static const struct ev_source sources[PROBE_MAX] = {
#define TP(k, probe, s, e, n, args, ...) \
	[P_##probe] = { &table[SLOT_##k], SHAPE_##s, NAMES_##e, n, { __VA_ARGS__ } },
#include "event/kinds.def"
};

const struct ev_source *ev_source(uint16_t probe)
{
	return probe < PROBE_MAX && sources[probe].kind ? &sources[probe] : NULL;
}

/* ---- values ---- */

static uint64_t load(const struct ev_hdr *ev, size_t offset, size_t size, bool is_signed)
{
	const char *p = (const char *)ev + offset;

	switch (size) {
	case 1:
		return is_signed ? *(const int8_t *)p : *(const uint8_t *)p;
	case 2:
		return is_signed ? *(const int16_t *)p : *(const uint16_t *)p;
	case 4:
		if (is_signed)
			return *(const int32_t *)p;
		return *(const uint32_t *)p;
	default:
		return *(const uint64_t *)p;
	}
}

uint64_t ev_value(const struct ev_hdr *ev, const struct ev_field *f)
{
	return load(ev, f->offset, f->size, f->is_signed);
}

enum name_enum ev_field_enum(const struct ev_hdr *ev, const struct ev_field *f)
{
	uint64_t by = f->by_size ? load(ev, f->by, f->by_size, false) : 0;

	return f->enums[by < ARRAY_SIZE(f->enums) ? by : ARRAY_SIZE(f->enums) - 1];
}

const char *lost_why_text(uint8_t why)
{
	const char *word = enum_word(WORDS_LOST_WHY, why);

	if (why == EV_LOST_RECORDER)
		return NULL;
	return word ? word : "damage of another kind";
}

const char *ev_text(const struct ev_hdr *ev, unsigned int n)
{
	const struct ev_kind_info *info = ev_kind_info(ev->kind);
	const char *end = (const char *)ev + ev->size;
	const char *p;

	if (!info || !info->text)
		return "";
	for (p = (const char *)ev + info->min_size; n && p < end; n--)
		p += strnlen(p, end - p) + 1;
	return p < end ? p : "";
}
