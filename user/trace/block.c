// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "trace/block.h"

int block_init(struct block *b, int level)
{
	size_t rc;

	b->len = 0;
	b->out_cap = ZSTD_compressBound(BLOCK_SIZE);
	b->out = malloc(b->out_cap);
	b->zstd = ZSTD_createCCtx();
	if (!b->out || !b->zstd)
		return -ENOMEM;
	rc = ZSTD_CCtx_setParameter(b->zstd, ZSTD_c_compressionLevel, level);
	if (ZSTD_isError(rc))
		return -EINVAL;
	rc = ZSTD_CCtx_setParameter(b->zstd, ZSTD_c_checksumFlag, 1);
	return ZSTD_isError(rc) ? -EINVAL : 0;
}

void block_release(struct block *b)
{
	ZSTD_freeCCtx(b->zstd);
	free(b->out);
}

void block_add_header(struct block *b)
{
	const struct trace_header header = {
		.magic = TRACE_MAGIC,
		.major = TRACE_MAJOR,
		.minor = TRACE_MINOR,
		.header_size = sizeof(header),
	};

	memcpy(b->data, &header, sizeof(header));
	b->len = sizeof(header);
}

bool block_has_room(const struct block *b, const struct ev_hdr *ev)
{
	return b->len + ev->size <= sizeof(b->data);
}

int block_add(struct block *b, const struct ev_hdr *ev)
{
	if (ev->size < sizeof(*ev) || ev->size % EV_ALIGN || !block_has_room(b, ev))
		return -EINVAL;
	memcpy(b->data + b->len, ev, ev->size);
	b->len += ev->size;
	return 0;
}

/* A single call per frame, so that libzstd sizes its window and records the content size. */
int block_end(struct block *b, const uint8_t **ret, size_t *ret_size)
{
	size_t size = ZSTD_compress2(b->zstd, b->out, b->out_cap, b->data, b->len);

	b->len = 0;
	if (ZSTD_isError(size))
		return -ENOMEM; /* the one thing that can fail with an output this large */
	*ret = b->out;
	*ret_size = size;
	return 0;
}
