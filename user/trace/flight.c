// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "trace/block.h"
#include "trace/flight.h"
#include "trace/head.h"

/* Frames are what is thrown away at a time: of this share of the span, if not full before. */
#define FRAMES 16
/* What is written before the oldest block that is kept is numbered below it, in a series of its
 * own. */
#define FIRST_SEQ ((uint64_t)1 << 32)

struct kept {
	struct kept *next;
	uint64_t seq;
	uint64_t first_ns, last_ns;
	size_t head_size, size;
	uint8_t data[]; /* those of its records that the head may need one day, then the frame */
};

struct flight {
	struct flight_options opts;
	struct block block;
	uint64_t first_ns, last_ns; /* of the records in it */
	uint8_t *head_part;	    /* those of its records that head_may_need() */
	size_t head_len, head_cap;
	struct kept *oldest, *newest;
	uint64_t bytes;
	struct trace_head head; /* of the time before the oldest */
	int fd;			/* while it is saved */
};

int flight_new(struct flight **ret_f, const struct flight_options *o)
{
	__free(flight_freep) struct flight *f = calloc(1, sizeof(*f));
	int rc = f ? block_init(&f->block, o->level) : -ENOMEM;

	if (rc)
		return rc;
	f->opts = *o;
	f->block.seq = FIRST_SEQ;
	*ret_f = TAKE(f);
	return 0;
}

/* ---- what goes ---- */

static int drop_oldest(struct flight *f)
{
	struct kept *k = f->oldest;
	const uint8_t *p = k->data, *end = p + k->head_size;
	int rc = 0;

	while (!rc && p < end) {
		const struct ev_hdr *ev = (const void *)p;

		rc = trace_head_note(&f->head, ev);
		p += ev->size;
	}
	f->oldest = k->next;
	if (!f->oldest)
		f->newest = NULL;
	f->bytes -= sizeof(*k) + k->size + k->head_size;
	free(k);
	return rc;
}

static bool too_much(const struct flight *f, uint64_t keep_ns)
{
	if (f->bytes > f->opts.bytes)
		return true;
	return f->oldest->last_ns + f->opts.span_ns < f->last_ns && f->oldest->last_ns < keep_ns;
}

static int make_room(struct flight *f, uint64_t keep_ns)
{
	int rc = 0;

	while (!rc && f->oldest && f->oldest != f->newest && too_much(f, keep_ns))
		rc = drop_oldest(f);
	return rc;
}

/* ---- what comes ---- */

static int end_block(struct flight *f)
{
	const uint8_t *frame;
	struct kept *k;
	size_t size;
	uint64_t seq = f->block.seq;
	int rc = f->block.len ? block_end(&f->block, block_next(&f->block), &frame, &size)
			      : -ENODATA;

	if (rc)
		return rc == -ENODATA ? 0 : rc;
	k = calloc(1, sizeof(*k) + f->head_len + size);
	if (!k)
		return -ENOMEM;
	*k = (struct kept){ .seq = seq,
			    .first_ns = f->first_ns,
			    .last_ns = f->last_ns,
			    .head_size = f->head_len,
			    .size = size };
	if (f->head_len)
		memcpy(k->data, f->head_part, f->head_len);
	memcpy(k->data + f->head_len, frame, size);
	f->head_len = 0;
	f->bytes += sizeof(*k) + k->head_size + k->size;
	*(f->newest ? &f->newest->next : &f->oldest) = k;
	f->newest = k;
	return 0;
}

/* Not the start of a test: its end may be among what goes, and then it would be on for ever. */
static bool head_may_need(const struct ev_hdr *ev)
{
	return ev->kind != EV_TEST && ev->kind != EV_TEST_LINE && trace_head_wants(ev);
}

static int keep_for_head(struct flight *f, const struct ev_hdr *ev)
{
	if (f->head_len + ev->size > f->head_cap) {
		size_t cap = 2 * f->head_cap + 65536;
		uint8_t *bigger = realloc(f->head_part, cap);

		if (!bigger)
			return -ENOMEM;
		f->head_part = bigger;
		f->head_cap = cap;
	}
	memcpy(f->head_part + f->head_len, ev, ev->size);
	f->head_len += ev->size;
	return 0;
}

static bool block_is_over(const struct flight *f, const struct ev_hdr *ev)
{
	if (!f->block.len)
		return false;
	return !block_has_room(&f->block, ev) || ev->ts > f->first_ns + f->opts.span_ns / FRAMES;
}

int flight_add(struct flight *f, const struct ev_hdr *ev, uint64_t keep_ns)
{
	int rc = block_is_over(f, ev) ? end_block(f) : 0;

	if (!rc)
		rc = make_room(f, keep_ns);
	if (!rc && !f->block.len)
		f->first_ns = f->last_ns = ev->ts;
	if (!rc)
		rc = block_add(&f->block, ev);
	if (!rc && head_may_need(ev))
		rc = keep_for_head(f, ev);
	if (ev->ts > f->last_ns)
		f->last_ns = ev->ts;
	trace_head_touch(&f->head, ev->tid, ev->ts);
	return rc;
}

/* ---- saving ---- */

static int write_block(struct flight *f, uint64_t next)
{
	const uint8_t *frame;
	size_t size;
	int rc = block_end(&f->block, next, &frame, &size);

	if (rc)
		return rc;
	return fd_write_all(f->fd, frame, size);
}

static int put(void *ctx, const struct ev_hdr *ev)
{
	struct flight *f = ctx;
	int rc = block_has_room(&f->block, ev) ? 0 : write_block(f, block_next(&f->block));

	if (rc)
		return rc;
	return block_add(&f->block, ev);
}

static int put_meta(struct flight *f, const char *text, uint64_t ts)
{
	uint64_t room[(sizeof(struct ev_meta) + 512) / 8] = {};
	struct ev_meta *meta = (void *)room;
	size_t len = strnlen(text, 511);

	meta->hdr = (struct ev_hdr){ .kind = EV_META, .ts = ts };
	meta->hdr.size = (sizeof(*meta) + len + EV_ALIGN) / EV_ALIGN * EV_ALIGN;
	memcpy(meta->text, text, len);
	return put(f, &meta->hdr);
}

static int write_head(struct flight *f, const char *why)
{
	uint64_t next = f->oldest ? f->oldest->seq : f->block.seq;
	uint64_t ts = flight_from(f);
	int rc;

	f->block.seq = 1;
	f->block.prev = 0;
	block_add_header(&f->block);
	rc = trace_head_for_each(&f->head, ts, put, f);
	if (rc)
		return rc;
	rc = put_meta(f, why, ts);
	if (rc)
		return rc;
	return write_block(f, next);
}

static int write_tail(struct flight *f)
{
	const struct ev_mark_rec stop = {
		.hdr = { .size = sizeof(stop), .kind = EV_MARK, .ts = f->last_ns },
		.mark = EV_MARK_STOP,
	};
	int rc = put(f, &stop.hdr);

	if (!rc)
		rc = write_block(f, 0);
	/* a pipe, or a file system that does not sync */
	return rc || !fdatasync(f->fd) || errno == EINVAL || errno == EROFS ? rc : -errno;
}

int flight_save(struct flight *f, int fd, const char *why)
{
	int rc = end_block(f);
	const uint64_t seq = f->block.seq, first = f->block.first, prev = f->block.prev;

	f->fd = fd;
	if (!rc)
		rc = write_head(f, why);
	f->block.seq = seq;
	f->block.first = first;
	f->block.prev = prev;
	for (const struct kept *k = f->oldest; k && !rc; k = k->next)
		rc = fd_write_all(fd, k->data + k->head_size, k->size);
	if (!rc)
		rc = write_tail(f);
	f->block.len = f->block.nr = 0;
	f->block.seq = seq;
	f->block.first = first;
	f->block.prev = prev;
	return rc;
}

uint64_t flight_bytes(const struct flight *f)
{
	return f->bytes;
}

uint64_t flight_from(const struct flight *f)
{
	return f->oldest ? f->oldest->first_ns : f->block.len ? f->first_ns : 0;
}

void flight_free(struct flight *f)
{
	if (!f)
		return;
	while (f->oldest) {
		struct kept *k = f->oldest;

		f->oldest = k->next;
		free(k);
	}
	trace_head_clear(&f->head);
	free(f->head_part);
	block_release(&f->block);
	free(f);
}
