// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "log/unpack.h"

#define CHUNK (256 << 10)

void log_text_free(struct log_text *t)
{
	free(t->data);
}

ssize_t log_text_room(struct log_text *t)
{
	char *bigger;

	if (t->size >= t->max) {
		t->cut = true;
		return 0;
	}
	if (t->room - t->size < CHUNK) {
		bigger = realloc(t->data, 2 * t->room + CHUNK + 1);
		if (!bigger)
			return -ENOMEM;
		t->data = bigger;
		t->room = 2 * t->room + CHUNK;
	}
	return t->room - t->size < t->max - t->size ? t->room - t->size : t->max - t->size;
}

static int gunzip(const char *from, size_t size, struct log_text *t)
{
	z_stream z = { .next_in = (unsigned char *)from, .avail_in = size };
	int zrc = inflateInit2(&z, 15 + 16); /* gzip only */
	ssize_t n = 0;

	while (zrc == Z_OK && (n = log_text_room(t)) > 0) {
		z.next_out = (unsigned char *)t->data + t->size;
		z.avail_out = n;
		zrc = inflate(&z, Z_NO_FLUSH);
		t->size += n - z.avail_out;
		if (zrc == Z_STREAM_END && z.avail_in) /* the next member, of a rotated log */
			zrc = inflateReset(&z);
	}
	inflateEnd(&z);
	return n < 0 ? n : zrc == Z_STREAM_END || t->cut ? 0 : -EBADMSG;
}

static int unxz(const char *from, size_t size, struct log_text *t)
{
	lzma_stream x = LZMA_STREAM_INIT;
	lzma_ret xrc = lzma_stream_decoder(&x, 256 << 20, LZMA_CONCATENATED);
	ssize_t n = 0;

	x.next_in = (const uint8_t *)from;
	x.avail_in = size;
	while (xrc == LZMA_OK && (n = log_text_room(t)) > 0) {
		x.next_out = (uint8_t *)t->data + t->size;
		x.avail_out = n;
		xrc = lzma_code(&x, LZMA_FINISH);
		t->size += n - x.avail_out;
	}
	lzma_end(&x);
	return n < 0 ? n : xrc == LZMA_STREAM_END || t->cut ? 0 : -EBADMSG;
}

static int unzstd(const char *from, size_t size, struct log_text *t)
{
	ZSTD_DStream *d = ZSTD_createDStream();
	ZSTD_inBuffer in = { .src = from, .size = size };
	size_t left = d ? 1 : 0;
	ssize_t n = d ? 1 : -ENOMEM;

	while (d && !ZSTD_isError(left) && (left || in.pos < in.size) &&
	       (n = log_text_room(t)) > 0) {
		ZSTD_outBuffer out = { .dst = t->data + t->size, .size = n };

		left = ZSTD_decompressStream(d, &out, &in);
		t->size += out.pos;
		if (in.pos == in.size && !out.pos)
			break;
	}
	ZSTD_freeDStream(d);
	return n < 0 ? n : !left || t->cut ? 0 : -EBADMSG;
}

int log_text_add(struct log_text *t, const char *data, size_t size)
{
	while (size) {
		ssize_t room = log_text_room(t);
		size_t n = room > 0 && (size_t)room < size ? (size_t)room : size;

		if (room <= 0)
			return room;
		memcpy(t->data + t->size, data, n);
		t->size += n;
		data += n;
		size -= n;
	}
	return 0;
}

static const struct {
	const char *magic;
	size_t size;
	int (*open)(const char *from, size_t size, struct log_text *t);
} formats[] = {
	{ "\x1f\x8b", 2, gunzip },
	{ "\xfd"
	  "7zXZ\0",
	  6, unxz },
	{ "\x28\xb5\x2f\xfd", 4, unzstd },
};

int log_unpack(char **data, size_t *size, size_t max, bool *cut)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		__free(log_text_free) struct log_text t = { .max = max };
		int rc;

		if (*size < formats[i].size || memcmp(*data, formats[i].magic, formats[i].size))
			continue;
		rc = formats[i].open(*data, *size, &t);
		if (rc && rc != -EBADMSG)
			return rc;
		if (!t.data && log_text_room(&t) < 0)
			return -ENOMEM;
		t.data[t.size] = '\0';
		free(*data);
		*data = TAKE(t.data);
		*size = t.size;
		*cut |= t.cut;
		return rc;
	}
	return 0;
}
