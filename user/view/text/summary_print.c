// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "view/kit/file_name.h"
#include "view/text/summary_print.h"

void sum_colour_on(const struct summary_view *v, const char *sgr)
{
	if (v->colour)
		fprintf(v->out, "\033[%sm", sgr);
}

void sum_colour_off(const struct summary_view *v)
{
	if (v->colour)
		fputs("\033[0m", v->out);
}

void sum_coloured(const struct summary_view *v, const char *sgr, const char *fmt, ...)
{
	va_list ap;

	sum_colour_on(v, sgr);
	va_start(ap, fmt);
	vfprintf(v->out, fmt, ap);
	va_end(ap);
	sum_colour_off(v);
}

void sum_warning(const struct summary_view *v, const char *fmt, ...)
{
	va_list ap;

	fputs("  ", v->out);
	sum_colour_on(v, RED);
	va_start(ap, fmt);
	vfprintf(v->out, fmt, ap);
	va_end(ap);
	sum_colour_off(v);
	fputc('\n', v->out);
}

void sum_heading(const struct summary_view *v, const char *text)
{
	fputc('\n', v->out);
	sum_coloured(v, BOLD, "%s", text);
	fputc('\n', v->out);
}

struct short_text sum_count_text(uint64_t n)
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

void sum_count(const struct summary_view *v, int width, uint64_t n)
{
	fprintf(v->out, " %*s", width, sum_count_text(n).s);
}

void sum_bad(const struct summary_view *v, int width, uint64_t n)
{
	if (n)
		sum_coloured(v, RED, " %*s", width, sum_count_text(n).s);
	else
		sum_count(v, width, n);
}

void sum_bad_if(const struct summary_view *v, int width, bool known, uint64_t n)
{
	if (known || n)
		sum_bad(v, width, n);
	else
		fprintf(v->out, " %*s", width, "-");
}

int sum_columns(const struct summary_view *v)
{
	return v->width < COLUMNS ? v->width : COLUMNS;
}

bool sum_narrow(const struct summary_view *v)
{
	return v->width < COLUMNS;
}

void sum_new_line(const struct summary_view *v, int *col)
{
	*col = INDENT - 1;
	fprintf(v->out, "\n%*s", *col, "");
}

void sum_word(const struct summary_view *v, int *col, const char *word)
{
	char text[MAX_NAME];
	int len = strlen(fmt_escape(text, sizeof(text), word));

	if (*col + 1 + len > sum_columns(v))
		sum_new_line(v, col);
	fprintf(v->out, " %s", text);
	*col += 1 + len;
}

void sum_words(const struct summary_view *v, int *col, const char *text)
{
	char word[MAX_NAME];

	while (*text) {
		size_t len = strcspn(text, " \n");

		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		sum_word(v, col, word);
		text += len + strspn(text + len, " \n");
	}
}

void sum_file(const struct summary_view *v, uint32_t dev, uint64_t ino, const char *path)
{
	const struct mount *mnt = model_mount(v->m, dev);
	char point[MAX_NAME];

	if (ino)
		fprintf(v->out, " of inode %" PRIu64 "%s", ino,
			file_words(v->m, path && *path ? path : NULL).s);
	if (mnt && mnt->point)
		fprintf(v->out, " on %s", fmt_escape(point, 40, mnt->point));
	else if (dev)
		fprintf(v->out, " on dev %" PRIu32 ":%" PRIu32, dev >> 20, dev & 0xfffff);
}
