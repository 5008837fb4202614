// SPDX-License-Identifier: GPL-2.0-only
/* What cifs and netfs said in the kernel's log while it was recorded. */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "base/kinds.h"
#include "view/summary_print.h"

int sum_take_log(struct summary_view *v, const struct ev_hdr *ev)
{
	if (!v->notes)
		v->notes = calloc(1, sizeof(*v->notes));
	if (!v->notes)
		return -ENOMEM;
	notes_add(v->notes, ev_text(ev, 0), fmt_dmesg(ev->ts).s, v->notes->nr);
	return 0;
}

static void put_note(const struct summary_view *v, const struct note *n)
{
	int col = fprintf(v->out, "%6" PRIu64 " ", n->count);

	sum_words(v, &col, n->text);
	if (*n->server)
		sum_words(v, &col, "by");
	if (*n->server)
		sum_word(v, &col, n->server);
	sum_word(v, &col, n->first);
	if (*n->last) {
		sum_word(v, &col, "-");
		sum_word(v, &col, n->last);
	}
	if (*n->meaning)
		sum_new_line(v, &col);
	sum_words(v, &col, n->meaning);
	fputc('\n', v->out);
}

void sum_log(const struct summary_view *v)
{
	const struct recording *rec = model_recording(v->m);

	if (rec->klog_unread)
		fprintf(v->out, "\n  The kernel's log was not read: %s.\n", rec->klog_unread);
	if (!v->notes || !v->notes->nr)
		return;
	sum_heading(v, "What cifs and netfs logged, causes first");
	notes_sort(v->notes);
	for (size_t i = 0; i < v->notes->nr; i++)
		put_note(v, &v->notes->note[i]);
	if (v->notes->more)
		fprintf(v->out, "%6" PRIu64 "  more, too many to tell apart\n", v->notes->more);
}
