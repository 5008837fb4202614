/* SPDX-License-Identifier: GPL-2.0-only */
/* What a view printed: kept whole, and looked into. Include it where cmocka.h can be, after its headers. */
#ifndef NETFSNOOP_TESTS_TEXT_UTIL_H
#define NETFSNOOP_TESTS_TEXT_UTIL_H

#include <string.h>

#include "view/text/timeline.h"

/* Each request as a timeline, one after the other. */
struct timelines {
	const struct model *m;
	char *text;
	size_t size;
	FILE *out;
};

static inline bool timelines_keep(void *ctx, const struct request *r)
{
	(void)ctx;
	(void)r;
	return true;
}

static const struct model_options timelines_model = { .keep = timelines_keep };

/* m is of timelines_model. */
static inline void timelines_begin(struct timelines *t, const struct model *m)
{
	*t = (struct timelines){ .m = m };
	t->out = open_memstream(&t->text, &t->size);
	assert_non_null(t->out);
}

static inline int timelines_add(struct timelines *t, const struct request *r)
{
	const struct timeline_options opts = { .width = 100 };

	return timeline_print(t->out, t->m, r, &opts);
}

/* The text is there from now on; it is the caller's. */
static inline const char *timelines_end(struct timelines *t)
{
	assert_int_equal(fclose(t->out), 0);
	return t->text;
}

static inline void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static inline void assert_has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" in:\n%s", part, text);
}

#endif
