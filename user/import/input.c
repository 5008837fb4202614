// SPDX-License-Identifier: GPL-2.0-only
/* Where an import reads from: a file, or a pipe that is kept to be read again. */
#include <errno.h>
#include <string.h>

#include "import/import.h"
#include "import/input.h"
#include "log/file.h"

#define MAX_LINE   (64 << 10) /* of a longer one the begin is kept */
#define MAX_PACKED (256 << 20)
#define HEAD	   (64 << 10) /* in which a mail says how it is encoded */

/* What can be read once becomes something that can be read again. */
static int keep(struct input *in, FILE *from)
{
	char buf[16384];
	size_t n;

	if (!fseeko(from, 0, SEEK_SET)) {
		in->f = from;
		return 0;
	}
	clearerr(from);
	in->own = in->f = tmpfile();
	if (!in->own)
		return -errno;
	while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
		if (fwrite(buf, 1, n, in->own) != n)
			return -errno;
	if (ferror(from))
		return -EIO;
	return fflush(in->own) ? -errno : 0;
}

bool import_is_packed(const void *start, size_t len)
{
	static const char *const magic[] = { "\x1f\x8b",
					     "\xfd"
					     "7zXZ",
					     "\x28\xb5\x2f\xfd", "\xff\xfe", "\xfe\xff" };

	for (size_t i = 0; i < ARRAY_SIZE(magic); i++)
		if (len >= strlen(magic[i]) && !memcmp(start, magic[i], strlen(magic[i])))
			return true;
	return false;
}

/* Quoted-printable is decoded line by line. */
static bool is_mail(const char *head)
{
	return strcasestr(head, "\nContent-Transfer-Encoding: base64") ||
	       strcasestr(head, "\nContent-Type: multipart/alternative");
}

static int read_all(struct input *in, char **ret, size_t *ret_size)
{
	__autofree char *all = NULL;
	size_t room = 0, n = 0;

	for (;;) {
		char *more;

		if (n == room) {
			room = room ? 2 * room : HEAD;
			more = realloc(all, room + 1);
			if (!more)
				return -ENOMEM;
			all = more;
		}
		n += fread(all + n, 1, room - n, in->f);
		if (ferror(in->f))
			return -EIO;
		if (n < room || n >= MAX_PACKED)
			break;
	}
	in->cut = n >= MAX_PACKED;
	all[n] = '\0';
	*ret = TAKE(all);
	*ret_size = n;
	return 0;
}

/* Puts what is in it in the place of the file. */
static int unpack(struct input *in)
{
	size_t n;
	int rc, damage;

	rewind(in->f);
	rc = read_all(in, &in->text, &n);
	if (rc)
		return rc;
	damage = log_decode(&in->text, &n, MAX_PACKED, &in->cut);
	if (damage && damage != -EBADMSG)
		return damage;
	in->cut |= damage != 0;
	if (in->own)
		fclose(in->own);
	in->own = in->f = n ? fmemopen(in->text, n, "r") : NULL;
	return in->f ? 0 : n ? -errno : -EBADMSG;
}

int input_open(struct input *in, FILE *from)
{
	char head[HEAD + 1];
	size_t n;
	int rc = keep(in, from);

	if (rc)
		return rc;
	rewind(in->f);
	n = fread(head, 1, HEAD, in->f);
	head[n] = '\0';
	return import_is_packed(head, n) || is_mail(head) ? unpack(in) : 0;
}

void input_close(struct input *in)
{
	if (in->own)
		fclose(in->own);
	free(in->text);
}

/* Drops the rest of a line that is longer than what is kept of it. */
static void skip_rest(FILE *f)
{
	int c;

	while ((c = getc_unlocked(f)) != EOF && c != '\n')
		;
}

/* A line without its end; no byte of it is 0. False: the end. */
static bool next_line(struct input *in, char *line)
{
	size_t n = 0;
	int c;

	while ((c = getc_unlocked(in->f)) != EOF && c != '\n' && n < MAX_LINE)
		line[n++] = c ? c : '?';
	if (c == EOF && !n)
		return false;
	if (c != '\n' && c != EOF) {
		in->long_lines++;
		skip_rest(in->f);
	}
	while (n && line[n - 1] == '\r')
		n--;
	line[n] = '\0';
	return true;
}

int input_each(struct input *in, int (*take)(void *ctx, const char *text), void *ctx)
{
	__autofree char *line = malloc(MAX_LINE + 1);
	int rc = 0;

	if (!line)
		return -ENOMEM;
	rewind(in->f);
	in->long_lines = 0;
	while (!rc && next_line(in, line))
		rc = take(ctx, line);
	return !rc && ferror(in->f) ? -EIO : rc;
}
