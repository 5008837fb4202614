/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of the text summary: what its parts share. */
#ifndef NETFSNOOP_VIEW_SUMMARY_PRINT_H
#define NETFSNOOP_VIEW_SUMMARY_PRINT_H

#include "view/totals.h"

#define COLUMNS	 80
#define INDENT	 4	      /* of wrapped lines */
#define MAX_NAME (4 * 64 + 8) /* an escaped name; of a longer one the rest would be noise */

/* SGR parameters */
#define BOLD "1"
#define RED  "31"

struct summary_view {
	struct model_listener listener;
	FILE *out;
	const struct model *m;
	const struct request_filter *filter;
	bool colour;
	struct totals *totals;
};

struct trace_damage;

void colour_on(const struct summary_view *v, const char *sgr);
void colour_off(const struct summary_view *v);
__attribute__((format(printf, 3, 4))) void put_coloured(const struct summary_view *v,
							const char *sgr, const char *fmt, ...);
void heading(const struct summary_view *v, const char *text);
/* "1234567", then "12.3M": never more than 7 columns */
struct short_text count_text(uint64_t n);
/* A blank and the count; put_bad is for one that should be 0. */
void put_count(const struct summary_view *v, int width, uint64_t n);
void put_bad(const struct summary_view *v, int width, uint64_t n);
/* Words one after another, escaped, wrapped at COLUMNS; *col is where the line stands. */
void put_word(const struct summary_view *v, int *col, const char *word);
void put_words(const struct summary_view *v, int *col, const char *text);

/* summary_trust.c: how far what is printed can be relied on */
void put_losses(const struct summary_view *v);
void put_damage(const struct summary_view *v, const struct trace_damage *d);
void put_probes(const struct summary_view *v);

#endif
