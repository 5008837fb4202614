// SPDX-License-Identifier: GPL-2.0-only
#include "event/kinds.h"
#include "view/measure/moment.h"

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
		.logged = true,
		.lost = ev->lost,
		.time_ns = ev->hdr.ts,
		.epoch = model_recording(m)->epoch,
		.value = ev->level,
	};
	return true;
}

/* "smb3_eio", or what there is without the probe's name */
static const char *probe_name(const struct model *m, const struct ev_hdr *ev)
{
	const struct probe_info *p = model_probe(m, ev->probe);

	return p && p->name ? p->name : ev_kind_info(ev->kind)->name;
}

static bool of_cifs(const struct model *m, const struct ev_hdr *ev, struct moment *ret)
{
	const struct ev_slow_rsp *slow = (const void *)ev;

	*ret = (struct moment){
		.what = probe_name(m, ev),
		.text = ret->words.detail,
		.time_ns = ev->ts,
		.epoch = model_recording(m)->epoch,
		.value = ev->kind == EV_SLOW_RSP ? slow->received - slow->sent : 0,
	};
	event_text(&ret->words, m, ev);
	return true;
}

static bool of_reconnect(const struct model *m, const struct ev_reconnect *ev, struct moment *ret)
{
	*ret = (struct moment){
		.what = probe_name(m, &ev->hdr),
		.time_ns = ev->hdr.ts,
		.conn = ev->conn,
		.epoch = model_recording(m)->epoch,
		.value = ev->rc,
	};
	return true;
}

bool moment_of(const struct model *m, const struct ev_hdr *ev, struct moment *ret)
{
	switch (ev->kind) {
	case EV_MARK:
		return of_mark(m, (const void *)ev, ret);
	case EV_KLOG:
		return of_log(m, (const void *)ev, ret);
	case EV_EIO:
	case EV_SLOW_RSP:
		return of_cifs(m, ev, ret);
	case EV_RECONNECT:
		return of_reconnect(m, (const void *)ev, ret);
	default:
		return false;
	}
}
