// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "trace/order.h"

/* ---- a block's records, without trust ---- */

static const struct ev_hdr *record_at(const uint8_t *data, size_t len, size_t at)
{
	const struct ev_hdr *ev = (const void *)(data + at);

	if (len - at < sizeof(*ev) || ev->size < sizeof(*ev) || ev->size % EV_ALIGN ||
	    ev->size > len - at)
		return NULL;
	return ev;
}

#define for_each_record(data, len, at, ev) \
	for (size_t at = 0; at < (len) && (ev = record_at(data, len, at)); at += ev->size)

size_t order_header_size(const uint8_t *data, size_t len)
{
	struct trace_header h;

	if (len < sizeof(h) || memcmp(data, TRACE_MAGIC, 8))
		return 0;
	memcpy(&h, data, sizeof(h));
	return h.header_size < sizeof(h) || h.header_size % EV_ALIGN || h.header_size > len
		       ? len
		       : h.header_size;
}

static const struct ev_block *mark_of(const uint8_t *data, size_t len)
{
	const struct ev_hdr *ev = len ? record_at(data, len, 0) : NULL;

	return ev && ev->kind == EV_BLOCK && ev->size >= EV_BLOCK_MIN ? (const void *)ev : NULL;
}

static bool is_event(const struct ev_hdr *ev)
{
	return ev->kind >= EV_RREQ && ev->kind < EV_META;
}

/* ---- losses ---- */

void order_break(struct order *o, enum ev_lost_why why)
{
	if (!o->broken)
		o->why = why;
	o->broken = true;
}

/* count 0: not known */
static void lose(struct order *o, uint64_t count, uint64_t to)
{
	o->broken = false;
	o->owed = true;
	o->lost = (struct ev_lost){
		.hdr = { .size = sizeof(o->lost),
			 .kind = EV_LOST,
			 .probe = EV_ANY_PROBE,
			 .cpu = EV_ANY_CPU,
			 .ts = o->last_ns },
		.count = count ? count : 1,
		.from = o->last_ns,
		.to = to > o->last_ns ? to : o->last_ns,
		.why = o->why,
		.at_least = !count,
	};
}

/* The first time that is later than all before. Some records are late, and are not in order. */
static uint64_t goes_on_at(const struct order *o, const uint8_t *data, size_t len)
{
	const struct ev_hdr *ev;

	for_each_record(data, len, at,
			ev) if (ev->kind != EV_BLOCK && ev->ts > o->last_ns) return ev->ts;
	return o->last_ns;
}

/* ---- blocks with numbers ---- */

/* The block before, or the last, is over: were its records all there? Somebody may have taken some out. */
static bool is_short(struct order *o)
{
	if (!o->numbered || o->nr >= o->end)
		return false;
	o->damage->short_blocks += !o->broken; /* else it is known why */
	order_break(o, EV_LOST_MISSING);
	return true;
}

static bool same_series(uint64_t a, uint64_t b)
{
	return a >> 32 == b >> 32;
}

/* Is all of it here that this block says was before it? */
static void compare(struct order *o, const struct ev_block *b, const uint8_t *data, size_t len)
{
	bool counted = same_series(o->next, b->seq);

	is_short(o);
	if (b->seq != o->next) {
		order_break(o, EV_LOST_MISSING);
		o->damage->missing_blocks += counted ? b->seq - o->next : 1;
	}
	if (counted && b->first <= o->nr)
		o->broken = false; /* what could not be read was nothing of this trace */
	else if (o->broken)
		lose(o, counted ? b->first - o->nr : 0, goes_on_at(o, data, len));
}

static enum order_verdict place(struct order *o, const struct ev_block *b, const uint8_t *data,
				size_t len, uint64_t hash)
{
	if (o->begun && (!o->numbered || b->id != o->id)) {
		o->damage->foreign_blocks++;
		order_break(o, EV_LOST_FOREIGN);
		return ORDER_LEAVE;
	}
	if (o->begun && (o->ended || b->seq < o->next)) {
		o->damage->misplaced_blocks++;
		order_break(o, EV_LOST_MISPLACED);
		return ORDER_LEAVE;
	}
	if (o->begun)
		compare(o, b, data, len);
	if (o->begun && hash && o->hash && b->seq == o->seq + 1 && b->prev != o->hash)
		o->damage->altered_blocks++;
	o->numbered = true;
	o->id = b->id;
	o->seq = b->seq;
	o->hash = hash;
	o->next = b->next;
	o->nr = b->first;
	o->end = b->first + b->nr;
	o->ended = !b->next;
	return ORDER_USE;
}

/* ---- blocks of before 1.2 ---- */

/* Its events are all older than those before it. */
static bool is_late(const struct order *o, const uint8_t *data, size_t len)
{
	const struct ev_hdr *ev;
	bool any = false;

	for_each_record(data, len, at, ev)
	{
		if (is_event(ev) && ev->ts >= o->events_ns)
			return false;
		any |= is_event(ev);
	}
	return any;
}

static enum order_verdict place_unnumbered(struct order *o, const uint8_t *data, size_t len,
					   uint64_t hash)
{
	bool twice = o->begun && hash == o->hash;

	if (o->numbered) {
		o->damage->foreign_blocks++;
		order_break(o, EV_LOST_FOREIGN);
		return ORDER_LEAVE;
	}
	o->hash = hash;
	if (twice || (o->begun && is_late(o, data, len))) {
		o->damage->misplaced_blocks++;
		order_break(o, EV_LOST_MISPLACED);
		return ORDER_LEAVE;
	}
	if (o->broken)
		lose(o, 0, goes_on_at(o, data, len));
	return ORDER_USE;
}

/* ---- what the reader asks ---- */

/* A first block, where there was one already: the same once more, or that of another trace. */
static enum order_verdict place_header(struct order *o, const uint8_t *data, size_t len,
				       uint64_t hash)
{
	const struct ev_block *b = mark_of(data, len);

	if (b ? o->numbered && b->id == o->id : !o->numbered && hash == o->hash) {
		o->damage->misplaced_blocks++;
		order_break(o, EV_LOST_MISPLACED);
		return ORDER_LEAVE;
	}
	o->damage->second_trace = true;
	order_break(o, EV_LOST_FOREIGN);
	return ORDER_STOP;
}

enum order_verdict order_block(struct order *o, const uint8_t *data, size_t len, uint64_t hash)
{
	size_t skip = order_header_size(data, len);
	const struct ev_block *b = mark_of(data + skip, len - skip);
	enum order_verdict v;

	if (o->begun && skip)
		return place_header(o, data + skip, len - skip, hash);
	v = b ? place(o, b, data + skip, len - skip, hash)
	      : place_unnumbered(o, data + skip, len - skip, hash);
	o->begun = true;
	return v;
}

/* An imported trace of before 1.2 has no stop mark. */
static bool is_end(const struct ev_hdr *ev)
{
	if (ev->kind == EV_MARK)
		return ((const struct ev_mark_rec *)ev)->mark == EV_MARK_STOP;
	return ev->kind == EV_META && !strncmp(ev_text(ev, 0), "imported=", 9);
}

void order_record(struct order *o, const struct ev_hdr *ev)
{
	o->nr++;
	if (!ev)
		return;
	if (ev->ts > o->last_ns)
		o->last_ns = ev->ts;
	if (is_event(ev) && ev->ts > o->events_ns)
		o->events_ns = ev->ts;
	if (!o->numbered && is_end(ev))
		o->ended = true;
}

void order_end(struct order *o)
{
	if (!o->ended) {
		o->damage->no_end = true;
		o->why = EV_LOST_END;
		lose(o, 0, o->last_ns);
	} else if (is_short(o)) {
		lose(o, o->end - o->nr, o->last_ns);
	} else if (o->broken && !o->numbered) {
		lose(o, 0, o->last_ns);
	}
}

const struct ev_hdr *order_lost(struct order *o)
{
	if (!o->owed)
		return NULL;
	o->owed = false;
	if (o->lost.to > o->last_ns)
		o->last_ns = o->lost.to;
	return &o->lost.hdr;
}
