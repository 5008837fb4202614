// SPDX-License-Identifier: GPL-2.0-only
/* What a proxy showed the client: `record --faults`. */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "event/kinds.h"
#include "view/kit/ntstatus.h"
#include "view/text/summary_print.h"

#define ROWS 64 /* of more kinds only the number is told */

struct fault_row {
	uint8_t fault;
	uint16_t cmd;
	uint32_t status;
	uint64_t count, again, first_ns, last_ns;
};

struct faults_shown {
	unsigned int nr;
	uint64_t more;
	struct fault_row row[ROWS];
};

static struct fault_row *row_of(struct faults_shown *s, const struct ev_fault *ev)
{
	for (unsigned int i = 0; i < s->nr; i++)
		if (s->row[i].fault == ev->fault && s->row[i].cmd == ev->cmd &&
		    s->row[i].status == ev->status)
			return &s->row[i];
	if (s->nr == ROWS)
		return NULL;
	s->row[s->nr] = (struct fault_row){
		.fault = ev->fault, .cmd = ev->cmd, .status = ev->status, .first_ns = ev->hdr.ts
	};
	return &s->row[s->nr++];
}

int sum_take_fault(struct summary_view *v, const struct ev_fault *ev)
{
	struct fault_row *row;

	if (!v->faults)
		v->faults = calloc(1, sizeof(*v->faults));
	if (!v->faults)
		return -ENOMEM;
	row = row_of(v->faults, ev);
	if (!row) {
		v->faults->more++;
		return 0;
	}
	row->count++;
	row->again += ev->again;
	row->last_ns = ev->hdr.ts;
	return 0;
}

static void put_row(const struct summary_view *v, const struct fault_row *row)
{
	int col = fprintf(v->out, "%6" PRIu64 " ", row->count);
	const char *fault = enum_word(WORDS_FAULT, row->fault);
	char again[48];

	sum_words(v, &col, row->cmd == EV_NO_COMMAND ? "sealed" : command_text(row->cmd).s);
	sum_words(v, &col, fault ? fault : "?");
	if (row->status)
		sum_words(v, &col, ntstatus_name(row->status));
	if (row->again) {
		snprintf(again, sizeof(again), "(%" PRIu64 " as before)", row->again);
		sum_words(v, &col, again);
	}
	sum_word(v, &col, fmt_dmesg(row->first_ns).s);
	if (row->count > 1) {
		sum_word(v, &col, "-");
		sum_word(v, &col, fmt_dmesg(row->last_ns).s);
	}
	fputc('\n', v->out);
}

void sum_faults(const struct summary_view *v)
{
	if (!v->faults)
		return;
	sum_heading(v, "Faults that provoke showed the client");
	for (unsigned int i = 0; i < v->faults->nr; i++)
		put_row(v, &v->faults->row[i]);
	if (v->faults->more)
		fprintf(v->out, "%6" PRIu64 "  more, too many to tell apart\n", v->faults->more);
}
