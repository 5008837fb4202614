// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of a cifs without netfs, rebuilt: a cifs_readdata or cifs_writedata is a subrequest, the
 * call that made it the request. It is over when the call has returned, or its cifs_aio_ctx is
 * gone, and all units are released.
 */
#include <errno.h>
#include <string.h>

#include "model/state.h"

const char *request_origin(const struct names *n, bool synthetic, uint8_t origin)
{
	static const char *const names[EV_IO_ORIGINS] = { "rd",	    "wr",     "ra",	"wb",
							  "unc-rd", "unc-wr", "dio-rd", "dio-wr" };

	if (!synthetic)
		return names_text(n, NAMES_ORIGIN, origin);
	return origin < EV_IO_ORIGINS ? names[origin] : "?";
}

static bool has_call(uint8_t origin)
{
	return origin != EV_IO_READ && origin != EV_IO_WRITE;
}

static void describe(struct request *r, const struct ev_cifs_io *ev)
{
	uint64_t end = r->start + r->len;

	if (!r->origin_known && has_call(ev->origin))
		r->open++;
	if (!r->nr_subrequests || ev->start < r->start || !r->origin_known)
		r->start = ev->start;
	if (ev->start + ev->len > end)
		end = ev->start + ev->len;
	r->origin_known = true;
	r->origin = ev->origin;
	r->write = ev->write;
	r->len = ev->call_len ? ev->call_len : end - r->start;
	r->dev = ev->dev;
	r->ino = ev->ino;
	memcpy(r->fs, ev->fs, sizeof(ev->fs));
}

/* The wait for credits comes before there is a unit: it is the last one of this thread. */
static void begin_attempt(struct subrequest *s, struct task *t)
{
	struct request *r = s->rreq;

	s->now.begin = t->mtu_from;
	if (!t->mtu_from)
		return;
	s->now.waited = true;
	s->now.wait_ns = t->mtu_ns;
	if (s->attempts == 1 && t->mtu_from < s->first_ns)
		s->first_ns = t->mtu_from;
	if (s->first_ns < r->first_ns)
		r->first_ns = s->first_ns;
	t->mtu_from = 0;
}

static void on_submit(struct request *r, struct subrequest *s, struct task *t,
		      const struct ev_cifs_io *ev)
{
	describe(r, ev);
	if (!s->open)
		r->open++;
	s->open = true;
	s->write = ev->write;
	s->start = ev->start;
	s->len = ev->len;
	s->conn = ev->conn;
	subrequest_submit(s, ev->hdr.ts);
	s->credits = ev->credits;
	begin_attempt(s, t);
}

static void release(struct request *r, struct subrequest *s, uint64_t ts)
{
	if (s->open)
		r->open--;
	s->open = false;
	s->freed = true;
	s->now.end = ts;
}

/* What does not end is handed on when the stream does. */
static void close_if_over(struct model *m, struct request *r, uint64_t ts)
{
	if (r->open)
		return;
	r->freed = true;
	r->done_ns = r->released_ns;
	for_each_subrequest (r, s)
		if (s->error)
			r->error = s->error;
	retire_request(m, r, ts);
}

/* A read beyond the end of the file is none that failed. */
static int32_t error_of(const struct ev_cifs_io *ev)
{
	return ev->result == -ENODATA ? 0 : ev->result;
}

/* A unit that was not sent is over, unless it is sent again. */
static void on_sent(struct request *r, struct subrequest *s, const struct ev_cifs_io *ev)
{
	if (!ev->result) /* its response may have come already */
		return;
	s->error = ev->result;
	release(r, s, ev->hdr.ts);
}

static void on_unit(struct request *r, struct subrequest *s, struct task *t,
		    const struct ev_cifs_io *ev)
{
	if (ev->phase == EV_IO_SUBMIT && ev->hdr.flags & EVF_EXIT) {
		on_sent(r, s, ev);
	} else if (ev->phase == EV_IO_SUBMIT) {
		on_submit(r, s, t, ev);
	} else if (ev->phase == EV_IO_COMPLETE) {
		s->transferred = ev->got;
		s->error = error_of(ev);
		s->now.term = ev->hdr.ts;
		r->released_ns = ev->hdr.ts;
	} else if (ev->phase == EV_IO_RELEASE) {
		release(r, s, ev->hdr.ts);
		r->released_ns = ev->hdr.ts;
	}
}

/* Each unit holds a reference on its cifs_aio_ctx: where that ends, they have ended. */
static void on_call(struct request *r, const struct ev_cifs_io *ev)
{
	struct subrequest *s, *next;

	if (ev->result < 0)
		r->error = ev->result;
	if (r->open)
		r->open--;
	HASH_ITER (hh, r->subrequests, s, next)
		if (ev->phase == EV_IO_CTX_END && s->open)
			release(r, s, ev->hdr.ts);
}

void cifs_io_event(struct model *m, struct request *r, struct subrequest *s, struct task *t,
		   const struct ev_cifs_io *ev)
{
	r->placed = r->moved = r->own_error = true;
	if (s)
		s->told = true;
	if (s)
		on_unit(r, s, t, ev);
	else if (ev->phase == EV_IO_CALL_END || ev->phase == EV_IO_CTX_END)
		on_call(r, ev);
	close_if_over(m, r, ev->hdr.ts);
}
