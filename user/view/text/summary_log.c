// SPDX-License-Identifier: GPL-2.0-only
/* What cifs and netfs said in the kernel's log while it was recorded. */
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "event/kinds.h"
#include "view/text/summary_print.h"

int sum_take_log(struct summary_view *v, const struct ev_klog *ev)
{
	v->log_lost += ev->lost;
	if (!v->notes)
		v->notes = calloc(1, sizeof(*v->notes));
	if (!v->notes)
		return -ENOMEM;
	notes_add(v->notes, ev_text(&ev->hdr, 0), fmt_dmesg(ev->hdr.ts).s, v->notes->nr, 1);
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
	if (v->log_lost)
		fprintf(v->out,
			"  %" PRIu64
			" message%s of the log %s overwritten before it could be read.\n",
			v->log_lost, plural(v->log_lost), v->log_lost == 1 ? "was" : "were");
}
