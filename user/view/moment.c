// SPDX-License-Identifier: GPL-2.0-only
#include "base/kinds.h"
#include "view/moment.h"

static const char *mark_text(uint32_t mark)
{
	switch (mark) {
	case EV_MARK_PARKED:
		return "parked";
	case EV_MARK_ATTACHED:
		return "attached";
	case EV_MARK_COMMAND:
		return "command";
	case EV_MARK_EXIT:
		return "exit";
	default:
		return NULL;
	}
}

static bool of_mark(const struct model *m, const struct ev_mark_rec *ev, struct moment *ret)
{
	*ret = (struct moment){
		.what = mark_text(ev->mark),
		.time_ns = ev->hdr.ts,
		.epoch = model_recording(m)->epoch,
		.value = ev->value,
	};
	return ret->what;
}

static bool of_log(const struct model *m, const struct ev_klog *ev, struct moment *ret)
{
	*ret = (struct moment){
		.what = "log",
		.text = ev_text(&ev->hdr, 0),
		.time_ns = ev->hdr.ts,
		.epoch = model_recording(m)->epoch,
		.value = ev->level,
	};
	return true;
}

bool moment_of(const struct model *m, const struct ev_hdr *ev, struct moment *ret)
{
	const struct ev_reconnect *r = (const void *)ev;
	const struct probe_info *p;

	if (ev->kind == EV_MARK)
		return of_mark(m, (const void *)ev, ret);
	if (ev->kind == EV_KLOG)
		return of_log(m, (const void *)ev, ret);
	if (ev->kind != EV_RECONNECT)
		return false;
	p = model_probe(m, ev->probe);
	*ret = (struct moment){
		.what = p ? p->name : "reconnect",
		.time_ns = ev->ts,
		.conn = r->conn,
		.epoch = model_recording(m)->epoch,
		.value = r->rc,
	};
	return true;
}
