// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <zstd_errors.h>

#include "base/fnv.h"
#include "trace/frame.h"

#define FIRST_CAP     (512 * 1024)
#define MAGIC_LEN     4
#define SKIP_HEADER   8
#define CHECKSUM_FLAG 0x04 /* Frame_Header_Descriptor, RFC 8878 3.1.1.1.1 */

const uint8_t frame_magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };

uint64_t frame_hash(const uint8_t *data, size_t len)
{
	uint64_t hash = fnv(FNV_START, data, len);

	return hash ? hash : 1;
}

int frame_init(struct frame *f)
{
	size_t rc;

	*f = (struct frame){ .zstd = ZSTD_createDCtx() };
	if (!f->zstd)
		return -ENOMEM;
	rc = ZSTD_DCtx_setParameter(f->zstd, ZSTD_d_windowLogMax, FRAME_WINDOW_LOG);
	return ZSTD_isError(rc) ? -EINVAL : 0;
}

void frame_release(struct frame *f)
{
	ZSTD_freeDCtx(f->zstd);
	expander_release(&f->expander);
	free(f->data);
}

/* One byte over the limit is enough to know that the content is too large. */
static int grow(struct frame *f, size_t want)
{
	uint8_t *data;

	if (want > FRAME_MAX_CONTENT + 1)
		want = FRAME_MAX_CONTENT + 1;
	if (want <= f->cap)
		return 0;
	data = realloc(f->data, want);
	if (!data)
		return -ENOMEM;
	f->data = data;
	f->cap = want;
	return 0;
}

/* libzstd decodes in one go, without a copy, what fits as a whole. */
static int grow_to_content(struct frame *f, const struct source *s)
{
	unsigned long long size = ZSTD_getFrameContentSize(source_data(s), source_avail(s));

	if (size > FRAME_MAX_CONTENT) /* the unknown and error values too */
		size = 0;
	return grow(f, size < FIRST_CAP ? FIRST_CAP : size + 1);
}

/* Makes room for output or input, whichever the decoder ran out of. */
static int feed(struct frame *f, struct source *s)
{
	int rc;

	if (f->len == f->cap)
		return f->cap > FRAME_MAX_CONTENT ? FRAME_BAD : grow(f, 2 * f->cap);
	if (f->size < source_avail(s))
		return FRAME_OK;
	if (f->size > FRAME_MAX_SIZE)
		return FRAME_BAD;
	rc = source_fill(s);
	if (rc < 0)
		return rc;
	return rc ? FRAME_OK : FRAME_TORN;
}

static int decode_error(size_t rc)
{
	return ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation ? -ENOMEM : FRAME_BAD;
}

static int decode(struct frame *f, struct source *s)
{
	size_t left;
	int rc;

	ZSTD_DCtx_reset(f->zstd, ZSTD_reset_session_only);
	for (;;) {
		ZSTD_inBuffer in = { source_data(s), source_avail(s), f->size };
		ZSTD_outBuffer out = { f->data, f->cap, f->len };

		left = ZSTD_decompressStream(f->zstd, &out, &in);
		f->size = in.pos;
		f->len = out.pos;
		if (ZSTD_isError(left))
			return decode_error(left);
		if (f->len > FRAME_MAX_CONTENT)
			return FRAME_BAD;
		if (!left)
			return FRAME_OK;
		rc = feed(f, s);
		if (rc != FRAME_OK)
			return rc;
	}
}

static void swap(struct frame *f)
{
	struct expander *x = &f->expander;
	uint8_t *data = f->data;
	size_t cap = f->cap;

	f->data = x->data;
	f->cap = x->cap;
	f->len = x->len;
	x->data = data;
	x->cap = cap;
}

static int read_content(struct frame *f)
{
	int rc;

	if (!expand_concerns(f->data, f->len))
		return FRAME_OK;
	rc = expand(&f->expander, f->data, f->len);
	if (rc)
		return rc == -ENOMEM ? rc : FRAME_BAD;
	swap(f);
	return FRAME_OK;
}

static int read_zstd(struct frame *f, struct source *s)
{
	bool has_checksum = source_data(s)[MAGIC_LEN] & CHECKSUM_FLAG;
	int rc;

	rc = grow_to_content(f, s);
	if (rc < 0)
		return rc;
	rc = decode(f, s);
	if (rc != FRAME_OK)
		return rc;
	if (!has_checksum)
		return FRAME_BAD;
	rc = read_content(f);
	if (rc != FRAME_OK)
		return rc;
	f->hash = frame_hash(source_data(s), f->size);
	source_consume(s, f->size);
	return FRAME_OK;
}

static int skip(struct source *s)
{
	uint32_t size;
	int rc;

	rc = source_need(s, SKIP_HEADER);
	if (rc <= 0)
		return rc < 0 ? rc : FRAME_TORN;
	memcpy(&size, source_data(s) + MAGIC_LEN, sizeof(size));
	if (size > FRAME_MAX_CONTENT)
		return FRAME_BAD;
	rc = source_need(s, SKIP_HEADER + size);
	if (rc <= 0)
		return rc < 0 ? rc : FRAME_TORN;
	source_consume(s, SKIP_HEADER + size);
	return FRAME_SKIP;
}

int frame_read(struct frame *f, struct source *s)
{
	uint32_t magic;
	int rc;

	f->len = 0;
	f->size = 0;
	rc = source_need(s, MAGIC_LEN + 1);
	if (rc < 0)
		return rc;
	if (!rc)
		return source_avail(s) ? FRAME_TORN : FRAME_END;
	memcpy(&magic, source_data(s), sizeof(magic));
	if ((magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START)
		return skip(s);
	if (magic != ZSTD_MAGICNUMBER)
		return FRAME_TORN;
	return read_zstd(f, s);
}
