// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "view/summary_print.h"

void colour_on(const struct summary_view *v, const char *sgr)
{
	if (v->colour)
		fprintf(v->out, "\033[%sm", sgr);
}

void colour_off(const struct summary_view *v)
{
	if (v->colour)
		fputs("\033[0m", v->out);
}

void put_coloured(const struct summary_view *v, const char *sgr, const char *fmt, ...)
{
	va_list ap;

	colour_on(v, sgr);
	va_start(ap, fmt);
	vfprintf(v->out, fmt, ap);
	va_end(ap);
	colour_off(v);
}

void heading(const struct summary_view *v, const char *text)
{
	fputc('\n', v->out);
	put_coloured(v, BOLD, "%s", text);
	fputc('\n', v->out);
}

struct short_text count_text(uint64_t n)
{
	static const char units[] = "MGTPE";
	struct short_text t;
	double x = n / 1e6;
	int u = 0;

	if (n < 10000000) {
		snprintf(t.s, sizeof(t.s), "%" PRIu64, n);
		return t;
	}
	for (; x >= 999.5 && units[u + 1]; u++)
		x /= 1000;
	snprintf(t.s, sizeof(t.s), x < 100 ? "%.1f%c" : "%.0f%c", x, units[u]);
	return t;
}

void put_count(const struct summary_view *v, int width, uint64_t n)
{
	fprintf(v->out, " %*s", width, count_text(n).s);
}

void put_bad(const struct summary_view *v, int width, uint64_t n)
{
	if (n)
		put_coloured(v, RED, " %*s", width, count_text(n).s);
	else
		put_count(v, width, n);
}

void put_word(const struct summary_view *v, int *col, const char *word)
{
	char text[MAX_NAME];
	int len = strlen(fmt_escape(text, sizeof(text), word));

	if (*col + 1 + len > COLUMNS) {
		fprintf(v->out, "\n%*s", INDENT - 1, "");
		*col = INDENT - 1;
	}
	fprintf(v->out, " %s", text);
	*col += 1 + len;
}

void put_words(const struct summary_view *v, int *col, const char *text)
{
	char word[MAX_NAME];

	while (*text) {
		size_t len = strcspn(text, " ");

		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		put_word(v, col, word);
		text += len + strspn(text + len, " ");
	}
}
