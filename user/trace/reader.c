// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a trace: frames come from ahead.c, records are looked at and converted (wire.c) before
 * replay gets them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "trace/ahead.h"
#include "trace/foreign.h"
#include "trace/order.h"
#include "trace/trace.h"
#include "trace/wire.h"

#define NOWHERE UINT64_MAX

struct trace_reader {
	struct ahead in;
	uint8_t *data; /* of the frame in hand */
	size_t len;
	size_t pos;	    /* of the next record in it */
	size_t first;	    /* of its first */
	bool leave;	    /* its records are left out */
	bool all;	    /* blocks' numbers and unknown kinds are handed on */
	size_t size;	    /* of the last record, in the file */
	uint64_t frame_off; /* of the frame in the file */
	uint64_t end_off;   /* of what stands behind it */
	uint64_t torn_from; /* since here no frame has ended; NOWHERE: in step */
	bool ended;
	struct trace_damage damage;
	struct order order;
	union wire_copy copy;
};

/* ---- opening ---- */

static int refuse(struct err *err, const char *path, const char *looks_like)
{
	const char *remedy = "";

	if (!looks_like)
		return err_set(err, -EBADMSG, "%s is not a netfsnoop trace", path);
	if (!strcmp(looks_like, "text"))
		remedy =
			"; `netfsnoop import` takes what ftrace recorded, `netfsnoop oops` crash reports";
	else if (strstr(looks_like, "trace.dat"))
		remedy = "; `netfsnoop import` takes it";
	return err_set(err, -EBADMSG, "%s is %s, not a netfsnoop trace%s", path, looks_like,
		       remedy);
}

static int refuse_rest(const char *path, struct err *err)
{
	return err_set(
		err, -EBADMSG,
		"%s is part of a trace: its beginning is missing, without which the rest cannot be read; copy it again, whole",
		path);
}

static bool begins_with_block(const struct frame *f)
{
	const struct ev_hdr *ev = (const void *)f->data;

	return f->len >= EV_BLOCK_MIN && ev->kind == EV_BLOCK && ev->size >= EV_BLOCK_MIN;
}

/* What `tail -c` leaves: it begins in the middle of a block, and a whole one follows. */
static bool is_rest(struct trace_reader *r)
{
	struct source *src = &r->in.src;
	const uint8_t *at;

	if (source_need(src, FRAME_MAX_SIZE) < 0)
		return false;
	for (int tries = 0; tries < 16; tries++) {
		at = source_avail(src) < 2 ? NULL
					   : memmem(source_data(src) + 1, source_avail(src) - 1,
						    frame_magic, sizeof(frame_magic));
		if (!at)
			return false;
		source_consume(src, at - source_data(src));
		if (frame_read(&r->in.frame, src) == FRAME_OK)
			return begins_with_block(&r->in.frame);
	}
	return false;
}

/* No first frame was had: status says why, the bytes at hand what it may be. */
static int refuse_frame(struct trace_reader *r, int status, const char *path, struct err *err)
{
	const uint8_t *data = source_data(&r->in.src);
	size_t len = source_avail(&r->in.src);
	size_t n = len < sizeof(frame_magic) ? len : sizeof(frame_magic);
	const char *name;

	if (status == FRAME_END)
		return err_set(err, -EBADMSG, "%s is empty", path);
	if (memcmp(data, frame_magic, n)) {
		name = foreign_name(data, len);
		return !name && is_rest(r) ? refuse_rest(path, err) : refuse(err, path, name);
	}
	if (r->in.frame.len >= 8 && memcmp(r->in.frame.data, TRACE_MAGIC, 8))
		return refuse(err, path, "zstd data of something else");
	if (status == FRAME_TORN)
		return err_set(err, -EBADMSG, "%s is cut before the end of its first block", path);
	return err_set(err, -EBADMSG, "%s: the first block is damaged or too large", path);
}

static int refuse_content(const struct frame *f, const char *path, struct err *err)
{
	const char *name = foreign_name(f->data, f->len);

	if (begins_with_block(f))
		return refuse_rest(path, err);
	return err_set(err, -EBADMSG, "%s is zstd data of %s, not a netfsnoop trace", path,
		       name ? name : "something else");
}

static void hand(struct trace_reader *r, const struct piece *p)
{
	r->data = p->data;
	r->len = p->len;
}

static int check_header(struct trace_reader *r, const char *path, struct err *err)
{
	struct trace_header h;

	if (r->in.frame.len < 8 || memcmp(r->in.frame.data, TRACE_MAGIC, 8))
		return refuse_content(&r->in.frame, path, err);
	if (r->in.frame.len < sizeof(h))
		return err_set(err, -EBADMSG, "%s: the trace header is cut", path);
	memcpy(&h, r->in.frame.data, sizeof(h));
	if (!h.major || h.major > TRACE_MAJOR)
		return err_set(
			err, -EBADMSG,
			"%s was written by %s netfsnoop (format %u.%u; this one reads 1 to %u)",
			path, h.major > TRACE_MAJOR ? "a newer" : "an older", h.major, h.minor,
			TRACE_MAJOR);
	if (h.header_size < sizeof(h) || h.header_size % EV_ALIGN ||
	    h.header_size > r->in.frame.len)
		return err_set(err, -EBADMSG, "%s: the trace header has an impossible size", path);
	r->pos = r->first = h.header_size;
	hand(r, ahead_first(&r->in));
	order_block(&r->order, r->data, r->len, r->in.frame.hash);
	return 0;
}

static int read_header(struct trace_reader *r, const char *path, struct err *err)
{
	int rc;

	do {
		r->frame_off = source_offset(&r->in.src);
		rc = frame_read(&r->in.frame, &r->in.src);
	} while (rc == FRAME_SKIP);
	if (rc < 0)
		return err_set(err, rc, "cannot read %s: %s", path, strerror(-rc));
	if (rc != FRAME_OK)
		return refuse_frame(r, rc, path, err);
	return check_header(r, path, err);
}

/* Takes ownership of src, also on failure. */
static int reader_new(struct trace_reader **ret_r, struct source *src, const char *path,
		      struct err *err)
{
	struct trace_reader *r __free(trace_reader_freep) = calloc(1, sizeof(*r));
	int rc;

	if (!r) {
		source_release(src);
		return -ENOMEM;
	}
	r->torn_from = NOWHERE;
	r->damage.first_bad_offset = NOWHERE;
	r->order.damage = &r->damage;
	rc = ahead_init(&r->in, src);
	if (rc < 0)
		return rc;
	rc = read_header(r, path, err);
	if (rc < 0)
		return rc;
	*ret_r = TAKE(r);
	return 0;
}

int trace_reader_open(struct trace_reader **ret_r, const char *path, struct err *err)
{
	bool is_stdin = !strcmp(path, "-");
	struct source src;
	int fd;

	if (is_stdin)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, -errno, "cannot open %s: %s", path, strerror(errno));
	source_init_fd(&src, fd);
	return reader_new(ret_r, &src, is_stdin ? "standard input" : path, err);
}

int trace_reader_open_mem(struct trace_reader **ret_r, const void *data, size_t size,
			  struct err *err)
{
	struct source src;

	source_init_mem(&src, data, size);
	return reader_new(ret_r, &src, "memory", err);
}

void trace_reader_free(struct trace_reader *r)
{
	if (!r)
		return;
	ahead_release(&r->in);
	free(r);
}

/* ---- frames ---- */

static void note_offset(struct trace_reader *r, uint64_t offset)
{
	if (r->damage.first_bad_offset == NOWHERE)
		r->damage.first_bad_offset = offset;
}

/* What was not known to be more than a torn tail has something whole behind it. */
static void count_not_torn(struct trace_reader *r)
{
	if (r->torn_from != NOWHERE)
		r->damage.bad_frames++;
	r->torn_from = NOWHERE;
}

static void count_damage(struct trace_reader *r, const struct piece *p)
{
	note_offset(r, r->frame_off);
	order_break(&r->order, EV_LOST_DAMAGED);
	if (p->status == FRAME_BAD) {
		count_not_torn(r);
		r->damage.bad_frames++;
	} else if (r->torn_from == NOWHERE) {
		r->torn_from = r->frame_off;
	}
	if (p->gave_up && r->torn_from == NOWHERE)
		r->torn_from = r->frame_off;
}

/* FRAME_OK, FRAME_SKIP, FRAME_END or -errno. */
static int try_frame(struct trace_reader *r, uint64_t *ret_hash)
{
	const struct piece *p = ahead_next(&r->in);

	r->pos = 0;
	r->frame_off = p->offset;
	hand(r, p);
	r->end_off = p->end;
	*ret_hash = p->hash;
	if (p->status == FRAME_OK)
		count_not_torn(r);
	if (p->status == FRAME_TORN || p->status == FRAME_BAD)
		count_damage(r, p);
	return p->next;
}

static void end(struct trace_reader *r)
{
	if (r->torn_from != NOWHERE)
		r->damage.torn_bytes = r->end_off - r->torn_from;
	r->ended = true;
	order_end(&r->order);
}

/* true: its records are to be handed on. *ret_rc: -errno of a read */
static bool place_frame(struct trace_reader *r, uint64_t hash, int *ret_rc)
{
	enum order_verdict v = order_block(&r->order, r->data, r->len, hash);

	r->first = 0;
	r->leave = false;
	*ret_rc = 0;
	if (v == ORDER_USE)
		return true;
	note_offset(r, r->frame_off);
	r->len = 0;
	if (v == ORDER_STOP) {
		*ret_rc = ahead_drain(&r->in);
		end(r);
	}
	return false;
}

/* 1: the next whole frame is in hand; 0: there is none. */
static int next_frame(struct trace_reader *r)
{
	while (!r->ended) {
		uint64_t hash;
		int rc = try_frame(r, &hash);

		if (rc == FRAME_OK && place_frame(r, hash, &rc))
			return 1;
		if (rc < 0)
			return rc;
		if (rc == FRAME_END)
			end(r);
	}
	return 0;
}

/* ---- records ---- */

/* A frame has one block; or, in a trace that was compressed anew, many. */
static void place_inner(struct trace_reader *r)
{
	if (r->pos == r->first)
		return;
	r->leave = order_block(&r->order, r->data + r->pos, r->len - r->pos, 0);
	if (r->leave)
		note_offset(r, r->frame_off);
}

/* The next record of the frame; NULL: its end, the rest of it dropped, or another block begins. */
static const struct ev_hdr *next_record(struct trace_reader *r)
{
	const struct ev_hdr *ev = NULL;

	while (!ev && r->pos < r->len) {
		const void *at = r->data + r->pos;
		int size = wire_record(r->data + r->pos, r->len - r->pos, &r->copy, &ev);

		if (size < 0) {
			r->damage.bad_records++;
			order_break(&r->order, EV_LOST_DAMAGED);
			note_offset(r, r->frame_off);
			r->pos = r->len;
			return NULL;
		}
		r->size = size;
		if (ev && ev->kind == EV_BLOCK) {
			place_inner(r);
			r->pos += size;
			return r->all && !r->leave ? ev : NULL;
		}
		r->pos += size;
		if (r->leave) {
			ev = NULL;
			continue;
		}
		r->damage.unknown_records += !ev;
		order_record(&r->order, ev);
		if (r->all && !ev)
			ev = at;
	}
	return ev;
}

int trace_reader_next(struct trace_reader *r, const struct ev_hdr **ret_ev)
{
	for (;;) {
		int rc;

		*ret_ev = order_lost(&r->order);
		if (*ret_ev)
			r->size = (*ret_ev)->size;
		else
			*ret_ev = next_record(r);
		if (*ret_ev)
			return 1;
		if (r->pos < r->len)
			continue;
		if (r->ended)
			return 0;
		rc = next_frame(r);
		if (rc < 0)
			return rc;
	}
}

void trace_reader_all(struct trace_reader *r)
{
	r->all = true;
}

size_t trace_reader_size(const struct trace_reader *r)
{
	return r->size;
}

const struct trace_damage *trace_reader_damage(const struct trace_reader *r)
{
	return &r->damage;
}

uint64_t trace_reader_offset(const struct trace_reader *r)
{
	return r->frame_off;
}
