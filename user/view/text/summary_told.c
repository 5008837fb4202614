// SPDX-License-Identifier: GPL-2.0-only
/* What cifs told by tracepoints of its own: why an -EIO arose, which responses it found slow. */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "event/kinds.h"
#include "view/text/summary_print.h"

#define ROWS 64 /* of more causes and commands only the number is told */

struct told_row {
	uint8_t kind;
	uint32_t what; /* enum smb_eio_trace, or a command */
	uint64_t count, first_ns, last_ns;
	uint64_t jiffies; /* of a response: the most */
};

struct told {
	unsigned int nr;
	uint64_t more;
	struct told_row row[ROWS];
};

static struct told_row *row_of(struct told *t, uint8_t kind, uint32_t what)
{
	for (unsigned int i = 0; i < t->nr; i++)
		if (t->row[i].kind == kind && t->row[i].what == what)
			return &t->row[i];
	if (t->nr == ROWS)
		return NULL;
	t->row[t->nr] = (struct told_row){ .kind = kind, .what = what };
	return &t->row[t->nr++];
}

int sum_take_told(struct summary_view *v, const struct ev_hdr *ev)
{
	const struct ev_slow_rsp *slow = (const void *)ev;
	bool is_eio = ev->kind == EV_EIO;
	uint64_t took = is_eio ? 0 : slow->received - slow->sent;
	struct told_row *row;

	if (!v->told)
		v->told = calloc(1, sizeof(*v->told));
	if (!v->told)
		return -ENOMEM;
	row = row_of(v->told, ev->kind, is_eio ? ((const struct ev_eio *)ev)->what : slow->cmd);
	if (!row) {
		v->told->more++;
		return 0;
	}
	if (!row->count++)
		row->first_ns = ev->ts;
	row->last_ns = ev->ts;
	row->jiffies = took > row->jiffies ? took : row->jiffies;
	return 0;
}

static void put_row(const struct summary_view *v, const struct told_row *row)
{
	int col = fprintf(v->out, "%6" PRIu64 " ", row->count);
	char jiffies[48];

	if (row->kind == EV_EIO)
		sum_words(v, &col, names_text(model_names(v->m), NAMES_EIO, row->what));
	else
		sum_words(v, &col, command_text(row->what).s);
	if (row->kind == EV_SLOW_RSP) {
		snprintf(jiffies, sizeof(jiffies), "%s%" PRIu64 " jiffies",
			 row->count > 1 ? "up to " : "", row->jiffies);
		sum_words(v, &col, jiffies);
	}
	sum_word(v, &col, fmt_dmesg(row->first_ns).s);
	if (row->count > 1) {
		sum_word(v, &col, "-");
		sum_word(v, &col, fmt_dmesg(row->last_ns).s);
	}
	fputc('\n', v->out);
}

static void put_rows(const struct summary_view *v, uint8_t kind, const char *heading)
{
	bool headed = false;

	for (unsigned int i = 0; i < v->told->nr; i++) {
		if (v->told->row[i].kind != kind)
			continue;
		if (!headed)
			sum_heading(v, heading);
		headed = true;
		put_row(v, &v->told->row[i]);
	}
}

void sum_told(const struct summary_view *v)
{
	if (!v->told)
		return;
	put_rows(v, EV_EIO, "Why cifs returned -EIO");
	put_rows(v, EV_SLOW_RSP, "Responses that cifs found slow");
	if (v->told->more)
		fprintf(v->out, "%6" PRIu64 "  more, too many to tell apart\n", v->told->more);
}
