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

static int make_room(struct expander *x, size_t n, size_t max)
{
	size_t want = x->len + n;
	uint8_t *data;

	if (n > max || want > max)
		return -EBADMSG;
	if (want <= x->cap)
		return 0;
	want = want < 2 * BLOCK_SIZE ? 2 * BLOCK_SIZE : want;
	data = realloc(x->data, want);
	if (!data)
		return -ENOMEM;
	x->data = data;
	x->cap = want;
	return 0;
}

static int copy(struct expander *x, const void *bytes, size_t n, size_t max)
{
	int rc = make_room(x, n, max);

	if (rc)
		return rc;
	memcpy(x->data + x->len, bytes, n);
	x->len += n;
	return 0;
}

/* A block's number, and the records behind it. *pos goes on behind them. */
static int expand_block(struct expander *x, const struct ev_block *mark, const uint8_t *content,
			size_t len, size_t *pos, size_t max)
{
	size_t at = x->len;
	int rc = copy(x, mark, mark->hdr.size, max);

	*pos += mark->hdr.size;
	if (rc || !mark->packed)
		return rc;
	if (mark->packed > len - *pos)
		return -EBADMSG;
	rc = make_room(x, mark->plain, max);
	if (!rc)
		rc = unpack(&x->unpacker, content + *pos, mark->packed, x->data + x->len,
			    mark->plain);
	if (rc)
		return rc;
	((struct ev_block *)(x->data + at))->packed = 0;
	x->len += mark->plain;
	*pos += mark->packed;
	return 0;
}

int expand(struct expander *x, const uint8_t *content, size_t len, size_t max)
{
	size_t pos = order_header_size(content, len);
	int rc;

	x->len = 0;
	rc = copy(x, content, pos, max);
	while (!rc && pos < len) {
		const struct ev_block *mark = mark_at(content + pos, len - pos);
		const struct ev_hdr *ev = order_record_at(content, len, pos);
		size_t size = ev ? ev->size : len - pos; /* the reader says what is wrong with it */

		if (mark) {
			rc = expand_block(x, mark, content, len, &pos, max);
		} else {
			rc = copy(x, content + pos, size, max);
			pos += size;
		}
	}
	return rc;
}
