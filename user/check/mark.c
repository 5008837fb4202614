// SPDX-License-Identifier: GPL-2.0-only
/* What an event says, in a few words: the evidence of a finding. event/kinds.def has the words. */
#include <string.h>

#include "check/inside.h"
#include "event/say.h"

/* A wait is done once it returns; what else changes credits has changed them then. */
static void say_ledger(struct ev_out *to, const struct ev_credit_fn_rec *ev)
{
	const char *what = enum_word(WORDS_CREDIT_FN, ev->fn);
	bool over = ev->fn <= EV_CFN_WAIT_FREE && (ev->hdr.flags & EVF_EXIT);

	to->len = snprintf(to->s, to->room, "%s%s %d ifl=%d", what ? what : "credits ?",
			   over ? " done" : "", ev->value, ev->in_flight);
}

bool mark_event(struct mark *mark, const struct model *m, const struct ev_hdr *ev)
{
	const struct probe_info *p = model_probe(m, ev->probe);
	const struct ev_words words = { .name = names_word,
					.ctx = model_names(m),
					.probe = p ? p->name : NULL };
	struct ev_out to = { .s = mark->text, .room = sizeof(mark->text) };

	mark->ts = ev->ts;
	mark->tid = ev->tid;
	if (ev->kind == EV_CREDIT_FN)
		return say_ledger(&to, (const void *)ev), true;
	if ((ev->kind == EV_CREDIT || ev->kind == EV_RECONNECT) && !words.probe)
		return false;
	return ev_say_mark(&to, ev, &words);
}
