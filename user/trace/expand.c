// SPDX-License-Identifier: GPL-2.0-only
/* A frame has one block; or, in a trace that was compressed anew, many. */
#include <errno.h>
#include <string.h>

#include "trace/expand.h"
#include "trace/order.h"

void expander_release(struct expander *x)
{
	unpacker_release(&x->unpacker);
	free(x->data);
}

/* What is packed has any length, so that what stands behind it is nowhere in particular. 0: no record. */
static size_t record_size(const uint8_t *p, size_t left)
{
	struct ev_hdr ev;

	if (left < sizeof(ev))
		return 0;
	memcpy(&ev, p, sizeof(ev));
	return ev.size < sizeof(ev) || ev.size % EV_ALIGN || ev.size > left ? 0 : ev.size;
}

/* Since 2.0. */
static bool read_mark(const uint8_t *p, size_t left, struct ev_block *ret_mark)
{
	if (record_size(p, left) < sizeof(*ret_mark))
		return false;
	memcpy(ret_mark, p, sizeof(*ret_mark));
	return ret_mark->hdr.kind == EV_BLOCK;
}

bool expand_concerns(const uint8_t *content, size_t len)
{
	size_t skip = order_header_size(content, len);
	struct ev_block mark;

	return read_mark(content + skip, len - skip, &mark);
}

static int make_room(struct expander *x, size_t n)
{
	size_t want = x->len + n;
	uint8_t *data;

	if (n > EXPAND_MAX || want > EXPAND_MAX)
		return -EBADMSG;
	if (want <= x->cap)
		return 0;
	want = want < 2 * BLOCK_SIZE ? 2 * BLOCK_SIZE : want + want / 2;
	data = realloc(x->data, want);
	if (!data)
		return -ENOMEM;
	x->data = data;
	x->cap = want;
	return 0;
}

static int copy(struct expander *x, const void *bytes, size_t n)
{
	int rc = n ? make_room(x, n) : 0;

	if (rc || !n)
		return rc;
	memcpy(x->data + x->len, bytes, n);
	x->len += n;
	return 0;
}

static int unpack_records(struct expander *x, const struct ev_block *mark, const uint8_t *packed,
			  size_t left)
{
	int rc = mark->packed > left ? -EBADMSG : make_room(x, mark->plain);

	if (!rc)
		rc = unpack(&x->unpacker, packed, mark->packed, x->data + x->len, mark->plain);
	if (!rc)
		x->len += mark->plain;
	return rc;
}

/* A block's number, and the records behind it. *pos goes on behind them. */
static int expand_block(struct expander *x, const struct ev_block *mark, const uint8_t *content,
			size_t len, size_t *pos)
{
	size_t at = x->len;
	int rc = copy(x, content + *pos, mark->hdr.size);

	*pos += mark->hdr.size;
	if (rc || !mark->packed)
		return rc;
	((struct ev_block *)(x->data + at))->packed = 0;
	rc = unpack_records(x, mark, content + *pos, len - *pos);
	*pos += mark->packed;
	return rc;
}

int expand(struct expander *x, const uint8_t *content, size_t len)
{
	size_t pos = order_header_size(content, len);
	unsigned int blocks = 0;
	int rc;

	x->len = 0;
	rc = copy(x, content, pos);
	while (!rc && pos < len) {
		size_t size = record_size(content + pos, len - pos);
		struct ev_block mark;

		size = size ? size : len - pos; /* the reader says what is wrong with it */
		if (read_mark(content + pos, len - pos, &mark)) {
			rc = expand_block(x, &mark, content, len, &pos);
			blocks++;
		} else {
			rc = copy(x, content + pos, size);
			pos += size;
		}
	}
	return rc == -EBADMSG && blocks > 1 ? 0 : rc;
}
