// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <utlist.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "provoke/frame.h"
#include "provoke/keys.h"
#include "provoke/link.h"

enum {
	READ_AT_ONCE = 1 << 20,
	QUEUE_FULL = 8 << 20,  /* bytes that one side does not take: the other is not read */
	QUEUE_EMPTY = 1 << 20, /* ... until there are so few */
};

/* A response waits at most so long for those that are to pass it. */
#define REORDER_NS NS_PER_SEC

struct held {
	struct held *prev, *next;
	struct link *link;
	struct event *timer;
	uint8_t *data; /* a frame with its head */
	size_t size;
	uint64_t behind; /* frames that still have to pass; 0: only time counts */
};

struct link {
	struct link *prev, *next;
	struct link_owner *owner;
	struct flow *flow;
	struct bufferevent *end[2]; /* of the CLIENT, of the SERVER */
	struct held *held;
	struct event *stall;
	unsigned int nr;
	bool connected; /* to the server */
	bool gone[2];	/* takes nothing more */
	bool stalled;
	bool closing; /* once what is queued is sent */
	bool reset;
};

static struct timeval timeval_of(uint64_t ns)
{
	return (struct timeval){ .tv_sec = ns / NS_PER_SEC,
				 .tv_usec = ns % NS_PER_SEC / NS_PER_US };
}

static void held_free(struct held *h)
{
	DL_DELETE(h->link->held, h);
	if (h->timer)
		event_free(h->timer);
	free(h->data);
	free(h);
}

/* A RST goes out in place of a FIN. */
static void linger_not(struct bufferevent *end)
{
	struct linger none = { .l_onoff = 1 };

	setsockopt(bufferevent_getfd(end), SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

static void link_free(struct link *l)
{
	while (l->held)
		held_free(l->held);
	if (l->stall)
		event_free(l->stall);
	for (int side = CLIENT; side <= SERVER; side++) {
		if (l->end[side] && l->reset)
			linger_not(l->end[side]);
		if (l->end[side])
			bufferevent_free(l->end[side]);
	}
	flow_free(l->flow);
	DL_DELETE(l->owner->links, l);
	free(l);
}

void links_free(struct link_owner *o)
{
	while (o->links)
		link_free(o->links);
}

/* Memory is short: nothing goes on. */
static void give_up(struct link *l, int rc)
{
	l->owner->rc = rc;
	event_base_loopbreak(l->owner->base);
}

static struct evbuffer *queue_to(const struct link *l, enum side to)
{
	return bufferevent_get_output(l->end[to]);
}

/* ---- the end of a connection ---- */

static void event_end(struct link *l, const char *type, const char *text)
{
	journal_event(l->owner->proxy->journal, type, l->nr, NULL, text);
}

static bool is_drained(const struct link *l)
{
	for (int side = CLIENT; side <= SERVER; side++)
		if (l->end[side] && !l->gone[side] && evbuffer_get_length(queue_to(l, side)))
			return false;
	return true;
}

/* Closes it, as soon as all that is queued has gone out. True: it is gone. */
static bool close_link(struct link *l)
{
	l->closing = true;
	if (!l->stalled && is_drained(l)) {
		link_free(l);
		return true;
	}
	for (int side = CLIENT; side <= SERVER; side++) {
		if (!l->end[side])
			continue;
		bufferevent_disable(l->end[side], EV_READ);
		bufferevent_setwatermark(l->end[side], EV_WRITE, 0, 0);
	}
	return false;
}

/* ---- held responses ---- */

static void release(struct held *h)
{
	if (evbuffer_add(queue_to(h->link, CLIENT), h->data, h->size))
		give_up(h->link, -ENOMEM);
	held_free(h);
}

static void on_time(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	release(ctx);
}

/* A frame passed those that wait for it. */
static void passed(struct link *l)
{
	struct held *h, *next;

	DL_FOREACH_SAFE (l->held, h, next)
		if (h->behind && !--h->behind)
			release(h);
}

static int hold(struct link *l, const struct passage *p, const uint8_t *raw, size_t size)
{
	struct timeval tv = timeval_of(p->delay_ns ? p->delay_ns : REORDER_NS);
	struct held *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->link = l;
	h->behind = p->delay_ns ? 0 : p->behind;
	h->size = p->data ? p->size : size;
	DL_APPEND(l->held, h);
	h->data = malloc(h->size);
	h->timer = evtimer_new(l->owner->base, on_time, h);
	if (!h->data || !h->timer || evtimer_add(h->timer, &tv)) {
		held_free(h);
		return -ENOMEM;
	}
	memcpy(h->data, p->data ? p->data : raw, h->size);
	return 0;
}

/* ---- frames ---- */

static void pump(struct link *l, enum side from);

static void on_stall_over(evutil_socket_t fd, short what, void *ctx)
{
	struct link *l = ctx;

	(void)fd;
	(void)what;
	l->stalled = false;
	for (int side = CLIENT; side <= SERVER; side++)
		bufferevent_enable(l->end[side], l->closing ? EV_WRITE : EV_READ | EV_WRITE);
	if (l->closing) {
		close_link(l);
		return;
	}
	/* what was read before is not told of again; the first may be the end of it all */
	for (int side = CLIENT; side <= SERVER; side++)
		bufferevent_trigger(l->end[side], EV_READ,
				    BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

static int begin_stall(struct link *l, uint64_t ns)
{
	struct timeval tv = timeval_of(ns);

	if (!l->stall)
		l->stall = evtimer_new(l->owner->base, on_stall_over, l);
	if (!l->stall || evtimer_add(l->stall, &tv))
		return -ENOMEM;
	l->stalled = true;
	for (int side = CLIENT; side <= SERVER; side++)
		bufferevent_disable(l->end[side], EV_READ | EV_WRITE);
	return 0;
}

/* Moves a frame from the front of in, or what became of it. */
static int forward(struct evbuffer *in, struct evbuffer *out, const struct passage *p, size_t size)
{
	if (!p->data)
		return evbuffer_remove_buffer(in, out, size) == (int)size ? 0 : -ENOMEM;
	if (evbuffer_add(out, p->data, p->size) || evbuffer_drain(in, size))
		return -ENOMEM;
	return 0;
}

/* The connection ends here. raw is the frame as it came. */
static int cut(struct link *l, const struct passage *p, const uint8_t *raw, size_t size)
{
	const uint8_t *data = p->data ? p->data : raw;
	size_t all = p->data ? p->size : size;
	size_t part = p->cut == CUT_BEFORE ? 0 : p->cut == CUT_WITHIN ? all / 2 : all;

	if (part && evbuffer_add(queue_to(l, CLIENT), data, part))
		return -ENOMEM;
	l->gone[SERVER] = true; /* what is queued for it does not keep the client's end open */
	l->reset = p->reset;
	if (p->refuse_ns)
		l->owner->refuse(l->owner, p->refuse_ns);
	return 0;
}

/* Does what a passage says with the frame of that size at the front of what came from a side. */
static int pass(struct link *l, enum side from, const struct passage *p, uint8_t *raw, size_t size)
{
	struct evbuffer *in = bufferevent_get_input(l->end[from]);
	struct evbuffer *out = queue_to(l, from == CLIENT ? SERVER : CLIENT);
	int rc = 0;

	if (p->first && evbuffer_add(out, p->first, p->first_size))
		return -ENOMEM;
	if (p->cut != CUT_NOT)
		return cut(l, p, raw, size);
	if (p->delay_ns || p->behind) {
		rc = hold(l, p, raw, size);
		if (rc)
			return rc;
		return evbuffer_drain(in, size);
	}
	rc = forward(in, out, p, size);
	if (!rc && from == SERVER)
		passed(l);
	return rc;
}

/* One frame of size bytes. True: there may be another. */
static bool one_frame(struct link *l, enum side from, size_t size)
{
	struct evbuffer *in = bufferevent_get_input(l->end[from]);
	uint8_t *raw = evbuffer_pullup(in, size);
	struct passage p = {};
	bool is_cut;
	int rc;

	if (!raw) {
		give_up(l, -ENOMEM);
		return false;
	}
	rc = from == CLIENT ? flow_request(l->flow, raw + FRAME_HEAD, size - FRAME_HEAD, &p)
			    : flow_response(l->flow, raw + FRAME_HEAD, size - FRAME_HEAD, &p);
	if (!rc)
		rc = pass(l, from, &p, raw, size);
	if (!rc && p.stall_ns && p.cut == CUT_NOT)
		rc = begin_stall(l, p.stall_ns);
	is_cut = p.cut != CUT_NOT;
	passage_free(&p);
	if (rc)
		give_up(l, rc);
	if (rc || (is_cut && close_link(l)))
		return false;
	return !is_cut && !l->stalled;
}

/* Too much is queued: not read until there is less. */
static void throttle(struct link *l, enum side from)
{
	enum side to = from == CLIENT ? SERVER : CLIENT;

	if (evbuffer_get_length(queue_to(l, to)) > QUEUE_FULL)
		bufferevent_disable(l->end[from], EV_READ);
}

static void pump(struct link *l, enum side from)
{
	struct evbuffer *in = bufferevent_get_input(l->end[from]);
	uint8_t head[FRAME_HEAD];
	int64_t size;

	do {
		if (l->stalled || l->closing)
			return;
		size = evbuffer_copyout(in, head, sizeof(head));
		size = frame_size(head, size < 0 ? 0 : size);
		if (size < 0) {
			event_end(l, "alien", "what came is no SMB: the connection is closed");
			close_link(l);
			return;
		}
		if (!size || evbuffer_get_length(in) < (size_t)size) {
			throttle(l, from);
			return;
		}
	} while (one_frame(l, from, size));
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct link *l = ctx;

	pump(l, bev == l->end[CLIENT] ? CLIENT : SERVER);
}

/* There is room again in the queue to one side: the other is read. */
static void on_write(struct bufferevent *bev, void *ctx)
{
	struct link *l = ctx;
	enum side other = bev == l->end[CLIENT] ? SERVER : CLIENT;

	if (l->closing)
		close_link(l);
	else if (!l->stalled && l->connected)
		bufferevent_enable(l->end[other], EV_READ);
}

static void unreachable(struct link *l, int error)
{
	char text[128];

	snprintf(text, sizeof(text), "cannot reach the server: %s",
		 evutil_socket_error_to_string(error));
	event_end(l, "unreachable", text);
	link_free(l);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct link *l = ctx;
	bool of_server = bev == l->end[SERVER];

	if (what & BEV_EVENT_CONNECTED) {
		l->connected = true;
		bufferevent_enable(l->end[CLIENT], EV_READ | EV_WRITE);
		bufferevent_enable(l->end[SERVER], EV_READ | EV_WRITE);
		return;
	}
	if (!l->connected) {
		unreachable(l, EVUTIL_SOCKET_ERROR());
		return;
	}
	event_end(l, "end", of_server ? "the server ended it" : "the client ended it");
	while (l->held && of_server)
		release(l->held);
	l->gone[of_server ? SERVER : CLIENT] = true;
	l->stalled = false;
	close_link(l);
}

static struct bufferevent *new_end(struct link *l, int fd)
{
	struct bufferevent *bev = bufferevent_socket_new(l->owner->base, fd, BEV_OPT_CLOSE_ON_FREE);

	if (!bev)
		return NULL;
	bufferevent_setcb(bev, on_read, on_write, on_event, l);
	bufferevent_setwatermark(bev, EV_WRITE, QUEUE_EMPTY, 0);
	bufferevent_set_max_single_read(bev, READ_AT_ONCE);
	bufferevent_set_max_single_write(bev, READ_AT_ONCE);
	return bev;
}

static void no_delay(struct bufferevent *bev)
{
	int on = 1;

	setsockopt(bufferevent_getfd(bev), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void say_begin(struct link *l, const struct address *client)
{
	struct long_text from = address_text(client), to = address_text(&l->owner->to);
	json_t *more = json_pack("{s:s, s:s}", "client", from.s, "server", to.s);
	char text[128];

	snprintf(text, sizeof(text), "from %s", from.s);
	journal_event(l->owner->proxy->journal, "connection", l->nr, more, text);
}

int link_new(struct link_owner *o, int fd, const struct address *client)
{
	struct link *l = calloc(1, sizeof(*l));

	if (!l) {
		close(fd);
		return -ENOMEM;
	}
	l->owner = o;
	l->nr = ++o->proxy->journal->connections;
	DL_APPEND(o->links, l);
	l->end[CLIENT] = new_end(l, fd);
	if (!l->end[CLIENT])
		close(fd);
	l->end[SERVER] = new_end(l, -1);
	l->flow = flow_new(o->proxy, l->nr);
	if (!l->end[CLIENT] || !l->end[SERVER] || !l->flow) {
		link_free(l);
		return -ENOMEM;
	}
	say_begin(l, client);
	bufferevent_disable(l->end[CLIENT], EV_READ);
	if (bufferevent_socket_connect(l->end[SERVER], (struct sockaddr *)&o->to.sa, o->to.len)) {
		unreachable(l, errno); /* other failures are told to on_event() */
		return 0;
	}
	no_delay(l->end[CLIENT]);
	no_delay(l->end[SERVER]);
	return 0;
}
