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

/* Since 2.0. */
static const struct ev_block *mark_at(const uint8_t *content, size_t len)
{
	const struct ev_hdr *ev = len ? order_record_at(content, len, 0) : NULL;

	return ev && ev->kind == EV_BLOCK && ev->size >= sizeof(struct ev_block) ? (const void *)ev
										 : NULL;
}

bool expand_concerns(const uint8_t *content, size_t len)
{
	size_t skip = order_header_size(content, len);

	return mark_at(content + skip, len - skip);
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
	int rc = make_room(x, n);

	if (rc)
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
	int rc = copy(x, mark, mark->hdr.size);

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
		const struct ev_block *mark = mark_at(content + pos, len - pos);
		const struct ev_hdr *ev = order_record_at(content, len, pos);
		size_t size = ev ? ev->size : len - pos; /* the reader says what is wrong with it */

		if (mark) {
			rc = expand_block(x, mark, content, len, &pos);
			blocks++;
		} else {
			rc = copy(x, content + pos, size);
			pos += size;
		}
	}
	return rc == -EBADMSG && blocks > 1 ? 0 : rc;
}
