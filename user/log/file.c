// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/file.h"
#include "log/file.h"
#include "log/mime.h"
#include "log/wrap.h"

#define CHUNK (256 << 10)

/* Text that grows, up to a limit. */
struct text {
	char *data;
	size_t size, room, max;
	bool cut;
};

static void text_free(struct text *t)
{
	free(t->data);
}

/* Room for some more bytes behind what is there: how many, 0 the limit is reached, -ENOMEM. */
static ssize_t text_room(struct text *t)
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

static int gunzip(const char *from, size_t size, struct text *t)
{
	z_stream z = { .next_in = (unsigned char *)from, .avail_in = size };
	int zrc = inflateInit2(&z, 15 + 16); /* gzip only */
	ssize_t n = 0;

	while (zrc == Z_OK && (n = text_room(t)) > 0) {
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

static int unxz(const char *from, size_t size, struct text *t)
{
	lzma_stream x = LZMA_STREAM_INIT;
	lzma_ret xrc = lzma_stream_decoder(&x, 256 << 20, LZMA_CONCATENATED);
	ssize_t n = 0;

	x.next_in = (const uint8_t *)from;
	x.avail_in = size;
	while (xrc == LZMA_OK && (n = text_room(t)) > 0) {
		x.next_out = (uint8_t *)t->data + t->size;
		x.avail_out = n;
		xrc = lzma_code(&x, LZMA_FINISH);
		t->size += n - x.avail_out;
	}
	lzma_end(&x);
	return n < 0 ? n : xrc == LZMA_STREAM_END || t->cut ? 0 : -EBADMSG;
}

static int unzstd(const char *from, size_t size, struct text *t)
{
	ZSTD_DStream *d = ZSTD_createDStream();
	ZSTD_inBuffer in = { .src = from, .size = size };
	size_t left = d ? 1 : 0;
	ssize_t n = d ? 1 : -ENOMEM;

	while (d && !ZSTD_isError(left) && (left || in.pos < in.size) && (n = text_room(t)) > 0) {
		ZSTD_outBuffer out = { .dst = t->data + t->size, .size = n };

		left = ZSTD_decompressStream(d, &out, &in);
		t->size += out.pos;
		if (in.pos == in.size && !out.pos)
			break;
	}
	ZSTD_freeDStream(d);
	return n < 0 ? n : !left || t->cut ? 0 : -EBADMSG;
}

static const struct {
	const char *magic;
	size_t size;
	int (*open)(const char *from, size_t size, struct text *t);
} formats[] = {
	{ "\x1f\x8b", 2, gunzip },
	{ "\xfd"
	  "7zXZ\0",
	  6, unxz },
	{ "\x28\xb5\x2f\xfd", 4, unzstd },
};

/* ---- UTF-16 ---- */

/* Which byte of two is the high one: 1 little endian, 0 big endian; -1 this is not UTF-16. */
static int high_byte(const unsigned char *p, size_t size)
{
	size_t zeros[2] = {}, looked = size < 512 ? size : 512;
	int high;

	if (size >= 2 && p[0] == 0xff && p[1] == 0xfe)
		return 1;
	if (size >= 2 && p[0] == 0xfe && p[1] == 0xff)
		return 0;
	for (size_t i = 0; i < looked; i++)
		zeros[i & 1] += !p[i];
	high = zeros[1] > zeros[0];
	return looked >= 16 && zeros[high] > looked / 3 && zeros[!high] < looked / 16 ? high : -1;
}

/* A code point as UTF-8: its bytes. Halves of pairs come as they are: no log needs them. */
static size_t put_utf8(char *to, unsigned int c)
{
	if (c < 0x80) {
		to[0] = c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = 0xc0 | c >> 6;
		to[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	to[0] = 0xe0 | c >> 12;
	to[1] = 0x80 | (c >> 6 & 0x3f);
	to[2] = 0x80 | (c & 0x3f);
	return 3;
}

static int from_utf16(char **text, size_t *size)
{
	const unsigned char *p = (const unsigned char *)*text;
	int high = high_byte(p, *size);
	size_t n = 0;
	char *to;

	if (high < 0)
		return 0;
	to = malloc(*size / 2 * 3 + 1);
	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i + 1 < *size; i += 2)
		n += put_utf8(to + n, p[i + high] << 8 | p[i + !high]);
	to[n] = '\0';
	free(*text);
	*text = to;
	*size = n;
	return 0;
}

/* ---- the file ---- */

static int open_format(char **data, size_t *size, size_t max, bool *cut)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		__free(text_free) struct text t = { .max = max };
		int rc;

		if (*size < formats[i].size || memcmp(*data, formats[i].magic, formats[i].size))
			continue;
		rc = formats[i].open(*data, *size, &t);
		if (rc && rc != -EBADMSG)
			return rc;
		if (!t.data && text_room(&t) < 0)
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

int log_file_read(const char *path, size_t max, char **ret, size_t *ret_size, bool *ret_cut)
{
	__autofree char *data = NULL;
	size_t size;
	int rc = file_read(path, max, &data, &size), damage;

	if (rc)
		return rc;
	*ret_cut = size == max;
	damage = open_format(&data, &size, max, ret_cut);
	if (damage && damage != -EBADMSG)
		return damage;
	rc = from_utf16(&data, &size);
	if (rc)
		return rc;
	size = wrap_undo(data, mime_decode(data, size));
	*ret = TAKE(data);
	*ret_size = size;
	return damage;
}
