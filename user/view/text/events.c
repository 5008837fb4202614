// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "event/kinds.h"
#include "view/kit/event_text.h"
#include "view/text/events.h"

static int on_mark(struct events_view *v, const struct ev_mark_rec *ev)
{
	if (ev->mark == EV_MARK_PARKED)
		fprintf(v->out, "%s PARKED: nothing is recorded from here on\n",
			fmt_dmesg(ev->hdr.ts).s);
	else if (ev->mark == EV_MARK_ATTACHED)
		fprintf(v->out, "%s ATTACHED%s\n", fmt_dmesg(ev->hdr.ts).s,
			ev->value == EV_ATTACHED_WITHOUT_CIFS ? " to netfs alone" : "");
	return ferror(v->out) ? -EIO : 0;
}

static void put_lost(const struct events_view *v, const struct ev_lost *l)
{
	const char *why = lost_why_text(l->why);

	fprintf(v->out, "LOST %s%s%s\n", fmt_lost(l->count, lost_is_least(l)).s, why ? ": " : "",
		why ? why : "");
}

static int on_event(void *ctx, const struct seen *seen)
{
	const struct ev_hdr *ev = seen->ev;
	const struct request *owner = seen->r;
	struct events_view *v = ctx;
	const struct task *t = seen->task;
	struct event_text text;
	char comm[72];

	if (ev->kind == EV_MARK)
		return on_mark(v, (const void *)ev);
	if (ev->kind >= EV_META && ev->kind != EV_LOST)
		return 0;
	if (!filter_event(v->f, v->m, seen))
		return 0;
	fprintf(v->out, "%s %3u %s-%u: ", fmt_dmesg(ev->ts).s, ev->cpu,
		fmt_escape(comm, sizeof(comm), t && t->comm[0] ? t->comm : "?"), ev->tid);
	if (ev->kind == EV_LOST) {
		put_lost(v, (const void *)ev);
		return ferror(v->out) ? -EIO : 0;
	}
	event_text(&text, v->m, ev);
	if (owner)
		fprintf(v->out, "%s ",
			fmt_request(owner->key.synth, owner->key.rreq, seen->sreq).s);
	fprintf(v->out, "%s", text.what);
	if (text.bytes[0])
		fprintf(v->out, " b=%s", text.bytes);
	if (text.credits[0])
		fprintf(v->out, " cr=%s", text.credits);
	fprintf(v->out, " %s\n", text.detail);
	return ferror(v->out) ? -EIO : 0;
}

void events_view_init(struct events_view *v, FILE *out, const struct model *m,
		      const struct request_filter *f)
{
	*v = (struct events_view){
		.out = out, .m = m, .f = f, .listener = { .event = on_event, .ctx = v }
	};
}
