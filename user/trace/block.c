// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "trace/block.h"
#include "trace/frame.h"
#include "trace/pack.h"

int block_init(struct block *b, int level)
{
	size_t rc;

	b->len = b->first = b->nr = b->prev = 0;
	b->seq = 1;
	if (getrandom(&b->id, sizeof(b->id), 0) != sizeof(b->id))
		return -errno;
	b->out_cap = ZSTD_compressBound(PACKED_MAX(BLOCK_SIZE));
	b->out = malloc(b->out_cap);
	b->packed = malloc(PACKED_MAX(BLOCK_SIZE));
	b->zstd = ZSTD_createCCtx();
	if (!b->out || !b->packed || !b->zstd || packer_new(&b->packer))
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
	packer_free(b->packer);
	free(b->packed);
	free(b->out);
}

/* Room for the block's number, which is known when it ends. */
static void begin(struct block *b)
{
	b->mark = b->len;
	b->len += sizeof(struct ev_block);
}

struct trace_header trace_header_now(void)
{
	struct trace_header header = {
		.major = TRACE_MAJOR,
		.minor = TRACE_MINOR,
		.header_size = sizeof(header),
	};

	memcpy(header.magic, TRACE_MAGIC, sizeof(header.magic));
	return header;
}

void block_add_header(struct block *b)
{
	const struct trace_header header = trace_header_now();

	memcpy(b->data, &header, sizeof(header));
	b->len = sizeof(header);
	begin(b);
}

bool block_has_room(const struct block *b, const struct ev_hdr *ev)
{
	return b->len + ev->size <= sizeof(b->data);
}

int block_add(struct block *b, const struct ev_hdr *ev)
{
	if (ev->size < sizeof(*ev) || ev->size % EV_ALIGN || !block_has_room(b, ev))
		return -EINVAL;
	if (!b->len)
		begin(b);
	memcpy(b->data + b->len, ev, ev->size);
	b->len += ev->size;
	b->nr++;
	return 0;
}

/* The number is there. How long b->packed is. */
static size_t pack_records(struct block *b)
{
	const size_t before = b->mark + sizeof(struct ev_block), plain = b->len - before;
	size_t len = pack(b->packer, b->data + before, plain, b->packed + before);
	struct ev_block *mark = (void *)(b->packed + b->mark);

	memcpy(b->packed, b->data, before);
	mark->packed = len;
	mark->plain = plain;
	return before + len;
}

static void number(struct block *b, uint64_t next)
{
	const struct ev_block mark = {
		.hdr = { .size = sizeof(mark), .kind = EV_BLOCK },
		.id = b->id,
		.seq = b->seq,
		.next = next,
		.first = b->first,
		.nr = b->nr,
		.prev = b->prev,
	};

	if (!b->len)
		begin(b);
	memcpy(b->data + b->mark, &mark, sizeof(mark));
	b->seq = next;
	b->first += b->nr;
	b->nr = 0;
}

/* A single call per frame, so that libzstd sizes its window and records the content size. */
int block_end(struct block *b, uint64_t next, const uint8_t **ret, size_t *ret_size)
{
	size_t size;

	number(b, next);
	size = ZSTD_compress2(b->zstd, b->out, b->out_cap, b->packed, pack_records(b));
	b->len = 0;
	if (ZSTD_isError(size))
		return -ENOMEM; /* the one thing that can fail with an output this large */
	b->prev = frame_hash(b->out, size);
	*ret = b->out;
	*ret_size = size;
	return 0;
}
