// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "log/file.h"
#include "log/mime.h"
#include "log/unpack.h"
#include "log/wrap.h"

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

/* ---- bytes of zero ---- */

/*
 * Several: what a crash left of a block that was not written yet, or a tar's padding; what stands
 * before is no line with what stands behind. A single one is noise of a serial line.
 */
static void undo_zeros(char *text, size_t *size)
{
	char *to = memchr(text, '\0', *size), *end = text + *size;
	const char *p = to;

	if (!to)
		return;
	while (p < end) {
		const char *zeros = p;

		while (p < end && !*p)
			p++;
		if (p - zeros > 1)
			*to++ = '\n';
		while (p < end && *p)
			*to++ = *p++;
	}
	*to = '\0';
	*size = to - text;
}

/* ---- the file ---- */

int log_decode(char **data, size_t *size, size_t max, bool *ret_cut)
{
	int damage = log_unpack(data, size, max, ret_cut), rc;

	if (damage && damage != -EBADMSG)
		return damage;
	rc = from_utf16(data, size);
	if (rc)
		return rc;
	undo_zeros(*data, size);
	rc = mime_decode(data, size, max, ret_cut);
	if (!rc)
		undo_zeros(*data, size); /* those of attachments */
	return rc ?: damage;
}

int log_file_read(const char *path, size_t max, char **ret, size_t *ret_size, bool *ret_cut)
{
	__autofree char *data = NULL;
	size_t size;
	int rc = file_read(path, max, &data, &size);

	if (rc)
		return rc;
	*ret_cut = size == max;
	rc = log_decode(&data, &size, max, ret_cut);
	if (rc && rc != -EBADMSG)
		return rc;
	*ret_size = wrap_undo(data, size);
	*ret = TAKE(data);
	return rc;
}
