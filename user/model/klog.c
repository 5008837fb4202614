// SPDX-License-Identifier: GPL-2.0-only
/*
 * What cifs and netfs said, in the kernel's log and by tracepoints that are about no request, the last of
 * it: requests are told of it when they end.
 */
#include <errno.h>
#include <string.h>

#include "event/kinds.h"
#include "event/say.h"
#include "model/state.h"

static int keep(struct klog_ring *r, struct klog k, const char *text)
{
	struct klog *place = &r->klog[r->nr % KLOG_KEPT];

	k.text = strdup(text);
	if (!k.text)
		return -ENOMEM;
	free(place->text);
	*place = k;
	r->nr++;
	return 0;
}

int klog_event(struct model *m, const struct ev_klog *ev)
{
	const struct klog k = { .ts = ev->hdr.ts, .stamp = ev->stamp, .lost = ev->lost };

	return keep(&m->rec.logged, k, ev_text(&ev->hdr, 0));
}

int told_event(struct model *m, const struct ev_hdr *ev)
{
	const struct ev_words words = { .name = names_word, .ctx = m->names };
	char text[200] = "", rest[sizeof(text)] = "", none[2];
	struct ev_line line = { .what = { text, sizeof(text), 0 },
				.detail = { rest, sizeof(rest), 0 },
				.bytes = { none, sizeof(none), 0 },
				.credits = { none, sizeof(none), 0 } };

	ev_say_line(&line, ev, &words);
	ev_say(&line.what, " ");
	ev_say(&line.what, rest);
	return keep(&m->rec.told, (struct klog){ .ts = ev->ts }, text);
}

void klog_free(struct recording *r)
{
	for (size_t i = 0; i < KLOG_KEPT; i++) {
		free(r->logged.klog[i].text);
		free(r->told.klog[i].text);
	}
}

const struct klog *klog_next(const struct klog_ring *r, uint64_t from, uint64_t to, uint64_t *at)
{
	uint64_t oldest = r->nr > KLOG_KEPT ? r->nr - KLOG_KEPT : 0;

	for (*at = *at < oldest ? oldest : *at; *at < r->nr;) {
		const struct klog *k = &r->klog[(*at)++ % KLOG_KEPT];

		if (k->ts >= from && k->ts <= to)
			return k;
	}
	return NULL;
}
