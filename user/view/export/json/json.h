/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON lines, as docs/json.md describes them. */
#ifndef NETFSNOOP_VIEW_JSON_H
#define NETFSNOOP_VIEW_JSON_H

#include <stdio.h>

#include "view/measure/filter.h"

struct json_view;
struct trace_damage;

/*
 * out, m and f (may be NULL) are borrowed and must outlive the view. whole: with the lines that
 * there are many of (credits), and those of the surroundings. -ENOMEM.
 */
int json_view_new(struct json_view **ret_v, FILE *out, const struct model *m,
		  const struct request_filter *f, bool whole);
/* For model_listen(); it is the view's. */
const struct model_listener *json_view_listener(struct json_view *v);
/* After model_finish(): the closing lines, and flushes. damage may be NULL. -errno of a write. */
int json_view_finish(struct json_view *v, const struct trace_damage *damage);
void json_view_free(struct json_view *v);
static inline void json_view_freep(struct json_view **v)
{
	json_view_free(*v);
}

#endif
