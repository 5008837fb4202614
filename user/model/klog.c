// SPDX-License-Identifier: GPL-2.0-only
/* What cifs and netfs said in the kernel's log, the last of it: requests are told of it when they end. */
#include <errno.h>
#include <string.h>

#include "base/kinds.h"
#include "model/state.h"

int klog_event(struct model *m, const struct ev_klog *ev)
{
	struct klog *k = &m->rec.klog[m->rec.nr_klog % KLOG_KEPT];
	char *text = strdup(ev_text(&ev->hdr, 0));

	if (!text)
		return -ENOMEM;
	free(k->text);
	*k = (struct klog){ .ts = ev->hdr.ts, .stamp = ev->stamp, .lost = ev->lost, .text = text };
	m->rec.nr_klog++;
	return 0;
}

void klog_free(struct recording *r)
{
	for (size_t i = 0; i < KLOG_KEPT; i++)
		free(r->klog[i].text);
}

const struct klog *recording_klog(const struct recording *r, uint64_t from, uint64_t to,
				  uint64_t *at)
{
	uint64_t oldest = r->nr_klog > KLOG_KEPT ? r->nr_klog - KLOG_KEPT : 0;

	for (*at = *at < oldest ? oldest : *at; *at < r->nr_klog;) {
		const struct klog *k = &r->klog[(*at)++ % KLOG_KEPT];

		if (k->ts >= from && k->ts <= to)
			return k;
	}
	return NULL;
}
